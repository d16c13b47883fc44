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
