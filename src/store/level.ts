import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Level } from 'level'
import { AssertionError } from '../core/failure.ts'
import { checkFormat, checkKeys, checkTail, type Database } from './check.ts'
import { type Store, StoreError } from './contract.ts'
import { Documents } from './documents.ts'
import { DATABASES, type DatabaseName, FORMAT, LOCK_FOLDER } from './keys.ts'
import { type Damage, examine } from './leveldb/examine.ts'
import { finishMending, mend } from './leveldb/mend.ts'
import { type Databases, LevelStore, type WriteSeam } from './store.ts'

export interface LevelStoreOptions {
  /**
   * Bytes of the log that LevelDB gathers in memory before it writes a table, 8 MB by default. Small ones keep its
   * pauses short.
   */
  readonly memtableBytes?: number
  /** Bytes of table blocks of the log that LevelDB keeps, 8 MB by default. */
  readonly blockCacheBytes?: number
  /**
   * Bytes of whole bundles kept after a read, 16 MB by default: some 140,000 common entries. A hit costs 10 µs, a miss
   * 30 to 90.
   */
  readonly bundleCacheBytes?: number
  /** Stands around every write; tests make it fail before or after. */
  readonly aroundWrite?: WriteSeam
  /** Is told what was damaged and has been mended. */
  readonly onNotice?: (what: string) => void
}

const MB = 1024 * 1024
/** The same of either database beside the log. Their rows are read past the cache of blocks. */
const ROWS_SIZES: Sizes = { writeBufferSize: 4 * MB, cacheSize: MB }

/**
 * Opens the store in a directory, which is made (mode 0700) if need be, and checks that the log in it has no gaps and
 * that no file of it is damaged. What is made from the log is begun again where it is damaged; what of the rest can be
 * mended without a loss is mended. A directory that is refused is left as it was.
 *
 * Compression is off: entries of which half the bytes are random became 35 % smaller with it, were written as fast, and
 * cost 2.5 times as much to run through. `node bench/store.ts` prints the figures of writing and reading.
 *
 * @throws StoreError `store-open`, `store-locked`, `store-format`, `store-corrupt`. Nothing stays open then.
 */
export async function openLevelStore(directory: string, options: LevelStoreOptions = {}): Promise<Store> {
  const path = resolve(directory)
  const { memtableBytes = 8 * MB, blockCacheBytes = 8 * MB, bundleCacheBytes = 16 * MB } = options
  const { aroundWrite = write => write(), onNotice = () => {} } = options
  const sizes: Readonly<Record<DatabaseName, Sizes>> = {
    beside: ROWS_SIZES,
    index: ROWS_SIZES,
    log: { writeBufferSize: memtableBytes, cacheSize: blockCacheBytes },
  }
  const open: Partial<Record<DatabaseName | 'lock', Database>> = {}
  try {
    await prepareDirectories(path)
    open.lock = await takeLock(join(path, LOCK_FOLDER))
    for (const name of DATABASES) {
      const folder = join(path, name)
      open[name] =
        name === 'index'
          ? await openIndex(folder, sizes.index, onNotice)
          : await openDatabase(folder, name, sizes[name], onNotice)
      // A look at each key of the log is taken below.
      if (name === 'beside') await checkKeys(open[name], name)
    }
    const databases = open as Databases
    const tail = await checkTail(databases.log)
    return new LevelStore(databases, tail, await Documents.read(databases.beside), bundleCacheBytes, aroundWrite)
  } catch (error) {
    for (const database of Object.values(open)) await database.close()
    throw openError(path, error)
  }
}

interface Sizes {
  readonly writeBufferSize: number
  readonly cacheSize: number
}

/**
 * Takes the lock of a store, which ends with the process. Where its files are damaged, nobody has it: they are made
 * again.
 */
async function takeLock(folder: string): Promise<Database> {
  for (let attempt = 0; ; attempt++) {
    const db = levelIn(folder, { writeBufferSize: MB, cacheSize: 0 })
    try {
      await db.open()
      return db
    } catch (error) {
      await db.close()
      if (causeOf(error).code === 'LEVEL_LOCKED' || attempt > 0) throw error
      await rm(folder, { recursive: true, force: true })
    }
  }
}

