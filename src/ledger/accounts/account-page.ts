import { zeroHash } from '../../core/tree/ssz.ts'

/** A page holds 2^12 accounts. */
export const PAGE_DEPTH = 12
export const PAGE_ACCOUNTS: number = 2 ** PAGE_DEPTH

/** Where the fields of a hot record stand: as numbers of eight bytes, as words of four, as bytes. */
export const BALANCE = 0
export const TIME = 1
export const ENTRIES = 2
export const UNIT_WORD = 6
export const KIND_WORD = 7
export const KIND_BYTE = 28
export const STATUS_BYTE = 29

/** Bytes of an account's hot record: everything that a movement reads and writes, in one cache line. */
export const HOT_BYTES = 64
/** Bytes of its cold record: owner key and leaf hash of the opening. */
export const COLD_BYTES = 64

/**
 * 4,096 accounts in flat memory that is never moved: 197 bytes an account.
 *
 * Hot record, little-endian: balance f64 | time f64 | entries f64 | unit u32 | kind u8 | status u8 | 2 bytes | head 32
 * bytes. Cold record: owner key, or zeros, 32 bytes | leaf hash of the opening 32 bytes.
 */
export class AccountPage {
  /** The hot records, and views of the same memory. */
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly floats: Float64Array
  readonly words: Int32Array
  readonly cold: Uint8Array<ArrayBuffer>
  readonly coldWords: Int32Array
  /**
   * A bit an account: whether its record as it was at the last seal is in `SealedAccounts`; and where the last of the
   * page is, plus 1.
   */
  readonly kept: Int32Array
  lastKept = 0
  /** A bit an account: whether its root in `nodes` is not that of its record. */
  readonly stale: Int32Array
  staleCount = 0
  /** A bit an account: whether it is a member's without an owner key. */
  readonly ownerless: Int32Array
  /** Its part of the state tree, the levels of `KEPT_LEVELS`: 36 bytes an account. */
  readonly nodes: Int32Array<ArrayBuffer>
  readonly nodeBytes: Uint8Array<ArrayBuffer>
  /** `H(terms ‖ status)` of each account: what a movement leaves as it is, 32 bytes an account. */
  readonly terms: Int32Array<ArrayBuffer>
  /** A bit an account: whether its hash in `terms` is not that of its records. */
  readonly #staleTerms: Int32Array

  /** @param memory - zeros, of which the page takes `PAGE_BYTES` from `begin` on. */
  constructor(memory: ArrayBuffer, begin: number) {
    let at = begin
    const words = (count: number) => {
      at += 4 * count
      return new Int32Array(memory, at - 4 * count, count)
    }
    this.words = words((PAGE_ACCOUNTS * HOT_BYTES) / 4)
    this.bytes = new Uint8Array(memory, begin, PAGE_ACCOUNTS * HOT_BYTES)
    this.floats = new Float64Array(memory, begin, (PAGE_ACCOUNTS * HOT_BYTES) / 8)
    this.coldWords = words((PAGE_ACCOUNTS * COLD_BYTES) / 4)
    this.cold = new Uint8Array(memory, this.coldWords.byteOffset, PAGE_ACCOUNTS * COLD_BYTES)
    this.terms = words(PAGE_ACCOUNTS * 8)
    this.nodes = words(NODE_WORDS)
    this.nodes.set(EMPTY_UPPER, 8 * PAGE_ACCOUNTS)
    this.nodeBytes = new Uint8Array(memory, this.nodes.byteOffset, 4 * NODE_WORDS)
    this.kept = words(PAGE_ACCOUNTS / 32)
    this.stale = words(PAGE_ACCOUNTS / 32)
    this.ownerless = words(PAGE_ACCOUNTS / 32)
    this.#staleTerms = words(PAGE_ACCOUNTS / 32)
  }

  /** Forgets which records are in `SealedAccounts`. */
  forgetKept(): void {
    if (this.lastKept === 0) return
    this.kept.fill(0)
    this.lastKept = 0
  }

