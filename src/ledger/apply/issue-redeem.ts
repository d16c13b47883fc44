import { datesOfIssue, hasTooManyPending, isOverMax } from '../../account/arrivals.ts'
import { arrive, debtOf, hasRoom, spend, type TakenLots } from '../../account/holdings.ts'
import { CLOSED, FROZEN } from '../../account/standing.ts'
import {
  ACCEPTED,
  ACCOUNT_CLOSED,
  ACCOUNT_FROZEN,
  ACCOUNT_KIND,
  ACCOUNT_UNKNOWN,
  CITES_UNKNOWN,
  CREDIT_KIND,
  CREDIT_UNKNOWN,
  DEBIT_KIND,
  DEBIT_UNKNOWN,
  INSUFFICIENT,
  LOTS_FULL,
  OFF_STEP,
  OVER_BALANCE_MAX,
  OVER_CAP,
  RULE_EARLY,
  RULE_UNKNOWN,
  SAME_ACCOUNT,
  SPONSOR_MISMATCH,
  TOTAL_OVERFLOW,
  UNIT_MISMATCH,
} from '../../core/entry/outcome.ts'
import {
  ACCOUNT_KINDS,
  KIND_FUND,
  KIND_ISSUE,
  type TransactionOf,
  type TransactionView,
} from '../../core/entry/transaction.ts'
import { AMOUNT_MAX } from '../../core/limits.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Unit } from '../registry.ts'
import { type ApplyContext, citesUnknown } from './context.ts'

const { treasury: TREASURY, budget: BUDGET, member: MEMBER, merchant: MERCHANT } = ACCOUNT_KINDS

/**
 * The status of a `fund`, `issue` or `redeem`; an accepted one takes effect. The guards are in the order of SPEC §8.
 */
export function judgeMovement(context: ApplyContext, view: TransactionView): number {
  const { accounts, registry } = context.state
  const { debit, credit, rule } = view
  if (rule !== 0 && !registry.mayName(debit, rule)) return RULE_UNKNOWN
  if (debit >= accounts.count) return DEBIT_UNKNOWN
  if (credit >= accounts.count) return CREDIT_UNKNOWN
  if (debit === credit) return SAME_ACCOUNT
  if (accounts.unit(debit) !== accounts.unit(credit)) return UNIT_MISMATCH
  const unit = registry.unit(accounts.unit(debit))!
  if (view.kind === KIND_FUND) return judgeFund(context, view, unit)
  return view.kind === KIND_ISSUE ? judgeIssue(context, view, unit) : judgeRedeem(context, view, unit)
}

function judgeFund(context: ApplyContext, view: TransactionView, unit: Unit): number {
  const { accounts } = context.state
  const { debit, credit, amount } = view
  const isByShop = accounts.kind(debit) === MERCHANT
  if (!isByShop && accounts.kind(debit) !== TREASURY) return DEBIT_KIND
  if (accounts.kind(credit) !== BUDGET) return CREDIT_KIND
  if (isByShop && accounts.terms(credit).sponsor !== debit) return SPONSOR_MISMATCH
  if (citesUnknown(context, view.citesStart >= 0)) return CITES_UNKNOWN
  if (amount % unit.terms.step !== 0) return OFF_STEP
  if (!isByShop && amount - accounts.balance(debit) > unit.terms.cap) return OVER_CAP
  if (isByShop && accounts.balance(debit) < amount) return INSUFFICIENT
  if (overflows(accounts, credit, amount)) return TOTAL_OVERFLOW
  move(context, debit, credit, amount)
  // The shop gives away what it was owed. The budget owes it to nobody until it is issued.
  if (isByShop) unit.owed.add(-amount)
  return ACCEPTED
}

