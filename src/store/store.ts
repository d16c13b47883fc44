import type { Iterator } from 'level'
import { concatBytes } from '../core/bytes.ts'
import { assert } from '../core/failure.ts'
import { BUNDLE_ENTRIES } from '../core/tile.ts'
import { BundleCache } from './cache.ts'
import { type Database, plain, type Tail } from './check.ts'
import {
  type Bundle,
  type DocumentName,
  type Piece,
  type Row,
  type RowChanges,
  type Store,
  StoreError,
} from './contract.ts'
import { bundleKey, detailsKey, documentKey, firstIndexOf, formatKey, pieceKey, rowKey } from './keys.ts'
import { countEntries, entryAt, walkEntries } from './wire.ts'

type Operation = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array }

/** What LevelDB can do and the types of `level`, which knows other stores too, do not say. */
interface Compacting {
  compactRange(start: Uint8Array, end: Uint8Array): Promise<void>
}

type Rows = Iterator<Database, Uint8Array, Uint8Array>

/** Does the write that it is given, once. */
export type WriteSeam = (write: () => Promise<void>) => Promise<void>

/** Bytes that one read of `scan` fetches: some forty bundles of common entries. */
const SCAN_READ_BYTES = 1024 * 1024
const SCAN_READ_ROWS = 256

/**
 * Bytes that are left without a sync at most: whoever syncs next waits for them too, a millisecond for a megabyte. Where
 * entries are written all the time it is never reached, so that rows are put no slower.
 */
const UNSYNCED_MAX = 2 * 1024 * 1024

/** Bundles read together: some 6 MB. */
const BUNDLES_AT_ONCE = 128

/**
 * The log in an open LevelDB. The bundle that is not whole is kept in memory too: it is read from there, so that no read
 * ever meets the moment in which its rows are replaced, and made whole from there without reading first.
 */
export class LevelStore implements Store {
  readonly #db: Database
  readonly #aroundWrite: WriteSeam
  readonly #cache: BundleCache
  /** The durable end of the log. Replaced, never changed: who holds one has a consistent view. */
  #tail: Tail
  /** Whole bundles that are being read. */
  readonly #reading = new Map<number, Promise<Uint8Array>>()
  #isAppending = false
  /** Bytes written since the last sync was begun. */
  #unsynced = 0
  #isHeld = false
  #failed: StoreError | undefined
  #closing: Promise<void> | undefined

  constructor(db: Database, tail: Tail, cacheBytes: number, aroundWrite: WriteSeam) {
    this.#db = db
    this.#tail = tail
    this.#cache = new BundleCache(cacheBytes)
    this.#aroundWrite = aroundWrite
  }

  get size(): number {
    return this.#tail.size
  }

