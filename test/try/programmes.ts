import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import {
  CountersInMemory,
  checkOne,
  evaluate,
  issueDetails,
  type Programme,
  parseBehaviour,
  parseEvent,
  parseProgramme,
  parseRetail,
  RETAIL_HEADER,
  TEMPLATES,
} from '../../src/programmes/index.ts'
import { notAtHand, realInput } from './real-input.ts'
import { sumIn, throughGateway } from './through-gateway.ts'

/** The two rules of importers as documents: `npm run try:programmes` gives real files to them. */
export const BEHAVIOUR = parseProgramme(JSON.stringify(TEMPLATES['behaviour']))
export const PURCHASE = parseProgramme(JSON.stringify(TEMPLATES['purchase']))

/** What a document gave for the events of a file. */
export interface Sum {
  readonly events: number
  readonly members: number
  readonly points: number
  readonly unrewarded: number
}

/** Evaluates events one after another, checks each reward alone, and sums up. */
class Summing {
  readonly #programme: Programme
  readonly #counters = new CountersInMemory()
  readonly #members = new Set<string>()
  #events = 0
  #points = 0
  #unrewarded = 0

  constructor(programme: Programme) {
    this.#programme = programme
  }

  /** Points and dates that an event gives. */
  take(event: object): { points: number; matures: number; expires: number } {
    const programme = this.#programme
    const parsed = parseEvent(programme, JSON.stringify(event))
    const found = evaluate(programme, this.#counters.of(parsed.member), parsed)
    if (found.status !== 'taken') throw new Error(`the event ${parsed.id} is ${found.status}`)
    this.#counters.apply(parsed.member, found.changes)
    this.#events++
    const [issue] = found.issues
    if (issue === undefined) {
      this.#unrewarded++
      return { points: 0, matures: 0, expires: 0 }
    }
    const alone = checkOne(programme, issueDetails(programme, found, issue))
    if (alone.due !== issue.due) throw new Error(`alone, ${parsed.id} gives ${alone.due}, and not ${issue.due}`)
    this.#members.add(parsed.member)
    this.#points += issue.due
    return { points: issue.due, matures: issue.matures, expires: issue.expires }
  }

  get sum(): Sum {
    return { events: this.#events, members: this.#members.size, points: this.#points, unrewarded: this.#unrewarded }
  }
}

/** Lines of behaviour as events of the document, in whatever order they come. */
export class BehaviourEvents {
  readonly #summing = new Summing(BEHAVIOUR)
  readonly #repeats = new Map<string, number>()
  #lines = 0

  take(line: string): number {
    const { user, item, category, behaviour, timeMs } = parseBehaviour(line, ++this.#lines)
    const repeat = this.#repeats.get(line) ?? 0
    this.#repeats.set(line, repeat + 1)
    const data = { item, category }
    return this.#summing.take({ id: `${line},${repeat}`, type: behaviour, time: timeMs, member: user, data }).points
  }

  get sum(): Sum {
    return this.#summing.sum
  }
}

export interface Purchase {
  readonly invoice: string
  readonly customer: string
  readonly country: string
  readonly timeMs: number
  thousandths: number
}

/** Purchases of a file of invoices, summed by invoice wherever its rows stand, and cancelled ones left out. */
export class Purchases {
  readonly #purchases = new Map<string, Purchase>()
  #lines = 0

  add(line: string): void {
    this.#lines++
    if (line === '' || line === RETAIL_HEADER) return
    const { invoice, quantity, timeMs, priceThousandths, customer, country } = parseRetail(line, this.#lines)
    if (customer === undefined || invoice.startsWith('C')) return
    const key = `${invoice} ${customer}`
    this.#of(key, { invoice, customer, country, timeMs, thousandths: 0 }).thousandths += quantity * priceThousandths
  }

  #of(key: string, fresh: Purchase): Purchase {
    const purchase = this.#purchases.get(key) ?? fresh
    this.#purchases.set(key, purchase)
    return purchase
  }

  /** The purchases that are worth something, by their times. */
  get all(): readonly Purchase[] {
    const found = [...this.#purchases.values()].filter(({ thousandths }) => thousandths > 0)
    return found.sort((a, b) => a.timeMs - b.timeMs || (a.invoice < b.invoice ? -1 : 1))
  }

  /** Points that another document gives for them, by the units in which it does. */
  under(programme: Programme, type: string, dataOf: (purchase: Purchase) => object): Map<string, number> {
    const counters = new CountersInMemory()
    const points = new Map<string, number>()
    for (const purchase of this.all) {
      const id = `${purchase.invoice}-${purchase.customer}`
      const event = { id, type, time: purchase.timeMs, member: purchase.customer, data: dataOf(purchase) }
      const found = evaluate(programme, counters.of(purchase.customer), parseEvent(programme, JSON.stringify(event)))
      if (found.status !== 'taken') throw new Error(`the event ${id} is ${found.status}`)
      counters.apply(purchase.customer, found.changes)
      for (const { rule, due } of found.issues) points.set(rule.unit, (points.get(rule.unit) ?? 0) + due)
    }
    return points
  }

  /** What the document gives for each. */
  rewards(): { sum: Sum; each: { invoice: string; points: number; matures: number; expires: number }[] } {
    const summing = new Summing(PURCHASE)
    const each = [...this.#purchases.values()].map(({ invoice, customer, timeMs, thousandths }) => {
      const id = `${invoice}-${customer}`
      const event = { id, type: 'purchase', time: timeMs, member: customer, data: { invoice, thousandths } }
      return { invoice, ...summing.take(event) }
    })
    return { sum: summing.sum, each }
  }
}

/** Member points and shops as of the year of the invoices: programmes 2 and 6. */
export const OF_INVOICES = ['membership', 'merchants'].map(name =>
  parseProgramme(
    JSON.stringify({
      ...TEMPLATES[name],
      from: '2010-12-01T00:00Z',
      day: '+00:00',
      late: '732d',
      name: `${name}-2010`,
    }),
  ),
) as [membership: Programme, merchants: Programme]

/** What each wants of a purchase. */
const DATA_OF: readonly [type: string, dataOf: (purchase: Purchase) => object][] = [
  ['order', ({ invoice, thousandths }) => ({ order: invoice, paid: Math.floor(thousandths / 10) })],
  [
    'purchase',
    ({ invoice, country, thousandths }) => ({ order: invoice, shop: country, cents: Math.floor(thousandths / 10) }),
  ],
]

/** Points of purchases by their units, as the function gives them. */
export function underBoth(purchases: Purchases): Record<string, number> {
  const [tiers, shops] = OF_INVOICES.map((programme, i) => purchases.under(programme, ...DATA_OF[i]!))
  return { growth: tiers!.get('growth')!, points: tiers!.get('points')!, stars: shops!.get('stars')! }
}

/** The same, as events that a shop's gateway takes over HTTP, with a ledger beside it. */
export async function throughGateways(purchases: Purchases, asked: number): Promise<Record<string, number>> {
  const sums: Record<string, number> = {}
  for (const [i, programme] of OF_INVOICES.entries()) {
    const [type, dataOf] = DATA_OF[i]!
    const events = purchases.all.map(purchase => ({
      id: `${purchase.invoice}-${purchase.customer}`,
      ...{ type, time: purchase.timeMs, member: purchase.customer, data: dataOf(purchase) },
    }))
    const figures = await throughGateway(programme.value, events, asked)
    for (const unit of figures.points.keys()) sums[unit] = sumIn(figures, unit)
  }
  return sums
}

/** The lines of a file, packed or not. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const file = createReadStream(path)
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  for await (const line of createInterface({ input })) yield line
}

/** Points of a year of invoices, summed by invoice; a calculation by rows that stand together finds one less. */
const RETAIL_POINTS = 8_902_670

async function tryBoth(): Promise<void> {
  const [behaviour, invoices] = ['taobao-user-behavior.csv.gz', 'online-retail.csv.gz'].map(name => {
    const path = realInput(name)
    if (path === undefined) throw new Error(notAtHand(name))
    return path
  }) as [string, string]
  const started = performance.now()
  const events = new BehaviourEvents()
  for await (const line of linesOf(behaviour)) if (line !== '') events.take(line)
  console.log(`behaviour, ${BEHAVIOUR.digest}: ${JSON.stringify(events.sum)}`)
  const purchases = new Purchases()
  for await (const line of linesOf(invoices)) purchases.add(line)
  const { sum } = purchases.rewards()
  console.log(`purchase, ${PURCHASE.digest}: ${JSON.stringify(sum)}`)
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s, each reward checked alone`)
  const [alone, gateways] = [underBoth(purchases), await throughGateways(purchases, 200)]
  console.log(`through a gateway, under membership and merchants: ${JSON.stringify(gateways)}`)
  for (const [unit, points] of Object.entries(alone))
    if (gateways[unit] !== points) throw new Error(`the gateway gives ${gateways[unit]} ${unit}, and not ${points}`)
  if (sum.points !== RETAIL_POINTS) throw new Error(`the year gives ${sum.points} points, and not ${RETAIL_POINTS}`)
}

if (process.argv[1] === import.meta.filename) await tryBoth()