/** Opens the index, all of whose keys are looked at; one that is damaged anywhere is begun again. */
async function openIndex(folder: string, sizes: Sizes, onNotice: (what: string) => void): Promise<Database> {
  try {
    const found = await damageOf(folder)
    if (found !== undefined) throw new StoreError('store-corrupt', `${found.file} in it is damaged: ${found.what}.`)
    const db = await openWhole(folder, 'index', sizes)
    try {
      await checkKeys(db, 'index')
      return db
    } catch (error) {
      await db.close()
      throw error
    }
  } catch (error) {
    if (!isCorrupt(error)) throw error
    onNotice(`The index in ${folder} is damaged, and is made again from the log. ${causeOf(error).message}`)
    await rm(folder, { recursive: true, force: true })
    await makeDirectory(folder)
    return openWhole(folder, 'index', sizes)
  }
}

/** Opens a database in a folder that was prepared; mends it before where that loses nothing. */
async function openDatabase(
  folder: string,
  name: DatabaseName,
  sizes: Sizes,
  onNotice: (what: string) => void,
): Promise<Database> {
  const found = await damageOf(folder)
  if (found !== undefined) {
    const left = await mend(folder, found)
    if (left !== undefined) throw damageError(folder, left)
    onNotice(`${join(folder, found.file)} was damaged (${found.what}) and was made again; nothing is lost.`)
  }
  return openWhole(folder, name, sizes)
}

/** Opens a database in whose files nothing is damaged that LevelDB does not find. */
async function openWhole(folder: string, name: DatabaseName, sizes: Sizes): Promise<Database> {
  const db = levelIn(folder, sizes)
  try {
    await db.open()
    await finishMending(folder, db)
    await checkFormat(db, name, folder)
    return db
  } catch (error) {
    await db.close()
    throw error
  }
}

function levelIn(folder: string, sizes: Sizes): Database {
  const encodings = { keyEncoding: 'view', valueEncoding: 'view' } as const
  return new Level<Uint8Array, Uint8Array>(folder, { ...encodings, compression: false, ...sizes })
}

/** What is damaged in the folder of a database; undefined where nothing is, or where there is none yet. */
async function damageOf(folder: string): Promise<Damage | undefined> {
  return (await isDatabase(folder)) ? examine(folder) : undefined
}

function damageError(folder: string, { part, file, what }: Damage): StoreError {
  const advice =
    part === 'table'
      ? 'Put this file back from a copy of the store: tables never change, so that of any later copy is the same.'
      : 'What was written last stands in it, and may be lost with it. Put the directory back from a copy that is ' +
        'as new.'
  return new StoreError('store-corrupt', `${join(folder, file)} is damaged: ${what}. Nothing was changed. ${advice}`)
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
      `${path} holds a LevelDB, as a store did before layout 3; this version reads layout ${FORMAT}. Use the ` +
        'version that made it.',
    )
  const other = names.find(name => !(DATABASES as readonly string[]).includes(name) && name !== LOCK_FOLDER)
  if (other !== undefined)
    throw new StoreError('store-open', `${path} is not a ledger's store, and not empty either: it holds ${other}.`)
  const there = new Set<DatabaseName>()
  for (const name of DATABASES) {
    await makeDirectory(join(path, name))
    if (await isDatabase(join(path, name))) there.add(name)
  }
  await makeDirectory(join(path, LOCK_FOLDER))
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
 * Whether a directory has a database, be it one that lost its CURRENT, of which LevelDB would make an empty one.
 * Refuses one that holds something else.
 */
async function isDatabase(path: string): Promise<boolean> {
  const names = await readdir(path)
  if (names.includes('CURRENT')) return true
  const rest = names.filter(name => !BEGINNING.test(name))
  if (rest.length === 0) return false
  if (rest.some(name => DATA.test(name))) return true
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
  const cause = causeOf(error)
  if (cause.code === 'LEVEL_LOCKED')
    return new StoreError(
      'store-locked',
      `The store in ${path} is in use by another process. Stop that one, or choose another directory.`,
      { cause: error },
    )
  if (isCorrupt(error))
    return new StoreError('store-corrupt', `The store in ${path} is damaged: ${cause.message}. Nothing was changed.`, {
      cause: error,
    })
  return new StoreError('store-open', `The store in ${path} cannot be opened: ${cause.message}`, { cause: error })
}

/** What LevelDB said, below what `level` makes of it. */
function causeOf(error: unknown): NodeJS.ErrnoException {
  return error instanceof Error && error.cause instanceof Error ? error.cause : (error as Error)
}

/** Whether an error says that a database is damaged. */
function isCorrupt(error: unknown): boolean {
  if (error instanceof StoreError) return error.code === 'store-corrupt'
  const { code, message } = causeOf(error)
  return (
    code === 'LEVEL_CORRUPTION' ||
    /corrupt|does not exist \(create_if_missing|no meta-?nextfile|missing files/i.test(message)
  )
}
