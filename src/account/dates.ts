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

/** The week in which a day of a unit lies, from a Monday on. SPEC §6. */
export function weekOf(day: number): number {
  return Math.floor((day + 2) / 7)
}

/** Days from 1 March of year 0 to the day before day 0 of a unit, which is 31 December 1969; and in 400 years. */
const ERA_BEGIN = 719_467
const ERA_DAYS = 146_097

/** The month of the calendar in which a day of a unit lies: 12 a year. SPEC §6. */
export function monthOf(day: number): number {
  const since = day + ERA_BEGIN
  const era = Math.floor(since / ERA_DAYS)
  const ofEra = since - era * ERA_DAYS
  // Years from March to February: a leap day is the last of one.
  const leaps = Math.floor(ofEra / 1460) - Math.floor(ofEra / 36_524) + Math.floor(ofEra / 146_096)
  const year = Math.floor((ofEra - leaps) / 365)
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  return 12 * (400 * era + year) + Math.floor((5 * ofYear + 2) / 153) + 2
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
