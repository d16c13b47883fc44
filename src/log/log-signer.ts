import { utf8Encode } from '../core/bytes.ts'
import { publicKeyFromSeed, signEd25519 } from '../core/crypto/ed25519.ts'
import type { NoteSignature, VerifierKey } from '../core/note/note.ts'

/**
 * What signs with the key of a log: of this process, or of another, a key service or hardware, which keeps the key to
 * itself. It is asked for one signature a checkpoint, one a group of batches, and one a refusal.
 */
export interface LogSigner {
  /** The public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** The Ed25519 signature of a message, 64 bytes. Where it cannot be had it throws or rejects, and the log stops. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** A signer that has the seed of the key. */
export function seedSigner(seed: Uint8Array): LogSigner {
  return { publicKey: publicKeyFromSeed(seed), sign: message => signEd25519(seed, message) }
}

/** A signer's line under the text of a note. c2sp.org/signed-note. */
export async function signNoteBy(signer: LogSigner, text: string, key: VerifierKey): Promise<NoteSignature> {
  return { name: key.name, keyId: key.keyId, bytes: await signer.sign(utf8Encode(text)) }
}
