import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { z } from 'zod'
import { fromBase64, toBase64, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { UsageError } from '../node/failure.ts'
import { readPrivate } from './private-file.ts'

/**
 * scrypt (RFC 7914) with N = 2^17, r = 8, p = 1: 128 MiB and about half a second a guess. The parameters stand in the
 * file, and a file cannot ask for more.
 */
const [LOG_N, R, P] = [17, 8, 1]
const LOG_N_MAX = 20
const CIPHER = 'chacha20-poly1305'
const PASSPHRASE_BYTES_MAX = 1024

/** A seed under a passphrase: `base64` of salt, nonce, and the seed with its tag (RFC 8439). */
export const lockedSchema = z.strictObject({
  kdf: z.literal('scrypt'),
  logN: z.number().int().min(14).max(LOG_N_MAX),
  r: z.literal(R),
  p: z.literal(P),
  salt: z.string().max(64),
  nonce: z.string().max(64),
  box: z.string().max(128),
})
export type LockedSeed = z.infer<typeof lockedSchema>

/** Encrypts a seed for the holder of a public key, whose name it is bound to. Costs what a guess costs. */
export async function lockSeed(
  seed: Uint8Array,
  publicKey: Uint8Array,
  passphrase: string,
  logN = LOG_N,
): Promise<LockedSeed> {
  const [salt, nonce] = [randomBytes(32), randomBytes(12)]
  const cipher = createCipheriv(CIPHER, await keyFrom(passphrase, salt, logN), nonce, { authTagLength: 16 })
  cipher.setAAD(publicKey, { plaintextLength: seed.length })
  const sealed = Buffer.concat([cipher.update(seed), cipher.final(), cipher.getAuthTag()])
  const of = { salt: toBase64(salt), nonce: toBase64(nonce), box: toBase64(sealed) }
  return { kdf: 'scrypt', logN, r: R, p: P, ...of }
}

/**
 * The seed that was locked.
 *
 * @param locked - untrusted.
 * @throws Error where the passphrase is another one, or the file was changed: which of them nobody can tell.
 */
export async function unlockSeed(locked: LockedSeed, publicKey: Uint8Array, passphrase: string): Promise<Uint8Array> {
  const { logN } = locked
  const [salt, nonce, box] = [fromBase64(locked.salt), fromBase64(locked.nonce), fromBase64(locked.box)]
  if (salt.length !== 32 || nonce.length !== 12 || box.length !== 48) throw new Error('locked: its lengths are wrong')
  const key = await keyFrom(passphrase, salt, logN)
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: 16 })
    decipher.setAAD(publicKey, { plaintextLength: 32 })
    decipher.setAuthTag(box.subarray(32))
    return new Uint8Array(Buffer.concat([decipher.update(box.subarray(0, 32)), decipher.final()]))
  } catch {
    throw new Error('the passphrase is another one, or the file was changed')
  }
}

/**
 * The passphrase of this process: the first line of the file that `TALLY_PASSPHRASE_FILE` names, or
 * `TALLY_PASSPHRASE`; undefined where there is neither.
 *
 * @throws UsageError `file`, `key-mode`; `environment` where it is empty or too long.
 */
export async function passphrase(environment = process.env): Promise<string | undefined> {
  const { TALLY_PASSPHRASE_FILE: path, TALLY_PASSPHRASE: given } = environment
  const text = path === undefined ? given : utf8Decode(await readPrivate(path)).split(/\r?\n/, 1)[0]
  if (text === undefined) return undefined
  if (text === '' || utf8Encode(text).length > PASSPHRASE_BYTES_MAX)
    throw new UsageError('environment', `The passphrase has 1 to ${PASSPHRASE_BYTES_MAX} bytes, in one line.`)
  return text
}

function keyFrom(passphrase: string, salt: Uint8Array, logN: number): Promise<Uint8Array> {
  const N = 2 ** logN
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, { N, r: R, p: P, maxmem: 256 * N * R }, (error, bytes) => {
      if (error === null) resolve(bytes)
      else reject(error)
    })
  })
}
