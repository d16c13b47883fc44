import type { ComponentChildren, HTMLAttributes } from 'preact'
import { useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { Mark } from '../shell/marks.tsx'
import { amount, change, clock, day } from '../shell/numbers.ts'
import { KIND_WORDS } from '../words/kinds.ts'
import type { LineFacts, StatementFacts } from './verdict.ts'
import { VERIFY } from './words.ts'

/** Entries that are shown at first, and with each wish for more. */
const STEP = 60

interface LinesProps {
  readonly statement: StatementFacts
  /** What opens below a line, where somebody can say more of it. */
  readonly more?: ((line: LineFacts) => ComponentChildren) | undefined
}

/** The history along the stick, the newest entry first: each with the mark that this device checked it. */
export function Lines({ statement: { lines }, more }: LinesProps) {
  const { statement: words } = useWords(VERIFY)
  const language = useLanguage()
  const [shown, setShown] = useState(STEP)
  const newest = lines.slice(-shown).reverse()
  const left = lines.length - newest.length
  const rows = newest.map((line, i) => {
    const date = day(line.timeMs, language)
    const isNewDay = i === 0 || day(newest[i - 1]!.timeMs, language) !== date
    return (
      <>
        {isNewDay && <li class="day">{date}</li>}
        <Line key={line.number} line={line}>
          {more?.(line)}
        </Line>
      </>
    )
  })
  return (
    <section>
      <h2>{words.lines}</h2>
      <ol class="tally" reversed>
        {rows}
      </ol>
      {left > 0 && (
        <p class="acts">
          <button type="button" class="button plain" onClick={() => setShown(shown + 5 * STEP)}>
            {words.earlier(Math.min(left, 5 * STEP))}
          </button>
        </p>
      )}
    </section>
  )
}

export interface LineProps {
  readonly line: LineFacts
  /** Where it stands in a list of which not all rows are in the document: attributes of its row. */
  readonly place?: HTMLAttributes<HTMLLIElement> | undefined
  readonly children?: ComponentChildren
}

/** An entry with the mark that this device checked it. */
export function Line({ line, place, children }: LineProps) {
  const { statement: words } = useWords(VERIFY)
  const kinds = useWords(KIND_WORDS)
  const language = useLanguage()
  const { kind, timeMs, change: by, balance, amount: moved, expiresMs, signers, isShown, isErased } = line
  const size = Math.abs(moved ?? by)
  const width = size < 20 ? '' : size < 500 ? ' c2' : ' c3'
  const who = signers.map(one => {
    const name = words.signers[one.by] ?? one.by
    return one.record === undefined ? name : `${name} (${one.record})`
  })
  return (
    <li class="row" {...place}>
      <i class={`cut${width}`} />
      <span class="what">{kinds[kind]}</span>
      <span class="sum">
        {by === 0 && kind === 'hold' && moved !== undefined
          ? words.heldAmount(amount(moved, language))
          : by === 0
            ? ''
            : change(by, language)}
      </span>
      <span class="why">
        {clock(timeMs, language)}
        {expiresMs === undefined ? '' : ` · ${words.expires(day(expiresMs - 1, language))}`}
        {isErased ? ` · ${words.erased}` : ''}
        <span class="by">{isShown ? words.signedBy(who.join(', ')) : words.notShown}</span>
      </span>
      <span class="after">
        {words.after(amount(balance, language))}
        <br />
        <Mark tone="fits">{words.verified}</Mark>
      </span>
      {children}
    </li>
  )
}
