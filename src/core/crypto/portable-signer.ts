import { getPublicKey, hashes, sign } from '@noble/ed25519'
import type { Signer } from './engine.ts'
import { sha512 } from './sha2.ts'

hashes.sha512 = sha512

/** Signs in any browser. */
export const portableSigner: Signer = { publicKey: getPublicKey, sign: (seed, message) => sign(message, seed) }
