import { BusyError } from '../failure.ts'

/** Transactions that may be on their way to an answer: some seconds' work. What comes on top is told to come again. */
const WAITING_MAX = 262_144

/** A submission takes the room of a transaction for each of its transactions, and for so many bytes: 64 MB may wait. */
const ROOM_BYTES = 256
/** Bytes of a transaction at least: its type, kind and id. */
const LEAST_BYTES = 20

/** The room that a submission of so many bytes takes, which says that it has so many transactions. */
export function roomFor(transactions: number, bytes: number): number {
  // It has not been read: it may say more than it has.
  const possible = Math.min(transactions, Math.ceil(bytes / LEAST_BYTES))
  return Math.max(possible, Math.ceil(bytes / ROOM_BYTES))
}

/** How much may be on its way to an answer, and how much is. */
export class Room {
  #taken = 0

  /** Transactions that are on their way to an answer, or what takes as much room. */
  get taken(): number {
    return this.#taken
  }

  /** Takes room for a submission. @throws BusyError when too much waits. */
  take(room: number): void {
    if (this.#taken > WAITING_MAX)
      throw new BusyError(
        'busy',
        'The ledger has more waiting than it can take at once. Send the same batch again in a second.',
      )
    this.#taken += room
  }

  /** Gives back what was taken. */
  give(room: number): void {
    this.#taken -= room
  }
}
