import { toHex } from '../../../src/core/bytes.ts'
import type { Unit } from './state.ts'

/** Dates of lots are whole quarter hours. */
export const QUARTER = 900_000
export const DAY = 86_400_000
/** How long a recovery can be finished once it is due. */
export const FINISH = 30 * DAY
/** What makes the offset of UTC, 56, a whole day: so no day is below zero. */
const AHEAD = 40

interface Dates {
  readonly matures: number
  readonly expires: number
}

/** A transaction's own time: the first 48 bits of its id. */
export const timeOf = (id: Uint8Array): number => Number.parseInt(toHex(id).slice(0, 12), 16)

/** How far ahead of a transaction dates may be that nobody can wait for. */
const FAR = 731 * DAY

export const isMature = ({ matures }: Dates, time: number): boolean => matures * QUARTER <= time
export const isPast = ({ expires }: Pick<Dates, 'expires'>, time: number): boolean =>
  expires !== 0 && expires * QUARTER <= time
export const isRipe = (lot: Dates, time: number): boolean => isMature(lot, time) && !isPast(lot, time)

/** Whether a date is too far ahead of a transaction's own time. */
export const isFarAhead = (date: number, t: number): boolean => date * QUARTER > t + FAR

/** Whether an end that may be 0, for none, has come. */
export const isOver = (until: number, time: number): boolean => until !== 0 && until <= time

/** The day of ledger time, as the unit's clock has it. */
export const dayOf = (time: number, { offset }: Unit): number => Math.floor((time + QUARTER * (offset + AHEAD)) / DAY)

/** Day, week and month of ledger time, by the unit's clock and the calendar of Gregory. */
export function periodsOf(time: number, unit: Unit): { day: number; week: number; month: number } {
  const local = new Date(time + QUARTER * (unit.offset - 56))
  const monday = new Date(local)
  monday.setUTCDate(local.getUTCDate() - ((local.getUTCDay() + 6) % 7))
  return {
    day: dayOf(time, unit),
    week: Math.floor(monday.getTime() / DAY),
    month: 12 * local.getUTCFullYear() + local.getUTCMonth(),
  }
}

/** Whether a date is none, or stands where the unit's dates stand. */
export const isOnGrain = (date: number, { offset, grain }: Unit): boolean =>
  date === 0 || (date + offset + AHEAD) % grain === 0

/** The first date from `date` on that stands on the grain. */
export function nextOnGrain(date: number, unit: Unit): number {
  let next = date
  while (!isOnGrain(next, unit)) next++
  return next
}
