import { concatBytes } from '../core/bytes.ts'
import { assert } from '../core/failure.ts'
import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import { type KeyChange, planAppend } from './append.ts'
import { BundleCache } from './cache.ts'
import { type Database, plain, type Tail, wholeValue } from './check.ts'
import {
  type Bundle,
  type DocumentName,
  type Piece,
  type Row,
  type RowChanges,
  type Store,
  StoreError,
} from './contract.ts'
import type { Documents } from './documents.ts'
import {
  bundleKey,
  type DatabaseName,
  DETAILS_FROM,
  DETAILS_TO,
  databaseOf,
  detailsKey,
  firstIndexOf,
  formatKey,
  rowKey,
} from './keys.ts'
import type { Compacting } from './leveldb/mend.ts'
import { type RowIterator, readAhead, SCAN_READ_BYTES } from './read-ahead.ts'
import { withSum } from './sum.ts'
import { countEntries, entryAt } from './wire.ts'

/** The open databases of a store. */
export type Databases = Readonly<Record<DatabaseName | 'lock', Database>>

/** Does the write that it is given, once. */
export type WriteSeam = (write: () => Promise<void>) => Promise<void>

/**
 * Bytes of a database that are left without a sync at most: anyone who syncs next waits for them too, a millisecond for
 * a megabyte.
 */
const UNSYNCED_MAX = 2 * 1024 * 1024

/** Bundles read together: some 6 MB. */
const BUNDLES_AT_ONCE = 128

/**
 * A store in three databases of LevelDB (`keys.ts`). The bundle that is not whole is kept in memory too: it is read
 * from there, so that no read ever meets the moment in which its rows are replaced, and made whole from there without
 * reading first.
 */
export class LevelStore implements Store {
  readonly #databases: Databases
  readonly #log: Database
  readonly #aroundWrite: WriteSeam
  readonly #cache: BundleCache
  readonly #documents: Documents
  /** The durable end of the log. Replaced, never changed: who holds one has a consistent view. */
  #tail: Tail
  /** Whole bundles that are being read. */
  readonly #reading = new Map<number, Promise<Uint8Array>>()
  #isAppending = false
  /** Bytes written to each database since its last sync was begun. */
  readonly #unsynced = { beside: 0, index: 0 }
  #failed: StoreError | undefined
  #closing: Promise<void> | undefined

  constructor(databases: Databases, tail: Tail, documents: Documents, cacheBytes: number, aroundWrite: WriteSeam) {
    this.#databases = databases
    this.#log = databases.log
    this.#tail = tail
    this.#documents = documents
    this.#cache = new BundleCache(cacheBytes)
    this.#aroundWrite = aroundWrite
  }

  get size(): number {
    return this.#tail.size
  }

  get next(): number {
    return this.#tail.next
  }

