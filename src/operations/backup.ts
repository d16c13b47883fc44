import { chmod, cp, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { equalBytes, fromHex, toHex, utf8Decode } from '../core/bytes.ts'
import { ENTRY_SEAL } from '../core/entry/entry-type.ts'
import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { parseNote } from '../core/note/note.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, entryPlaces, formatTilePath } from '../core/tree/tile.ts'
import { FolderObjects } from '../files/folder-objects.ts'
import { isBucket, type Objects, readObject } from '../files/objects.ts'
import { openObjects } from '../files/open-objects.ts'
import type { StoreReport } from '../log/index.ts'
import { UsageError } from '../node/failure.ts'
import { fileExists, makeFolder } from '../node/file-system.ts'
import { type DetailsStore, type EntryStore, openLevelStore } from '../store/index.ts'
import { checkLedger } from './check-ledger.ts'
import { copyTotals } from './copy-totals.ts'

const FORMAT = 'tallystick/backup/v1'
/** What a backup says of itself. */
const SAID = 'backup.json'
/** Files and folders of a data directory that are in a backup as they are. */
const SETTINGS = ['ledger.json', 'policy']
const KEPT = ['archive', 'rules']

/** What a backup says of itself, in `backup.json`: written last, so it never says more than there is. */
const backupSchema = z.strictObject({
  format: z.literal(FORMAT),
  /** Leaf hash of the first entry: which ledger it is. */
  ledger: z.string().regex(/^[0-9a-f]{64}$/),
  /** Entries, the last of which is the seal of `checkpoint`. */
  size: z.number().int().min(1),
  details: z.number().int().min(0),
  /** Whether the secret keys are in it. */
  hasKeys: z.boolean(),
  time: z.string(),
})

type Backup = z.infer<typeof backupSchema>

/** Where a backup comes from: a store, of a ledger that runs or not, and its checkpoint. */
export interface BackupSource {
  readonly store: EntryStore & DetailsStore
  /** The signed note to which the backup goes: its last entry is durable. */
  readonly checkpoint: Uint8Array
}

export interface BackupOptions {
  /** The data directory: settings, policy and archive are copied from there. */
  readonly data: string
  /** A folder, or `s3://BUCKET/PREFIX`. */
  readonly folder: string
  /** Whether the secret keys are copied too, into a folder. By default they are not: keep them elsewhere. */
  readonly hasKeys?: boolean
  readonly onProgress?: (entries: number, size: number) => void
}

/** What a backup wrote. */
export interface BackedUp {
  readonly size: number
  /** Entries and details that it did not have before, and details that were erased since. */
  readonly entries: number
  readonly details: number
  readonly erased: number
}

/**
 * Brings a backup up to the checkpoint of a ledger: entries at the paths of c2sp.org/tlog-tiles, so an auditor can
 * replay it where it lies; details; settings, policy and archive. What is there and full is left: a backup each minute
 * costs a minute's entries. Cut off at any moment, what `backup.json` says is whole, and the next one goes on.
 * What was erased of the ledger is erased of the backup.
 *
 * @throws UsageError `backup` where the folder has another ledger, or more of this one; `file`; StoreError.
 */
export async function backUp({ store, checkpoint }: BackupSource, options: BackupOptions): Promise<BackedUp> {
  const { data, folder, hasKeys = false, onProgress = () => {} } = options
  const { size } = parseCheckpoint(parseNote(checkpoint).text)
  const ledger = toHex(leafHash(await store.readEntry(0)))
  if (hasKeys && isBucket(folder))
    throw new UsageError('backup', `Secret keys are not copied to a bucket (${folder}): leave --keys out.`)
  const [from, to] = [new FolderObjects(data), await openObjects(folder)]
  const before = await readBackup(to)
  if (before !== undefined && before.ledger !== ledger)
    throw new UsageError('backup', `${folder} is the backup of another ledger: choose an empty folder.`)
  if (before !== undefined && before.size > size)
    throw new UsageError(
      'backup',
      `${folder} has ${before.size} entries of this ledger, which has ${size}: it is the ledger that is behind.`,
    )
  const known = before?.size ?? 0
  for (let n = Math.floor(known / BUNDLE_ENTRIES); n * BUNDLE_ENTRIES < size; n++) {
    const width = Math.min(BUNDLE_ENTRIES, size - n * BUNDLE_ENTRIES)
    await writeBundle(to, n, width, await store.readBundle(n))
    onProgress(n * BUNDLE_ENTRIES + width, size)
  }
  const details = await copyDetails(store, to)
  for (const name of SETTINGS) await to.write(name, await readObject(from, name))
  for (const folder of KEPT) await copyBelow(folder, from, to)
  await copyTotals(from, to, size)
  if (hasKeys) await copyKeys(join(data, 'keys'), join(folder, 'keys'))
  await to.write('checkpoint', checkpoint)
  const said: Backup = {
    ...{ format: FORMAT, ledger, size, details: details.kept },
    ...{ hasKeys: hasKeys || before?.hasKeys === true, time: new Date().toISOString() },
  }
  await to.write(SAID, `${JSON.stringify(said, undefined, 2)}\n`)
  return { size, entries: size - known, details: details.written, erased: details.erased }
}

/** Backs a ledger up that does not run. @throws UsageError, StoreError as `backUp`; StoreError `store-locked`. */
export async function backUpStopped(options: BackupOptions): Promise<BackedUp> {
  const path = join(options.data, 'store')
  if (!(await fileExists(path))) throw new UsageError('data', `${options.data} is not the data directory of a ledger.`)
  const store = await openLevelStore(path)
  try {
    const checkpoint = await store.readDocument('checkpoint')
    if (checkpoint === undefined) throw new UsageError('backup', 'The ledger has published nothing yet.')
    return await backUp({ store, checkpoint }, options)
  } finally {
    await store.close()
  }
}

/**
 * Backs a ledger of this process up again and again, beside its work. What goes wrong is told, and tried again.
 *
 * @returns what ends it, with the backup at what was published last.
 */
export function backUpAlong(
  source: () => BackupSource | undefined,
  options: BackupOptions & { readonly everyMs: number; readonly onTrouble: (error: unknown) => void },
): () => Promise<void> {
  let running: Promise<unknown> | undefined
  const once = async () => {
    const now = source()
    if (now !== undefined) await backUp(now, options).catch(options.onTrouble)
  }
  const begin = () => {
    running ??= once().finally(() => {
      running = undefined
    })
  }
  begin()
  const timer = setInterval(begin, options.everyMs)
  return async () => {
    clearInterval(timer)
    await running
    await once()
  }
}

/** A bundle of so many entries; a part of it that was there before goes. */
async function writeBundle(to: Objects, index: number, width: number, bytes: Uint8Array): Promise<void> {
  const path = formatTilePath({ level: 'entries', index, width })
  await to.write(path, cut(bytes, width), { isFinal: true })
  const whole = formatTilePath({ level: 'entries', index, width: BUNDLE_ENTRIES })
  for (const part of await to.list(`${whole}.p`)) if (part !== path) await to.remove(part)
}

/** The first `count` entries of a bundle. */
function cut(bytes: Uint8Array, count: number): Uint8Array {
  const { ends } = entryPlaces(bytes)
  return bytes.subarray(0, ends[count - 1]!)
}

/** Details by their commitments, a file each; those that are kept no more are deleted. */
async function copyDetails(
  store: DetailsStore,
  to: Objects,
): Promise<{ kept: number; written: number; erased: number }> {
  const there = new Set((await to.list('details')).map(nameOf))
  let [kept, written] = [0, 0]
  for await (const commitment of store.commitments()) {
    const name = toHex(commitment)
    kept++
    if (there.delete(name)) continue
    const details = await store.readDetails(commitment)
    // Erased while the backup is made.
    if (details === undefined) continue
    await to.write(detailsPath(name), details, { isPrivate: true })
    written++
  }
  for (const name of there) await to.remove(detailsPath(name))
  return { kept, written, erased: there.size }
}

/** Where details lie, by the hex of their commitment. */
function detailsPath(name: string): string {
  return `details/${name.slice(0, 2)}/${name}`
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Copies all that is below a folder, if there is one. */
async function copyBelow(folder: string, from: Objects, to: Objects): Promise<void> {
  for (const path of await from.list(folder)) await to.write(path, await readObject(from, path))
}

/** What is said in a folder; undefined where there is no backup. @throws UsageError `backup`. */
async function readBackup(from: Objects): Promise<Backup | undefined> {
  const bytes = await from.read(SAID)
  if (bytes === undefined) {
    if (await from.has('checkpoint'))
      throw new UsageError('backup', `${from.name} has a checkpoint but no ${SAID}: it is no backup, or not whole.`)
    return undefined
  }
  try {
    return backupSchema.parse(JSON.parse(utf8Decode(bytes)))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw new UsageError(
      'backup',
      `${SAID} in ${from.name} does not have the form that \`tally backup\` writes: ${why}`,
    )
  }
}

export interface RestoreOptions {
  /** A folder, or `s3://BUCKET/PREFIX`. */
  readonly folder: string
  /** The data directory that is made: it must not be there. */
  readonly data: string
  /** Entries to restore, the last of which is a seal; all by default. */
  readonly at?: number
  /** Where the keys are, if they are not in the backup: a folder as `DIR/keys`. */
  readonly keys?: string
  readonly onProgress?: (stage: 'copying' | 'checking', done: number, total: number) => void
}

/** What was restored, and what a check of all of it found. */
export interface Restored {
  readonly size: number
  /** Entries of the backup that were left out, with `at`. */
  readonly left: number
  readonly report: StoreReport
}

/**
 * Makes a data directory of a backup, beside its place first: it gets its name when all of it was read back, every
 * signature verified and the log replayed to the roots of its seals and its checkpoint. Nothing is signed; the start of
 * a ledger asks those who may have seen more (SPEC §3).
 *
 * @throws UsageError `backup`, `data`, `file`; StoreError. A backup that does not hold is named in `report.faults`, and
 *   nothing gets the name.
 */
export async function restore({ folder, data, at, keys, onProgress = () => {} }: RestoreOptions): Promise<Restored> {
  const source = await openObjects(folder)
  const backup = await readBackup(source)
  if (backup === undefined) throw new UsageError('backup', `There is no backup in ${folder}: it has no backup.json.`)
  if (await fileExists(data))
    throw new UsageError(
      'data',
      `${data} exists already, and a restore makes a new data directory: choose another --data.`,
    )
  const size = at ?? backup.size
  if (size < 1 || size > backup.size)
    throw new UsageError(
      'backup',
      `The backup has ${backup.size} entries: --at takes 1 to ${backup.size}, not ${size}.`,
    )
  const from = keys ?? (backup.hasKeys ? join(folder, 'keys') : undefined)
  if (from === undefined)
    throw new UsageError('backup', 'The backup has no keys: say with --keys where the folder of keys is.')
  const beside = `${data}.restoring`
  await rm(beside, { recursive: true, force: true })
  await makeFolder(beside)
  const store = await openLevelStore(join(beside, 'store'))
  try {
    for (let n = 0; n * BUNDLE_ENTRIES < size; n++) {
      const firstIndex = n * BUNDLE_ENTRIES
      const count = Math.min(BUNDLE_ENTRIES, size - firstIndex)
      const bytes = cut(await bundleOf(source, n, Math.min(BUNDLE_ENTRIES, backup.size - firstIndex)), count)
      await store.append([{ firstIndex, count, bytes }])
      onProgress('copying', firstIndex + count, size)
    }
    const last = await store.readEntry(size - 1)
    if (last[0] !== ENTRY_SEAL)
      throw new UsageError(
        'backup',
        `Entry ${size - 1} is no seal, so no checkpoint has ${size} entries: choose another --at.`,
      )
    if (!equalBytes(leafHash(await store.readEntry(0)), fromHex(backup.ledger, 32)))
      throw new UsageError('backup', `${folder} is damaged: its first entry is not that of its ledger.`)
    for (const path of await source.list('details'))
      await store.writeDetails(fromHex(nameOf(path), 32), await readObject(source, path))
    if (size === backup.size) await store.writeDocument('checkpoint', await readObject(source, 'checkpoint'))
  } finally {
    await store.close()
  }
  await copyKeys(from, join(beside, 'keys'))
  const to = new FolderObjects(beside)
  for (const name of SETTINGS) await to.write(name, await readObject(source, name))
  // The archive has checkpoints up to the last: it begins again where the log goes back.
  for (const kept of KEPT) if (kept !== 'archive' || size === backup.size) await copyBelow(kept, source, to)
  await copyTotals(source, to, size)
  const report = await checkLedger({ data: beside, onProgress: (done, total) => onProgress('checking', done, total) })
  if (report.faults.length === 0) await rename(beside, data)
  return { size, left: backup.size - size, report }
}

/** Key files keep their modes; their folder is its owner's alone. */
async function copyKeys(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true })
  await chmod(to, 0o700)
}

async function bundleOf(from: Objects, index: number, width: number): Promise<Uint8Array> {
  return readObject(from, formatTilePath({ level: 'entries', index, width }))
}
