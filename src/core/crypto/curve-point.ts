/**
 * Whether a y coordinate belongs to a point of the curve, without that point: `x² = (y² - 1) / (d y² + 1)` has a root
 * if `w = (y² - 1)(d y² + 1)` is a square modulo `p = 2^255 - 19` (RFC 8032 §5.1.3), which the Jacobi symbol of `w`
 * says. A root, as a decompression takes it, is two hundred and fifty squarings, and native code that can be asked for
 * no more than a sum of points takes three such powers: 11 µs a key, where this takes 3.5, and needs nothing native.
 */

/** A number modulo `p`: fifteen limbs of 17 bits. Fifteen products of two, times 19, stay far below `2^53`. */
const LIMBS = 15
const BASE = 2 ** 17
/** `d` of the curve: `-121665/121666`. RFC 8032 §5.1. */
const D = limbsOf(0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n)

/** For the Jacobi symbol: limbs of 26 bits, so that a sum of two products of such is below `2^53`. */
const WIDE_BITS = 26
const WIDE_BASE = 2 ** WIDE_BITS
const WIDE_LIMBS = 10
/** `p` in them. */
const PRIME = Float64Array.from({ length: WIDE_LIMBS }, (_, i) =>
  i === 0 ? WIDE_BASE - 19 : i === WIDE_LIMBS - 1 ? 2 ** 21 - 1 : WIDE_BASE - 1,
)
/** Rounds of 26 steps after which the symbol is taken another way; 29 are usual. */
const ROUNDS_MOST = 60
/** `-1 / (2 i + 1)` modulo 256: right in six bits, and then, by a step of Newton's, in all. */
const INVERSES = Uint8Array.from({ length: 128 }, (_, i) => {
  const odd = 2 * i + 1
  const six = odd * (odd * odd - 2)
  return Math.imul(six, 2 + Math.imul(odd, six))
})

// One of each: what is asked for a million times makes nothing new.
const [y, square, product] = [new Float64Array(LIMBS), new Float64Array(LIMBS), new Float64Array(LIMBS)]
const columns = new Float64Array(2 * LIMBS - 1)
const [f, g] = [new Float64Array(WIDE_LIMBS), new Float64Array(WIDE_LIMBS)]

function limbsOf(value: bigint): Float64Array {
  return Float64Array.from({ length: LIMBS }, (_, i) => Number((value >> BigInt(17 * i)) & 0x1ffffn))
}

/**
 * Whether the curve has a point with the y coordinate of these 32 bytes.
 *
 * @param bytes - untrusted: a canonical encoding (`y < p`; its sign bit is stepped over) that is not of small order,
 *   so that `w` is not 0: `y² = 1` is of small order, and `d y² = -1` has no root, as `d` is no square and -1 is.
 * @param roundsMost - 0 has it always taken the other way, as a test does.
 */
export function hasPoint(bytes: Uint8Array, roundsMost = ROUNDS_MOST): boolean {
  for (let i = 0; i < LIMBS; i++) {
    const bit = 17 * i
    const at = bit >> 3
    const three = bytes[at]! | (bytes[at + 1]! << 8) | ((bytes[at + 2] ?? 0) << 16)
    y[i] = (three >> (bit & 7)) & (BASE - 1)
  }
  multiply(square, y, y)
  multiply(product, square, D)
  product[0] = product[0]! + 1
  // `p` times two is added to what 1 is taken from, so that no limb of it is below zero.
  square[0] = square[0]! + 2 * (BASE - 19) - 1
  for (let i = 1; i < LIMBS; i++) square[i] = square[i]! + 2 * (BASE - 1)
  multiply(product, square, product)
  return isSquare(product, roundsMost)
}

/** `out = a b` modulo `p`, each limb below `2^17 + 2^8`; `out` may be one of them. Limbs of `a`, `b`: below `2^20`. */
function multiply(out: Float64Array, a: Float64Array, b: Float64Array): void {
  columns.fill(0)
  for (let i = 0; i < LIMBS; i++) {
    const ai = a[i]!
    for (let j = 0; j < LIMBS; j++) columns[i + j] = columns[i + j]! + ai * b[j]!
  }
  let carry = 0
  for (let i = 0; i < LIMBS; i++) {
    const sum = columns[i]! + (i + LIMBS < columns.length ? 19 * columns[i + LIMBS]! : 0) + carry
    carry = Math.floor(sum / BASE)
    out[i] = sum - carry * BASE
  }
  // What is left over is worth 19 times itself at the bottom, twice, and then little.
  for (let i = 0; carry > 0; i = i + 1 === LIMBS ? 0 : i + 1) {
    const sum = out[i]! + (i === 0 ? 19 * carry : carry)
    carry = Math.floor(sum / BASE)
    out[i] = sum - carry * BASE
  }
}

