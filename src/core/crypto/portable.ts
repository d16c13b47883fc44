import { Point } from '@noble/ed25519'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes, toHex } from '../bytes.ts'

/** The whole number that bytes spell, the least first. */
function fromLittleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`)
}

/** Digits of base 4 of a number below the order of the base point, the greatest first. */
function digitsOf(scalar: bigint): string {
  return scalar.toString(4).padStart(127, '0')
}

/**
 * `[s]B + [k]A`, both at once: two doublings and at most one addition for two bits of both. It makes 15 sums a call and
 * no table for the base point, whose 4,224 would cost as much as fifteen signatures. Its time depends on the numbers:
 * they are those of a signature, which is no secret.
 */
function sumOfMultiples(s: bigint, k: bigint, a: Point): Point {
  const sums = [Point.ZERO]
  for (let i = 1; i < 16; i++) sums.push(i % 4 > 0 ? sums[i - 1]!.add(Point.BASE) : sums[i - 4]!.add(a))
  const [ofBase, ofKey] = [digitsOf(s), digitsOf(k)]
  let point = Point.ZERO
  for (let i = 0; i < ofBase.length; i++) {
    const sum = 4 * Number(ofKey[i]) + Number(ofBase[i])
    point = point.double().double()
    if (sum > 0) point = point.add(sums[sum]!)
  }
  return point
}

/** The point that 32 bytes encode; undefined where no point of the curve has that encoding. */
function pointOf(bytes: Uint8Array): Point | undefined {
  try {
    return Point.fromBytes(bytes)
  } catch {
    return undefined
  }
}

/** Whether `encode([S]B - [k]A) = R`: RFC 8032 §5.1.7, without cofactor. The package's own `verify` has one. */
function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = pointOf(publicKey)
  if (key === undefined) return false
  const r = signature.subarray(0, 32)
  const k = fromLittleEndian(sha512(concatBytes(r, publicKey, message))) % Point.CURVE().n
  return equalBytes(sumOfMultiples(fromLittleEndian(signature.subarray(32)), k, key.negate()).toBytes(), r)
}

/** `Engine.hashMany`. */
type HashMany = (prefix: number, bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, output: Uint8Array) => void

/** `hashMany`, one call of `sha256` after another. */
export function hashEach(hash: (bytes: Uint8Array) => Uint8Array): HashMany {
  return (prefix, bytes, starts, ends, output) => {
    for (let i = 0; i < starts.length; i++) {
      const message = new Uint8Array(1 + ends[i]! - starts[i]!)
      message[0] = prefix
      message.set(bytes.subarray(starts[i], ends[i]), 1)
      output.set(hash(message), 32 * i)
    }
  }
}

/** The reference: runs in any browser, and is what every other engine is compared with. */
export const portableEngine = {
  name: 'portable',
  sha256,
  hashPairs(pairs: Uint8Array, output: Uint8Array) {
    for (let i = 0, o = 0; i < pairs.length; i += 64, o += 32) output.set(sha256(pairs.subarray(i, i + 64)), o)
  },
  hashMany: hashEach(sha256),
  verify,
}
