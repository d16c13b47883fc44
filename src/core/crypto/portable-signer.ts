import { getPublicKey, hashes, sign } from '@noble/ed25519'
import { sha512 } from '@noble/hashes/sha2.js'
import type { Signer } from './engine.ts'

hashes.sha512 = sha512

/** Signs in any browser. */
export const portableSigner: Signer = { publicKey: getPublicKey, sign: (seed, message) => sign(message, seed) }
