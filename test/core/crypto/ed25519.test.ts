import { createHash, randomBytes } from 'node:crypto'
import { hashes, verify as verifyWithCofactor } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { afterEach, describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../../src/core/bytes.ts'
import { publicKeyFromSeed, signEd25519, verifyEd25519 } from '../../../src/core/crypto/ed25519.ts'
import { type Engine, portableEngine, useEngine } from '../../../src/core/crypto/engine.ts'
import { loadEngine, nodeEngine } from '../../../src/node/native-engine.ts'
import { runs } from '../../runs.ts'
import {
  add,
  encode,
  encodePoint,
  inverse,
  L,
  mod,
  P,
  type Point,
  pointAt,
  smallOrderPoints,
  times,
} from './edwards.ts'

const native = await loadEngine('native')
/** Beside the portable engine a portable one that shares nothing with it. */
const naclEngine: Engine = {
  ...portableEngine,
  name: 'tweetnacl',
  verify: (publicKey, message, signature) => nacl.sign.detached.verify(message, signature, publicKey),
  signer: {
    publicKey: seed => nacl.sign.keyPair.fromSeed(seed).publicKey,
    sign: (seed, message) => nacl.sign.detached(message, nacl.sign.keyPair.fromSeed(seed).secretKey),
  },
}
const ENGINES: readonly Engine[] = [portableEngine, naclEngine, nodeEngine, native]

/** RFC 8032 §7.1: secret key, public key, message, signature. */
const RFC8032 = [
  [
    '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const

afterEach(() => useEngine(portableEngine))

describe.each(ENGINES.map(engine => [engine.name, engine] as const))('Ed25519 and SHA-256 of %s', (_, engine) => {
  const use = () => useEngine(engine)

  test('the vectors of RFC 8032', () => {
    use()
    for (const [seed, publicKey, message, signature] of RFC8032) {
      expect(toHex(publicKeyFromSeed(fromHex(seed)))).toBe(publicKey)
      expect(toHex(signEd25519(fromHex(seed), fromHex(message)))).toBe(signature)
      expect(verifyEd25519(fromHex(publicKey), fromHex(message), fromHex(signature))).toBe(true)
    }
  })

  test('signs as the reference does, and refuses any bit that was flipped', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(511),
        (seed, message, bit) => {
          useEngine(portableEngine)
          const [publicKey, expected] = [publicKeyFromSeed(seed), signEd25519(seed, message)]
          use()
          const signature = signEd25519(seed, message)
          expect([toHex(publicKeyFromSeed(seed)), toHex(signature)]).toEqual([toHex(publicKey), toHex(expected)])
          expect(verifyEd25519(publicKey, message, signature)).toBe(true)
          const flip = (bytes: Uint8Array, at: number) =>
            bytes.map((byte, i) => (i === at >> 3 ? byte ^ (1 << (at & 7)) : byte))
          expect(verifyEd25519(publicKey, message, flip(signature, bit))).toBe(false)
          expect(verifyEd25519(flip(publicKey, bit % 256), message, signature)).toBe(false)
          if (message.length > 0)
            expect(verifyEd25519(publicKey, flip(message, bit % (8 * message.length)), signature)).toBe(false)
        },
      ),
      { numRuns: runs(40, 10) },
    )
  })

  test('refuses S + L, which is the same number modulo L', () => {
    use()
    for (const [, publicKey, message, signature] of RFC8032) {
      const bytes = fromHex(signature)
      const s = bytes.slice(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
      for (let k = 1n; s + k * L < 2n ** 256n && k < 16n; k++) {
        bytes.set(encode(s + k * L, 0n), 32)
        expect(verifyEd25519(fromHex(publicKey), fromHex(message), bytes)).toBe(false)
      }
    }
  })

  test('refuses every point of small order as key and as R, in every encoding', () => {
    use()
    const points = smallOrderPoints()
    expect(new Set(points.map(point => toHex(encodePoint(point)))).size).toBe(8)
    const honest = fromHex(RFC8032[1][3])
    const encodings = points.flatMap(([, y]) =>
      [y, y + P].filter(value => value < 2n ** 255n).flatMap(value => [encode(value, 0n), encode(value, 1n)]),
    )
    expect(encodings.length).toBeGreaterThanOrEqual(16)
    for (const small of encodings) {
      // With the identity as R and S = 0 the equation holds for such keys: what engines disagree on.
      for (const r of [small, encodePoint([0n, 1n]), honest.slice(0, 32)])
        for (const s of [new Uint8Array(32), honest.slice(32)])
          expect(verifyEd25519(small, fromHex('72'), Uint8Array.of(...r, ...s))).toBe(false)
      const forged = Uint8Array.of(...small, ...honest.slice(32))
      expect(verifyEd25519(fromHex(RFC8032[1][1]), fromHex('72'), forged)).toBe(false)
    }
  })

  test('refuses encodings that are not canonical, and lengths that are not right', () => {
    use()
    const [, publicKey, message, signature] = RFC8032[1].map(hex => fromHex(hex)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    for (let excess = 0n; excess < 19n; excess++)
      for (const sign of [0n, 1n]) {
        const point = encode(P + excess, sign)
        expect(verifyEd25519(point, message, signature)).toBe(false)
        expect(verifyEd25519(publicKey, message, Uint8Array.of(...point, ...signature.slice(32)))).toBe(false)
      }
    for (const bad of [new Uint8Array(0), signature.slice(1), Uint8Array.of(...signature, 0)])
      expect(verifyEd25519(publicKey, message, bad)).toBe(false)
    for (const bad of [new Uint8Array(0), publicKey.slice(1), Uint8Array.of(...publicKey, 0)])
      expect(verifyEd25519(bad, message, signature)).toBe(false)
    expect(() => signEd25519(new Uint8Array(31), message)).toThrow(expect.objectContaining({ code: 'seed' }))
    expect(() => publicKeyFromSeed(new Uint8Array(33))).toThrow(expect.objectContaining({ code: 'seed' }))
  })

  test('hashes as node:crypto does, single and in pairs, of any number', () => {
    const sha256 = (bytes: Uint8Array) => toHex(createHash('sha256').update(bytes).digest())
    for (const length of [0, 1, 55, 56, 63, 64, 65, 118, 119, 1000, 70_000]) {
      const bytes = randomBytes(length)
      expect(toHex(engine.sha256(bytes))).toBe(sha256(bytes))
    }
    for (const count of [0, 1, 2, 3, 7, 8, 9, 1000]) {
      const pairs = new Uint8Array(randomBytes(64 * count))
      const output = new Uint8Array(32 * count)
      engine.hashPairs(pairs, output)
      for (let i = 0; i < count; i++)
        expect(toHex(output.subarray(32 * i, 32 * i + 32))).toBe(sha256(pairs.subarray(64 * i, 64 * i + 64)))
    }
  })

  test.each([
    ['every length from nothing to four blocks', Array.from({ length: 260 }, (_, length) => length)],
    ['short ones beside long ones', [65_535, 0, 1, 4000, 55, 64, 119, 63, 1, 300]],
    ['more than go into one call', Array.from({ length: 9000 }, (_, i) => 90 + (i % 60))],
    ['one', [106]],
    ['none', []],
  ])('hashes many after a prefix as node:crypto does: %s', (_, lengths) => {
    const starts = new Uint32Array(lengths.length)
    const ends = new Uint32Array(lengths.length)
    let at = 5
    lengths.forEach((length, i) => {
      starts[i] = at + (i % 4)
      at = ends[i] = starts[i]! + length
    })
    const bytes = new Uint8Array(randomBytes(at))
    for (const prefix of [0x00, 0x01, 0xff]) {
      const output = new Uint8Array(32 * lengths.length)
      engine.hashMany(prefix, bytes, starts, ends, output)
      const expected = lengths.map((_, i) =>
        createHash('sha256').update(Uint8Array.of(prefix)).update(bytes.subarray(starts[i], ends[i])).digest(),
      )
      expect(Buffer.compare(output, Buffer.concat(expected))).toBe(0)
    }
  })
})

test('all engines agree on keys that have a part of small order', () => {
  const seed = fromHex(RFC8032[0][0])
  const a = createHash('sha512').update(seed).digest().subarray(0, 32)
  a[0]! &= 248
  a[31] = (a[31]! & 63) | 64
  const scalar = a.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  const base = pointAt(mod(4n * inverse(5n)))!
  const B: Point = (base[0] & 1n) === 0n ? base : [mod(-base[0]), base[1]]
  const [key0, r] = [times(scalar, B), encodePoint(times(12345n, B))]
  const keys = smallOrderPoints().map(small => encodePoint(add(key0, small)))
  expect(toHex(encodePoint(key0))).toBe(RFC8032[0][1])
  const signed = keys.flatMap(key =>
    [0, 1, 2, 3].map(n => {
      const message = Uint8Array.of(n)
      const k = createHash('sha512').update(r).update(key).update(message).digest()
      const hash = k.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) % L
      const s = encode((12345n + hash * scalar) % L, 0n)
      return { key, message, signature: Uint8Array.of(...r, ...s) }
    }),
  )
  const answers = ENGINES.map(one => {
    useEngine(one)
    return signed.map(({ key, message, signature }) => verifyEd25519(key, message, signature))
  })
  for (const answer of answers) expect(answer).toEqual(answers[0])
  // The equation without cofactor holds exactly where the hash takes the small part to nothing.
  expect(answers[0]!.slice(0, 4)).toEqual([true, true, true, true])
  expect(answers[0]!.filter(holds => !holds).length).toBeGreaterThan(10)
  // With cofactor it holds always: what the package of the portable engine would say, and why its `verify` is not
  // asked.
  hashes.sha512 = sha512
  expect(signed.every(({ key, message, signature }) => verifyWithCofactor(signature, message, key))).toBe(true)
})

test('no engine takes an R that has a part of small order, which a verification with cofactor does', () => {
  const base = pointAt(mod(4n * inverse(5n)))!
  const B: Point = (base[0] & 1n) === 0n ? base : [mod(-base[0]), base[1]]
  const [scalar, nonce] = [987654321n, 12345n]
  const [key, r] = [encodePoint(times(scalar, B)), times(nonce, B)]
  const message = Uint8Array.of(7)
  const signed = smallOrderPoints().map(small => {
    const mixed = encodePoint(add(r, small))
    const k = createHash('sha512').update(mixed).update(key).update(message).digest()
    const hash = k.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n) % L
    return Uint8Array.of(...mixed, ...encode((nonce + hash * scalar) % L, 0n))
  })
  hashes.sha512 = sha512
  expect(signed.map(signature => verifyWithCofactor(signature, message, key))).toEqual(Array(8).fill(true))
  for (const one of ENGINES) {
    useEngine(one)
    // The first of the points is the one that changes nothing.
    expect([one.name, ...signed.map(signature => verifyEd25519(key, message, signature))]).toEqual([
      one.name,
      true,
      ...Array(7).fill(false),
    ])
  }
})

test('the native engine of this machine is native, where its packages load', () => {
  expect(native.name).toMatch(/^(sodium-native|hashtree|lanes|node:crypto)( \+ (hashtree|lanes|node:crypto))*$/)
})
