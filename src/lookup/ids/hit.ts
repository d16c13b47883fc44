import type { Transaction } from '../../core/entry/transaction.ts'

/**
 * What the ids of a batch have met before. What its own transactions use shows only as they are judged, so that `apply`
 * completes it.
 */
export interface IdMatches {
  /** Per position, `ACCEPTED` (nothing), `EXISTS` or `ID_TAKEN`. */
  readonly status: Uint8Array
  /** Log index of the transaction that used the id, where there is one. */
  readonly index: Float64Array
  /** By position, the transaction that it names by its id, where there is one in an earlier batch. */
  readonly referred: ReadonlyMap<number, Referred>
  /** By position, the first position of the batch that has the same id, where no earlier batch used it. */
  readonly same: ReadonlyMap<number, number>
  /** By position, the first position of the batch that has the id that it names, where no earlier batch used it. */
  readonly named: ReadonlyMap<number, number>
  /**
   * By position, the log index of the transaction that used the id which it cites; where no earlier batch used it, of
   * the first of this one that has it.
   */
  readonly cited: ReadonlyMap<number, number>
}

/** A position whose id, or the id that it names, may stand in the log already. */
export interface Hit {
  readonly position: number
  /** The id that is looked for, and what it is to the transaction there. */
  readonly id: Uint8Array
  readonly as: 'its own' | 'original' | 'cited'
  /** Log indexes at which it may stand. */
  readonly candidates: number[]
  /** Old runs of the log in which it may stand, to be looked into. */
  readonly runs: readonly number[]
}

/** A transaction that another one names by its id, found in the log. */
export interface Referred {
  readonly index: number
  /** Ledger time of its batch. */
  readonly time: number
  readonly transaction: Transaction
}
