import { CborReader, type CborValue } from './cbor.ts'
import { encodeCbor } from './cbor-writer.ts'
import { ENTRY_TRANSACTION, entryFrom } from './entry.ts'
import { FormatError } from './failure.ts'
import { ID_BYTES, idTimeMs, isId } from './id.ts'
import {
  ACCOUNTS_MAX,
  AMOUNT_MAX,
  ORIGIN_BYTES_MAX,
  RECORDS_MAX,
  SCOPE_MAX,
  TIME_MS_MAX,
  TRANSACTION_BYTES_MAX,
} from './limits.ts'

/** The kinds of transaction; a kind's place is its number (SPEC §5). */
export const KINDS = [
  'genesis',
  'register-key',
  'revoke-key',
  'define-unit',
  'publish-rule',
  'open-account',
  'fund',
  'issue',
  'redeem',
] as const

export type Kind = (typeof KINDS)[number]

export const KIND_GENESIS = 0
export const KIND_REGISTER_KEY = 1
export const KIND_REVOKE_KEY = 2
export const KIND_DEFINE_UNIT = 3
export const KIND_PUBLISH_RULE = 4
export const KIND_OPEN_ACCOUNT = 5
export const KIND_FUND = 6
export const KIND_ISSUE = 7
export const KIND_REDEEM = 8

/** What a registered key may do (SPEC §5, §7). */
export const ROLES = { root: 0, registrar: 1, treasurer: 2, issuer: 3, auditor: 7 } as const
export type Role = keyof typeof ROLES

/** What an account is for (SPEC §5). */
export const ACCOUNT_KINDS = { treasury: 1, budget: 2, member: 3 } as const
export type AccountKind = keyof typeof ACCOUNT_KINDS

export interface Genesis {
  readonly kind: 'genesis'
  readonly id: Uint8Array
  readonly origin: string
  readonly logKey: Uint8Array
  readonly rootKey: Uint8Array
  readonly skewMs: number
  readonly promiseMs: number
}

export interface RegisterKey {
  readonly kind: 'register-key'
  readonly id: Uint8Array
  readonly key: Uint8Array
  readonly role: Role
  readonly scope: readonly number[]
  readonly backdateMs: number
}

export interface RevokeKey {
  readonly kind: 'revoke-key'
  readonly id: Uint8Array
  readonly record: number
  readonly reason: number
}

export interface DefineUnit {
  readonly kind: 'define-unit'
  readonly id: Uint8Array
  readonly name: string
  readonly cap: number
}

export interface PublishRule {
  readonly kind: 'publish-rule'
  readonly id: Uint8Array
  readonly name: string
  readonly digest: Uint8Array
}

export interface OpenAccount {
  readonly kind: 'open-account'
  readonly id: Uint8Array
  readonly accountKind: AccountKind
  readonly unit: number
  readonly owner: Uint8Array | null
  readonly nonce: Uint8Array
}

export interface Fund {
  readonly kind: 'fund'
  readonly id: Uint8Array
  readonly debit: number
  readonly credit: number
  readonly amount: number
}

export interface Issue {
  readonly kind: 'issue'
  readonly id: Uint8Array
  readonly debit: number
  readonly credit: number
  readonly amount: number
  readonly rule: number
  readonly details: Uint8Array | null
}

export interface Redeem {
  readonly kind: 'redeem'
  readonly id: Uint8Array
  readonly debit: number
  readonly credit: number
  readonly amount: number
  readonly details: Uint8Array | null
}

/** Transactions that change accounts or registry rather than move points: few, so they are plain objects. */
export type Setup = Genesis | RegisterKey | RevokeKey | DefineUnit | PublishRule | OpenAccount
export type Movement = Fund | Issue | Redeem
export type Transaction = Setup | Movement

const NAME = /^[a-z][a-z0-9-]{0,31}$/
const ORIGIN = /^[^\s+\u0000-\u001f\u007f]+$/u

/** Fields of each kind, the kind's own number included: an array of another length is refused. */
const FIELD_COUNT = [7, 6, 4, 4, 4, 6, 5, 7, 6] as const

const reader = new CborReader()

