import type { RecordState } from '../account/account.ts'
import { recordRoot } from '../account/account.ts'
import { equalBytes } from '../core/bytes.ts'
import type {
  ContinueLog,
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
import { Chains, type Registration } from './chains.ts'
import type { Growth } from './growth.ts'
import { Total } from './total.ts'

/** The transactions that make records (SPEC §6). */
export type RecordBody = Genesis | RegisterKey | DefineUnit | PublishRule | PublishRate | SetBudget | ContinueLog

export interface RegistryRecord {
  readonly number: number
  readonly transaction: RecordBody
  /** Leaf hash of the transaction. */
  readonly body: Uint8Array
  /** Log index of the transaction, and ledger time of its batch. */
  readonly from: number
  readonly time: number
  /** Log index of the transaction that revoked it, or 0. */
  until: number
  /** The latest record that succeeds it; of what names a log, the one that names the next; or 0. */
  next: number
  /** The key that it holds, if it does: its own, or one of the root keys of genesis. */
  readonly key: KeyRecord | undefined
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
  readonly issued: Total
  readonly opened: Total
  readonly redeemed: Total
  readonly expired: Total
  readonly reinstated: Total
  readonly reversed: Total
  readonly owed: Total
}

/** The numbered list of keys, units and rules (SPEC §6). Small, so plain objects. */
export class Registry {
  readonly records: RegistryRecord[] = []
  readonly units: Unit[] = []
  readonly #unitOfRecord = new Map<number, Unit>()
  readonly #names = new Set<string>()
  /** The chains of custodians' keys. */
  readonly chains: Chains = new Chains()
  /** The longest time in public that a takeover takes in any unit. */
  #takeoverMs = 0
  /**
   * What changed of records since the last `root`, as it was. The records made since then are after the tree's length.
   */
  readonly #before = new Map<number, Pick<RecordState, 'until' | 'next'>>()
  readonly #tree = new HashList(RECORD_DEPTH)
  /** Record numbers of the root keys that stand. */
  #roots: number[] = []
  /** Record numbers of what names a log of the ledger: genesis, and what continued it. */
  #logs: number[] = []
  /** Is told of every change, while a snapshot is kept. */
  growth: Growth | undefined

  /** How many root keys are not revoked. Counted along: whatever is for root to do asks for it. */
  get liveRootCount(): number {
    return this.#roots.length
  }

  /** What names the logs that the ledger was in, one after another: the first record, and those that continued it. */
  get logs(): readonly (RegistryRecord & { readonly transaction: Genesis | ContinueLog })[] {
    return this.#logs.map(number => this.records[number] as (typeof this.logs)[number])
  }

  /** Whether a root key that stands is this one. */
  hasRoot(key: Uint8Array): boolean {
    return this.#roots.some(number => equalBytes(this.records[number]!.key!.key, key))
  }

  /** Whether there is no room for a record, or, where it is to be a unit, for a unit. */
  isFull(forUnit: boolean): boolean {
    return this.records.length >= RECORDS_MAX || (forUnit && this.units.length >= UNITS_MAX)
  }

  /** Whether there is, or was, a record of that kind, a unit, a rule or a rate, of that name. */
  hasName({ kind, name }: DefineUnit | PublishRule | PublishRate): boolean {
    return this.#names.has(`${kind} ${name}`)
  }

  /** Adds the record that `transaction` makes; for a genesis one for each of its root keys. */
  add(transaction: RecordBody, body: Uint8Array, registration: Registration): void {
    this.growth?.added(transaction, registration)
    const { logIndex: from, time } = registration
    if (transaction.kind === 'genesis')
      for (const key of transaction.roots)
        this.#push({ transaction, body, from, time, key: { role: 'root', key, scope: [], backdateMs: 0 } })
    else
      this.#push({ transaction, body, from, time, key: transaction.kind === 'register-key' ? transaction : undefined })
    const number = this.records.length - 1
    if ('logKey' in transaction) this.#nameLog(transaction.kind === 'genesis' ? 0 : number)
    if ('name' in transaction) this.#names.add(`${transaction.kind} ${transaction.name}`)
    if (transaction.kind === 'register-key' && transaction.role === 'custodian')
      this.#succeed(number, transaction.succeeds, registration)
    if (transaction.kind === 'define-unit') this.#defineUnit(number, transaction)
  }

  #push(record: Pick<RegistryRecord, 'transaction' | 'body' | 'from' | 'time' | 'key'>): void {
    const number = this.records.length
    this.records.push({ number, ...record, until: 0, next: 0 })
    if (record.key?.role === 'root') this.#roots.push(number)
  }

  #succeed(number: number, succeeds: number | null, { time, isByChain }: Registration): void {
    this.chains.add(number, succeeds, isByChain ? undefined : time)
    if (succeeds === null) return
    this.#keep(succeeds)
    this.records[succeeds]!.next = number
  }

  #nameLog(number: number): void {
    const before = this.#logs.at(-1)
    this.#logs.push(number)
    if (before === undefined) return
    this.#keep(before)
    this.records[before]!.next = number
  }

  #defineUnit(record: number, terms: DefineUnit): void {
    const unit: Unit = {
      record,
      position: this.units.length,
      terms,
      treasury: -1,
      expiredAccount: -1,
      issued: new Total(),
      opened: new Total(),
      redeemed: new Total(),
      expired: new Total(),
      reinstated: new Total(),
      reversed: new Total(),
      owed: new Total(),
    }
    this.units.push(unit)
    this.#unitOfRecord.set(record, unit)
    this.#takeoverMs = Math.max(this.#takeoverMs, terms.takeoverMs)
  }

  /** Marks a record as revoked by the transaction at `logIndex`. */
  revoke(number: number, logIndex: number): void {
    this.#keep(number)
    this.#roots = this.#roots.filter(root => root !== number)
    this.records[number]!.until = logIndex
    this.growth?.revoked(number, logIndex)
  }

  /** Keeps what a record that is about to change was at the last `root`. */
  #keep(number: number): void {
    const { until, next } = this.records[number]!
    if (number < this.#tree.length && !this.#before.has(number)) this.#before.set(number, { until, next })
  }

  /** Whether a custodian's key is due in every unit that there is. SPEC §6. */
  isDueEverywhere(record: number, time: number): boolean {
    return this.chains.isDue(record, time, this.#takeoverMs)
  }

  /** Whether a key of the chain of a custodian's record stands that is another than it. */
  hasOtherOfChain(record: number): boolean {
    return this.chains.recordsOf(record).some(other => other !== record && this.records[other]!.until === 0)
  }

  /** The unit that a record defines, if it does. */
  unit(record: number): Unit | undefined {
    return this.#unitOfRecord.get(record)
  }

  /** The key that a record holds, if it does: its own, or one of the root keys of genesis. */
  key(number: number): KeyRecord | undefined {
    return this.records[number]?.key
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

  /** Whether a record is a rule that stands, and that a budget may name. SPEC §7. */
  mayName(budget: number, rule: number): boolean {
    return this.standing(rule, 'publish-rule')?.budgets.includes(budget) ?? false
  }

  /** The key of that role that a record holds and that was not revoked. */
  standingKey(number: number): KeyRecord | undefined {
    return this.records[number]?.until === 0 ? this.key(number) : undefined
  }

  /** `List[Record, 2^20]` of the records as they are (SPEC §6). */
  root(): Uint8Array {
    for (const number of this.#before.keys()) this.#tree.set(number, recordRoot(this.records[number]!))
    this.#before.clear()
    while (this.#tree.length < this.records.length) this.#tree.push(recordRoot(this.records[this.#tree.length]!))
    return this.#tree.root()
  }

  /**
   * A record as it was at the last `root`, with its list path under that (SPEC §2). Undefined if it was made since.
   */
  sealed(number: number): { readonly state: RecordState; readonly path: Uint8Array[] } | undefined {
    if (number >= this.#tree.length) return undefined
    const { body, from, until, next } = this.records[number]!
    const state = { body, from, until, next, ...this.#before.get(number) }
    return { state, path: this.#tree.path(number) }
  }
}
