import { type Holdings, isPast, QUARTER_MS } from '../account/index.ts'
import { SIGNER_RECORD } from '../core/entry/batch.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { Submission } from '../core/entry/submission.ts'
import { ACCOUNT_KINDS, KIND_FUND, KIND_ISSUE, KIND_REDEEM, TransactionView } from '../core/entry/transaction.ts'
import { type LedgerState, Total } from '../ledger/index.ts'

/** Rows of each table that are told apart; what is beyond is one row a unit and month, and of no issuer. */
const ROWS_MAX = 50_000
/** What is beyond that in other tables. */
const REST = -1

/** What one issuer issued in a month out of one budget under one rule. */
export interface IssuedRow {
  readonly unit: number
  readonly month: string
  /** Account number of the budget; -1 for all that were not told apart. */
  readonly budget: number
  /** Record number of the issuer's key; undefined for all that were not told apart, and for a conversion. */
  readonly issuer?: number | undefined
  /** Record of the rule, or of the rate of a conversion; 0 where none was named. */
  readonly rule: number
  readonly transactions: number
  readonly points: bigint
}

/** What became of the account of a merchant in a month. */
export interface ShopRow {
  readonly unit: number
  readonly month: string
  readonly account: number
  /** Paid with points, and given back. */
  readonly redeemed: bigint
  readonly returned: bigint
  /** Paid out, and put into budgets. */
  readonly settled: bigint
  readonly funded: bigint
}

/** What was given of points that expire in a month. */
export interface CohortRow {
  readonly unit: number
  /** The month in which they expire, `never` for none, and that in which they were given. */
  readonly expires: string
  readonly month: string
  readonly points: bigint
}

/** Movements of which the id has a time in an earlier month than the ledger took them in. */
export interface BackdatedRow {
  readonly unit: number
  readonly made: string
  readonly month: string
  readonly transactions: number
  readonly points: bigint
  /** Log index of the first, and of the last. */
  readonly first: number
  readonly last: number
}

/** A row that is being counted: what it is of, its numbers and its sums. */
interface CountedRow {
  readonly of: readonly (string | number)[]
  readonly numbers: number[]
  readonly sums: readonly Total[]
}

/** What was counted, as plain values: sums as decimal digits. */
type KeptRows = readonly (readonly [
  of: readonly (string | number)[],
  numbers: readonly number[],
  sums: readonly string[],
])[]

export interface KeptMonthly {
  readonly issued: KeptRows
  readonly shops: KeptRows
  readonly cohorts: KeptRows
  readonly expired: KeptRows
  readonly backdated: KeptRows
  readonly outcomes: KeptRows
}

/** Rows by what they are of. */
class CountedRows {
  readonly #rows = new Map<string, CountedRow>()
  #last: CountedRow | undefined
  readonly #sums: number
  readonly #numbers: number

  constructor(numbers: number, sums: number) {
    this.#numbers = numbers
    this.#sums = sums
  }

  get size(): number {
    return this.#rows.size
  }

  has(of: CountedRow['of']): boolean {
    return this.#rows.has(of.join(' '))
  }

  at(...of: (string | number)[]): CountedRow {
    // Mostly it is of what the last one was.
    if (this.#last?.of.every((one, i) => one === of[i])) return this.#last
    const key = of.join(' ')
    const row = this.#rows.get(key) ?? this.#add(key, of)
    this.#last = row
    return row
  }

  #add(key: string, of: CountedRow['of']): CountedRow {
    const row: CountedRow = {
      of,
      numbers: new Array<number>(this.#numbers).fill(0),
      sums: Array.from({ length: this.#sums }, () => new Total()),
    }
    this.#rows.set(key, row)
    return row
  }

  kept(): KeptRows {
    return [...this.#rows.values()].map(({ of, numbers, sums }) => [of, numbers, sums.map(one => String(one.value))])
  }

  restore(kept: KeptRows): void {
    this.#last = undefined
    this.#rows.clear()
    for (const [of, numbers, sums] of kept)
      this.#rows.set(of.join(' '), {
        of,
        numbers: [...numbers],
        sums: sums.map(digits => new Total(BigInt(digits))),
      })
  }

  /** All of them, by what they are of. */
  sorted(): CountedRow[] {
    return [...this.#rows.values()].sort((a, b) => {
      const at = a.of.findIndex((one, i) => one !== b.of[i])
      return at < 0 ? 0 : a.of[at]! < b.of[at]! ? -1 : 1
    })
  }
}

const NONE: KeptMonthly = { issued: [], shops: [], cohorts: [], expired: [], backdated: [], outcomes: [] }
const NEVER = 'never'

/**
 * What a replay counts by month of ledger time, in UTC: who issued out of which budget under which rule, what merchants
 * were paid, what was given and expired by the month of its expiry, what is backdated, and outcomes. Holds a row for
 * each that there is, at most `ROWS_MAX` of a table.
 */
export class Monthly {
  readonly #rowsMax: number
  /** By unit, month, budget, issuer and rule: transactions; points. */
  readonly #issued = new CountedRows(1, 1)
  /** By unit, account and month: redeemed, returned, settled, funded. */
  readonly #shops = new CountedRows(0, 4)
  /** By unit, month of expiry and month in which they were given: points. */
  readonly #cohorts = new CountedRows(0, 1)
  /** By unit and month of expiry: points. */
  readonly #expired = new CountedRows(0, 1)
  /** By unit, month of the id and month: transactions, first and last log index; points. */
  readonly #backdated = new CountedRows(3, 1)
  /** By month and status: transactions. */
  readonly #outcomes = new CountedRows(1, 0)
  readonly #view = new TransactionView()
  readonly #months = new Map<number, string>()
  /** Of the batch at hand: how many came to each status. */
  readonly #counted: number[] = []
  /** Lots that were past and went, in the order in which they did, since the batch began. */
  #gone: { readonly account: number; readonly lots: [month: string, amount: number][] }[] = []

