import { equalBytes } from '../../core/bytes.ts'
import type { Transactions } from '../../core/entry/batch.ts'
import { ACCEPTED, EXISTS, ID_TAKEN, NOT_ENTITLED } from '../../core/entry/outcome.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import type { IdMatches, Referred } from '../../lookup/ids/hit.ts'
import { bytesAt } from '../id-matches.ts'

/**
 * Which ids are used as the transactions of a batch are judged, one after another: an id that stands in it more than
 * once is used by the first of them to which somebody was entitled. SPEC §7, ids.
 */
export class UsedHere {
  readonly #transactions: Transactions
  readonly #first: number
  readonly #statuses: Uint8Array
  readonly #seen: IdMatches
  readonly #time: number
  /** By the first position that has an id, the position that used it, where that is another. */
  readonly #by = new Map<number, number>()

  constructor(transactions: Transactions, first: number, statuses: Uint8Array, seen: IdMatches, time: number) {
    this.#transactions = transactions
    this.#first = first
    this.#statuses = statuses
    this.#seen = seen
    this.#time = time
  }

  /** `EXISTS` or `ID_TAKEN` where the id of a position is used, else `ACCEPTED`. Those before it are judged. */
  met(position: number): number {
    const { status, index, same } = this.#seen
    const leader = same.get(position)
    if (leader === undefined) return status[position]!
    const user = this.#user(leader)
    if (user === undefined) return ACCEPTED
    const isSame = equalBytes(bytesAt(this.#transactions, user), bytesAt(this.#transactions, position))
    status[position] = isSame ? EXISTS : ID_TAKEN
    index[position] = this.#first + user
    return status[position]
  }

  /** The transaction that a position names by its id. */
  referred(position: number): Referred | undefined {
    const { named, referred } = this.#seen
    const leader = named.get(position)
    if (leader === undefined) return referred.get(position)
    const user = this.#user(leader)
    if (user === undefined) return undefined
    const transaction = decodeTransaction(bytesAt(this.#transactions, user))
    return { index: this.#first + user, transaction, time: this.#time }
  }

  /** The log index of the transaction that used the id which a position cites. */
  cited(position: number): number | undefined {
    const index = this.#seen.cited.get(position)
    if (index === undefined || index < this.#first) return index
    const user = this.#user(index - this.#first)
    return user === undefined ? undefined : this.#first + user
  }

  /** Notes the status of a position, whose turn came after all before it. */
  judged(position: number, status: number): void {
    const leader = this.#seen.same.get(position)
    if (leader === undefined || status === NOT_ENTITLED || this.#user(leader) !== undefined) return
    this.#by.set(leader, position)
  }

  /** The position that used the id which `leader` is the first to have; undefined while none did. */
  #user(leader: number): number | undefined {
    return this.#statuses[leader] === NOT_ENTITLED ? this.#by.get(leader) : leader
  }
}
