import { DAY_MS, dateOfDay } from './calendar.ts'

const two = (value: number) => String(value).padStart(2, '0')

/** A time as a document writes it, in an offset: `2026-12-01T00:00+08:00`; with seconds only where there are some. */
export function timeText(timeMs: number, offsetMs: number): string {
  const local = timeMs + offsetMs
  const day = Math.floor(local / DAY_MS)
  const [year, month, dayOfMonth] = dateOfDay(day)
  const seconds = Math.floor((local - day * DAY_MS) / 1000)
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
  const offset = Math.abs(offsetMs) / 60_000
  const zone = `${offsetMs < 0 ? '-' : '+'}${two(Math.floor(offset / 60))}:${two(offset % 60)}`
  const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}${rest === 0 ? '' : `:${two(rest)}`}`
  return `${year}-${two(month)}-${two(dayOfMonth)}T${time}${zone}`
}
