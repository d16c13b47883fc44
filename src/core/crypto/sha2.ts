// SHA-256 and SHA-512 (FIPS 180-4) of the portable engine. Both are the same rounds, over words of 32 and of 64 bits, and
// the constants of the first are the upper halves of those of the second: so they are worked out here, from their
// definition, instead of standing here as a table. Those of a package are 4.9 of the 20 kB that a verifier in a browser may
// have; these are 1.5.

/** The first 64 bits behind the point of the `n`-th root of a whole number. Newton's method. */
function rootBits(of: number, n: bigint): bigint {
  const value = BigInt(of) << (64n * n)
  let root = 1n << 70n
  for (let next = root; ; root = next) {
    next = ((n - 1n) * root + value / root ** (n - 1n)) / n
    if (next >= root) return BigInt.asUintN(64, root)
  }
}

/** The first 80 primes. */
const PRIMES: number[] = []
for (let n = 2; PRIMES.length < 80; n++) if (PRIMES.every(prime => n % prime > 0)) PRIMES.push(n)

/** Words of 64 bits as two halves: the upper ones at even places. */
function halves(words: readonly bigint[]): Int32Array {
  return Int32Array.from(words.flatMap(word => [Number(word >> 32n), Number(word & 0xffffffffn)]))
}

/** FIPS 180-4 §4.2.3: of the cube roots of the first 80 primes. */
const K512 = halves(PRIMES.map(prime => rootBits(prime, 3n)))
/** FIPS 180-4 §5.3.5: of the square roots of the first 8 primes. */
const START512 = halves(PRIMES.slice(0, 8).map(prime => rootBits(prime, 2n)))
/** FIPS 180-4 §4.2.2, §5.3.3. */
const K256 = K512.filter((_, i) => i % 2 === 0 && i < 128)
const START256 = START512.filter((_, i) => i % 2 === 0)

/** The message schedule: 64 words of 32 bits, or 80 of 64 bits as halves. One thread, no callbacks: one is enough. */
const W = new Int32Array(160)

/** Mixes the block of 64 bytes at `at` into a state of 8 words. FIPS 180-4 §6.2.2. */
function compress256(state: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 16; t++, at += 4)
    W[t] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  for (let t = 16; t < 64; t++) {
    const x = W[t - 15]!
    const y = W[t - 2]!
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3)
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10)
    W[t] = (s0 + s1 + W[t - 7]! + W[t - 16]!) | 0
  }
  let a = state[0]!
  let b = state[1]!
  let c = state[2]!
  let d = state[3]!
  let e = state[4]!
  let f = state[5]!
  let g = state[6]!
  let h = state[7]!
  for (let t = 0; t < 64; t++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K256[t]! + W[t]!) | 0
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))
    h = g
    g = f
    f = e
    e = (d + t1) | 0
    d = c
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c))
    c = b
    b = a
    a = (t1 + t2) | 0
  }
  state[0]! += a
  state[1]! += b
  state[2]! += c
  state[3]! += d
  state[4]! += e
  state[5]! += f
  state[6]! += g
  state[7]! += h
}

/** One half of a word of 64 bits turned right by `n`: the half at hand, and the other. */
function turn(half: number, other: number, n: number): number {
  return n < 32 ? (half >>> n) | (other << (32 - n)) : (other >>> (n - 32)) | (half << (64 - n))
}

/** Writes a word of 64 bits: its upper half, and a sum of lower halves from which it carries. */
function put(words: Int32Array, at: number, high: number, low: number): void {
  words[at] = high + Math.floor(low / 2 ** 32)
  words[at + 1] = low
}

