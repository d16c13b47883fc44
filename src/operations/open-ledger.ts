import { join } from 'node:path'
import { z } from 'zod'
import { addCheckpoint, latestCosigned } from '../client/index.ts'
import { utf8Decode } from '../core/bytes.ts'
import { OPENED_LINES, TIME_MS_MAX } from '../core/limits.ts'
import { ED25519_KEY, formatVerifierKey, isUnderstood, sameKey, verifierKey } from '../core/note/note.ts'
import { formatPolicy, hasQuorum, type Policy, parsePolicy } from '../core/note/policy.ts'
import { isTestOrigin } from '../core/note/test-origin.ts'
import { ArchiveFolder } from '../files/archive-folder.ts'
import { type KeyFile, keyPath, newKey, readKey, rootPath, writeKey } from '../files/key-files.ts'
import { openObjects } from '../files/open-objects.ts'
import {
  type Clock,
  entryClock,
  FatalError,
  GuardedClock,
  type HeldError,
  type LogSigner,
  TallyLog,
  TestClock,
  type WitnessPort,
} from '../log/index.ts'
import { ThreadPool } from '../log/intake/thread-pool.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, freeBytes, readBytes, readParsed, writeBytes } from '../node/file-system.ts'
import { collectSeldom } from '../node/heap.ts'
import { type DetailsStore, type EntryStore, openLevelStore } from '../store/index.ts'
import { takeClockConfirmation } from './clock-confirmation.ts'
import { totalsIn } from './copy-totals.ts'
import { FolderLease } from './folder-lease.ts'
import { foundLedger, KEY_NAMES, type KeyName, type Keys } from './founding.ts'
import { holderOf } from './holder.ts'
import type { OpenedJournal } from './open-journal.ts'
import { placesOf } from './places.ts'

/** What a data directory says of its ledger, in `ledger.json`. */
const settingsSchema = z.strictObject({
  format: z.literal('tallystick/ledger/v1'),
  origin: z.string().min(1).max(255),
  periodMs: z.number().int().min(10).max(3_600_000),
  heartbeatMs: z.number().int().min(1000).max(86_400_000),
  /**
   * Where ledger time comes from, if not from the machine: from the entries, beginning at that time; or, of a test
   * ledger, from the machine and from how far its shop moved it.
   */
  clock: z
    .union([
      z.strictObject({ follows: z.literal('entries'), fromMs: z.number().int().min(0).max(TIME_MS_MAX) }),
      z.strictObject({ kind: z.literal('test') }),
    ])
    .optional(),
  /** URL of the ledger that is followed: this is none of its own. */
  follows: z.string().url().optional(),
  /** That the ledger went on elsewhere, from so many entries: it is not opened here any more. */
  continued: z.strictObject({ origin: z.string().min(1).max(255), size: z.number().int().min(0) }).optional(),
})

export type Settings = z.infer<typeof settingsSchema>

/**
 * What a ledger leaves of its disk by default: of what it writes at its fastest, some seconds, and the files that it
 * merges.
 */
const DISK_RESERVE_BYTES = 256 * 2 ** 20

export interface OpenedLedger {
  readonly log: TallyLog
  readonly settings: Settings
  /** What `policy` in the data directory says: the log, the witnesses it asks, the quorum it proposes. */
  readonly policy: Policy
  /** Whether this call made the ledger. */
  readonly isNew: boolean
  /** Where the root key is, if it is on this machine. */
  readonly rootKey: string | undefined
  /** What the log is written to, for backups: to be read only. */
  readonly store: EntryStore & DetailsStore
}

export interface SetupOptions {
  readonly data: string
  /** For a new ledger: its name. */
  readonly origin: string
  /** For a new ledger: the folder where its root key is put; by default beside the data directory: `rootFolderOf`. */
  readonly rootFolder?: string
  /** What signs for the log; by default its key in the data directory. */
  readonly signer?: LogSigner
  /** Orders the commands of the ledger for several processes; by default this one does alone. */
  readonly journal?: OpenedJournal
  /** For a new ledger: that its time follows its entries, and begins then. For imports of the past. */
  readonly clockFromMs?: number
  /** For a new ledger: the longest time between its seals, in ms; 10 minutes by default. */
  readonly beatMs?: number
  /** For as long as it is open now: another clock, and how often it seals. For histories that are played. */
  readonly session?: { readonly clock: Clock; readonly periodMs: number }
  /** Bytes of the disk that are left free: with less, nothing is taken. 256 MiB by default. */
  readonly diskReserveBytes?: number
  /**
   * The folder that it is published in: what stands there is asked at a start, and its lease keeps copies of the ledger
   * apart.
   */
  readonly publish?: string
  /** URLs of followers and mirrors of the ledger, which are asked at a start. */
  readonly followers?: readonly string[]
  /** Threads that prepare batches: none by default. */
  readonly threads?: number
  /** Is told when one of them fails. */
  readonly onThreadTrouble?: (what: string) => void
  readonly onFailure: (error: unknown) => void
  readonly onProgress?: (entries: number, size: number) => void
  /** Is told what was damaged and is made again, and why the whole log is replayed where it is. */
  readonly onNotice?: (what: string) => void
  /** Is told why no batch is taken for a while, and with undefined that they are again. */
  readonly onHeld?: (why: HeldError | undefined) => void
  /** Is told when a witness does not cosign. */
  readonly onWitnessTrouble?: (name: string, what: string) => void
}

