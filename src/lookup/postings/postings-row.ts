/** Most bytes that one number takes: 32 bits, seven to a byte. */
const NUMBER_BYTES_MAX = 5

/** Numbers, each in as many bytes as it needs, seven bits a byte, the low ones first (LEB128). */
class Packed {
  #bytes = new Uint8Array(0)
  #at = 0

  /** Begins again, with room for so many numbers. */
  begin(numbersMax: number): this {
    const length = NUMBER_BYTES_MAX * numbersMax
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(length)
    this.#at = 0
    return this
  }

  put(number: number): void {
    let rest = number
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#at++] = rest
  }

  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }
}

/** Reads what `Packed` made. */
class Unpacked {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  take(): number {
    let number = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++]!
      number += (byte & 0x7f) * factor
      if (byte < 0x80) return number
    }
  }
}

/** What rows are packed in, one after the other. */
const ROW = new Packed()
const BUSY_ROW = new Packed()

/** The postings of some accounts in a run. */
export interface PackedPostings {
  readonly bytes: Uint8Array
  /** The offsets of the accounts that have too many to stand among others, each as the way from the one before. */
  readonly busy: readonly { readonly account: number; readonly bytes: Uint8Array }[]
}

/**
 * The postings of some accounts in a run, packed: for each account the way from the one before, doubled, plus 1 where
 * it has more than one posting; then how many, if so; then its offsets in the run, each as the way from the one before,
 * unless there are `busyFrom` or more. About 4 bytes a posting.
 *
 * @param postings - sorted, each `account * 2^32 + offset`.
 * @param firstAccount - from which the way to the first account is counted.
 */
export function packPostings(postings: BigUint64Array, firstAccount: number, busyFrom: number): PackedPostings {
  const words = new Uint32Array(postings.buffer, postings.byteOffset, 2 * postings.length)
  const all = ROW.begin(3 * postings.length)
  const busy: { account: number; bytes: Uint8Array }[] = []
  let before = firstAccount
  for (let i = 0; i < postings.length; ) {
    const account = words[2 * i + 1]!
    let end = i + 1
    while (end < postings.length && words[2 * end + 1] === account) end++
    const count = end - i
    all.put(2 * (account - before) + (count > 1 ? 1 : 0))
    if (count > 1) all.put(count)
    const into = count < busyFrom ? all : BUSY_ROW.begin(count)
    for (let offset = 0; i < end; i++) {
      into.put(words[2 * i]! - offset)
      offset = words[2 * i]!
    }
    if (into !== all) busy.push({ account, bytes: into.toBytes() })
    before = account
  }
  return { bytes: all.toBytes(), busy }
}

/** The offsets of an account's postings in what `packPostings` made; `'busy'` where they stand by themselves. */
export function unpackPostings(
  bytes: Uint8Array,
  firstAccount: number,
  busyFrom: number,
  account: number,
): number[] | 'busy' {
  const packed = new Unpacked(bytes)
  for (let here = firstAccount; !packed.isAtEnd; ) {
    const step = packed.take()
    here += Math.floor(step / 2)
    if (here > account) break
    const count = step % 2 === 1 ? packed.take() : 1
    if (here === account) return count < busyFrom ? offsetsFrom(packed, count) : 'busy'
    for (let i = 0; count < busyFrom && i < count; i++) packed.take()
  }
  return []
}

/** The offsets of a busy account. */
export function unpackBusy(bytes: Uint8Array): number[] {
  return offsetsFrom(new Unpacked(bytes), Number.POSITIVE_INFINITY)
}

function offsetsFrom(packed: Unpacked, count: number): number[] {
  const offsets: number[] = []
  for (let offset = 0; offsets.length < count && !packed.isAtEnd; offsets.push(offset)) offset += packed.take()
  return offsets
}
