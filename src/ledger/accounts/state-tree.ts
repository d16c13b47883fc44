import { engine } from '../../core/crypto/engine.ts'
import { assert } from '../../core/failure.ts'
import { ACCOUNT_DEPTH } from '../../core/limits.ts'
import { chunkUint, HashList, listPathLength, pairHash, zeroHash } from '../../core/tree/ssz.ts'
import {
  type AccountPage,
  BALANCE,
  ENTRIES,
  inPage,
  KEPT_LEVELS,
  KIND_WORD,
  LEVEL_AT,
  PAGE_ACCOUNTS,
  PAGE_DEPTH,
  pageOf,
  TIME,
  UNIT_WORD,
} from './account-page.ts'
import { SealedNodes } from './sealed-nodes.ts'
import { HashWords } from './words.ts'

/** Accounts after which a slice ends: a millisecond of hashing. A slice ends where a page does. */
const SLICE = 512
/** Accounts hashed together: 256 bytes each, so a block stays in the second-level cache. */
const ACCOUNT_BLOCK = 512
/** Nodes that are brought together to be hashed, of the levels above: 256 kB. */
const NODE_BLOCK = 8192

/**
 * A level of a page is hashed as it stands, nothing brought together, where it has that many nodes and such a share of
 * them changed: half of them where a node is one hash, more where it is several.
 */
const WHOLE_NODES = 32
const WHOLE_SHARE = 0.5
const WHOLE_SHARE_DEEP = 0.75

const HASH_WORDS = 8
const PAIR_WORDS = 16
/**
 * Words of the three pairs of an account's fields that movements change, and of the four nodes above its eight fields.
 */
const MOVED_WORDS = 48
const QUARTER_WORDS = 32

/**
 * The tree over all accounts, `List[Account, 2^32]` (SPEC §6), in the pages' memory. What changed is hashed level by
 * level, thousands of pairs a call: six hashes an account and its share of the tree. What is above terms and status is
 * kept, and costs three more where one of them changed.
 */
export class StateTree {
  readonly #pages: readonly AccountPage[]
  readonly #moreOf: (account: number) => Uint8Array | undefined
  /** The pages' roots. */
  readonly #upper = new HashList(ACCOUNT_DEPTH - PAGE_DEPTH, PAGE_DEPTH)
  readonly #cold = new HashWords(ACCOUNT_BLOCK * PAIR_WORDS)
  readonly #coldHashes = new HashWords(ACCOUNT_BLOCK * HASH_WORDS)
  /** Fields as chunks of 32 bytes: what is never written here is zero. */
  readonly #moved = new HashWords(ACCOUNT_BLOCK * MOVED_WORDS)
  readonly #movedHashes = new HashWords((ACCOUNT_BLOCK * MOVED_WORDS) / 2)
  readonly #quarters = new HashWords(ACCOUNT_BLOCK * QUARTER_WORDS)
  readonly #halves = new HashWords((ACCOUNT_BLOCK * QUARTER_WORDS) / 2)
  readonly #roots = new HashWords(ACCOUNT_BLOCK * HASH_WORDS)
  readonly #nodes = new HashWords(NODE_BLOCK * HASH_WORDS)
  readonly #hashes = new HashWords((NODE_BLOCK * HASH_WORDS) / 2)
  readonly #between = new HashWords((PAGE_ACCOUNTS * HASH_WORDS) / 4)
  /**
   * Accounts of a block of which more is to be hashed than what movements change; the nodes that were brought together.
   */
  readonly #some = new Uint32Array(Math.max(ACCOUNT_BLOCK, NODE_BLOCK / 2))
  /** Accounts of the slice, and then the nodes above them: at most a page on top of a slice. */
  readonly #indexes = new Uint32Array(SLICE + PAGE_ACCOUNTS)
  /** Nodes hashed since the last root, as they were then; over how many accounts; whether more is to be kept. */
  readonly #before = new SealedNodes(PAGE_DEPTH)
  #rootCount = 0
  /** Of no meaning: that a place was read shows in it, so that no compiler leaves the reading out. */
  #read = 0
  #isAhead = false
  /** `H(kind ‖ unit)` by unit and kind. */
  readonly #kinds = new Map<number, Int32Array>()

  /** @param moreOf - the root of what an account has besides its sums; undefined for 32 zero bytes. */
  constructor(pages: readonly AccountPage[], moreOf: (account: number) => Uint8Array | undefined) {
    this.#pages = pages
    this.#moreOf = moreOf
  }

