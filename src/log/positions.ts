import type { Postings } from '../ledger/index.ts'

/** A list of log indexes that only grows, in flat memory. */
class IndexList {
  #values = new Float64Array(256)
  #count = 0

  get count(): number {
    return this.#count
  }

  push(value: number): void {
    if (this.#count === this.#values.length) {
      const values = new Float64Array(2 * this.#count)
      values.set(this.#values)
      this.#values = values
    }
    this.#values[this.#count++] = value
  }

  at(i: number): number {
    return this.#values[i]!
  }

  /** How many values are at most `value`. The values increase. */
  countUpTo(value: number): number {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#values[middle]! <= value) low = middle + 1
      else high = middle
    }
    return low
  }
}

/**
 * Where things stand in the log: batches, seals, openings, and the entries of each member account. Kept in memory, 8 bytes
 * each and 12 an entry of a member account, and rebuilt by the replay on start.
 */
export class Positions implements Postings {
  readonly #batches = new IndexList()
  readonly #openings = new IndexList()
  readonly #postings = new IndexList()
  /** Number of the posting before this one of the same account, plus 1; 0 for the first. */
  #before = new Uint32Array(256)
  /** Number of each account's last posting, plus 1. */
  #last = new Uint32Array(256)

  /** Notes that a batch entry stands at `logIndex`. */
  batch(logIndex: number): void {
    this.#batches.push(logIndex)
  }

  /** Notes that `account`, the next one, was opened at `logIndex`. */
  open(account: number, logIndex: number): void {
    this.#openings.push(logIndex)
    if (account >= this.#last.length) {
      const last = new Uint32Array(2 * account)
      last.set(this.#last)
      this.#last = last
    }
  }

  post(account: number, logIndex: number): void {
    const posting = this.#postings.count
    if (posting === this.#before.length) {
      const before = new Uint32Array(2 * posting)
      before.set(this.#before)
      this.#before = before
    }
    this.#before[posting] = this.#last[account]!
    this.#postings.push(logIndex)
    this.#last[account] = posting + 1
  }

  /** Log index of the batch entry that holds the transaction at `logIndex`. */
  batchOf(logIndex: number): number {
    return this.#batches.at(this.#batches.countUpTo(logIndex) - 1)
  }

  /** Number of the account that was opened at `logIndex`, if one was. */
  accountOpenedAt(logIndex: number): number | undefined {
    const account = this.#openings.countUpTo(logIndex) - 1
    return account >= 0 && this.#openings.at(account) === logIndex ? account : undefined
  }

  /** The accounts that the entries `[from, end)` opened, in order. */
  accountsOpenedIn(from: number, end: number): { readonly logIndex: number; readonly account: number }[] {
    const opened: { logIndex: number; account: number }[] = []
    for (let account = this.#openings.countUpTo(from - 1); account < this.#openings.count; account++) {
      const logIndex = this.#openings.at(account)
      if (logIndex >= end) break
      opened.push({ logIndex, account })
    }
    return opened
  }

  /** Log indexes of the entries of a member account, in order. Costs the length of the list. */
  entriesOf(account: number): number[] {
    const indexes: number[] = []
    for (let posting = this.#last[account]!; posting !== 0; posting = this.#before[posting - 1]!)
      indexes.push(this.#postings.at(posting - 1))
    return indexes.reverse()
  }
}
