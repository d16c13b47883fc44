import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { freshId, type SigningKey, signBatch } from '../client/index.ts'
import { equalBytes } from '../core/bytes.ts'
import { decodeBatch } from '../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL } from '../core/entry/entry-type.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { ED25519_KEY, formatVerifierKey, parseNote, type VerifierKey, verifierKey } from '../core/note/note.ts'
import { formatPolicy, type Policy, parsePolicy } from '../core/note/policy.ts'
import { isTestOrigin } from '../core/note/test-origin.ts'
import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import { type KeyFile, keyPath, newKey, readKey, rootPath, writeKey } from '../files/key-files.ts'
import { type Continued, continueStore, FatalError, saltFrom } from '../log/index.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, readParsed, writeBytes } from '../node/file-system.ts'
import { openLevelStore, type Store } from '../store/index.ts'
import { ended, openLedger, readSettings, type Settings, type SetupOptions } from './open-ledger.ts'

export interface ContinueLedgerOptions extends Pick<SetupOptions, 'publish' | 'followers'> {
  /** The data directory of the log that ends. */
  readonly data: string
  /** The one that is made for the log in which the ledger goes on. */
  readonly to: string
  readonly origin: string
  /** Root keys that sign. */
  readonly roots: readonly KeyFile[]
  /** Entries to go on from, where that is less than all: the last of them is a seal. */
  readonly at?: number
  /** Entries of which somebody is known to have a checkpoint, where that is more than this data directory knows. */
  readonly seen?: number
  readonly isDryRun?: boolean
  readonly onProgress?: (entries: number, size: number) => void
  readonly onNotice?: (what: string) => void
}

/** A ledger that went on, or would. */
export interface ContinuedLedger extends Continued {
  readonly from: VerifierKey
  readonly key: VerifierKey
  readonly seen: number | null
  /** Accepted transactions that the new log does not have, as far as the old data directory has them. */
  readonly dropped: readonly { readonly index: number; readonly transaction: Transaction }[]
}

/** How long is waited for those who may have seen more of a log that is to end. */
const BEGIN_MS = 15_000

/**
 * Lets the ledger of a data directory go on in a new log, with a new data directory. SPEC §3. The old one is not to be
 * in use. Each step looks whether it was done: what is cut off is finished by the same call.
 *
 * - Without `at`, the old log ends: the batch is written there, and its last checkpoint is signed and cosigned. A crash
 *   before that write leaves everything as it was; a crash after it, a log that has ended, of which the new directory
 *   is still to be made.
 * - With `at`, the old log is not written to any more, and its directory says so; the new one begins with less of it.
 *
 * In both, the new directory is a ledger's only with its `ledger.json`, which is written last.
 *
 * @throws UsageError `data`, `key-missing`; FatalError; HeldError; StoreError.
 */
export async function continueLedger(options: ContinueLedgerOptions): Promise<ContinuedLedger> {
  const { data, to, origin, at, isDryRun = false } = options
  const settings = await readSettings(join(data, 'ledger.json'))
  if (isTestOrigin(origin) !== isTestOrigin(settings.origin))
    throw new UsageError(
      'settings',
      `A test ledger does not become a real one, nor the other way: "${settings.origin}".`,
    )
  if (await fileExists(join(to, 'ledger.json'))) throw new UsageError('data', `${to} has a ledger already.`)
  const [logFile, salt] = await Promise.all([readKey(keyPath(data, 'log')), readKey(keyPath(data, 'salt'))])
  const from = verifierKey(settings.origin, ED25519_KEY, logFile.publicKey)
  const { continued } = settings
  if (continued !== undefined && (continued.origin !== origin || continued.size !== at)) throw ended(continued)
  const newKey = async () => verifierKey(origin, ED25519_KEY, (await newLogKey(to, isDryRun)).publicKey)
  if (at !== undefined) return await fromBefore({ options, settings, from, salt }, at, newKey)
  if (!isDryRun) await seal(options)
  // Once it is known that the directory can be used.
  const key = await newKey()
  const ends: Ends = { options, settings, from, key, salt }
  const made = await withStore(options, data, store => turn(ends, store, from, null))
  if (isDryRun) return { ...made, from, key, seen: null, dropped: [] }
  // The last checkpoint of the old log, signed by its key, and shown to its witnesses.
  await seal(options)
  await withStore(options, data, store => copy(ends, store, made.size + 3))
  await finish(ends)
  return { ...made, from, key, seen: null, dropped: [] }
}