  async append(pieces: readonly Piece[], documents?: ReadonlyMap<DocumentName, Uint8Array>): Promise<void> {
    this.#mayWrite()
    assert(!this.#isAppending, 'one append at a time')
    const operations: Operation[] = []
    for (const [name, value] of documents ?? []) operations.push({ type: 'put', key: documentKey(name), value })
    const tail = planAppend(this.#tail, pieces, operations)
    if (operations.length === 0) return
    this.#isAppending = true
    try {
      await this.#write(operations)
      this.#tail = tail
    } finally {
      this.#isAppending = false
    }
  }

  async readBundle(n: number): Promise<Uint8Array> {
    return (await this.viewBundle(n)).slice()
  }

  async viewBundle(n: number): Promise<Uint8Array> {
    this.#mayRead()
    const { size, pieces } = this.#tail
    if (!(Number.isSafeInteger(n) && n >= 0 && n * BUNDLE_ENTRIES < size))
      throw new StoreError('store-range', `There is no bundle ${n}: the log has ${size} entries.`)
    if ((n + 1) * BUNDLE_ENTRIES > size) return concatBytes(...pieces.map(piece => piece.bytes))
    return this.#wholeBundle(n)
  }

  async readEntry(index: number): Promise<Uint8Array> {
    const now = this.#entryNow(index)
    if (now !== undefined) return now
    const bundle = await this.#wholeBundle(Math.floor(index / BUNDLE_ENTRIES))
    return entryAt(bundle, index % BUNDLE_ENTRIES).slice()
  }

  async readEntries(indexes: readonly number[]): Promise<Uint8Array[]> {
    // What is there is taken before anything is read, which may cost it its place.
    const entries = indexes.map(index => this.#entryNow(index))
    const wanted = new Map<number, number[]>()
    for (const [i, index] of indexes.entries())
      if (entries[i] === undefined) {
        const n = Math.floor(index / BUNDLE_ENTRIES)
        const places = wanted.get(n)
        if (places === undefined) wanted.set(n, [i])
        else places.push(i)
      }
    const bundles = [...wanted.keys()]
    for (let from = 0; from < bundles.length; from += BUNDLES_AT_ONCE) {
      const some = bundles.slice(from, from + BUNDLES_AT_ONCE)
      const values = await this.#read('bundles', () => this.#db.getMany(some.map(bundleKey)))
      for (const [i, n] of some.entries()) {
        const bundle = this.#keep(n, bundleKey(n), values[i])
        for (const place of wanted.get(n)!) entries[place] = entryAt(bundle, indexes[place]! % BUNDLE_ENTRIES).slice()
      }
    }
    return entries as Uint8Array[]
  }

  /** An entry of the bundle that is not whole, or of one in the cache; a copy. */
  #entryNow(index: number): Uint8Array | undefined {
    this.#mayRead()
    const { size, pieces } = this.#tail
    if (!(Number.isSafeInteger(index) && index >= 0 && index < size))
      throw new StoreError('store-range', `There is no entry ${index}: the log has ${size} entries.`)
    const piece = pieces.findLast(({ firstIndex }) => firstIndex <= index)
    if (piece !== undefined) return entryAt(piece.bytes, index - piece.firstIndex).slice()
    const bundle = this.#cache.get(Math.floor(index / BUNDLE_ENTRIES))
    return bundle && entryAt(bundle, index % BUNDLE_ENTRIES).slice()
  }

  scan(fromBundle: number): AsyncIterable<Bundle> {
    assert(Number.isSafeInteger(fromBundle) && fromBundle >= 0, `scan from bundle ${fromBundle}`)
    this.#mayRead()
    // Taken now, not when the first bundle is asked for.
    return this.#scan(fromBundle, this.#tail)
  }

  async readDocument(name: DocumentName): Promise<Uint8Array | undefined> {
    this.#mayRead()
    const bytes = await this.#read(`document ${name}`, () => this.#db.get(documentKey(name)))
    return bytes && plain(bytes)
  }

  async writeDocument(name: DocumentName, bytes: Uint8Array): Promise<void> {
    this.#mayWrite()
    await this.#write([{ type: 'put', key: documentKey(name), value: bytes }])
  }

  async readDetails(commitment: Uint8Array): Promise<Uint8Array | undefined> {
    this.#mayRead()
    const bytes = await this.#read('details', () => this.#db.get(detailsKey(commitment), { fillCache: false }))
    return bytes && plain(bytes)
  }

  async writeDetails(commitment: Uint8Array, bytes: Uint8Array): Promise<void> {
    this.#mayWrite()
    await this.#write([{ type: 'put', key: detailsKey(commitment), value: bytes }])
  }

  async eraseDetails(commitment: Uint8Array): Promise<void> {
    this.#mayWrite()
    const key = detailsKey(commitment)
    // The old row stands in a file below its deletion until the two are merged. The first round brings whatever there is
    // of the key into one file, which LevelDB leaves as it is where nothing lies above it; the second lies above it.
    for (let round = 0; round < 2; round++) {
      await this.#write([{ type: 'del', key }])
      await (this.#db as unknown as Compacting).compactRange(key, key)
    }
  }

  async turn(): Promise<void> {
    do await new Promise(resolve => setImmediate(resolve))
    while (this.#isHeld)
  }

  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  async writeRows({ puts = [], deletes = [] }: RowChanges, { sync }: { readonly sync: boolean }): Promise<void> {
    this.#mayWrite()
    const operations: Operation[] = deletes.map(key => ({ type: 'del', key: rowKey(key) }))
    for (const { key, value } of puts) operations.push({ type: 'put', key: rowKey(key), value })
    if (operations.length > 0) await this.#write(operations, sync)
  }

  async readRow(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#mayRead()
    const bytes = await this.#read('a row', () => this.#db.get(rowKey(key), { fillCache: false }))
    return bytes && plain(bytes)
  }

  async readMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#mayRead()
    const values = await this.#read('rows', () => this.#db.getMany(keys.map(rowKey), { fillCache: false }))
    return values.map(bytes => bytes && plain(bytes))
  }

  readRows(from: Uint8Array, to: Uint8Array): AsyncIterable<Row> {
    this.#mayRead()
    // LevelDB takes its snapshot now.
    return this.#rows(this.#db.iterator(rowRange(from, to)))
  }

  async deleteRows(from: Uint8Array, to: Uint8Array): Promise<void> {
    this.#mayWrite()
    await this.#guardWrite(() => this.#db.clear(rowRange(from, to)))
  }

  close(): Promise<void> {
    this.#closing ??= this.#db.close()
    return this.#closing
  }

  async *#scan(fromBundle: number, { size, pieces }: Tail): AsyncGenerator<Bundle, void, void> {
    const end = Math.floor(size / BUNDLE_ENTRIES)
    let next = fromBundle
    if (next < end) {
      // What lies below `end` is one row a bundle and never written again, so an append meanwhile changes nothing here.
      const rows = this.#db.iterator({
        gte: bundleKey(next),
        lt: bundleKey(end),
        fillCache: false,
        highWaterMarkBytes: SCAN_READ_BYTES,
      })
      const fetch = () => this.#read('the log', () => rows.nextv(SCAN_READ_ROWS))
      let ahead = fetch()
      try {
        for (let batch = await ahead; batch.length > 0; batch = await ahead) {
          ahead = fetch()
          for (const [key, value] of batch) yield { index: next, bytes: wholeRow(next++, key, value) }
        }
      } finally {
        await ahead.catch(() => {})
        await rows.close()
      }
      if (next !== end) throw missing(next)
    }
    if (next === end && pieces.length > 0) yield { index: end, bytes: concatBytes(...pieces.map(piece => piece.bytes)) }
  }

