import { useLanguage, useWords } from '../shell/language.ts'
import { amount, moment, monthName } from '../shell/numbers.ts'
import type { StatementFacts } from '../verify/verdict.ts'
import { WALLET } from './words.ts'

const DAY_MS = 86_400_000
/** Within so many days it is said in how many. */
const SOON_DAYS = 60
/** Months that are drawn, that of today first; dates that are listed at first. */
const MONTHS = 13
const DATES_MAX = 12

/** What expires when: month by month as a picture, and date by date, the soonest first. */
export function Expiring({ lots, asOfMs }: Pick<StatementFacts, 'lots' | 'asOfMs'>) {
  const words = useWords(WALLET)
  const language = useLanguage()
  const byDate = new Map<number, number>()
  for (const { expiresMs, amount: points } of lots)
    if (expiresMs !== undefined && expiresMs > asOfMs) byDate.set(expiresMs, (byDate.get(expiresMs) ?? 0) + points)
  const dates = [...byDate].sort(([one], [other]) => one - other)
  if (dates.length === 0)
    return (
      <section>
        <h2>{words.expiring}</h2>
        <p class="small">{words.expiringNone}</p>
      </section>
    )
  const row = ([ms, points]: readonly [number, number]) => (
    <li key={ms}>
      <span>
        {moment(ms, language)} {inDays(ms)}
      </span>
      <b class="n">{amount(points, language)}</b>
    </li>
  )
  return (
    <section>
      <h2>{words.expiring}</h2>
      <Months dates={dates} />
      <ul class="dates">{dates.slice(0, DATES_MAX).map(row)}</ul>
      {dates.length > DATES_MAX && (
        <details>
          <summary>{words.expiringRest(amount(dates.length - DATES_MAX, language))}</summary>
          <ul class="dates">{dates.slice(DATES_MAX).map(row)}</ul>
        </details>
      )}
      <p class="tiny soft">{words.expiringMore}</p>
    </section>
  )

  function inDays(ms: number) {
    const midnight = (at: number) => new Date(at).setHours(0, 0, 0, 0)
    const days = Math.round((midnight(ms) - midnight(Date.now())) / DAY_MS)
    return days < 0 || days > SOON_DAYS ? null : <b>{words.expiresIn(days)}</b>
  }
}

/** A bar a month; the list below says the same in figures. */
function Months({ dates }: { dates: readonly (readonly [number, number])[] }) {
  const language = useLanguage()
  const now = new Date()
  const sums = new Array<number>(MONTHS).fill(0)
  for (const [ms, points] of dates) {
    // Points are good until just before that moment.
    const at = new Date(ms - 1)
    const month = (at.getFullYear() - now.getFullYear()) * 12 + at.getMonth() - now.getMonth()
    if (month >= 0 && month < MONTHS) sums[month]! += points
  }
  const most = Math.max(...sums)
  if (most === 0) return null
  const names = sums.map((_, i) => monthName(new Date(now.getFullYear(), now.getMonth() + i, 1).getTime(), language))
  return (
    <div aria-hidden="true">
      <div class="months">
        {sums.map((sum, i) => (
          <i
            key={i}
            class={i < 2 ? 'soon' : ''}
            style={{ height: `${sum === 0 ? 0 : Math.max(4, (100 * sum) / most)}%` }}
          />
        ))}
      </div>
      <div class="month-names">
        {names.map((name, i) => (
          <span key={i}>{i % 3 === 0 ? name : ''}</span>
        ))}
      </div>
    </div>
  )
}