  constructor(rowsMax: number = ROWS_MAX) {
    this.#rowsMax = rowsMax
  }

  /** What was counted, for `restore`. */
  kept(): KeptMonthly {
    return {
      issued: this.#issued.kept(),
      shops: this.#shops.kept(),
      cohorts: this.#cohorts.kept(),
      expired: this.#expired.kept(),
      backdated: this.#backdated.kept(),
      outcomes: this.#outcomes.kept(),
    }
  }

  /** Goes on from what was counted; from nothing by default. */
  restore({ issued, shops, cohorts, expired, backdated, outcomes }: KeptMonthly = NONE): void {
    this.#issued.restore(issued)
    this.#shops.restore(shops)
    this.#cohorts.restore(cohorts)
    this.#expired.restore(expired)
    this.#backdated.restore(backdated)
    this.#outcomes.restore(outcomes)
    this.#gone = []
  }

  /** Listens to what becomes of lots, besides those who listen already. */
  watch(state: LedgerState): void {
    const { accounts } = state
    const before = accounts.onHoldings
    accounts.onHoldings = (account, from, to) => {
      before?.(account, from, to)
      this.#changed(state.time, account, from, to)
    }
  }

  #changed(timeMs: number, account: number, before: Holdings, after: Holdings): void {
    const first = before.lots[0]
    // In the order of spending those that are past come first.
    if (first === undefined || !isPast(first, timeMs)) return
    const lots = before.lots.flatMap((lot): [string, number][] => {
      if (!isPast(lot, timeMs)) return []
      const left = after.lots.find(({ matures, expires }) => matures === lot.matures && expires === lot.expires)
      const gone = lot.amount - (left?.amount ?? 0)
      return gone > 0 ? [[this.#monthOf(lot.expires * QUARTER_MS), gone]] : []
    })
    if (lots.length > 0) this.#gone.push({ account, lots })
  }

  /** Takes a batch that has taken effect on `state`. @param at - its log index. */
  add(state: LedgerState, at: number, { transactions, signatures }: Submission, statuses: Uint8Array): void {
    const month = this.#monthOf(state.time)
    const monthMs = Date.parse(`${month}-01T00:00:00Z`)
    const view = this.#view
    for (let i = 0; i < transactions.count; i++) {
      const status = statuses[i]!
      this.#counted[status] = (this.#counted[status] ?? 0) + 1
      if (status !== ACCEPTED) continue
      view.read(transactions.bytes, transactions.starts[i], transactions.ends[i])
      if (view.timeMs < monthMs) this.#addBackdated(state, at + 1 + i, month)
      const { rare } = view
      if (rare?.kind === 'expire') this.#addExpired(state, month, rare)
      else if (rare?.kind === 'convert' || view.kind === KIND_ISSUE) this.#addIssued(state, month, signatures)
      else if (rare?.kind === 'opening-balance' || rare?.kind === 'reinstate')
        this.#addGiven(state.accounts.unit(rare.credit), rare.expires, month, rare.amount)
      else this.#addShop(state, month)
    }
    this.#gone = []
    this.#counted.forEach((transactions, status) => {
      if (transactions > 0) this.#outcomes.at(month, status).numbers[0]! += transactions
    })
    this.#counted.fill(0)
  }

