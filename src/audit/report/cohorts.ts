import type { LedgerState } from '../../ledger/index.ts'
import type { Figures } from '../figures.ts'
import { monthText } from '../monthly.ts'
import type { Held } from './holders.ts'
import { ratio } from './spread.ts'
import { type Cell, order, type Table } from './table.ts'

/** What was given of points that expire in one month, by the months in which it was given. */
interface Cohort {
  readonly expires: string
  readonly given: (readonly [month: string, points: bigint])[]
}

/**
 * The tables of points by when they were given and when they expire.
 *
 * - `ages`: what is held, by the month in which it was given. A lot does not say that: of the points that expire in one
 *   month, those given last are taken to be the ones that are left. `unknown` is what is held beyond all that was given
 *   of it: what a gift or a take gave another date.
 * - `breakage`: of all points that expire in one month, what was given, what expired of it, what is held, and what was
 *   used, which is the rest. `rate` is what expired of all that was given, of all months of the unit that are over;
 *   `estimate` what of the points held will expire, if this month comes to that rate.
 */
export function cohortsOf(state: LedgerState, figures: Figures, held: ReadonlyMap<number, Held>): Table[] {
  const ages: Cell[][] = []
  const breakage: Cell[][] = []
  for (const { record, terms } of state.registry.units) {
    const cohorts = cohortsIn(figures, record)
    const expiring = held.get(record)?.expiring ?? new Map<string, bigint>()
    ages.push(...agesOf(cohorts, expiring).map(([month, points]) => [terms.name, month, points]))
    const expired = figures.monthly.expired(record)
    breakage.push(...breakageOf(cohorts, expiring, expired, monthText(state.time)).map(row => [terms.name, ...row]))
  }
  return [
    {
      name: 'ages',
      says:
        'What members hold at the checkpoint, by the month in which it was given; of the points that expire in one ' +
        'month, those given last are taken to be left.',
      columns: ['unit', 'given', 'points'],
      rows: ages,
    },
    {
      name: 'breakage',
      says:
        'What became of the points that expire in one month. The rate is what expired of all that was given, of all ' +
        'months that are over; the estimate is what of the points held will expire at that rate.',
      columns: ['unit', 'expires', 'given', 'expired', 'held', 'used', 'over', 'rate', 'estimate'],
      rows: breakage,
    },
  ]
}

function cohortsIn(figures: Figures, record: number): Cohort[] {
  const cohorts = new Map<string, Cohort>()
  for (const { unit, expires, month, points } of figures.monthly.cohorts()) {
    if (unit !== record) continue
    const cohort = cohorts.get(expires) ?? { expires, given: [] }
    cohort.given.push([month, points])
    cohorts.set(expires, cohort)
  }
  return [...cohorts.values()]
}

function agesOf(cohorts: readonly Cohort[], expiring: ReadonlyMap<string, bigint>): [string, bigint][] {
  const ages = new Map<string, bigint>()
  const add = (month: string, points: bigint) => {
    if (points > 0n) ages.set(month, (ages.get(month) ?? 0n) + points)
  }
  for (const [expires, points] of expiring) {
    let left = points
    const given = cohorts.find(cohort => cohort.expires === expires)?.given ?? []
    for (const [month, most] of given.toSorted(([a], [b]) => order(b, a))) {
      const part = most < left ? most : left
      add(month, part)
      left -= part
    }
    add('unknown', left)
  }
  return [...ages].sort(([a], [b]) => order(a, b))
}

function breakageOf(
  cohorts: readonly Cohort[],
  expiring: ReadonlyMap<string, bigint>,
  expired: ReadonlyMap<string, bigint>,
  now: string,
): Cell[][] {
  const names = new Set([...cohorts.map(({ expires }) => expires), ...expiring.keys(), ...expired.keys()])
  const rows = [...names].sort(order).map(expires => {
    const given = cohorts.find(cohort => cohort.expires === expires)?.given ?? []
    return {
      expires,
      isOver: expires < now,
      given: given.reduce((sum, [, points]) => sum + points, 0n),
      expired: expired.get(expires) ?? 0n,
      held: expiring.get(expires) ?? 0n,
    }
  })
  const over = rows.filter(({ isOver }) => isOver)
  const [allGiven, allExpired] = [sum(over.map(({ given }) => given)), sum(over.map(({ expired }) => expired))]
  return rows.map(({ expires, isOver, given, expired, held }) => {
    const isKnown = allGiven > 0n && expires !== 'never'
    const coming = isKnown ? (given * allExpired) / allGiven - expired : 0n
    const estimate = isOver ? held : least(coming, held)
    return [
      ...[expires, given, expired, held, given - expired - held, isOver ? 'yes' : 'no'],
      ...(isKnown ? [ratio(allExpired, allGiven), estimate] : ['', '']),
    ]
  })
}

function sum(numbers: readonly bigint[]): bigint {
  return numbers.reduce((all, one) => all + one, 0n)
}

/** What comes, but no more than is held and no less than nothing. */
function least(coming: bigint, held: bigint): bigint {
  return coming < 0n ? 0n : coming < held ? coming : held
}
