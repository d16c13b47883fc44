import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import { StoreError } from './contract.ts'
import { formatKey } from './keys.ts'

/**
 * How many entries stand at the beginning of a byte string in wire format, up to 256, and where the last of them ends.
 * Reads the lengths only, some 7 ns an entry, so that every row that comes from the disk can afford it.
 */
export function walkEntries(bytes: Uint8Array): { count: number; end: number } {
  let count = 0
  let end = 0
  while (count < BUNDLE_ENTRIES) {
    const next = end + 2 + lengthAt(bytes, end)
    // An entry is never empty, as its first byte tells what it is. NaN compares false.
    if (!(next > end + 2 && next <= bytes.length)) break
    count++
    end = next
  }
  return { count, end }
}

/**
 * How many entries a stored row has: 1 to 256, and nothing else.
 *
 * @throws StoreError `store-corrupt`, naming the key and the byte, where lengths and bytes do not fit.
 */
export function countEntries(bytes: Uint8Array, key: Uint8Array): number {
  const { count, end } = walkEntries(bytes)
  if (count === 0 || end !== bytes.length)
    throw new StoreError(
      'store-corrupt',
      `The row under key ${formatKey(key)} is damaged: after ${count} entries, at byte ${end} of ` +
        `${bytes.length}, no other fits.`,
    )
  return count
}

/** The entry at a position of a piece, as a view into it. The piece has been counted. */
export function entryAt(bytes: Uint8Array, position: number): Uint8Array {
  let at = 0
  for (let i = 0; i < position; i++) at += 2 + lengthAt(bytes, at)
  return bytes.subarray(at + 2, at + 2 + lengthAt(bytes, at))
}

/** u16be; NaN past the end. */
function lengthAt(bytes: Uint8Array, at: number): number {
  return at + 2 <= bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : Number.NaN
}
