import { type AccountState, firstHead } from '../core/account.ts'
import { equalBytes } from '../core/bytes.ts'
import { engine } from '../core/engine.ts'
import { assert } from '../core/failure.ts'
import { type Holdings, holdingsRoot, NO_HOLDINGS } from '../core/holdings.ts'
import { ACCOUNT_DEPTH } from '../core/limits.ts'
import { dueHour, type Member } from '../core/member.ts'
import { HashList } from '../core/ssz.ts'
import { ACCOUNT_KINDS, type OpenAccount } from '../core/transaction.ts'
import { DueList } from './due.ts'

/** Bytes of an account's hot record: everything that a movement reads and writes, in one cache line. */
const HOT_BYTES = 64
/** Bytes of its cold record: owner key and leaf hash of the opening. */
const COLD_BYTES = 64

/** Accounts hashed together when roots are made: 256 bytes each, so a block stays in the second-level cache. */
const ROOT_BLOCK = 512

/**
 * All accounts of a ledger, dense by number, in flat memory: 64 hot and 64 cold bytes an account, and 64 for its place
 * in the state tree. A movement of points without dates touches one hot record and allocates nothing. Lots, holds and
 * whatever else only some accounts have are values of their own beside them.
 *
 * Hot record: credited f64 | debited f64 | time f64 | entries u32 | unit u16 | kind u8 | status u8 | head 32 bytes.
 */
export class Accounts {
  #count = 0
  #bytes = new Uint8Array(0)
  #floats = new Float64Array(0)
  #words = new Uint32Array(0)
  #halves = new Uint16Array(0)
  #cold = new Uint8Array(0)
  /** Accounts changed since the last `root`, and per account its place among them plus 1, or 0. */
  #dirty: number[] = []
  #dirtyPlace = new Uint32Array(0)
  /** Hot records of the changed accounts as they were at the last `root`, in the order of `#dirty`. */
  #before = new Uint8Array(0)
  #sealedCount = 0
  /** Holdings of the accounts that have some; and those of changed accounts as they were at the last `root`. */
  readonly #holdings = new Map<number, Holdings>()
  readonly #holdingsBefore = new Map<number, Holdings>()
  /** Owner keys that changed since the last `root`, as they were. */
  readonly #ownersBefore = new Map<number, Uint8Array>()
  /** Accounts without an owner key, and the terms of those opened with a custodian or recovery keys. */
  readonly #ownerless = new Set<number>()
  readonly #terms = new Map<number, Pick<OpenAccount, 'custodian' | 'recovery'>>()
  /** Accounts with something that comes to its end by itself. */
  readonly due: DueList = new DueList(account => this.holdings(account))
  readonly #tree = new HashList(ACCOUNT_DEPTH)
  readonly #firstHead = firstHead()

  /** How many there are; they are numbered 0 … count - 1. */
  get count(): number {
    return this.#count
  }

