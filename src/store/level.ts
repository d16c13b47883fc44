import { mkdir } from 'node:fs/promises'
import { Level } from 'level'
import { concatBytes, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { assert } from '../core/failure.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle } from '../core/tile.ts'
import { type DocumentName, type Piece, type Store, StoreError } from './contract.ts'
import { documentKey, FORMAT, FORMAT_KEY, firstIndexOf, pieceKey } from './keys.ts'

type Database = Level<Uint8Array, Uint8Array>
type Operation = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array }

export interface LevelStoreOptions {
  /** Bytes that LevelDB gathers in memory before it writes a table. Small ones keep its pauses short. */
  readonly memtableBytes?: number
  /** Stands around every synced write; tests make it fail before or after. */
  readonly aroundWrite?: (write: () => Promise<void>) => Promise<void>
}

/** Whole bundles kept after they were read: the newest are asked for most. */
const BUNDLES_KEPT = 256

const encoding = { keyEncoding: 'view', valueEncoding: 'view' } as const

/**
 * Opens the store in a directory, which is made (mode 0700) if need be, and checks that the log in it has no gaps.
 *
 * @throws StoreError `store-open`, `store-format`, `store-corrupt`.
 */
export async function openLevelStore(directory: string, options: LevelStoreOptions = {}): Promise<Store> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const db: Database = new Level(directory, {
    ...encoding,
    // Entries are hashes, keys and small numbers: compression gains a few per cent and costs a third of the write speed.
    compression: false,
    writeBufferSize: options.memtableBytes ?? 8 * 1024 * 1024,
  })
  try {
    await db.open()
  } catch (error) {
    throw openError(directory, error)
  }
  try {
    await checkFormat(db, directory)
    const tail = await readTail(db)
    return new LevelStore(db, tail, options.aroundWrite ?? (write => write()))
  } catch (error) {
    await db.close()
    throw error
  }
}

function openError(directory: string, error: unknown): StoreError {
  const cause = error instanceof Error ? error.cause : undefined
  const detail = cause instanceof Error ? cause.message : String(error)
  const isLocked = (cause as { code?: string } | undefined)?.code === 'LEVEL_LOCKED'
  return new StoreError(
    'store-open',
    isLocked
      ? `The store in ${directory} is in use by another process. Stop that one, or choose another --data directory.`
      : `The store in ${directory} cannot be opened: ${detail}`,
    { cause: error },
  )
}

async function checkFormat(db: Database, directory: string): Promise<void> {
  const format = await db.get(FORMAT_KEY)
  if (format === undefined) {
    if ((await db.keys({ limit: 1 }).all()).length > 0)
      throw new StoreError('store-open', `${directory} holds a LevelDB that is not a store of this ledger.`)
    await db.put(FORMAT_KEY, utf8Encode(FORMAT), { sync: true })
  } else if (utf8Decode(format) !== FORMAT)
    throw new StoreError(
      'store-format',
      `The store in ${directory} has layout ${utf8Decode(format)}, this version reads ${FORMAT}. Use the version that made it.`,
    )
}

/** The pieces of the last bundle, which may be incomplete, and the size of the log. Reads all keys, no other values. */
async function readTail(db: Database): Promise<{ pieces: Uint8Array[]; size: number }> {
  let bundle = 0
  let firsts: number[] = []
  for await (const key of db.keys({ gte: pieceKey(0), lt: Uint8Array.of(0x66) })) {
    const first = firstIndexOf(key)
    if (Math.floor(first / BUNDLE_ENTRIES) !== bundle) {
      // A bundle that others follow is whole: one row, at its first index.
      if (first !== (bundle + 1) * BUNDLE_ENTRIES || firsts.length !== 1 || firsts[0] !== bundle * BUNDLE_ENTRIES)
        throw new StoreError('store-corrupt', `Entries are missing from the store before entry ${first}.`)
      bundle++
      firsts = []
    }
    firsts.push(first)
  }
  const pieces: Uint8Array[] = []
  let size = bundle * BUNDLE_ENTRIES
  for (const first of firsts) {
    if (first !== size)
      throw new StoreError('store-corrupt', `Entries ${size} to ${first - 1} are missing from the store.`)
    const bytes = (await db.get(pieceKey(first)))!
    pieces.push(bytes)
    size += entriesOf(bytes, bundle).length
  }
  return { pieces, size }
}