/**
 * Opens the ledger of a data directory; in an empty one it first makes keys, genesis, a unit, a treasury and a funded
 * budget. Every step looks whether it was done, so a first start that was cut off is finished by the next.
 */
export async function openLedger(options: SetupOptions): Promise<OpenedLedger> {
  const { data, threads = 0, onThreadTrouble = () => {}, onFailure } = options
  const { onProgress, onNotice, onHeld, onWitnessTrouble } = options
  const path = join(data, 'ledger.json')
  const isNew = !(await fileExists(path))
  if (isNew && (await fileExists(join(data, 'store'))))
    throw new UsageError(
      'data',
      `${data} has a store but no ledger.json: restore that file, or choose an empty --data directory.`,
    )
  if (isNew) await writeSettings(path, options)
  const settings = await readSettings(path)
  if (settings.continued !== undefined) throw ended(settings.continued)
  if (settings.follows !== undefined)
    throw new UsageError(
      'follows',
      `${data} follows ${settings.follows}: go on with --follow, or, where that ledger is gone for good, tally promote.`,
    )
  if (options.journal !== undefined && isTestOrigin(settings.origin))
    throw new UsageError(
      'settings',
      'A test ledger is one process: its time is moved there. Start it without --journal.',
    )
  const [keys, rootKey] = await readKeys(data, options)
  const policy = await readPolicy(join(data, 'policy'), settings.origin, keys.log.publicKey)
  collectSeldom()
  let lost: (error: FatalError) => void = onFailure
  const lease = await leaseOf(options, error => lost(error))
  // Before the store, which is the log's from here on: what fails here leaves nothing open.
  const archive = await ArchiveFolder.open(join(data, 'archive'))
  const opened = await ArchiveFolder.open(totalsIn(data), OPENED_LINES)
  const store = await openLevelStore(join(data, 'store'), onNotice === undefined ? {} : { onNotice })
  const log = await TallyLog.open({
    store,
    disk: { freeBytes: () => freeBytes(data), reserveBytes: options.diskReserveBytes ?? DISK_RESERVE_BYTES },
    clock: options.session?.clock ?? clockOf(settings, policy),
    isClockConfirmed: () => takeClockConfirmation(data, Date.now()),
    ...options.journal,
    origin: settings.origin,
    logSeed: options.signer ?? keys.log.seed,
    saltSecret: keys.salt.seed,
    operatorSeed: keys.operator.seed,
    periodMs: options.session?.periodMs ?? settings.periodMs,
    heartbeatMs: settings.heartbeatMs,
    ...(threads === 0 ? {} : { preparer: new ThreadPool(threads, onThreadTrouble) }),
    onFailure,
    witnesses: portsOf(policy),
    isQuorum: names => hasQuorum(policy, names),
    places: placesOf(options.publish, options.followers),
    archive,
    opened,
    ...(lease === undefined ? {} : { lease }),
    ...(onWitnessTrouble === undefined ? {} : { onWitnessTrouble }),
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(onNotice === undefined ? {} : { onNotice }),
    ...(onHeld === undefined ? {} : { onHeld }),
  })
  lost = error => log.stop(error)
  if (log.isBegun) {
    try {
      await foundLedger(log, keys, options.beatMs)
    } catch (error) {
      await log.close()
      throw error
    }
    // What a first start makes is signed, too: one that has to wait makes it when it may. Why it never may, the log
    // tells.
  } else
    log.begun().then(
      () => foundLedger(log, keys, options.beatMs).catch(onFailure),
      () => {},
    )
  return { log, settings, policy, isNew, rootKey, store }
}

async function writeSettings(path: string, { origin, clockFromMs }: SetupOptions): Promise<void> {
  if (isTestOrigin(origin) && clockFromMs !== undefined)
    throw new UsageError('settings', `The time of "${origin}" is moved by its shop, so it cannot follow the entries.`)
  const settings: Settings = {
    ...settingsOf(origin),
    ...(clockFromMs === undefined ? {} : { clock: { follows: 'entries', fromMs: clockFromMs } }),
  }
  await writeBytes(path, `${JSON.stringify(settings, undefined, 2)}\n`)
}

/** What a new ledger of that name has in `ledger.json`; of a name that begins with `test.`, a test ledger (SPEC §3). */
export function settingsOf(origin: string): Settings {
  const clock = isTestOrigin(origin) ? { clock: { kind: 'test' as const } } : {}
  return { format: 'tallystick/ledger/v1', origin, periodMs: 1000, heartbeatMs: 60_000, ...clock }
}

