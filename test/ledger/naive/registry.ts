import { hash } from 'node:crypto'
import { concatBytes, toHex } from '../../../src/core/bytes.ts'
import type { Role, Transaction, TransactionOf } from '../../../src/core/entry/transaction.ts'
import type { State, Unit } from './state.ts'

/** The kinds that make records. */
export const RECORD_KINDS: readonly string[] = [
  'genesis',
  'register-key',
  'define-unit',
  'publish-rule',
  'publish-rate',
  'set-budget',
  'continue-log',
]

/** Leaf hashes that were asked for: each is asked for again at every seal. */
const LEAVES = new WeakMap<Uint8Array, Uint8Array>()

/** RFC 6962: the leaf hash of an entry. */
export function leaf(entry: Uint8Array): Uint8Array {
  const known = LEAVES.get(entry)
  if (known !== undefined) return known
  const made = new Uint8Array(hash('sha256', concatBytes(Uint8Array.of(0), entry), 'buffer'))
  LEAVES.set(entry, made)
  return made
}

/** A key of the registry, whether it stands or not. */
export interface NaiveKey {
  readonly role: Role
  /** In hex. */
  readonly key: string
  readonly scope: readonly number[]
  readonly backdateMs: number
}

/** The key that a record is. The first records are the root keys of genesis, in their order. */
export function keyOf({ records }: State, n: number): NaiveKey | undefined {
  const tx = records[n]?.tx
  if (tx?.kind === 'genesis') return { role: 'root', key: toHex(tx.roots[n]!), scope: [], backdateMs: 0 }
  return tx?.kind === 'register-key' ? { ...tx, key: toHex(tx.key) } : undefined
}

export const stands = ({ records }: State, n: number): boolean => records[n]?.until === 0

/** The role of a key that stands. */
export const standingRole = (state: State, n: number): Role | undefined =>
  stands(state, n) ? keyOf(state, n)?.role : undefined

/** The keys of all root keys that stand. */
export const standingRoots = (state: State): string[] =>
  state.records.flatMap((_, n) => (standingRole(state, n) === 'root' ? keyOf(state, n)!.key : []))

/** The record's transaction, where it is of that kind. */
export function recordOf<K extends Transaction['kind']>(
  { records }: State,
  n: number,
  kind: K,
): TransactionOf<K> | undefined {
  const tx = records[n]?.tx
  return tx?.kind === kind ? (tx as TransactionOf<K>) : undefined
}

export const unitOf = (state: State, n: number): Unit | undefined => recordOf(state, n, 'define-unit')

/** The units, in the order of their records. */
export const unitsOf = (state: State): number[] =>
  state.records.flatMap((_, n) => (unitOf(state, n) === undefined ? [] : n))

/** The rule or rate, where it stands. */
export const standing = <K extends 'publish-rule' | 'publish-rate'>(state: State, n: number, kind: K) =>
  stands(state, n) ? recordOf(state, n, kind) : undefined

/** The leaf hash of the entry that made a record, as openings name it; zeros where there is no such record. */
export const leafOf = ({ records }: State, n: number): Uint8Array =>
  records[n] === undefined ? new Uint8Array(32) : leaf(records[n].bytes)

/** Whether a record is what someone was shown: the leaf hash of its entry. */
export const isRecord = (state: State, n: number, hash: Uint8Array): boolean =>
  state.records[n] !== undefined && toHex(leafOf(state, n)) === toHex(hash)

/** Whether a name is taken among the records of its kind, those that were revoked too. */
export const isNameTaken = ({ records }: State, kind: string, name: string): boolean =>
  records.some(({ tx }) => tx.kind === kind && 'name' in tx && tx.name === name)

/** Whether a ledger had a log of that name, or under that key. */
export const hadLog = ({ records, logs }: State, origin: string, logKey: Uint8Array): boolean =>
  logs.some(n => {
    const { tx } = records[n]!
    return 'logKey' in tx && (tx.origin === origin || toHex(tx.logKey) === toHex(logKey))
  })

export const countOf = ({ records }: State, kind: string): number => records.filter(({ tx }) => tx.kind === kind).length
