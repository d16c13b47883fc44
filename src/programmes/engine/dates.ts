import { addMonths, DAY_MS, firstDayOf, type Period, periodOf, QUARTER_MS } from '../document/calendar.ts'
import type { DateRule, Programme } from '../document/programme.ts'

/** The day of a time in a programme, counted from 1970. docs/programmes.md §3. */
export function dayOf({ offsetMs }: Programme, timeMs: number): number {
  return Math.floor((timeMs + offsetMs) / DAY_MS)
}

/** The millisecond with which a day begins. */
export function beginOf({ offsetMs }: Programme, day: number): number {
  return day * DAY_MS - offsetMs
}

/** The millisecond at which the period that a day is in is over; undefined for `ever`. */
export function endOf(programme: Programme, period: Period, day: number): number | undefined {
  if (period === 'ever') return undefined
  return beginOf(programme, firstDayOf(period, periodOf(period, day) + 1))
}

/** Quarter hours since 1970 of a date that a rule gives an event, rounded up to the grain; 0 where there is none. */
export function quarterOf(programme: Programme, rule: DateRule | undefined, timeMs: number): number {
  if (rule === undefined) return 0
  let at = timeMs
  if (rule.end !== undefined) {
    const day = dayOf(programme, timeMs)
    const first = firstDayOf(rule.end, periodOf(rule.end, day) + 1)
    at = beginOf(programme, rule.plusMonths === 0 ? first : addMonths(first, rule.plusMonths))
  }
  const { grain, offsetMs } = programme
  const offset = offsetMs / QUARTER_MS
  return Math.ceil((Math.ceil((at + rule.plusMs) / QUARTER_MS) + offset) / grain) * grain - offset
}
