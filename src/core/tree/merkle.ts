import { equalBytes } from '../bytes.ts'
import { engine } from '../crypto/engine.ts'
import { assert, VerifyError } from '../failure.ts'

/** The root of the empty tree: `SHA-256("")`. RFC 6962 §2.1. */
export const EMPTY_ROOT: Uint8Array = engine().sha256(new Uint8Array(0))

/** The leaf hash of an entry: `SHA-256(0x00 ‖ entry)`. RFC 6962 §2.1. */
export function leafHash(entry: Uint8Array): Uint8Array {
  const prefixed = new Uint8Array(1 + entry.length)
  prefixed.set(entry, 1)
  return engine().sha256(prefixed)
}

/** The hash of an inner node: `SHA-256(0x01 ‖ left ‖ right)`. RFC 6962 §2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  PREFIXED[0] = NODE
  PREFIXED.set(left, 1)
  PREFIXED.set(right, 33)
  return engine().sha256(PREFIXED)
}

/** A prefix and a pair: made once, as memory for it costs as much as the hashing. */
const PREFIXED = new Uint8Array(65)

/** The prefixes that tell leaves from inner nodes. RFC 6962 §2.1. */
const LEAF = 0x00
const NODE = 0x01

/**
 * The leaf hashes of the entries `bytes[starts[i], ends[i])`, which stand one after another, to `output` at `32 i`.
 *
 * @example
 * const output = new Uint8Array(32 * starts.length)
 * leafHashes(bytes, starts, ends, output)
 */
export function leafHashes(bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, output: Uint8Array): void {
  engine().hashMany(LEAF, bytes, starts, ends, output)
}

/**
 * Where the pairs of a run of hashes begin and end; the first `n` are those of any run of `n`. Who hashes none carries
 * none.
 */
const PAIRS_MAX = 4096
const PAIR_STARTS = /* @__PURE__ */ Uint32Array.from({ length: PAIRS_MAX }, (_, i) => 64 * i)
const PAIR_ENDS = /* @__PURE__ */ Uint32Array.from({ length: PAIRS_MAX }, (_, i) => 64 * i + 64)

/** The inner nodes over pairs of hashes that stand side by side: `64 n` bytes to `32 n`, which may not overlap. */
export function nodeHashes(pairs: Uint8Array, output: Uint8Array): void {
  for (let at = 0; at < pairs.length; at += 64 * PAIRS_MAX) {
    const count = Math.min(PAIRS_MAX, (pairs.length - at) / 64)
    const [run, hashes] = [pairs.subarray(at, at + 64 * count), output.subarray(at / 2, at / 2 + 32 * count)]
    engine().hashMany(NODE, run, PAIR_STARTS.subarray(0, count), PAIR_ENDS.subarray(0, count), hashes)
  }
}

/** A complete subtree: the `2^level` leaves from `index 2^level` on. */
export interface Node {
  readonly level: number
  readonly index: number
}

/** The largest power of two below `size`, which is at least 2: where RFC 6962 splits a tree. */
function splitOf(size: number): number {
  let split = 1
  while (split * 2 < size) split *= 2
  return split
}

/**
 * The complete subtrees that leaves `[first, first + count)` of a tree fall into, left to right. `first` is a multiple
 * of the largest of them, as it is for every subtree that RFC 6962 speaks of.
 */
function subtreesOf(first: number, count: number): Node[] {
  const nodes: Node[] = []
  let at = first
  let left = count
  while (left > 0) {
    let level = 0
    while (2 ** (level + 1) <= left) level++
    nodes.push({ level, index: at / 2 ** level })
    at += 2 ** level
    left -= 2 ** level
  }
  return nodes
}

/** The complete subtrees that make the root of a tree of `size` leaves, left to right. */
export function rootNodes(size: number): Node[] {
  return subtreesOf(0, size)
}

/** The hash over complete subtrees that stand side by side, largest first, as `rootNodes` lists them. */
export function rootFromNodes(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return EMPTY_ROOT
  // MTH(D[n]) = H(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n])): the smallest, rightmost subtrees are joined first.
  let hash = hashes[hashes.length - 1]!
  for (let i = hashes.length - 2; i >= 0; i--) hash = nodeHash(hashes[i]!, hash)
  return hash
}

/** A proof that still has to be fetched: each of its hashes is the root over some complete subtrees. */
export type ProofPlan = readonly (readonly Node[])[]

/**
 * What to fetch for the inclusion proof of leaf `index` in a tree of `size` leaves: the audit path of RFC 6962 §2.1.1,
 * leaf's sibling first.
 */
export function planInclusion(index: number, size: number): ProofPlan {
  assert(Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size, 'index < size')
  const plan: Node[][] = []
  let [first, count] = [0, size]
  while (count > 1) {
    // PATH(m, D[n]) = PATH(m, D[0:k]) : MTH(D[k:n])  for m < k
    // PATH(m, D[n]) = PATH(m - k, D[k:n]) : MTH(D[0:k])  for m ≥ k
    const split = splitOf(count)
    if (index - first < split) {
      plan.push(subtreesOf(first + split, count - split))
      count = split
    } else {
      plan.push(subtreesOf(first, split))
      first += split
      count -= split
    }
  }
  return plan.reverse()
}

