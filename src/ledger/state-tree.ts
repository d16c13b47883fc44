import { engine } from '../core/engine.ts'
import { assert } from '../core/failure.ts'
import { ACCOUNT_DEPTH } from '../core/limits.ts'
import { chunkUint, HashList, pairHash, zeroHash } from '../core/ssz.ts'
import { type AccountPage, inPage, LEVEL_AT, PAGE_ACCOUNTS, PAGE_DEPTH, pageOf } from './account-page.ts'
import { NodesBefore } from './nodes-before.ts'

/** Accounts after which a slice ends: a millisecond of hashing. A slice ends where a page does. */
const SLICE = 512
/** Accounts hashed together: 256 bytes each, so a block stays in the second-level cache. */
const ACCOUNT_BLOCK = 512
/** Pairs hashed together of the levels above. */
const PAIR_BLOCK = 2048

/** Words of an account's eight fields, and of the pair of its owner key and opening. */
const FIELD_WORDS = 64
const PAIR_WORDS = 16
const HASH_WORDS = 8

/** A buffer of words that are hashed, and the same as bytes. */
class Words {
  readonly words: Int32Array<ArrayBuffer>
  readonly #bytes: Uint8Array

  constructor(count: number) {
    this.words = new Int32Array(count)
    this.#bytes = new Uint8Array(this.words.buffer)
  }

  /** Hashes the first `pairs` pairs of 64 bytes into `to`. */
  hash(pairs: number, to: Words): void {
    engine().hashPairs(this.#bytes.subarray(0, 64 * pairs), to.#bytes.subarray(0, 32 * pairs))
  }
}

/**
 * The tree over all accounts, `List[Account, 2^32]` (SPEC §6), in the pages' memory. What changed is hashed level by
 * level, thousands of pairs a call: nine hashes an account and its share of the tree.
 */
export class StateTree {
  readonly #pages: readonly AccountPage[]
  readonly #moreOf: (account: number) => Uint8Array | undefined
  /** The pages' roots. */
  readonly #upper = new HashList(ACCOUNT_DEPTH - PAGE_DEPTH, PAGE_DEPTH)
  readonly #fields = new Words(ACCOUNT_BLOCK * FIELD_WORDS)
  readonly #half = new Words((ACCOUNT_BLOCK * FIELD_WORDS) / 2)
  readonly #pairs = new Words(PAIR_BLOCK * PAIR_WORDS * 2)
  readonly #hashes = new Words(PAIR_BLOCK * PAIR_WORDS)
  /** Accounts of the slice, and then the nodes above them: at most a page on top of a slice. */
  readonly #indexes = new Uint32Array(SLICE + PAGE_ACCOUNTS)
  /** What was hashed since the last root, as it was then, over how many accounts that was, and whether more is to be kept. */
  readonly #before = new NodesBefore(PAGE_DEPTH)
  #rootCount = 0
  #isAhead = false
  /** `H(kind ‖ unit)` by kind and unit. */
  readonly #kinds = new Map<number, Int32Array>()

  /** @param moreOf - the root of what an account has besides its sums; undefined for 32 zero bytes. */
  constructor(pages: readonly AccountPage[], moreOf: (account: number) => Uint8Array | undefined) {
    this.#pages = pages
    this.#moreOf = moreOf
  }

  /**
   * Hashes the stale accounts of the pages from `from` on, and all above them but the pages' own tree, until it has done
   * some thousands. Returns the page to go on from.
   *
   * @param onHashed - is told of every account whose root was made, by increasing number.
   * @param isAhead - whether `path` is to be had afterwards: no page twice then in a round.
   */
  hashFrom(
    from: number,
    onHashed: ((account: number, page: AccountPage) => void) | undefined,
    isAhead: boolean,
  ): number {
    this.#isAhead = isAhead
    let count = 0
    let next = from
    for (; next < this.#pages.length && count < SLICE; next++) {
      const page = this.#pages[next]!
      if (page.staleCount > 0) count = this.#collect(page, next * PAGE_ACCOUNTS, count)
    }
    if (count === 0) return next
    for (let at = 0; at < count; at += ACCOUNT_BLOCK)
      this.#hashAccounts(at, Math.min(count, at + ACCOUNT_BLOCK), onHashed)
    this.#hashTree(count)
    return next
  }

  /** Begins the next round of what is hashed ahead, in which pages come in order once more. */
  nextRound(): void {
    this.#before.nextRound()
  }

