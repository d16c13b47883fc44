import { BUNDLE_ENTRIES } from '../../core/tree/tile.ts'
import type { Piece } from '../../store/index.ts'

/**
 * Entries on their way to the store, in wire format: consecutive, cut where bundles end. Filled while a group of
 * batches is applied, taken when it is written.
 */
export class PieceBuilder {
  #pieces: Piece[] = []
  #bytes = new Uint8Array(64 * 1024)
  #length = 0
  #count = 0
  #firstIndex: number

  /** @param nextIndex - log index of the first entry that will be added. */
  constructor(nextIndex: number) {
    this.#firstIndex = nextIndex
  }

  /** Adds the entry that stands in `source[start, end)`. */
  add(source: Uint8Array, start = 0, end = source.length): void {
    const length = end - start
    this.#reserve(length + 2)
    this.#bytes[this.#length] = length >> 8
    this.#bytes[this.#length + 1] = length & 0xff
    // A copy by hand: below some hundred bytes a subarray costs more than the copying.
    const to = this.#length + 2
    for (let i = 0; i < length; i++) this.#bytes[to + i] = source[start + i]!
    this.#length += length + 2
    this.#count++
    if ((this.#firstIndex + this.#count) % BUNDLE_ENTRIES === 0) this.#cut()
  }

  /** The entry at a log index that was added since the last `take`, if it was. A copy. For the rare look-back. */
  entryAt(index: number): Uint8Array | undefined {
    return entryIn([...this.#pieces, this.#open()], index)
  }

  /** The pieces since the last call, and begins again after them. */
  take(): Piece[] {
    if (this.#count > 0) this.#cut()
    const pieces = this.#pieces
    this.#pieces = []
    return pieces
  }

  #open(): Piece {
    return { firstIndex: this.#firstIndex, count: this.#count, bytes: this.#bytes.subarray(0, this.#length) }
  }

  #cut(): void {
    this.#pieces.push({ ...this.#open(), bytes: this.#bytes.slice(0, this.#length) })
    this.#firstIndex += this.#count
    this.#count = 0
    this.#length = 0
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const bytes = new Uint8Array(2 * this.#bytes.length + more)
    bytes.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = bytes
  }
}

/** The entry at a log index, if it stands in one of these pieces. A copy. */
export function entryIn(pieces: readonly Piece[], index: number): Uint8Array | undefined {
  const piece = pieces.find(({ firstIndex, count }) => index >= firstIndex && index < firstIndex + count)
  if (piece === undefined) return undefined
  let at = 0
  for (let i = piece.firstIndex; i < index; i++) at += 2 + lengthAt(piece.bytes, at)
  return piece.bytes.slice(at + 2, at + 2 + lengthAt(piece.bytes, at))
}

function lengthAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!
}
