import { utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { UNIT_DEPTH } from '../core/limits.ts'
import { chunkUint, chunkUint128, containerRoot, listRootOfHashes } from '../core/tree/ssz.ts'

/** The state of one account, as statements show it (SPEC §6). */
export interface AccountState {
  readonly kind: number
  readonly unit: number
  /** The owner's key now, 32 bytes; null for an account without one. */
  readonly owner: Uint8Array | null
  /** Leaf hash of the opening. */
  readonly opening: Uint8Array
  readonly status: number
  readonly entries: number
  /** Ledger time of its last entry. */
  readonly time: number
  /** The balance above zero, and below it: one of them is 0. */
  readonly credit: number
  readonly debit: number
  readonly head: Uint8Array
  /** Root of its `Holdings`: lots, holds, consents, what is under way; 32 zero bytes while there is nothing of it. */
  readonly more: Uint8Array
}

/** A record of the registry, as the registry root commits to it (SPEC §6). */
export interface RecordState {
  /** Leaf hash of the transaction that made it. */
  readonly body: Uint8Array
  /** Log index of that transaction. */
  readonly from: number
  /** Log index of the transaction that revoked it, or 0. */
  readonly until: number
  /** The latest record that succeeds it, or 0. */
  readonly next: number
}

/** What a seal's totals say of one unit (SPEC §6). They never wear out, so they may be above 2^53. */
export interface UnitTotals {
  readonly unit: number
  readonly issued: bigint
  /** What members brought from an old system. */
  readonly opened: bigint
  readonly redeemed: bigint
  readonly expired: bigint
  /** What came back of that. */
  readonly reinstated: bigint
  readonly reversed: bigint
  readonly owed: bigint
}

/** The head of an account's chain before its first entry: `H("tallystick/head/v1")`. SPEC §6. */
export function firstHead(): Uint8Array {
  return engine().sha256(utf8Encode('tallystick/head/v1'))
}

/** The head after one more link: `H(head ‖ link)`, both 32 bytes. SPEC §6. */
export function nextHead(head: Uint8Array, link: Uint8Array): Uint8Array {
  const pair = new Uint8Array(64)
  pair.set(head)
  pair.set(link, 32)
  const next = new Uint8Array(32)
  engine().hashPairs(pair, next)
  return next
}

/** `hash_tree_root(Account)`. SPEC §6. Ten hashes. */
export function accountRoot(account: AccountState): Uint8Array {
  const terms = containerRoot([
    chunkUint(account.kind),
    chunkUint(account.unit),
    account.owner ?? new Uint8Array(32),
    account.opening,
  ])
  return containerRoot([
    terms,
    chunkUint(account.status),
    chunkUint(account.entries),
    chunkUint(account.time),
    chunkUint(account.credit),
    chunkUint(account.debit),
    account.head,
    account.more,
  ])
}

/** `hash_tree_root(Record)`. SPEC §6. */
export function recordRoot(record: RecordState): Uint8Array {
  return containerRoot([record.body, chunkUint(record.from), chunkUint(record.until), chunkUint(record.next)])
}

/** `hash_tree_root(Totals)`: the salt and what has been moved of each unit, in the order of their records. SPEC §6. */
export function totalsRoot(salt: Uint8Array, units: readonly UnitTotals[]): Uint8Array {
  return containerRoot([salt, unitTotalsRoot(units)])
}

/** The root of `List[UnitTotals, 2^8]`, in the order of their records: what a salt blinds in a seal. SPEC §6. */
export function unitTotalsRoot(units: readonly UnitTotals[]): Uint8Array {
  const roots = new Uint8Array(32 * units.length)
  units.forEach(({ unit, issued, opened, redeemed, expired, reinstated, reversed, owed }, i) => {
    const totals = [issued, opened, redeemed, expired, reinstated, reversed, owed].map(chunkUint128)
    roots.set(containerRoot([chunkUint(unit), ...totals]), 32 * i)
  })
  return listRootOfHashes(roots, UNIT_DEPTH)
}