  /**
   * Hashes the stale accounts of the pages from `from` on, and all above them but the pages' own tree, until it has
   * done some thousands. Returns the page to go on from.
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
      if (page.staleCount === 0) continue
      count = this.#collect(page, next * PAGE_ACCOUNTS, count)
      page.staleCount = 0
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

  /**
   * The list path of an account under the last root: `⌈log2 n⌉` hashes for the `n` accounts that it is over (SPEC §2).
   */
  path(account: number): Uint8Array[] {
    const path: Uint8Array[] = []
    const inPages = Math.min(PAGE_DEPTH, listPathLength(this.#rootCount))
    for (let d = 0; d < inPages; d++) path.push(this.#node(d, (account >>> d) ^ 1))
    return [...path, ...this.#upper.path(pageOf(account), other => this.#node(PAGE_DEPTH, other))]
  }

  /** A node of a page's tree as it was at the last root. A copy. */
  #node(level: number, index: number): Uint8Array {
    if (index * (1 << level) >= this.#rootCount) return zeroHash(level)
    if (LEVEL_AT[level] === undefined)
      return pairHash(this.#node(level - 1, 2 * index), this.#node(level - 1, 2 * index + 1))
    const before = this.#before.find(level, index)
    if (before !== undefined) return before
    const shift = PAGE_DEPTH - level
    const at = LEVEL_AT[level]! + HASH_WORDS * (index & ((1 << shift) - 1))
    return new Uint8Array(this.#pages[index >>> shift]!.nodes.slice(at, at + HASH_WORDS).buffer)
  }

  /**
   * Keeps nodes that are about to be hashed again, if they were there at the last root and somebody may ask for them.
   */
  #keep(level: number, index: number, count: number, nodes: Int32Array, place: number): void {
    if (this.#isAhead && index * (1 << level) < this.#rootCount) this.#before.keep(level, index, count, nodes, place)
  }

  /**
   * Puts the stale accounts of a page after the first `count` of `#indexes`; they are stale no more. What is needed of
   * them is read once: a loop that does nothing else waits for many places of the memory at once, not for each in turn.
   */
  #collect({ stale, words, terms, nodes, staleCount }: AccountPage, first: number, count: number): number {
    const indexes = this.#indexes
    let to = count
    for (let w = 0; w < stale.length; w++) {
      for (let bits = stale[w]!; bits !== 0; bits &= bits - 1)
        indexes[to++] = first + 32 * w + 31 - Math.clz32(bits & -bits)
      stale[w] = 0
    }
    assert(to - count === staleCount, 'the stale accounts of a page are counted')
    let read = this.#read
    for (let i = count; i < to; i++) {
      const at = inPage(indexes[i]!)
      const four = (at & ~3) * HASH_WORDS
      read ^= words[at * 16]! ^ words[at * 16 + 15]! ^ terms[at * HASH_WORDS]! ^ terms[at * HASH_WORDS + 7]!
      read ^= nodes[four]! ^ nodes[four + 16]! ^ nodes[four + 31]!
    }
    this.#read = read
    return to
  }

  /** Makes the roots of the accounts `from … to - 1` of the slice. SPEC §6, `Account`. */
  #hashAccounts(from: number, to: number, onHashed: ((account: number, page: AccountPage) => void) | undefined): void {
    const count = to - from
    this.#hashTerms(from, to)
    this.#fillMoved(from, to)
    this.#moved.hash(3 * count, this.#movedHashes)
    this.#fillQuarters(from, to)
    this.#quarters.hash(2 * count, this.#halves)
    this.#halves.hash(count, this.#roots)
    const [indexes, roots] = [this.#indexes, this.#roots.words]
    for (let i = from; i < to; i++) {
      const account = indexes[i]!
      const page = this.#pages[pageOf(account)]!
      const { nodes } = page
      const [at, root] = [inPage(account) * HASH_WORDS, (i - from) * HASH_WORDS]
      this.#keep(0, account, 1, nodes, at)
      for (let w = 0; w < HASH_WORDS; w++) nodes[at + w] = roots[root + w]!
      onHashed?.(account, page)
    }
  }

  /** Makes `H(terms ‖ status)` of the accounts `from … to - 1` of the slice where the records lack it. */
  #hashTerms(from: number, to: number): void {
    const [indexes, accounts, pairs, hashes] = [this.#indexes, this.#some, this.#cold, this.#coldHashes]
    let count = 0
    for (let i = from; i < to; i++) {
      const account = indexes[i]!
      if (this.#pages[pageOf(account)]!.endTerms(inPage(account))) accounts[count++] = account
    }
    if (count === 0) return
    for (let i = 0; i < count; i++) {
      const { coldWords } = this.#pages[pageOf(accounts[i]!)]!
      const cold = inPage(accounts[i]!) * PAIR_WORDS
      for (let w = 0; w < PAIR_WORDS; w++) pairs.words[i * PAIR_WORDS + w] = coldWords[cold + w]!
    }
    // Owner and opening, then with kind and unit before them: the root of the terms.
    pairs.hash(count, hashes)
    for (let i = 0; i < count; i++) {
      const { words } = this.#pages[pageOf(accounts[i]!)]!
      const hot = inPage(accounts[i]!) * 16
      const kind = this.#kindOf(words[hot + KIND_WORD]! & 0xff, words[hot + UNIT_WORD]!)
      pairs.words.set(kind, i * PAIR_WORDS)
      for (let w = 0; w < HASH_WORDS; w++)
        pairs.words[i * PAIR_WORDS + HASH_WORDS + w] = hashes.words[i * HASH_WORDS + w]!
    }
    pairs.hash(count, hashes)
    pairs.words.fill(0, 0, count * PAIR_WORDS)
    for (let i = 0; i < count; i++) {
      for (let w = 0; w < HASH_WORDS; w++) pairs.words[i * PAIR_WORDS + w] = hashes.words[i * HASH_WORDS + w]!
      const word = this.#pages[pageOf(accounts[i]!)]!.words[inPage(accounts[i]!) * 16 + KIND_WORD]!
      pairs.words[i * PAIR_WORDS + HASH_WORDS] = (word >>> 8) & 0xff
    }
    pairs.hash(count, hashes)
    for (let i = 0; i < count; i++) {
      const { terms } = this.#pages[pageOf(accounts[i]!)]!
      const at = inPage(accounts[i]!) * HASH_WORDS
      for (let w = 0; w < HASH_WORDS; w++) terms[at + w] = hashes.words[i * HASH_WORDS + w]!
    }
  }

  /**
   * Entries and time, the balance above and below zero, head and more: of the accounts `from … to - 1` of the slice.
   */
  #fillMoved(from: number, to: number): void {
    const [out, indexes] = [this.#moved.words, this.#indexes]
    for (let i = from, at = 0; i < to; i++, at += MOVED_WORDS) {
      const account = indexes[i]!
      const { words, floats } = this.#pages[pageOf(account)]!
      const [hot, sums] = [inPage(account) * 16, inPage(account) * 8]
      const balance = floats[sums + BALANCE]!
      setUint64(out, at, floats[sums + ENTRIES]!)
      setUint64(out, at + 8, floats[sums + TIME]!)
      setUint64(out, at + 16, balance > 0 ? balance : 0)
      setUint64(out, at + 24, balance < 0 ? -balance : 0)
      for (let w = 0; w < HASH_WORDS; w++) out[at + 32 + w] = words[hot + 8 + w]!
      const more = this.#moreOf(account)
      if (more === undefined) for (let w = 0; w < HASH_WORDS; w++) out[at + 40 + w] = 0
      else out.set(new Int32Array(more.buffer, more.byteOffset, HASH_WORDS), at + 40)
    }
  }

  /** What is kept of terms and status, and after it the three hashes of what movements change. */
  #fillQuarters(from: number, to: number): void {
    const [out, made, indexes] = [this.#quarters.words, this.#movedHashes.words, this.#indexes]
    for (let i = from, at = 0, moved = 0; i < to; i++, at += QUARTER_WORDS, moved += MOVED_WORDS / 2) {
      const account = indexes[i]!
      const { terms } = this.#pages[pageOf(account)]!
      const kept = inPage(account) * HASH_WORDS
      for (let w = 0; w < HASH_WORDS; w++) out[at + w] = terms[kept + w]!
      for (let w = 0; w < MOVED_WORDS / 2; w++) out[at + HASH_WORDS + w] = made[moved + w]!
    }
  }

  /** `H(kind ‖ unit)`. */
  #kindOf(kind: number, unit: number): Int32Array {
    const key = unit * 256 + kind
    let hash = this.#kinds.get(key)
    if (hash === undefined) {
      hash = new Int32Array(pairHash(chunkUint(kind), chunkUint(unit)).buffer)
      this.#kinds.set(key, hash)
    }
    return hash
  }

  /** Hashes what lies above the first `count` accounts of `#indexes`, up to the roots of their pages. */
  #hashTree(count: number): void {
    let above = count
    for (let k = 1; k < KEPT_LEVELS.length; k++) {
      const [below, level] = [KEPT_LEVELS[k - 1]!, KEPT_LEVELS[k]!]
      above = this.#parents(above, level - below)
      this.#hashLevel(below, level, above)
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

  /** Makes the first `count` nodes of `#indexes`, which are of one kept level, from the kept level below. */
  #hashLevel(below: number, level: number, count: number): void {
    const indexes = this.#indexes
    const shift = PAGE_DEPTH - level
    const size = 1 << shift
    const least = size < WHOLE_NODES ? size + 1 : size * (level - below === 1 ? WHOLE_SHARE : WHOLE_SHARE_DEEP)
    let gathered = 0
    for (let i = 0, next = 0; i < count; i = next) {
      const number = indexes[i]! >>> shift
      const first = number * size
      for (next = i + 1; next < count && indexes[next]! - first < size; ) next++
      const page = this.#pages[number]!
      if (next - i >= least) this.#hashWhole(below, level, first, page)
      else gathered = this.#gather(below, level, i, next, page, gathered)
    }
    this.#hashGathered(below, level, gathered)
  }

  /** Makes all nodes of a level of a page, of which `first` is the first. */
  #hashWhole(below: number, level: number, first: number, { nodes, nodeBytes }: AccountPage): void {
    const count = 1 << (PAGE_DEPTH - level)
    this.#keep(level, first, count, nodes, LEVEL_AT[level]!)
    const from = nodeBytes.subarray(4 * LEVEL_AT[below]!)
    const to = nodeBytes.subarray(4 * LEVEL_AT[level]!)
    let steps = level - below
    if (steps === 1) {
      engine().hashPairs(from.subarray(0, 64 * count), to.subarray(0, 32 * count))
      return
    }
    this.#hashes.take(from.subarray(0, (32 * count) << steps))
    let [made, other] = [this.#hashes, this.#between]
    while (--steps > 1) {
      made.hash(count << (steps - 1), other)
      ;[made, other] = [other, made]
    }
    made.hashInto(count, to)
  }

  /**
   * Brings together what is below the nodes `from … to - 1` of `#indexes`, which lie in one page, after the first
   * `count` that were brought together before. Returns how many wait to be hashed.
   */
  #gather(below: number, level: number, from: number, to: number, { nodes }: AccountPage, count: number): number {
    const [indexes, some, out] = [this.#indexes, this.#some, this.#nodes.words]
    const mask = (1 << (PAGE_DEPTH - level)) - 1
    const size = HASH_WORDS << (level - below)
    const [belowAt, levelAt] = [LEVEL_AT[below]!, LEVEL_AT[level]!]
    let gathered = count
    for (let i = from; i < to; i++) {
      if (gathered << (level - below) === NODE_BLOCK) {
        this.#hashGathered(below, level, gathered)
        gathered = 0
      }
      const index = indexes[i]!
      this.#keep(level, index, 1, nodes, levelAt + HASH_WORDS * (index & mask))
      const [begin, at] = [belowAt + size * (index & mask), size * gathered]
      for (let w = 0; w < size; w++) out[at + w] = nodes[begin + w]!
      some[gathered++] = index
    }
    return gathered
  }

  /** Hashes what was brought together for the first `count` nodes of `#some`, and puts them where they belong. */
  #hashGathered(below: number, level: number, count: number): void {
    if (count === 0) return
    let [made, other] = [this.#nodes, this.#hashes]
    for (let steps = level - below; steps > 0; steps--) {
      made.hash(count << (steps - 1), other)
      ;[made, other] = [other, made]
    }
    const [shift, mask, levelAt] = [PAGE_DEPTH - level, (1 << (PAGE_DEPTH - level)) - 1, LEVEL_AT[level]!]
    const [some, hashes] = [this.#some, made.words]
    for (let i = 0; i < count; i++) {
      const { nodes } = this.#pages[some[i]! >>> shift]!
      const at = levelAt + HASH_WORDS * (some[i]! & mask)
      for (let w = 0; w < HASH_WORDS; w++) nodes[at + w] = hashes[i * HASH_WORDS + w]!
    }
  }
}

/** Writes a whole number below 2^53 as a little-endian uint64 (SSZ) in two words. */
function setUint64(words: Int32Array, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  words[at] = value - high * 2 ** 32
  words[at + 1] = high
}