function judgeIssue(context: ApplyContext, view: TransactionView, unit: Unit): number {
  const { time } = context
  const { accounts, budgets, registry } = context.state
  const { debit, credit, amount, timeMs, rule } = view
  if (accounts.kind(debit) !== BUDGET) return DEBIT_KIND
  if (accounts.kind(credit) !== MEMBER) return CREDIT_KIND
  if (accounts.status(credit) >= CLOSED) return ACCOUNT_CLOSED
  if (citesUnknown(context, view.citesStart >= 0)) return CITES_UNKNOWN
  if (rule !== 0 && time < registry.records[rule]!.time + unit.terms.noticeMs) return RULE_EARLY
  if (amount % unit.terms.step !== 0) return OFF_STEP
  const isDated = view.matures + view.expires > 0
  const dates = isDated ? datesOfIssue(view, timeMs, unit.terms) : undefined
  if (dates !== undefined) return dates
  if (accounts.balance(debit) < amount) return INSUFFICIENT
  const refused = budgets.judge(debit, credit, amount, time, unit.terms)
  if (refused !== ACCEPTED) return refused
  if (isOverMax(accounts.balance(credit), amount, unit.terms.balanceMax)) return OVER_BALANCE_MAX
  const holdings = accounts.holdings(credit)
  if (isDated && (!hasRoom(holdings, [view]) || hasTooManyPending(holdings, view, timeMs))) return LOTS_FULL
  if (overflows(accounts, credit, amount)) return TOTAL_OVERFLOW
  if (isDated) {
    const { matures, expires } = view
    const debt = debtOf(holdings, accounts.balance(credit))
    accounts.setHoldings(credit, arrive(holdings, debt, [{ matures, expires, amount }]))
  }
  countGiven(context, debit, credit, amount, unit)
  move(context, debit, credit, amount)
  unit.issued.add(amount)
  owe(unit, accounts.balance(credit) - amount, accounts.balance(credit))
  return ACCEPTED
}

function judgeRedeem(context: ApplyContext, view: TransactionView, unit: Unit): number {
  const { state } = context
  const { accounts } = state
  const { debit, credit, amount } = view
  if (accounts.kind(debit) !== MEMBER) return DEBIT_KIND
  const creditKind = accounts.kind(credit)
  if (creditKind !== TREASURY && creditKind !== MERCHANT) return CREDIT_KIND
  const status = accounts.status(debit)
  if (status >= CLOSED) return ACCOUNT_CLOSED
  if (citesUnknown(context, view.citesStart >= 0)) return CITES_UNKNOWN
  if (status === FROZEN) return ACCOUNT_FROZEN
  if (amount % unit.terms.step !== 0) return OFF_STEP
  const balance = accounts.balance(debit)
  let taken: TakenLots | undefined
  if (accounts.isPlain(debit)) {
    if (balance < amount) return INSUFFICIENT
  } else {
    taken = spend(accounts.holdings(debit), balance, amount, context.time)
    if (taken === undefined) return INSUFFICIENT
  }
  if (overflows(accounts, credit, amount)) return TOTAL_OVERFLOW
  if (taken !== undefined) {
    accounts.setHoldings(debit, taken.holdings)
    state.originals.took(context.logIndex, taken.parts)
  }
  move(context, debit, credit, amount)
  unit.redeemed.add(amount)
  // What a merchant was paid in points is owed to the merchant until it is settled.
  if (creditKind === TREASURY) unit.owed.add(-amount)
  return ACCEPTED
}

/**
 * The status of an `ask-settle`, by which a merchant asks to be settled with. It moves nothing: a `settle` that names
 * it uses it up. Somebody is entitled to it.
 */
export function judgeAsk(context: ApplyContext, { account, amount, cites }: TransactionOf<'ask-settle'>): number {
  const { state, links, position, time } = context
  const { accounts, registry } = state
  if (account >= accounts.count) return ACCOUNT_UNKNOWN
  if (accounts.kind(account) !== MERCHANT) return ACCOUNT_KIND
  if (citesUnknown(context, cites !== null)) return CITES_UNKNOWN
  if (amount % registry.unit(accounts.unit(account))!.terms.step !== 0) return OFF_STEP
  links.name(accounts, account, position, time)
  return ACCEPTED
}

/**
 * Adds a change of a balance to what is owed: points that a member owes take nothing off what others are owed. SPEC §6.
 */
export function owe(unit: Unit, before: number, after: number): void {
  unit.owed.add(Math.max(0, after) - Math.max(0, before))
}

/** Counts what a budget gives to a member, under its own terms and under those of its pools. SPEC §7. */
export function countGiven(
  { state: { accounts, budgets }, time }: ApplyContext,
  budget: number,
  member: number,
  amount: number,
  unit: Unit,
): void {
  budgets.count(budget, member, amount, time, unit.terms)
  // No entry names a pool here, but what was counted of it is its own: it has changed for who keeps a snapshot.
  for (const pool of budgets.poolsOf(budget)) accounts.add(pool, 0)
}

/** Whether the balance that an amount reaches would leave the range of whole numbers. That which it leaves does not. */
export function overflows(accounts: Accounts, credit: number, amount: number): boolean {
  return accounts.balance(credit) > AMOUNT_MAX - amount
}

function move(
  { state: { accounts }, links, position, time }: ApplyContext,
  debit: number,
  credit: number,
  amount: number,
): void {
  accounts.add(debit, -amount)
  accounts.add(credit, amount)
  links.name(accounts, debit, position, time)
  links.name(accounts, credit, position, time)
}
