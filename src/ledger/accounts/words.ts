import { engine } from '../../core/crypto/engine.ts'

/** A buffer of words that are hashed, and the same as bytes. */
export class HashWords {
  readonly words: Int32Array<ArrayBuffer>
  readonly #bytes: Uint8Array

  constructor(count: number) {
    this.words = new Int32Array(count)
    this.#bytes = new Uint8Array(this.words.buffer)
  }

  /** Hashes the first `pairs` pairs of 64 bytes into `to`. */
  hash(pairs: number, to: HashWords): void {
    this.hashInto(pairs, to.#bytes)
  }

  hashInto(pairs: number, to: Uint8Array): void {
    engine().hashPairs(this.#bytes.subarray(0, 64 * pairs), to.subarray(0, 32 * pairs))
  }

  /** Puts the hashes of `pairs` in the beginning of it. */
  take(pairs: Uint8Array): void {
    engine().hashPairs(pairs, this.#bytes.subarray(0, pairs.length / 2))
  }
}
