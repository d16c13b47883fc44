import { dayOf, monthOf, type UnitDays, weekOf } from '../account/dates.ts'
import { ACCEPTED, BUDGET_CLOSED, OVER_BUDGET_CAP, OVER_MEMBER_CAP } from '../core/entry/outcome.ts'
import type { SetBudget } from '../core/entry/transaction.ts'
import { AMOUNT_MAX } from '../core/limits.ts'
import { NumberMap } from './accounts/number-map.ts'
import type { Given } from './snapshot/account-extras.ts'

/** What was counted, in the day, week and month in which that was last, and altogether. */
export interface Counter {
  day: number
  today: number
  week: number
  thisWeek: number
  month: number
  thisMonth: number
  total: number
}

/** The most that may be given in each of these; 0: no cap. */
interface Caps {
  readonly day: number
  readonly week: number
  readonly month: number
  readonly total: number
}

type Periods = Pick<Counter, 'day' | 'week' | 'month'>

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
    const counters = this.#counters.get(budget)
    const now = periodsAt(time, unit)
    const { memberDay, memberWeek, memberMonth, memberTotal } = terms
    const caps = { day: memberDay, week: memberWeek, month: memberMonth, total: memberTotal }
    if (isOver(counters?.get(member), amount, now, caps)) return OVER_MEMBER_CAP
    return isOver(counters?.get(budget), amount, now, terms) ? OVER_BUDGET_CAP : ACCEPTED
  }

  /** Counts what a budget gave to a member at ledger time `time`. As that never goes back, one period is enough. */
  count(budget: number, member: number, amount: number, time: number, unit: UnitDays): void {
    if (!this.#terms.has(budget)) return
    const counters = this.#countersOf(budget)
    const now = periodsAt(time, unit)
    // What it gave in sum stands under its own number, which no member has.
    for (const account of [member, budget]) counters.set(account, counted(counters.get(account), amount, now))
  }

  /** What was counted of an account, by budget: of a member, or of the budget itself in sum. */
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

function periodsAt(time: number, unit: UnitDays): Periods {
  const day = dayOf(time, unit)
  return { day, week: weekOf(day), month: monthOf(day) }
}

/** What stands of a counter in these periods. */
function standing(counter: Counter | undefined, now: Periods): Caps {
  return {
    day: counter?.day === now.day ? counter.today : 0,
    week: counter?.week === now.week ? counter.thisWeek : 0,
    month: counter?.month === now.month ? counter.thisMonth : 0,
    total: counter?.total ?? 0,
  }
}

function isOver(counter: Counter | undefined, amount: number, now: Periods, caps: Caps): boolean {
  if (caps.day + caps.week + caps.month + caps.total === 0) return false
  const { day, week, month, total } = standing(counter, now)
  return (
    (caps.day !== 0 && day + amount > caps.day) ||
    (caps.week !== 0 && week + amount > caps.week) ||
    (caps.month !== 0 && month + amount > caps.month) ||
    (caps.total !== 0 && total + amount > caps.total)
  )
}

function counted(counter: Counter | undefined, amount: number, now: Periods): Counter {
  const before = standing(counter, now)
  const plus = (count: number) => Math.min(AMOUNT_MAX, count + amount)
  return {
    day: now.day,
    today: plus(before.day),
    week: now.week,
    thisWeek: plus(before.week),
    month: now.month,
    thisMonth: plus(before.month),
    total: plus(before.total),
  }
}
