import { expiryOfGain } from '../../account/dates.ts'
import { isUndoing, undoes } from '../../account/history.ts'
import { affect, type Effect, type Member, type MemberTerms, type Original } from '../../account/member.ts'
import { isShut } from '../../account/standing.ts'
import { equalBytes } from '../../core/bytes.ts'
import {
  ACCEPTED,
  ACCOUNT_CLOSED,
  ACCOUNT_KIND,
  ACCOUNT_UNKNOWN,
  CITES_UNKNOWN,
  CREDIT_KIND,
  CREDIT_UNKNOWN,
  DEBIT_KIND,
  DEBIT_UNKNOWN,
  INSUFFICIENT,
  OFF_STEP,
  ORIGINAL_UNKNOWN,
  OVER_CAP,
  OVER_ORIGINAL,
  RATE_MISMATCH,
  REF_TAKEN,
  RULE_UNKNOWN,
  SAME_ACCOUNT,
  SPONSOR_MISMATCH,
  TOTAL_OVERFLOW,
  UNIT_MISMATCH,
  WINDOW_OVER,
} from '../../core/entry/outcome.ts'
import { ACCOUNT_KINDS, type Transaction, type TransactionOf } from '../../core/entry/transaction.ts'
import type { Accounts } from '../accounts/accounts.ts'
import type { Unit } from '../registry.ts'
import type { LedgerState } from '../state.ts'
import { type ApplyContext, citesUnknown } from './context.ts'
import { countGiven, overflows, owe } from './issue-redeem.ts'

type Between = TransactionOf<
  | 'expire'
  | 'hold'
  | 'capture'
  | 'reverse'
  | 'transfer'
  | 'take'
  | 'settle'
  | 'opening-balance'
  | 'claim'
  | 'reinstate'
  | 'merge'
>

const { treasury: TREASURY, budget: BUDGET, member: MEMBER, merchant: MERCHANT, expired: EXPIRED } = ACCOUNT_KINDS

/** Which kinds of account each kind goes between; a reversal goes where its original came from. SPEC §7. */
const ENDS: Readonly<Record<Exclude<Between['kind'], 'reverse'>, { debit: number; credit: readonly number[] }>> = {
  expire: { debit: MEMBER, credit: [EXPIRED] },
  hold: { debit: MEMBER, credit: [TREASURY, MERCHANT] },
  capture: { debit: MEMBER, credit: [TREASURY, MERCHANT] },
  transfer: { debit: MEMBER, credit: [MEMBER] },
  take: { debit: MEMBER, credit: [MEMBER] },
  settle: { debit: MERCHANT, credit: [TREASURY] },
  'opening-balance': { debit: BUDGET, credit: [MEMBER] },
  claim: { debit: MEMBER, credit: [TREASURY, MERCHANT] },
  reinstate: { debit: EXPIRED, credit: [MEMBER] },
  merge: { debit: MEMBER, credit: [MEMBER] },
}

/** Collects the least status that applies. */
class LeastStatus {
  status = ACCEPTED

  deny(status: number): void {
    if (status !== ACCEPTED && (this.status === ACCEPTED || status < this.status)) this.status = status
  }

  denyIf(applies: boolean, status: number): void {
    if (applies) this.deny(status)
  }

  /** The member that an effect makes; undefined where the account refuses. */
  take(effect: Effect | undefined): Exclude<Effect, number> | undefined {
    if (typeof effect !== 'number') return effect
    this.deny(effect)
    return undefined
  }
}

/**
 * The status of a transaction between two accounts that is not a `fund`, `issue` or `redeem`, with its effect. Somebody
 * is entitled to it. SPEC §7, §8.
 */
