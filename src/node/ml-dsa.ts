import { createPublicKey, verify } from 'node:crypto'
import { ML_DSA_KEY_BYTES, type MlDsaVerifier } from '../core/crypto/ml-dsa.ts'

/** DER before the raw bytes of an ML-DSA-44 public key (SPKI). RFC 9881 §4. */
const SPKI = Buffer.from('30820532300b06096086480165030403110382052100', 'hex')

const publicKeyOf = (bytes: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([SPKI, bytes]), format: 'der', type: 'spki' })

/** Node's own ML-DSA-44; undefined in a Node that has none, as 22. */
export function nodeMlDsa(): MlDsaVerifier | undefined {
  try {
    publicKeyOf(new Uint8Array(ML_DSA_KEY_BYTES))
  } catch {
    return undefined
  }
  return (publicKey, message, signature) => verify(null, message, publicKeyOf(publicKey), signature)
}
