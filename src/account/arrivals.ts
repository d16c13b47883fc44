import { DATES, OFF_GRAIN } from '../core/entry/outcome.ts'
import { AHEAD_MS_MAX, PENDING_LOTS_MAX } from '../core/limits.ts'
import { isOnGrain, QUARTER_MS, type UnitDays } from './dates.ts'
import { type Holdings, isMature, isPast, type Lot, lotOf } from './holdings.ts'

/**
 * The status for which dates are refused that points are issued with: past at the time that the issuer says, as they
 * may come late but were not past when they were earned; ripe later than anyone waits; or not on the grain. Undefined
 * for dates that are none of these. SPEC §6.
 */
export function datesOfIssue(
  dates: Pick<Lot, 'matures' | 'expires'>,
  timeMs: number,
  unit: UnitDays,
): number | undefined {
  const isGrained = isOnGrain(dates.matures, unit) && isOnGrain(dates.expires, unit)
  if (!isGrained) return OFF_GRAIN
  return isPast(dates, timeMs) || isTooFarAhead(dates.matures, timeMs) ? DATES : undefined
}

/** Whether a date, in quarter hours, is further ahead of a transaction's own time than it may be. SPEC §6. */
export function isTooFarAhead(date: number, timeMs: number): boolean {
  return date * QUARTER_MS > timeMs + AHEAD_MS_MAX
}

/**
 * Whether points that are issued need a lot that has to ripen, beside as many as there can be: nobody can spend these,
 * so they must not fill the account. SPEC §6.
 *
 * @param timeMs - the transaction's own time.
 */
export function hasTooManyPending({ lots }: Holdings, part: Lot, timeMs: number): boolean {
  if (isMature(part, timeMs) || lotOf(lots, part) !== undefined) return false
  let pending = 0
  for (const lot of lots) if (!isMature(lot, timeMs)) pending++
  return pending >= PENDING_LOTS_MAX
}

/** Whether points that are given would take an account above the most that one may have; 0: no such cap. SPEC §6. */
export function isOverMax(balance: number, amount: number, max: number): boolean {
  return max !== 0 && balance + amount > max
}
