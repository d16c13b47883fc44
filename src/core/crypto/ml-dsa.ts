/**
 * Whether `signature` (2,420 bytes) is an ML-DSA-44 signature (FIPS 204 §5.3, with an empty context) of `message` under
 * `publicKey` (1,312 bytes).
 */
export type MlDsaVerifier = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean

/** Bytes of a public key of ML-DSA-44 (FIPS 204 §4, table 2). */
export const ML_DSA_KEY_BYTES = 1312
/** Bytes of a signature of ML-DSA-44 (FIPS 204 §4, table 2). */
export const ML_DSA_SIGNATURE_BYTES = 2420

let current: MlDsaVerifier | undefined

/**
 * Makes a process understand cosignatures by ML-DSA-44 (SPEC §3), or no longer. Core has no machinery of its own for
 * them: it would be larger than all the rest of a verifier. Called by a process at start-up, once.
 */
export function useMlDsa(verifier: MlDsaVerifier | undefined): void {
  current = verifier
}

/** The machinery in use, if there is any. */
export function mlDsa(): MlDsaVerifier | undefined {
  return current
}
