import { CodedError } from '../core/failure.ts'
import type { SignedRefusal } from '../verify/refusal.ts'

/**
 * The ledger stops: its state is unknown, or does not follow from its log. Nothing is signed any more. Codes:
 * `ledger-stopped` (a write failed, or a bug), `ledger-mismatch` (log, checkpoint and keys do not belong together, or
 * others have seen another log), `lease-lost` (another process goes on with a copy of it).
 */
export class FatalError extends CodedError {
  override readonly name = 'FatalError'
}

/** What stops the ledger when something failed after a seal. */
export function fatalOf(error: unknown): FatalError {
  if (error instanceof FatalError) return error
  return new FatalError('ledger-stopped', 'The ledger has stopped: what follows a seal failed.', { cause: error })
}

/**
 * A batch was refused whole (SPEC §7): nothing of it is in the log, and the ledger signed that it said so (SPEC §9).
 */
export class RefusedError extends CodedError {
  override readonly name = 'RefusedError'
  readonly refusal: SignedRefusal
  /** In how many ms the same batch is taken, as far as is known now; 0 for never. */
  readonly waitMs: number

  constructor(message: string, refusal: SignedRefusal, waitMs = 0) {
    super(refusal.code, message)
    this.refusal = refusal
    this.waitMs = waitMs
  }
}

/**
 * The ledger takes nothing for now, and says why; what was published is served on. Codes: `clock-suspect` (its clock is
 * in doubt), `disk-full` (its disk is nearly full); and where it signs nothing either: `start-unconfirmed` (too few
 * have answered of those that may have seen more of it), `copy-behind` (someone has), `lease-held` (another process may
 * sign). And for good: `log-ended` (the ledger goes on in another log).
 */
export class HeldError extends CodedError {
  override readonly name = 'HeldError'
}

/** What is said to anyone for whom there is no room. */
export const BUSY = 'The ledger has more waiting than it can take at once. Send the same batch again in a second.'

/**
 * The ledger has as much in its queue as it takes, or is being closed. Nothing of the batch was taken: send it again in
 * a moment.
 */
export class BusyError extends CodedError {
  override readonly name = 'BusyError'
}

/**
 * A witness does not cosign: that is told, and stands in nobody's way. Codes: `witness-silent` (no answer in time),
 * `witness-answer` (no answer of c2sp.org/tlog-witness, or not signed by its key), `witness-stranger` (it does not
 * follow this log), `witness-claim` (it says that it has cosigned what does not fit the log here).
 */
export class WitnessError extends CodedError {
  override readonly name = 'WitnessError'
}

/**
 * Something of what is published is not kept, or nobody could be asked for it: that is told, and stands in nobody's
 * way. Codes: `archive-size` (its line is longer than one that is kept), `archive-replay` (the log is too long to be
 * replayed for it), `archive-totals` (the totals are not those of their seal), `place-silent` (a place where the log is
 * published too did not answer in time).
 */
export class ArchiveError extends CodedError {
  override readonly name = 'ArchiveError'
}
