import type { Case } from './case.ts'
import { unitOf } from './registry.ts'
import type { Gift, State } from './state.ts'
import { isOver, periodsOf } from './time.ts'

/** The terms of a budget: those that were set last. */
const termsOf = ({ records }: State, budget: number) =>
  records
    .map(({ tx }) => tx)
    .filter(tx => tx.kind === 'set-budget')
    .findLast(({ account }) => account === budget)

/** What a budget gives to a member by this transaction. */
function giftOf({ state, tx, T }: Case): { budget: number; gift: Gift } | undefined {
  if (tx.kind !== 'issue' && tx.kind !== 'convert') return undefined
  const [budget, member, amount] =
    tx.kind === 'issue' ? [tx.debit, tx.credit, tx.amount] : [tx.budget, tx.account, tx.gained]
  const periods = periodsOf(T, unitOf(state, state.accounts[budget]!.unit)!)
  return { budget, gift: { member, amount: BigInt(amount), ...periods } }
}

/** The budgets with terms under which a budget gives: itself, and those that its terms name. */
const giversOf = (state: State, budget: number) =>
  [budget, ...(termsOf(state, budget)?.pools ?? [])].filter(one => termsOf(state, one) !== undefined)

export function isClosed(c: Case): boolean {
  const found = giftOf(c)
  if (found === undefined) return false
  return giversOf(c.state, found.budget)
    .map(giver => termsOf(c.state, giver)!)
    .some(terms => c.T < terms.from || isOver(terms.until, c.T))
}

/** Whether a gift, with those of before that `counts` counts, would be above a cap, which 0 is not. */
function exceeds(cap: number, gift: Gift, before: readonly Gift[], counts: (one: Gift) => boolean): boolean {
  return cap !== 0 && before.filter(counts).reduce((sum, { amount }) => sum + amount, gift.amount) > BigInt(cap)
}

function isOverCaps(c: Case, of: 'member' | 'sum'): boolean {
  const found = giftOf(c)
  return found !== undefined && giversOf(c.state, found.budget).some(giver => isOverCapsOf(c, giver, found.gift, of))
}

function isOverCapsOf(c: Case, giver: number, gift: Gift, of: 'member' | 'sum'): boolean {
  const terms = termsOf(c.state, giver)!
  const all = c.state.given.get(giver) ?? []
  const before = of === 'sum' ? all : all.filter(({ member }) => member === gift.member)
  const [day, week, month, ever] =
    of === 'sum'
      ? [terms.day, terms.week, terms.month, terms.total]
      : [terms.memberDay, terms.memberWeek, terms.memberMonth, terms.memberTotal]
  return (
    exceeds(day, gift, before, one => one.day === gift.day) ||
    exceeds(week, gift, before, one => one.week === gift.week) ||
    exceeds(month, gift, before, one => one.month === gift.month) ||
    exceeds(ever, gift, before, () => true)
  )
}

export const isOverMemberCap = (c: Case): boolean => isOverCaps(c, 'member')
export const isOverBudgetCap = (c: Case): boolean => isOverCaps(c, 'sum')

/** Counts what a budget gives, of it and of its pools, where they have terms. */
export function countGiven(c: Case): void {
  const found = giftOf(c)
  if (found === undefined) return
  for (const giver of giversOf(c.state, found.budget))
    c.state.given.set(giver, [...(c.state.given.get(giver) ?? []), found.gift])
}
