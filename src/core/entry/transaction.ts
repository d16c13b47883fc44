import { CborReader } from '../cbor.ts'
import { encodeEntry } from '../cbor-writer.ts'
import { isPublicKey } from '../crypto/ed25519.ts'
import { FormatError } from '../failure.ts'
import { ACCOUNTS_MAX, AMOUNT_MAX, QUARTERS_MAX, RECORDS_MAX, TRANSACTION_BYTES_MAX } from '../limits.ts'
import { ENTRY_TRANSACTION } from './entry-type.ts'
import { ID_BYTES, idTimeMs, isId } from './id.ts'
import {
  FIELD_COUNTS,
  FORMS,
  KINDS,
  type Kind,
  readFields,
  type TransactionOf,
  writeFields,
} from './transaction-forms.ts'

export { isKeyOf, isSameRecovery, type RecoveryTerms } from './recovery-terms.ts'
export {
  ACCOUNT_KINDS,
  type AccountKind,
  type Custodian,
  KINDS,
  type Kind,
  ROLES,
  type Role,
  type TakePolicy,
  type TransactionOf,
} from './transaction-forms.ts'

/** A transaction as an object of its own (SPEC §5). */
export type Transaction = { [K in Kind]: TransactionOf<K> }[Kind]

export type Genesis = TransactionOf<'genesis'>
export type RegisterKey = TransactionOf<'register-key'>
export type DefineUnit = TransactionOf<'define-unit'>
export type PublishRule = TransactionOf<'publish-rule'>
export type PublishRate = TransactionOf<'publish-rate'>
export type SetBudget = TransactionOf<'set-budget'>
export type OpenAccount = TransactionOf<'open-account'>
export type ContinueLog = TransactionOf<'continue-log'>

/** The kind that begins a log (SPEC §5). */
export const KIND_GENESIS = 0
/** The kinds that make up nearly all of a log, which are read without making objects. */
export const KIND_FUND: number = KINDS.indexOf('fund')
export const KIND_ISSUE: number = KINDS.indexOf('issue')
export const KIND_REDEEM: number = KINDS.indexOf('redeem')
export const KIND_CONTINUE: number = KINDS.indexOf('continue-log')

/** All other kinds: few, so they are plain objects. */
export type Rare = Exclude<Transaction, TransactionOf<'fund' | 'issue' | 'redeem'>>

const reader = new CborReader()

/**
 * One transaction, read in place: a cursor that is pointed at one transaction after another and allocates nothing for
 * `fund`, `issue` and `redeem`. Its fields are valid until the next `read`.
 */
export class TransactionView {
  /** The bytes that hold the transaction at `[start, end)`, its type byte included. */
  bytes: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  /** Number of the kind (SPEC §5). */
  kind = 0
  /** Where in `bytes` the 16 bytes of the id begin. */
  idStart = 0
  /** The transaction's time: the milliseconds of its id. */
  timeMs = 0
  debit = 0
  credit = 0
  amount = 0
  /** Quarter hours since 1970 in which issued points mature and expire; 0: at once, never. */
  matures = 0
  expires = 0
  rule = 0
  /** Where in `bytes` the 32 bytes of the details' commitment begin, or -1 without any. */
  detailsStart = -1
  /** Where in `bytes` the 16 bytes of the id that it cites begin, or -1 without any. */
  citesStart = -1
  /** The whole transaction if it is none of the three. */
  rare: Rare | undefined

  /**
   * Points the view at the transaction in `bytes[start, end)` and returns it. Whether the keys in it are points is for
   * `checkKeys` to say, which costs more: anyone who reads what was checked before does not ask again.
   *
   * @param bytes - untrusted: one whole entry, type byte and CBOR array, and nothing else.
   * @throws FormatError `entry-type`, `transaction-size`, `transaction`, or a code of `CborReader`. SPEC §5.
   */
  read(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes
    this.start = start
    this.end = end
    const kind = readHead(bytes, start, end)
    this.kind = kind
    this.idStart = reader.offset - ID_BYTES
    this.timeMs = idTimeMs(bytes, this.idStart)
    if (kind >= KIND_FUND && kind <= KIND_REDEEM) this.#readMovement(kind, start)
    else {
      const id = bytes.slice(this.idStart, this.idStart + ID_BYTES)
      this.rare = readFields(KINDS[kind]!, id, reader) as Rare
    }
    reader.end()
    return this
  }

  #readMovement(kind: number, start: number): void {
    this.rare = undefined
    this.matures = this.expires = this.rule = 0
    this.debit = reader.uint(ACCOUNTS_MAX - 1, 'debit')
    this.credit = reader.uint(ACCOUNTS_MAX - 1, 'credit')
    this.amount = reader.uint(AMOUNT_MAX, 'amount')
    if (this.amount === 0) throw new FormatError('transaction', `amount is at least 1 (transaction at offset ${start})`)
    if (kind === KIND_ISSUE) {
      this.matures = reader.uint(QUARTERS_MAX, 'matures')
      this.expires = reader.uint(QUARTERS_MAX, 'expires')
      this.rule = reader.uint(RECORDS_MAX - 1, 'rule')
    }
    this.detailsStart = reader.null() ? -1 : reader.bytesAt(32, 'details')
    this.citesStart = reader.null() ? -1 : reader.bytesAt(ID_BYTES, 'cites')
    // After all fields, as `readFields` does: what is wrong with one of them comes first.
    if (this.expires !== 0 && this.expires <= this.matures)
      throw new FormatError('transaction', `issue: points mature before they expire (offset ${start})`)
  }

  /** The transaction as an object of its own, which stays valid. Allocates. */
  toTransaction(): Transaction {
    if (this.rare !== undefined) return this.rare
    const id = this.bytes.slice(this.idStart, this.idStart + ID_BYTES)
    const details = this.detailsStart < 0 ? null : this.bytes.slice(this.detailsStart, this.detailsStart + 32)
    const cites = this.citesStart < 0 ? null : this.bytes.slice(this.citesStart, this.citesStart + ID_BYTES)
    const { debit, credit, amount, matures, expires, rule } = this
    const [moved, tail] = [
      { id, debit, credit, amount },
      { details, cites },
    ]
    if (this.kind === KIND_ISSUE) return { kind: 'issue', ...moved, matures, expires, rule, ...tail }
    return this.kind === KIND_FUND ? { kind: 'fund', ...moved, ...tail } : { kind: 'redeem', ...moved, ...tail }
  }
}