  async *#rows(rows: Rows): AsyncGenerator<Row, void, void> {
    const fetch = () => this.#read('rows', () => rows.nextv(SCAN_READ_ROWS))
    let ahead = fetch()
    try {
      for (let batch = await ahead; batch.length > 0; batch = await ahead) {
        ahead = fetch()
        for (const [key, value] of batch) yield { key: Uint8Array.from(key.subarray(1)), value: plain(value) }
      }
    } finally {
      await ahead.catch(() => {})
      await rows.close()
    }
  }

  /** A whole bundle, shared with the cache. */
  async #wholeBundle(n: number): Promise<Uint8Array> {
    const kept = this.#cache.get(n)
    if (kept !== undefined) return kept
    // Who fetches a bundle fetches its tile of hashes beside it, which is made from the same row.
    const reading = this.#reading.get(n) ?? this.#readWhole(n).finally(() => this.#reading.delete(n))
    this.#reading.set(n, reading)
    return reading
  }

  async #readWhole(n: number): Promise<Uint8Array> {
    const key = bundleKey(n)
    return this.#keep(n, key, await this.#read(`key ${formatKey(key)}`, () => this.#db.get(key)))
  }

  /** The bundle that was read from under its key, which is in the cache now. @throws StoreError `store-corrupt`. */
  #keep(n: number, key: Uint8Array, value: Uint8Array | undefined): Uint8Array {
    if (value === undefined) throw missing(n)
    const bytes = wholeRow(n, key, value)
    this.#cache.set(n, bytes)
    return bytes
  }

  #mayRead(): void {
    if (this.#closing !== undefined) throw new StoreError('store-closed', 'The store was closed.')
  }

  #mayWrite(): void {
    this.#mayRead()
    if (this.#failed !== undefined)
      throw new StoreError('store-write', `An earlier write failed: ${this.#failed.message}`, { cause: this.#failed })
  }

  async #read<T>(what: string, read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      this.#mayRead()
      const isCorrupt = (error as { code?: unknown }).code === 'LEVEL_CORRUPTION'
      throw new StoreError(
        isCorrupt ? 'store-corrupt' : 'store-read',
        `Reading ${what} from the store failed: ${(error as Error).message}`,
        { cause: error },
      )
    }
  }

  #write(operations: Operation[], sync = true): Promise<void> {
    // COMMIT POINT. A crash before the batch returns leaves all of it or nothing. After it, all of it is on disk, and
    // only the memory of this process does not know yet. (Without `sync`: on disk once anything later is.)
    for (const one of operations) this.#unsynced += one.key.length + (one.type === 'put' ? one.value.length : 0)
    const isSynced = sync || this.#unsynced >= UNSYNCED_MAX
    if (isSynced) this.#unsynced = 0
    return this.#guardWrite(() => this.#db.batch(operations, { sync: isSynced }))
  }

  async #guardWrite(write: () => Promise<void>): Promise<void> {
    try {
      await this.#aroundWrite(write)
    } catch (error) {
      this.#failed ??= new StoreError(
        'store-write',
        `Writing to the store failed, so what of it is durable is unknown: ${(error as Error).message}`,
        { cause: error },
      )
      throw this.#failed
    }
  }
}

