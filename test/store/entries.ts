import { BUNDLE_ENTRIES } from '../../src/core/tree/tile.ts'
import type { Piece, Store } from '../../src/store/index.ts'

/** The entry that these tests put at a log index: its length and bytes follow from the index alone. */
export function entryFor(index: number, lengthMax = 40): Uint8Array {
  const mixed = Math.imul(index + 1, 2654435761) >>> 0
  const entry = new Uint8Array(5 + (mixed % lengthMax)).fill(mixed >>> 24)
  new DataView(entry.buffer).setUint32(1, index)
  entry[0] = 2
  return entry
}

/** Entries in wire format, written byte by byte and not by the code under test. */
export function wireOf(entries: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(entries.flatMap(entry => [entry.length >> 8, entry.length & 0xff, ...entry]))
}

/** Entries that follow `firstIndex`, as pieces cut where bundles end. */
export function piecesOf(firstIndex: number, entries: readonly Uint8Array[]): Piece[] {
  const pieces: Piece[] = []
  for (let at = 0; at < entries.length; ) {
    const room = BUNDLE_ENTRIES - ((firstIndex + at) % BUNDLE_ENTRIES)
    const some = entries.slice(at, at + room)
    pieces.push({ firstIndex: firstIndex + at, count: some.length, bytes: wireOf(some) })
    at += some.length
  }
  return pieces
}

/** `count` entries of these tests, from `firstIndex` on. */
export function entriesFrom(firstIndex: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => entryFor(firstIndex + i))
}

/** Appends the next `count` entries of these tests in one call. */
export function grow(store: Store, count: number): Promise<void> {
  return store.append(piecesOf(store.size, entriesFrom(store.size, count)))
}

/** Everything that a scan from a bundle on gives, in one byte string, after a look at the numbers. */
export async function scanned(store: Store, fromBundle = 0): Promise<Uint8Array> {
  const all: number[] = []
  let next = fromBundle
  for await (const { index, bytes } of store.scan(fromBundle)) {
    if (index !== next++) throw new Error(`scan gave bundle ${index} for ${next - 1}`)
    for (const byte of bytes) all.push(byte)
  }
  return Uint8Array.from(all)
}
