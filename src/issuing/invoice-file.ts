import { QUARTER_MS } from '../account/dates.ts'
import { AccountHistory } from '../account/history.ts'
import { heldIn, isPast, sharesOf, sumOf } from '../account/holdings.ts'
import {
  type ListedRecord,
  leafOf,
  listDue,
  makeTransaction,
  type SigningKey,
  type TallyClient,
} from '../client/index.ts'
import { refusal } from '../client/refused-transaction.ts'
import { until, untilSealed } from '../client/until-sealed.ts'
import { equalBytes, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { commitmentOf } from '../core/entry/details.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { type DefineUnit, encodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { DETAILS_BYTES_MAX } from '../core/limits.ts'
import type { DetailsWriter } from '../files/details-file.ts'
import { UsageError } from '../node/failure.ts'
import {
  type Invoice,
  lotOf,
  parseRetail,
  RETAIL_HEADER,
  RETAIL_RULE,
  RETAIL_RULE_TEXT,
  RetailProgram,
} from '../programmes/index.ts'
import { Derivation } from './derivation.ts'
import { submitProven } from './submit-proven.ts'

export interface RetailOptions {
  /** How the refusal of the entry at an index is proved to others, in words for people. */
  readonly proofWords?: (index: number) => string
  readonly client: TallyClient
  readonly registrar: SigningKey
  readonly issuer: SigningKey
  /** Publishes the rule if it is not on the log yet. */
  readonly root: SigningKey
  /**
   * Secret from which ids, nonces and the owner keys of imported members are derived, so that a second run makes the
   * same.
   */
  readonly secret: Uint8Array
  /** Keeps what stands behind the commitments of the issues, before they are sent. */
  readonly details?: DetailsWriter
  readonly signal: AbortSignal
  readonly onProgress: (done: number, total: number) => void
}

export interface RetailReport {
  lines: number
  invoices: number
  members: number
  newMembers: number
  issues: number
  redemptions: number
  reversals: number
  issued: number
  redeemed: number
  reversed: number
  /**
   * Points of cancelled invoices that were spent or expired before: the policy of the unit takes back only what is
   * left.
   */
  notTakenBack: number
  /** Transactions that this run wrote; the others were there. */
  newTransactions: number
  isComplete: boolean
}

const BATCH_TRANSACTIONS = 1000
/** Signatures that a batch has room for beside those of issuer and merchant (SPEC §13). */
const OWNERS_A_BATCH = 14

/** A member as the import knows her: her account, made from the very entries that it sends. */
interface Member {
  readonly account: number
  readonly seed: Uint8Array
  readonly history: AccountHistory
  /** Her issues, the latest last, and what of each is left to reverse. */
  readonly issues: { readonly id: Uint8Array; readonly expires: number; left: number }[]
}

/**
 * Imports a year of invoices: points for what was bought, redeemed at the next purchase when there are enough, taken
 * back when an invoice is cancelled. Ledger time follows the data. Everything it sends has an id derived from its
 * invoice, so whatever a run that was cut off has done counts once.
 *
 * @throws FormatError `csv-line`; UsageError `clock`; ClientError; OutcomeError when anything is refused.
 */
export async function importRetail(lines: AsyncIterable<string>, options: RetailOptions): Promise<RetailReport> {
  const run = new RetailRun(options)
  const invoices = await run.read(lines)
  await run.begin(invoices)
  await run.openMembers(invoices)
  for (const [i, invoice] of invoices.entries()) {
    if (options.signal.aborted) return { ...run.report, isComplete: false }
    await run.take(invoice)
    if (i % 100 === 0) options.onProgress(i, invoices.length)
  }
  await run.flush()
  await run.waitUntilNothingIsDue()
  options.onProgress(invoices.length, invoices.length)
  return { ...run.report, isComplete: true }
}

/**
 * The treasury of the unit. Its number is the ledger's word: it is taken where the registry, which is proven, has a
 * merchant's key that may take points into that account.
 *
 * @throws UsageError `no-treasury`.
 */
function treasuryOf(number: number | undefined, records: readonly ListedRecord[]): number {
  const isNamed = records.some(
    ({ transaction, until }) =>
      transaction.kind === 'register-key' &&
      transaction.role === 'merchant' &&
      until === 0 &&
      number !== undefined &&
      transaction.scope.includes(number),
  )
  if (isNamed) return number!
  throw new UsageError('no-treasury', 'The unit has no treasury that the key of a merchant may take points into.')
}

class RetailRun {
  readonly report: RetailReport = {
    lines: 0,
    invoices: 0,
    members: 0,
    newMembers: 0,
    issues: 0,
    redemptions: 0,
    reversals: 0,
    issued: 0,
    redeemed: 0,
    reversed: 0,
    notTakenBack: 0,
    newTransactions: 0,
    isComplete: false,
  }
  readonly #options: RetailOptions
  readonly #derived: Derivation
  readonly #members = new Map<string, Member>()
  #unit!: DefineUnit & { readonly record: number; readonly leaf: Uint8Array }
  #rule = 0
  #budget = 0
  #treasury = 0
  #skewMs = 0
  #batch: Transaction[] = []
  /** Time of the first invoice of the batch. */
  #batchMs = 0
  /** Accounts whose owners sign the batch. */
  #owners = new Map<number, Uint8Array>()

  constructor(options: RetailOptions) {
    this.#options = options
    this.#derived = new Derivation(options.secret)
  }

  /** The invoices of a file that are worth a point, in order. */
  async read(lines: AsyncIterable<string>): Promise<Invoice[]> {
    const { report } = this
    const program = new RetailProgram()
    const invoices: (Invoice | undefined)[] = []
    for await (const line of lines) {
      report.lines++
      if (report.lines === 1 && line === RETAIL_HEADER) continue
      invoices.push(program.add(parseRetail(line, report.lines)))
    }
    invoices.push(program.end())
    const found = invoices.filter(one => one !== undefined)
    report.invoices = found.length
    return found
  }

  /** Finds unit, budget and treasury, publishes the rule, and refuses a ledger that lives later than the data. */
  async begin([first]: readonly Invoice[]): Promise<void> {
    const { client, issuer, root } = this.#options
    const { units, time, skewMs } = await client.ledger()
    const records = await client.registry()
    const key = 'record' in issuer.holder ? records[issuer.holder.record]?.transaction : undefined
    const unit = records.find(({ transaction }) => transaction.kind === 'define-unit')
    if (key?.kind !== 'register-key' || unit?.transaction.kind !== 'define-unit')
      throw new UsageError('not-an-issuer', 'The key is not registered as an issuer with this ledger.')
    const isBegun = records.some(({ transaction }) => transaction.kind === 'publish-rule')
    if (first !== undefined && !isBegun && time > first.timeMs)
      throw new UsageError(
        'clock',
        `The ledger's time is ${new Date(time).toISOString()}, later than the first invoice. Points expire by ` +
          'ledger time, so import into a ledger whose time follows its entries: tally init --clock 2010-12-01',
      )
    this.#unit = { ...unit.transaction, record: unit.number, leaf: leafOf(unit.transaction) }
    this.#skewMs = skewMs
    this.#budget = key.scope[0]!
    this.#treasury = treasuryOf(units.find(({ record }) => record === unit.number)?.treasury ?? undefined, records)
    const digest = engine().sha256(utf8Encode(RETAIL_RULE_TEXT))
    const published = records.find(
      ({ transaction }) => transaction.kind === 'publish-rule' && equalBytes(transaction.digest, digest),
    )
    this.#rule = published?.number ?? records.length
    if (published !== undefined || first === undefined) return
    const id = this.#derived.id(Math.max(first.timeMs, time), `rule ${RETAIL_RULE.name}`)
    await this.#submit([makeTransaction('publish-rule', { id, name: RETAIL_RULE.name, digest })], [root])
  }

  /** Opens an account for each member who buys, as of the first invoice. */
  async openMembers(invoices: readonly Invoice[]): Promise<void> {
    const { registrar } = this.#options
    const names = [...new Set(invoices.filter(one => !one.isCancelled).map(({ customer }) => customer))]
    for (let at = 0; at < names.length; at += BATCH_TRANSACTIONS) {
      const page = names.slice(at, at + BATCH_TRANSACTIONS)
      const opened = page.map(name => {
        const { owner, nonce } = this.#derived.member(name)
        const id = this.#derived.id(invoices[0]!.timeMs, `open ${name}`)
        const { record: unit, leaf: terms } = this.#unit
        return makeTransaction('open-account', { id, accountKind: 'member', unit, terms, owner, nonce })
      })
      const { answer, entries } = await this.#submit(opened, [registrar])
      for (const [position, account] of answer.accounts) {
        const history = new AccountHistory(account, this.#unit)
        history.take(entries[position]!, invoices[0]!.timeMs)
        this.#members.set(page[position]!, {
          account,
          seed: this.#derived.member(page[position]!).seed,
          history,
          issues: [],
        })
      }
      this.report.members += page.length
      this.report.newMembers += page.length - answer.existed.length
    }
  }

  /** What an invoice does: spends what was earned and earns, or takes back. */
  async take(invoice: Invoice): Promise<void> {
    const member = this.#members.get(invoice.customer)
    if (member === undefined) {
      // Returned by someone who had bought nothing before the data begins.
      this.report.notTakenBack += invoice.points
      return
    }
    if (this.#isFull(invoice)) await this.flush()
    if (this.#batch.length === 0) this.#batchMs = invoice.timeMs
    if (invoice.isCancelled) this.#takeBack(member, invoice)
    else this.#buy(member, invoice)
  }

  /**
   * Whether an invoice is for the next batch. A batch has one ledger time, that of its last transaction: all of it
   * stands within the skew of that, and in a quarter of an hour, so that no date of points lies between.
   */
  #isFull({ timeMs }: Invoice): boolean {
    if (this.#batch.length === 0) return false
    if (this.#batch.length > BATCH_TRANSACTIONS - 100 || this.#owners.size >= OWNERS_A_BATCH) return true
    const quarter = Math.floor(timeMs / QUARTER_MS)
    return quarter !== Math.floor(this.#batchMs / QUARTER_MS) || timeMs - this.#batchMs > this.#skewMs
  }

  #buy(member: Member, { name, timeMs, points, text }: Invoice): void {
    const { history, account } = member
    const { balance, holdings } = history.member
    const { available } = sharesOf(holdings, balance, timeMs)
    if (available >= RETAIL_RULE.redeemedAtTheNextPurchaseWithAtLeast) {
      const id = this.#derived.id(timeMs, `redeem ${name}`)
      const fields = { id, debit: account, credit: this.#treasury, amount: available }
      this.#add(member, timeMs, makeTransaction('redeem', fields))
      this.#owners.set(account, member.seed)
      this.report.redemptions++
      this.report.redeemed += available
    }
    const id = this.#derived.id(timeMs, `issue ${name}`)
    const lot = lotOf(timeMs)
    const details = this.#commit(name, text)
    const fields = { id, debit: this.#budget, credit: account, amount: points, ...lot, rule: this.#rule, details }
    this.#add(member, timeMs, makeTransaction('issue', fields))
    member.issues.push({ id, expires: lot.expires, left: points })
    this.report.issues++
    this.report.issued += points
  }

  /** The commitment to an invoice; none where its text is longer than details can be. */
  #commit(name: string, text: string): Uint8Array | null {
    if (utf8Encode(text).length > DETAILS_BYTES_MAX) return null
    const behind = this.#derived.details(name, text)
    const commitment = commitmentOf(behind)
    this.#options.details?.add(commitment, behind)
    return commitment
  }

  #takeBack(member: Member, { name, timeMs, points }: Invoice): void {
    const { history, account, issues } = member
    let wanted = points
    for (const issue of issues.toReversed()) {
      const { balance, holdings } = history.member
      const overdue = sumOf(holdings.lots.filter(lot => isPast(lot, timeMs)))
      const there = balance - heldIn(holdings) - overdue
      const amount = Math.min(wanted, issue.left, there)
      if (amount <= 0 || isPast(issue, timeMs)) continue
      const id = this.#derived.id(timeMs, `reverse ${name} ${issues.indexOf(issue)}`)
      const fields = { id, debit: account, credit: this.#budget, amount, original: issue.id }
      this.#add(member, timeMs, makeTransaction('reverse', fields))
      issue.left -= amount
      wanted -= amount
      this.report.reversals++
      this.report.reversed += amount
    }
    this.report.notTakenBack += wanted
  }

  /**
   * Puts a transaction into the batch, and into the member's history, which says at once what could not be accepted.
   */
  #add(member: Member, timeMs: number, transaction: Transaction): void {
    member.history.take(encodeTransaction(transaction), timeMs)
    this.#batch.push(transaction)
  }

  /** Sends what was gathered, in order, and waits until it is durable. */
  async flush(): Promise<void> {
    if (this.#batch.length === 0) return
    await this.#options.details?.flush()
    const owners = [...this.#owners].sort(([a], [b]) => a - b)
    const keys = owners.map(([account, seed]): SigningKey => ({ holder: { account }, seed }))
    const { answer } = await this.#submit(this.#batch, [this.#options.issuer, ...keys])
    this.report.newTransactions += this.#batch.length - answer.existed.length
    this.#batch = []
    this.#owners = new Map()
  }

  async #submit(transactions: readonly Transaction[], keys: readonly SigningKey[]) {
    const entries = transactions.map(encodeTransaction)
    const { client, signal } = this.#options
    const answer = await submitProven(client, entries, keys, signal)
    const refused = answer.statuses.findIndex(status => status !== ACCEPTED)
    if (refused >= 0) throw refusal(answer, refused, transactions[refused]!.kind, this.#options.proofWords)
    return { answer, entries }
  }

  /**
   * Waits until the ledger has written down whatever expired by the time of the last invoice, and published that: an
   * audit of a checkpoint before it would find it overdue.
   */
  async waitUntilNothingIsDue(): Promise<void> {
    const { client, signal } = this.#options
    await until(signal, async () => (await listDue(client, 1)).accounts.length === 0)
    await untilSealed(client, signal)
  }
}
