import { parentPort } from 'node:worker_threads'
import { verifyEd25519 } from '../../core/crypto/ed25519.ts'
import { useEngine } from '../../core/crypto/engine.ts'
import { loadEngine } from '../../node/native-engine.ts'

/**
 * Signatures to be verified: `n` public keys and signatures, and the messages of their batches, each one after
 * another.
 */
export interface SignaturePack {
  /** `32 n` bytes. */
  readonly keys: Uint8Array<ArrayBuffer>
  readonly messages: Uint8Array<ArrayBuffer>
  /** Where in `messages` that of each signature ends; it begins where the one before ends that is another. */
  readonly messageEnds: Uint32Array<ArrayBuffer>
  /** `64 n` bytes. */
  readonly signatures: Uint8Array<ArrayBuffer>
}

// A thread of `SignatureThreads`: answers each pack with a byte a signature, 1 where it verifies. An error ends it.

useEngine(await loadEngine())
parentPort!.on('message', ({ keys, messages, messageEnds, signatures }: SignaturePack) => {
  const count = keys.length / 32
  const holds = new Uint8Array(count)
  for (let i = 0, begin = 0; i < count; i++) {
    if (i > 0 && messageEnds[i] !== messageEnds[i - 1]) begin = messageEnds[i - 1]!
    const message = messages.subarray(begin, messageEnds[i])
    const signature = signatures.subarray(64 * i, 64 * i + 64)
    if (verifyEd25519(keys.subarray(32 * i, 32 * i + 32), message, signature)) holds[i] = 1
  }
  parentPort!.postMessage(holds, [holds.buffer])
})
