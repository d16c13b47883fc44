import { useMemo } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { Mark } from '../shell/marks.tsx'
import { amount, change, day } from '../shell/numbers.ts'
import { TableHead } from '../shell/table-head.tsx'
import { Chart } from './chart.tsx'
import { type DayFigures, figuresOf, type UnitSums, type VerifiedDay } from './totals.ts'
import { TRANSPARENCY } from './words.ts'

interface FiguresProps {
  /** Undefined while they are read. */
  readonly days: readonly VerifiedDay[] | undefined
  readonly names: ReadonlyMap<number, string>
}

/** What was issued, spent and is owed, of each unit, by day. */
export function Figures({ days, names }: FiguresProps) {
  const words = useWords(TRANSPARENCY)
  const last = days?.at(-1)
  if (days === undefined) return null
  if (last === undefined)
    return (
      <section class="lead">
        <h2>{words.noTotals}</h2>
        <p>{words.noTotalsMore}</p>
      </section>
    )
  return (
    <>
      {last.units.map(sums => (
        <Unit
          key={sums.unit}
          days={days}
          sums={sums}
          name={names.get(sums.unit) ?? `#${sums.unit}`}
          timeMs={last.timeMs}
        />
      ))}
    </>
  )
}

interface UnitProps {
  readonly days: readonly VerifiedDay[]
  readonly sums: UnitSums
  readonly name: string
  readonly timeMs: number
}

function Unit({ days, sums, name, timeMs }: UnitProps) {
  const words = useWords(TRANSPARENCY)
  const language = useLanguage()
  const figures = useMemo(() => figuresOf(days, sums.unit), [days, sums.unit])
  const digits = (sum: string) => amount(BigInt(sum), language)
  const between = [day(figures[0]!.timeMs, language), day(figures.at(-1)!.timeMs, language)] as const
  return (
    <div class="cols wide-left">
      <section>
        <h2>{words.outstanding(name)}</h2>
        <p class="owed">
          <b>{digits(sums.owed)}</b>
          <span class="small soft">{words.outstandingOn(day(timeMs, language))}</span>
        </p>
        <Mark tone="fits" />
        {figures.length > 1 && (
          <>
            <Chart days={figures} kind="owed" label={words.chartLabel(words.outstanding(name), ...between)} />
            <h2 class="next">{words.flow(name)}</h2>
            <p class="keys">
              {(['issued', 'redeemed', 'expired'] as const).map(one => (
                <span key={one}>
                  <i class={one} />
                  {words.series[one]}
                </span>
              ))}
            </p>
            <Chart days={figures} kind="flow" label={words.chartLabel(words.flow(name), ...between)} />
            <Table figures={figures} />
          </>
        )}
      </section>
      <section>
        <h2>{words.since}</h2>
        <dl class="sums">
          {SUMS.filter(([one, , isRare]) => !isRare || sums[one] !== '0').map(([one, isGiven]) => (
            <div key={one}>
              <dt>{words.sums[one]}</dt>
              <dd>
                {isGiven || sums[one] === '0' ? '' : '−'}
                {digits(sums[one])}
              </dd>
            </div>
          ))}
          <div class="res">
            <dt>{words.sums.owed}</dt>
            <dd>{digits(sums.owed)}</dd>
          </div>
        </dl>
      </section>
    </div>
  )
}

/** What adds up to what is outstanding: whether it came to members, and whether it is shown only where there is any. */
const SUMS = [
  ['issued', true, false],
  ['opened', true, true],
  ['redeemed', false, false],
  ['expired', false, false],
  ['reinstated', true, true],
  ['reversed', false, false],
] as const

function Table({ figures }: { figures: readonly DayFigures[] }) {
  const words = useWords(TRANSPARENCY)
  const language = useLanguage()
  return (
    <details class="same">
      <summary>{words.table}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard. */}
      <section class="wide" tabIndex={0} aria-label={words.table}>
        <table>
          <TableHead columns={words.columns} />
          <tbody>
            {[...figures].reverse().map(one => (
              <tr key={one.timeMs}>
                <td>{day(one.timeMs, language)}</td>
                <td class="n">{change(one.issued, language)}</td>
                <td class="n">{change(-one.redeemed, language)}</td>
                <td class="n">{change(-one.expired, language)}</td>
                <td class="n">{amount(one.owed, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  )
}
