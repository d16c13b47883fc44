import { ID_BYTES } from '../core/id.ts'

/** Where in an id its fingerprint begins: the eight bytes behind the first eight are all but two bits random. */
const FINGERPRINT_AT = 8

/** Where the id stands in the transaction entry that begins at `start`: behind type byte, array head, kind and its own head. */
export function idStart(bytes: Uint8Array, start: number): number {
  return start + (bytes[start + 2]! < 24 ? 4 : 5)
}

/** The id of a transaction entry, a view. */
export function idOf(entry: Uint8Array): Uint8Array {
  const at = idStart(entry, 0)
  return entry.subarray(at, at + ID_BYTES)
}

/** The two halves of the fingerprint of the id at `start`. The high one is never 0, as it begins with the variant. */
export function highOf(bytes: Uint8Array, start: number): number {
  return word(bytes, start + FINGERPRINT_AT)
}
export function lowOf(bytes: Uint8Array, start: number): number {
  return word(bytes, start + FINGERPRINT_AT + 4)
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

/** Mixes a fingerprint into 32 bits (the finalizer of MurmurHash3), so that chosen bits do not pile up in one place. */
export function spread(low: number, high: number): number {
  let h = low ^ Math.imul(high, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** As `spread`, and independent of it. */
export function spreadAgain(low: number, high: number): number {
  let h = high ^ Math.imul(low, 0x85ebca77)
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39)
  return (h ^ (h >>> 15)) >>> 0
}