  /** Notes that owner or status of the account at `at` changes, or that it is new. */
  changeTerms(at: number): void {
    this.#staleTerms[at >>> 5] = this.#staleTerms[at >>> 5]! | (1 << (at & 31))
  }

  /** Takes back an account that was never hashed. */
  clear(at: number): void {
    this.bytes.fill(0, at * HOT_BYTES, (at + 1) * HOT_BYTES)
    this.cold.fill(0, at * COLD_BYTES, (at + 1) * COLD_BYTES)
    for (const bits of [this.stale, this.ownerless, this.#staleTerms]) setBit(bits, at, false)
    this.staleCount--
  }

  /** Whether `changeTerms` was called since the last call. */
  endTerms(at: number): boolean {
    const [word, bit] = [this.#staleTerms[at >>> 5]!, 1 << (at & 31)]
    if ((word & bit) === 0) return false
    this.#staleTerms[at >>> 5] = word & ~bit
    return true
  }
}

/**
 * Pages that are made in one piece at most: 52 MB, which the system gives and takes as such, so that nothing lies
 * between.
 */
const PIECE_PAGES = 64

/** Makes pages, one after another, in pieces of memory that double. */
export class PageMaker {
  #memory = new ArrayBuffer(0)
  #used = 0
  #made = 0

  next(): AccountPage {
    if (this.#used === this.#memory.byteLength) {
      this.#memory = new ArrayBuffer(PAGE_BYTES * Math.max(1, Math.min(PIECE_PAGES, this.#made)))
      this.#used = 0
    }
    const page = new AccountPage(this.#memory, this.#used)
    this.#used += PAGE_BYTES
    this.#made++
    return page
  }
}

/** The number of an account within its page. */
export function inPage(account: number): number {
  return account & (PAGE_ACCOUNTS - 1)
}

/** The number of an account's page. */
export function pageOf(account: number): number {
  return account >>> PAGE_DEPTH
}

/**
 * The levels of a page's tree that are kept, from the accounts' roots up. The others are some hashes away from one
 * below them, and would cost 28 bytes an account, of which level 1 is 16: in a seal of many accounts most nodes from
 * level 4 up are made again anyway, and level 2 for 8 bytes would save a tenth of it.
 */
export const KEPT_LEVELS: readonly number[] = [0, 3, 8, PAGE_DEPTH]

/** Words before the nodes of a kept level. */
export const LEVEL_AT: readonly number[] = levelOffsets()

function levelOffsets(): number[] {
  const offsets: number[] = []
  let at = 0
  for (const level of KEPT_LEVELS) {
    offsets[level] = 8 * at
    at += PAGE_ACCOUNTS / 2 ** level
  }
  return offsets
}

const NODE_WORDS = LEVEL_AT[PAGE_DEPTH]! + 8

/** All of it: records, `terms`, `nodes`, and four bits an account. A multiple of 32. */
const PAGE_BYTES = PAGE_ACCOUNTS * (HOT_BYTES + COLD_BYTES + 32) + 4 * NODE_WORDS + PAGE_ACCOUNTS / 2

/** The levels above the accounts' roots, of a page without accounts. */
const EMPTY_UPPER: Int32Array = emptyUpper()

function emptyUpper(): Int32Array {
  const words = new Int32Array(NODE_WORDS)
  for (const level of KEPT_LEVELS.slice(1)) {
    const zero = new Int32Array(zeroHash(level).buffer)
    for (let n = 0; n < PAGE_ACCOUNTS / 2 ** level; n++) words.set(zero, LEVEL_AT[level]! + 8 * n)
  }
  return words.subarray(8 * PAGE_ACCOUNTS)
}

/** Sets or clears one of a page's bits, 32 to a word. */
export function setBit(bits: Int32Array, at: number, isSet: boolean): void {
  const bit = 1 << (at & 31)
  bits[at >>> 5] = isSet ? bits[at >>> 5]! | bit : bits[at >>> 5]! & ~bit
}
