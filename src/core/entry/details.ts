import { concatBytes, utf8Encode } from '../bytes.ts'
import { engine } from '../crypto/engine.ts'

/** Bytes of the salt before details. SPEC §5. */
export const SALT_BYTES = 32

/** The details under a commitment, of any party: a salt of 32 bytes, and a text. */
export interface SaltedText {
  readonly salt: Uint8Array
  readonly text: string
}

/** `H(salt ‖ text)`: what a transaction carries of its details, 32 bytes. SPEC §5. */
export function commitmentOf({ salt, text }: SaltedText): Uint8Array {
  return engine().sha256(concatBytes(salt, utf8Encode(text)))
}
