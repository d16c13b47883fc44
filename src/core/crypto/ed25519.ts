import { fromHex } from '../bytes.ts'
import { FormatError } from '../failure.ts'
import { hasPoint } from './curve-point.ts'
import { engine, type Signer } from './engine.ts'
import { portableSigner } from './portable-signer.ts'

/** Order of the base point, little-endian: `2^252 + 27742317777372353535851937790883648493`. RFC 8032 §5.1. */
const ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/**
 * The canonical y coordinates of the eight points of small order, sign bit cleared: 0 (order 4), 1 (the identity), -1
 * (order 2) and the two of order 8. A test computes them again from the curve equation.
 */
const SMALL_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(y => fromHex(y))

/** Whether the little-endian number at `at` is below the order of the base point. */
function isBelowOrder(bytes: Uint8Array, at: number): boolean {
  for (let i = 31; i >= 0; i--) {
    if (bytes[at + i]! < ORDER[i]!) return true
    if (bytes[at + i]! > ORDER[i]!) return false
  }
  return false
}

/** Whether the point encoded at `at` has a y coordinate below `2^255 - 19`. RFC 8032 §5.1.3. */
function isCanonical(bytes: Uint8Array, at: number): boolean {
  if ((bytes[at + 31]! & 0x7f) !== 0x7f) return true
  for (let i = 30; i > 0; i--) if (bytes[at + i] !== 0xff) return true
  return bytes[at]! < 0xed
}

/** Whether the point encoded at `at` is one of small order, with either sign. */
function isSmallOrder(bytes: Uint8Array, at: number): boolean {
  for (const y of SMALL_ORDER) {
    let i = 0
    while (i < 31 && bytes[at + i] === y[i]) i++
    if (i === 31 && (bytes[at + 31]! & 0x7f) === y[31]) return true
  }
  return false
}

/**
 * Whether 32 bytes are a key that a signature can hold under (SPEC §2): the canonical encoding of a point of the curve
 * that is not of small order.
 *
 * @param bytes - untrusted.
 */
export function isPublicKey(bytes: Uint8Array): boolean {
  return bytes.length === 32 && isCanonical(bytes, 0) && !isSmallOrder(bytes, 0) && hasPoint(bytes)
}

/**
 * Whether `signature` is a signature of `message` by the holder of `publicKey`. SPEC §2, RFC 8032 §5.1.7: one accept
 * set for all engines. What they disagree on is refused before any is asked: `S ≥ L` (which tweetnacl accepts),
 * encodings that are not canonical, and points of small order as key or as `R`. All engines then check
 * `encode([S]B - [k]A) = R` without cofactor, on which they agree also for keys with a component of small order.
 *
 * @param publicKey - untrusted. @param message - untrusted. @param signature - untrusted.
 */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false
  if (!isBelowOrder(signature, 32)) return false
  if (!isCanonical(publicKey, 0) || !isCanonical(signature, 0)) return false
  if (isSmallOrder(publicKey, 0) || isSmallOrder(signature, 0)) return false
  return engine().verify(publicKey, message, signature)
}

/** The signature, 64 bytes, of `message` by the key of a 32-byte seed. RFC 8032 §5.1.6. */
export function signEd25519(seed: Uint8Array, message: Uint8Array): Uint8Array {
  checkSeed(seed)
  return signer().sign(seed, message)
}

/** The public key, 32 bytes, of a 32-byte seed. RFC 8032 §5.1.5. */
export function publicKeyFromSeed(seed: Uint8Array): Uint8Array {
  checkSeed(seed)
  return signer().publicKey(seed)
}

function signer(): Signer {
  return engine().signer ?? portableSigner
}

function checkSeed(seed: Uint8Array): void {
  if (seed.length !== 32) throw new FormatError('seed', `the seed of a key has 32 bytes, this one ${seed.length}`)
}
