import { firstDayOf, periodOf, QUARTER_MS } from '../document/calendar.ts'
import type { Programme, Tiers } from '../document/programme.ts'
import { beginOf } from './dates.ts'

/** What counts for a member's tier: day and sum by turns, days increasing. docs/programmes.md §7. */
export type TierDays = readonly number[]

/** A tier, and until when it lasts if nothing else happens, in quarter hours; without a tier, empty and 0. */
export interface Tier {
  readonly id: string
  readonly until: number
}

/** S(E): what counts on a day. */
function sumOn(tiers: Tiers, days: TierDays, day: number): number {
  if (tiers.rolling !== undefined) return sumBetween(days, day - tiers.rolling + 1, day)
  const period = tiers.calendar!
  const number = periodOf(period, day)
  const first = firstDayOf(period, number)
  return Math.max(sumBetween(days, first, day), sumBetween(days, firstDayOf(period, number - 1), first - 1))
}

function sumBetween(days: TierDays, from: number, to: number): number {
  let sum = 0
  for (let i = 0; i < days.length; i += 2) if (days[i]! >= from && days[i]! <= to) sum += days[i + 1]!
  return sum
}

/** The most that S reaches on the days of grace and the day itself. */
function bestOn(tiers: Tiers, days: TierDays, day: number): number {
  const from = day - tiers.grace
  let best = Math.max(sumOn(tiers, days, from), sumOn(tiers, days, day))
  if (tiers.rolling !== undefined) {
    // S rises only on days that have something.
    for (let i = 0; i < days.length; i += 2)
      if (days[i]! > from && days[i]! < day) best = Math.max(best, sumOn(tiers, days, days[i]!))
    return best
  }
  // Within a period S only rises: its last day is the best.
  const period = tiers.calendar!
  for (
    let last = firstDayOf(period, periodOf(period, day)) - 1;
    last > from;
    last = firstDayOf(period, periodOf(period, last)) - 1
  )
    best = Math.max(best, sumOn(tiers, days, last))
  return best
}

/** The place of the tier among the levels on a day; -1 for none. */
function levelOn(tiers: Tiers, days: TierDays, day: number): number {
  if (days.length === 0) return -1
  const best = bestOn(tiers, days, day)
  let level = -1
  while (level + 1 < tiers.levels.length && tiers.levels[level + 1]!.from <= best) level++
  return level
}

/** The tier of a member on a day; empty for none. Cost: the square of the days that count. */
export function tierOn(tiers: Tiers, days: TierDays, day: number): string {
  return tiers.levels[levelOn(tiers, days, day)]?.id ?? ''
}

/** The tier on a day, and until when it lasts. */
export function tierUntil(programme: Programme, tiers: Tiers, days: TierDays, day: number): Tier {
  const level = levelOn(tiers, days, day)
  if (level < 0) return { id: '', until: 0 }
  const { id, from } = tiers.levels[level]!
  let lastMet = day - tiers.grace
  for (let i = 0; i < days.length; i += 2) {
    // Where S falls, it falls on the day after one of these.
    const last =
      tiers.rolling === undefined
        ? firstDayOf(tiers.calendar!, periodOf(tiers.calendar!, days[i]!) + 2) - 1
        : days[i]! + tiers.rolling - 1
    if (last > lastMet && sumOn(tiers, days, last) >= from) lastMet = last
  }
  return { id, until: beginOf(programme, lastMet + tiers.grace + 1) / QUARTER_MS }
}

/** Days with something more on one, and without those that no event can ask for any more. */
export function withPoints(
  tiers: Tiers,
  days: TierDays,
  day: number,
  points: number,
  oldestAskedFor: number,
): TierDays {
  const found: number[] = []
  let isAdded = false
  for (let i = 0; i < days.length; i += 2) {
    if (!isAdded && days[i]! >= day) {
      isAdded = true
      const sum = points + (days[i] === day ? days[i + 1]! : 0)
      if (sum > 0) found.push(day, sum)
      if (days[i] === day) continue
    }
    found.push(days[i]!, days[i + 1]!)
  }
  if (!isAdded && points > 0) found.push(day, points)
  const oldest = oldestAskedFor - tiers.grace - reachOf(tiers)
  let start = 0
  while (start < found.length && found[start]! < oldest) start += 2
  return found.slice(start)
}

/** How many days before the days of grace can count. */
export function reachOf({ rolling, calendar }: Tiers): number {
  return rolling ?? { month: 31, quarter: 92, year: 366 }[calendar!] * 2
}
