import type { Language } from './both.ts'

const LOCALES = { en: 'en-GB', zh: 'zh-CN' } as const

/** An amount: groups of three digits. */
export function amount(value: number | bigint, language: Language): string {
  return new Intl.NumberFormat(LOCALES[language]).format(value).replace('-', '−')
}

/** A change of a balance, with its sign: +500, −38. */
export function change(value: number | bigint, language: Language): string {
  const digits = amount(value < 0 ? -value : value, language)
  return value > 0 ? `+${digits}` : value < 0 ? `−${digits}` : digits
}

/** A day: 15 December 2026, 2026年12月15日. In the reader's zone. */
export function day(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { dateStyle: 'long' }).format(ms)
}

/** A time of day: 14:31, and with seconds 14:31:07. */
export function clock(ms: number, language: Language, hasSeconds = false): string {
  return new Intl.DateTimeFormat(LOCALES[language], {
    hour: '2-digit',
    minute: '2-digit',
    ...(hasSeconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(ms)
}

/** A day and a time, as the reader's clock shows them. */
export function moment(ms: number, language: Language, hasSeconds = false): string {
  const between = language === 'zh' ? ' ' : ', '
  return `${day(ms, language)}${between}${clock(ms, language, hasSeconds)}`
}

/** A size of a file: 812 B, 24 kB. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  return bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** A day in a row: 15 Dec, 12月15日. */
export function shortDay(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { month: 'short', day: 'numeric' }).format(ms)
}

/** An amount at an axis: 10 M, 1,000万. */
export function axisAmount(value: number, language: Language): string {
  const short = new Intl.NumberFormat(LOCALES[language], { notation: 'compact', maximumFractionDigits: 1 })
  return short.format(value).replace('-', '−')
}

/** The first and the last four digits of a hash in hex. */
export function ends(hex: string): string {
  return hex.length > 12 ? `${hex.slice(0, 4)} … ${hex.slice(-4)}` : hex
}

/** A month below a bar: Dec, 12月. */
export function monthName(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALES[language], { month: 'short' }).format(ms)
}

/** How long ago something was: 3 minutes ago, 5 天前. Up to a minute in seconds, and so on. */
export function ago(ms: number, language: Language): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const words = new Intl.RelativeTimeFormat(LOCALES[language])
  if (seconds < 60) return words.format(-seconds, 'second')
  if (seconds < 3600) return words.format(-Math.floor(seconds / 60), 'minute')
  return seconds < 86_400
    ? words.format(-Math.floor(seconds / 3600), 'hour')
    : words.format(-Math.floor(seconds / 86_400), 'day')
}
