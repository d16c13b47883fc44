import { createHmac } from 'node:crypto'
import { u64be, utf8Encode } from '../core/bytes.ts'

const SALT_LABEL = utf8Encode('tallystick/salt/v1\0')

/**
 * The salt of an epoch: HMAC-SHA-256 of `"tallystick/salt/v1" ‖ 0x00 ‖ u64be(epoch)` under the secret. Nobody without
 * the secret can tell it from random; and anyone who has the keys of the ledger makes the same.
 */
export function saltFrom(secret: Uint8Array, epoch: number): Uint8Array {
  return new Uint8Array(createHmac('sha256', secret).update(SALT_LABEL).update(u64be(epoch)).digest())
}
