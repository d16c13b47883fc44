import type { Transactions } from '../core/batch.ts'
import { decodeSubmission } from '../core/submission.ts'
import { verifySignatures } from '../ledger/index.ts'

/** What becomes of a submission before its turn comes. */
export interface Prepared {
  /** Decoded, found well formed, and hashed. */
  readonly transactions: Transactions
  /** Whether every signature verifies under the key given for it; undefined where none was given. */
  readonly holds: boolean | undefined
}

/** A submission that is to be prepared. */
export interface Job {
  /** Untrusted. They do not change any more. */
  readonly bytes: Uint8Array
  /** How many transactions it says it has. */
  readonly count: number
  /** What its signatures are verified under, one each, and for which ledger; undefined where they are not. */
  readonly under: { readonly ledgerId: Uint8Array; readonly keys: readonly Uint8Array[] } | undefined
  /** Is called once, with what was made of it, or why that failed: a FormatError where the submission is none. */
  readonly done: (prepared: Prepared | Error) => void
}

/**
 * Prepares submissions, in this thread or in others: all that needs their bytes and nothing of the ledger. Answers come in
 * any order.
 */
export interface Preparer {
  prepare(job: Job): void
  /** Lets go of what it has running. Jobs that are under way are answered before or not at all. */
  close(): Promise<void>
}

/** Prepares in this thread, at once. Signatures are left to the batch's turn, so that nothing is verified twice. */
export const inlinePreparer: Preparer = {
  prepare: job => job.done(prepareOne({ ...job, under: undefined })),
  close: () => Promise.resolve(),
}

/** Prepares one submission. A batch's hashing, and a verification for each key. Never throws. */
export function prepareOne({ bytes, under }: Pick<Job, 'bytes' | 'under'>): Prepared | Error {
  try {
    const submission = decodeSubmission(bytes)
    const { transactions } = submission
    return { transactions, holds: under && verifySignatures(under.ledgerId, submission, under.keys) }
  } catch (error) {
    return error as Error
  }
}
