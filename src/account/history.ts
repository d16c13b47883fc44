import { equalBytes, toHex } from '../core/bytes.ts'
import { idTimeMs } from '../core/entry/id.ts'
import { NO_CUSTODY, OFF_STEP, OUTCOMES, SAME_ACCOUNT } from '../core/entry/outcome.ts'
import {
  type DefineUnit,
  decodeTransaction,
  type Kind,
  type OpenAccount,
  type RecoveryTerms,
  type Transaction,
  type TransactionOf,
} from '../core/entry/transaction.ts'
import { VerifyError } from '../core/failure.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { firstHead, nextHead } from './account.ts'
import { type Hold, holdOf, type Lot, NO_HOLDINGS, partsBack } from './holdings.ts'
import { affect, type Member, type Original } from './member.ts'
import { mostUnmerged } from './merges.ts'
import { OPEN } from './standing.ts'

/** What stands in a member account's chain, and what it did. */
export interface HistoryLine {
  readonly transaction: Transaction
  /** The transaction's own time. */
  readonly timeMs: number
  /** Ledger time of its batch, where that is known. */
  readonly ledgerTime: number | undefined
  /** What it added to the balance, and the balance after it. */
  readonly change: number
  readonly balance: number
  /** Who could sign for the account before it: the owner, the chain of a custodian's record, the keys of the terms. */
  readonly owner: Uint8Array | null
  readonly custodian: number | null
  readonly recovery: RecoveryTerms | null
  /** The hold that it releases. */
  readonly released: Hold | undefined
  /** Kind of the transaction that it reverses or settles, and whether that, or itself, is a `fund` by a merchant. */
  readonly original: Kind | undefined
  readonly isFromShop: boolean
}

/**
 * A member account made from its own entries, one after another from its opening on: the rules of SPEC §6 as far as
 * they concern one account. Anyone who has the entries comes to the same state as the ledger, or learns which of them
 * it could not have accepted.
 */
export class AccountHistory {
  readonly account: number
  readonly #unit: DefineUnit
  #opening: OpenAccount | undefined
  #openingLeaf: Uint8Array = new Uint8Array(32)
  #member: Member = { ...NOBODY, time: 0 }
  #entries = 0
  #head = firstHead()
  /** What can be reversed, by id, and every id. */
  readonly #originals = new Map<string, KnownOriginal | undefined>()

  /** @param unit - the policy of the account's unit. */
  constructor(account: number, unit: DefineUnit) {
    this.account = account
    this.#unit = unit
  }

  get member(): Member {
    return this.#member
  }

  get entries(): number {
    return this.#entries
  }

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

  /**
   * The most points that a `reverse` of a merge into this account can bring back at a time: what is still there of what
   * came, the last parts first; 0 where none can, as of no merge.
   *
   * @param id - of the merge. Cost: looks at lots and parts once for each bit of the amount.
   */
  mostUnmerged(id: Uint8Array, atMs: number): number {
    const original = this.#originals.get(toHex(id))
    if (original?.transaction.kind !== 'merge' || original.time === undefined) return 0
    const { holdings, balance } = this.#member
    const { step, windowMs } = this.#unit
    return step * mostUnmerged(holdings, balance, { ...original, time: original.time }, { atMs, windowMs, step })
  }

