import { ACCEPTED, BUDGET_CLOSED, OVER_BUDGET_CAP, OVER_MEMBER_CAP } from '../core/entry/outcome.ts'
import type { SetBudget } from '../core/entry/transaction.ts'
import { AMOUNT_MAX } from '../core/limits.ts'
import { dayOf, monthOf, type UnitDays, weekOf } from './dates.ts'

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

/** The day, the week and the month in which a time lies. */
type CountedPeriods = Pick<Counter, 'day' | 'week' | 'month'>

/** The day, the week and the month of a unit in which a ledger time lies. SPEC §6. */
export function periodsAt(time: number, unit: UnitDays): CountedPeriods {
  const day = dayOf(time, unit)
  return { day, week: weekOf(day), month: monthOf(day) }
}

/** What was counted of a member, and of a budget in sum. */
interface GiftCounters {
  readonly member: Counter | undefined
  readonly sum: Counter | undefined
}

/**
 * Whether a budget under these terms may give that much to a member at ledger time `time`: `ACCEPTED`, or the least
 * status why not. SPEC §7, terms of a budget.
 */
export function judgeGiven(
  terms: SetBudget,
  given: GiftCounters,
  amount: number,
  time: number,
  unit: UnitDays,
): number {
  if (time < terms.from || (terms.until !== 0 && time >= terms.until)) return BUDGET_CLOSED
  const now = periodsAt(time, unit)
  const { memberDay, memberWeek, memberMonth, memberTotal } = terms
  const caps = { day: memberDay, week: memberWeek, month: memberMonth, total: memberTotal }
  if (isOver(given.member, amount, now, caps)) return OVER_MEMBER_CAP
  return isOver(given.sum, amount, now, terms) ? OVER_BUDGET_CAP : ACCEPTED
}

/** What stands of a counter in these periods. */
function standing(counter: Counter | undefined, now: CountedPeriods): Caps {
  return {
    day: counter?.day === now.day ? counter.today : 0,
    week: counter?.week === now.week ? counter.thisWeek : 0,
    month: counter?.month === now.month ? counter.thisMonth : 0,
    total: counter?.total ?? 0,
  }
}

function isOver(counter: Counter | undefined, amount: number, now: CountedPeriods, caps: Caps): boolean {
  if (caps.day + caps.week + caps.month + caps.total === 0) return false
  const { day, week, month, total } = standing(counter, now)
  return (
    (caps.day !== 0 && day + amount > caps.day) ||
    (caps.week !== 0 && week + amount > caps.week) ||
    (caps.month !== 0 && month + amount > caps.month) ||
    (caps.total !== 0 && total + amount > caps.total)
  )
}

/** A counter with so much more, given in these periods. It saturates at 2^53 − 1. */
export function counted(counter: Counter | undefined, amount: number, now: CountedPeriods): Counter {
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
