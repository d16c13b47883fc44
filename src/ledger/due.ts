import { HOUR_MS, type Holdings } from '../core/holdings.ts'
import { dueHour, isDue } from '../core/member.ts'

/**
 * Which accounts have points or holds that come to their end by themselves, by the hour in which the first of them does:
 * so that what is due can be found without looking at every account. One number an account and hour noted.
 */
export class DueList {
  readonly #accounts = new Map<number, Set<number>>()
  readonly #holdingsOf: (account: number) => Holdings

  constructor(holdingsOf: (account: number) => Holdings) {
    this.#holdingsOf = holdingsOf
  }

  /** Notes that something of an account ends in that hour since 1970. */
  note(account: number, hour: number): void {
    const accounts = this.#accounts.get(hour)
    if (accounts === undefined) this.#accounts.set(hour, new Set([account]))
    else accounts.add(account)
  }

  /** At most `limit` accounts of which something is due at a time (SPEC §7), soonest first. */
  at(timeMs: number, limit: number): number[] {
    const due: number[] = []
    const hours = [...this.#accounts.keys()].filter(hour => hour * HOUR_MS <= timeMs).sort((a, b) => a - b)
    for (const hour of hours) {
      const accounts = this.#accounts.get(hour)!
      for (const account of accounts) {
        if (due.length === limit) return due
        const holdings = this.#holdingsOf(account)
        if (isDue({ holdings }, timeMs)) {
          if (!due.includes(account)) due.push(account)
        } else {
          // What was due then is gone: it stands where the next of it ends.
          accounts.delete(account)
          const next = dueHour(holdings)
          if (next !== undefined) this.note(account, next)
        }
      }
      if (accounts.size === 0) this.#accounts.delete(hour)
    }
    return due
  }
}