/**
 * Steps `reader` behind the id of the transaction in `bytes[start, end)`; returns its kind.
 *
 * @param bytes - untrusted. @throws FormatError as `TransactionView.read`.
 */
function readHead(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > TRANSACTION_BYTES_MAX)
    throw new FormatError(
      'transaction-size',
      `a transaction has at most ${TRANSACTION_BYTES_MAX} bytes, this one ${end - start}`,
    )
  if (end <= start || bytes[start] !== ENTRY_TRANSACTION)
    throw new FormatError('entry-type', `expected a transaction, which begins with byte 0x02, at offset ${start}`)
  reader.reset(bytes, start + 1, end)
  const fields = reader.array()
  const kind = reader.uint(KINDS.length - 1, 'kind')
  if (fields !== FIELD_COUNTS[kind])
    throw new FormatError(
      'transaction',
      `a transaction of kind ${KINDS[kind]} has ${FIELD_COUNTS[kind]} fields, this one ${fields} (offset ${start})`,
    )
  const idStart = reader.bytesAt(ID_BYTES, 'id')
  if (!isId(bytes, idStart))
    throw new FormatError('transaction', `the id at offset ${idStart} is not a UUIDv7 (version 7, variant 2)`)
  return kind
}

/**
 * The number of the kind of a well-formed transaction that begins at `start`: after type byte and array head. SPEC §5.
 */
export function kindOf(bytes: Uint8Array, start: number): number {
  const first = bytes[start + 2]!
  return first < 24 ? first : bytes[start + 3]!
}

/**
 * Whether a well-formed transaction may cite an entry: true of all that do, and of few others. Its last field is then a
 * byte string of 16 bytes. SPEC §5.
 */
export function mayCite(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes[end - ID_BYTES - 1] === BYTES_16 && CITING.has(kindOf(bytes, start))
}

/**
 * Whether a kind moves points, sets them aside or asks for it: then it ends in details and an id that it cites. SPEC
 * §5.
 */
export function isMovement(kind: Kind): boolean {
  return 'cites' in FORMS[kind]
}

const CITING: ReadonlySet<number> = new Set(KINDS.flatMap((kind, n) => (isMovement(kind) ? n : [])))
/** Kinds that may name the transaction that they undo, or use up. */
export const NAMES_ORIGINAL: ReadonlySet<number> = new Set(
  KINDS.flatMap((kind, n) => ('original' in FORMS[kind] ? n : [])),
)
/** The head of a CBOR byte string of 16 bytes. */
const BYTES_16 = 0x50

/** The id that the transaction in a view cites, which may be a view of its bytes; null where it cites none. */
export function citesOf({ rare, bytes, citesStart }: TransactionView): Uint8Array | null {
  if (rare !== undefined) return 'cites' in rare ? rare.cites : null
  return citesStart < 0 ? null : bytes.subarray(citesStart, citesStart + ID_BYTES)
}

/**
 * The transaction that an entry holds, by the forms of SPEC §5 alone: who reads few of them, as the verifier of a
 * statement, does without `TransactionView`. A test holds that both read the same.
 *
 * @param entry - untrusted: type byte and CBOR array.
 * @throws FormatError as `TransactionView.read`. SPEC §5.
 */
export function decodeTransaction(entry: Uint8Array): Transaction {
  const kind = readHead(entry, 0, entry.length)
  const transaction = readFields(KINDS[kind]!, entry.slice(reader.offset - ID_BYTES, reader.offset), reader)
  reader.end()
  checkKeys(transaction)
  return transaction
}

/**
 * Refuses keys that nobody can sign with under the accept set of SPEC §2: those that are no canonical encoding of a
 * point, or of one of small order. Some three microseconds a key, with any engine.
 *
 * @throws FormatError `transaction`.
 */
export function checkKeys(transaction: Transaction): void {
  for (const key of keysIn(transaction))
    if (!isPublicKey(key)) throw new FormatError('transaction', `${transaction.kind}: a key is no point that can sign`)
}

function keysIn(tx: Transaction): readonly Uint8Array[] {
  switch (tx.kind) {
    case 'genesis':
      return [tx.logKey, ...tx.roots]
    case 'continue-log':
      return [tx.logKey]
    case 'register-key':
    case 'recover':
      return [tx.key]
    case 'open-account':
    case 'set-custody':
      return [...(tx.owner === null ? [] : [tx.owner]), ...(tx.recovery?.keys ?? [])]
    default:
      return NO_KEYS
  }
}

const NO_KEYS: readonly Uint8Array[] = []

/**
 * The entry of a transaction: `0x02 ‖ CBOR array`. SPEC §5.
 *
 * @throws FormatError where a field is outside what SPEC §5 allows: what this makes, `decodeTransaction` reads.
 */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const array = [KINDS.indexOf(transaction.kind), transaction.id, ...writeFields(transaction)]
  const entry = encodeEntry(ENTRY_TRANSACTION, array)
  decodeTransaction(entry)
  return entry
}