interface Ends {
  readonly options: ContinueLedgerOptions
  readonly settings: Settings
  readonly from: VerifierKey
  readonly key: VerifierKey
  readonly salt: KeyFile
}

/** Goes on from less than there is: the old directory is marked, and the new one begins with `size` entries of it. */
async function fromBefore(
  known: Omit<Ends, 'key'>,
  size: number,
  newKey: () => Promise<VerifierKey>,
): Promise<ContinuedLedger> {
  const { options, settings, from } = known
  const { data, to, origin, isDryRun = false } = options
  const found = await withStore(options, data, async store => {
    const last = size > 0 && size <= store.size ? await store.readEntry(size - 1) : undefined
    if (last?.[0] !== ENTRY_SEAL)
      throw new UsageError(
        'data',
        `Entry ${size - 1} of ${store.size} in ${data} is no seal: a ledger goes on right after a seal.`,
      )
    const note = await store.readDocument('checkpoint')
    const published = note === undefined ? 0 : parseCheckpoint(parseNote(note).text).size
    return { known: Math.max(published, options.seen ?? 0), dropped: await droppedFrom(store, size) }
  })
  const seen = found.known > size ? found.known : null
  const key = await newKey()
  const ends: Ends = { ...known, key }
  if (!isDryRun) {
    const marked: Settings = { ...settings, continued: { origin, size } }
    await writeBytes(join(data, 'ledger.json'), `${JSON.stringify(marked, undefined, 2)}\n`)
  }
  await withStore(options, data, store => copy(ends, store, size, isDryRun ? dryStore(to) : undefined))
  const where = isDryRun ? dryStore(to) : join(to, 'store')
  const made = await withStoreAt(options, where, store => turn(ends, store, from, seen))
  if (isDryRun) await rm(dryStore(to), { recursive: true, force: true })
  else await finish(ends)
  return { ...made, from, key, seen, dropped: found.dropped }
}

/** What a dry run writes its copy into. */
function dryStore(to: string): string {
  return `${to}.dry-run`
}

/** Opens the log as it runs: asks who may have seen more, publishes what is sealed, and closes it. */
async function seal(options: ContinueLedgerOptions): Promise<void> {
  const { data, publish, followers, onNotice } = options
  const { origin } = await readSettings(join(data, 'ledger.json'))
  let failure: unknown
  const { log } = await openLedger({
    ...{ data, origin },
    ...(publish === undefined ? {} : { publish }),
    ...(followers === undefined ? {} : { followers }),
    ...(onNotice === undefined ? {} : { onNotice }),
    onFailure: error => {
      failure ??= error
    },
  })
  try {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(log.held ?? new FatalError('start-unconfirmed', 'The log did not begin.')),
        BEGIN_MS,
      )
    })
    await Promise.race([log.begun(), late]).finally(() => clearTimeout(timer))
    await log.publisher.publish()
  } finally {
    await log.close()
  }
  if (failure !== undefined) throw failure
}

function turn(
  { options, key, salt }: Ends,
  store: Store,
  logKey: VerifierKey,
  seen: number | null,
): Promise<Continued> {
  const { roots, isDryRun = false, onProgress = () => {}, onNotice = () => {} } = options
  return continueStore({
    store,
    logKey,
    saltOf: epoch => saltFrom(salt.seed, epoch),
    next: { origin: key.name, logKey: key.publicKey, seen },
    nowMs: Date.now(),
    freshId,
    isDryRun,
    onProgress,
    onNotice,
    onFailure: () => {},
    sign(ledgerId, transactions, standing) {
      const keys = roots.map((root): SigningKey => {
        const found = standing.find(one => equalBytes(one.key, root.publicKey))
        if (found === undefined)
          throw new UsageError('key-unregistered', `The key "${root.name}" is no root key of this ledger that stands.`)
        return { holder: { record: found.record }, seed: root.seed }
      })
      return signBatch(keys, ledgerId, transactions)
    },
  })
}