  /** The root, of pages none of which is stale, over the first `count` accounts. */
  root(count: number): Uint8Array {
    this.#before.clear()
    this.#rootCount = count
    return pairHash(this.#upper.tree(), chunkUint(count))
  }

  /** The list path of an account under the last root: 32 hashes (SPEC §2). */
  path(account: number): Uint8Array[] {
    const page = pageOf(account)
    const uncle = (account >>> 1) ^ 1
    const path = [this.#node(0, account ^ 1), pairHash(this.#node(0, 2 * uncle), this.#node(0, 2 * uncle + 1))]
    for (let d = 2; d < PAGE_DEPTH; d++) path.push(this.#node(d, (account >>> d) ^ 1))
    return [...path, ...this.#upper.path(page, other => this.#node(PAGE_DEPTH, other))]
  }

  /** A node of a page's tree as it was at the last root. A copy. */
  #node(level: number, index: number): Uint8Array {
    if (index * 2 ** level >= this.#rootCount) return zeroHash(level)
    const before = this.#before.find(level, index)
    if (before !== undefined) return before
    const shift = PAGE_DEPTH - level
    const at = LEVEL_AT[level]! + HASH_WORDS * (index & (2 ** shift - 1))
    return new Uint8Array(this.#pages[index >>> shift]!.nodes.slice(at, at + HASH_WORDS).buffer)
  }

  /** Keeps a node that is about to be hashed again, if it was there at the last root and somebody may ask for it. */
  #keep(level: number, index: number, nodes: Int32Array, place: number): void {
    if (this.#isAhead && index * 2 ** level < this.#rootCount) this.#before.keep(level, index, nodes, place)
  }

  /** Puts the stale accounts of a page behind the first `count` of `#indexes`; they are stale no more. */
  #collect(page: AccountPage, first: number, count: number): number {
    const { stale } = page
    let to = count
    for (let w = 0; w < stale.length; w++) {
      for (let bits = stale[w]!; bits !== 0; bits &= bits - 1)
        this.#indexes[to++] = first + 32 * w + 31 - Math.clz32(bits & -bits)
      stale[w] = 0
    }
    assert(to - count === page.staleCount, 'the stale accounts of a page are counted')
    page.staleCount = 0
    return to
  }

  /** Makes the roots of the accounts `from … to - 1` of the slice. SPEC §6, `Account`. */
  #hashAccounts(from: number, to: number, onHashed: ((account: number, page: AccountPage) => void) | undefined): void {
    const [fields, half, count] = [this.#fields, this.#half, to - from]
    this.#fillTerms(from, to)
    // Owner and opening, then with kind and unit before them: the root of the terms.
    half.hash(count, fields)
    for (let i = 0; i < count; i++) {
      const account = this.#indexes[from + i]!
      const kind = this.#kindOf(this.#pages[pageOf(account)]!.words[inPage(account) * 16 + 7]!)
      for (let w = 0; w < HASH_WORDS; w++) {
        half.words[i * PAIR_WORDS + w] = kind[w]!
        half.words[i * PAIR_WORDS + HASH_WORDS + w] = fields.words[i * HASH_WORDS + w]!
      }
    }
    half.hash(count, this.#hashes)
    this.#fillFields(from, to)
    fields.hash(4 * count, half)
    half.hash(2 * count, fields)
    fields.hash(count, half)
    for (let i = 0; i < count; i++) {
      const account = this.#indexes[from + i]!
      const page = this.#pages[pageOf(account)]!
      const at = inPage(account) * HASH_WORDS
      this.#keep(0, account, page.nodes, at)
      for (let w = 0; w < HASH_WORDS; w++) page.nodes[at + w] = half.words[i * HASH_WORDS + w]!
      onHashed?.(account, page)
    }
  }

  #fillTerms(from: number, to: number): void {
    const out = this.#half.words
    for (let i = from, at = 0; i < to; i++, at += PAIR_WORDS) {
      const account = this.#indexes[i]!
      const { coldWords } = this.#pages[pageOf(account)]!
      const cold = inPage(account) * PAIR_WORDS
      for (let w = 0; w < PAIR_WORDS; w++) out[at + w] = coldWords[cold + w]!
    }
  }

  /** The fields of accounts, behind the roots of their terms in `#hashes`. */
  #fillFields(from: number, to: number): void {
    const out = this.#fields.words
    const terms = this.#hashes.words
    out.fill(0, 0, (to - from) * FIELD_WORDS)
    for (let i = from, at = 0; i < to; i++, at += FIELD_WORDS) {
      const account = this.#indexes[i]!
      const { words, floats } = this.#pages[pageOf(account)]!
      const [hot, sums, term] = [inPage(account) * 16, inPage(account) * 8, (i - from) * HASH_WORDS]
      for (let w = 0; w < HASH_WORDS; w++) {
        out[at + w] = terms[term + w]!
        out[at + 48 + w] = words[hot + 8 + w]!
      }
      out[at + 8] = words[hot + 7]! >>> 24
      out[at + 16] = words[hot + 6]!
      setUint64(out, at + 24, floats[sums + 2]!)
      setUint64(out, at + 32, floats[sums]!)
      setUint64(out, at + 40, floats[sums + 1]!)
      const more = this.#moreOf(account)
      if (more !== undefined) out.set(new Int32Array(more.buffer, more.byteOffset, HASH_WORDS), at + 56)
    }
  }

  /** `H(kind ‖ unit)` of a record's word of unit, kind and status. */
  #kindOf(word: number): Int32Array {
    const key = word & 0xffffff
    let hash = this.#kinds.get(key)
    if (hash === undefined) {
      hash = new Int32Array(pairHash(chunkUint(key >>> 16), chunkUint(key & 0xffff)).buffer)
      this.#kinds.set(key, hash)
    }
    return hash
  }

  /** Hashes what lies above the first `count` accounts of `#indexes`, up to the roots of their pages. */
  #hashTree(count: number): void {
    let above = this.#parents(count, 2)
    for (let at = 0; at < above; at += PAIR_BLOCK) this.#hashLevel(0, at, Math.min(above, at + PAIR_BLOCK))
    for (let d = 2; d < PAGE_DEPTH; d++) {
      above = this.#parents(above, 1)
      for (let at = 0; at < above; at += PAIR_BLOCK) this.#hashLevel(d, at, Math.min(above, at + PAIR_BLOCK))
    }
    for (let i = 0; i < above; i++) {
      const page = this.#indexes[i]!
      const root = new Uint8Array(this.#pages[page]!.nodes.slice(LEVEL_AT[PAGE_DEPTH]!).buffer)
      while (this.#upper.length <= page) this.#upper.push(root)
      this.#upper.set(page, root)
    }
  }

  /** Puts the nodes `levels` above those in `#indexes` in their place, each once. */
  #parents(count: number, levels: number): number {
    const indexes = this.#indexes
    let to = 0
    for (let i = 0; i < count; i++) {
      const parent = indexes[i]! >>> levels
      if (to === 0 || indexes[to - 1] !== parent) indexes[to++] = parent
    }
    return to
  }

  /** Makes the nodes `from … to - 1` of `#indexes` from what is below them at level `d`: of level 2 where that is 0. */
  #hashLevel(d: number, from: number, to: number): void {
    const [pairs, hashes] = [this.#pairs, this.#hashes]
    const levels = d === 0 ? 2 : 1
    const shift = PAGE_DEPTH - d - levels
    const mask = 2 ** shift - 1
    const size = HASH_WORDS << levels
    for (let i = from, at = 0; i < to; i++, at += size) {
      const index = this.#indexes[i]!
      const { nodes } = this.#pages[index >>> shift]!
      const below = LEVEL_AT[d]! + size * (index & mask)
      for (let w = 0; w < size; w++) pairs.words[at + w] = nodes[below + w]!
    }
    let made = hashes
    pairs.hash(((to - from) * size) / PAIR_WORDS, hashes)
    if (levels === 2) {
      hashes.hash(to - from, pairs)
      made = pairs
    }
    for (let i = from, at = 0; i < to; i++, at += HASH_WORDS) {
      const index = this.#indexes[i]!
      const { nodes } = this.#pages[index >>> shift]!
      const place = LEVEL_AT[d + levels]! + HASH_WORDS * (index & mask)
      this.#keep(d + levels, index, nodes, place)
      for (let w = 0; w < HASH_WORDS; w++) nodes[place + w] = made.words[at + w]!
    }
  }
}

/** Writes a whole number below 2^53 as a little-endian uint64 (SSZ) in two words. */
function setUint64(words: Int32Array, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  words[at] = value - high * 2 ** 32
  words[at + 1] = high
}