/** Whether the number of these limbs, below `2^256` and no multiple of `p`, is a square modulo `p`. */
function isSquare(limbs: Float64Array, roundsMost: number): boolean {
  let wide = 0
  let bits = 0
  let value = 0
  g.fill(0)
  for (let i = 0; i < LIMBS; i++) {
    value += limbs[i]! * 2 ** bits
    bits += 17
    if (bits < WIDE_BITS) continue
    g[wide++] = value % WIDE_BASE
    value = Math.floor(value / WIDE_BASE)
    bits -= WIDE_BITS
  }
  g[wide] = value
  return (jacobi(roundsMost) ?? power(limbs)) === 1
}

/**
 * The Jacobi symbol of `g` over `p`; undefined where it did not settle. Divisions by two and sums alone, 26 steps on
 * the lowest bits at a time, which then are applied to the whole: the "posdivsteps" of libsecp256k1. `f` is `p` at
 * first, and 1 in the end.
 */
function jacobi(roundsMost: number): 1 | -1 | undefined {
  f.set(PRIME)
  let length = WIDE_LIMBS
  let eta = -1
  let sign = 0
  for (let round = 0; round < roundsMost; round++) {
    let lowF = f[0]! | (f[1]! << WIDE_BITS)
    let lowG = g[0]! | (g[1]! << WIDE_BITS)
    let u = 1
    let v = 0
    let q = 0
    let r = 1
    let left = WIDE_BITS
    for (;;) {
      const bits = lowG | (-1 << left)
      const zeros = 31 - Math.clz32(bits & -bits)
      lowG >>>= zeros
      u <<= zeros
      v <<= zeros
      eta -= zeros
      left -= zeros
      // 2 is no square modulo `f` where `f` is 3 or 5 modulo 8.
      sign ^= zeros & ((lowF >>> 1) ^ (lowF >>> 2))
      if (left === 0) break
      if (eta < 0) {
        eta = -eta
        // Reciprocity: the symbol changes where both are 3 modulo 4.
        sign ^= (lowF & lowG) >>> 1
        let swapped = lowF
        lowF = lowG
        lowG = swapped
        swapped = u
        u = q
        q = swapped
        swapped = v
        v = r
        r = swapped
      }
      const most = eta < left ? eta + 1 : left
      // `-g / f` modulo a power of two: so many bits of `g + w f` are 0.
      const w = Math.imul(lowG, INVERSES[(lowF >>> 1) & 127]!) & ((1 << (most > 8 ? 8 : most)) - 1)
      lowG = (lowG + Math.imul(lowF, w)) | 0
      q += Math.imul(u, w)
      r += Math.imul(v, w)
    }
    length = apply(length, u, v, q, r)
    if (length === 1 && f[0] === 1) return (sign & 1) === 0 ? 1 : -1
  }
  return undefined
}

/** `f, g = (u f + v g) / 2^26, (q f + r g) / 2^26`, both whole; returns how many limbs they have now. */
function apply(length: number, u: number, v: number, q: number, r: number): number {
  let carryF = (u * f[0]! + v * g[0]!) / WIDE_BASE
  let carryG = (q * f[0]! + r * g[0]!) / WIDE_BASE
  for (let i = 1; i < length; i++) {
    const fi = f[i]!
    const gi = g[i]!
    const sumF = u * fi + v * gi + carryF
    const sumG = q * fi + r * gi + carryG
    carryF = Math.floor(sumF / WIDE_BASE)
    carryG = Math.floor(sumG / WIDE_BASE)
    f[i - 1] = sumF - carryF * WIDE_BASE
    g[i - 1] = sumG - carryG * WIDE_BASE
  }
  f[length - 1] = carryF
  g[length - 1] = carryG
  let shorter = length
  while (shorter > 1 && f[shorter - 1] === 0 && g[shorter - 1] === 0) shorter--
  return shorter
}

/** The same by Euler's criterion, `w^((p - 1) / 2)`: slow, and always to an end. */
function power(limbs: Float64Array): 1 | -1 {
  const p = 2n ** 255n - 19n
  let w = 0n
  limbs.forEach((limb, i) => {
    w += BigInt(limb) << BigInt(17 * i)
  })
  let result = 1n
  for (let exponent = (p - 1n) / 2n; exponent > 0n; exponent >>= 1n, w = (w * w) % p)
    if (exponent & 1n) result = (result * w) % p
  return result === 1n ? 1 : -1
}
