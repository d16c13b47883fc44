import type { DefineUnit } from '../core/entry/transaction.ts'

/** A quarter hour, in which lots have their dates. */
export const QUARTER_MS = 900_000
export const DAY_MS = 86_400_000

/** What of a unit's policy says when its days begin and which dates its lots have (SPEC §5). */
export type UnitDays = Pick<DefineUnit, 'offset' | 'grain'>

/**
 * Quarter hours between the offsets of SPEC §5 and those that are added to a time: a day less 56, so that no day is
 * below 0.
 */
const OFFSET_SHIFT = 40

/** The day of a unit in which a time lies: a number that grows by one each day. SPEC §6. */
export function dayOf(timeMs: number, { offset }: Pick<UnitDays, 'offset'>): number {
  return Math.floor((timeMs + QUARTER_MS * (offset + OFFSET_SHIFT)) / DAY_MS)
}

/** Whether a date, in quarter hours, is one that lots of a unit can have: 0 is. SPEC §6. */
export function isOnGrain(date: number, { offset, grain }: UnitDays): boolean {
  return date === 0 || (date + offset + OFFSET_SHIFT) % grain === 0
}

/** When what is gained by a conversion at a time expires, in quarter hours; 0: never. SPEC §7. */
export function expiryOfGain(timeMs: number, life: number, { offset, grain }: UnitDays): number {
  if (life === 0) return 0
  const date = Math.ceil(timeMs / QUARTER_MS) + life
  const over = (date + offset + OFFSET_SHIFT) % grain
  return over === 0 ? date : date + grain - over
}
