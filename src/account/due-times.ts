import { QUARTER_MS } from './dates.ts'
import { dueToExpire, type Holdings } from './holdings.ts'

/** Whether an account has a hold, or points, that the operator's key may now release or expire. */
export function isDue({ holdings }: { readonly holdings: Holdings }, atMs: number): boolean {
  return holdings.holds.some(({ until }) => until <= atMs) || dueToExpire(holdings, atMs) > 0
}

/** Milliseconds of the unit of `dueMinute`. */
export const MINUTE_MS = 60_000

/** Minute since 1970 of the next `isDue`, rounded up; undefined where none will come of itself. */
export function dueMinute({ lots, holds }: Holdings): number | undefined {
  let minute = Number.POSITIVE_INFINITY
  for (const { expires } of lots) if (expires !== 0) minute = Math.min(minute, expires * (QUARTER_MS / MINUTE_MS))
  for (const { until } of holds) minute = Math.min(minute, Math.ceil(until / MINUTE_MS))
  return Number.isFinite(minute) ? minute : undefined
}
