import type { Level } from 'level'
import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import { type Piece, StoreError } from './contract.ts'
import {
  belongs,
  type DatabaseName,
  FORMAT,
  FORMAT_KEY,
  firstIndexOf,
  formatKey,
  pieceKey,
  ROWS_FROM,
  ROWS_TO,
} from './keys.ts'
import { countEntries } from './wire.ts'

export type Database = Level<Uint8Array, Uint8Array>

const KEYS_READ_BYTES = 64 * 1024

/** What an open store keeps of the end of its log. */
export interface Tail {
  /** How many entries the log has. */
  readonly size: number
  /** The pieces of the last bundle, in order, if it is not whole. */
  readonly pieces: readonly Piece[]
}

/**
 * Checks that the layout is the one this version reads, and notes it in an empty database.
 *
 * @throws StoreError `store-format`; `store-open` where the database is not empty and says nothing of a layout.
 */
export async function checkFormat(db: Database, directory: string): Promise<void> {
  const format = await db.get(FORMAT_KEY)
  if (format === undefined) {
    const [first] = await db.keys({ limit: 1 }).all()
    if (first !== undefined)
      throw new StoreError(
        'store-open',
        `${directory} holds a LevelDB that is not a ledger's store: key ${formatKey(first)}.`,
      )
    return db.put(
      FORMAT_KEY,
      Uint8Array.from(String(FORMAT), c => c.charCodeAt(0)),
      { sync: true },
    )
  }
  const version = /^[1-9][0-9]{0,8}$/.test(String.fromCharCode(...format.subarray(0, 16)))
    ? Number(String.fromCharCode(...format))
    : undefined
  if (version === undefined)
    throw new StoreError('store-corrupt', `The row under key ${formatKey(FORMAT_KEY)} in ${directory} is not a number.`)
  if (version !== FORMAT)
    throw new StoreError(
      'store-format',
      `The store in ${directory} has layout ${version}, this version reads ${FORMAT}. Use the version that made it.`,
    )
}

/** Checks that a database has nothing but what belongs there; rows made from the log are not looked at. @throws StoreError `store-corrupt`. */
export async function checkKeys(db: Database, name: DatabaseName): Promise<void> {
  // A look at each key of the log is taken by `checkTail`.
  const ranges = name === 'log' ? [] : [{ lt: ROWS_FROM }, { gte: ROWS_TO }]
  for (const range of ranges)
    for await (const key of db.keys({ ...range, highWaterMarkBytes: KEYS_READ_BYTES }))
      if (!belongs(key, name)) throw unknown(key)
}

/**
 * The end of the log, after a look at every key of its database and at the rows of the last bundle: rows of whole bundles
 * from 0 on without a gap, then the pieces of one bundle. Whether whole bundles are whole inside is checked when they are
 * read. Takes about 0.4 s a GB that the system has in memory, little beside the replay that follows.
 *
 * @throws StoreError `store-corrupt`, naming the key.
 */
export async function checkTail(db: Database): Promise<Tail> {
  // Entry at which the bundle of the last key begins, and the pieces of that bundle.
  let first = 0
  let starts: number[] = []
  for await (const key of db.keys({ highWaterMarkBytes: KEYS_READ_BYTES })) {
    if (!belongs(key, 'log')) throw unknown(key)
    const start = firstIndexOf(key)
    if (start === undefined) continue
    if (start >= first + BUNDLE_ENTRIES) {
      // Another bundle follows, so the one before is whole: one row, at its first index.
      if (starts.length > 1) throw surplus(starts[1]!)
      if (starts[0] !== first) throw missing(first, starts[0] ?? start)
      if (start !== first + BUNDLE_ENTRIES) throw missing(first + BUNDLE_ENTRIES, start)
      first = start
      starts = []
    }
    starts.push(start)
  }
  const pieces: Piece[] = []
  let size = first
  for (const start of starts) {
    if (start !== size) throw missing(size, start)
    const key = pieceKey(start)
    const bytes = plain((await db.get(key))!)
    const count = countEntries(bytes, key)
    size += count
    if (size > first + BUNDLE_ENTRIES)
      throw new StoreError('store-corrupt', `The row under key ${formatKey(key)} goes beyond the end of its bundle.`)
    pieces.push({ firstIndex: start, count, bytes })
  }
  if (size < first + BUNDLE_ENTRIES) return { size, pieces }
  if (pieces.length > 1) throw surplus(pieces[1]!.firstIndex)
  return { size, pieces: [] }
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

function surplus(index: number): StoreError {
  return new StoreError(
    'store-corrupt',
    `The row under key ${formatKey(pieceKey(index))} is left over: its bundle is whole and should be one row.`,
  )
}

/** Bytes from LevelDB as a plain byte string of their own memory: Node's Buffer has another `slice`, and may share a pool. */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes)
}
