import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { expect, test } from 'vitest'
import { saltFrom } from '../../src/log/salt.ts'

test('the salt of a seal is what SPEC §11 says, of the secret and the epoch alone', () => {
  const secret = Uint8Array.from({ length: 32 }, (_, i) => 7 * i)
  for (const epoch of [0, 1, 255, 256, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    const message = new Uint8Array(19 + 8)
    message.set(new TextEncoder().encode('tallystick/salt/v1'))
    new DataView(message.buffer).setBigUint64(19, BigInt(epoch))
    expect(saltFrom(secret, epoch)).toEqual(hmac(sha256, secret, message))
    expect(saltFrom(secret, epoch)).toEqual(saltFrom(secret.slice(), epoch))
  }
  expect(saltFrom(secret, 1)).not.toEqual(saltFrom(secret, 2))
})
