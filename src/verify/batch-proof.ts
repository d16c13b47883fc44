import { equalBytes } from '../core/bytes.ts'
import type { CborReader, CborValue } from '../core/cbor.ts'
import { verifyEd25519 } from '../core/crypto/ed25519.ts'
import { batchMessage, decodeBatch, type Signature } from '../core/entry/batch.ts'
import type { Group } from '../core/entry/group.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { check, FormatError } from '../core/failure.ts'
import { AMOUNT_MAX, BATCH_DEPTH, BATCH_TRANSACTIONS_MAX, ENTRY_BYTES_MAX, LOG_PATH_MAX } from '../core/limits.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import { verifyEntry } from '../core/note/policy.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { rootFromListPath } from '../core/tree/ssz.ts'

/**
 * Under whose signature a transaction came into the log, and what became of it: its batch, and its place there (SPEC
 * §10).
 */
export interface BatchProof {
  readonly index: number
  readonly batch: Uint8Array
  readonly logPath: readonly Uint8Array[]
  readonly position: number
  readonly batchPath: readonly Uint8Array[]
}

/** A batch proof as its CBOR array, the `evidence` of SPEC §10. */
export function batchProofFields({ index, batch, logPath, position, batchPath }: BatchProof): CborValue {
  return [index, batch, logPath, position, batchPath]
}

/**
 * The batch proof at which a reader stands; null where there is none.
 *
 * @param reader - at untrusted bytes.
 * @param code - of what is not of this form: that of the document it stands in.
 * @throws FormatError `code`, `list-length`, or a code of `CborReader`.
 */
export function readBatchProof(reader: CborReader, code: string): BatchProof | null {
  if (reader.null()) return null
  readFields(reader, 5, 'evidence', code)
  return {
    index: reader.uint(AMOUNT_MAX, 'index'),
    batch: reader.bytesUpTo(ENTRY_BYTES_MAX, 'batch'),
    logPath: readHashes(reader, LOG_PATH_MAX, 'log-path'),
    position: reader.uint(BATCH_TRANSACTIONS_MAX - 1, 'position'),
    batchPath: readHashes(reader, BATCH_DEPTH, 'batch-path'),
  }
}

/**
 * Reads the head of an array of `count` fields. @throws FormatError `code`.
 *
 * @example
 * const reader = new CborReader().reset(bytes, 0, bytes.length)
 * readFields(reader, 8, 'a promise', 'promise')
 */
export function readFields(reader: CborReader, count: number, what: string, code: string): void {
  const found = reader.array()
  if (found !== count)
    throw new FormatError(code, `${what} has ${count} fields, found ${found} (byte ${reader.offset})`)
}

/** At most `max` hashes of 32 bytes. @throws FormatError `list-length`, `cbor`. */
export function readHashes(reader: CborReader, max: number, what: string): Uint8Array[] {
  return reader.list(max, what, () => reader.bytes(32, what))
}

/**
 * A batch that a checkpoint's tree has, from which several transactions may be shown: where it stands, when it was
 * taken, and who signed it. Each signature is verified once under one key.
 */
export class ShownBatch {
  readonly index: number
  /** Ledger time. */
  readonly timeMs: number
  readonly count: number
  readonly signatures: readonly Signature[]
  readonly groups: readonly Group[]
  readonly #root: Uint8Array
  /** Undefined where all are 0, as most are: a batch of 8,192 takes no more memory than was shown of it. */
  readonly #statuses: Uint8Array | undefined
  #message: Uint8Array | undefined
  /** By place among the signatures, the key that it was tried under last, and whether it held. */
  readonly #tried: { readonly key: Uint8Array; readonly holds: boolean }[] = []

  /**
   * The batch at a log index. Hashes it and its path.
   *
   * @param batch - untrusted, as is its path.
   * @throws VerifyError `code` where it is not in the tree; FormatError of `decodeBatch`.
   */
  constructor(
    checkpoint: Pick<Checkpoint, 'size' | 'root'>,
    index: number,
    batch: Uint8Array,
    path: readonly Uint8Array[],
    code: string,
  ) {
    verifyEntry(checkpoint, index, leafHash(batch), path, code, `this is not entry ${index} of the log`)
    const { time, count, signatures, groups, root, statuses } = decodeBatch(batch)
    this.index = index
    this.timeMs = time
    this.count = count
    this.signatures = signatures
    this.groups = groups
    this.#root = root
    this.#statuses = statuses.some(status => status !== ACCEPTED) ? statuses : undefined
  }

  /**
   * Checks that a transaction is the one at a position. Some 14 hashes.
   *
   * @param leaf - leaf hash of the transaction. @param path - untrusted, as the position. @throws VerifyError `code`.
   */
  verifyAt(leaf: Uint8Array, position: number, path: readonly Uint8Array[], code: string, who: string): void {
    const root = rootFromListPath(leaf, position, path, BATCH_DEPTH, this.count, code)
    check(equalBytes(root, this.#root), code, `${who} is not at position ${position} of the batch at ${this.index}`)
  }

  /**
   * Checks that so many transactions are all that it has.
   *
   * @param root - list root over their leaf hashes. @throws VerifyError `code`.
   */
  verifyWhole(root: Uint8Array, count: number, code: string): void {
    const isWhole = count === this.count && equalBytes(root, this.#root)
    check(isWhole, code, `these ${count} entries are not all of the batch at ${this.index}`)
  }

  /** What became of the transaction at a position that the batch has. SPEC §8. */
  status(position: number): number {
    return this.#statuses?.[position] ?? ACCEPTED
  }

  /** Whether its signature number `i` verifies under a key, for a ledger: the same at each call. SPEC §4. */
  holds(i: number, key: Uint8Array, ledgerId: Uint8Array): boolean {
    const tried = this.#tried[i]
    if (tried !== undefined && equalBytes(tried.key, key)) return tried.holds
    const { groups, count } = this
    this.#message ??= batchMessage(ledgerId, this.signatures, { groups, count, root: this.#root })
    const holds = verifyEd25519(key, this.#message, this.signatures[i]!.ed25519)
    this.#tried[i] = { key, holds }
    return holds
  }
}