export function judgeBetween(context: ApplyContext, tx: Between): number {
  const { state, time } = context
  const { accounts, registry, originals, refs, claims } = state
  const { debit, credit, amount } = tx
  const series = tx.kind === 'claim' ? tx.series : undefined
  if (series !== undefined && series >= accounts.count) return ACCOUNT_UNKNOWN
  if (debit >= accounts.count) return DEBIT_UNKNOWN
  if (credit >= accounts.count) return CREDIT_UNKNOWN
  if (debit === credit) return SAME_ACCOUNT
  for (const other of [credit, series ?? credit])
    if (accounts.unit(debit) !== accounts.unit(other)) return UNIT_MISMATCH
  if (series !== undefined && accounts.kind(series) !== ACCOUNT_KINDS.series) return ACCOUNT_KIND
  if (tx.kind !== 'reverse') {
    if (accounts.kind(debit) !== ENDS[tx.kind].debit) return DEBIT_KIND
    if (!ENDS[tx.kind].credit.includes(accounts.kind(credit))) return CREDIT_KIND
  }
  if (series !== undefined && !isOfSeries(accounts, series, credit)) return SPONSOR_MISMATCH
  const verdict = new LeastStatus()
  const original = isUndoing(tx) ? originals[tx.kind === 'reverse' ? 'find' : 'expiry'](context.referred) : undefined
  for (const account of [debit, credit]) verdict.denyIf(isShut(accounts.status(account), tx, account), ACCOUNT_CLOSED)
  if (isUndoing(tx)) verdict.denyIf(!undoes(tx, original), ORIGINAL_UNKNOWN)
  const isAsked = tx.kind === 'settle' && tx.original !== null
  const asked = isAsked ? originals.asked(context.referred) : undefined
  if (isAsked) verdict.denyIf(asked?.account !== debit, ORIGINAL_UNKNOWN)
  verdict.denyIf(citesUnknown(context, tx.cites !== null), CITES_UNKNOWN)
  const unit = registry.unit(accounts.unit(debit))!
  const opens = tx.kind === 'opening-balance' ? tx : undefined
  if (opens !== undefined) verdict.denyIf(refs.hasOpened(unit.record, opens.source, opens.ref), REF_TAKEN)
  if (verdict.status !== ACCEPTED) return verdict.status
  if (tx.kind === 'claim') verdict.deny(claims.judge(tx))
  verdict.denyIf(amount % unit.terms.step !== 0, OFF_STEP)
  if (original?.transaction.kind === 'fund') denyFundReversal(verdict, tx, original, time, unit)
  if (asked !== undefined)
    verdict.denyIf(amount > asked.amount - originals.reversedOf(context.referred!.index), OVER_ORIGINAL)
  const from = verdict.take(sideOf(accounts, debit, tx, time, unit, original))
  const to = verdict.take(tx.kind === 'hold' ? undefined : sideOf(accounts, credit, tx, time, unit, original))
  if (accounts.kind(debit) === TREASURY) verdict.denyIf(amount - accounts.balance(debit) > unit.terms.cap, OVER_CAP)
  else if (accounts.kind(debit) !== MEMBER) verdict.denyIf(accounts.balance(debit) < amount, INSUFFICIENT)
  verdict.denyIf(tx.kind !== 'hold' && overflows(accounts, credit, amount), TOTAL_OVERFLOW)
  if (verdict.status !== ACCEPTED) return verdict.status

  settle(context, debit, from, -amount)
  if (tx.kind !== 'hold') settle(context, credit, to, amount)
  if (from?.parts !== undefined && (tx.kind === 'capture' || tx.kind === 'claim'))
    originals.took(context.logIndex, from.parts)
  if (original !== undefined) reverse(context, original, amount)
  if (asked !== undefined) originals.reverse(context.referred!.index, amount)
  if (tx.kind === 'claim') claim(context, tx)
  if (opens !== undefined) refs.open(unit.record, opens.source, opens.ref, credit)
  count(unit, tx, original)
  return ACCEPTED
}

/** Whether what is claimed of a series is paid to this account: its sponsor, or without one the treasury. SPEC §7. */
function isOfSeries(accounts: Accounts, series: number, credit: number): boolean {
  const { sponsor } = accounts.terms(series)
  return sponsor === undefined ? accounts.kind(credit) === TREASURY : sponsor === credit
}

/** Notes what is undone: of a claim, when it is the last of it, what was claimed can be claimed once more. */
function reverse({ state: { originals, claims }, referred }: ApplyContext, original: Original, amount: number): void {
  originals.reverse(referred!.index, amount)
  const { transaction, reversed } = original
  if (transaction.kind === 'claim' && reversed + amount === transaction.amount) claims.free(transaction)
}

/** Puts a claim after those of its series, and links its entry there. */
function claim({ state, links, position, logIndex, time }: ApplyContext, tx: TransactionOf<'claim'>): void {
  state.claims.add(tx, links.leaf(position).slice(), logIndex)
  links.name(state.accounts, tx.series, position, time)
}

function denyFundReversal(verdict: LeastStatus, tx: Between, original: Original, time: number, unit: Unit): void {
  verdict.denyIf(time > original.time + unit.terms.windowMs, WINDOW_OVER)
  verdict.denyIf(tx.amount > original.transaction.amount - original.reversed, OVER_ORIGINAL)
}

/** What a transaction makes of one of its accounts, if that is a member's. */
function sideOf(
  accounts: Accounts,
  account: number,
  tx: Transaction,
  time: number,
  unit: Unit,
  original?: Original,
): Effect | undefined {
  if (accounts.kind(account) !== MEMBER) return undefined
  const terms: MemberTerms = { unit: unit.terms, original }
  return affect(accounts.member(account), account, tx, time, terms)
}

