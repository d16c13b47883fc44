import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { memberRef } from '../../../src/client/index.ts'
import { hmacSha256 } from '../../../src/core/crypto/hmac.ts'

test('the HMAC of every length of key and message is that of Node', () => {
  const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255)
  for (const key of [1, 16, 32, 63, 64])
    for (const message of [0, 1, 55, 64, 65, 200]) {
      const theirs = createHmac('sha256', bytes(key)).update(bytes(message)).digest()
      expect(hmacSha256(bytes(key), bytes(message))).toEqual(new Uint8Array(theirs))
    }
})

test('a reference is of its secret, unit and name (SPEC §5)', () => {
  const secret = new Uint8Array(32).fill(7)
  const message = Buffer.concat([
    Buffer.from('tallystick/ref/v1\0'),
    Buffer.from([0, 0, 0, 3]),
    Buffer.from('cust_8842'),
  ])
  const theirs = createHmac('sha256', secret).update(message).digest().subarray(0, 16)
  expect(memberRef(secret, 3, 'cust_8842')).toEqual(new Uint8Array(theirs))
  expect(() => memberRef(new Uint8Array(8), 3, 'x')).toThrow(RangeError)
})
