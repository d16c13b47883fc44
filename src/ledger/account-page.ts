import { zeroHash } from '../core/ssz.ts'

/** A page holds 2^12 accounts. */
export const PAGE_DEPTH = 12
export const PAGE_ACCOUNTS: number = 2 ** PAGE_DEPTH

/** Bytes of an account's hot record: everything that a movement reads and writes, in one cache line. */
export const HOT_BYTES = 64
/** Bytes of its cold record: owner key and leaf hash of the opening. */
export const COLD_BYTES = 64

/**
 * 4,096 accounts in flat memory that is never moved: 198 bytes an account.
 *
 * Hot record, little-endian: credited f64 | debited f64 | time f64 | entries u32 | unit u16 | kind u8 | status u8 |
 * head 32 bytes. Cold record: owner key, or zeros, 32 bytes | leaf hash of the opening 32 bytes.
 */
export class AccountPage {
  /** The hot records, and views of the same memory. */
  readonly bytes: Uint8Array<ArrayBuffer> = new Uint8Array(PAGE_ACCOUNTS * HOT_BYTES)
  readonly floats: Float64Array = new Float64Array(this.bytes.buffer)
  readonly words: Int32Array = new Int32Array(this.bytes.buffer)
  readonly halves: Uint16Array = new Uint16Array(this.bytes.buffer)
  readonly cold: Uint8Array<ArrayBuffer> = new Uint8Array(PAGE_ACCOUNTS * COLD_BYTES)
  readonly coldWords: Int32Array = new Int32Array(this.cold.buffer)
  /** A bit an account: whether its record as it was at the last seal is in `Before`; and where the last of the page is, plus 1. */
  readonly kept: Int32Array = new Int32Array(PAGE_ACCOUNTS / 32)
  lastKept = 0
  /** A bit an account: whether its root in `nodes` is not that of its record. */
  readonly stale: Int32Array = new Int32Array(PAGE_ACCOUNTS / 32)
  staleCount = 0
  /** A bit an account: whether it is a member's without an owner key. */
  readonly ownerless: Int32Array = new Int32Array(PAGE_ACCOUNTS / 32)
  /** Its part of the state tree, the levels of `KEPT_LEVELS`: 37 bytes an account. */
  readonly nodes: Int32Array<ArrayBuffer> = emptyNodes()
  readonly nodeBytes: Uint8Array<ArrayBuffer> = new Uint8Array(this.nodes.buffer)
  /** `H(terms ‖ status)` of each account: what a movement leaves as it is, 32 bytes an account. */
  readonly terms: Int32Array<ArrayBuffer> = new Int32Array(PAGE_ACCOUNTS * 8)
  /** A bit an account: whether its hash in `terms` is not that of its records. */
  readonly #staleTerms: Int32Array = new Int32Array(PAGE_ACCOUNTS / 32)

  /** Forgets which records are in `Before`. */
  forgetKept(): void {
    if (this.lastKept === 0) return
    this.kept.fill(0)
    this.lastKept = 0
  }

  /** Notes that owner or status of the account at `at` changes, or that it is new. */
  changeTerms(at: number): void {
    this.#staleTerms[at >>> 5] = this.#staleTerms[at >>> 5]! | (1 << (at & 31))
  }

  /** Whether `changeTerms` was called since the last call. */
  endTerms(at: number): boolean {
    const [word, bit] = [this.#staleTerms[at >>> 5]!, 1 << (at & 31)]
    if ((word & bit) === 0) return false
    this.#staleTerms[at >>> 5] = word & ~bit
    return true
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
 * The levels of a page's tree that are kept, from the accounts' roots up. The others are some hashes away from one below
 * them, and would cost 27 bytes an account, of which level 1 is 16: in a seal of many accounts most nodes of levels 4 and 5
 * are made anew anyway, and level 2 for 8 bytes would save a tenth of it.
 */
export const KEPT_LEVELS: readonly number[] = [0, 3, 6, 7, 8, 9, 10, 11, PAGE_DEPTH]

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

function emptyNodes(): Int32Array<ArrayBuffer> {
  const nodes = new Int32Array(NODE_WORDS)
  nodes.set(EMPTY_UPPER, 8 * PAGE_ACCOUNTS)
  return nodes
}
