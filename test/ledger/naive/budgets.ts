import type { Case } from './case.ts'
import { unitOf } from './registry.ts'
import type { Given, State } from './state.ts'
import { dayOf, isOver } from './time.ts'

/** The terms of a budget: those that were set last. */
const termsOf = ({ records }: State, budget: number) =>
  records
    .map(({ tx }) => tx)
    .filter(tx => tx.kind === 'set-budget')
    .findLast(({ account }) => account === budget)

/** What a budget gives to a member by this transaction. */
function giftOf({ tx }: Case): { budget: number; member: number; amount: number } | undefined {
  if (tx.kind === 'issue') return { budget: tx.debit, member: tx.credit, amount: tx.amount }
  if (tx.kind === 'convert') return { budget: tx.budget, member: tx.account, amount: tx.gained }
  return undefined
}

/** What the budget gave the member before, on the day of ledger time and ever since it has terms. */
function givenBefore({ state, T }: Case, budget: number, member: number): Given {
  const day = dayOf(T, unitOf(state, state.accounts[budget]!.unit)!)
  const given = state.given.get(`${budget}/${member}`)
  return { day, today: given?.day === day ? given.today : 0n, ever: given?.ever ?? 0n }
}

export function isClosed(c: Case): boolean {
  const gift = giftOf(c)
  const terms = gift && termsOf(c.state, gift.budget)
  return terms !== undefined && (c.T < terms.from || isOver(terms.until, c.T))
}

export function isOverMemberCap(c: Case): boolean {
  const gift = giftOf(c)
  const terms = gift && termsOf(c.state, gift.budget)
  if (gift === undefined || terms === undefined) return false
  const { today, ever } = givenBefore(c, gift.budget, gift.member)
  const isOverCap = (cap: number, given: bigint) => cap !== 0 && given + BigInt(gift.amount) > BigInt(cap)
  return isOverCap(terms.memberDay, today) || isOverCap(terms.memberTotal, ever)
}

/** Counts what a budget with terms gives. */
export function countGiven(c: Case): void {
  const gift = giftOf(c)
  if (gift === undefined || termsOf(c.state, gift.budget) === undefined) return
  const { day, today, ever } = givenBefore(c, gift.budget, gift.member)
  const amount = BigInt(gift.amount)
  c.state.given.set(`${gift.budget}/${gift.member}`, { day, today: today + amount, ever: ever + amount })
}