function entriesOf(bytes: Uint8Array, bundle: number): Uint8Array[] {
  try {
    return decodeEntryBundle(bytes)
  } catch (error) {
    throw new StoreError('store-corrupt', `Bundle ${bundle} of the store is damaged: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

class LevelStore implements Store {
  readonly #db: Database
  readonly #aroundWrite: (write: () => Promise<void>) => Promise<void>
  readonly #bundles = new Map<number, Uint8Array>()
  /** Pieces of the last bundle if that is incomplete, in order. */
  #tail: Uint8Array[]
  #tailFirsts: number[] = []
  #size: number
  #isWriting = false
  #poison: StoreError | undefined

  constructor(
    db: Database,
    tail: { pieces: Uint8Array[]; size: number },
    aroundWrite: (write: () => Promise<void>) => Promise<void>,
  ) {
    this.#db = db
    this.#size = tail.size
    this.#aroundWrite = aroundWrite
    this.#tail = []
    let first = tail.size - (tail.size % BUNDLE_ENTRIES)
    if (tail.size % BUNDLE_ENTRIES === 0) return
    for (const piece of tail.pieces) {
      this.#tail.push(piece)
      this.#tailFirsts.push(first)
      first += decodeEntryBundle(piece).length
    }
  }

  get size(): number {
    return this.#size
  }

  async append(pieces: readonly Piece[]): Promise<void> {
    if (this.#poison !== undefined) throw this.#poison
    assert(!this.#isWriting, 'one append at a time')
    const operations: Operation[] = []
    let [tail, firsts, size] = [[...this.#tail], [...this.#tailFirsts], this.#size]
    for (const { firstIndex, count, bytes } of pieces) {
      const room = BUNDLE_ENTRIES - (size % BUNDLE_ENTRIES)
      assert(firstIndex === size && count > 0 && count <= room, `a piece of ${count} at ${firstIndex} follows ${size}`)
      size += count
      if (count < room) {
        operations.push({ type: 'put', key: pieceKey(firstIndex), value: bytes })
        tail.push(bytes)
        firsts.push(firstIndex)
        continue
      }
      // The bundle is whole now: one row takes the place of its pieces.
      const whole = tail.length === 0 ? bytes : concatBytes(...tail, bytes)
      for (const first of firsts) operations.push({ type: 'del', key: pieceKey(first) })
      operations.push({ type: 'put', key: pieceKey(size - BUNDLE_ENTRIES), value: whole })
      tail = []
      firsts = []
    }
    await this.#write(operations)
    this.#tail = tail
    this.#tailFirsts = firsts
    this.#size = size
  }

  async readBundle(n: number): Promise<Uint8Array> {
    const first = n * BUNDLE_ENTRIES
    if (n < 0 || first >= this.#size)
      throw new StoreError('store-range', `There is no bundle ${n}: the log has ${this.#size} entries.`)
    if (first + BUNDLE_ENTRIES > this.#size) return concatBytes(...this.#tail)
    const kept = this.#bundles.get(n)
    if (kept !== undefined) return kept
    const bytes = await this.#db.get(pieceKey(first))
    if (bytes === undefined || entriesOf(bytes, n).length !== BUNDLE_ENTRIES)
      throw new StoreError('store-corrupt', `Bundle ${n} of the store is missing or cut off.`)
    this.#bundles.set(n, bytes)
    if (this.#bundles.size > BUNDLES_KEPT) for (const oldest of this.#bundles.keys()) return this.#forget(oldest, bytes)
    return bytes
  }

  #forget(bundle: number, bytes: Uint8Array): Uint8Array {
    this.#bundles.delete(bundle)
    return bytes
  }

  async readEntry(index: number): Promise<Uint8Array> {
    if (!(index >= 0 && index < this.#size))
      throw new StoreError('store-range', `There is no entry ${index}: the log has ${this.#size} entries.`)
    const bundle = await this.readBundle(Math.floor(index / BUNDLE_ENTRIES))
    let at = 0
    for (let i = index % BUNDLE_ENTRIES; i > 0; i--) at += 2 + bundle[at]! * 256 + bundle[at + 1]!
    return bundle.slice(at + 2, at + 2 + bundle[at]! * 256 + bundle[at + 1]!)
  }

  async readDocument(name: DocumentName): Promise<Uint8Array | undefined> {
    return this.#db.get(documentKey(name))
  }

  async writeDocument(name: DocumentName, bytes: Uint8Array): Promise<void> {
    if (this.#poison !== undefined) throw this.#poison
    await this.#db.put(documentKey(name), bytes, { sync: true })
  }

  async close(): Promise<void> {
    await this.#db.close()
  }

  async #write(operations: Operation[]): Promise<void> {
    this.#isWriting = true
    try {
      await this.#aroundWrite(() => this.#db.batch(operations, { ...encoding, sync: true }))
    } catch (error) {
      this.#poison = new StoreError('store-write', `Writing to the store failed: ${(error as Error).message}`, {
        cause: error,
      })
      throw this.#poison
    } finally {
      this.#isWriting = false
    }
  }
}
