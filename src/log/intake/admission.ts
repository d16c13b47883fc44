import { BusyError } from '../failure.ts'

/** Transactions that may be on their way to an answer: some seconds' work. Beyond it, `BusyError`. */
const WEIGHT_MAX = 262_144

/** A submission weighs as much as its transactions, and a transaction more for so many bytes: 64 MB may wait. */
const WEIGHT_BYTES = 256
/** Bytes of a transaction at least: its type, kind and id. */
const LEAST_BYTES = 20

/** The weight of a submission of so many bytes, which says that it has so many transactions. */
export function weightOf(transactions: number, bytes: number): number {
  // It has not been read: it may say more than it has.
  const possible = Math.min(transactions, Math.ceil(bytes / LEAST_BYTES))
  return Math.max(possible, Math.ceil(bytes / WEIGHT_BYTES))
}

/** How much may be on its way to an answer, and how much is. */
export class Admission {
  #admitted = 0

  /** Transactions that are on their way to an answer, or what weighs as much. */
  get admitted(): number {
    return this.#admitted
  }

  /** Lets a submission in. @throws BusyError when too much waits. */
  admit(weight: number): void {
    if (this.#admitted > WEIGHT_MAX)
      throw new BusyError(
        'busy',
        'The ledger has more waiting than it can take at once. Send the same batch again in a second.',
      )
    this.#admitted += weight
  }

  /** A submission that was let in is answered. */
  leave(weight: number): void {
    this.#admitted -= weight
  }
}
