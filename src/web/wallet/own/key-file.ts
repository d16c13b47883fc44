import { equalBytes, fromBase64, fromHex, toBase64, toHex, utf8Decode, utf8Encode } from '../../../core/bytes.ts'
import { publicKeyFromSeed } from '../../../core/crypto/ed25519.ts'
import { CodedError, FormatError } from '../../../core/failure.ts'
import { type LockedKey, unlockKey } from './locked-key.ts'

/** How a key file of the command line begins, and so one of this page. */
const FORMAT = 'tallystick/key/v1'
const BYTES_MAX = 16_384

/** What a key file says without its passphrase. */
interface KeyFacts {
  readonly name: string
  readonly publicKey: Uint8Array
  readonly account?: number | undefined
  /** What its holder drew for the opening of an account, so that it is nobody else's. */
  readonly nonce?: Uint8Array | undefined
  /** The ledger that it signs for, and no other. */
  readonly ledger?: Uint8Array | undefined
}

/** A key file: the secret as it is, or under a passphrase. */
export interface OwnerKeyFile extends KeyFacts {
  readonly secret: { readonly seed: Uint8Array } | { readonly locked: LockedKey }
}

/** Whether bytes are of a key file. @param bytes - untrusted. */
export function isKeyFile(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 256))
  return start.startsWith('{') && start.includes(`"${FORMAT}"`)
}

/**
 * The key in a file.
 *
 * @param bytes - untrusted; of their content no error repeats a word.
 * @throws FormatError `key-file`.
 */
export function parseKeyFile(bytes: Uint8Array): OwnerKeyFile {
  try {
    if (bytes.length > BYTES_MAX) throw new FormatError('key-file', 'it is too long')
    return keyIn(JSON.parse(utf8Decode(bytes)) as Record<string, unknown>)
  } catch (error) {
    const why = error instanceof CodedError ? error.message : 'it is not JSON'
    throw new FormatError('key-file', `this is no key file: ${why}`)
  }
}

function keyIn(value: Record<string, unknown>): OwnerKeyFile {
  const { format, name, account, nonce, ledger, seed, locked } = value
  const publicKey = fromHex(textOf(value['public'], 'public'), 32)
  if (format !== FORMAT) throw new FormatError('key-file', 'it has another format')
  if (account !== undefined && (typeof account !== 'number' || !Number.isSafeInteger(account) || account < 0))
    throw new FormatError('key-file', 'its account is no number')
  const facts: KeyFacts = {
    name: textOf(name, 'name').slice(0, 64),
    publicKey,
    account,
    ...(nonce === undefined ? {} : { nonce: fromHex(textOf(nonce, 'nonce'), 32) }),
    ...(ledger === undefined ? {} : { ledger: fromHex(textOf(ledger, 'ledger'), 32) }),
  }
  if (typeof seed === 'string' && locked === undefined) {
    const secret = fromBase64(seed)
    checkSeed(secret, publicKey)
    return { ...facts, secret: { seed: secret } }
  }
  if (typeof locked !== 'object' || locked === null || seed !== undefined)
    throw new FormatError('key-file', 'it has either seed or locked')
  const box = locked as Record<string, unknown>
  const word = (of: string) => textOf(box[of], of)
  return {
    ...facts,
    secret: {
      locked: {
        kdf: word('kdf') as 'scrypt',
        logN: Number(box['logN']),
        r: Number(box['r']),
        p: Number(box['p']),
        salt: word('salt'),
        nonce: word('nonce'),
        box: word('box'),
      },
    },
  }
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw new FormatError('key-file', `${name} is missing`)
}

function checkSeed(seed: Uint8Array, publicKey: Uint8Array): void {
  if (seed.length !== 32 || !equalBytes(publicKeyFromSeed(seed), publicKey))
    throw new FormatError('key-file', 'its public key is not that of its seed')
}

/** The secret of a key file. @throws FormatError `key-locked` without its passphrase, or with another; `key-file`. */
export async function seedOf({ secret, publicKey }: OwnerKeyFile, passphrase: string | undefined): Promise<Uint8Array> {
  if ('seed' in secret) return secret.seed
  if (passphrase === undefined) throw new FormatError('key-locked', 'the key is locked: it takes its passphrase')
  const seed = await unlockKey(secret.locked, publicKey, passphrase)
  checkSeed(seed, publicKey)
  return seed
}

/** The bytes of a key file. What this makes, the command line reads. */
export function formatKeyFile({ name, publicKey, account, nonce, ledger, secret }: OwnerKeyFile): Uint8Array {
  const of = { account, nonce: nonce && toHex(nonce), ledger: ledger && toHex(ledger) }
  const kept = 'seed' in secret ? { seed: toBase64(secret.seed) } : { locked: secret.locked }
  return utf8Encode(
    `${JSON.stringify({ format: FORMAT, name, public: toHex(publicKey), ...of, ...kept }, undefined, 2)}\n`,
  )
}

/** A fresh key, with a nonce for the opening of an account. */
export function newKeyFile(name: string): OwnerKeyFile {
  const [seed, nonce] = [crypto.getRandomValues(new Uint8Array(32)), crypto.getRandomValues(new Uint8Array(32))]
  return { name, publicKey: publicKeyFromSeed(seed), nonce, secret: { seed } }
}