/** Puts one side of a movement in place, and links its entry. */
function settle(
  { state: { accounts, registry }, links, position, time }: ApplyContext,
  account: number,
  member: Member | undefined,
  change: number,
): void {
  const before = accounts.balance(account)
  if (member !== undefined) accounts.setMember(account, member)
  else accounts.add(account, change)
  const kind = accounts.kind(account)
  if (kind === MEMBER || kind === MERCHANT)
    owe(registry.unit(accounts.unit(account))!, before, accounts.balance(account))
  links.name(accounts, account, position, time)
}

/** Adds a movement to the totals of its unit (SPEC §6). */
function count(unit: Unit, tx: Between, original: Original | undefined): void {
  const { amount } = tx
  if (tx.kind === 'expire') unit.expired.add(amount)
  if (tx.kind === 'capture' || tx.kind === 'claim') unit.redeemed.add(amount)
  if (tx.kind === 'reinstate') unit.reinstated.add(amount)
  if (tx.kind === 'opening-balance') unit.opened.add(amount)
  const reversed = tx.kind === 'reverse' ? original!.transaction.kind : undefined
  if (reversed === 'issue' || reversed === 'opening-balance') unit.reversed.add(amount)
  if (reversed === 'redeem' || reversed === 'capture' || reversed === 'claim') unit.redeemed.add(-amount)
}

/** The status of a `convert`: out of one unit, and into another from a budget, at a published rate. SPEC §7, §8. */
export function judgeConvert(context: ApplyContext, tx: TransactionOf<'convert'>): number {
  const { state, time, timeMs } = context
  const { accounts, registry, budgets } = state
  const { debit, credit, amount, budget, account, gained } = tx
  const rate = registry.standing(tx.rate, 'publish-rate')
  if (rate === undefined) return RULE_UNKNOWN
  if (budget >= accounts.count || account >= accounts.count) return ACCOUNT_UNKNOWN
  if (debit >= accounts.count) return DEBIT_UNKNOWN
  if (credit >= accounts.count) return CREDIT_UNKNOWN
  if (debit === credit || budget === account || debit === account) return SAME_ACCOUNT
  if (accounts.unit(debit) !== accounts.unit(credit) || accounts.unit(budget) !== accounts.unit(account))
    return UNIT_MISMATCH
  if (accounts.kind(budget) !== BUDGET || accounts.kind(account) !== MEMBER) return ACCOUNT_KIND
  if (accounts.kind(debit) !== MEMBER) return DEBIT_KIND
  if (accounts.kind(credit) !== TREASURY) return CREDIT_KIND
  const verdict = new LeastStatus()
  const [spent, gainedUnit] = [registry.unit(accounts.unit(debit))!, registry.unit(accounts.unit(budget))!]
  for (const one of [debit, account]) verdict.denyIf(isShut(accounts.status(one), tx, one), ACCOUNT_CLOSED)
  verdict.denyIf(citesUnknown(context, tx.cites !== null), CITES_UNKNOWN)
  verdict.denyIf(amount % spent.terms.step !== 0 || gained % gainedUnit.terms.step !== 0, OFF_STEP)
  const isAtRate =
    rate.unit === spent.record &&
    rate.budget === budget &&
    BigInt(amount) * BigInt(rate.get) === BigInt(gained) * BigInt(rate.give) &&
    tx.expires === expiryOfGain(timeMs, rate.life, gainedUnit.terms)
  verdict.denyIf(!isAtRate || !areOfOne(state, debit, account), RATE_MISMATCH)
  verdict.deny(budgets.judge(budget, account, gained, time, gainedUnit.terms))
  const from = verdict.take(sideOf(accounts, debit, tx, time, spent))
  const to = verdict.take(sideOf(accounts, account, tx, time, gainedUnit))
  verdict.denyIf(accounts.balance(budget) < gained, INSUFFICIENT)
  verdict.denyIf(overflows(accounts, credit, amount) || overflows(accounts, account, gained), TOTAL_OVERFLOW)
  if (verdict.status !== ACCEPTED) return verdict.status

  settle(context, debit, from, -amount)
  settle(context, credit, undefined, amount)
  settle(context, budget, undefined, -gained)
  settle(context, account, to, gained)
  countGiven(context, budget, account, gained, gainedUnit)
  spent.redeemed.add(amount)
  gainedUnit.issued.add(gained)
  return ACCEPTED
}

/** Whether two members have the same owner key, or none, and custodians of one chain. SPEC §7. */
function areOfOne({ accounts, registry }: LedgerState, giver: number, taker: number): boolean {
  const [one, other] = [accounts.owner(giver), accounts.owner(taker)]
  if (one !== null && other !== null) return equalBytes(one, other)
  if (one !== null || other !== null) return false
  const [from, to] = [accounts.terms(giver).custodian, accounts.terms(taker).custodian]
  return from !== null && to !== null && registry.chains.of(from) === registry.chains.of(to)
}