/**
 * One transaction, read in place: a cursor that is pointed at one transaction after another and allocates nothing for
 * those that move points. Its fields are valid until the next `read`.
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
  rule = 0
  /** Where in `bytes` the 32 bytes of the details' commitment begin, or -1 without any. */
  detailsStart = -1
  /** The whole transaction if it is not a movement. */
  setup: Setup | undefined

  /**
   * Points the view at the transaction in `bytes[start, end)` and returns it.
   *
   * @param bytes - untrusted: one whole entry, type byte and CBOR array, and nothing else.
   * @throws FormatError `entry-type`, `transaction-size`, `transaction`, or a code of `CborReader`. SPEC §5.
   */
  read(bytes: Uint8Array, start = 0, end = bytes.length): this {
    if (end - start > TRANSACTION_BYTES_MAX)
      throw new FormatError(
        'transaction-size',
        `a transaction has at most ${TRANSACTION_BYTES_MAX} bytes, this one ${end - start}`,
      )
    if (end <= start || bytes[start] !== ENTRY_TRANSACTION)
      throw new FormatError('entry-type', `expected a transaction, which begins with byte 0x02, at offset ${start}`)
    this.bytes = bytes
    this.start = start
    this.end = end
    reader.reset(bytes, start + 1, end)
    const fields = reader.array()
    const kind = reader.uint(KINDS.length - 1, 'kind')
    if (fields !== FIELD_COUNT[kind])
      throw new FormatError(
        'transaction',
        `a transaction of kind ${KINDS[kind]} has ${FIELD_COUNT[kind]} fields, this one ${fields} (offset ${start})`,
      )
    this.kind = kind
    this.idStart = reader.bytesAt(ID_BYTES, 'id')
    if (!isId(bytes, this.idStart))
      throw new FormatError('transaction', `the id at offset ${this.idStart} is not a UUIDv7 (version 7, variant 2)`)
    this.timeMs = idTimeMs(bytes, this.idStart)
    this.rule = 0
    this.detailsStart = -1
    if (kind >= KIND_FUND) {
      this.setup = undefined
      this.debit = reader.uint(ACCOUNTS_MAX - 1, 'debit')
      this.credit = reader.uint(ACCOUNTS_MAX - 1, 'credit')
      this.amount = positive(reader.uint(AMOUNT_MAX, 'amount'), 'amount', start)
      if (kind === KIND_ISSUE) this.rule = reader.uint(RECORDS_MAX - 1, 'rule')
      if (kind !== KIND_FUND) this.detailsStart = reader.null() ? -1 : reader.bytesAt(32, 'details')
    } else {
      this.setup = readSetup(kind, bytes.slice(this.idStart, this.idStart + ID_BYTES), start)
    }
    reader.end()
    return this
  }

  /** The transaction as an object of its own, which stays valid. Allocates. */
  toTransaction(): Transaction {
    if (this.setup !== undefined) return this.setup
    const id = this.bytes.slice(this.idStart, this.idStart + ID_BYTES)
    const details = this.detailsStart < 0 ? null : this.bytes.slice(this.detailsStart, this.detailsStart + 32)
    const { debit, credit, amount, rule } = this
    if (this.kind === KIND_FUND) return { kind: 'fund', id, debit, credit, amount }
    if (this.kind === KIND_ISSUE) return { kind: 'issue', id, debit, credit, amount, rule, details }
    return { kind: 'redeem', id, debit, credit, amount, details }
  }
}

/** The rest of a transaction that is not a movement, from the reader as it stands behind the id. */
function readSetup(kind: number, id: Uint8Array, start: number): Setup {
  switch (kind) {
    case KIND_GENESIS: {
      const origin = reader.text('origin', ORIGIN_BYTES_MAX)
      if (!ORIGIN.test(origin))
        throw new FormatError('transaction', `an origin has no spaces, '+' or control characters (offset ${start})`)
      return {
        kind: 'genesis',
        id,
        origin,
        logKey: reader.bytes(32, 'log-key').slice(),
        rootKey: reader.bytes(32, 'root-key').slice(),
        skewMs: reader.uint(TIME_MS_MAX, 'skew'),
        promiseMs: reader.uint(TIME_MS_MAX, 'promise'),
      }
    }
    case KIND_REGISTER_KEY: {
      const key = reader.bytes(32, 'key').slice()
      const role = nameOf(ROLES, reader.uint(255, 'role'), 'role', start)
      const scope = readScope(role, start)
      return { kind: 'register-key', id, key, role, scope, backdateMs: reader.uint(TIME_MS_MAX, 'backdate') }
    }
    case KIND_REVOKE_KEY:
      return {
        kind: 'revoke-key',
        id,
        record: reader.uint(RECORDS_MAX - 1, 'record'),
        reason: reader.uint(255, 'reason'),
      }
    case KIND_DEFINE_UNIT:
      return {
        kind: 'define-unit',
        id,
        name: readName(start),
        cap: positive(reader.uint(AMOUNT_MAX, 'cap'), 'cap', start),
      }
    case KIND_PUBLISH_RULE:
      return { kind: 'publish-rule', id, name: readName(start), digest: reader.bytes(32, 'digest').slice() }
    default: {
      const accountKind = nameOf(ACCOUNT_KINDS, reader.uint(255, 'kind'), 'account kind', start)
      const unit = reader.uint(RECORDS_MAX - 1, 'unit')
      const owner = reader.null() ? null : reader.bytes(32, 'owner').slice()
      if ((owner !== null) !== (accountKind === 'member'))
        throw new FormatError(
          'transaction',
          `a member account has an owner key, a treasury or budget has none (offset ${start})`,
        )
      return { kind: 'open-account', id, accountKind, unit, owner, nonce: reader.bytes(32, 'nonce').slice() }
    }
  }
}

