import { dayOf, type UnitDays } from '../account/dates.ts'
import { ACCEPTED, BUDGET_CLOSED, OVER_MEMBER_CAP } from '../core/entry/outcome.ts'
import type { SetBudget } from '../core/entry/transaction.ts'
import { AMOUNT_MAX } from '../core/limits.ts'
import { NumberMap } from './accounts/number-map.ts'
import type { Given } from './snapshot/account-extras.ts'

interface Counter {
  day: number
  today: number
  total: number
}

const NOTHING_GIVEN: readonly Given[] = []

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

  /** Whether a budget may give that much to a member at ledger time `time`: `ACCEPTED`, or the least status why not. */
  judge(budget: number, member: number, amount: number, time: number, unit: UnitDays): number {
    if (this.#terms.size === 0) return ACCEPTED
    const terms = this.#terms.get(budget)
    if (terms === undefined) return ACCEPTED
    if (time < terms.from || (terms.until !== 0 && time >= terms.until)) return BUDGET_CLOSED
    const counter = this.#counters.get(budget)?.get(member)
    const today = counter?.day === dayOf(time, unit) ? counter.today : 0
    const isOver =
      (terms.memberDay !== 0 && today + amount > terms.memberDay) ||
      (terms.memberTotal !== 0 && (counter?.total ?? 0) + amount > terms.memberTotal)
    return isOver ? OVER_MEMBER_CAP : ACCEPTED
  }

  /** Counts what a budget gave to a member at ledger time `time`. As that never goes back, one day is enough. */
  count(budget: number, member: number, amount: number, time: number, unit: UnitDays): void {
    const terms = this.#terms.get(budget)
    if (terms === undefined) return
    const counters = this.#countersOf(budget)
    const day = dayOf(time, unit)
    const counter = counters.get(member) ?? { day, today: 0, total: 0 }
    if (counter.day !== day) {
      counter.day = day
      counter.today = 0
    }
    counter.today = Math.min(AMOUNT_MAX, counter.today + amount)
    counter.total = Math.min(AMOUNT_MAX, counter.total + amount)
    counters.set(member, counter)
  }

  /** What was counted of a member, by budget. */
  givenTo(member: number): readonly Given[] {
    if (this.#counters.size === 0) return NOTHING_GIVEN
    const given: Given[] = []
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
  restore(member: number, given: readonly Given[]): void {
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
