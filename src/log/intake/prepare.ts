import { decodeSubmission } from '../../core/entry/submission.ts'
import { type Checked, holdsUnder, type Submission, verifySignatures } from '../../ledger/index.ts'

/** What became of submissions before their turn comes, of one or of many; each is taken out when that has come. */
export interface Prepared {
  /** The batch at a place: decoded, found well formed, and hashed. */
  batch(place: number): Submission
  /**
   * Whether its signatures hold under these keys, in their order; undefined where they were not verified under them.
   */
  holds(place: number, publicKeys: readonly Uint8Array[]): boolean | undefined
}

/** A submission that is to be prepared. */
export interface Job {
  /** Untrusted. They do not change any more. */
  readonly bytes: Uint8Array
  /** How many transactions it says it has. */
  readonly count: number
  /** How many signatures it has. */
  readonly signatureCount: number
  /** The ledger that they are for; undefined while there is none. */
  readonly ledgerId: Uint8Array | undefined
  /** Puts the keys that its signatures name now: see `putKeysNow`. */
  putKeys(keys: Uint8Array, at: number): number
  /**
   * Is called once, with what was made of it and of others, and its place among those; or with why that failed: a
   * FormatError where the submission is none.
   */
  done(prepared: Prepared | Error, place: number): void
}

/**
 * Prepares submissions, in this thread or in others: all that needs their bytes and of the ledger no more than keys.
 * Answers come in any order.
 */
export interface Preparer {
  prepare(job: Job): void
  /** Lets go of what it has running. Jobs that are under way are answered before or not at all. */
  close(): Promise<void>
}

/** Prepares in this thread, at once. Signatures are left to the batch's turn, so that nothing is verified twice. */
export const inlinePreparer: Preparer = {
  prepare: job => job.done(prepareOne(job, false), 0),
  close: () => Promise.resolve(),
}

/** A batch that was prepared alone, in place 0. */
export class PreparedOne implements Prepared {
  readonly #batch: Submission
  readonly #checked: Checked | undefined

  constructor(batch: Submission, checked?: Checked) {
    this.#batch = batch
    this.#checked = checked
  }

  batch(): Submission {
    return this.#batch
  }

  holds(_place: number, publicKeys: readonly Uint8Array[]): boolean | undefined {
    // Behind what continues a log, one that runs takes nothing: it knows of no other ledger id.
    return this.#checked && holdsUnder(this.#checked, publicKeys, this.#checked.ledgerId)
  }
}

/** Prepares one submission. A batch's hashing, and a verification for each key, if it `verifies`. Never throws. */
export function prepareOne(job: Job, verifies = true): Prepared | Error {
  try {
    const batch = decodeSubmission(job.bytes)
    const { ledgerId } = job
    if (!verifies || ledgerId === undefined) return new PreparedOne(batch)
    const flat = new Uint8Array(32 * job.signatureCount)
    const keys = Array.from({ length: job.putKeys(flat, 0) }, (_, i) => flat.subarray(32 * i, 32 * i + 32))
    if (keys.length === 0) return new PreparedOne(batch)
    return new PreparedOne(batch, { keys, ledgerId, holds: verifySignatures(ledgerId, batch, keys) })
  } catch (error) {
    return error as Error
  }
}
