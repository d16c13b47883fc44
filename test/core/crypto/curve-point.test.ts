import { createHash } from 'node:crypto'
import { Point } from '@noble/ed25519'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hasPoint } from '../../../src/core/crypto/curve-point.ts'
import { isPublicKey } from '../../../src/core/crypto/ed25519.ts'
import { runs } from '../../runs.ts'
import { encode, P, pointAt, smallOrderPoints } from './edwards.ts'

const SMALL = smallOrderPoints()
/** `y < p` whose point, where there is one, is not of small order. */
const SMALL_Y = new Set(SMALL.map(([, y]) => y))
const mayBeKey = (y: bigint) => y < P && !SMALL_Y.has(y)
/** The base point, RFC 8032 §5.1. */
const BASE = Point.BASE.toBytes()

function isPointOfNoble(bytes: Uint8Array): boolean {
  try {
    Point.fromBytes(bytes)
    return true
  } catch {
    return false
  }
}

const anyY = fc.oneof(
  fc.bigInt({ min: 0n, max: P - 1n }),
  fc.bigInt({ min: 0n, max: 2n ** 40n }),
  fc.bigInt({ min: P - 2n ** 40n, max: P - 1n }),
  // Few bits set, or few not: where a limb or a carry would be lost.
  fc.array(fc.nat(254), { maxLength: 4 }).map(bits => bits.reduce((sum, bit) => sum | (1n << BigInt(bit)), 0n)),
  fc.array(fc.nat(254), { maxLength: 4 }).map(bits => bits.reduce((sum, bit) => sum & ~(1n << BigInt(bit)), P - 1n)),
)

test('says what a library, the textbook and a power say, of any y', () => {
  fc.assert(
    fc.property(anyY.filter(mayBeKey), fc.constantFrom(0n, 1n), (y, sign) => {
      const bytes = encode(y, sign)
      const found = hasPoint(bytes)
      expect(found).toBe(isPointOfNoble(bytes))
      expect(found).toBe(pointAt(y) !== undefined)
      expect(found).toBe(hasPoint(bytes, 0))
    }),
    { numRuns: runs(600, 150) },
  )
})

test('of every small y, and every one just below p', () => {
  for (let i = 0n; i < 300n; i++)
    for (const y of [i, P - 1n - i])
      if (mayBeKey(y)) expect(hasPoint(encode(y, 0n)), String(y)).toBe(pointAt(y) !== undefined)
})

test('half of all strings of bytes are a point', () => {
  let points = 0
  for (let i = 0; i < 2000; i++) {
    const bytes = new Uint8Array(createHash('sha256').update(String(i)).digest())
    if (hasPoint(bytes)) points++
  }
  expect(points).toBe(1007)
})

test('a key is a point, has one encoding, and is not of small order', () => {
  const others = [...SMALL.map(([, y]) => y), ...Array.from({ length: 19 }, (_, i) => P + BigInt(i))]
  for (const y of others) for (const sign of [0n, 1n]) expect(isPublicKey(encode(y, sign)), String(y)).toBe(false)
  expect(isPublicKey(BASE)).toBe(true)
  for (let y = 2n; y < 40n; y++) expect(isPublicKey(encode(y, 1n)), String(y)).toBe(pointAt(y) !== undefined)
  for (const length of [0, 31, 33]) expect(isPublicKey(new Uint8Array(length).fill(0x66))).toBe(false)
})