  #addIssued({ accounts, registry }: LedgerState, month: string, signatures: Submission['signatures']): void {
    const view = this.#view
    const conversion = view.rare?.kind === 'convert' ? view.rare : undefined
    // A conversion gives from its budget under the rate; its holder signs it, and no issuer.
    const budget = conversion?.budget ?? view.debit
    const amount = conversion?.gained ?? view.amount
    const rule = conversion?.rate ?? view.rule
    // The first signer who is entitled (SPEC §7).
    const issuer = signatures.find(({ class: signerClass, number }) => {
      const key = signerClass === SIGNER_RECORD ? registry.key(number) : undefined
      return key?.role === 'issuer' && key.scope.includes(budget)
    })?.number
    const unit = accounts.unit(budget)
    const of = [unit, month, budget, issuer ?? REST, rule]
    const isBeyond = this.#issued.size >= this.#rowsMax && !this.#issued.has(of)
    const row = isBeyond ? this.#issued.at(unit, month, REST, REST, 0) : this.#issued.at(...of)
    row.numbers[0]!++
    row.sums[0]!.add(amount)
    this.#addGiven(unit, conversion?.expires ?? view.expires, month, amount)
  }

  #addGiven(unit: number, expires: number, month: string, amount: number): void {
    const cohort = expires === 0 ? NEVER : this.#monthOf(expires * QUARTER_MS)
    this.#cohorts.at(unit, cohort, month).sums[0]!.add(amount)
  }

  /** Counts what expired by the month in which it did: its lots say it, as far as they are seen to go. */
  #addExpired({ accounts }: LedgerState, month: string, { debit, amount }: { debit: number; amount: number }): void {
    const unit = accounts.unit(debit)
    const at = this.#gone.findIndex(({ account }) => account === debit)
    const lots = at < 0 ? [] : this.#gone.splice(at, 1)[0]!.lots
    let left = amount
    for (const [expires, points] of lots) {
      const part = Math.min(points, left)
      if (part > 0) this.#expired.at(unit, expires).sums[0]!.add(part)
      left -= part
    }
    if (left > 0) this.#expired.at(unit, month).sums[0]!.add(left)
  }

  #addShop({ accounts }: LedgerState, month: string): void {
    const { kind, rare } = this.#view
    const isShop = (account: number) => accounts.kind(account) === ACCOUNT_KINDS.merchant
    const add = (account: number, flow: number, amount: number) =>
      this.#shops.at(accounts.unit(account), account, month).sums[flow]!.add(amount)
    const { debit, credit, amount } = rare !== undefined && 'debit' in rare ? rare : this.#view
    if (kind === KIND_REDEEM || rare?.kind === 'capture' || rare?.kind === 'claim') {
      if (isShop(credit)) add(credit, 0, amount)
    } else if (rare?.kind === 'reverse') {
      // What is reversed of a fund goes back to the shop; of a payment it leaves the shop.
      if (isShop(debit)) add(debit, 1, amount)
      if (isShop(credit)) add(credit, 3, -amount)
    } else if (rare?.kind === 'settle') {
      if (isShop(debit)) add(debit, 2, amount)
    } else if (kind === KIND_FUND && isShop(debit)) add(debit, 3, amount)
  }

  #addBackdated({ accounts }: LedgerState, index: number, month: string): void {
    const { rare, timeMs } = this.#view
    const moved = rare === undefined ? this.#view : rare
    if (!('debit' in moved)) return
    const made = this.#monthOf(timeMs)
    const unit = accounts.unit(moved.debit)
    const { numbers, sums } = this.#backdated.at(unit, made, month)
    if (numbers[0] === 0) numbers[1] = index
    numbers[0]!++
    numbers[2] = index
    sums[0]!.add(moved.amount)
  }

  #monthOf(timeMs: number): string {
    const quarter = Math.floor(timeMs / QUARTER_MS)
    const known = this.#months.get(quarter)
    if (known !== undefined) return known
    if (this.#months.size > 10_000) this.#months.clear()
    const month = monthText(timeMs)
    this.#months.set(quarter, month)
    return month
  }

  /** By unit, month, budget, issuer and rule. */
  issued(): IssuedRow[] {
    return this.#issued.sorted().map(({ of, numbers, sums }) => {
      const [unit, month, budget, issuer, rule] = of as [number, string, number, number, number]
      const named = issuer === REST ? {} : { issuer }
      return { unit, month, budget, ...named, rule, transactions: numbers[0]!, points: sums[0]!.value }
    })
  }

  /** By unit, account and month. */
  shops(): ShopRow[] {
    return this.#shops.sorted().map(({ of, sums }) => {
      const [unit, account, month] = of as [number, number, string]
      const [redeemed, returned, settled, funded] = sums.map(({ value }) => value) as [bigint, bigint, bigint, bigint]
      return { unit, month, account, redeemed, returned, settled, funded }
    })
  }

  /** By unit, month of expiry, and month in which they were given. */
  cohorts(): CohortRow[] {
    return this.#cohorts.sorted().map(({ of, sums }) => {
      const [unit, expires, month] = of as [number, string, string]
      return { unit, expires, month, points: sums[0]!.value }
    })
  }

  /** Of a unit, by the month in which they expired. */
  expired(unit: number): Map<string, bigint> {
    return new Map(
      this.#expired.sorted().flatMap(({ of, sums }) => (of[0] === unit ? [[of[1] as string, sums[0]!.value]] : [])),
    )
  }

  /** By unit, month of the id and month of ledger time. */
  backdated(): BackdatedRow[] {
    return this.#backdated.sorted().map(({ of, numbers, sums }) => {
      const [unit, made, month] = of as [number, string, string]
      const [transactions, first, last] = numbers as [number, number, number]
      return { unit, made, month, transactions, points: sums[0]!.value, first, last }
    })
  }

  /** How many transactions came to each status, by month. */
  outcomes(): { readonly month: string; readonly status: number; readonly transactions: number }[] {
    return this.#outcomes.sorted().map(({ of, numbers }) => {
      const [month, status] = of as [string, number]
      return { month, status, transactions: numbers[0]! }
    })
  }
}

/** The month of a time, in UTC, such as `2026-11`. */
export function monthText(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 7)
}
