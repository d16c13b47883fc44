import { parentPort } from 'node:worker_threads'
import { verifyEd25519 } from '../../core/crypto/ed25519.ts'
import { useEngine } from '../../core/crypto/engine.ts'
import { loadEngine } from '../../node/native-engine.ts'

/** Signatures to be verified: `n` public keys, messages of one length, and signatures, each one behind another. */
export interface SignaturePack {
  /** `32 n` bytes. */
  readonly keys: Uint8Array<ArrayBuffer>
  readonly messages: Uint8Array<ArrayBuffer>
  /** `64 n` bytes. */
  readonly signatures: Uint8Array<ArrayBuffer>
}

// A thread of `SignatureThreads`: answers each pack with a byte a signature, 1 where it verifies. An error ends it.

useEngine(await loadEngine())
parentPort!.on('message', ({ keys, messages, signatures }: SignaturePack) => {
  const count = keys.length / 32
  const length = messages.length / count
  const holds = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    const message = messages.subarray(i * length, (i + 1) * length)
    const signature = signatures.subarray(64 * i, 64 * i + 64)
    if (verifyEd25519(keys.subarray(32 * i, 32 * i + 32), message, signature)) holds[i] = 1
  }
  parentPort!.postMessage(holds, [holds.buffer])
})
