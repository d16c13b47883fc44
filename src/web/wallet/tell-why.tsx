import { askHere } from '../shell/ask.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { Mark } from '../shell/marks.tsx'
import { amount, change, moment } from '../shell/numbers.ts'
import type { LineFacts } from '../verify/verdict.ts'
import { type DetailsSource, type Reason, reasonOf } from './reason.ts'
import { WHY } from './why-words.ts'

/** A reason, or the check that failed. */
export type FoundReason = Reason | { readonly code: string; readonly message: string }

/** Has the details of a line, and computes its reward again. */
export async function tellWhy(line: LineFacts, behind: DetailsSource): Promise<FoundReason> {
  try {
    const details = await behind(line.details!)
    const engine = async () => (await import('../rules/engine.ts')).ENGINE
    return await reasonOf(line, details, { ask: askHere, engine })
  } catch (error) {
    const { code = 'offline', message } = error as { code?: string; message: string }
    return { code, message }
  }
}

/** A reason in words, or why there is none. */
export function Told({ found }: { found: FoundReason }) {
  const words = useWords(WHY)
  const language = useLanguage()
  const digits = (points: number) => amount(points, language)
  if ('code' in found)
    return (
      <p>
        <Mark tone={found.code === 'reward' || found.code === 'details' ? 'breaks' : 'half'}>
          {words.failed[found.code] ?? words.unable}
        </Mark>{' '}
        <span class="tiny soft" lang="en">
          {found.message} (<code>{found.code}</code>)
        </span>
      </p>
    )
  const { text, reward } = found
  if (reward === undefined)
    return (
      <>
        <p>{words.noProgramme}</p>
        <pre class="tiny">{text}</pre>
        <Mark tone="fits">{words.committed}</Mark>
      </>
    )
  const { programme, version, rule, published, eventId, eventMs, gives, cuts, before, due } = reward
  return (
    <>
      <p>
        <a href={`/rules/${encodeURIComponent(programme)}/${version}`}>{words.rule(rule, programme, version)}</a>{' '}
        <span class="soft">{words.published(digits(published))}</span>
      </p>
      <p class="soft">{words.event(eventId, moment(eventMs, language))}</p>
      <dl class="because">
        <div>
          <dt>{words.gives}</dt>
          <dd>{digits(gives)}</dd>
        </div>
        {cuts.map(({ cap, most, cut }) => (
          <div key={cap}>
            <dt>{words.cut(cap, most === undefined ? undefined : digits(most))}</dt>
            <dd>{change(-cut, language)}</dd>
          </div>
        ))}
        <div class="res">
          <dt>{words.due}</dt>
          <dd>{digits(due)}</dd>
        </div>
      </dl>
      {before.map(({ name, counted }) => (
        <p class="tiny soft" key={name}>
          {words.before(name, digits(counted))}
        </p>
      ))}
      <Mark tone="fits">{words.computed}</Mark>
      <p class="tiny soft">{words.open}</p>
    </>
  )
}