/** The first entries of a store in a new one. What is there of an earlier try is made again. */
async function copy({ options }: Ends, from: Store, size: number, path = join(options.to, 'store')): Promise<void> {
  await rm(path, { recursive: true, force: true })
  const store = await openLevelStore(path)
  try {
    for (let at = 0; at < size; at += BUNDLE_ENTRIES) {
      const count = Math.min(BUNDLE_ENTRIES, size - at)
      const bundle = await from.viewBundle(at / BUNDLE_ENTRIES)
      let end = 0
      for (let i = 0; i < count; i++) end += 2 + bundle[end]! * 256 + bundle[end + 1]!
      await store.append([{ firstIndex: at, count, bytes: bundle.slice(0, end) }])
      options.onProgress?.(at + count, size)
    }
    for await (const commitment of from.commitments()) {
      const details = await from.readDetails(commitment)
      if (details !== undefined) await store.writeDetails(commitment, details)
    }
  } finally {
    await store.close()
  }
}

/** Keys, policy and settings of the new data directory: with the last of these it is a ledger's. */
async function finish({ options, settings, key, from }: Ends): Promise<void> {
  const { data, to } = options
  for (const name of await readdir(join(data, 'keys')))
    if (name.endsWith('.json') && name !== 'log.json' && !(await fileExists(join(to, 'keys', name))))
      await writeKey(join(to, 'keys', name), await readKey(join(data, 'keys', name)))
  const path = join(data, 'policy')
  const none: Policy = { logs: [{ key: from }], witnesses: [], groups: [], quorum: 'none' }
  const old = (await fileExists(path)) ? await readParsed(path, parsePolicy) : none
  await writeBytes(join(to, 'policy'), formatPolicy({ ...old, logs: [{ key }, ...old.logs] }))
  const { continued: _, ...rest } = settings
  await writeBytes(join(to, 'ledger.json'), `${JSON.stringify({ ...rest, origin: key.name }, undefined, 2)}\n`)
}

/** The key of the new log: made once, and found again where a try was cut off. */
async function newLogKey(to: string, isDryRun: boolean): Promise<KeyFile> {
  const path = keyPath(to, 'log')
  if (await fileExists(path)) return readKey(path)
  const made = newKey('log')
  if (isDryRun) return made
  await mkdir(join(to, 'keys'), { recursive: true })
  await writeKey(path, made)
  return readKey(path)
}

/** The accepted transactions after the first `size` entries. */
async function droppedFrom(store: Store, size: number): Promise<ContinuedLedger['dropped']> {
  const dropped: { index: number; transaction: Transaction }[] = []
  for (let at = size; at < store.size; ) {
    const entry = await store.readEntry(at)
    if (entry[0] !== ENTRY_BATCH) {
      at++
      continue
    }
    const { count, statuses } = decodeBatch(entry)
    for (let i = 0; i < count && at + 1 + i < store.size; i++)
      if (statuses[i] === ACCEPTED)
        dropped.push({ index: at + 1 + i, transaction: decodeTransaction(await store.readEntry(at + 1 + i)) })
    at += 1 + count
  }
  return dropped
}

function withStore<T>(options: ContinueLedgerOptions, data: string, use: (store: Store) => Promise<T>): Promise<T> {
  return withStoreAt(options, join(data, 'store'), use)
}

async function withStoreAt<T>(
  { onNotice }: ContinueLedgerOptions,
  path: string,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openLevelStore(path, onNotice === undefined ? {} : { onNotice })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** The line of a policy that names a log. */
export function policyLine(key: VerifierKey): string {
  return `log ${formatVerifierKey(key)}`
}

/** The root keys of a data directory, where none are named. @throws UsageError. */
export async function rootKeysOf(data: string, paths: readonly string[]): Promise<KeyFile[]> {
  const found = paths.length > 0 ? paths : [await rootPath(data)]
  return Promise.all(found.map(path => readKey(path)))
}