/** Mixes the block of 128 bytes at `at` into a state of 8 words. FIPS 180-4 §6.4.2. */
function compress512(state: Int32Array, bytes: Uint8Array, at: number): void {
  for (let t = 0; t < 32; t++, at += 4)
    W[t] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  for (let t = 32; t < 160; t += 2) {
    const xh = W[t - 30]!
    const xl = W[t - 29]!
    const yh = W[t - 4]!
    const yl = W[t - 3]!
    const high = (turn(xh, xl, 1) ^ turn(xh, xl, 8) ^ (xh >>> 7)) + (turn(yh, yl, 19) ^ turn(yh, yl, 61) ^ (yh >>> 6))
    const low =
      ((turn(xl, xh, 1) ^ turn(xl, xh, 8) ^ turn(xl, xh, 7)) >>> 0) +
      ((turn(yl, yh, 19) ^ turn(yl, yh, 61) ^ turn(yl, yh, 6)) >>> 0)
    put(W, t, high + W[t - 14]! + W[t - 32]!, low + (W[t - 13]! >>> 0) + (W[t - 31]! >>> 0))
  }
  const s = state.slice()
  for (let t = 0; t < 160; t += 2) {
    const eh = s[8]!
    const el = s[9]!
    const ah = s[0]!
    const al = s[1]!
    const low =
      (s[15]! >>> 0) +
      ((turn(el, eh, 14) ^ turn(el, eh, 18) ^ turn(el, eh, 41)) >>> 0) +
      (((el & s[11]!) ^ (~el & s[13]!)) >>> 0) +
      (K512[t + 1]! >>> 0) +
      (W[t + 1]! >>> 0)
    const high =
      s[14]! +
      (turn(eh, el, 14) ^ turn(eh, el, 18) ^ turn(eh, el, 41)) +
      ((eh & s[10]!) ^ (~eh & s[12]!)) +
      K512[t]! +
      W[t]!
    const lowA =
      ((turn(al, ah, 28) ^ turn(al, ah, 34) ^ turn(al, ah, 39)) >>> 0) +
      (((al & s[3]!) ^ (al & s[5]!) ^ (s[3]! & s[5]!)) >>> 0)
    const highA =
      (turn(ah, al, 28) ^ turn(ah, al, 34) ^ turn(ah, al, 39)) + ((ah & s[2]!) ^ (ah & s[4]!) ^ (s[2]! & s[4]!))
    s.copyWithin(2, 0, 14)
    put(s, 8, s[8]! + high, (s[9]! >>> 0) + low)
    put(s, 0, high + highA, low + lowA)
  }
  for (let i = 0; i < 16; i += 2) put(state, i, state[i]! + s[i]!, (state[i + 1]! >>> 0) + (s[i + 1]! >>> 0))
}

/** The end of a message: what is left of it, one bit, zeros, and its length in bits. FIPS 180-4 §5.1. */
function padded(bytes: Uint8Array, block: number): Uint8Array {
  const rest = bytes.length % block
  const tail = new Uint8Array(rest + 1 + block / 8 > block ? 2 * block : block)
  tail.set(bytes.subarray(bytes.length - rest))
  tail[rest] = 0x80
  const view = new DataView(tail.buffer)
  view.setUint32(tail.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(tail.length - 4, bytes.length << 3)
  return tail
}

/** Writes a state, big-endian. */
function write(state: Int32Array, output: Uint8Array, at: number): void {
  for (const word of state) {
    output[at++] = word >> 24
    output[at++] = word >> 16
    output[at++] = word >> 8
    output[at++] = word
  }
}

function digest(
  bytes: Uint8Array,
  block: number,
  start: Int32Array,
  compress: typeof compress256,
): Uint8Array<ArrayBuffer> {
  const state = start.slice()
  const tail = padded(bytes, block)
  for (let at = 0; at + block <= bytes.length; at += block) compress(state, bytes, at)
  for (let at = 0; at < tail.length; at += block) compress(state, tail, at)
  const output = new Uint8Array(4 * state.length)
  write(state, output, 0)
  tail.fill(0)
  return output
}

/** SHA-256 of `bytes`, 32 bytes. FIPS 180-4 §6.2. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return digest(bytes, 64, START256, compress256)
}

/** SHA-512 of `bytes`, 64 bytes. FIPS 180-4 §6.4. Its copies of them are wiped: they may have been a key. */
export function sha512(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const output = digest(bytes, 128, START512, compress512)
  W.fill(0)
  return output
}

const PAIR_END = padded(new Uint8Array(64), 64)
const pairState = new Int32Array(8)

/** SHA-256 of each 64-byte block of `pairs`, written to `output` as 32-byte blocks. Allocates nothing. */
export function sha256Pairs(pairs: Uint8Array, output: Uint8Array): void {
  for (let at = 0; at < pairs.length; at += 64) {
    pairState.set(START256)
    compress256(pairState, pairs, at)
    compress256(pairState, PAIR_END, 0)
    write(pairState, output, at / 2)
  }
}
