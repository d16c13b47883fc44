import { equalBytes } from '../bytes.ts'
import { engine } from '../crypto/engine.ts'
import { assert, VerifyError } from '../failure.ts'

/** Deepest tree of ours: `List[Account, 2^32]`. */
const DEPTH_MAX = 40

/** `ZERO[d]`: root of a tree of depth `d` whose chunks are all zero. */
const ZERO: readonly Uint8Array[] = zeroHashes()

function zeroHashes(): Uint8Array[] {
  const hashes: Uint8Array[] = [new Uint8Array(32)]
  for (let d = 0; d < DEPTH_MAX; d++) hashes.push(pairHash(hashes[d]!, hashes[d]!))
  return hashes
}

/** The root of a tree of depth `depth` whose chunks are all zero, 32 bytes. A copy. */
export function zeroHash(depth: number): Uint8Array {
  return ZERO[depth]!.slice()
}

/** `H(left ‖ right)`: a node of an SSZ tree. SPEC §2. */
export function pairHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(64)
  pair.set(left)
  pair.set(right, 32)
  const hash = new Uint8Array(32)
  engine().hashPairs(pair, hash)
  return hash
}

/** The chunk of a `uint8` … `uint64`: little-endian, 32 bytes. SPEC §2. */
export function chunkUint(value: number): Uint8Array {
  assert(Number.isSafeInteger(value) && value >= 0, `not a whole number: ${value}`)
  const chunk = new Uint8Array(32)
  const view = new DataView(chunk.buffer)
  view.setUint32(0, value % 2 ** 32, true)
  view.setUint32(4, Math.floor(value / 2 ** 32), true)
  return chunk
}

/** The chunk of a `uint128`: little-endian, 32 bytes. SPEC §2. */
export function chunkUint128(value: bigint): Uint8Array {
  assert(value >= 0n && value < 1n << 128n, `not a whole number of 128 bits: ${value}`)
  const chunk = new Uint8Array(32)
  const view = new DataView(chunk.buffer)
  view.setBigUint64(0, value & 0xffff_ffff_ffff_ffffn, true)
  view.setBigUint64(8, value >> 64n, true)
  return chunk
}

/** The root of a tree of depth `depth` over `chunks` (`32 n` bytes, `n ≤ 2^depth`), zero chunks after. SPEC §2. */
export function merkleize(chunks: Uint8Array, depth: number): Uint8Array {
  assert(chunks.length / 32 <= 2 ** depth, `${chunks.length / 32} chunks do not fit a tree of depth ${depth}`)
  if (chunks.length === 0) return ZERO[depth]!.slice()
  let level: Uint8Array = chunks
  for (let d = 0; d < depth; d++) level = levelAbove(level, d)
  return level.slice(0, 32)
}

/** The nodes above those of a level, `d` levels above the chunks. */
function levelAbove(level: Uint8Array, d: number): Uint8Array {
  let pairs: Uint8Array = level
  if ((level.length / 32) % 2 === 1) {
    pairs = new Uint8Array(level.length + 32)
    pairs.set(level)
    pairs.set(ZERO[d]!, level.length)
  }
  const above = new Uint8Array(pairs.length / 2)
  engine().hashPairs(pairs, above)
  return above
}

/** `hash_tree_root` of a container, from the roots of its fields. SPEC §2. */
export function containerRoot(fields: readonly Uint8Array[]): Uint8Array {
  const chunks = new Uint8Array(32 * fields.length)
  fields.forEach((field, i) => {
    chunks.set(field, 32 * i)
  })
  return merkleize(chunks, Math.ceil(Math.log2(fields.length)))
}

/** `hash_tree_root` of `List[Bytes32, 2^depth]`, or of any list from its items' roots (`32 n` bytes). SPEC §2. */
export function listRootOfHashes(hashes: Uint8Array, depth: number): Uint8Array {
  return pairHash(merkleize(hashes, depth), chunkUint(hashes.length / 32))
}

