/** Days and periods without a clock or a time-zone database. docs/programmes.md §3. */

export const DAY_MS = 86_400_000
/** Dates of lots are whole quarter hours since 1970. */
export const QUARTER_MS = 900_000

export const PERIODS = ['day', 'week', 'month', 'quarter', 'year', 'ever'] as const
export type Period = (typeof PERIODS)[number]
/** Periods that end on a date of the calendar. */
export type CalendarPeriod = Exclude<Period, 'week' | 'ever'>

/** Days since 1970 of a date of the proleptic Gregorian calendar; months beyond 1..12 count on. */
export function dayOfDate(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is the last of its year.
  const months = year * 12 + month - 3
  const y = Math.floor(months / 12)
  const m = months - y * 12
  const dayOfYear = Math.floor((153 * m + 2) / 5) + day - 1
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468
}

/** Year, month (1..12) and day of the month of a day since 1970. */
export function dateOfDay(day: number): readonly [year: number, month: number, day: number] {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const m = Math.floor((5 * dayOfYear + 2) / 153)
  const month = m < 10 ? m + 3 : m - 9
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * m + 2) / 5) + 1]
}

/** Whether there is such a date. */
export function isDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= dayOfDate(year, month + 1, 1) - dayOfDate(year, month, 1)
}

/** The number of the period that a day is in. Two days are in one period if and only if their numbers are the same. */
export function periodOf(period: Period, day: number): number {
  switch (period) {
    case 'day':
      return day
    case 'week':
      return Math.floor((day + 3) / 7)
    case 'ever':
      return 0
    default: {
      const [year, month] = dateOfDay(day)
      if (period === 'year') return year
      return period === 'month' ? year * 12 + month - 1 : year * 4 + Math.floor((month - 1) / 3)
    }
  }
}

/** The day with which a period begins. */
export function firstDayOf(period: Exclude<Period, 'ever'>, number: number): number {
  switch (period) {
    case 'day':
      return number
    case 'week':
      return number * 7 - 3
    case 'year':
      return dayOfDate(number, 1, 1)
    case 'month':
      return dayOfDate(0, number + 1, 1)
    case 'quarter':
      return dayOfDate(0, number * 3 + 1, 1)
  }
}

/** A day so many months later; a day that the month does not have becomes its last. */
export function addMonths(day: number, months: number): number {
  const [year, month, dayOfMonth] = dateOfDay(day)
  const first = dayOfDate(year, month + months, 1)
  const length = dayOfDate(year, month + months + 1, 1) - first
  return first + Math.min(dayOfMonth, length) - 1
}
