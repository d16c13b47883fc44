import { readSignatures, type Signature, type Transactions, transactionsAt } from './batch.ts'
import { CborReader, type CborValue } from './cbor.ts'
import { encodeCbor } from './cbor-writer.ts'
import { FormatError } from './failure.ts'
import { BATCH_TRANSACTIONS_MAX, SUBMISSION_BYTES_MAX, TRANSACTION_BYTES_MAX } from './limits.ts'
import { TransactionView } from './transaction.ts'

/** A batch as submitted in CBOR: `[[*signature], [*transaction]]`. SPEC §11. What this makes, `decodeSubmission` reads. */
export function encodeSubmission(signatures: readonly Signature[], transactions: readonly Uint8Array[]): Uint8Array {
  return encodeCbor([
    signatures.map(({ class: signerClass, number, ed25519 }) => [signerClass, number, ed25519]),
    [...transactions] as CborValue[],
  ])
}

/**
 * The beginning of a submitted batch: its signatures, how many transactions it says follow, and a reader that stands
 * before the first of them. Costs the same for any batch.
 *
 * @param bytes - untrusted.
 * @throws FormatError `submission-size`, `submission`, `batch`, `batch-count`. SPEC §11.
 */
export function openSubmission(bytes: Uint8Array): { reader: CborReader; signatures: Signature[]; count: number } {
  if (bytes.length > SUBMISSION_BYTES_MAX)
    throw new FormatError(
      'submission-size',
      `a submission has at most ${SUBMISSION_BYTES_MAX} bytes, this one ${bytes.length}`,
    )
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  if (reader.array() !== 2) throw new FormatError('submission', 'a submission is [signatures, transactions]')
  const signatures = readSignatures(reader)
  const count = reader.array()
  if (count < 1 || count > BATCH_TRANSACTIONS_MAX)
    throw new FormatError('batch-count', `a batch has 1 to ${BATCH_TRANSACTIONS_MAX} transactions, this one ${count}`)
  return { reader, signatures, count }
}

/** A submitted batch that was read: its transactions are well formed, and stand at `[starts[i], ends[i])` of its bytes. */
export interface ReadSubmission {
  readonly signatures: Signature[]
  readonly starts: Uint32Array
  readonly ends: Uint32Array
}

/**
 * Reads a submitted batch, and hashes nothing.
 *
 * @param bytes - untrusted.
 * @throws FormatError `submission-size`, `submission`, `batch`, `batch-count`, or what `TransactionView` throws, with the
 *   position of the transaction. SPEC §11.
 */
export function readSubmission(bytes: Uint8Array): ReadSubmission {
  const { reader, signatures, count } = openSubmission(bytes)
  const [starts, ends] = [new Uint32Array(count), new Uint32Array(count)]
  for (let i = 0; i < count; i++) {
    const length = reader.stepBytes(TRANSACTION_BYTES_MAX, 'transaction')
    ends[i] = reader.offset
    starts[i] = reader.offset - length
  }
  reader.end()
  checkTransactions({ bytes, starts, ends })
  return { signatures, starts, ends }
}

/**
 * A submitted batch, its transactions left where they are in `bytes`, hashed and found well formed.
 *
 * @param bytes - untrusted; must not change afterwards.
 * @throws FormatError as `readSubmission`.
 */
export function decodeSubmission(bytes: Uint8Array): { signatures: Signature[]; transactions: Transactions } {
  const { signatures, starts, ends } = readSubmission(bytes)
  return { signatures, transactions: transactionsAt(bytes, starts, ends) }
}

const view = new TransactionView()

/** Refuses transactions that are not well formed. @throws FormatError of the first, its message naming the position. */
export function checkTransactions({ bytes, starts, ends }: Pick<Transactions, 'bytes' | 'starts' | 'ends'>): void {
  for (let position = 0; position < starts.length; position++) {
    try {
      view.read(bytes, starts[position], ends[position])
    } catch (error) {
      if (error instanceof FormatError)
        throw new FormatError(error.code, `transaction ${position}: ${error.message}`, { cause: error })
      throw error
    }
  }
}
