import { csvRowsOf } from '../../node/csv-file.ts'
import { invalid } from '../failure.ts'

/** An order, as the shop's own books have it. */
export interface ShopOrder {
  readonly order: string
  /** What it came to, in cents. */
  readonly cents: number
  readonly timeMs: number
}

/** Points that the ledger has for an order: what one entry gave, less what was taken back of it. */
export interface OrderEarning {
  readonly order: string
  readonly member: string
  readonly unit: string
  /** Log index. */
  readonly entry: number
  readonly points: number
  readonly timeMs: number
}

/** What an order is to earn: so many points for so many cents, less what is left over. */
export interface OrderRate {
  readonly points: number
  readonly per: number
}

/** An order that is not as it should be. */
interface Mismatch {
  readonly what: 'twice' | 'never' | 'too-much' | 'too-little' | 'unknown'
  readonly order: string
  /** What it came to, in cents; not there where the shop does not know the order. */
  readonly cents?: number
  readonly points: number
  /** What it should have earned, where that was said. */
  readonly expected?: number
  /** Log indexes of what it earned. */
  readonly entries: readonly number[]
}

/** What came of comparing orders with a ledger. */
export interface Reconciliation {
  readonly orders: number
  readonly points: number
  readonly matched: number
  /** How many of each; in the list are the first of them. */
  readonly counts: Readonly<Record<Mismatch['what'], number>>
  readonly mismatches: readonly Mismatch[]
}

/** Mismatches that are listed. */
const LISTED_MAX = 10_000
const DAY_MS = 86_400_000

/**
 * Compares the orders of a shop with what the ledger gave for them: which earned twice, never, too much or too little,
 * and what was earned for orders that the shop does not have.
 *
 * @param orders - each once.
 * @param earnings - all there are; of those for orders that are not listed, only those count that lie between the first
 *   order and a day behind the last.
 * @param rate - without it nothing is too much or too little.
 */