/**
 * `hash_tree_root` of `List[uint64, 2^depth]` of so many numbers, four of them packed into each chunk (`32 n` bytes).
 * SPEC §2.
 */
export function packedListRoot(chunks: Uint8Array, depth: number, length: number): Uint8Array {
  return pairHash(merkleize(chunks, depth - 2), chunkUint(length))
}

/**
 * The roots of lists of one item each, `32 n` bytes, from those items' roots (`32 n` bytes): `List[Bytes32, 2^depth]`.
 * As `listRootOfHashes` for each, but in `depth + 1` calls of the engine for all of them.
 */
export function listRootsOfOnes(items: Uint8Array, depth: number): Uint8Array {
  // Moved by words: views and calls for every node would cost three times the hashing.
  const pairs = new Uint32Array(items.length / 2)
  const roots = new Uint32Array(items.length / 4)
  const right = new Uint32Array(8)
  const [pairBytes, rootBytes, rightBytes] = [pairs, roots, right].map(words => new Uint8Array(words.buffer)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  rootBytes.set(items)
  for (let d = 0; d <= depth; d++) {
    rightBytes.set(d < depth ? ZERO[d]! : ONE)
    for (let from = 0, to = 0; from < roots.length; from += 8, to += 16)
      for (let i = 0; i < 8; i++) {
        pairs[to + i] = roots[from + i]!
        pairs[to + 8 + i] = right[i]!
      }
    engine().hashPairs(pairBytes, rootBytes)
  }
  return rootBytes
}

/** The length of a list of one. */
const ONE = chunkUint(1)

/**
 * How many hashes the paths of a list have: `⌈log2 length⌉`, the levels below the one node that has all of the list in
 * it. Above that node stand zero siblings only, which everyone knows. SPEC §2.
 */
export function listPathLength(length: number): number {
  let steps = 0
  for (let nodes = length; nodes > 1; nodes = Math.ceil(nodes / 2)) steps++
  return steps
}

/** The list path of item `index` of a list given by its items' roots (`32 n` bytes): `⌈log2 n⌉` hashes. SPEC §2. */
export function listPath(hashes: Uint8Array, index: number): Uint8Array[] {
  return listPaths(hashes, [index])[0]!
}

/** The list paths of several items of one list, in the order asked for. Hashes the list once: `n` hashes. SPEC §2. */
export function listPaths(hashes: Uint8Array, indexes: readonly number[]): Uint8Array[][] {
  const paths = indexes.map((): Uint8Array[] => [])
  let level = hashes
  for (let d = 0; level.length > 32; d++) {
    indexes.forEach((index, i) => {
      const sibling = 32 * (Math.floor(index / 2 ** d) ^ 1)
      paths[i]!.push(sibling < level.length ? level.slice(sibling, sibling + 32) : ZERO[d]!.slice())
    })
    level = levelAbove(level, d)
  }
  return paths
}

/**
 * The root of `List[T, 2^depth]` that a list path leads to. SPEC §2. Direction at level `i` is bit `i` of the index.
 *
 * @param path - untrusted. @param depth - a constant of the verifier. @param length - from where the list is committed
 * to.
 * @throws VerifyError `code` unless `index < length ≤ 2^depth` and the path has exactly `⌈log2 length⌉` hashes.
 *
 * @example
 * const stateRoot = rootFromListPath(root, account, path, ACCOUNT_DEPTH, seal.accounts, 'account-root')
 */
export function rootFromListPath(
  item: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
  depth: number,
  length: number,
  code: string,
): Uint8Array {
  if (!(index < length) || !(length <= 2 ** depth))
    throw new VerifyError(code, `there is no number ${index} among the ${length} that there are`)
  const steps = listPathLength(length)
  if (path.length !== steps || path.some(hash => hash.length !== 32))
    throw new VerifyError(code, `its proof has ${path.length} steps, and there have to be ${steps}, of 32 bytes each`)
  let hash = item
  let bits = index
  for (const sibling of path) {
    hash = bits % 2 === 1 ? pairHash(sibling, hash) : pairHash(hash, sibling)
    bits = Math.floor(bits / 2)
  }
  for (let d = steps; d < depth; d++) hash = pairHash(hash, ZERO[d]!)
  return pairHash(hash, chunkUint(length))
}

/**
 * Checks that `item` is number `index` of the list of `length` items with root `root`. @throws VerifyError `code`. SPEC
 * §2.
 *
 * @example
 * const list = { depth: ACCOUNT_DEPTH, length: seal.accounts, root: seal.stateRoot }
 * verifyListPath(root, account, path, list, 'account-root', 'the account is not in the state of the seal')
 */
export function verifyListPath(
  item: Uint8Array,
  index: number,
  path: readonly Uint8Array[],
  list: { readonly depth: number; readonly length: number; readonly root: Uint8Array },
  code: string,
  what: string,
): void {
  if (!equalBytes(rootFromListPath(item, index, path, list.depth, list.length, code), list.root))
    throw new VerifyError(code, what)
}

/** Above this share of changed items the whole tree is hashed again, in long runs; below it, only the changed paths. */
const REBUILD_SHARE = 0.25

/** Pairs hashed at once. */
const BLOCK = 4096

/**
 * `List[T, 2^depth]` by its items' roots, kept as a tree whose root is cheap to ask for again: 64 bytes an item. What
 * changed since the last `root` is hashed level by level, thousands of pairs a call. `path` answers for the last
 * `root`.
 */
export class HashList {
  readonly #depth: number
  /** By level, the root of an empty subtree. */
  readonly #zero: readonly Uint8Array[]
  /** `#levels[0]` are the items' roots, `#levels[i]` the nodes `i` levels up, as far as there are any. */
  readonly #levels: Uint8Array[] = [new Uint8Array(0)]
  #length = 0
  /** Changed items, each once, unordered; and which those are. */
  #dirty: number[] = []
  #isDirty: Uint8Array = new Uint8Array(0)
  /** Length at the last `root`. */
  #rootLength = 0

  /**
   * @param below - the items are the roots of trees of that depth, so that where there is none stands the root of an
   * empty one.
   */
  constructor(depth: number, below = 0) {
    assert(depth + below <= DEPTH_MAX, `a tree of depth ${depth}`)
    this.#depth = depth
    this.#zero = ZERO.slice(below)
  }

  get length(): number {
    return this.#length
  }

  /** Appends an item by its root. */
  push(root: Uint8Array): void {
    assert(this.#length < 2 ** this.#depth, 'the list is full')
    this.#length++
    this.#reserve(this.#length)
    this.set(this.#length - 1, root)
  }

  /** Replaces the root of item `index`. */
  set(index: number, root: Uint8Array): void {
    assert(index < this.#length, `item ${index} of ${this.#length}`)
    this.#levels[0]!.set(root, 32 * index)
    if (this.#isDirty[index] === 1) return
    this.#isDirty[index] = 1
    this.#dirty.push(index)
  }

  /** `hash_tree_root` of the list as it is now. SPEC §2. */
  root(): Uint8Array {
    return pairHash(this.tree(), chunkUint(this.#length))
  }

  /** The same before the length is mixed in: the root of the tree of depth `depth` over the items' roots. */
  tree(): Uint8Array {
    if (this.#dirty.length > 0) this.#rehash()
    this.#rootLength = this.#length
    return this.#top()
  }

  /**
   * The list path of item `index` under the last root returned: `⌈log2 n⌉` hashes for the `n` items that it had.
   *
   * @param itemBefore - the root of an item as it was then; without it, nothing may have changed since.
   */
  path(index: number, itemBefore?: (item: number) => Uint8Array): Uint8Array[] {
    const isKnown = itemBefore !== undefined || this.#dirty.length === 0
    assert(index < this.#rootLength && isKnown, 'a path belongs to the last root')
    const path: Uint8Array[] = []
    let at = index
    let count = this.#rootLength
    for (let d = 0; count > 1; d++) {
      const sibling = at % 2 === 1 ? at - 1 : at + 1
      // Above the items nothing changes before the next root.
      if (sibling >= count) path.push(this.#zero[d]!.slice())
      else if (d === 0 && itemBefore !== undefined) path.push(itemBefore(sibling))
      else path.push(this.#levels[d]!.slice(32 * sibling, 32 * sibling + 32))
      at = Math.floor(at / 2)
      count = Math.ceil(count / 2)
    }
    return path
  }

  /** The root of the tree without the length: the topmost node there is, with zero subtrees to its right. */
  #top(): Uint8Array {
    if (this.#length === 0) return this.#zero[this.#depth]!
    let count = this.#length
    let d = 0
    for (; count > 1; d++) count = Math.ceil(count / 2)
    let hash: Uint8Array = this.#levels[d]!.slice(0, 32)
    for (; d < this.#depth; d++) hash = pairHash(hash, this.#zero[d]!)
    return hash
  }

  #rehash(): void {
    const whole = this.#dirty.length > REBUILD_SHARE * this.#length
    let changed: Uint32Array | undefined = whole ? undefined : Uint32Array.from(this.#dirty).sort()
    for (const index of this.#dirty) this.#isDirty[index] = 0
    this.#dirty = []
    let count = this.#length
    for (let d = 0; count > 1; d++) {
      const above = Math.ceil(count / 2)
      this.#levels[d + 1] = grown(this.#levels[d + 1] ?? new Uint8Array(0), 32 * above)
      if (changed === undefined) this.#hashAll(d, count)
      else changed = this.#hashSome(d, count, changed)
      count = above
    }
  }

  /** Hashes every pair of level `d`, which has `count` nodes. */
  #hashAll(d: number, count: number): void {
    const [from, to] = [this.#levels[d]!, this.#levels[d + 1]!]
    const whole = Math.floor(count / 2)
    engine().hashPairs(from.subarray(0, 64 * whole), to.subarray(0, 32 * whole))
    if (count % 2 === 1) to.set(pairHash(from.subarray(64 * whole, 64 * whole + 32), this.#zero[d]!), 32 * whole)
  }

  readonly #pairs = new Uint8Array(64 * BLOCK)
  readonly #hashes = new Uint8Array(32 * BLOCK)

  /** Hashes the pairs of level `d` that hold `changed` nodes (sorted), and returns the changed nodes above (sorted). */
  #hashSome(d: number, count: number, changed: Uint32Array): Uint32Array {
    const [from, to] = [this.#levels[d]!, this.#levels[d + 1]!]
    let parents = 0
    for (let i = 0; i < changed.length; i++) {
      const parent = changed[i]! >>> 1
      if (parents === 0 || changed[parents - 1] !== parent) changed[parents++] = parent
    }
    for (let first = 0; first < parents; first += BLOCK) {
      const block = Math.min(BLOCK, parents - first)
      for (let i = 0; i < block; i++) {
        const left = 2 * changed[first + i]!
        this.#pairs.set(from.subarray(32 * left, 32 * left + 64), 64 * i)
        if (left + 1 >= count) this.#pairs.set(this.#zero[d]!, 64 * i + 32)
      }
      engine().hashPairs(this.#pairs.subarray(0, 64 * block), this.#hashes.subarray(0, 32 * block))
      for (let i = 0; i < block; i++) to.set(this.#hashes.subarray(32 * i, 32 * i + 32), 32 * changed[first + i]!)
    }
    return changed.subarray(0, parents)
  }

  #reserve(length: number): void {
    this.#levels[0] = grown(this.#levels[0]!, 32 * length)
    this.#isDirty = grown(this.#isDirty, length)
  }
}

/** `bytes`, or a copy of at least twice its size where it has fewer than `length` bytes. */
function grown(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length >= length) return bytes
  const more: Uint8Array = new Uint8Array(Math.max(2 * bytes.length, length, 1024))
  more.set(bytes)
  return more
}
