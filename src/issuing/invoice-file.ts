import { listDue } from '../client/index.ts'
import { until, untilSealed } from '../client/until-sealed.ts'
import { UsageError } from '../node/failure.ts'
import { type Programme, parseRetail, RETAIL_HEADER, type RetailLine } from '../programmes/index.ts'
import { type ImportedEvent, type ImportOptions, type ImportReport, ImportRun } from './import-run.ts'

const QUARTER_MS = 900_000
/** Invoices that are taken at once, at most. */
const GROUP_EVENTS = 1000
/** A ledger of which the time is further from the clock than this follows its entries. */
const FOLLOWS_MS = 86_400_000

/** An invoice, from all of its rows wherever they stand. */
interface Invoice {
  readonly number: string
  readonly customer: string
  readonly country: string
  timeMs: number
  thousandths: number
}

/**
 * Imports invoices (UCI "Online Retail") under a programme that has events `purchase` or `order`, and perhaps `return`:
 * each invoice of a member is one event, summed over its rows wherever they stand. A cancelled invoice names none that
 * it cancels: it takes back of the member's latest purchase before it of which so much is left. Ledger time follows the
 * data where the ledger's does.
 *
 * @throws FormatError `csv-line`; UsageError `clock`, `settings`; ClientError; OutcomeError.
 */
export async function importRetail(
  lines: AsyncIterable<string>,
  programme: Programme,
  options: ImportOptions,
): Promise<ImportReport> {
  const read = { lines: 0, badLines: 0 }
  const invoices = await invoicesOf(lines, options, read)
  const { time, skewMs } = await options.client.ledger()
  await refuseClock(time, invoices[0], options, programme)
  const form = new EventForm(programme)
  const isFollowing = Math.abs(Date.now() - time) > FOLLOWS_MS
  let latestMs = isFollowing ? time : 0
  const run = await ImportRun.open(programme, options, {
    nowMs: () => (isFollowing ? latestMs : Date.now()),
    reversalMs: event => (isFollowing ? Math.max(latestMs, event.timeMs) : Date.now()),
  })
  Object.assign(run.report, read)
  let isComplete = false
  try {
    for (const [done, group] of together(invoices, isFollowing ? skewMs : undefined)) {
      if (options.signal.aborted) break
      options.onProgress(done, invoices.length)
      await run.take(await form.eventsOf(group, run))
      latestMs = Math.max(latestMs, group.at(-1)!.timeMs)
    }
    isComplete = !options.signal.aborted
  } finally {
    await run.end().catch((error: unknown) => {
      if (isComplete) throw error
    })
  }
  if (isComplete) await nothingDue(options)
  options.onProgress(invoices.length, invoices.length)
  return { ...run.report, isComplete }
}

/** The invoices of members, by their times. */
async function invoicesOf(
  lines: AsyncIterable<string>,
  { skipBad }: ImportOptions,
  read: { lines: number; badLines: number },
): Promise<Invoice[]> {
  const invoices = new Map<string, Invoice>()
  for await (const line of lines) {
    read.lines++
    // Spreadsheets end in blank lines and rows of commas.
    if (/^[,\s]*$/.test(line) || (read.lines === 1 && line === RETAIL_HEADER)) continue
    let row: RetailLine
    try {
      row = parseRetail(line, read.lines)
    } catch (error) {
      if (!skipBad) throw error
      read.badLines++
      continue
    }
    const { invoice: number, customer, country, quantity, priceThousandths, timeMs } = row
    if (customer === undefined) continue
    const key = `${number} ${customer}`
    const invoice = invoices.get(key) ?? { number, customer, country, timeMs, thousandths: 0 }
    invoice.thousandths += quantity * priceThousandths
    invoice.timeMs = Math.min(invoice.timeMs, timeMs)
    invoices.set(key, invoice)
  }
  const isWorth = ({ number, thousandths }: Invoice) => (number.startsWith('C') ? thousandths < 0 : thousandths > 0)
  return [...invoices.values()].filter(isWorth).sort((a, b) => a.timeMs - b.timeMs || (a.number < b.number ? -1 : 1))
}

/**
 * What is taken at once, with how many were before. Where ledger time follows the invoices, they are near each other:
 * no date of points lies between, and a reversal has a time near that of the batch.
 *
 * @param skewMs - of such a ledger.
 */
function* together(
  invoices: readonly Invoice[],
  skewMs: number | undefined,
): Generator<readonly [before: number, group: Invoice[]]> {
  const quarterOf = ({ timeMs }: Invoice) => Math.floor(timeMs / QUARTER_MS)
  const isNear = (a: Invoice, b: Invoice) =>
    skewMs === undefined || (quarterOf(a) === quarterOf(b) && b.timeMs - a.timeMs < skewMs)
  let from = 0
  for (let i = 1; i <= invoices.length; i++) {
    if (i < invoices.length && i - from < GROUP_EVENTS && isNear(invoices[from]!, invoices[i]!)) continue
    yield [from, invoices.slice(from, i)]
    from = i
  }
}

