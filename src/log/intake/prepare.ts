import { decodeSubmission, type Submission } from '../../core/entry/submission.ts'
import { holdsUnder, type VerifiedSignatures, verifySignatures } from '../../ledger/index.ts'

/** Where batches are that were prepared, one or many: each is taken out when it is applied. */
export interface BatchSource {
  /** The batch at a place: decoded, found well formed, and hashed. */
  batch(place: number): Submission
  /**
   * Whether its signatures hold under these keys, in their order; undefined where they were not verified under them.
   */
  holds(place: number, publicKeys: readonly Uint8Array[]): boolean | undefined
}

/** A submission that is to be prepared. */
export interface PendingSubmission {
  /** Untrusted. They do not change any more. */
  readonly bytes: Uint8Array
  /** How many transactions it says it has. */
  readonly count: number
  /** How many signatures it has. */
  readonly signatureCount: number
  /** From where it came, and which signer it names first: whose turn it takes. */
  readonly caller?: string
  readonly signer?: number
  /** The ledger that they are for; undefined while there is none. */
  readonly ledgerId: Uint8Array | undefined
  /** Puts the keys that its signatures name now: see `putKeysNow`. */
  putKeys(keys: Uint8Array, at: number): number
  /**
   * Is called once, with where the batch is, and its place there; or with why it could not be prepared: a FormatError
   * where the submission is none.
   */
  done(source: BatchSource | Error, place: number): void
}

/**
 * Prepares submissions, in this thread or in others: all that needs their bytes and of the ledger no more than keys.
 * Answers come in any order.
 */
export interface Preparer {
  prepare(submission: PendingSubmission): void
  /** Lets go of what it has running. Submissions that are under way are answered before or not at all. */
  close(): Promise<void>
}

/** Prepares in this thread, at once. Signatures are left to the batch's turn, so that nothing is verified twice. */
export const inlinePreparer: Preparer = {
  prepare: submission => submission.done(prepareOne(submission, false), 0),
  close: () => Promise.resolve(),
}

/** One batch that was prepared alone, at place 0, and what was verified of its signatures. */
export function sourceOfOne(batch: Submission, checked?: VerifiedSignatures): BatchSource {
  return {
    batch: () => batch,
    // Behind what continues a log, one that runs takes nothing: it knows of no other ledger id.
    holds: (_place, publicKeys) => checked && holdsUnder(checked, publicKeys, checked.ledgerId),
  }
}

/** Prepares one submission. A batch's hashing, and a verification for each key, if it `verifies`. Never throws. */
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
