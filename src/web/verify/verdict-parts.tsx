import { useLanguage, useWords } from '../shell/language.ts'
import { type Check, Checks, Mark } from '../shell/marks.tsx'
import { amount } from '../shell/numbers.ts'
import { Stick } from '../shell/stick.tsx'
import { headOf } from '../words/codes.ts'
import type { Halves, Step, Verdict } from './verdict.ts'
import { VERIFY } from './words.ts'

/** The two halves of a statement, with what each says. */
export function HalvesView({ verdict: { halves, tone, holds, code, logSize } }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  const language = useLanguage()
  if (halves === undefined) return null
  const { signedEntries, shownEntries, amounts } = halves
  const { upper, bad } = holds ? { upper: amounts, bad: [] } : drawn(halves, code)
  return (
    <div class="stickbox">
      <p class="pair">
        <span class="in">{holds ? words.signedHalf : words.signedEntries(amount(signedEntries, language))}</span>
        {logSize !== undefined && <span>{words.checkpoint(amount(logSize, language))}</span>}
      </p>
      <div>
        <Stick
          upper={upper}
          lower={tone === 'half' ? undefined : amounts}
          tone={tone}
          badLower={bad}
          isClosing={tone === 'fits'}
        />
      </div>
      <p class="pair">
        <span>{(holds ? words.workedHalf : words.shownHalf)(amount(shownEntries, language))}</span>
        <Mark tone={tone} />
      </p>
    </div>
  )
}

/** The signed half has as many notches as entries were signed; what is in those that are not shown, nobody knows. */
function drawn({ signedEntries, amounts }: Halves, code: string | undefined): { upper: number[]; bad: number[] } {
  if (code !== 'line-count') return { upper: [...amounts], bad: [] }
  const count = Math.min(signedEntries, amounts.length + 200)
  return { upper: Array.from({ length: count }, (_, i) => amounts[i] ?? 1), bad: [] }
}

/** Every step of a check, and those that were not reached. */
export function Steps({ verdict: { steps, kind, code } }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  const language = useLanguage()
  const check = (step: Step): Check => {
    const { name, state, count, names, said } = step
    const what = name === 'shown' ? <span lang="en">{said}</span> : words.steps[name]
    if (state === 'failed')
      return {
        state: 'no',
        what: sentence(headOf(code ?? '', language)),
        more: said && (
          <>
            <span lang="en">{said}</span>
            <code>{code}</code>, SPEC §{sectionOf(kind, code)}
          </>
        ),
      }
    const more =
      names?.join(', ') ?? (count === undefined ? undefined : words.stepMore[name]?.(amount(count, language)))
    return { state: 'ok', what, ...(more ? { more } : {}) }
  }
  const reached = steps.filter(({ state }) => state !== 'not-reached').map(check)
  const left = steps.filter(({ state }) => state === 'not-reached').map(({ name }) => words.steps[name])
  const rest: Check[] =
    left.length === 0
      ? []
      : [{ state: 'open', what: words.notReached, more: left.join(language === 'zh' ? '；' : '; ') }]
  return <Checks of={[...reached, ...rest]} />
}

/** A clause as a sentence of its own. */
function sentence(clause: string): string {
  return clause.slice(0, 1).toUpperCase() + clause.slice(1)
}

function sectionOf(kind: Verdict['kind'], code: string | undefined): number {
  if (kind === 'evidence' || kind === 'totals') return 11
  return /^(?:promise|refusal)-/.test(code ?? '') ? 9 : 10
}

/** What a check leaves open. */
export function Open({ verdict: { unchecked, holds } }: { verdict: Verdict }) {
  const words = useWords(VERIFY)
  if (!holds) return <p class="small soft prose">{words.noMore}</p>
  const check = (name: (typeof unchecked)[number]): Check => {
    const [what, more] = words.uncheckedWords[name]
    return { state: 'open', what, more }
  }
  return <Checks of={unchecked.map(check)} />
}
