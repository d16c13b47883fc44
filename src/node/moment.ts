const FORM = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d))?$/

/**
 * The milliseconds of a time that a person wrote: a day, which begins in UTC, such as `2026-12-01`, or a time of RFC
 * 3339, also without seconds, such as `2026-12-01T09:00+08:00`. Undefined for any other text, and for a time that there
 * is not: JavaScript takes 31 February for a day in March.
 *
 * @param text - untrusted.
 */
export function momentMs(text: string): number | undefined {
  const [, day, time = '00:00', zone = 'Z'] = FORM.exec(text) ?? []
  if (day === undefined) return undefined
  const dayMs = Date.parse(`${day}T00:00:00Z`)
  const timeMs = Date.parse(`${day}T${time}${zone}`)
  const isDay = !Number.isNaN(dayMs) && new Date(dayMs).toISOString().startsWith(day)
  return isDay && !Number.isNaN(timeMs) ? timeMs : undefined
}
