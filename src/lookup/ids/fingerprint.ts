import type { Transactions } from '../../core/entry/batch.ts'
import { ID_BYTES, idTimeMs } from '../../core/entry/id.ts'
import { assert } from '../../core/failure.ts'

/**
 * Where the id stands in the transaction entry that begins at `start`: after type byte, array head, kind and its own
 * head.
 */
export function idStart(bytes: Uint8Array, start: number): number {
  return start + (bytes[start + 2]! < 24 ? 4 : 5)
}

/** The latest time of so many transaction entries, which is that of their ids. RFC 9562 §5.7. */
export function latestTime({ count, bytes, starts }: Pick<Transactions, 'count' | 'bytes' | 'starts'>): number {
  let latest = 0
  for (let i = 0; i < count; i++) latest = Math.max(latest, idTimeMs(bytes, idStart(bytes, starts[i]!)))
  return latest
}

/** The id of a transaction entry, a view. */
export function idOf(entry: Uint8Array): Uint8Array {
  const at = idStart(entry, 0)
  return entry.subarray(at, at + ID_BYTES)
}

/** Bytes of the secret under which fingerprints are made. */
export const FINGERPRINT_SECRET_BYTES = 8

/**
 * The fingerprint of an id: 64 bits that depend on all of it and on a secret, so that nobody who chooses ids can choose
 * fingerprints that are alike, of which each would be looked at for each. As HalfSipHash-1-3 (Aumasson, Bernstein:
 * SipHash, 2012), of a message of always the same length. Without a secret, the eight bytes of the id that are all but
 * two bits random: for ids that nobody chooses.
 */
export class Fingerprint {
  /** The halves of the one that was read last. The high one is never 0. */
  low = 0
  high = 0
  /** The secret, as two words of 32 bits; zeros where there is none. */
  readonly words: readonly [number, number]
  readonly #isKeyed: boolean

  /** @param secret - 8 bytes. */
  constructor(secret: Uint8Array | undefined) {
    assert(secret === undefined || secret.length === FINGERPRINT_SECRET_BYTES, 'the secret of fingerprints has 8 bytes')
    this.#isKeyed = secret !== undefined
    this.words = secret === undefined ? [0, 0] : [word(secret, 0) >>> 0, word(secret, 4) >>> 0]
  }

  /** Reads the id at `start`. */
  read(bytes: Uint8Array, start: number): void {
    if (!this.#isKeyed) {
      this.high = word(bytes, start + 8) >>> 0
      this.low = word(bytes, start + 12) >>> 0
      return
    }
    const [k0, k1] = this.words
    let a = k0 | 0
    let b = k1 | 0
    let c = 0x6c796765 ^ k0
    let d = 0x74656462 ^ k1
    // Four words of the id, a round each, and three rounds at the end.
    for (let round = 0; round < 7; round++) {
      const m = round < 4 ? word(bytes, start + 4 * round) : 0
      d ^= m
      if (round === 4) c ^= 0xee
      a = (a + b) | 0
      b = turned(b, 5) ^ a
      a = turned(a, 16)
      c = (c + d) | 0
      d = turned(d, 8) ^ c
      a = (a + d) | 0
      d = turned(d, 7) ^ a
      c = (c + b) | 0
      b = turned(b, 13) ^ c
      c = turned(c, 16)
      a ^= m
    }
    this.low = (b ^ d) >>> 0
    this.high = (a ^ c) >>> 0 || 1
  }
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}

function turned(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

/** Whether the ids at two places are the same. */
export function isSameId(one: Uint8Array, start: number, other: Uint8Array, otherStart: number): boolean {
  for (let i = 0; i < ID_BYTES; i++) if (one[start + i] !== other[otherStart + i]) return false
  return true
}

/** Mixes a fingerprint into 32 bits (the finalizer of MurmurHash3). */
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
