import { CodedError } from '../core/failure.ts'

/** Consecutive entries of the log that lie in one bundle, in the wire format of c2sp.org/tlog-tiles entry bundles. */
export interface Piece {
  /** Log index of the first. */
  readonly firstIndex: number
  /** How many. */
  readonly count: number
  /** Each entry behind its length in two bytes, big-endian. */
  readonly bytes: Uint8Array
}

/** The small things that are kept beside the entries. */
export type DocumentName = 'checkpoint'

/**
 * Keeps the entries of a log, and nothing that could be made from them again.
 *
 * Durable means: handed to the disk with a sync that returned. Whoever can write to the directory can replace the
 * ledger's memory of itself, but not what others hold: promises, checkpoints, cards and witnesses catch it.
 */
export interface Store {
  /** How many entries are durable. */
  readonly size: number

  /**
   * Appends pieces that continue where the log ends, all or nothing. A crash before it resolves leaves all of them or none.
   * One call at a time.
   *
   * @throws StoreError `store-write`: whether they are durable is unknown. Every later call is refused with it too: open
   *   the store again to find out.
   */
  append(pieces: readonly Piece[]): Promise<void>

  /** The entries of bundle `n` that are durable, 256 but for the last. @throws StoreError `store-range`, `store-corrupt`. */
  readBundle(n: number): Promise<Uint8Array>

  /** The entry at a log index, a copy. @throws StoreError `store-range`, `store-corrupt`. */
  readEntry(index: number): Promise<Uint8Array>

  /** A document as last written, or undefined. */
  readDocument(name: DocumentName): Promise<Uint8Array | undefined>

  /** Replaces a document. A crash before it resolves leaves the old or the new one. */
  writeDocument(name: DocumentName, bytes: Uint8Array): Promise<void>

  close(): Promise<void>
}

/**
 * The store cannot do what was asked. Codes: `store-open` (not there, in use, or not a store), `store-format` (made by a
 * later version), `store-corrupt` (what is there does not fit together), `store-write`, `store-range`.
 */
export class StoreError extends CodedError {
  override readonly name = 'StoreError'
}
