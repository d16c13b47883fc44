import { hash } from 'node:crypto'

/** RFC 6962 §2.1 word for word: recursive, slow, and written without the code that it is the oracle of. */

const H = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(hash('sha256', Buffer.concat(parts), 'buffer'))

/** Hashes of entries, each with a copy of its bytes: many trees of one log are made, and hashing takes the time. */
const leaves = new WeakMap<Uint8Array, { readonly bytes: Buffer; readonly hash: Uint8Array }>()
/** Hashes of two hashes, by these. Nobody else has the arrays, so none of them changes. */
const nodes = new WeakMap<Uint8Array, WeakMap<Uint8Array, Uint8Array>>()

function leafOf(entry: Uint8Array): Uint8Array {
  const known = leaves.get(entry)
  if (known?.bytes.equals(entry)) return known.hash
  const made = H(Uint8Array.of(0), entry)
  leaves.set(entry, { bytes: Buffer.from(entry), hash: made })
  return made
}

function nodeOf(left: Uint8Array, right: Uint8Array): Uint8Array {
  const below = nodes.get(left) ?? new WeakMap<Uint8Array, Uint8Array>()
  nodes.set(left, below)
  const made = below.get(right) ?? H(Uint8Array.of(1), left, right)
  below.set(right, made)
  return made
}

function treeOf(entries: readonly Uint8Array[]): Uint8Array {
  const n = entries.length
  if (n === 1) return leafOf(entries[0]!)
  const k = split(n)
  return nodeOf(treeOf(entries.slice(0, k)), treeOf(entries.slice(k)))
}

/** MTH(D[n]). */
export function naiveRoot(entries: readonly Uint8Array[]): Uint8Array {
  return entries.length === 0 ? H() : treeOf(entries).slice()
}

/** PATH(m, D[n]). */
export function naivePath(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
  const n = entries.length
  if (n === 1) return []
  const k = split(n)
  return m < k
    ? [...naivePath(m, entries.slice(0, k)), naiveRoot(entries.slice(k))]
    : [...naivePath(m - k, entries.slice(k)), naiveRoot(entries.slice(0, k))]
}

/** PROOF(m, D[n]), for 0 < m < n. */
export function naiveConsistency(m: number, entries: readonly Uint8Array[]): Uint8Array[] {
  return subproof(m, entries, true)
}

function subproof(m: number, entries: readonly Uint8Array[], whole: boolean): Uint8Array[] {
  const n = entries.length
  if (m === n) return whole ? [] : [naiveRoot(entries)]
  const k = split(n)
  return m <= k
    ? [...subproof(m, entries.slice(0, k), whole), naiveRoot(entries.slice(k))]
    : [...subproof(m - k, entries.slice(k), false), naiveRoot(entries.slice(0, k))]
}

/** The largest power of two smaller than n. */
function split(n: number): number {
  let k = 1
  while (2 * k < n) k *= 2
  return k
}