export function reconcile(
  orders: readonly ShopOrder[],
  earnings: Iterable<OrderEarning>,
  rate: OrderRate | undefined,
): Reconciliation {
  const byOrder = new Map<string, OrderEarning[]>(orders.map(({ order }) => [order, []]))
  const unknown = new Map<string, OrderEarning[]>()
  const [first, last] = orders.reduce(
    ([low, high], { timeMs }) => [Math.min(low, timeMs), Math.max(high, timeMs)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  for (const earning of earnings) {
    // What was taken back whole is as if it had never been.
    if (earning.points <= 0) continue
    const known = byOrder.get(earning.order)
    if (known !== undefined) known.push(earning)
    else if (earning.timeMs >= first && earning.timeMs < last + DAY_MS)
      unknown.set(earning.order, [...(unknown.get(earning.order) ?? []), earning])
  }
  const found: Mismatch[] = []
  let points = 0
  for (const { order, cents } of orders) {
    const earned = byOrder.get(order)!
    const sum = sumOf(earned)
    points += sum
    const expected = rate === undefined ? undefined : expectedOf(cents, rate)
    const what = mismatchOf(earned.length, sum, expected)
    if (what === undefined) continue
    const due = expected === undefined ? {} : { expected }
    found.push({ what, order, cents, points: sum, ...due, entries: earned.map(({ entry }) => entry) })
  }
  for (const [order, earned] of unknown)
    found.push({ what: 'unknown', order, points: sumOf(earned), entries: earned.map(({ entry }) => entry) })
  const counts = { twice: 0, never: 0, 'too-much': 0, 'too-little': 0, unknown: 0 }
  for (const { what } of found) counts[what]++
  const matched = orders.length - (found.length - counts.unknown)
  return { orders: orders.length, points, matched, counts, mismatches: found.slice(0, LISTED_MAX) }
}

function mismatchOf(count: number, sum: number, expected: number | undefined): Mismatch['what'] | undefined {
  if (count > 1) return 'twice'
  if (count === 0) return expected === 0 ? undefined : 'never'
  if (expected === undefined || sum === expected) return undefined
  return sum > expected ? 'too-much' : 'too-little'
}

/** Whole points, exact: amounts may be large. */
function expectedOf(cents: number, { points, per }: OrderRate): number {
  return Number((BigInt(cents) * BigInt(points)) / BigInt(per))
}

const sumOf = (earned: readonly OrderEarning[]) => earned.reduce((sum, { points }) => sum + points, 0)

/** Names of columns that are understood without being said. */
const COLUMNS = {
  order: ['order', 'order_id', 'order-id', 'orderid', 'id'],
  amount: ['amount', 'total', 'cents'],
  time: ['time', 'date', 'created', 'created_at'],
} as const
export type OrderColumn = keyof typeof COLUMNS

/**
 * The orders of a file of values between commas: a row of names, and a row for each order.
 *
 * @param bytes - untrusted.
 * @param columns - what the columns are called, where that is not one of the usual names.
 * @param isDecimal - whether amounts are such as `12.34` or `12,34`, and not in cents.
 * @throws GatewayError `request-invalid`; FormatError `csv-encoding`, `csv-line`.
 */
export function ordersIn(
  bytes: Uint8Array,
  columns: Readonly<Partial<Record<OrderColumn, string | undefined>>>,
  isDecimal: boolean,
): ShopOrder[] {
  const orders = new Map<string, ShopOrder>()
  let places: Record<OrderColumn, number> | undefined
  for (const { line, cells, fault } of csvRowsOf('the list of orders', bytes)) {
    const refuse = (why: string): never => {
      throw invalid(`line ${line} of the orders: ${why}`)
    }
    if (fault !== undefined) refuse(fault)
    if (places === undefined) {
      places = placesIn(cells, columns, refuse)
      continue
    }
    const at = (column: OrderColumn) => (cells[places![column]] ?? '').trim()
    const order = at('order')
    if (order === '') refuse('there is no order id.')
    if (orders.has(order)) refuse(`order "${order}" is in the list twice.`)
    const cents = centsOf(at('amount'), isDecimal)
    if (cents === undefined)
      refuse(
        `"${at('amount')}" is no amount${isDecimal ? ' such as 12.34' : ' in whole cents; for 12.34 say amounts=decimal'}.`,
      )
    const timeMs = timeOf(at('time'))
    if (timeMs === undefined) refuse(`"${at('time')}" is no time such as 2026-11-30 or 2026-11-30T09:00:00Z.`)
    orders.set(order, { order, cents: cents!, timeMs: timeMs! })
  }
  if (orders.size === 0) throw invalid('There are no orders in the list.')
  return [...orders.values()]
}

function placesIn(
  names: readonly string[],
  columns: Readonly<Partial<Record<OrderColumn, string | undefined>>>,
  refuse: (why: string) => never,
): Record<OrderColumn, number> {
  const placeOf = (column: OrderColumn) => {
    const said = columns[column]
    const usual: readonly string[] = COLUMNS[column]
    const at = names.findIndex(name =>
      said === undefined ? usual.includes(name.trim().toLowerCase()) : name.trim() === said,
    )
    if (at < 0) refuse(`no column "${said ?? column}" among ${names.join(', ')}. Say which it is: ${column}=NAME.`)
    return at
  }
  return { order: placeOf('order'), amount: placeOf('amount'), time: placeOf('time') }
}

function centsOf(text: string, isDecimal: boolean): number | undefined {
  const parts = isDecimal ? /^(\d{1,12})(?:[.,](\d{1,2}))?$/.exec(text) : /^(\d{1,14})$/.exec(text)
  if (parts === null) return undefined
  return isDecimal ? Number(parts[1]) * 100 + Number((parts[2] ?? '').padEnd(2, '0')) : Number(parts[1])
}

function timeOf(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(text)) return undefined
  const day = Date.parse(`${text.slice(0, 10)}T00:00:00Z`)
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text.slice(0, 10)) return undefined
  // A time without a zone is of UTC.
  const whole = text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')
  const timeMs = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/.test(whole.slice(10)) ? whole : `${whole}Z`)
  return Number.isNaN(timeMs) ? undefined : timeMs
}
