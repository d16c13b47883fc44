import { FormatError } from '../../core/failure.ts'
import { DAY_QUARTERS } from '../../core/limits.ts'
import type { Due, Evaluator } from '../evaluator.ts'

/**
 * The published rule by which purchases earn points. The text is what is published: its SHA-256 stands on the log as
 * the digest of a `publish-rule`, and the code below reads its numbers from here.
 */
export const RETAIL_RULE = {
  name: 'purchase-v1',
  pointsPerPound: 1,
  maturesAfterDays: 14,
  expiresAfterDays: 90,
  redeemedAtTheNextPurchaseWithAtLeast: 500,
  cancellationsReverseTheLatestIssuesFirst: true,
} as const

/** The rule as it is published. */
export const RETAIL_RULE_TEXT: string = JSON.stringify(RETAIL_RULE)

/** A line of the UCI data set "Online Retail": one article of an invoice. */
export interface RetailLine {
  readonly invoice: string
  readonly quantity: number
  readonly timeMs: number
  /** Price of one, in thousandths of a pound: some prices have three decimals. */
  readonly priceThousandths: number
  /** Undefined where the buyer is not a member. */
  readonly customer: string | undefined
  readonly country: string
}

/** First line of a file. */
export const RETAIL_HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'

const DATE = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/

/**
 * The article that a line holds.
 *
 * @param line - untrusted, without its end.
 * @throws FormatError `csv-line`, its message naming the line number.
 */
export function parseRetail(line: string, lineNumber: number): RetailLine {
  const refuse = (what: string): never => {
    throw new FormatError('csv-line', `line ${lineNumber}: ${what}, found ${JSON.stringify(line.slice(0, 120))}`)
  }
  const fields = fieldsOf(line)
  if (fields?.length !== 8) return refuse('expected 8 fields of an invoice')
  const [invoice, , , quantity, date, price, customer, country] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if (!/^[A-Z]?\d{6}$/.test(invoice)) refuse('expected an invoice number')
  if (!/^-?\d{1,7}$/.test(quantity)) refuse('expected a quantity')
  const match = DATE.exec(date) ?? refuse('expected a date such as 2010-12-01 08:26:00')
  const timeMs = timeFrom(match.slice(1).map(Number)) ?? refuse('expected a date that there is')
  const amount = /^(-?)(\d{1,7})(?:\.(\d{1,3}))?$/.exec(price) ?? refuse('expected a price')
  const thousandths = Number(amount[2]) * 1000 + Number((amount[3] ?? '').padEnd(3, '0'))
  const buyer = /^(\d{1,9})(?:\.0)?$/.exec(customer)?.[1]
  if (buyer === undefined && customer !== '') refuse('expected a customer number or nothing')
  return {
    invoice,
    quantity: Number(quantity),
    timeMs,
    priceThousandths: amount[1] === '-' ? -thousandths : thousandths,
    customer: buyer,
    country,
  }
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
const isLeap = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/**
 * Milliseconds since 1970 of year, month, day, hour, minute, second (UTC, from 1970 on); undefined where there is no
 * such time.
 */
function timeFrom(parts: readonly number[]): number | undefined {
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number]
  const daysOf = (m: number) => (m === 2 && isLeap(year) ? 29 : MONTH_DAYS[m - 1]!)
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > daysOf(month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  let days = day - 1
  for (let y = 1970; y < year; y++) days += isLeap(y) ? 366 : 365
  for (let m = 1; m < month; m++) days += daysOf(m)
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000
}

/** The fields of a line of CSV (RFC 4180), or undefined where its quotes do not fit. */
function fieldsOf(line: string): string[] | undefined {
  if (!line.includes('"')) return line.split(',')
  const fields: string[] = []
  const field = /"((?:[^"]|"")*)"(?:,|$)|([^",]*)(?:,|$)/y
  while (field.lastIndex < line.length) {
    const match = field.exec(line)
    if (match === null) return undefined
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!)
  }
  if (line.endsWith(',')) fields.push('')
  return fields
}

/** How many, and at what price in thousandths of a pound. */
type InvoiceLine = readonly [quantity: number, priceThousandths: number]

/** What the text of an invoice says. */
interface InvoiceText {
  readonly invoice: string
  readonly part: number
  readonly customer: string
  readonly timeMs: number
  readonly lines: readonly InvoiceLine[]
}

const nameOf = (invoice: string, part: number) => `${invoice}#${part}`
const isCancellation = (invoice: string) => invoice.startsWith('C')

/** Whole pounds, rounded down; `NaN` where a sum on the way there is no whole number that is exact. */
function pointsOf(lines: readonly InvoiceLine[]): number {
  let thousandths = 0
  for (const [quantity, price] of lines) {
    thousandths += quantity * price
    if (!Number.isSafeInteger(quantity * price) || !Number.isSafeInteger(thousandths)) return Number.NaN
  }
  return Math.floor(thousandths / 1000) * RETAIL_RULE.pointsPerPound
}

/** The quarter hours in which points of a purchase mature and expire: so many days after the end of its hour. */
export function lotOf(timeMs: number): { readonly matures: number; readonly expires: number } {
  const hour = HOUR_QUARTERS * Math.ceil(timeMs / HOUR_MS)
  const { maturesAfterDays, expiresAfterDays } = RETAIL_RULE
  return { matures: hour + maturesAfterDays * DAY_QUARTERS, expires: hour + expiresAfterDays * DAY_QUARTERS }
}

const HOUR_MS = 3_600_000
const HOUR_QUARTERS = 4

/** What the rule gives for invoices that issues commit to: points, and when they mature and expire. */
export const retailEvaluator: Evaluator = {
  due(text: string): Due | undefined {
    const found = invoiceOf(text)
    if (found === undefined) return undefined
    const { invoice, part, timeMs, lines } = found
    // A sum that is not exact is of no use, also where it would not count.
    const sum = Math.max(0, pointsOf(lines))
    const amount = isCancellation(invoice) && !Number.isNaN(sum) ? 0 : sum
    return Number.isSafeInteger(amount) ? { event: nameOf(invoice, part), amount, ...lotOf(timeMs) } : undefined
  },
}

/** The invoice that a text says; undefined where it says none. @param text - untrusted. */
function invoiceOf(text: string): InvoiceText | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { invoice, part, customer, timeMs, lines } = value as Record<string, unknown>
  const isInvoice = typeof invoice === 'string' && /^[A-Z]?\d{6}$/.test(invoice)
  const isWhole = [part, timeMs].every(one => Number.isSafeInteger(one) && Number(one) >= 0)
  // RFC 8785 has no way to write half a letter.
  const isText = typeof customer === 'string' && !/\p{Surrogate}/u.test(customer)
  if (!isInvoice || !isWhole || !isText || !Array.isArray(lines) || !lines.every(isLine)) return undefined
  // In these very bytes: no name twice, none more, no other way to write a number, over which readers could differ.
  return JSON.stringify({ invoice, part, customer, timeMs, lines }) === text ? (value as InvoiceText) : undefined
}

function isLine(value: unknown): value is InvoiceLine {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger)
}
