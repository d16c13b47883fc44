import { decodeSubmission, type Submission } from '../../core/entry/submission.ts'
import { holdsUnder, type VerifiedSignatures, verifySignatures } from '../../ledger/index.ts'

/** One or many prepared batches; each is taken out when it is applied. */
export interface BatchSource {
  /** The batch at a place: decoded, found well formed, and hashed. */
  batch(place: number): Submission
  /** Whether its signatures hold under these keys, in their order; undefined if they were not verified under them. */
  holds(place: number, publicKeys: readonly Uint8Array[]): boolean | undefined
}

/** A submission before it is prepared. */
export interface PendingSubmission {
  /** Untrusted; they must not change. */
  readonly bytes: Uint8Array
  /** Number of transactions that it claims to have. */
  readonly count: number
  /** Number of its signatures. */
  readonly signatureCount: number
  /** Its sender and its first signer: both take turns with others. */
  readonly caller?: string
  readonly signer?: number
  /** Id of the ledger, which is signed with the batch; undefined before genesis. */
  readonly ledgerId: Uint8Array | undefined
  /** Puts the keys that its signatures name now: see `putKeysNow`. */
  putKeys(keys: Uint8Array, at: number): number
  /**
   * The preparer calls this once: with the source of the batch and its place there, or with an error. A FormatError
   * says that the bytes are no submission.
   */
  done(source: BatchSource | Error, place: number): void
}

/**
 * Prepares submissions, in this thread or in others: decodes them, hashes their transactions and verifies signatures.
 * Needs nothing of the ledger but keys. Answers come in any order.
 */
export interface Preparer {
  prepare(submission: PendingSubmission): void
  /** Ends its threads. Submissions that are being prepared are answered before that, or not at all. */
  close(): Promise<void>
}

/** Prepares in this thread, at once. The applier verifies the signatures, so that none is verified twice. */
export const inlinePreparer: Preparer = {
  prepare: submission => submission.done(prepareOne(submission, false), 0),
  close: () => Promise.resolve(),
}

/** A source of one batch, at place 0, with its verified signatures. */
export function sourceOfOne(batch: Submission, checked?: VerifiedSignatures): BatchSource {
  return {
    batch: () => batch,
    // A running log takes nothing after the entry that continues it elsewhere, so its ledger id does not change.
    holds: (_place, publicKeys) => checked && holdsUnder(checked, publicKeys, checked.ledgerId),
  }
}

/**
 * The prepared submission, or the error why it is none; never throws. Costs the hashing of a batch, and with `verifies`
 * a verification for each signature.
 */
export function prepareOne(submission: PendingSubmission, verifies = true): BatchSource | Error {
  try {
    const batch = decodeSubmission(submission.bytes)
    const { ledgerId } = submission
    if (!verifies || ledgerId === undefined) return sourceOfOne(batch)
    const flat = new Uint8Array(32 * submission.signatureCount)
    const count = submission.putKeys(flat, 0)
    const keys = Array.from({ length: count }, (_, i) => flat.subarray(32 * i, 32 * i + 32))
    if (keys.length === 0) return sourceOfOne(batch)
    return sourceOfOne(batch, { keys, ledgerId, holds: verifySignatures(ledgerId, batch, keys) })
  } catch (error) {
    return error as Error
  }
}
