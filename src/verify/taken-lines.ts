import { BookHistory, bookKindOf } from '../account/book.ts'
import { AccountHistory, type HistoryLine } from '../account/history.ts'
import { equalBytes } from '../core/bytes.ts'
import { type DefineUnit, decodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { needsPlace } from './line-kinds.ts'
import type { LinePlace } from './line-places.ts'
import type { Statement } from './statement.ts'
import { NOBODY, type Standing, standingAfter } from './who-may.ts'

/** A line that the account takes, and who may act before it. */
export interface TakenLine {
  readonly number: number
  readonly line: HistoryLine
  readonly before: Standing
  /** Who might act when the batch of the line came, of which a line before may have put others in. */
  readonly begun: Standing
  readonly place: LinePlace | undefined
  /** Log index of the batch of the last line up to this one that has a place; -1 where none has. */
  readonly lastBatch: number
}

/** Lines that an account is to take, of links that end with the last of them. */
export interface NextLines {
  readonly entries: readonly Uint8Array[]
  /** Of any account but a member's: how many are of each batch. */
  readonly links: readonly number[]
  /** Of lines by their numbers, verified. */
  readonly places: ReadonlyMap<number, LinePlace>
  /** Ledger time of the account's lines from the first on, as far as it was kept. */
  readonly times?: readonly (number | null)[]
}

/** An account that is made from its lines by the rules, some after others. */
export class LineTaker {
  readonly history: AccountHistory | BookHistory
  /** Ledger time of every line, null where it is not shown. */
  readonly times: (number | null)[] = []
  readonly #account: number
  readonly #book: BookHistory | undefined
  #standing = NOBODY
  #begun = NOBODY
  #lastBatch = -1
  /** By number of entries, the heads that the account was said to have. */
  readonly #said = new Map<number, Uint8Array>()
  #misled: number | undefined

  /** @param unit - the policy of the account's unit. */
  constructor({ number, kind }: Statement['account'], unit: DefineUnit) {
    const bookKind = bookKindOf(kind)
    this.#account = number
    this.#book = bookKind === undefined ? undefined : new BookHistory(number, bookKind, unit)
    this.history = this.#book ?? new AccountHistory(number, unit)
  }

  /** Who may act after the lines so far. */
  get standing(): Standing {
    return this.#standing
  }

  /** Notes what was said: that the chain of the first `count` lines, of which not all are taken, ends in this head. */
  expect(count: number, head: Uint8Array): void {
    const said = this.#said.get(count)
    if (said === undefined) this.#said.set(count, head.slice())
    else if (!equalBytes(said, head)) this.#misled ??= count
    this.#compare(true)
  }

  /** Checks that the lines are what was said, so far, or all of it where they are all. @throws VerifyError `head`. */
  checkExpected(isAll: boolean): void {
    const count = this.times.length
    for (const said of this.#said.keys()) if (isAll && said > count) this.#misled ??= said
    const words = `a page said of the account as it was with ${this.#misled} entries what these do not make`
    check(this.#misled === undefined, 'head', words)
  }

  /**
   * Takes lines. Each costs a few hashes and what its lots take.
   *
   * @param next - untrusted, but for its places and times.
   * @throws VerifyError `evidence-missing`, `line-kind`, `line-repeated`, `line-rule`; FormatError. SPEC §10.
   */
  take({ entries, links, places, times = [] }: NextLines): TakenLine[] {
    let [link, left] = [0, links[0] ?? 1]
    return entries.map(entry => {
      const number = this.times.length + 1
      const place = places.get(number)
      const timeMs = place?.batch.timeMs ?? times[number - 1] ?? null
      if (timeMs === null) checkArrival(decodeTransaction(entry), this.#account, number, this.#book === undefined)
      const before = this.#standing
      // Points that arrive without a place put nobody in.
      if (place !== undefined && place.batch.index !== this.#lastBatch) {
        this.#begun = before
        this.#lastBatch = place.batch.index
      }
      const line = this.history.take(entry, timeMs ?? undefined)
      this.#standing = standingAfter(before, line.transaction, this.history.member.owner, this.history.member.time)
      this.times.push(timeMs)
      const isEnd = --left === 0
      if (isEnd) {
        this.#book?.endLink()
        left = links[++link] ?? 1
      }
      this.#compare(isEnd)
      return { number, line, before, begun: this.#begun, place, lastBatch: this.#lastBatch }
    })
  }

  /** Notes the ledger time of a line that was taken without one. */
  date(number: number, entry: Uint8Array, timeMs: number): void {
    this.times[number - 1] = timeMs
    this.history.date(decodeTransaction(entry).id, timeMs)
  }

  #compare(isEnd: boolean): void {
    if (this.#said.size === 0) return
    const count = this.times.length
    const said = this.#said.get(count)
    if (said !== undefined && !(isEnd && equalBytes(said, this.history.head))) this.#misled ??= count
  }
}

function checkArrival(tx: Transaction, account: number, number: number, ofMember: boolean): void {
  const words = `entry ${number}, of kind ${tx.kind}, stands there without its place in the log, and who signed it`
  check(!needsPlace(tx, account, ofMember), 'evidence-missing', words)
}
