import { mkdir, open, readdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Level } from 'level'
import { AssertionError } from '../core/failure.ts'
import { checkFormat, checkKeys, checkTail, type Database } from './check.ts'
import { type Store, StoreError } from './contract.ts'
import { DATABASES, type DatabaseName, FORMAT } from './keys.ts'
import { refuseLoss, refuseMarked } from './leveldb-log.ts'
import { LevelStore, type WriteSeam } from './store.ts'

export interface LevelStoreOptions {
  /** Bytes of the log that LevelDB gathers in memory before it writes a table, 8 MB by default. Small ones keep its pauses short. */
  readonly memtableBytes?: number
  /** Bytes of table blocks of the log that LevelDB keeps, 8 MB by default. */
  readonly blockCacheBytes?: number
  /** Bytes of whole bundles kept after a read, 16 MB by default: some 140,000 common entries. A hit costs 10 µs, a miss 30 to 90. */
  readonly bundleCacheBytes?: number
  /** Stands around every write; tests make it fail before or after. */
  readonly aroundWrite?: WriteSeam
}

const MB = 1024 * 1024
/** The same of either database beside the log. Their rows are read past the cache of blocks. */
const ROWS_SIZES: Sizes = { writeBufferSize: 4 * MB, cacheSize: MB }

/**
 * Opens the store in a directory, which is made (mode 0700) if need be, and checks that the log in it has no gaps.
 *
 * Compression is off: entries of which half the bytes are random became 35 % smaller with it, were written as fast, and
 * cost 2.5 times as much to run through. `node bench/store.ts` prints the figures of writing and reading.
 *
 * @throws StoreError `store-open`, `store-locked`, `store-format`, `store-corrupt`. Nothing stays open then.
 */
export async function openLevelStore(directory: string, options: LevelStoreOptions = {}): Promise<Store> {
  const path = resolve(directory)
  const { memtableBytes = 8 * MB, blockCacheBytes = 8 * MB, bundleCacheBytes = 16 * MB } = options
  const sizes: Readonly<Record<DatabaseName, Sizes>> = {
    beside: ROWS_SIZES,
    index: ROWS_SIZES,
    log: { writeBufferSize: memtableBytes, cacheSize: blockCacheBytes },
  }
  const open: Partial<Record<DatabaseName, Database>> = {}
  try {
    await prepareDirectories(path)
    for (const name of DATABASES) {
      open[name] = await openDatabase(join(path, name), sizes[name])
      await checkKeys(open[name], name)
    }
    const databases = open as Record<DatabaseName, Database>
    const tail = await checkTail(databases.log)
    return new LevelStore(databases, tail, bundleCacheBytes, options.aroundWrite ?? (write => write()))
  } catch (error) {
    for (const database of Object.values(open)) await database.close()
    throw openError(path, error)
  }
}

interface Sizes {
  readonly writeBufferSize: number
  readonly cacheSize: number
}

/** Opens a database in a folder that was prepared, and refuses one of which part was lost, or of another layout. */
async function openDatabase(path: string, sizes: Sizes): Promise<Database> {
  await refuseMarked(path)
  const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const
  const db: Database = new Level<Uint8Array, Uint8Array>(path, { ...encodings, compression: false, ...sizes })
  try {
    await db.open()
    await refuseLoss(path)
    await checkFormat(db, path)
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}

/** What LevelDB has put into a directory when it crashes before it has written CURRENT, the name of its manifest. */
const BEGINNING = /^(?:LOCK|LOG|LOG\.old|MANIFEST-0*1|\d+\.dbtmp)$/

/** What it has only later. */
const DATA = /^(?:MANIFEST-\d+|\d+\.(?:log|ldb|sst))$/

/**
 * Makes the directories where there are none, and refuses what LevelDB would make empty databases of: a directory that
 * holds something else, or one that has lost a part.
 */
async function prepareDirectories(path: string): Promise<void> {
  await makeDirectory(path)
  const names = await readdir(path)
  if (names.includes('CURRENT'))
    throw new StoreError(
      'store-format',
      `${path} holds a LevelDB, as a store did before layout 3; this version reads layout ${FORMAT}. Use the version that made it.`,
    )
  const other = names.find(name => !(DATABASES as readonly string[]).includes(name))
  if (other !== undefined)
    throw new StoreError('store-open', `${path} is not a ledger's store, and not empty either: it holds ${other}.`)
  const there = new Set<DatabaseName>()
  for (const name of DATABASES) {
    await makeDirectory(join(path, name))
    if (await prepareDirectory(join(path, name))) there.add(name)
  }
  // What is in the index is made again.
  if (there.has('log') && !there.has('beside'))
    throw new StoreError('store-corrupt', `The store in ${path} has lost what was in its folder beside. Restore it.`)
}

/** Makes a directory durably, and those above it, where there are none. */
async function makeDirectory(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 })
  // The sync of a file says nothing of the directories above it. Windows cannot sync a directory, and need not.
  if (made !== undefined && process.platform !== 'win32')
    for (let at = path; ; at = dirname(at)) {
      await syncDirectory(dirname(at))
      if (at === made) break
    }
}

/**
 * Whether a directory has a database. Refuses one without CURRENT that is not empty: LevelDB would make an empty database of
 * it, among files of something else, or over one that lost its CURRENT.
 */
async function prepareDirectory(path: string): Promise<boolean> {
  const names = await readdir(path)
  if (names.includes('CURRENT')) return true
  const rest = names.filter(name => !BEGINNING.test(name))
  if (rest.length === 0) return false
  const data = rest.find(name => DATA.test(name))
  if (data !== undefined)
    throw new StoreError(
      'store-corrupt',
      `The store in ${path} has lost its file CURRENT, but not ${data}. Restore it.`,
    )
  throw new StoreError('store-open', `${path} is not a ledger's store, and not empty either: it holds ${rest[0]}.`)
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function openError(path: string, error: unknown): unknown {
  if (error instanceof StoreError || error instanceof AssertionError || !(error instanceof Error)) return error
  const cause = error.cause instanceof Error ? error.cause : error
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'LEVEL_LOCKED')
    return new StoreError(
      'store-locked',
      `The store in ${path} is in use by another process. Stop that one, or choose another directory.`,
      { cause: error },
    )
  if (
    code === 'LEVEL_CORRUPTION' ||
    /corrupt|does not exist \(create_if_missing|no meta-?nextfile|missing files/i.test(cause.message)
  )
    return new StoreError(
      'store-corrupt',
      `The store in ${path} is damaged: ${cause.message}. Restore the directory from a copy.`,
      { cause: error },
    )
  return new StoreError('store-open', `The store in ${path} cannot be opened: ${cause.message}`, { cause: error })
}
