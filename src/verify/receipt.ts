import { fromBase64, parseDecimal, toBase64, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { CborReader } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { ENTRY_TRANSACTION } from '../core/entry/entry-type.ts'
import { check, FormatError } from '../core/failure.ts'
import { ENTRY_BYTES_MAX, LOG_PATH_MAX } from '../core/limits.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../core/note/policy.ts'
import { leafHash, verifyInclusion } from '../core/tree/merkle.ts'
import { type BatchProof, batchProofFields, readBatchProof, readFields, ShownBatch } from './batch-proof.ts'

/** A receipt: c2sp.org/tlog-proof, with the entry and its evidence as its extra data (SPEC §10). */
export interface Receipt {
  /** The entry; counts for nothing until its leaf hash fits the proof. */
  readonly entry: Uint8Array
  /** The batch of a transaction, which says what became of it; null for other entries. */
  readonly evidence: BatchProof | null
  readonly index: number
  readonly proof: readonly Uint8Array[]
  /** The signed note. */
  readonly checkpoint: Uint8Array
}

/** The first line of a receipt: c2sp.org/tlog-proof. */
export const RECEIPT_TAG = 'c2sp.org/tlog-proof@v1'

export const RECEIPT_BYTES_MAX = 512 * 1024

/** A receipt whose proofs hold. */
export interface VerifiedReceipt extends Receipt {
  readonly trusted: TrustedCheckpoint
  /** What the ledger made of the transaction (SPEC §8): 0 where it accepted it. Null where the entry is none. */
  readonly status: number | null
}

/** The bytes of a receipt. What this makes, `parseReceipt` reads. */
export function formatReceipt({ entry, evidence, index, proof, checkpoint }: Receipt): Uint8Array {
  const extra = encodeCbor([entry, evidence && batchProofFields(evidence)])
  const lines = [RECEIPT_TAG, `extra ${toBase64(extra)}`, `index ${index}`, ...proof.map(toBase64), '', '']
  return utf8Encode(lines.join('\n') + utf8Decode(checkpoint))
}

/**
 * The receipt that bytes hold.
 *
 * @param bytes - untrusted.
 * @throws FormatError `receipt`, `base64`, `decimal`, `utf8`, `list-length`, or a code of `CborReader`.
 */
export function parseReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > RECEIPT_BYTES_MAX)
    throw new FormatError('receipt', `a receipt has at most ${RECEIPT_BYTES_MAX} bytes`)
  const text = utf8Decode(bytes)
  const split = text.indexOf('\n\n')
  const lines = text.slice(0, split).split('\n')
  if (split < 0 || lines[0] !== RECEIPT_TAG)
    throw new FormatError('receipt', `a receipt begins with the line ${RECEIPT_TAG}`)
  if (!lines[1]?.startsWith('extra '))
    throw new FormatError('receipt', 'line 2 of a receipt is "extra" and the entry with its evidence')
  if (!lines[2]?.startsWith('index ')) throw new FormatError('receipt', 'line 3 of a receipt is "index" and a number')
  const proof = lines.slice(3).map(fromBase64)
  if (proof.length > LOG_PATH_MAX || proof.some(hash => hash.length !== 32))
    throw new FormatError('receipt', `a receipt's proof has at most ${LOG_PATH_MAX} hashes of 32 bytes`)
  return {
    ...parseExtra(fromBase64(lines[1].slice('extra '.length))),
    index: parseDecimal(lines[2].slice('index '.length), Number.MAX_SAFE_INTEGER, 'an index'),
    proof,
    checkpoint: utf8Encode(text.slice(split + 2)),
  }
}

function parseExtra(bytes: Uint8Array): Pick<Receipt, 'entry' | 'evidence'> {
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  readFields(reader, 2, 'the extra data of a receipt', 'receipt')
  const entry = reader.bytesUpTo(ENTRY_BYTES_MAX, 'entry')
  const evidence = readBatchProof(reader, 'receipt')
  reader.end()
  if ((entry[0] === ENTRY_TRANSACTION) === (evidence === null))
    throw new FormatError('receipt', 'a receipt of a transaction has evidence, and one of another entry has none')
  return { entry, evidence }
}

/**
 * Checks a receipt and returns it with its checkpoint: the entry is number `index` of the log of the policy, and where
 * it is a transaction, its batch says what became of it. Costs a signature of the log and of each witness, and some
 * eighty hashes.
 *
 * @param bytes - untrusted.
 * @throws FormatError of `parseReceipt` and `decodeBatch`; VerifyError of `openCheckpoint`, `inclusion-proof`,
 * `evidence-proof`.
 *
 * @example
 * const { entry, status } = verifyReceipt(await readFile('1342.receipt'), policy)
 * if (status !== null) console.log(OUTCOMES[status])
 */
export function verifyReceipt(bytes: Uint8Array, policy: Policy): VerifiedReceipt {
  const receipt = parseReceipt(bytes)
  const trusted = openCheckpoint(receipt.checkpoint, policy)
  const batch = checkReceipt(receipt, trusted)
  return { ...receipt, trusted, status: batch === null ? null : batch.status(receipt.evidence!.position) }
}

/**
 * Checks what a receipt shows of a tree, anyone who signed for that: its entry stands at its index, and where it is a
 * transaction, its batch where that puts it. Returns the batch.
 *
 * @param receipt - untrusted, parsed.
 * @param tree - a tree head that was signed for.
 * @throws VerifyError `inclusion-proof`, `evidence-proof`; FormatError of `decodeBatch`.
 */
export function checkReceipt(receipt: Receipt, tree: Pick<Checkpoint, 'size' | 'root'>): ShownBatch | null {
  const { entry, evidence, index, proof } = receipt
  verifyInclusion(index, tree.size, leafHash(entry), proof, tree.root)
  if (evidence === null) return null
  const { position, batchPath } = evidence
  const batch = new ShownBatch(tree, evidence.index, evidence.batch, evidence.logPath, 'evidence-proof')
  batch.verifyAt(leafHash(entry), position, batchPath, 'evidence-proof', `entry ${index}`)
  const place = batch.index + 1 + position
  check(place === index, 'evidence-proof', `its batch has the transaction at ${place} of the log, and not at ${index}`)
  return batch
}
