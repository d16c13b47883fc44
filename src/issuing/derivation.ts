import { createHmac } from 'node:crypto'
import { publicKeyFromSeed } from '../core/crypto/ed25519.ts'
import type { SaltedText } from '../core/entry/details.ts'
import { ID_RANDOM_BYTES, makeId } from '../core/entry/id.ts'

/**
 * What an import makes from a secret and the names of things, so that a second run makes the same: ids, nonces, and the
 * owner keys of imported members. Never from the names alone, which others know.
 */
export class Derivation {
  readonly #secret: Uint8Array

  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  /** 32 bytes for a name. */
  bytes(name: string): Uint8Array {
    return new Uint8Array(createHmac('sha256', this.#secret).update(name).digest())
  }

  /** The id of a named event at a time. */
  id(timeMs: number, name: string): Uint8Array {
    return makeId(timeMs, this.bytes(name).subarray(0, ID_RANDOM_BYTES))
  }

  /** The text that an issue for a named event commits to, with its salt. */
  details(name: string, text: string): SaltedText {
    return { salt: this.bytes(`details ${name}`), text }
  }

  /** Owner key and nonce of a member's account. */
  member(name: string): { readonly seed: Uint8Array; readonly owner: Uint8Array; readonly nonce: Uint8Array } {
    const seed = this.bytes(`owner ${name}`)
    return { seed, owner: publicKeyFromSeed(seed), nonce: this.bytes(`nonce ${name}`) }
  }
}
