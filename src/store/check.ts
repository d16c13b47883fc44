import type { Level } from 'level'
import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import { type Piece, StoreError } from './contract.ts'
import {
  belongs,
  type DatabaseName,
  FORMAT,
  FORMAT_BEFORE,
  FORMAT_KEY,
  firstIndexOf,
  formatKey,
  NEXT_KEY,
  pieceKey,
} from './keys.ts'
import { withoutSum, withSum } from './sum.ts'
import { countEntries } from './wire.ts'

export type Database = Level<Uint8Array, Uint8Array>

const KEYS_READ_BYTES = 64 * 1024

/** What an open store keeps of the end of its log. */
export interface Tail {
  /** How many entries the log has. */
  readonly size: number
  /** The pieces of the last bundle, in order, if it is not whole. */
  readonly pieces: readonly Piece[]
  /** Position of the first command that is not in the log. */
  readonly next: number
}

/**
 * Checks that the layout is the one this version reads, and notes it in an empty database, and in one that has lost it.
 *
 * @throws StoreError `store-format`; `store-open` where the database is not empty and says nothing of a layout.
 */
export async function checkFormat(db: Database, name: DatabaseName, directory: string): Promise<void> {
  const stored = await db.get(FORMAT_KEY)
  if (stored === undefined) {
    const [first] = await db.keys({ limit: 1 }).all()
    if (first !== undefined && !belongs(first, name))
      throw new StoreError(
        'store-open',
        `${directory} holds a LevelDB that is not a ledger's store: key ${formatKey(first)}.`,
      )
    return writeFormat(db)
  }
  const value = withoutSum(FORMAT_KEY, stored)
  // Up to layout 3 there were no sums.
  const version = /^[1-9][0-9]{0,8}$/.exec(String.fromCharCode(...(value ?? stored).subarray(0, 16)))?.[0]
  if (value !== undefined && Number(version) === FORMAT_BEFORE) return writeFormat(db)
  if (version !== undefined && Number(version) !== FORMAT)
    throw new StoreError(
      'store-format',
      `The store in ${directory} has layout ${version}, this version reads ${FORMAT}. Use the version that made it.`,
    )
  // What is of another layout has no sums, or others, and is found out by them.
  if (value === undefined) await writeFormat(db)
}

function writeFormat(db: Database): Promise<void> {
  const value = Uint8Array.from(String(FORMAT), c => c.charCodeAt(0))
  return db.put(FORMAT_KEY, withSum(FORMAT_KEY, value), { sync: true })
}

/**
 * Looks at every key of a database that is not the log, and so at every block of its tables: there is nothing in it but
 * what belongs there. Takes about 0.4 s a GB that the system has in memory.
 *
 * @throws StoreError `store-corrupt`; an error of LevelDB with the code `LEVEL_CORRUPTION`.
 */
export async function checkKeys(db: Database, name: DatabaseName): Promise<void> {
  for await (const key of db.keys({ highWaterMarkBytes: KEYS_READ_BYTES })) if (!belongs(key, name)) throw unknown(key)
}

/**
 * The end of the log, after a look at every key of its database and at the rows of the last bundle: rows of whole
 * bundles from 0 on without a gap, then the pieces of one bundle. Whether whole bundles are whole inside is checked
 * when they are read. Takes about 0.4 s a GB that the system has in memory, little beside the replay that follows.
 *
 * Pieces that stand inside a whole bundle are left over, as a repair brings them back that were deleted: they are
 * deleted again.
 *
 * @throws StoreError `store-corrupt`, naming the key.
 */
export async function checkTail(db: Database): Promise<Tail> {
  // Entry at which the bundle of the last key begins, and the pieces of that bundle.
  let first = 0
  let starts: number[] = []
  const surplus: number[] = []
  for await (const key of db.keys({ highWaterMarkBytes: KEYS_READ_BYTES })) {
    if (!belongs(key, 'log')) throw unknown(key)
    const start = firstIndexOf(key)
    if (start === undefined) continue
    if (start >= first + BUNDLE_ENTRIES) {
      // Another bundle follows, so the one before is whole: one row, at its first index.
      if (starts[0] !== first) throw missing(first, starts[0] ?? start)
      if (starts.length > 1) {
        if ((await readPiece(db, first)).count < BUNDLE_ENTRIES) throw inPieces(first)
        surplus.push(...starts.slice(1))
      }
      if (start !== first + BUNDLE_ENTRIES) throw missing(first + BUNDLE_ENTRIES, start)
      first = start
      starts = []
    }
    starts.push(start)
  }
  const end = await lastBundle(db, first, starts, surplus)
  if (surplus.length > 0)
    await db.batch(
      surplus.map(start => ({ type: 'del', key: pieceKey(start) })),
      { sync: true },
    )
  return { ...end, next: await readNext(db) }
}

/** How far the order of commands was followed: from the first where nothing says so, as in a log that has none. */
async function readNext(db: Database): Promise<number> {
  const stored = await db.get(NEXT_KEY)
  if (stored === undefined) return 0
  return Number(new DataView(wholeValue(NEXT_KEY, stored).buffer).getBigUint64(0))
}

/**
 * The pieces that begin at `starts`, which are all of a bundle that begins at `first`; adds those that are left over to
 * `surplus`.
 */
async function lastBundle(
  db: Database,
  first: number,
  starts: readonly number[],
  surplus: number[],
): Promise<Omit<Tail, 'next'>> {
  const pieces: Piece[] = []
  let size = first
  for (const [i, start] of starts.entries()) {
    if (start !== size) throw missing(size, start)
    const piece = await readPiece(db, start)
    if (piece.count === BUNDLE_ENTRIES && i === 0) {
      surplus.push(...starts.slice(1))
      return { size: first + BUNDLE_ENTRIES, pieces: [] }
    }
    size += piece.count
    if (size > first + BUNDLE_ENTRIES)
      throw new StoreError(
        'store-corrupt',
        `The row under key ${formatKey(pieceKey(start))} goes beyond the end of its bundle.`,
      )
    pieces.push(piece)
  }
  if (size === first + BUNDLE_ENTRIES) throw inPieces(first)
  return { size, pieces }
}

async function readPiece(db: Database, start: number): Promise<Piece> {
  const key = pieceKey(start)
  const bytes = wholeValue(key, (await db.get(key))!)
  return { firstIndex: start, count: countEntries(bytes, key), bytes }
}

/** What is stored under a key, without its sum, as a plain byte string. @throws StoreError `store-corrupt`. */
export function wholeValue(key: Uint8Array, stored: Uint8Array): Uint8Array {
  const value = withoutSum(key, plain(stored))
  if (value !== undefined) return value
  throw new StoreError(
    'store-corrupt',
    `The row under key ${formatKey(key)} of the store is damaged: it does not have its checksum. A copy of the ` +
      'store has it.',
  )
}

function unknown(key: Uint8Array): StoreError {
  return new StoreError('store-corrupt', `The store has a row that it did not write, under key ${formatKey(key)}.`)
}

function missing(from: number, key: number): StoreError {
  const what = from < key ? `Entries ${from} to ${key - 1} are missing` : `Entry ${key} is there twice`
  return new StoreError(
    'store-corrupt',
    `${what}: the row under key ${formatKey(pieceKey(key))} does not follow the one before.`,
  )
}

function inPieces(first: number): StoreError {
  return new StoreError(
    'store-corrupt',
    `The bundle under key ${formatKey(pieceKey(first))} should be one row, as it is whole, and is several.`,
  )
}

/**
 * Bytes from LevelDB as a plain byte string of their own memory: Node's Buffer has another `slice`, and may share a
 * pool.
 */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes)
}