/** Refuses the clock of a test ledger under the name of a real one, or the other way. @throws UsageError `settings`. */
function checkClock({ origin, clock, follows }: Settings, path: string): void {
  const isTest = clock !== undefined && 'kind' in clock
  if (follows !== undefined || isTest === isTestOrigin(origin)) return
  throw new UsageError(
    'settings',
    `${path}: the name "${origin}" is that of a ${isTest ? 'real' : 'test'} ledger, and its clock is not. The name of ` +
      'a test ledger begins with "test.", and no other does: make the ledger again, under another name.',
  )
}

/** What `ledger.json` says. @throws UsageError `file`, `settings`. */
export async function readSettings(path: string): Promise<Settings> {
  const bytes = await readBytes(path)
  let settings: Settings
  try {
    settings = settingsSchema.parse(JSON.parse(utf8Decode(bytes)))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw new UsageError(
      'settings',
      `${path} does not have the form of a ledger's settings: ${why}. Correct it, or restore it.`,
    )
  }
  checkClock(settings, path)
  return settings
}

/** That a data directory was left for another. */
export function ended({ origin, size }: NonNullable<Settings['continued']>): FatalError {
  return new FatalError(
    'log-ended',
    `This log has ended: the ledger goes on as "${origin}", from ${size} entries of it. Start the data directory that ` +
      'was made for that.',
  )
}

/** The policy of a data directory; where there is none, one of the log alone is made. @throws UsageError `settings`. */
async function readPolicy(path: string, origin: string, logKey: Uint8Array): Promise<Policy> {
  const key = verifierKey(origin, ED25519_KEY, logKey)
  const alone: Policy = { logs: [{ key }], witnesses: [], groups: [], quorum: 'none' }
  if (!(await fileExists(path))) await writeBytes(path, formatPolicy(alone))
  const policy = await readParsed(path, parsePolicy)
  if (!policy.logs.some(log => log.key.name === origin && sameKey(log.key, key)))
    throw new UsageError('settings', `${path} does not name this ledger: log ${formatVerifierKey(key)}`)
  return policy
}

/** The clock of a ledger: the machine's, which is not believed blindly; the entries; or one that is moved. */
function clockOf({ clock }: Settings, policy: Policy): Clock {
  if (clock !== undefined) return 'kind' in clock ? new TestClock() : entryClock(clock.fromMs)
  return new GuardedClock({
    wallMs: () => Date.now(),
    steadyMs: () => performance.now(),
    isQuorum: names => hasQuorum(policy, names),
  })
}

/** The lease in the folder that the ledger is published in: what copies of it have in common. */
async function leaseOf(
  { data, publish, journal, onNotice = () => {} }: SetupOptions,
  onLost: (error: FatalError) => void,
): Promise<FolderLease | undefined> {
  // Those who share an order cannot make two: the stream keeps them together, and no lease.
  if (publish === undefined || journal !== undefined) return undefined
  return new FolderLease({
    objects: await openObjects(publish),
    holder: await holderOf(data),
    wallMs: () => Date.now(),
    steadyMs: () => performance.now(),
    onLost,
    onTrouble: onNotice,
  })
}

/** The witnesses of a policy that can be asked: those that have a URL, and whose answers are understood here. */
function portsOf({ witnesses }: Policy): WitnessPort[] {
  return witnesses.flatMap(({ name, key, url }) =>
    url === undefined || !isUnderstood(key)
      ? []
      : [
          {
            name,
            key,
            addCheckpoint: (body, signal) => addCheckpoint(url, body, signal),
            latest: (origin, signal) => latestCosigned(url, origin, signal),
          },
        ],
  )
}

/**
 * The keys of a data directory; those that are missing are made. That of the log is not read where another signs; the
 * root key is made first, and never again: it is taken off the machine, where nothing but a first start needs it.
 */
async function readKeys(
  data: string,
  { signer, rootFolder, onNotice }: SetupOptions,
): Promise<[Keys, string | undefined]> {
  const keys: { -readonly [Name in KeyName]?: KeyFile } = {}
  const there = await rootPath(data)
  const root = rootFolder === undefined || (await fileExists(there)) ? there : join(rootFolder, 'root.json')
  // What is made after it is not there yet.
  if (!(await fileExists(root)) && !(await fileExists(keyPath(data, 'salt')))) await writeKey(root, newKey('root'))
  const rootKey = (await fileExists(root)) ? root : undefined
  if (rootKey !== undefined) keys.root = await readKey(rootKey)
  for (const name of KEY_NAMES) {
    if (name === 'root') continue
    const path = keyPath(data, name)
    if (name === 'log' && signer !== undefined) {
      if (await fileExists(path)) onNotice?.(`${path} is still here, and not needed: keep it with the signer alone.`)
      keys.log = { name, publicKey: signer.publicKey, seed: new Uint8Array(0) }
      continue
    }
    if (!(await fileExists(path))) await writeKey(path, newKey(name))
    keys[name] = await readKey(path)
  }
  return [keys as Keys, rootKey]
}
