import { concatBytes, u64be, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'

/**
 * The salt of an epoch: `H("tallystick/salt/v1" ‖ 0x00 ‖ secret ‖ u64be(epoch))`. Nobody without the secret can tell it
 * from random.
 */
export function saltFrom(secret: Uint8Array, epoch: number): Uint8Array {
  return engine().sha256(concatBytes(utf8Encode('tallystick/salt/v1\0'), secret, u64be(epoch)))
}
