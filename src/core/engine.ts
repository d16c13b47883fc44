import { sha256 } from '@noble/hashes/sha2.js'
import nacl from 'tweetnacl'

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
   * SHA-256 of `prefix ‖ bytes[starts[i], ends[i])` for each `i`, written to `output` at `32 i`. The leaves of a log and
   * the nodes above them, a thousand a call.
   *
   * @param prefix - one byte. @param starts - not decreasing, and `ends[i] ≥ starts[i]` not either.
   */
  hashMany(prefix: number, bytes: Uint8Array, starts: Uint32Array, ends: Uint32Array, output: Uint8Array): void

  /**
   * Whether `signature` is an Ed25519 signature (RFC 8032 §5.1.7) of `message` under `publicKey`. Called only by
   * `core/ed25519.ts`, after it has refused everything that engines disagree on.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean

  /** The Ed25519 public key (32 bytes, RFC 8032 §5.1.5) of a 32-byte seed. */
  publicKey(seed: Uint8Array): Uint8Array

  /** The Ed25519 signature (64 bytes, RFC 8032 §5.1.6) of `message` by the key whose 32-byte seed is `seed`. */
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array
}

/** `hashMany`, one call of `sha256` after another. */
export function hashEach(hash: Engine['sha256']): Engine['hashMany'] {
  return (prefix, bytes, starts, ends, output) => {
    for (let i = 0; i < starts.length; i++) {
      const message = new Uint8Array(1 + ends[i]! - starts[i]!)
      message[0] = prefix
      message.set(bytes.subarray(starts[i], ends[i]), 1)
      output.set(hash(message), 32 * i)
    }
  }
}

/** The reference: runs in any browser, and is what every other engine is compared with. */
export const portableEngine: Engine = {
  name: 'portable',
  sha256,
  hashPairs(pairs, output) {
    for (let i = 0, o = 0; i < pairs.length; i += 64, o += 32) output.set(sha256(pairs.subarray(i, i + 64)), o)
  },
  hashMany: hashEach(sha256),
  verify: (publicKey, message, signature) => nacl.sign.detached.verify(message, signature, publicKey),
  publicKey: seed => nacl.sign.keyPair.fromSeed(seed).publicKey,
  sign: (seed, message) => nacl.sign.detached(message, nacl.sign.keyPair.fromSeed(seed).secretKey),
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
