import { leafHash, nodeHash } from '../../core/tree/merkle.ts'

/** The root of a log of a few entries (RFC 6962 §2.1). Costs one hash an entry, and one a node. */
export function treeRoot(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 1) return leafHash(entries[0]!)
  const left = leftOf(entries.length)
  return nodeHash(treeRoot(entries.slice(0, left)), treeRoot(entries.slice(left)))
}

/** The inclusion proof of an entry of the log, its sibling first (RFC 6962 §2.1.1). */
export function treePath(index: number, entries: readonly Uint8Array[]): Uint8Array[] {
  if (entries.length === 1) return []
  const left = leftOf(entries.length)
  return index < left
    ? [...treePath(index, entries.slice(0, left)), treeRoot(entries.slice(left))]
    : [...treePath(index - left, entries.slice(left)), treeRoot(entries.slice(0, left))]
}

/**
 * The proof that the log grew out of its first `size` entries (RFC 6962 §2.1.2): empty where it is not longer, or where
 * nothing was there before.
 */
export function growthOf(size: number, entries: readonly Uint8Array[]): Uint8Array[] {
  return size <= 0 || size >= entries.length ? [] : partOf(size, entries, true)
}

function partOf(size: number, entries: readonly Uint8Array[], isWhole: boolean): Uint8Array[] {
  if (size === entries.length) return isWhole ? [] : [treeRoot(entries)]
  const left = leftOf(entries.length)
  return size <= left
    ? [...partOf(size, entries.slice(0, left), isWhole), treeRoot(entries.slice(left))]
    : [...partOf(size - left, entries.slice(left), false), treeRoot(entries.slice(0, left))]
}

/** The largest power of two below a count of at least 2. */
function leftOf(count: number): number {
  let left = 1
  while (2 * left < count) left *= 2
  return left
}
