import { CodedError } from '../core/failure.ts'

/**
 * Consecutive entries of the log that all lie in one bundle, in the wire format of c2sp.org/tlog-tiles, "Log entries".
 * Bundle `n` holds the entries `256 n … 256 n + 255`.
 */
export interface Piece {
  /** Log index of the first. */
  readonly firstIndex: number
  /** How many, 1 to 256. */
  readonly count: number
  /** Each entry after its length in two bytes, big-endian. */
  readonly bytes: Uint8Array
}

/** An entry bundle in wire format: 256 entries, or less if it is the last of the log. */
export interface Bundle {
  /** Bundle number. */
  readonly index: number
  readonly bytes: Uint8Array
}

/** The small things that are kept beside the entries. */
export type DocumentName = 'checkpoint'

/** A row of what was made from the log. The first byte of its key says whose it is: see `keys.ts`. */
export interface Row {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** What changes in the rows: all of it or nothing. */
export interface RowChanges {
  readonly puts?: readonly Row[]
  readonly deletes?: readonly Uint8Array[]
}

/** The entries of a log: appended, never changed. */
export interface EntryStore {
  /** How many entries are durable. */
  readonly size: number

  /** The position that the last `append` came with: of the first command that is not in the log. 0 at first. */
  readonly next: number

  /**
   * Appends pieces that continue where the log ends, all or nothing. One call at a time.
   *
   * Where the order of commands was followed to goes with them, so that a start that goes on there misses none and
   * repeats none.
   *
   * A crash before it resolves leaves all of it or nothing, and which is known only when the store is opened again; a
   * crash right after it resolves leaves all of it. `size` grows when it resolves.
   *
   * @param next - by default as before.
   * @throws StoreError `store-write`: whether it is durable is unknown. Every later write is refused with it too, as it
   *   might stand after a gap: open the store again to find out. Reads go on, of what was durable before.
   */
  append(pieces: readonly Piece[], next?: number): Promise<void>

  /**
   * The entries of bundle `n` that are durable: 256, but for the last bundle. Always those of one moment, also while
   * the log grows. Any number of calls at once.
   *
   * @throws StoreError `store-range` past the end, `store-corrupt`, `store-read`.
   */
  readBundle(n: number): Promise<Uint8Array>

  /** As `readBundle`, without a copy: others have the same bytes, so nobody changes them. */
  viewBundle(n: number): Promise<Uint8Array>

  /** The entry at a log index. @throws StoreError `store-range`, `store-corrupt`, `store-read`. */
  readEntry(index: number): Promise<Uint8Array>

  /**
   * The entries at some log indexes, in the order asked for. 128 bundles are one read: to read one by itself costs the
   * thread that calls 35 µs before it is under way.
   *
   * @throws StoreError as `readEntry`.
   */
  readEntries(indexes: readonly number[]): Promise<Uint8Array[]>

  /**
   * The bundles from number `fromBundle` to the end of the log, in order, as durable when it was called; none when the
   * log ends before it. Reads ahead, in large reads that leave the caches alone.
   *
   * @throws StoreError `store-corrupt`, naming the key, where a bundle is missing or damaged; `store-read`.
   */
  scan(fromBundle: number): AsyncIterable<Bundle>
}

/** The documents: each is replaced whole. */
export interface DocumentStore {
  /**
   * A document as last written, or as written before that where it is damaged; or undefined. @throws StoreError
   * `store-corrupt`.
   */
  readDocument(name: DocumentName): Promise<Uint8Array | undefined>

  /**
   * Replaces a document, durably. A crash before it resolves leaves the old one or the new one, never a mixture.
   *
   * @throws StoreError `store-write`, as `append` does and with the same end.
   */
  writeDocument(name: DocumentName, bytes: Uint8Array): Promise<void>
}

/** The details under the commitments of entries, until they are erased. */
export interface DetailsStore {
  /** What was kept under a commitment, or undefined. @throws StoreError `store-corrupt`, `store-read`. */
  readDetails(commitment: Uint8Array): Promise<Uint8Array | undefined>

  /**
   * The commitments under which something is kept, in the order of their bytes, as of now. @throws StoreError
   * `store-corrupt`, `store-read`.
   */
  commitments(): AsyncIterable<Uint8Array>

