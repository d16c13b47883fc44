/** Most bytes that one number takes: 32 bits, seven to a byte. */
const NUMBER_BYTES_MAX = 5

/**
 * The postings of some accounts in a run, packed: for each account the way from the one before, doubled, plus 1 where it
 * has more than one posting; then how many, if so; then its offsets in the run, each as the way from the one before. Each
 * number takes as many bytes as it needs, seven bits a byte, the low ones first (LEB128). About 4 bytes a posting.
 *
 * @param postings - sorted, each `account * 2^32 + offset`.
 * @param firstAccount - from which the way to the first account is counted.
 */
export function packPostings(postings: BigUint64Array, firstAccount: number): Uint8Array {
  const words = new Uint32Array(postings.buffer, postings.byteOffset, 2 * postings.length)
  const bytes = new Uint8Array(3 * NUMBER_BYTES_MAX * postings.length)
  let at = 0
  const put = (number: number) => {
    let rest = number
    for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 0x7f) | 0x80
    bytes[at++] = rest
  }
  let before = firstAccount
  for (let i = 0; i < postings.length; ) {
    const account = words[2 * i + 1]!
    let end = i + 1
    while (end < postings.length && words[2 * end + 1] === account) end++
    put(2 * (account - before) + (end - i > 1 ? 1 : 0))
    if (end - i > 1) put(end - i)
    for (let offset = 0; i < end; i++) {
      put(words[2 * i]! - offset)
      offset = words[2 * i]!
    }
    before = account
  }
  return bytes.subarray(0, at)
}

/** Onto `found`, the offsets of an account's postings in what `packPostings` made, each plus `base`. */
export function unpackPostings(
  bytes: Uint8Array,
  firstAccount: number,
  account: number,
  base: number,
  found: number[],
) {
  let at = 0
  const take = () => {
    let number = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!
      number += (byte & 0x7f) * factor
      if (byte < 0x80) return number
    }
  }
  for (let here = firstAccount; at < bytes.length; ) {
    const step = take()
    here += step >>> 1
    if (here > account) return
    const count = step % 2 === 1 ? take() : 1
    let offset = 0
    for (let i = 0; i < count; i++) {
      offset += take()
      if (here === account) found.push(base + offset)
    }
  }
}