/** How events of a programme are made of invoices: its fields say which of an invoice's values they want. */
class EventForm {
  readonly #bought: string
  readonly #returned: string | undefined
  readonly #programme: Programme
  /** Of each member of the run the purchases of which something is left, the earliest first. */
  readonly #left = new Map<string, { match: string; timeMs: number; left: number }[]>()

  constructor(programme: Programme) {
    const bought = ['purchase', 'order'].find(name => programme.events.has(name))
    if (bought === undefined)
      throw new UsageError('settings', `The programme ${programme.name} has no event "purchase" or "order".`)
    this.#bought = bought
    this.#returned = programme.events.has('return') ? 'return' : undefined
    this.#programme = programme
  }

  async eventsOf(invoices: readonly Invoice[], run: ImportRun): Promise<ImportedEvent[]> {
    const events: ImportedEvent[] = []
    for (const invoice of invoices) {
      const { number, customer, timeMs, thousandths } = invoice
      const id = `${number}-${customer}`
      const left = await this.#leftOf(customer, run)
      if (!number.startsWith('C')) {
        events.push({
          id,
          type: this.#bought,
          time: timeMs,
          member: customer,
          data: this.#fields(this.#bought, invoice, number),
        })
        if (!left.some(({ match }) => match === number))
          left.push({ match: number, timeMs, left: this.#worth(thousandths) })
        continue
      }
      if (this.#returned === undefined) continue
      // It was taken by an earlier run, and says itself what it took back.
      const before = await run.was(id)
      const worth = this.#worth(-thousandths)
      const open = left.filter(one => one.timeMs <= timeMs && one.left > 0).reverse()
      const original = open.find(one => one.left >= worth) ?? open.sort((a, b) => b.left - a.left)[0]
      if (before || original === undefined) continue
      original.left = Math.max(0, original.left - worth)
      const data = this.#fields(this.#returned, invoice, original.match)
      events.push({ id, type: this.#returned, time: timeMs, member: customer, data })
    }
    return events
  }

  async #leftOf(member: string, run: ImportRun) {
    const known = this.#left.get(member)
    if (known !== undefined) return known
    const found = (await run.originals(member, this.#bought)).map(one => ({ ...one }))
    found.sort((a, b) => a.timeMs - b.timeMs)
    this.#left.set(member, found)
    return found
  }

  /** What a purchase is worth in the unit in which the programme counts it. */
  #worth(thousandths: number): number {
    return this.#programme.events.get(this.#bought)!.record.fields['thousandths'] === undefined
      ? Math.floor(thousandths / 10)
      : thousandths
  }

  /** The fields that the document names, of those that an invoice has. */
  #fields(type: string, { country, thousandths }: Invoice, number: string): object {
    const value = Math.abs(thousandths)
    const cents = Math.floor(value / 10)
    const known: Record<string, number | string> = {
      invoice: number,
      order: number,
      thousandths: value,
      cents,
      paid: cents,
      refunded: cents,
      shop: country,
    }
    const { required } = this.#programme.events.get(type)!.record
    const unknown = required.find(name => known[name] === undefined)
    if (unknown !== undefined)
      throw new UsageError('settings', `An invoice has no "${unknown}", which events "${type}" of the programme have.`)
    return Object.fromEntries(required.map(name => [name, known[name]!]))
  }
}

/** Refuses a ledger that lives later than the data, and on which nothing of it is yet: all points would be past. */
async function refuseClock(
  time: number,
  first: Invoice | undefined,
  { client }: ImportOptions,
  { name }: Programme,
): Promise<void> {
  if (first === undefined || time <= first.timeMs) return
  const isBegun = (await client.registry()).some(
    ({ transaction }) => transaction.kind === 'publish-rule' && transaction.name.startsWith(`${name}-v`),
  )
  if (isBegun) return
  throw new UsageError(
    'clock',
    `The ledger's time is ${new Date(time).toISOString()}, later than the first invoice. Points expire by ` +
      'ledger time, so import into a ledger whose time follows its entries: tally init --clock 2010-12-01',
  )
}

/**
 * Waits until the ledger has written down whatever expired by the time of the last invoice, and published that: an
 * audit of a checkpoint before it would find it overdue.
 */
async function nothingDue({ client, root, signal }: ImportOptions): Promise<void> {
  const caller = client.as(root)
  await until(signal, async () => (await listDue(caller, 1)).accounts.length === 0)
  await untilSealed(client, signal)
}
