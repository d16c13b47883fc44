import { utf8Decode } from './bytes.ts'
import { FormatError } from './failure.ts'

/** What our CBOR is made of (SPEC §2). */
export type CborValue = number | string | Uint8Array | null | readonly CborValue[]

/** Major types and the one simple value that SPEC §2 allows. */
const UINT = 0
const BYTES = 2
const TEXT = 3
const ARRAY = 4
const NULL = 0xf6

/** The least value that needs 1, 2, 4, 8 bytes. */
const LEAST = [24, 2 ** 8, 2 ** 16, 2 ** 32]

const TYPE_NAMES = [
  'an unsigned integer',
  'a negative number',
  'bytes',
  'text',
  'an array',
  'a map',
  'a tag',
  'a simple value',
]

/**
 * Reads deterministic CBOR in place (RFC 8949 §4.2.1, narrowed by SPEC §2): shortest heads, definite lengths, unsigned
 * integers up to 2^53 - 1, bytes, text, arrays, null. Anyone who calls says what must come next, so there is no tree of
 * values, no recursion, and nothing is allocated but what is asked for. Everything it reads is untrusted.
 *
 * Every method throws FormatError `cbor` with the byte offset and what was expected, but where it says otherwise.
 */
export class CborReader {
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  #end = 0

  /** Points the reader at `bytes[start, end)` and returns it. */
  reset(bytes: Uint8Array, start: number, end: number): this {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    return this
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#at
  }

  /** The number of items of the array that begins here. */
  array(): number {
    return this.#head(ARRAY, 'an array')
  }

  /** The array of at most `max` items that stands here, each read by `item`. @throws FormatError `list-length`. */
  list<T>(max: number, what: string, item: () => T): T[] {
    const count = this.array()
    if (count > max) throw new FormatError('list-length', `${what} has at most ${max} items, this one ${count}`)
    return Array.from({ length: count }, item)
  }

  /** The unsigned integer that stands here, at most `max`. */
  uint(max: number, what: string): number {
    const at = this.#at
    const value = this.#head(UINT, what)
    if (value > max) this.#fail(at, `${what} is at most ${max}, found ${value}`)
    return value
  }

  /** Steps over a byte string of exactly `size` bytes and returns where in the input its first byte stands. */
  bytesAt(size: number, what: string): number {
    const at = this.#at
    const length = this.#head(BYTES, what)
    if (length !== size) this.#fail(at, `${what} has ${size} bytes, found ${length}`)
    return this.#step(length, what)
  }

  /** The byte string of exactly `size` bytes that stands here, as a view into the input. */
  bytes(size: number, what: string): Uint8Array {
    const start = this.bytesAt(size, what)
    return this.#bytes.subarray(start, start + size)
  }

  /** Steps over a byte string of at most `max` bytes and returns its length: it ends where the reader stands then. */
  stepBytes(max: number, what: string): number {
    const at = this.#at
    const length = this.#head(BYTES, what)
    if (length > max) this.#fail(at, `${what} has at most ${max} bytes, found ${length}`)
    this.#step(length, what)
    return length
  }

  /** How long the byte string of at most `max` bytes is that begins here, and where its first byte stands, or would. */
  headOfBytes(max: number, what: string): { readonly from: number; readonly length: number } {
    const at = this.#at
    const length = this.#head(BYTES, what)
    if (length > max) this.#fail(at, `${what} has at most ${max} bytes, found ${length}`)
    return { from: this.#at, length }
  }

  /** The byte string of at most `max` bytes that stands here, as a view into the input. */
  bytesUpTo(max: number, what: string): Uint8Array {
    const length = this.stepBytes(max, what)
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** The text of at most `maxBytes` bytes of UTF-8 that stands here. */
  text(what: string, maxBytes: number): string {
    const at = this.#at
    const length = this.#head(TEXT, what)
    if (length > maxBytes) this.#fail(at, `${what} has at most ${maxBytes} bytes, found ${length}`)
    const start = this.#step(length, what)
    return utf8Decode(this.#bytes.subarray(start, start + length))
  }

  /** Whether null stands here; steps over it if so. */
  null(): boolean {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== NULL) return false
    this.#at++
    return true
  }

  /** Refuses bytes after what was read. */
  end(): void {
    if (this.#at !== this.#end) this.#fail(this.#at, `the end expected, found ${this.#end - this.#at} more bytes`)
  }

  #step(length: number, what: string): number {
    const start = this.#at
    if (length > this.#end - start) this.#fail(start, `${what} is cut off`)
    this.#at = start + length
    return start
  }

  /** The argument of a head of the given major type. RFC 8949 §3, shortest form §4.2.1. */
  #head(major: number, what: string): number {
    const at = this.#at
    if (at >= this.#end) this.#fail(at, `${what} expected, found the end`)
    const first = this.#bytes[at]!
    if (first >> 5 !== major) this.#fail(at, `${what} expected, found ${TYPE_NAMES[first >> 5]}`)
    const info = first & 31
    if (info < 24) {
      this.#at = at + 1
      return info
    }
    if (info > 27) this.#fail(at, `${what}: lengths are definite`)
    const size = 1 << (info - 24)
    if (at + 1 + size > this.#end) this.#fail(at, `${what} is cut off`)
    let value = 0
    for (let i = 1; i <= size; i++) value = value * 256 + this.#bytes[at + i]!
    if (value < LEAST[info - 24]!) this.#fail(at, `${what} is not in its shortest form`)
    if (value > Number.MAX_SAFE_INTEGER) this.#fail(at, `${what} is above 2^53 - 1`)
    this.#at = at + 1 + size
    return value
  }

  #fail(at: number, problem: string): never {
    throw new FormatError('cbor', `at byte ${at}: ${problem}`)
  }
}