/** Rows of what was made from the log, for large reads. */
function rowRange(from: Uint8Array, to: Uint8Array) {
  return { gte: rowKey(from), lt: rowKey(to), fillCache: false, highWaterMarkBytes: SCAN_READ_BYTES }
}

/**
 * The end of the log when `pieces` are appended, and onto `operations` what makes it so. Keeps copies of their bytes, but of
 * whole bundles, which are on their way to LevelDB before anybody else has a turn.
 */
function planAppend(tail: Tail, pieces: readonly Piece[], operations: Operation[]): Tail {
  let size = tail.size
  let open: Piece[] = [...tail.pieces]
  for (const { firstIndex, count, bytes } of pieces) {
    const room = BUNDLE_ENTRIES - (size % BUNDLE_ENTRIES)
    assert(firstIndex === size && count > 0 && count <= room, `a piece of ${count} at ${firstIndex} behind ${size}`)
    const { count: found, end } = walkEntries(bytes)
    assert(found === count && end === bytes.length, `the piece at ${firstIndex} does not hold ${count}`)
    size += count
    if (count < room) {
      const piece: Piece = { firstIndex, count, bytes: bytes.slice() }
      open.push(piece)
      operations.push({ type: 'put', key: pieceKey(firstIndex), value: piece.bytes })
      continue
    }
    // The bundle is whole: one row takes the place of its pieces. The first of them has its key, and is overwritten.
    for (const { firstIndex } of open.slice(1)) operations.push({ type: 'del', key: pieceKey(firstIndex) })
    const value = open.length === 0 ? bytes : concatBytes(...open.map(one => one.bytes), bytes)
    operations.push({ type: 'put', key: bundleKey(size / BUNDLE_ENTRIES - 1), value })
    open = []
  }
  return { size, pieces: open }
}

/** The bytes of the row that should be that of whole bundle `n`. @throws StoreError `store-corrupt`. */
function wholeRow(n: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  if (firstIndexOf(key) !== n * BUNDLE_ENTRIES) throw missing(n)
  const bytes = plain(value)
  const count = countEntries(bytes, key)
  if (count !== BUNDLE_ENTRIES)
    throw new StoreError(
      'store-corrupt',
      `The row under key ${formatKey(key)} has ${count} entries of its bundle's 256.`,
    )
  return bytes
}

function missing(n: number): StoreError {
  return new StoreError(
    'store-corrupt',
    `Bundle ${n}, the row under key ${formatKey(bundleKey(n))}, is missing from the store.`,
  )
}
