import { concatBytes } from '../core/bytes.ts'
import { assert } from '../core/failure.ts'
import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import type { DocumentName } from './contract.ts'

/**
 * The databases of a store, each in a folder of its name, in the order in which they are made. What is written
 * differently is kept apart, as LevelDB merges what stands together: a table of entries, which only come after each
 * other, is moved down as it is and never written again; and anyone who reads an entry, or where one stands, does not
 * wait while LevelDB, which lets nobody in meanwhile, deletes the tables that it merged of a snapshot.
 */
export const DATABASES = ['beside', 'index', 'log'] as const

export type DatabaseName = (typeof DATABASES)[number]

/**
 * The folder that is locked while a store is open, a LevelDB too, as nothing else is locked until its process ends. It
 * holds nothing.
 */
export const LOCK_FOLDER = 'lock'

/**
 * The layout. Keys are byte strings and sort as bytes, so pieces stand in the order of the log:
 *
 * ```
 * log     'z' u64be(firstIndex)  a piece of the log
 *         'dnext'                position of the first command that is not in the log: u64be
 * index   'm' key                a row of what was made from the log, under its maker's key, which begins with 'i'
 * beside  'm' key                such a row with another key
 *         'd' name '0' or '1'    a document, which is written to the one and the other by turns: u64be(turn), its bytes
 *         'x' commitment         the details under a commitment of 32 bytes, until erased
 * each    'dformat'              the version of this layout, in decimal
 * ```
 *
 * After every value but those of rows stands a sum of it (`sum.ts`), as LevelDB does not check its own when it reads;
 * anyone who makes rows has sums of his own in them. A value that does not have its sum is damaged, and is never given
 * out.
 *
 * A whole bundle is one row, at its first index. Of the last bundle, while it is not whole, there are as many rows as
 * appends added to it: an append writes what it brings and rewrites nothing. The batch that makes the bundle whole
 * replaces them by the one row, so no crash shows both or neither.
 *
 * Rows made from the log can be deleted at any time, all of them or those of one maker. The first byte of their own
 * keys says whose they are: 'i' where things stand in the log, 's' the state of the ledger.
 */
export const FORMAT = 5

/** A layout that is this one but for a row that is not there, and is taken for this one. */
export const FORMAT_BEFORE = 4

export const FORMAT_KEY: Uint8Array = keyOf('dformat')

/** Under it, in the database of the log, stands how far the order of commands was followed. */
export const NEXT_KEY: Uint8Array = keyOf('dnext')

/** All documents there are; the type of the names is checked against it. */
export const DOCUMENTS: Readonly<Record<DocumentName, true>> = { checkpoint: true }

const I = 0x69
const M = 0x6d
const X = 0x78
const Z = 0x7a

function keyOf(ascii: string): Uint8Array {
  return Uint8Array.from(ascii, c => c.charCodeAt(0))
}

/** The key of a document in its turn, 0 or 1. */
export function documentKey(name: DocumentName, turn: number): Uint8Array {
  return keyOf(`d${name}${turn}`)
}

/** The key of the details under a commitment of 32 bytes. */
export function detailsKey(commitment: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(X), commitment)
}

/** Before the first key of the details under a commitment, and after the last. */
export const DETAILS_FROM: Uint8Array = Uint8Array.of(X)
export const DETAILS_TO: Uint8Array = Uint8Array.of(X + 1)

/** The key of a row of what was made from the log. */
export function rowKey(key: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(M), key)
}

/** The key of the piece that begins at a log index. */
export function pieceKey(firstIndex: number): Uint8Array {
  const key = new Uint8Array(9)
  const view = new DataView(key.buffer)
  key[0] = Z
  view.setUint32(1, Math.floor(firstIndex / 2 ** 32))
  view.setUint32(5, firstIndex % 2 ** 32)
  return key
}

/** The key of the row of a whole bundle. */
export function bundleKey(bundle: number): Uint8Array {
  return pieceKey(bundle * BUNDLE_ENTRIES)
}

/** The log index under a piece's key, or undefined for another key. */
export function firstIndexOf(key: Uint8Array): number | undefined {
  if (key[0] !== Z || key.length !== 9) return undefined
  const view = new DataView(key.buffer, key.byteOffset)
  const index = view.getUint32(1) * 2 ** 32 + view.getUint32(5)
  return Number.isSafeInteger(index) ? index : undefined
}

/** Whether a key is of something that this layout keeps in a database. */
export function belongs(key: Uint8Array, name: DatabaseName): boolean {
  const text = formatKey(key)
  if (text === 'dformat') return true
  if (name === 'log') return text === 'dnext' || firstIndexOf(key) !== undefined
  if (key[0] === M) return databaseOf([key.subarray(1)]) === name
  if (name !== 'beside') return false
  return (
    (key[0] === X && key.length === 33) || (/^d[a-z]+[01]$/.test(text) && Object.hasOwn(DOCUMENTS, text.slice(1, -1)))
  )
}

/**
 * The database of rows that were made from the log, by the keys that their maker gave them: at least one, all of a
 * kind.
 */
export function databaseOf(keys: readonly Uint8Array[]): 'index' | 'beside' {
  const isIndex = keys[0]![0] === I
  assert(
    keys.every(key => (key[0] === I) === isIndex),
    'rows of one maker',
  )
  return isIndex ? 'index' : 'beside'
}

/**
 * A key as people read it: documents by name, pieces as `z` and the log index, anything else in hex, cut off at 32
 * bytes.
 */
export function formatKey(key: Uint8Array): string {
  if (key.length > 0 && key.length <= 32 && key.every(byte => byte > 0x20 && byte < 0x7f))
    return String.fromCharCode(...key)
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
  if (key[0] === Z && key.length === 9) return `z/${view.getBigUint64(1)}`
  return `0x${Array.from(key.subarray(0, 32), byte => byte.toString(16).padStart(2, '0')).join('')}`
}