  async append(pieces: readonly Piece[], next = this.#tail.next): Promise<void> {
    this.#mayWrite()
    assert(!this.#isAppending, 'one append at a time')
    const { tail, operations } = planAppend(this.#tail, pieces, next)
    if (operations.length === 0) return
    this.#isAppending = true
    try {
      await this.#guardWrite(() => this.#log.batch(operations, { sync: true }))
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
      const values = await this.#read('bundles', () => this.#log.getMany(some.map(bundleKey)))
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
    return this.#documents.get(name)
  }

  async writeDocument(name: DocumentName, bytes: Uint8Array): Promise<void> {
    this.#mayWrite()
    const { row, written } = this.#documents.next(name, bytes)
    await this.#write('beside', [{ type: 'put', ...row }])
    written()
  }

  async readDetails(commitment: Uint8Array): Promise<Uint8Array | undefined> {
    this.#mayRead()
    const key = detailsKey(commitment)
    const stored = await this.#read('details', () => this.#databases.beside.get(key, { fillCache: false }))
    return stored && wholeValue(key, stored)
  }

  commitments(): AsyncIterable<Uint8Array> {
    this.#mayRead()
    return this.#commitments(this.#databases.beside.iterator({ gte: DETAILS_FROM, lt: DETAILS_TO, values: false }))
  }

  async writeDetails(commitment: Uint8Array, bytes: Uint8Array): Promise<void> {
    this.#mayWrite()
    const key = detailsKey(commitment)
    await this.#write('beside', [{ type: 'put', key, value: withSum(key, bytes) }])
  }

  async eraseDetails(commitment: Uint8Array): Promise<void> {
    this.#mayWrite()
    const key = detailsKey(commitment)
    // The old row stands in a file below its deletion until the two are merged. The first round brings whatever there
    // is of the key into one file, which LevelDB leaves as it is where nothing lies above it; the second lies above it.
    for (let round = 0; round < 2; round++) {
      await this.#write('beside', [{ type: 'del', key }])
      await (this.#databases.beside as unknown as Compacting).compactRange(key, key)
    }
  }

  async writeRows({ puts = [], deletes = [] }: RowChanges, { sync }: { readonly sync: boolean }): Promise<void> {
    this.#mayWrite()
    const keys = [...deletes, ...puts.map(({ key }) => key)]
    if (keys.length === 0) return
    const operations: KeyChange[] = deletes.map(key => ({ type: 'del', key: rowKey(key) }))
    for (const { key, value } of puts) operations.push({ type: 'put', key: rowKey(key), value })
    await this.#write(databaseOf(keys), operations, sync)
  }

  async readRow(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#mayRead()
    const [bytes] = await this.readMany([key])
    return bytes
  }

  async readMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    this.#mayRead()
    if (keys.length === 0) return []
    const name = databaseOf(keys)
    const db = this.#databases[name]
    try {
      const values = await this.#read('rows', () => db.getMany(keys.map(rowKey), { fillCache: false }))
      return values.map(bytes => bytes && plain(bytes))
    } catch (error) {
      // Where LevelDB cannot make a block out, its rows are as good as gone: anyone who made them makes them again.
      if (name === 'index' && error instanceof StoreError && error.code === 'store-corrupt')
        return keys.map(() => undefined)
      throw error
    }
  }

  readRows(from: Uint8Array, to: Uint8Array): AsyncIterable<Row> {
    this.#mayRead()
    // LevelDB takes its snapshot now.
    return this.#rows(this.#databases[databaseOf([from])].iterator(rowRange(from, to)))
  }

  async deleteRows(from: Uint8Array, to: Uint8Array): Promise<void> {
    this.#mayWrite()
    await this.#guardWrite(() => this.#databases[databaseOf([from])].clear(rowRange(from, to)))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.all(Object.values(this.#databases).map(db => db.close()))
  }

  async *#scan(fromBundle: number, { size, pieces }: Tail): AsyncGenerator<Bundle, void, void> {
    const end = Math.floor(size / BUNDLE_ENTRIES)
    let next = fromBundle
    if (next < end) {
      // What lies below `end` is one row a bundle and never written again, so an append meanwhile changes nothing here.
      const rows = this.#log.iterator({
        gte: bundleKey(next),
        lt: bundleKey(end),
        fillCache: false,
        highWaterMarkBytes: SCAN_READ_BYTES,
      })
      for await (const [key, value] of readAhead(rows, read => this.#read('the log', read)))
        yield { index: next, bytes: wholeRow(next++, key, value) }
      if (next !== end) throw missing(next)
    }
    if (next === end && pieces.length > 0) yield { index: end, bytes: concatBytes(...pieces.map(piece => piece.bytes)) }
  }

  async *#commitments(rows: RowIterator): AsyncGenerator<Uint8Array, void, void> {
    for await (const [key] of readAhead(rows, read => this.#read('details', read)))
      yield Uint8Array.from(key.subarray(1))
  }

  async *#rows(rows: RowIterator): AsyncGenerator<Row, void, void> {
    for await (const [key, value] of readAhead(rows, read => this.#read('rows', read)))
      yield { key: Uint8Array.from(key.subarray(1)), value: plain(value) }
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
    return this.#keep(n, key, await this.#read(`key ${formatKey(key)}`, () => this.#log.get(key)))
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

  #write(to: 'beside' | 'index', operations: KeyChange[], sync = true): Promise<void> {
    for (const one of operations) this.#unsynced[to] += one.key.length + (one.type === 'put' ? one.value.length : 0)
    const isSynced = sync || this.#unsynced[to] >= UNSYNCED_MAX
    if (isSynced) this.#unsynced[to] = 0
    return this.#guardWrite(() => this.#databases[to].batch(operations, { sync: isSynced }))
  }

  async #guardWrite(write: () => Promise<void>): Promise<void> {
    // COMMIT POINT. A crash before the write returns leaves all of it or nothing. After it, all of it is on disk, and
    // only the memory of this process does not know yet. (Without `sync`: on disk once anything later of that database
    // is.)
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

/** The bytes of the row that should be that of whole bundle `n`. @throws StoreError `store-corrupt`. */
function wholeRow(n: number, key: Uint8Array, value: Uint8Array): Uint8Array {
  if (firstIndexOf(key) !== n * BUNDLE_ENTRIES) throw missing(n)
  const bytes = wholeValue(key, value)
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
