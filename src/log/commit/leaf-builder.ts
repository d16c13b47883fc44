import { leafHashes } from '../../core/tree/merkle.ts'

/** Bytes of entries, and leaf hashes, that are gathered before memory is asked for again. */
const BYTES = 16 * 1024
const LEAVES = 1024

/**
 * The leaf hashes of entries on their way into the log, in log order. Those of transactions were made before; those of
 * the entries between them are made when they are taken, in one run.
 */
export class LeafBuilder {
  #leaves = new Uint8Array(32 * LEAVES)
  #count = 0
  /** Entries that are to be hashed, one after another, where they begin and end, and which leaves they are. */
  #bytes = new Uint8Array(BYTES)
  #starts = new Uint32Array(LEAVES)
  #ends = new Uint32Array(LEAVES)
  #places = new Uint32Array(LEAVES)
  #hashes = new Uint8Array(32 * LEAVES)
  #entries = 0

  /** Adds an entry. */
  entry(bytes: Uint8Array): void {
    const start = this.#entries === 0 ? 0 : this.#ends[this.#entries - 1]!
    const end = start + bytes.length
    if (end > this.#bytes.length) this.#bytes = longer(this.#bytes, 2 * end)
    if (this.#entries === this.#starts.length) this.#growEntries()
    this.#bytes.set(bytes, start)
    this.#starts[this.#entries] = start
    this.#ends[this.#entries] = end
    this.#places[this.#entries++] = this.#count
    this.#reserve(1)
    this.#count++
  }

  /** Adds leaf hashes, `32 n` bytes. */
  hashed(leaves: Uint8Array): void {
    this.#reserve(leaves.length / 32)
    this.#leaves.set(leaves, 32 * this.#count)
    this.#count += leaves.length / 32
  }

  /** The leaf hashes since the last call, `32 n` bytes that are valid until more is added; begins again after them. */
  take(): Uint8Array {
    const entries = this.#entries
    leafHashes(this.#bytes, this.#starts.subarray(0, entries), this.#ends.subarray(0, entries), this.#hashes)
    for (let i = 0; i < entries; i++) {
      // By hand: a subarray costs more.
      const to = 32 * this.#places[i]!
      for (let byte = 0; byte < 32; byte++) this.#leaves[to + byte] = this.#hashes[32 * i + byte]!
    }
    const leaves = this.#leaves.subarray(0, 32 * this.#count)
    this.#count = this.#entries = 0
    return leaves
  }

  #reserve(more: number): void {
    const length = 32 * (this.#count + more)
    if (length > this.#leaves.length) this.#leaves = longer(this.#leaves, 2 * length)
  }

  #growEntries(): void {
    const length = 2 * this.#entries
    this.#starts = more(this.#starts, length)
    this.#ends = more(this.#ends, length)
    this.#places = more(this.#places, length)
    this.#hashes = new Uint8Array(32 * length)
  }
}

function longer(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  const grown = new Uint8Array(length)
  grown.set(bytes)
  return grown
}

function more(numbers: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(length)
  grown.set(numbers)
  return grown
}
