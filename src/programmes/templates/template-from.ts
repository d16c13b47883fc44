import { addMonths, DAY_MS } from '../document/calendar.ts'
import type { JsonObject } from '../document/json.ts'
import { parseProgramme } from '../document/parse.ts'
import { timeText } from '../document/time-text.ts'
import { TEMPLATES } from './templates.ts'

/**
 * A template that holds from a day on: from the first midnight of its own days at `soonestMs` or after. Its campaigns
 * are those of the first year in which they do not begin before that.
 *
 * @param name - of the template. @param soonestMs - such as now and the notice of the unit, in milliseconds since 1970.
 * @param isLocal - whether that is a day of the template's own, as if it were of UTC.
 */
export function templateFrom(name: string, soonestMs: number, isLocal = false): JsonObject {
  const document = TEMPLATES[name]!
  const { offsetMs, campaigns } = parseProgramme(JSON.stringify(document))
  const fromMs = Math.ceil((isLocal ? soonestMs : soonestMs + offsetMs) / DAY_MS) * DAY_MS - offsetMs
  if (campaigns.length === 0) return { ...document, from: timeText(fromMs, offsetMs) }
  const moved = (document['campaigns'] as readonly JsonObject[]).map((campaign, i) => {
    const { fromMs: begins, untilMs: ends } = campaigns[i]!
    let years = 0
    while (yearsLater(begins, offsetMs, years) < fromMs) years++
    return {
      ...campaign,
      from: timeText(yearsLater(begins, offsetMs, years), offsetMs),
      until: timeText(yearsLater(ends, offsetMs, years), offsetMs),
    }
  })
  return { ...document, from: timeText(fromMs, offsetMs), campaigns: moved }
}

/** The same time of the same date, so many years later. */
function yearsLater(timeMs: number, offsetMs: number, years: number): number {
  const local = timeMs + offsetMs
  const day = Math.floor(local / DAY_MS)
  return timeMs + (addMonths(day, 12 * years) - day) * DAY_MS
}
