/** edwards25519 in whole numbers, RFC 8032 word for word: slow, and written without the engines that it checks. */

export const P: bigint = 2n ** 255n - 19n
export const L: bigint = 2n ** 252n + 27742317777372353535851937790883648493n
export const mod = (x: bigint) => ((x % P) + P) % P
function power(base: bigint, exponent: bigint): bigint {
  let [result, b] = [1n, mod(base)]
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = mod(result * b)
    b = mod(b * b)
  }
  return result
}
export const inverse = (x: bigint) => power(x, P - 2n)
const D = mod(-121665n * inverse(121666n))
const SQRT_M1 = power(2n, (P - 1n) / 4n)
export type Point = readonly [x: bigint, y: bigint]
/** The addition law of edwards25519, complete. RFC 8032 §5.1.4. */
export function add([x1, y1]: Point, [x2, y2]: Point): Point {
  const t = mod(D * mod(x1 * x2) * mod(y1 * y2))
  return [mod((x1 * y2 + x2 * y1) * inverse(1n + t)), mod((y1 * y2 + x1 * x2) * inverse(1n - t))]
}
export function times(n: bigint, point: Point): Point {
  let [result, p] = [[0n, 1n] as Point, point]
  for (let e = n; e > 0n; e >>= 1n) {
    if (e & 1n) result = add(result, p)
    p = add(p, p)
  }
  return result
}
/** The point with that y, if there is one. RFC 8032 §5.1.3. */
export function pointAt(y: bigint): Point | undefined {
  const xx = mod((y * y - 1n) * inverse(D * y * y + 1n))
  let x = power(xx, (P + 3n) / 8n)
  if (mod(x * x) !== xx) x = mod(x * SQRT_M1)
  return mod(x * x) === xx ? [x, y] : undefined
}
export function encode(y: bigint, sign: bigint): Uint8Array {
  const value = y | (sign << 255n)
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
}
export const encodePoint = ([x, y]: Point) => encode(y, x & 1n)

/** The points of small order: L times random points is a generator of all of them, soon. */
export function smallOrderPoints(): Point[] {
  for (let y = 2n; ; y++) {
    const point = pointAt(y)
    if (point === undefined) continue
    const generator = times(L, point)
    const points = Array.from({ length: 8 }, (_, i) => times(BigInt(i), generator))
    if (new Set(points.map(String)).size === 8) return points
  }
}

/** A signature with L added to its S: the same number modulo L, in another form. */
export function plusL(signature: Uint8Array): Uint8Array {
  const s = signature.subarray(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  return Uint8Array.of(...signature.subarray(0, 32), ...encode(s + L, 0n))
}