/** What to fetch for the consistency proof between trees of `oldSize` and `newSize` leaves: RFC 6962 §2.1.2. */
export function planConsistency(oldSize: number, newSize: number): ProofPlan {
  assert(Number.isSafeInteger(newSize) && oldSize >= 0 && oldSize <= newSize, 'oldSize ≤ newSize')
  const plan: Node[][] = []
  if (oldSize === 0 || oldSize === newSize) return plan
  let [first, count, old] = [0, newSize, oldSize]
  while (old !== count) {
    // SUBPROOF(m, D[n], b) = SUBPROOF(m, D[0:k], b) : MTH(D[k:n])  for m ≤ k
    // SUBPROOF(m, D[n], b) = SUBPROOF(m - k, D[k:n], false) : MTH(D[0:k])  for m > k
    const split = splitOf(count)
    if (old <= split) {
      plan.push(subtreesOf(first + split, count - split))
      count = split
    } else {
      plan.push(subtreesOf(first, split))
      first += split
      count -= split
      old -= split
    }
  }
  // SUBPROOF(m, D[m], true) = {}, SUBPROOF(m, D[m], false) = {MTH(D[m])}: the old tree is a subtree of its own if b.
  if (first > 0) plan.push(subtreesOf(first, count))
  return plan.reverse()
}

/** The hashes of a proof, from the hashes of the plan's nodes in the order of `plan.flat()`. */
export function proofFromNodes(plan: ProofPlan, hashes: readonly Uint8Array[]): Uint8Array[] {
  let at = 0
  return plan.map(nodes => {
    const hash = rootFromNodes(hashes.slice(at, at + nodes.length))
    at += nodes.length
    return hash
  })
}

/**
 * The root that an inclusion proof leads to. RFC 9162 §2.1.3.2.
 *
 * @param proof - untrusted.
 * @throws VerifyError `inclusion-proof` where index or length do not fit a tree of that size.
 *
 * @example
 * const isThere = equalBytes(rootFromInclusionProof(index, size, leafHash(entry), proof), root)
 */
export function rootFromInclusionProof(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array {
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(index) || index < 0 || index >= size)
    throw new VerifyError('inclusion-proof', `there is no entry ${index} in a log of ${size} entries`)
  let [fn, sn] = [index, size - 1]
  let hash = leaf
  for (const sibling of proof) {
    if (sn === 0) throw new VerifyError('inclusion-proof', 'the inclusion proof is too long')
    if (sibling.length !== 32) throw new VerifyError('inclusion-proof', 'a hash of the inclusion proof is not 32 bytes')
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else hash = nodeHash(hash, sibling)
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) throw new VerifyError('inclusion-proof', 'the inclusion proof is too short')
  return hash
}

/**
 * Checks that `leaf` is entry `index` of the tree of `size` entries with root `root`.
 *
 * @param leaf - leaf hash. @param proof - untrusted.
 * @throws VerifyError `inclusion-proof`. RFC 9162 §2.1.3.2.
 *
 * @example
 * verifyInclusion(index, checkpoint.size, leafHash(entry), proof, checkpoint.root)
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void {
  if (!equalBytes(rootFromInclusionProof(index, size, leaf, proof), root))
    throw new VerifyError('inclusion-proof', `the proof does not show that the entry is number ${index} of the log`)
}

/**
 * Checks that the tree of `oldSize` entries is the beginning of the tree of `newSize` entries. RFC 9162 §2.1.4.2. From
 * the empty tree, whose root is fixed, the proof is empty; so it is between equal sizes, whose roots must be equal.
 *
 * @param proof - untrusted.
 * @throws VerifyError `consistency-proof`.
 *
 * @example
 * verifyConsistency(kept.size, kept.root, checkpoint.size, checkpoint.root, proof)
 */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Uint8Array,
  newSize: number,
  newRoot: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  const fail = (what: string): never => {
    throw new VerifyError('consistency-proof', what)
  }
  if (!Number.isSafeInteger(oldSize) || !Number.isSafeInteger(newSize) || oldSize < 0 || oldSize > newSize)
    fail(`a log of ${newSize} entries does not continue one of ${oldSize}: it is an old one, or was rolled back`)
  if (proof.some(hash => hash.length !== 32)) fail('a hash of the consistency proof is not 32 bytes')
  if (oldSize === 0 || oldSize === newSize) {
    if (proof.length > 0) fail('the consistency proof is too long')
    if (oldSize === 0 ? !equalBytes(oldRoot, EMPTY_ROOT) : !equalBytes(oldRoot, newRoot)) fail(SPLIT)
    if (newSize === 0 && !equalBytes(newRoot, EMPTY_ROOT)) fail(SPLIT)
    return
  }
  if (proof.length === 0)
    fail(
      `nothing shows that the log of ${newSize} entries continues the ${oldSize} before: the consistency proof ` +
        'is missing',
    )
  let [fn, sn] = [oldSize - 1, newSize - 1]
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  // If first is an exact power of two, prepend first_hash to the consistency path.
  const [start, ...rest] = fn === 0 ? [oldRoot, ...proof] : proof
  let [fr, sr] = [start!, start!]
  for (const hash of rest) {
    if (sn === 0) fail('the consistency proof is too long')
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(hash, fr)
      sr = nodeHash(hash, sr)
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2
        sn = Math.floor(sn / 2)
      }
    } else sr = nodeHash(sr, hash)
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) fail('the consistency proof is too short')
  if (!equalBytes(fr, oldRoot) || !equalBytes(sr, newRoot)) fail(SPLIT)
}

const SPLIT = 'the later log does not begin with the earlier one: its history was changed'
