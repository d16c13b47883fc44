import { useMemo, useState } from 'preact/hooks'
import { utf8Encode } from '../../core/bytes.ts'
import {
  explain,
  type Programme,
  parseProgramme,
  review,
  type Simulation,
  Simulator,
  TEMPLATES,
  templateFrom,
  worstDay,
} from '../../programmes/index.ts'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount } from '../shell/numbers.ts'
import { TableHead } from '../shell/table-head.tsx'
import { saveBytes } from './save-bytes.ts'
import { CONSOLE } from './words.ts'

/** Events that are computed at once: more belong to the command line. */
const EVENTS_MAX = 100_000

/** A document, and beside it what it says, what to look at, and what it would have cost. */
export function DraftView() {
  const { draft: words, viewNames } = useWords(CONSOLE)
  const [text, setText] = useState('')
  const read = useMemo(() => (text.trim() === '' ? undefined : readDraft(text)), [text])
  return (
    <>
      <h1>{viewNames.draft}</h1>
      <p class="small soft prose">{words.more}</p>
      <div class="cols">
        <section>
          <label class="unit-of">
            {words.from}
            <select value="" onChange={event => setText(templateOf(event.currentTarget.value))}>
              <option value="">–</option>
              {Object.keys(TEMPLATES).map(name => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label class="draft-text">
            {words.document}
            <textarea
              rows={24}
              spellcheck={false}
              lang="en"
              value={text}
              onInput={event => setText(event.currentTarget.value)}
            />
          </label>
        </section>
        <section>{read !== undefined && ('wrong' in read ? <Wrong {...read} /> : <Right programme={read} />)}</section>
      </div>
    </>
  )
}

/** The usual time from publication to beginning. */
const NOTICE_MS = 72 * 3_600_000

function templateOf(name: string): string {
  return Object.hasOwn(TEMPLATES, name) ? JSON.stringify(templateFrom(name, Date.now() + NOTICE_MS), undefined, 2) : ''
}

interface WrongDraft {
  readonly wrong: string
  readonly code: string
}

function readDraft(text: string): Programme | WrongDraft {
  try {
    return parseProgramme(text)
  } catch (error) {
    const { code = 'internal', message } = error as { code?: string; message: string }
    return { wrong: message, code }
  }
}

function Wrong({ wrong, code }: WrongDraft) {
  const { draft: words } = useWords(CONSOLE)
  return (
    <div class="alarm" role="status">
      <b>{words.wrong}</b> <span lang="en">{wrong}</span> <code>{code}</code>
    </div>
  )
}

function Right({ programme }: { programme: Programme }) {
  const { draft: words } = useWords(CONSOLE)
  const language = useLanguage()
  const findings = useMemo(() => review(programme), [programme])
  const worst = useMemo(() => worstDay(programme), [programme])
  const file = `${programme.name}.json`
  return (
    <>
      <p role="status">
        <b>{words.right}</b>
      </p>
      <h2 class="next">{words.findings}</h2>
      {findings.length === 0 && <p class="soft">{words.noFindings}</p>}
      <ul class="plain-list" lang="en">
        {findings.map(({ pointer, message }) => (
          <li key={`${pointer} ${message}`}>
            <code>{pointer}</code> {message}
          </li>
        ))}
      </ul>
      <p class="small">
        {[...worst.units].map(([unit, points]) => (
          <span key={unit}>
            {points === Number.POSITIVE_INFINITY
              ? words.unbounded(unit)
              : words.worst(unit, amount(points, language))}{' '}
          </span>
        ))}
      </p>
      <h2 class="next">{words.says}</h2>
      <div class="told">
        {explain(programme, language).map(paragraph => (
          <ul key={paragraph[0]}>
            {paragraph.map(sentence => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        ))}
      </div>
      <Simulated programme={programme} />
      <p class="acts">
        <button
          type="button"
          class="button plain"
          onClick={() => saveBytes(utf8Encode(programme.text), file, 'application/json')}
        >
          {words.save}
        </button>
      </p>
      <p class="small soft">{words.publish}</p>
      <pre class="policy-text">npx tally programme publish {file}</pre>
    </>
  )
}

function Simulated({ programme }: { programme: Programme }) {
  const { draft: words } = useWords(CONSOLE)
  const language = useLanguage()
  const [events, setEvents] = useState('')
  const [found, setFound] = useState<Simulation>()
  const run = () => {
    const simulator = new Simulator(programme)
    for (const line of events.split('\n').slice(0, EVENTS_MAX)) if (line.trim() !== '') simulator.take(line)
    setFound(simulator.found)
  }
  const digits = (points: number) => amount(points, language)
  return (
    <form
      class="answer"
      onSubmit={event => {
        event.preventDefault()
        run()
      }}
    >
      <h2 class="next">{words.simulate}</h2>
      <label>
        {words.events}
        <textarea rows={5} spellcheck={false} value={events} onInput={event => setEvents(event.currentTarget.value)} />
      </label>
      <button type="submit" class="button">
        {words.run}
      </button>
      <output>
        {found !== undefined && (
          <>
            <p class="small">
              {Object.entries(found.events).map(([what, count]) => (
                <span key={what}>
                  {what} {digits(count)}{' '}
                </span>
              ))}
            </p>
            <table>
              <TableHead columns={[words.rule, words.given, words.cut, words.back]} />
              <tbody>
                {found.rules.map(({ rule, points, cut, back }) => (
                  <tr key={rule}>
                    <th scope="row">{rule}</th>
                    <td class="n">{digits(points)}</td>
                    <td class="n">{digits(cut)}</td>
                    <td class="n">{digits(back)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </output>
    </form>
  )
}
