import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { scryptAsync } from '@noble/hashes/scrypt.js'
import { fromBase64, toBase64, utf8Encode } from '../../../core/bytes.ts'
import { FormatError } from '../../../core/failure.ts'

/** As the command line locks keys (`src/files/locked-seed.ts`): 128 MiB and about a second a guess. */
const LOG_N = 17
const LOG_N_MAX = 20
const [R, P] = [8, 1]
const [SALT_BYTES, NONCE_BYTES, BOX_BYTES] = [32, 12, 48]

/** A seed under a passphrase, as a key file has it. */
export interface LockedKey {
  readonly kdf: 'scrypt'
  readonly logN: number
  readonly r: number
  readonly p: number
  readonly salt: string
  readonly nonce: string
  readonly box: string
}

/** Encrypts a seed, bound to its public key. Costs what a guess costs. @param logN - for tests: fewer. */
export async function lockKey(
  seed: Uint8Array,
  publicKey: Uint8Array,
  passphrase: string,
  logN = LOG_N,
): Promise<LockedKey> {
  const [salt, nonce] = [random(SALT_BYTES), random(NONCE_BYTES)]
  const box = chacha20poly1305(await keyFrom(passphrase, salt, logN), nonce, publicKey).encrypt(seed)
  return { kdf: 'scrypt', logN, r: R, p: P, salt: toBase64(salt), nonce: toBase64(nonce), box: toBase64(box) }
}

/** The seed that was locked. @param locked - untrusted. @throws FormatError `key-file`, `key-locked`. */
export async function unlockKey(locked: LockedKey, publicKey: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const { kdf, logN, r, p } = locked
  const isKnown = kdf === 'scrypt' && r === R && p === P && Number.isInteger(logN) && logN >= 10 && logN <= LOG_N_MAX
  const [salt, nonce, box] = [locked.salt, locked.nonce, locked.box].map(fromBase64) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ]
  if (!isKnown || salt.length !== SALT_BYTES || nonce.length !== NONCE_BYTES || box.length !== BOX_BYTES)
    throw new FormatError('key-file', 'the key is locked in a way that this page does not know')
  const key = await keyFrom(passphrase, salt, logN)
  try {
    return chacha20poly1305(key, nonce, publicKey).decrypt(box)
  } catch {
    throw new FormatError('key-locked', 'the passphrase is another one, or the file was changed')
  }
}

function keyFrom(passphrase: string, salt: Uint8Array, logN: number): Promise<Uint8Array> {
  const N = 2 ** logN
  return scryptAsync(utf8Encode(passphrase.normalize('NFC')), salt, { N, r: R, p: P, dkLen: 32, maxmem: 256 * N * R })
}

function random(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes))
}
