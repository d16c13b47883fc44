import { createHash } from 'node:crypto'
import { sha256 as noble256, sha512 as noble512 } from '@noble/hashes/sha2.js'
import { describe, expect, test } from 'vitest'
import { toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { sha256, sha256Pairs, sha512 } from '../../../src/core/crypto/sha2.ts'

/** FIPS 180-4, the examples of NIST: the message, and its two hashes. */
const EXAMPLES = [
  [
    'abc',
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  ],
  [
    '',
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
  ],
  [
    'a'.repeat(1_000_000),
    'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    'e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b',
  ],
] as const

describe('SHA-2', () => {
  test('the examples of NIST', () => {
    for (const [message, short, long] of EXAMPLES) {
      expect(toHex(sha256(utf8Encode(message)))).toBe(short)
      expect(toHex(sha512(utf8Encode(message)))).toBe(long)
    }
  })

  test('is what node:crypto and @noble/hashes make, of every length up to four blocks, at any place of a buffer', () => {
    const bytes = new Uint8Array(1024)
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 167 + (i >> 3)) & 255
    for (let length = 0; length <= 512; length++) {
      const message = bytes.subarray(length % 7, (length % 7) + length)
      expect(toHex(sha256(message)), `${length} bytes`).toBe(createHash('sha256').update(message).digest('hex'))
      expect(toHex(sha512(message)), `${length} bytes`).toBe(createHash('sha512').update(message).digest('hex'))
      expect(toHex(noble256(message)), `${length} bytes`).toBe(toHex(sha256(message)))
      expect(toHex(noble512(message)), `${length} bytes`).toBe(toHex(sha512(message)))
    }
  })

  test('what carries in sums: blocks of ones and of zeros', () => {
    for (const byte of [0, 0x7f, 0x80, 0xff])
      for (const length of [64, 128, 4096]) {
        const message = new Uint8Array(length).fill(byte)
        expect(toHex(sha256(message))).toBe(createHash('sha256').update(message).digest('hex'))
        expect(toHex(sha512(message))).toBe(createHash('sha512').update(message).digest('hex'))
        const output = new Uint8Array(length / 2)
        sha256Pairs(message, output)
        for (let at = 0; at < length; at += 64)
          expect(output.slice(at / 2, at / 2 + 32)).toEqual(sha256(message.subarray(at, at + 64)))
      }
  })
})
