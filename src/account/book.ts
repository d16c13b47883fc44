import { concatBytes, toHex } from '../core/bytes.ts'
import { idTimeMs } from '../core/entry/id.ts'
import {
  ACCEPTED,
  INSUFFICIENT,
  OFF_STEP,
  ORIGINAL_UNKNOWN,
  OUTCOMES,
  OVER_ORIGINAL,
  SAME_ACCOUNT,
  TOTAL_OVERFLOW,
  WINDOW_OVER,
} from '../core/entry/outcome.ts'
import {
  ACCOUNT_KINDS,
  type DefineUnit,
  decodeTransaction,
  type Kind,
  type OpenAccount,
  type SetBudget,
  type Transaction,
  type TransactionOf,
} from '../core/entry/transaction.ts'
import { VerifyError } from '../core/failure.ts'
import { AMOUNT_MAX, BATCH_DEPTH } from '../core/limits.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { listRootOfHashes } from '../core/tree/ssz.ts'
import { firstHead, nextHead } from './account.ts'
import { datesOfIssue } from './arrivals.ts'
import { type Counter, counted, judgeGiven, periodsAt } from './caps.ts'
import type { HistoryLine } from './history.ts'
import { NO_HOLDINGS } from './holdings.ts'
import type { Member } from './member.ts'
import { OPEN } from './standing.ts'

/** Kinds of account that have a statement and no holder: of them anyone reads what came and went. */
export type BookKind = 'merchant' | 'budget'

/** The kind of an account that has a book, by its number; undefined for any other. */
export function bookKindOf(kind: number): BookKind | undefined {
  if (kind === ACCOUNT_KINDS.merchant) return 'merchant'
  return kind === ACCOUNT_KINDS.budget ? 'budget' : undefined
}

/** In which of its fields a transaction of each kind names such an account. SPEC §7. */
const NAMED: Readonly<Record<BookKind, { readonly [K in Kind]?: readonly string[] }>> = {
  merchant: {
    redeem: ['credit'],
    claim: ['credit'],
    capture: ['credit'],
    reverse: ['debit', 'credit'],
    fund: ['debit'],
    settle: ['debit'],
    'ask-settle': ['account'],
  },
  budget: {
    fund: ['credit'],
    issue: ['debit'],
    'opening-balance': ['debit'],
    convert: ['budget'],
    reverse: ['debit', 'credit'],
    'set-budget': ['account'],
  },
}

/** How many entries of a kind there were, and what they added to the balance: in sum that may be above 2^53. */
export interface KindSum {
  readonly kind: Kind
  readonly count: number
  readonly change: bigint
}

/** What can be reversed, and what can be settled: how much of it is left, and when it came. */
interface Left {
  readonly transaction: Transaction
  readonly time: number | undefined
  readonly left: number
}

/**
 * A merchant's account or a budget, made from its own entries: the rules of SPEC §6 and §7 as far as they concern one
 * account. Its chain has one link a batch, so its caller says where a batch ends.
 */
export class BookHistory {
  readonly account: number
  readonly #kind: BookKind
  readonly #unit: DefineUnit
  #opening: OpenAccount | undefined
  #openingLeaf: Uint8Array = new Uint8Array(32)
  #balance = 0
  #time = 0
  #entries = 0
  #head = firstHead()
  /** Leaf hashes of the entries behind the last link. */
  #leaves: Uint8Array[] = []
  /** What can be reversed or settled, by id, and every id. */
  readonly #left = new Map<string, Left | undefined>()
  #terms: SetBudget | undefined
  /** What was given under terms: to each member, and in sum under the budget's own number. */
  readonly #given = new Map<number, Counter>()
  readonly #sums = new Map<Kind, { count: number; change: bigint }>()

  /** @param unit - the policy of the account's unit. */
  constructor(account: number, kind: BookKind, unit: DefineUnit) {
    this.account = account
    this.#kind = kind
    this.#unit = unit
  }

