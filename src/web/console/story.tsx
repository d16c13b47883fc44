import { useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount, change, clock, day, shortDay } from '../shell/numbers.ts'
import { KIND_WORDS } from '../words/kinds.ts'
import { outcomeWords } from '../words/outcomes.ts'
import type { ShownMovement, ShownRefusal } from './ask-shop.ts'
import { CONSOLE } from './words.ts'

interface StoryProps {
  readonly movements: readonly ShownMovement[]
  readonly refused: readonly ShownRefusal[]
  readonly unit: string
}

/** What happened to her, the newest first: an entry a notch, and each refusal, which has none, explained. */
export function Story({ movements, refused, unit }: StoryProps) {
  const words = useWords(CONSOLE)
  const language = useLanguage()
  // Of what lies further back than the movements shown, the refusals come with those.
  const last = movements.at(-1)
  const isThere = ({ entry }: ShownRefusal) => last === undefined || last.number === 1 || entry > last.entry
  const rows = [...movements, ...refused.filter(isThere)].sort((a, b) => b.entry - a.entry)
  let before = ''
  return (
    <section>
      <h2>{words.story}</h2>
      {rows.length === 0 && <p class="soft">{words.nothingYet}</p>}
      <ul class="tally console-story">
        {rows.flatMap(row => {
          const date = day(Date.parse(row.at), language)
          const head =
            date === before
              ? []
              : [
                  <li class="day" key={date}>
                    {date}
                  </li>,
                ]
          before = date
          return [
            ...head,
            'outcome' in row ? (
              <RefusalCase key={row.entry} refusal={row} unit={unit} />
            ) : (
              <MovementRow key={row.entry} movement={row} />
            ),
          ]
        })}
      </ul>
    </section>
  )
}

function MovementRow({ movement }: { movement: ShownMovement }) {
  const words = useWords(CONSOLE)
  const language = useLanguage()
  const { at, kind, order, rule, reason, points, held, balance, lots, entry } = movement
  const size = Math.abs(points === 0 ? held : points)
  const matures = lots.find(lot => lot.matures !== null && Date.parse(lot.matures) > Date.parse(at))?.matures
  const small = [
    rule === null ? undefined : words.rule(rule),
    reason ?? undefined,
    matures == null ? undefined : words.pendingTo(shortDay(Date.parse(matures), language)),
  ].filter(text => text !== undefined)
  return (
    <li class="row">
      <i class={`cut ${size >= 500 ? 'c3' : size >= 100 ? 'c2' : ''}`} />
      <span class="soft n">{clock(Date.parse(at), language)}</span>
      <p class="what">
        <b>{words.kinds[kind] ?? kind}</b> {order} <span class="soft small">{small.join(', ')}</span>{' '}
        <span class="soft tiny nobr">{words.entry(amount(entry, language))}</span>
      </p>
      <span class="sum n">{points === 0 && held > 0 ? amount(held, language) : change(points, language)}</span>
      <span class="after bal n">{amount(balance, language)}</span>
    </li>
  )
}

/** Why something was refused: one sentence, the sum where it was one, and words for the member. */
function RefusalCase({ refusal, unit }: { refusal: ShownRefusal; unit: string }) {
  const words = useWords(CONSOLE)
  const kinds = useWords(KIND_WORDS)
  const language = useLanguage()
  const [isCopied, setCopied] = useState(false)
  const { at, kind, outcome, points, order, had, entry } = refusal
  const digits = (value: number) => amount(value, language)
  const isShort = outcome === 'insufficient' && points !== null
  const name = Object.hasOwn(kinds, kind) ? kinds[kind as keyof typeof kinds] : kind
  const asked = words.asked(name, points === null ? undefined : digits(points), order ?? undefined)
  const sums: readonly (readonly [string, string, boolean])[] = [
    [words.balanceAt(clock(Date.parse(at), language)), digits(had.balance), false],
    ...(had.pending === 0 ? [] : [[words.pending, change(-had.pending, language), false] as const]),
    ...(had.held === 0 ? [] : [[words.held, change(-had.held, language), false] as const]),
    [words.couldSpend, digits(had.available), true],
    [words.askedFor, digits(points ?? 0), false],
    [words.shortBy, digits((points ?? 0) - had.available), true],
  ]
  const say = isShort
    ? words.sayShort(digits(points!), digits(had.available), had.pending === 0 ? undefined : digits(had.pending), unit)
    : words.sayWhy(outcomeWords(outcome, language))
  return (
    <li class="none">
      <div class="case">
        <p>
          <span class="soft n">{clock(Date.parse(at), language)}</span> <b>{words.refused}</b> <code>{outcome}</code>
        </p>
        <h3>
          {asked} {isShort ? words.couldBe(digits(had.available)) : words.because(outcomeWords(outcome, language))}
        </h3>
        <div class="case-parts">
          {isShort && (
            <dl class="sums">
              {sums.map(([what, sum, isSum]) => (
                <div key={what} class={isSum ? 'res' : ''}>
                  <dt>{what}</dt>
                  <dd class="n">{sum}</dd>
                </div>
              ))}
            </dl>
          )}
          <div>
            <div class="say">
              <p>{say}</p>
              <button
                type="button"
                class="button plain"
                onClick={() => void navigator.clipboard?.writeText(say).then(() => setCopied(true))}
              >
                {isCopied ? words.copied : words.copy}
              </button>
            </div>
            <p class="tiny soft">{words.inLog(digits(entry))}</p>
          </div>
        </div>
      </div>
    </li>
  )
}
