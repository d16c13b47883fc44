import { dueMinute, isDue, MINUTE_MS } from '../../account/due-times.ts'
import type { Holdings } from '../../account/holdings.ts'

/** Accounts in one Set at most: it takes 2^24 and then throws, and points often end on one day for all. */
const SET_MAX = 2 ** 20

/**
 * Which accounts have points or holds that come to their end by themselves, by the minute in which the first of them
 * does: so that what is due can be found without looking at every account. One number an account and minute noted.
 */
export class DueList {
  readonly #accounts = new Map<number, Set<number>[]>()
  readonly #holdingsOf: (account: number) => Holdings

  constructor(holdingsOf: (account: number) => Holdings) {
    this.#holdingsOf = holdingsOf
  }

  /** Notes that something of an account ends in that minute since 1970; nothing where none does. */
  note(account: number, minute: number | undefined): void {
    if (minute === undefined) return
    const sets = this.#accounts.get(minute)
    if (sets === undefined) this.#accounts.set(minute, [new Set([account])])
    else if (sets.some(set => set.has(account))) return
    else if (sets.at(-1)!.size < SET_MAX) sets.at(-1)!.add(account)
    else sets.push(new Set([account]))
  }

  /**
   * When the next thing may come to its end by itself: the first full minute after a time for which one is noted, in
   * ms since 1970; undefined where none is. What ended sooner may still be noted for it. Costs a look at each minute.
   */
  nextAfter(timeMs: number): number | undefined {
    let next: number | undefined
    for (const minute of this.#accounts.keys()) {
      const ms = minute * MINUTE_MS
      if (ms > timeMs && ms < (next ?? Number.POSITIVE_INFINITY)) next = ms
    }
    return next
  }

  /**
   * At most `limit` accounts of which something is due at a time (SPEC §7), soonest first.
   *
   * @param isWanted - which of those count; all by default.
   */
  at(timeMs: number, limit: number, isWanted: (account: number) => boolean = () => true): number[] {
    const due = new Set<number>()
    const minutes = [...this.#accounts.keys()].filter(minute => minute * MINUTE_MS <= timeMs).sort((a, b) => a - b)
    for (const minute of minutes) {
      for (const accounts of this.#accounts.get(minute)!)
        for (const account of accounts) {
          if (due.size === limit) return [...due]
          const holdings = this.#holdingsOf(account)
          if (isDue({ holdings }, timeMs)) {
            if (isWanted(account)) due.add(account)
          } else {
            // What was due then is gone: it stands where the next of it ends.
            accounts.delete(account)
            this.note(account, dueMinute(holdings))
          }
        }
      if (this.#accounts.get(minute)!.every(({ size }) => size === 0)) this.#accounts.delete(minute)
    }
    return [...due]
  }
}
