import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { isKeyOf, type SigningKey, type TallyClient } from '../client/index.ts'
import { equalBytes, fromBase64, fromHex, toBase64, toHex, utf8Decode } from '../core/bytes.ts'
import { publicKeyFromSeed } from '../core/crypto/ed25519.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, writeBytes, writeNew } from '../node/file-system.ts'
import { plainText } from '../node/plain-text.ts'
import { type LockedSeed, lockedSchema, lockSeed, passphrase, unlockSeed } from './locked-seed.ts'
import { readPrivate } from './private-file.ts'

/**
 * A secret key in a file of mode 0600. Owner keys name their account, and the ledger that it is in; others are looked
 * up in the registry.
 */
export interface KeyFile {
  readonly name: string
  readonly seed: Uint8Array
  readonly publicKey: Uint8Array
  readonly account?: number
  /** What its holder drew for the opening of an account, so that it is nobody else's. */
  readonly nonce?: Uint8Array
  /** The ledger id: the key signs for no other. */
  readonly ledger?: Uint8Array
}

const FORMAT = 'tallystick/key/v1'

const schema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string().max(64),
  public: z.string(),
  account: z.number().int().min(0).optional(),
  nonce: z.string().optional(),
  ledger: z.string().optional(),
  /** The secret as it is, or under a passphrase: one of them. */
  seed: z.string().optional(),
  locked: lockedSchema.optional(),
})

/** A fresh key. */
export function newKey(name: string): KeyFile {
  return keyFromSeed(name, new Uint8Array(randomBytes(32)))
}

export function keyFromSeed(name: string, seed: Uint8Array): KeyFile {
  return { name, seed, publicKey: publicKeyFromSeed(seed) }
}

/** Writes a key file, mode 0600. Never over another. @throws UsageError `key-exists`. */
export async function writeKey(path: string, file: KeyFile): Promise<void> {
  const { name, seed, publicKey, account, nonce, ledger } = file
  const of = { account, nonce: nonce && toHex(nonce), ledger: ledger && toHex(ledger) }
  const value = { format: FORMAT, name, public: toHex(publicKey), ...of, seed: toBase64(seed) }
  if (!(await writeNew(path, `${JSON.stringify(value, undefined, 2)}\n`, 0o600)))
    throw new UsageError('key-exists', `${path} exists already; a key is never overwritten.`)
}

/** The key in a file. @throws UsageError `file`, `key-mode`, `key-file`; `key-locked` without its passphrase. */
export async function readKey(path: string): Promise<KeyFile> {
  const bytes = await readPrivate(path)
  try {
    const { name, seed, locked, account, nonce, ledger, ...rest } = schema.parse(
      JSON.parse(utf8Decode(plainText(bytes))),
    )
    if ((seed === undefined) === (locked === undefined)) throw new Error('it has either seed or locked')
    const found = seed === undefined ? await unlocked(path, locked!, fromHex(rest.public, 32)) : fromBase64(seed)
    const key = keyFromSeed(name, found)
    if (!equalBytes(key.publicKey, fromHex(rest.public, 32))) throw new Error('its public key is not that of its seed')
    return {
      ...key,
      ...(account === undefined ? {} : { account }),
      ...(nonce === undefined ? {} : { nonce: fromHex(nonce, 32) }),
      ...(ledger === undefined ? {} : { ledger: fromHex(ledger, 32) }),
    }
  } catch (error) {
    if (error instanceof UsageError) throw error
    // Of the content nothing is repeated: it may be half a key.
    const why =
      error instanceof z.ZodError
        ? error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
        : (error as Error).message
    throw new UsageError('key-file', `${path} is not a key file: ${error instanceof SyntaxError ? 'not JSON' : why}`)
  }
}

async function unlocked(path: string, locked: LockedSeed, publicKey: Uint8Array): Promise<Uint8Array> {
  const word = await passphrase()
  if (word === undefined)
    throw new UsageError(
      'key-locked',
      `${path} is locked. Put its passphrase into a file of mode 0600, and name that in TALLY_PASSPHRASE_FILE.`,
    )
  try {
    return await unlockSeed(locked, publicKey, word)
  } catch (error) {
    throw new UsageError('key-locked', `${path} is not unlocked: ${(error as Error).message}.`)
  }
}

/**
 * Puts the secret of a key file under a passphrase, or takes it out, in place: whole, or as it was.
 *
 * @param word - the passphrase; undefined leaves the secret open.
 * @throws UsageError as `readKey`.
 */
export async function relockKey(path: string, word: string | undefined): Promise<void> {
  const { name, seed, publicKey, account, nonce, ledger } = await readKey(path)
  const of = { account, nonce: nonce && toHex(nonce), ledger: ledger && toHex(ledger) }
  const secret = word === undefined ? { seed: toBase64(seed) } : { locked: await lockSeed(seed, publicKey, word) }
  const value = { format: FORMAT, name, public: toHex(publicKey), ...of, ...secret }
  await writeBytes(path, `${JSON.stringify(value, undefined, 2)}\n`, 0o600)
}

/** Where a ledger's own keys lie below its data directory. */
export function keyPath(data: string, name: string): string {
  return join(data, 'keys', `${name}.json`)
}

/** Where the root key of a new ledger is put: beside its data directory, of which it is no part. */
export function rootFolderOf(data: string): string {
  return `${resolve(data)}.root`
}

/** Where the root key of a ledger is: beside its data directory, or in it, where an older version put it. */
export async function rootPath(data: string): Promise<string> {
  const inside = keyPath(data, 'root')
  return (await fileExists(inside)) ? inside : join(rootFolderOf(data), 'root.json')
}

/** Where `account open` puts an owner's key and card. */
export function memberPaths(data: string, account: number): { key: string; card: string } {
  return { key: join(data, 'members', `${account}.key.json`), card: join(data, 'members', `${account}.card.json`) }
}

/**
 * The signing key of a key file: its account, or the registry record that holds its public key, no matter who cosigned
 * that: it is said in what is signed, and a wrong one makes it worthless.
 *
 * @throws UsageError `key-unregistered`; what `TallyClient.registry` throws.
 */
export async function signingKey(
  { seed, account, publicKey, name }: KeyFile,
  client: Pick<TallyClient, 'registry'>,
): Promise<SigningKey> {
  if (account !== undefined) return { holder: { account }, seed }
  const records = await client.registry({ isUncosigned: true })
  const found = records.find(({ transaction, number, until }) => until === 0 && isKeyOf(transaction, number, publicKey))
  if (found !== undefined) return { holder: { record: found.number }, seed }
  throw unregistered(name)
}

/** That no record of the registry that stands has a key. */
export function unregistered(name: string): UsageError {
  return new UsageError('key-unregistered', `The key "${name}" is not registered with this ledger, or was revoked.`)
}
