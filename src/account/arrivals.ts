import { DATES, OFF_GRAIN } from '../core/entry/outcome.ts'
import { isOnGrain, type UnitDays } from './dates.ts'
import { isPast, type Lot } from './holdings.ts'

/**
 * The status for which dates are refused that points are issued with: past at the time that the issuer says, as they
 * may come late but were not past when they were earned; or not on the grain. Undefined for dates that are not. SPEC
 * §6.
 */
export function datesOfIssue(
  dates: Pick<Lot, 'matures' | 'expires'>,
  timeMs: number,
  unit: UnitDays,
): number | undefined {
  const isGrained = isOnGrain(dates.matures, unit) && isOnGrain(dates.expires, unit)
  if (!isGrained) return OFF_GRAIN
  return isPast(dates, timeMs) ? DATES : undefined
}

/** Whether points that are given would take an account above the most that one may have; 0: no such cap. SPEC §6. */
export function isOverMax(balance: number, amount: number, max: number): boolean {
  return max !== 0 && balance + amount > max
}