  /**
   * Keeps bytes under a commitment of 32 bytes, durably, in place of any before.
   *
   * @throws StoreError `store-write`, as `append` does and with the same end.
   */
  writeDetails(commitment: Uint8Array, bytes: Uint8Array): Promise<void>

  /**
   * Erases what is kept under a commitment, durably, and has its files rewritten, so that its bytes are in none of
   * them.
   *
   * @throws StoreError `store-write`, as `append` does and with the same end.
   */
  eraseDetails(commitment: Uint8Array): Promise<void>
}

/**
 * Rows that were made from the log and would take long to make again. They are never the truth: anyone who writes them
 * marks them with the log size that they stand for, checks what he reads, and makes it again from the entries where it
 * does not hold.
 */
export interface RowStore {
  /**
   * Changes rows of one maker, all or nothing. Any number of calls at once, also beside an `append`; those for one
   * maker take effect in the order of the calls.
   *
   * Without `sync` a crash of the machine may take it back, together with every later write for the same maker that was
   * not synced either; a later synced one makes it durable. With it, it is durable when it resolves.
   *
   * @throws StoreError `store-write`, as `append` does and with the same end.
   */
  writeRows(changes: RowChanges, options: { readonly sync: boolean }): Promise<void>

  /** The value of a row, or undefined. @throws StoreError `store-corrupt`, `store-read`. */
  readRow(key: Uint8Array): Promise<Uint8Array | undefined>

  /**
   * The values of some rows as of one moment, in the order of the keys, undefined where there is none. One read for
   * all: some 6 µs a row that the system has in memory, and nothing of the thread that calls.
   *
   * @throws StoreError `store-corrupt`, `store-read`.
   */
  readMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]>

  /**
   * The rows whose keys are at least `from` and below `to`, byte by byte, in the order of their keys, as they were when
   * it was called. Reads ahead, in large reads that leave the caches alone.
   *
   * @throws StoreError `store-corrupt`, `store-read`.
   */
  readRows(from: Uint8Array, to: Uint8Array): AsyncIterable<Row>

  /**
   * Deletes the rows from `from` to below `to`. Not all or nothing, and not synced: a crash may leave any of them.
   *
   * @throws StoreError `store-write`, as `append` does and with the same end.
   */
  deleteRows(from: Uint8Array, to: Uint8Array): Promise<void>
}

/**
 * All that a ledger has on its disk: entries, documents, details and rows. A part of the ledger that needs one of the
 * four is handed that contract.
 *
 * Durable means: handed to the disk with a sync that returned. A disk that lies about its syncs is not caught here.
 *
 * The store trusts the directory. Anyone who can write to it can replace the ledger's memory of itself, entries and
 * documents alike; what others hold catches it: promises, checkpoints, cards and witnesses. The store finds what
 * accidents do. Entries, documents and details have sums, without which nothing of them is given out; gaps, cut rows
 * and what is damaged of the database's own files are found when it is opened, before any of these is written to. What
 * can be mended without a loss is mended; an index that is damaged is begun again. A last part of the log that vanished
 * whole, LevelDB's log file and all, is found by comparing `size` with the last checkpoint.
 *
 * All bytes that go in are copied before a call returns its promise, and all that come out are the caller's own.
 */
export interface Store extends EntryStore, DocumentStore, DetailsStore, RowStore {
  /**
   * Waits for what is under way, then lets go of the directory. May be called twice. All calls after it throw
   * `store-closed`.
   */
  close(): Promise<void>
}

/**
 * The store cannot do what was asked. Codes:
 *
 * - `store-open`: the directory cannot be made, read, or is not a store.
 * - `store-locked`: another process has it open.
 * - `store-format`: made by another version.
 * - `store-corrupt`: what is there is damaged. Nothing of it was dropped or changed; the message names file or key.
 * - `store-write`: a write failed; what is durable is unknown. Fatal.
 * - `store-read`: the disk did not answer.
 * - `store-range`: past the end of the log.
 * - `store-closed`: used after `close`.
 */
export class StoreError extends CodedError {
  override readonly name = 'StoreError'
}