  /**
   * Takes the next entry of the account.
   *
   * @param entry - untrusted: a transaction.
   * @param ledgerTime - of its batch; undefined where nobody shows it. Then it is taken to be that of the line before,
   * which is right for points that arrive, as more of them does no harm: of whatever else, anyone who calls has to know
   * it.
   * @throws VerifyError `line-kind`, `line-repeated`, `line-rule`; `evidence-missing` for the reversal of a transaction
   * of unknown ledger time; FormatError. SPEC §10.
   */
  take(entry: Uint8Array, ledgerTime?: number): HistoryLine {
    const number = this.#entries + 1
    const transaction = decodeTransaction(entry)
    const timeMs = idTimeMs(transaction.id)
    const { owner, custodian, recovery, balance: before } = this.#member
    const released = transaction.kind === 'release' ? holdOf(this.#member.holdings, transaction.hold) : undefined
    const leaf = leafHash(entry)
    const time = ledgerTime ?? this.#member.time
    const original = transaction.kind === 'reverse' ? this.#originals.get(toHex(transaction.original)) : undefined
    if (number === 1) this.#open(transaction, leaf)
    else this.#change(transaction, time, ledgerTime, number)
    this.#member = { ...this.#member, time }
    this.#entries = number
    this.#head = nextHead(this.#head, leaf)
    const { balance } = this.#member
    const change = balance - before
    return {
      ...{ transaction, timeMs, ledgerTime, change, balance, owner, custodian, recovery, released },
      ...{ original: original?.transaction.kind, isFromShop: false },
    }
  }

  /** Notes the ledger time of an entry that was taken without it: where it can be reversed, that is asked for. */
  date(id: Uint8Array, ledgerTime: number): void {
    const key = toHex(id)
    const original = this.#originals.get(key)
    if (original !== undefined) this.#originals.set(key, { ...original, time: ledgerTime })
  }

  #open(transaction: Transaction, leaf: Uint8Array): void {
    if (transaction.kind !== 'open-account' || transaction.accountKind !== 'member')
      throw new VerifyError('line-kind', 'the first entry is not the opening of a member account')
    if (transaction.custodian !== null && this.#unit.custody === 0) throw refused(1, transaction, NO_CUSTODY)
    this.#opening = transaction
    this.#openingLeaf = leaf
    const { owner, custodian, recovery } = transaction
    this.#member = { ...this.#member, owner, custodian: custodian?.record ?? null, recovery }
    this.#originals.set(toHex(transaction.id), undefined)
  }

  #change(transaction: Transaction, time: number, ledgerTime: number | undefined, number: number): void {
    if (!namesMember(transaction, this.account))
      throw new VerifyError(
        'line-kind',
        `entry ${number}, of kind ${transaction.kind}, is not one of account ${this.account}`,
      )
    const misfit = misfitOf(transaction, this.account, this.#unit.step)
    if (misfit !== undefined) throw refused(number, transaction, misfit)
    const id = toHex(transaction.id)
    if (this.#originals.has(id))
      throw new VerifyError('line-repeated', `entry ${number} of the account stands there twice`)
    const named = isUndoing(transaction) ? transaction : undefined
    const undone = named === undefined ? undefined : toHex(named.original)
    const original = undone === undefined ? undefined : this.#originals.get(undone)
    if (named !== undefined && !undoes(named, original))
      throw new VerifyError('line-rule', `entry ${number} undoes what is not an entry of this account`)
    const terms = { unit: this.#unit, original: original && dated(original, number) }
    const effect = affect(this.#member, this.account, transaction, time, terms)
    if (typeof effect === 'number') throw refused(number, transaction, effect)
    const { parts, ...member } = effect
    this.#member = member
    this.#originals.set(id, originalFrom(transaction, ledgerTime, parts))
    if (original !== undefined && named !== undefined) this.#originals.set(undone!, reversedBy(original, named.amount))
  }
}

function refused(number: number, { kind }: Transaction, status: number): VerifyError {
  return new VerifyError(
    'line-rule',
    `entry ${number}, of kind ${kind}, could not have been accepted: ${OUTCOMES[status]} (SPEC §8)`,
  )
}

/** The status by which the ledger refuses a movement of an account whatever the account has. SPEC §8. */
function misfitOf(tx: Transaction, account: number, step: number): number | undefined {
  if (!('debit' in tx)) return undefined
  if (tx.debit === tx.credit) return SAME_ACCOUNT
  if (tx.kind === 'convert' && (tx.account === tx.debit || tx.account === tx.budget)) return SAME_ACCOUNT
  const amount = tx.kind === 'convert' && tx.account === account ? tx.gained : tx.amount
  return amount % step === 0 ? undefined : OFF_STEP
}

const NOBODY = {
  status: OPEN,
  owner: null,
  custodian: null,
  recovery: null,
  balance: 0,
  holdings: NO_HOLDINGS,
} as const

/** An original whose ledger time may be unknown. */
type KnownOriginal = Omit<Original, 'time'> & { readonly time: number | undefined }

function originalFrom(
  transaction: Transaction,
  time: number | undefined,
  parts: readonly Lot[] = [],
): KnownOriginal | undefined {
  if (!isOriginal(transaction)) return undefined
  return { transaction, time, reversed: 0, parts: transaction.kind === 'merge' ? transaction.parts : parts }
}

/** An original of which so much more is reversed: what came back is forgotten, or lines without end would keep it. */
function reversedBy(original: KnownOriginal, amount: number): KnownOriginal {
  const reversed = original.reversed + amount
  return { ...original, reversed, parts: partsBack(original.parts, amount)[0] }
}

/** An original for the reversal in an entry: whether that is within the window, its ledger time says. */
function dated(original: KnownOriginal, number: number): Original {
  const { time } = original
  if (time === undefined)
    throw new VerifyError('evidence-missing', `entry ${number} reverses an entry whose ledger time is not shown`)
  return { ...original, time }
}

/** What undoes a transaction that it names by its id, in part or as a whole. */
type Undoing = TransactionOf<'reverse' | 'reinstate'>

/** Whether a transaction undoes one that it names. */
export function isUndoing(tx: Transaction): tx is Undoing {
  return tx.kind === 'reverse' || tx.kind === 'reinstate'
}

/** Kinds of which something can be undone, but for a `fund`, which names no member. SPEC §7. */
const ORIGINALS: ReadonlySet<string> = new Set([
  'issue',
  'opening-balance',
  'redeem',
  'capture',
  'claim',
  'expire',
  'merge',
])

/** Whether something of a transaction can be undone. */
export function isOriginal(tx: Transaction): tx is Original['transaction'] {
  return tx.kind === 'fund' || ORIGINALS.has(tx.kind)
}

/** Whether it undoes this original: it goes between its accounts, the other way, and an expiry alone is reinstated. */
export function undoes<T extends Pick<Original, 'transaction'>>(
  { kind, debit, credit }: Undoing,
  original: T | undefined,
): original is T {
  if (original === undefined) return false
  const { transaction } = original
  const isExpiry = transaction.kind === 'expire'
  return isExpiry === (kind === 'reinstate') && transaction.debit === credit && transaction.credit === debit
}

/** Whether a transaction that moves points, or changes an account, names this member account as one of its own. */
function namesMember(tx: Transaction, account: number): boolean {
  if (tx.kind === 'set-budget' || tx.kind === 'fund' || tx.kind === 'settle' || tx.kind === 'ask-settle') return false
  if (tx.kind === 'convert' && tx.credit === account) return false
  if ('account' in tx && tx.account === account) return true
  return 'debit' in tx && (tx.debit === account || tx.credit === account)
}

/** Whether the account that a history makes is the one with this opening: its kind, unit and bytes. */
export function isOpeningOf(history: AccountHistory, opening: Uint8Array, unit: number): boolean {
  return equalBytes(history.openingLeaf, opening) && history.opening?.unit === unit
}