function readName(start: number): string {
  const name = reader.text('name', 32)
  if (!NAME.test(name))
    throw new FormatError(
      'transaction',
      `a name is a small letter and up to 31 small letters, digits or '-' (offset ${start})`,
    )
  return name
}

function readScope(role: Role, start: number): number[] {
  const count = reader.array()
  if (count > SCOPE_MAX || (role === 'issuer') !== count > 0)
    throw new FormatError(
      'transaction',
      `an issuer's scope names 1 to ${SCOPE_MAX} budgets, every other scope is empty (offset ${start})`,
    )
  const scope: number[] = []
  for (let i = 0; i < count; i++) {
    const account = reader.uint(ACCOUNTS_MAX - 1, 'scope')
    if (i > 0 && account <= scope[i - 1]!)
      throw new FormatError('transaction', `the accounts of a scope increase strictly (offset ${start})`)
    scope.push(account)
  }
  return scope
}

function positive(value: number, what: string, start: number): number {
  if (value === 0) throw new FormatError('transaction', `${what} is at least 1 (transaction at offset ${start})`)
  return value
}

function nameOf<T extends string>(table: Readonly<Record<T, number>>, value: number, what: string, start: number): T {
  for (const name in table) if (table[name] === value) return name
  throw new FormatError('transaction', `there is no ${what} ${value} (transaction at offset ${start})`)
}

/**
 * The transaction that an entry holds.
 *
 * @param entry - untrusted: type byte and CBOR array.
 * @throws FormatError as `TransactionView.read`. SPEC §5.
 */
export function decodeTransaction(entry: Uint8Array): Transaction {
  return new TransactionView().read(entry).toTransaction()
}

/**
 * The entry of a transaction: `0x02 ‖ CBOR array`. SPEC §5.
 *
 * @throws FormatError where a field is outside what SPEC §5 allows: what this makes, `decodeTransaction` reads.
 */
export function encodeTransaction(transaction: Transaction): Uint8Array {
  const entry = entryFrom(ENTRY_TRANSACTION, encodeCbor(fieldsOf(transaction)))
  new TransactionView().read(entry)
  return entry
}

function fieldsOf(tx: Transaction): CborValue[] {
  const kind = KINDS.indexOf(tx.kind)
  switch (tx.kind) {
    case 'genesis':
      return [kind, tx.id, tx.origin, tx.logKey, tx.rootKey, tx.skewMs, tx.promiseMs]
    case 'register-key':
      return [kind, tx.id, tx.key, ROLES[tx.role], [...tx.scope], tx.backdateMs]
    case 'revoke-key':
      return [kind, tx.id, tx.record, tx.reason]
    case 'define-unit':
      return [kind, tx.id, tx.name, tx.cap]
    case 'publish-rule':
      return [kind, tx.id, tx.name, tx.digest]
    case 'open-account':
      return [kind, tx.id, ACCOUNT_KINDS[tx.accountKind], tx.unit, tx.owner, tx.nonce]
    case 'fund':
      return [kind, tx.id, tx.debit, tx.credit, tx.amount]
    case 'issue':
      return [kind, tx.id, tx.debit, tx.credit, tx.amount, tx.rule, tx.details]
    case 'redeem':
      return [kind, tx.id, tx.debit, tx.credit, tx.amount, tx.details]
  }
}
