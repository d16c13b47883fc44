import { CborReader, type CborValue } from '../cbor.ts'
import { encodeCbor } from '../cbor-writer.ts'
import { FormatError } from '../failure.ts'
import { BATCH_SIGNATURES_MAX, BATCH_TRANSACTIONS_MAX, SUBMISSION_BYTES_MAX, TRANSACTION_BYTES_MAX } from '../limits.ts'
import {
  NO_GROUPS,
  orderError,
  readSignatureCount,
  readSignerClass,
  readSignerNumber,
  type Signature,
  type Transactions,
  transactionsAt,
} from './batch.ts'
import { checkGroupKinds, type Group, groupFields, groupsFit, readGroups } from './group.ts'
import { checkKeys, TransactionView } from './transaction.ts'

/** A batch on its way into the log. Its transactions are well formed. */
export interface Submission {
  readonly signatures: readonly Signature[]
  readonly transactions: Transactions
}

/**
 * A batch as submitted in CBOR: `[[*signature], [*group], [*transaction]]`. SPEC §11. What this makes,
 * `decodeSubmission` reads.
 */
export function encodeSubmission(
  signatures: readonly Signature[],
  transactions: readonly Uint8Array[],
  groups: readonly Group[] = NO_GROUPS,
): Uint8Array {
  return encodeCbor([signatureFields(signatures), groupFields(groups), [...transactions] as CborValue[]])
}

/** Signatures as the array that they are in CBOR. SPEC §4. */
export function signatureFields(signatures: readonly Signature[]): CborValue[] {
  return signatures.map(({ class: signerClass, number, ed25519 }) => [signerClass, number, ed25519])
}

/**
 * A submitted batch, read in place: a cursor that is pointed at one after another and allocates nothing. Its fields are
 * valid until it is opened again.
 */
export class SubmissionView {
  /** Holds the submission. */
  bytes: Uint8Array = new Uint8Array(0)
  /** How many signatures it has; and of each the class, the number, and where in `bytes` its 64 bytes begin. */
  signatureCount = 0
  readonly classes: Uint8Array = new Uint8Array(BATCH_SIGNATURES_MAX)
  readonly numbers: Uint32Array = new Uint32Array(BATCH_SIGNATURES_MAX)
  readonly places: Uint32Array = new Uint32Array(BATCH_SIGNATURES_MAX)
  /** Which of its transactions are all accepted or none. */
  groups: readonly Group[] = NO_GROUPS
  /** How many transactions it says follow. */
  count = 0
  readonly #reader = new CborReader()

  /**
   * Reads the beginning: signatures, and how many transactions follow. Costs the same for any batch.
   *
   * @param bytes - untrusted: one whole submission at `[start, end)`.
   * @throws FormatError `submission-size`, `submission`, `batch`, `batch-count`. SPEC §11.
   */
  open(bytes: Uint8Array, start = 0, end = bytes.length): this {
    if (end - start > SUBMISSION_BYTES_MAX)
      throw new FormatError(
        'submission-size',
        `a submission has at most ${SUBMISSION_BYTES_MAX} bytes, this one ${end - start}`,
      )
    this.bytes = bytes
    const reader = this.#reader.reset(bytes, start, end)
    if (reader.array() !== 3) throw new FormatError('submission', 'a submission is [signatures, groups, transactions]')
    this.signatureCount = readSignatureCount(reader)
    for (let i = 0; i < this.signatureCount; i++) {
      this.classes[i] = readSignerClass(reader, i)
      this.numbers[i] = readSignerNumber(reader, this.classes[i]!)
      this.places[i] = reader.bytesAt(64, 'signature')
      if (i > 0 && !this.#follows(i)) throw orderError(i)
    }
    this.groups = readGroups(reader)
    this.count = reader.array()
    if (this.count < 1 || this.count > BATCH_TRANSACTIONS_MAX)
      throw new FormatError(
        'batch-count',
        `a batch has 1 to ${BATCH_TRANSACTIONS_MAX} transactions, this one ${this.count}`,
      )
    groupsFit(this.groups, this.count)
    return this
  }

  /**
   * Reads the rest of the submission that was opened, and hashes nothing: where its transactions begin and end in
   * `bytes`, written to `starts` and `ends` from `at` on.
   *
   * @throws FormatError `transaction-size`, a code of `CborReader`, or what `TransactionView` throws, with the position
   * of the transaction. SPEC §11.
   */
  readTransactions(starts: Uint32Array, ends: Uint32Array, at: number): void {
    const reader = this.#reader
    for (let i = 0; i < this.count; i++) {
      const length = reader.stepBytes(TRANSACTION_BYTES_MAX, 'transaction')
      ends[at + i] = reader.offset
      starts[at + i] = reader.offset - length
    }
    reader.end()
    for (let i = 0; i < this.count; i++) checkTransaction(this.bytes, starts[at + i]!, ends[at + i]!, i)
    checkGroupKinds(this.groups, this.bytes, starts, at)
  }

  /** Its signatures, as views into `bytes`. */
  signatures(): Signature[] {
    const signatures: Signature[] = []
    for (let i = 0; i < this.signatureCount; i++) {
      const place = this.places[i]!
      const ed25519 = this.bytes.subarray(place, place + 64)
      signatures.push({ class: this.classes[i]!, number: this.numbers[i]!, ed25519 })
    }
    return signatures
  }

  /** Whether signature `i` stands after the one before by class, then number. */
  #follows(i: number): boolean {
    const { classes, numbers } = this
    return classes[i]! > classes[i - 1]! || (classes[i] === classes[i - 1] && numbers[i]! > numbers[i - 1]!)
  }
}

/**
 * A submitted batch, its transactions left where they are in `bytes`, hashed and found well formed.
 *
 * @param bytes - untrusted; must not change afterwards.
 * @throws FormatError as `SubmissionView.open` and `readTransactions`.
 */
export function decodeSubmission(bytes: Uint8Array): Submission {
  const submission = new SubmissionView().open(bytes)
  const [starts, ends] = [new Uint32Array(submission.count), new Uint32Array(submission.count)]
  submission.readTransactions(starts, ends, 0)
  return { signatures: submission.signatures(), transactions: transactionsAt(bytes, starts, ends, submission.groups) }
}

const view = new TransactionView()

/** Refuses transactions that are not well formed. @throws FormatError of the first, its message naming the position. */
export function checkTransactions({
  bytes,
  starts,
  ends,
  groups,
}: Pick<Transactions, 'bytes' | 'starts' | 'ends' | 'groups'>): void {
  for (let position = 0; position < starts.length; position++)
    checkTransaction(bytes, starts[position]!, ends[position]!, position)
  checkGroupKinds(groups, bytes, starts)
}

function checkTransaction(bytes: Uint8Array, start: number, end: number, position: number): void {
  try {
    const { rare } = view.read(bytes, start, end)
    if (rare !== undefined) checkKeys(rare)
  } catch (error) {
    if (error instanceof FormatError)
      throw new FormatError(error.code, `transaction ${position}: ${error.message}`, { cause: error })
    throw error
  }
}
