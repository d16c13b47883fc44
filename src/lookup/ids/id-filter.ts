import { spread, spreadAgain } from './fingerprint.ts'

/** Bits an id, and of them how many each sets: about one in 300 ids that are not there looks as if it were. */
const BITS_AN_ID = 12
const BITS_SET = 7
/** Bits of a block: what one id sets lies in one cache line. */
const BLOCK_BITS = 512
const BLOCK_WORDS = BLOCK_BITS / 32

/**
 * Rules ids out: a Bloom filter in blocks (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters,
 * 2007). Says "maybe" for every id that is in it, and for few others.
 */
export class IdFilter {
  readonly #words: Uint32Array
  readonly #blocks: number

  private constructor(words: Uint32Array) {
    this.#words = words
    this.#blocks = words.length / BLOCK_WORDS
  }

  /** An empty filter with room for `ids`. */
  static for(ids: number): IdFilter {
    return new IdFilter(new Uint32Array(Math.ceil((Math.max(1, ids) * BITS_AN_ID) / BLOCK_BITS) * BLOCK_WORDS))
  }

  /** The filter that `toBytes` gave out: a copy. Undefined where the length is not of a filter. */
  static from(bytes: Uint8Array): IdFilter | undefined {
    if (bytes.length === 0 || bytes.length % (BLOCK_BITS / 8) !== 0) return undefined
    return new IdFilter(new Uint32Array(bytes.slice().buffer))
  }

  /** Its bytes, a view. */
  toBytes(): Uint8Array {
    return new Uint8Array(this.#words.buffer)
  }

  get sizeBytes(): number {
    return this.#words.byteLength
  }

  add(low: number, high: number): void {
    const block = this.#block(low, high)
    let bits = spreadAgain(low, high)
    const step = (bits >>> 9) | 1
    for (let i = 0; i < BITS_SET; i++, bits = (bits + step) | 0) {
      const bit = bits & (BLOCK_BITS - 1)
      this.#words[block + (bit >>> 5)]! |= 1 << (bit & 31)
    }
  }

  mayHave(low: number, high: number): boolean {
    const block = this.#block(low, high)
    let bits = spreadAgain(low, high)
    const step = (bits >>> 9) | 1
    for (let i = 0; i < BITS_SET; i++, bits = (bits + step) | 0) {
      const bit = bits & (BLOCK_BITS - 1)
      if ((this.#words[block + (bit >>> 5)]! & (1 << (bit & 31))) === 0) return false
    }
    return true
  }

  /** The first word of the block in which an id's bits lie. */
  #block(low: number, high: number): number {
    return Math.floor((spread(low, high) * this.#blocks) / 2 ** 32) * BLOCK_WORDS
  }
}
