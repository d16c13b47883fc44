import { portableEngine } from './portable.ts'

export { hashEach, portableEngine } from './portable.ts'

/**
 * The seam through which a process hands faster machinery into core. Core itself runs everywhere on the portable
 * engine; a process on Node installs native code once at start-up with `useEngine`. Every engine gives the same
 * answers, which one test holds all of them to.
 */
export interface Engine {
  /** What `tally --version` and the benchmarks print. */
  readonly name: string

  /** SHA-256 of `bytes` (FIPS 180-4), 32 bytes, fresh. */
  sha256(bytes: Uint8Array): Uint8Array

  /**
   * SHA-256 of each 64-byte block of `pairs`, written to `output` as 32-byte blocks.
   * `pairs.length = 64 n`, `output.length = 32 n`; the two must not overlap.
   */
  hashPairs(pairs: Uint8Array, output: Uint8Array): void

  /**
   * SHA-256 of `prefix ‖ bytes[starts[i], ends[i])` for each `i`, written to `output` at `32 i`. The leaves of a log
   * and the nodes above them, a thousand a call.
   *
   * @param prefix - one byte. @param starts - not decreasing, and `ends[i] ≥ starts[i]` not either.
   */
  hashMany(prefix: number, bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, output: Uint8Array): void

  /**
   * Whether `signature` is an Ed25519 signature (RFC 8032 §5.1.7) of `message` under `publicKey`. Called only by
   * `core/crypto/ed25519.ts`, after it has refused everything that engines disagree on.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean

  /**
   * Makes keys and signatures. Without, `core/crypto/ed25519.ts` does itself: who only verifies carries nothing of it.
   */
  readonly signer?: Signer
}

/** The secret side of Ed25519. */
export interface Signer {
  /** The public key (32 bytes, RFC 8032 §5.1.5) of a 32-byte seed. */
  publicKey(seed: Uint8Array): Uint8Array

  /** The signature (64 bytes, RFC 8032 §5.1.6) of `message` by the key whose 32-byte seed is `seed`. */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array
}

let current: Engine = portableEngine

/** Makes `engine` the one that all of core uses from now on. Called by a process at start-up, once. */
export function useEngine(engine: Engine): void {
  current = engine
}

/** The engine in use. */
export function engine(): Engine {
  return current
}
