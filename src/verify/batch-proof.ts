import { equalBytes } from '../core/bytes.ts'
import type { CborReader, CborValue } from '../core/cbor.ts'
import { type BatchEntry, decodeBatch, RULES_VERSION } from '../core/entry/batch.ts'
import { check, FormatError } from '../core/failure.ts'
import { AMOUNT_MAX, BATCH_DEPTH, BATCH_TRANSACTIONS_MAX, ENTRY_BYTES_MAX, LOG_PATH_MAX } from '../core/limits.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import { verifyEntry } from '../core/note/policy.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { rootFromListPath } from '../core/tree/ssz.ts'

/** Under whose signature a transaction came into the log, and what became of it: its batch, and its place there (SPEC §10). */
export interface Evidence {
  readonly index: number
  readonly batch: Uint8Array
  readonly logPath: readonly Uint8Array[]
  readonly position: number
  readonly batchPath: readonly Uint8Array[]
}

/** Evidence as its CBOR array. SPEC §10. */
export function evidenceFields({ index, batch, logPath, position, batchPath }: Evidence): CborValue {
  return [index, batch, logPath, position, batchPath]
}

/**
 * The evidence at which a reader stands; null where there is none.
 *
 * @param reader - at untrusted bytes.
 * @param code - of what is not of this form: that of the document it stands in.
 * @throws FormatError `code`, `list-length`, or a code of `CborReader`.
 */
export function readEvidence(reader: CborReader, code: string): Evidence | null {
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

/** Reads the head of an array of `count` fields. @throws FormatError `code`. */
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
 * The batch that holds a transaction, found at its place in the log: the transaction stands at log index
 * `index + 1 + position`, and its status is `statuses[position]`. Hashes the batch and two paths.
 *
 * @param entry - untrusted, as all of the evidence.
 * @param who - what the entry is called in messages.
 * @throws VerifyError `evidence-proof`; FormatError of `decodeBatch`. SPEC §10.
 */
export function verifyPlace(
  entry: Uint8Array,
  { index, batch, logPath, position, batchPath }: Evidence,
  checkpoint: Pick<Checkpoint, 'size' | 'root'>,
  who: string,
): BatchEntry {
  verifyEntry(checkpoint, index, leafHash(batch), logPath, 'evidence-proof', `the batch of ${who} is not in the log`)
  const decoded = decodeBatch(batch)
  check(decoded.version === RULES_VERSION, 'evidence-proof', `the batch of ${who} is under other rules`)
  const root = rootFromListPath(leafHash(entry), position, batchPath, BATCH_DEPTH, decoded.count, 'evidence-proof')
  check(equalBytes(root, decoded.root), 'evidence-proof', `${who} is not at its position in its batch`)
  return decoded
}