  /** Opens the next account and returns its number. Its opening is not yet linked. */
  open(tx: OpenAccount, opening: Uint8Array): number {
    const { unit, owner, custodian, recovery } = tx
    const kind = ACCOUNT_KINDS[tx.accountKind]
    const account = this.#count
    if (account * HOT_BYTES === this.#bytes.length) this.#grow()
    this.#count++
    this.#touch(account)
    this.#halves[account * 32 + 14] = unit
    this.#bytes[account * HOT_BYTES + 30] = kind
    this.#bytes.set(this.#firstHead, account * HOT_BYTES + 32)
    if (owner !== null) this.#cold.set(owner, account * COLD_BYTES)
    else if (tx.accountKind === 'member') this.#ownerless.add(account)
    if (custodian !== null || recovery !== null) this.#terms.set(account, { custodian, recovery })
    this.#cold.set(opening, account * COLD_BYTES + 32)
    return account
  }

  kind(account: number): number {
    return this.#bytes[account * HOT_BYTES + 30]!
  }

  unit(account: number): number {
    return this.#halves[account * 32 + 14]!
  }

  credited(account: number): number {
    return this.#floats[account * 8]!
  }

  debited(account: number): number {
    return this.#floats[account * 8 + 1]!
  }

  /** `credited - debited`: below zero for a treasury only. */
  balance(account: number): number {
    return this.#floats[account * 8]! - this.#floats[account * 8 + 1]!
  }

  /** The owner's public key, as a view; null for an account that has none. */
  owner(account: number): Uint8Array | null {
    if (this.kind(account) !== ACCOUNT_KINDS.member || this.#ownerless.has(account)) return null
    return this.#cold.subarray(account * COLD_BYTES, account * COLD_BYTES + 32)
  }

  /** 0 open, 1 frozen, 2 closed (SPEC §6). */
  status(account: number): number {
    return this.#bytes[account * HOT_BYTES + 31]!
  }

  /** The latest time of an entry of the account. */
  time(account: number): number {
    return this.#floats[account * 8 + 2]!
  }

  holdings(account: number): Holdings {
    return this.#holdings.get(account) ?? NO_HOLDINGS
  }

  /** Whether the account has nothing but points without dates. */
  isPlain(account: number): boolean {
    return !this.#holdings.has(account)
  }

  /** The custodian and the recovery terms of the opening. */
  terms(account: number): Pick<OpenAccount, 'custodian' | 'recovery'> {
    return this.#terms.get(account) ?? NO_TERMS
  }

  setHoldings(account: number, holdings: Holdings): void {
    const before = this.holdings(account)
    if (holdings === before) return
    this.#touch(account)
    if (!this.#holdingsBefore.has(account)) this.#holdingsBefore.set(account, before)
    this.#holdings.set(account, holdings)
    const hour = dueHour(holdings)
    if (hour !== undefined) this.due.note(account, hour)
  }

  /** What transactions are judged by, of a member account. */
  member(account: number): Member {
    return {
      status: this.status(account),
      owner: this.owner(account)?.slice() ?? null,
      time: this.time(account),
      credited: this.credited(account),
      debited: this.debited(account),
      holdings: this.holdings(account),
    }
  }

  /** Puts in place what a transaction made of a member account. Its entry is counted and linked by `BatchLinks`. */
  setMember(account: number, { status, owner, credited, debited, holdings }: Member): void {
    this.#touch(account)
    this.#floats[account * 8] = credited
    this.#floats[account * 8 + 1] = debited
    this.#bytes[account * HOT_BYTES + 31] = status
    this.setHoldings(account, holdings)
    if (owner !== null) this.#setOwner(account, owner)
  }

  #setOwner(account: number, owner: Uint8Array): void {
    const at = account * COLD_BYTES
    const before = this.#cold.slice(at, at + 32)
    if (equalBytes(before, owner)) return
    if (!this.#ownersBefore.has(account)) this.#ownersBefore.set(account, before)
    this.#cold.set(owner, at)
    this.#ownerless.delete(account)
  }

  /** Counts one more accepted entry that names the account, of time `timeMs` (SPEC §6). */
  countEntry(account: number, timeMs: number): void {
    this.#touch(account)
    const word = account * 16 + 6
    this.#words[word] = this.#words[word]! + 1
    const time = account * 8 + 2
    if (timeMs > this.#floats[time]!) this.#floats[time] = timeMs
  }

  credit(account: number, amount: number): void {
    this.#touch(account)
    this.#floats[account * 8] = this.#floats[account * 8]! + amount
  }

  debit(account: number, amount: number): void {
    this.#touch(account)
    this.#floats[account * 8 + 1] = this.#floats[account * 8 + 1]! + amount
  }

  /** Copies the head of an account's chain to `out` at `at`. */
  readHead(account: number, out: Uint8Array, at: number): void {
    const head = account * HOT_BYTES + 32
    for (let i = 0; i < 32; i++) out[at + i] = this.#bytes[head + i]!
  }

  /** Puts a chain's next head in place, 32 bytes of `heads` at `at`. Its entry has been counted. SPEC §6. */
  writeHead(account: number, heads: Uint8Array, at: number): void {
    const head = account * HOT_BYTES + 32
    for (let i = 0; i < 32; i++) this.#bytes[head + i] = heads[at + i]!
  }

  /** The state of an account as it is. Its byte strings are copies. */
  get(account: number): AccountState {
    assert(account < this.#count, `account ${account} of ${this.#count}`)
    const hot = this.#bytes.slice(account * HOT_BYTES, (account + 1) * HOT_BYTES)
    return this.#stateFrom(account, hot, this.owner(account)?.slice() ?? null, this.holdings(account))
  }

  /** The state of an account as it was at the last `root`; undefined if it has been opened since. */
  sealed(account: number): AccountState | undefined {
    if (account >= this.#sealedCount) return undefined
    const place = this.#dirtyPlace[account]!
    if (place === 0) return this.get(account)
    const hot = this.#before.slice((place - 1) * HOT_BYTES, place * HOT_BYTES)
    const owner = this.#ownersBefore.get(account) ?? this.owner(account)?.slice() ?? null
    return this.#stateFrom(account, hot, owner, this.sealedHoldings(account))
  }

  /** The holdings of an account as they were at the last `root`. */
  sealedHoldings(account: number): Holdings {
    return this.#holdingsBefore.get(account) ?? this.holdings(account)
  }

  #stateFrom(account: number, hot: Uint8Array, owner: Uint8Array | null, holdings: Holdings): AccountState {
    const view = new DataView(hot.buffer, hot.byteOffset)
    return {
      kind: this.kind(account),
      unit: this.unit(account),
      owner,
      opening: this.#cold.slice(account * COLD_BYTES + 32, account * COLD_BYTES + 64),
      status: hot[31]!,
      entries: view.getUint32(24, true),
      time: view.getFloat64(16, true),
      credited: view.getFloat64(0, true),
      debited: view.getFloat64(8, true),
      head: hot.slice(32, 64),
      more: holdingsRoot(holdings),
    }
  }

  /** How many accounts changed since the last `root`. */
  get dirtyCount(): number {
    return this.#dirty.length
  }

  /**
   * The state root: `List[Account, 2^32]` (SPEC §6), of the accounts as they are now. Hashes what changed since the
   * last call, 512 accounts at a time: ten hashes an account and its share of the tree.
   */
  root(): Uint8Array {
    // In order of number, so that new accounts are appended to the tree in order.
    this.#dirty.sort((a, b) => a - b)
    const leaves = new Uint8Array(ROOT_BLOCK * 32 * 8)
    const terms = new Uint8Array(ROOT_BLOCK * 32 * 4)
    const half = new Uint8Array(ROOT_BLOCK * 32 * 4)
    for (let from = 0; from < this.#dirty.length; from += ROOT_BLOCK) {
      const block = this.#dirty.slice(from, from + ROOT_BLOCK)
      this.#fillTerms(block, terms)
      // Three levels of pairs, each of all accounts of the block at once: 4 chunks → 2 → the root of the terms.
      engine().hashPairs(terms.subarray(0, block.length * 128), half.subarray(0, block.length * 64))
      engine().hashPairs(half.subarray(0, block.length * 64), terms.subarray(0, block.length * 32))
      this.#fillAccounts(block, terms, leaves)
      engine().hashPairs(leaves.subarray(0, block.length * 256), half.subarray(0, block.length * 128))
      engine().hashPairs(half.subarray(0, block.length * 128), leaves.subarray(0, block.length * 64))
      engine().hashPairs(leaves.subarray(0, block.length * 64), half.subarray(0, block.length * 32))
      block.forEach((account, i) => {
        const root = half.subarray(32 * i, 32 * i + 32)
        if (account === this.#tree.length) this.#tree.push(root)
        else this.#tree.set(account, root)
        this.#dirtyPlace[account] = 0
      })
    }
    this.#dirty = []
    this.#holdingsBefore.clear()
    this.#ownersBefore.clear()
    this.#sealedCount = this.#count
    return this.#tree.root()
  }

  /** The list path of an account under the last root that `root` returned: 32 hashes (SPEC §2). */
  path(account: number): Uint8Array[] {
    return this.#tree.path(account)
  }

  #fillTerms(block: readonly number[], out: Uint8Array): void {
    out.fill(0, 0, block.length * 128)
    block.forEach((account, i) => {
      out[128 * i] = this.kind(account)
      out[128 * i + 32] = this.unit(account) & 0xff
      out[128 * i + 33] = this.unit(account) >> 8
      out.set(this.#cold.subarray(account * COLD_BYTES, account * COLD_BYTES + COLD_BYTES), 128 * i + 64)
    })
  }

  #fillAccounts(block: readonly number[], terms: Uint8Array, out: Uint8Array): void {
    out.fill(0, 0, block.length * 256)
    const view = new DataView(out.buffer, out.byteOffset)
    block.forEach((account, i) => {
      const at = 256 * i
      out.set(terms.subarray(32 * i, 32 * i + 32), at)
      out[at + 32] = this.#bytes[account * HOT_BYTES + 31]!
      view.setUint32(at + 64, this.#words[account * 16 + 6]!, true)
      setUint64(view, at + 96, this.#floats[account * 8 + 2]!)
      setUint64(view, at + 128, this.#floats[account * 8]!)
      setUint64(view, at + 160, this.#floats[account * 8 + 1]!)
      out.set(this.#bytes.subarray(account * HOT_BYTES + 32, account * HOT_BYTES + 64), at + 192)
      const holdings = this.#holdings.get(account)
      if (holdings !== undefined) out.set(holdingsRoot(holdings), at + 224)
    })
  }

  /** Notes that an account is about to change, and keeps what it was. */
  #touch(account: number): void {
    if (this.#dirtyPlace[account] !== 0) return
    const place = this.#dirty.push(account)
    this.#dirtyPlace[account] = place
    if (place * HOT_BYTES > this.#before.length) this.#before = resized(this.#before, 2 * place * HOT_BYTES)
    const from = account * HOT_BYTES
    this.#before.set(this.#bytes.subarray(from, from + HOT_BYTES), (place - 1) * HOT_BYTES)
  }

  #grow(): void {
    const capacity = Math.max(1024, this.#count * 2)
    const bytes = resized(this.#bytes, capacity * HOT_BYTES)
    this.#bytes = bytes
    this.#floats = new Float64Array(bytes.buffer)
    this.#words = new Uint32Array(bytes.buffer)
    this.#halves = new Uint16Array(bytes.buffer)
    this.#cold = resized(this.#cold, capacity * COLD_BYTES)
    const dirtyPlace = new Uint32Array(capacity)
    dirtyPlace.set(this.#dirtyPlace)
    this.#dirtyPlace = dirtyPlace
  }
}

const NO_TERMS = { custodian: null, recovery: null } as const

/** A copy of `bytes` with room for `size` bytes. */
function resized(bytes: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(size)
  copy.set(bytes)
  return copy
}

/** Writes a whole number below 2^53 as a little-endian uint64 (SSZ). */
function setUint64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true)
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true)
}
