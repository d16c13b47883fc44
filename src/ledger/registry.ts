import type { RecordState } from '../account/account.ts'
import { recordRoot } from '../account/account.ts'
import type {
  DefineUnit,
  Genesis,
  PublishRate,
  PublishRule,
  RegisterKey,
  Role,
  SetBudget,
} from '../core/entry/transaction.ts'
import { RECORD_DEPTH, RECORDS_MAX, UNITS_MAX } from '../core/limits.ts'
import { HashList } from '../core/tree/ssz.ts'
import type { Journal } from './growth.ts'

/** The transactions that make records (SPEC §6). */
export type RecordBody = Genesis | RegisterKey | DefineUnit | PublishRule | PublishRate | SetBudget

export interface RegistryRecord {
  readonly number: number
  readonly transaction: RecordBody
  /** Leaf hash of the transaction. */
  readonly body: Uint8Array
  /** Log index of the transaction. */
  readonly from: number
  /** Log index of the transaction that revoked it, or 0. */
  until: number
}

/** A key of the registry. */
export interface KeyRecord {
  readonly role: Role
  readonly key: Uint8Array
  readonly scope: readonly number[]
  readonly backdateMs: number
}

/** A unit and what has been moved of it. `position` is its place among the units. */
export interface Unit {
  readonly record: number
  readonly position: number
  /** What defines it, its policy among that. */
  readonly terms: DefineUnit
  /** Account number of its treasury, or -1 while there is none. */
  treasury: number
  /** Account number of the first account for expired points, or -1. */
  expiredAccount: number
  issued: number
  redeemed: number
  expired: number
  reversed: number
  owed: number
}

/** The numbered list of keys, units and rules (SPEC §6). Small, so plain objects. */
export class Registry {
  readonly records: RegistryRecord[] = []
  readonly units: Unit[] = []
  readonly #unitOfRecord = new Map<number, Unit>()
  readonly #names = new Set<string>()
  /** Revocations since the last `root`. The records made since then are those behind the tree's length. */
  #revoked: number[] = []
  readonly #tree = new HashList(RECORD_DEPTH)
  #liveRootCount = 0
  /** Is told of every change, while a snapshot is kept. */
  journal: Journal | undefined

  /** How many root keys are not revoked. Counted along: whatever is for root to do asks for it. */
  get liveRootCount(): number {
    return this.#liveRootCount
  }

  /** Whether there is no room for a record, or, where it is to be a unit, for a unit. */
  isFull(forUnit: boolean): boolean {
    return this.records.length >= RECORDS_MAX || (forUnit && this.units.length >= UNITS_MAX)
  }

  /** Whether there is a unit, a rule or a rate of that name. */
  hasName({ kind, name }: DefineUnit | PublishRule | PublishRate): boolean {
    return this.#names.has(`${kind} ${name}`)
  }

  /** Adds the record that `transaction` makes and returns its number. */
  add(transaction: RecordBody, body: Uint8Array, logIndex: number): number {
    const number = this.records.length
    const record: RegistryRecord = { number, transaction, body, from: logIndex, until: 0 }
    this.records.push(record)
    this.journal?.added(transaction, logIndex)
    if (this.key(number)?.role === 'root') this.#liveRootCount++
    if ('name' in transaction) this.#names.add(`${transaction.kind} ${transaction.name}`)
    if (transaction.kind === 'define-unit') {
      const unit: Unit = {
        record: number,
        position: this.units.length,
        terms: transaction,
        treasury: -1,
        expiredAccount: -1,
        issued: 0,
        redeemed: 0,
        expired: 0,
        reversed: 0,
        owed: 0,
      }
      this.units.push(unit)
      this.#unitOfRecord.set(number, unit)
    }
    return number
  }

  /** Marks a record as revoked by the transaction at `logIndex`. */
  revoke(number: number, logIndex: number): void {
    if (this.standingKey(number)?.role === 'root') this.#liveRootCount--
    this.records[number]!.until = logIndex
    this.#revoked.push(number)
    this.journal?.revoked(number, logIndex)
  }

  /** The unit that a record defines, if it does. */
  unit(record: number): Unit | undefined {
    return this.#unitOfRecord.get(record)
  }

  /** The key that a record holds, if it does: its own, or the root key of genesis. */
  key(number: number): KeyRecord | undefined {
    const transaction = this.records[number]?.transaction
    if (transaction?.kind === 'genesis') return { role: 'root', key: transaction.rootKey, scope: [], backdateMs: 0 }
    return transaction?.kind === 'register-key' ? transaction : undefined
  }

  /** The rule, or the rate, that a record holds and that was not revoked. */
  standing<K extends 'publish-rule' | 'publish-rate'>(
    number: number,
    kind: K,
  ): Extract<RecordBody, { kind: K }> | undefined {
    const record = this.records[number]
    return record?.until === 0 && record.transaction.kind === kind
      ? (record.transaction as Extract<RecordBody, { kind: K }>)
      : undefined
  }

  /** The key of that role that a record holds and that was not revoked. */
  standingKey(number: number): KeyRecord | undefined {
    return this.records[number]?.until === 0 ? this.key(number) : undefined
  }

  /** `List[Record, 2^16]` of the records as they are (SPEC §6). */
  root(): Uint8Array {
    for (const number of this.#revoked)
      if (number < this.#tree.length) this.#tree.set(number, recordRoot(this.records[number]!))
    this.#revoked = []
    while (this.#tree.length < this.records.length) this.#tree.push(recordRoot(this.records[this.#tree.length]!))
    return this.#tree.root()
  }

  /**
   * A record as it was at the last `root`, with its list path under that (SPEC §2). Undefined if it was made
   * since.
   */
  sealed(number: number): { readonly state: RecordState; readonly path: Uint8Array[] } | undefined {
    if (number >= this.#tree.length) return undefined
    const { body, from, until } = this.records[number]!
    return { state: { body, from, until: this.#revoked.includes(number) ? 0 : until }, path: this.#tree.path(number) }
  }
}