  /** The account as a member without anything but a balance: nobody holds it. */
  get member(): Member {
    const [balance, time] = [this.#balance, this.#time]
    return { status: OPEN, owner: null, custodian: null, recovery: null, time, balance, holdings: NO_HOLDINGS }
  }

  get entries(): number {
    return this.#entries
  }

  /** The head after the last link. */
  get head(): Uint8Array {
    return this.#head
  }

  /** The opening, once there is an entry. */
  get opening(): OpenAccount | undefined {
    return this.#opening
  }

  get openingLeaf(): Uint8Array {
    return this.#openingLeaf
  }

  /** The terms in force of a budget. */
  get terms(): SetBudget | undefined {
    return this.#terms
  }

  /** What all entries did, kind by kind, in the order in which each kind came first. */
  get sums(): KindSum[] {
    return [...this.#sums].map(([kind, sum]) => ({ kind, ...sum }))
  }

  /** What a merchant asked to be settled with and was not. */
  get asked(): number {
    let sum = 0
    for (const one of this.#left.values()) if (one?.transaction.kind === 'ask-settle') sum += one.left
    return sum
  }

  /**
   * Takes the next entry of the account.
   *
   * @param entry - untrusted: a transaction. @param ledgerTime - of its batch; undefined where nobody shows it, which
   * is enough for what only adds points.
   * @throws VerifyError `line-kind`, `line-repeated`, `line-rule`; `evidence-missing` for the reversal of a transaction
   * of unknown ledger time; FormatError. SPEC §10.
   */
  take(entry: Uint8Array, ledgerTime?: number): HistoryLine {
    const number = this.#entries + 1
    const transaction = decodeTransaction(entry)
    const leaf = leafHash(entry)
    const id = toHex(transaction.id)
    const time = ledgerTime ?? this.#time
    let change = 0
    let original: Transaction | undefined
    if (number === 1) this.#open(transaction, leaf)
    else {
      this.#checkKind(transaction, number)
      if (this.#left.has(id))
        throw new VerifyError('line-repeated', `entry ${number} of the account stands there twice`)
      original = this.#originalOf(transaction, number)
      change = this.#changeBy(transaction)
      const status = this.#judge(transaction, change, time, ledgerTime)
      if (status !== ACCEPTED) throw refused(number, transaction, status)
      this.#count(transaction, time)
    }
    this.#left.set(id, leftOf(transaction, ledgerTime))
    this.#balance += change
    this.#time = time
    this.#entries = number
    this.#leaves.push(leaf)
    const sum = this.#sums.get(transaction.kind) ?? { count: 0, change: 0n }
    this.#sums.set(transaction.kind, { count: sum.count + 1, change: sum.change + BigInt(change) })
    const timeMs = idTimeMs(transaction.id)
    const isFromShop = this.#isFromShop(original ?? transaction)
    return {
      ...{ transaction, timeMs, ledgerTime, change, balance: this.#balance, original: original?.kind, isFromShop },
      ...{ owner: null, custodian: null, recovery: null, released: undefined },
    }
  }

  /** Ends a batch: the entries since the last one are one link of the chain. SPEC §6, heads. */
  endLink(): void {
    this.#head = nextHead(this.#head, listRootOfHashes(concatBytes(...this.#leaves), BATCH_DEPTH))
    this.#leaves = []
  }

  /** Notes the ledger time of an entry that was taken without it: where it can be reversed, that is asked for. */
  date(id: Uint8Array, ledgerTime: number): void {
    const key = toHex(id)
    const one = this.#left.get(key)
    if (one !== undefined) this.#left.set(key, { ...one, time: ledgerTime })
  }

  #open(transaction: Transaction, leaf: Uint8Array): void {
    if (transaction.kind !== 'open-account' || transaction.accountKind !== this.#kind)
      throw new VerifyError('line-kind', `the first entry is not the opening of a ${this.#kind} account`)
    this.#opening = transaction
    this.#openingLeaf = leaf
  }

  #checkKind(transaction: Transaction, number: number): void {
    const fields: { readonly [field: string]: unknown } = transaction
    if (NAMED[this.#kind][transaction.kind]?.some(field => fields[field] === this.account)) return
    throw new VerifyError(
      'line-kind',
      `entry ${number}, of kind ${transaction.kind}, is not one of account ${this.account}`,
    )
  }

  #changeBy(tx: Transaction): number {
    if (!('debit' in tx)) return 0
    if (tx.kind === 'convert') return -tx.gained
    return tx.credit === this.account ? tx.amount : -tx.amount
  }

  /** What a reversal takes back, or a settlement uses up. */
  #originalOf(tx: Transaction, number: number): Transaction | undefined {
    if (tx.kind !== 'reverse' && tx.kind !== 'settle') return undefined
    if (tx.original === null) return undefined
    const original = this.#left.get(toHex(tx.original))?.transaction
    const fits =
      tx.kind === 'settle'
        ? original?.kind === 'ask-settle'
        : original !== undefined && 'debit' in original && original.debit === tx.credit && original.credit === tx.debit
    if (fits) return original
    const does =
      tx.kind === 'settle' ? 'settles what was not asked for' : 'reverses what is not an entry of this account'
    throw new VerifyError('line-rule', `entry ${number} ${does}`)
  }

  /** The status by which the account refuses a transaction. SPEC §8. */
  #judge(tx: Transaction, change: number, time: number, ledgerTime: number | undefined): number {
    if ('debit' in tx && (tx.debit === tx.credit || (tx.kind === 'convert' && isToItself(tx)))) return SAME_ACCOUNT
    const amount = 'debit' in tx ? Math.abs(change) : tx.kind === 'ask-settle' ? tx.amount : 0
    if (amount % this.#unit.step !== 0) return OFF_STEP
    if ((tx.kind === 'issue' || tx.kind === 'opening-balance') && tx.matures + tx.expires > 0) {
      const status = datesOfIssue(tx, idTimeMs(tx.id), this.#unit)
      if (status !== undefined) return status
    }
    const status = this.#judgeLeft(tx, change, ledgerTime)
    if (status !== ACCEPTED) return status
    const refused = this.#judgeGiven(tx, time)
    if (refused !== ACCEPTED) return refused
    if (this.#balance + change < 0) return INSUFFICIENT
    return this.#balance > AMOUNT_MAX - change ? TOTAL_OVERFLOW : ACCEPTED
  }

  /** Whether what is reversed or settled is within what is left of it, and within the window. */
  #judgeLeft(tx: Transaction, change: number, ledgerTime: number | undefined): number {
    if ((tx.kind !== 'reverse' && tx.kind !== 'settle') || tx.original === null) return ACCEPTED
    const one = this.#left.get(toHex(tx.original))
    if (one === undefined) return ORIGINAL_UNKNOWN
    if (tx.amount > one.left) return OVER_ORIGINAL
    if (tx.kind === 'settle') return ACCEPTED
    if (change < 0 && one.time === undefined)
      throw new VerifyError(
        'evidence-missing',
        `entry ${this.#entries + 1} reverses an entry whose ledger time is not shown`,
      )
    const isLate = ledgerTime !== undefined && one.time !== undefined && ledgerTime > one.time + this.#unit.windowMs
    return isLate ? WINDOW_OVER : ACCEPTED
  }

  #judgeGiven(tx: Transaction, time: number): number {
    const given = givenBy(tx)
    if (given === undefined || this.#terms === undefined) return ACCEPTED
    const counters = { member: this.#given.get(given.member), sum: this.#given.get(this.account) }
    return judgeGiven(this.#terms, counters, given.amount, time, this.#unit)
  }

  /** Notes what an entry that is taken leaves behind besides the balance. */
  #count(tx: Transaction, time: number): void {
    if (tx.kind === 'set-budget') this.#terms = tx
    const given = givenBy(tx)
    if (given !== undefined && this.#terms !== undefined) {
      const now = periodsAt(time, this.#unit)
      for (const account of [given.member, this.account])
        this.#given.set(account, counted(this.#given.get(account), given.amount, now))
    }
    if ((tx.kind === 'reverse' || tx.kind === 'settle') && tx.original !== null) {
      const key = toHex(tx.original)
      const one = this.#left.get(key)!
      this.#left.set(key, { ...one, left: one.left - tx.amount })
    }
  }

  /** Whether a `fund` took its points from a merchant account: from this one, or from the one that sponsors it. */
  #isFromShop(tx: Transaction): boolean {
    if (tx.kind !== 'fund') return false
    return this.#kind === 'merchant' || tx.debit === this.#opening?.sponsor
  }
}

function isToItself({ debit, account, budget }: TransactionOf<'convert'>): boolean {
  return account === debit || account === budget
}

/** What a budget gives to a member under its terms. */
function givenBy(tx: Transaction): { readonly member: number; readonly amount: number } | undefined {
  if (tx.kind === 'issue') return { member: tx.credit, amount: tx.amount }
  return tx.kind === 'convert' ? { member: tx.account, amount: tx.gained } : undefined
}

/** Kinds that can be reversed, or settled. */
const USED_UP: ReadonlySet<Kind> = new Set<Kind>([
  ...(['fund', 'issue', 'opening-balance', 'redeem', 'capture', 'claim'] as const),
  'ask-settle',
])

function leftOf(transaction: Transaction, time: number | undefined): Left | undefined {
  return USED_UP.has(transaction.kind) && 'amount' in transaction
    ? { transaction, time, left: transaction.amount }
    : undefined
}

function refused(number: number, { kind }: Transaction, status: number): VerifyError {
  return new VerifyError(
    'line-rule',
    `entry ${number}, of kind ${kind}, could not have been accepted: ${OUTCOMES[status]} (SPEC §8)`,
  )
}
