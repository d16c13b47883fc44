import { type Counter, counted, judgeGiven, periodsAt } from '../account/caps.ts'
import type { UnitDays } from '../account/dates.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import type { SetBudget } from '../core/entry/transaction.ts'
import { NumberMap } from './accounts/number-map.ts'
import type { GiftRecord } from './snapshot/account-extras.ts'

const NOTHING_GIVEN: readonly GiftRecord[] = []
const NO_POOLS: readonly number[] = []

/** The terms of budgets that have some, and what each member was given of a budget that has caps (SPEC §7). */
export class Budgets {
  readonly #terms = new Map<number, SetBudget>()
  readonly #counters = new Map<number, NumberMap<Counter>>()

  /** Puts terms in force, in place of those before. What was counted stays. */
  set(terms: SetBudget): void {
    this.#terms.set(terms.account, terms)
  }

  /** The terms in force of a budget; undefined while it has none. */
  terms(budget: number): SetBudget | undefined {
    return this.#terms.get(budget)
  }

  /** The budgets under whose terms a budget gives besides its own. */
  poolsOf(budget: number): readonly number[] {
    return this.#terms.get(budget)?.pools ?? NO_POOLS
  }

  /** Whether a budget may give that much to a member at ledger time `time`: `ACCEPTED`, or the least status why not. */
  judge(budget: number, member: number, amount: number, time: number, unit: UnitDays): number {
    if (!this.#terms.has(budget)) return ACCEPTED
    let least = this.#judge(budget, member, amount, time, unit)
    for (const pool of this.poolsOf(budget)) {
      const status = this.#judge(pool, member, amount, time, unit)
      if (status !== ACCEPTED && (least === ACCEPTED || status < least)) least = status
    }
    return least
  }

  #judge(budget: number, member: number, amount: number, time: number, unit: UnitDays): number {
    const terms = this.#terms.get(budget)
    if (terms === undefined) return ACCEPTED
    const counters = this.#counters.get(budget)
    const given = { member: counters?.get(member), sum: counters?.get(budget) }
    return judgeGiven(terms, given, amount, time, unit)
  }

  /**
   * Counts what a budget gave to a member at ledger time `time`, under its own terms and under those of its pools. As
   * that never goes back, one period is enough.
   */
  count(budget: number, member: number, amount: number, time: number, unit: UnitDays): void {
    if (!this.#terms.has(budget)) return
    const now = periodsAt(time, unit)
    for (const giver of [budget, ...this.poolsOf(budget)]) {
      if (!this.#terms.has(giver)) continue
      const counters = this.#countersOf(giver)
      // What it gave in sum stands under its own number, which no member has.
      for (const account of [member, giver]) counters.set(account, counted(counters.get(account), amount, now))
    }
  }

  /** What was counted of an account, by budget: of a member, or of the budget itself in sum. */
  givenTo(member: number): readonly GiftRecord[] {
    if (this.#counters.size === 0) return NOTHING_GIVEN
    const given: GiftRecord[] = []
    for (const [budget, counters] of this.#counters) {
      const counter = counters.get(member)
      if (counter !== undefined) given.push({ budget, ...counter })
    }
    return given
  }

  /** Forgets what was counted of a member. */
  forget(member: number): void {
    for (const counters of this.#counters.values()) counters.delete(member)
  }

  /** Puts in place what was counted of a member, as `givenTo` said it. */
  restore(member: number, given: readonly GiftRecord[]): void {
    for (const { budget, ...counter } of given) this.#countersOf(budget).set(member, counter)
  }

  #countersOf(budget: number): NumberMap<Counter> {
    let counters = this.#counters.get(budget)
    if (counters === undefined) {
      counters = new NumberMap()
      this.#counters.set(budget, counters)
    }
    return counters
  }
}
