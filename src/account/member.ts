import { idTimeMs } from '../core/entry/id.ts'
import {
  ACCEPTED,
  ACCOUNT_CLOSED,
  ACCOUNT_FROZEN,
  DATES,
  GRANT_UNKNOWN,
  GRANTS_FULL,
  HOLD_ENDED,
  HOLD_TOO_LONG,
  HOLD_UNKNOWN,
  HOLDS_FULL,
  INSUFFICIENT,
  LOTS_FULL,
  NO_COLLECT,
  NO_GIFTS,
  NOT_CLOSED,
  NOT_DUE,
  NOT_EMPTY,
  NOT_FROZEN,
  OFF_GRAIN,
  ORIGINAL_UNKNOWN,
  OVER_BALANCE_MAX,
  OVER_GIFT_CAP,
  OVER_ORIGINAL,
  OVER_TAKE_CAP,
  RECOVERY_STATE,
  STATUSES_FULL,
  TAKES_FULL,
  WINDOW_OVER,
} from '../core/entry/outcome.ts'
import {
  type DefineUnit,
  isKeyOf,
  type RecoveryTerms,
  type Transaction,
  type TransactionOf,
} from '../core/entry/transaction.ts'
import { GRANTS_MAX, HOLDS_MAX, STATUSES_MAX, TAKES_MAX } from '../core/limits.ts'
import { datesOfIssue, hasTooManyPending, isOverMax, isTooFarAhead } from './arrivals.ts'
import { judgeCustody, termsAfter } from './custody.ts'
import { dayOf, expiryOfGain, isOnGrain } from './dates.ts'
import {
  arrive,
  clawBack,
  debtOf,
  dueToExpire,
  endHold,
  fits,
  forgotten,
  grantOf,
  type Holdings,
  hasRoom,
  holdOf,
  isPast,
  isRecovering,
  type Lot,
  partsBack,
  spend,
  spendLot,
  sumOf,
  type TakenLots,
  withoutPast,
} from './holdings.ts'
import { emptied, unmerged } from './merges.ts'
import { CLOSED, FROZEN, isShut, MERGED, OPEN } from './standing.ts'
import { isOver, withTier } from './statuses.ts'
import { collected, judgeTake, mayTake, noted } from './takes.ts'

/** The part of a member account's state that transactions are judged by and change (SPEC §6). */
export interface Member {
  readonly status: number
  /** The owner's public key now; null for an account that only a custodian spends. */
  readonly owner: Uint8Array | null
  /** Record whose chain has the custody now; null without any. */
  readonly custodian: number | null
  /** On what terms the account comes under another key, as they are now. */
  readonly recovery: RecoveryTerms | null
  /** Ledger time of the latest entry. */
  readonly time: number
  /** Below zero it is a debt. */
  readonly balance: number
  readonly holdings: Holdings
}

/** A transaction that is reversed, or an expiry of which points are reinstated, and what of it was before. */
export interface Original {
  readonly transaction: TransactionOf<
    'fund' | 'issue' | 'opening-balance' | 'redeem' | 'capture' | 'claim' | 'expire' | 'merge'
  >
  /** Ledger time of its batch. */
  readonly time: number
  readonly reversed: number
  /** Of the lots that it took from the member, for a redeem, claim or capture, those that have not come back. */
  readonly parts: readonly Lot[]
}

/** What else a transaction's effect on a member depends on. */
export interface MemberTerms {
  readonly unit: UnitTerms
  /** Of a `reverse` or `reinstate`: undefined where there is none. */
  readonly original?: Original | undefined
}

/** What of a unit's policy concerns one member. */
export type UnitTerms = Pick<
  DefineUnit,
  | 'giftEach'
  | 'giftDay'
  | 'debtMax'
  | 'custody'
  | 'windowMs'
  | 'holdMaxMs'
  | 'offset'
  | 'grain'
  | 'take'
  | 'collect'
  | 'balanceMax'
>

/** The status by which a member's account refuses, or what it then is, with the lots that a debit took. */
export type Effect = number | (Member & { readonly parts?: readonly Lot[] })

/** Debits that nobody but the owner, or the custodian, can make; a frozen account refuses them. SPEC §7. */
const SPENDING: ReadonlySet<string> = new Set(['redeem', 'hold', 'transfer', 'convert', 'take', 'claim', 'merge'])

/**
 * What a transaction makes of the member account `account`, which it names, at ledger time `time`; or the least status
 * for which the account refuses it (SPEC §6, §8). Whether the signers are entitled is not asked here. The ledger and
 * the verifiers of statements both go through this function, on either side of a transaction that names two members.
 */
export function affect(member: Member, account: number, tx: Transaction, time: number, terms: MemberTerms): Effect {
  if (isShut(member.status, tx, account)) return ACCOUNT_CLOSED
  const isDebit = 'debit' in tx && tx.debit === account
  if (tx.kind === 'capture' && holdOf(member.holdings, tx.hold)?.credit !== tx.credit) return HOLD_UNKNOWN
  if (tx.kind === 'take' && isDebit && !mayTake(member.holdings, tx.credit, time, terms.unit.take)) return GRANT_UNKNOWN
  if (SPENDING.has(tx.kind) && (isDebit || tx.kind === 'take') && member.status === FROZEN) return ACCOUNT_FROZEN
  if ('debit' in tx) return isDebit ? debit(member, tx, time, terms) : credit(member, tx, time, terms)
  return change(member, tx, time, terms)
}

type MovingTransaction = Extract<Transaction, { readonly debit: number }>

/** An account that was debited, from what was taken of it. */
function debited(member: Member, amount: number, taken: TakenLots | undefined): Effect {
  if (taken === undefined) return INSUFFICIENT
  return { ...member, balance: member.balance - amount, ...taken }
}

function debit(member: Member, tx: MovingTransaction, time: number, terms: MemberTerms): Effect {
  const { holdings, balance } = member
  const { amount } = tx
  switch (tx.kind) {
    case 'redeem':
    case 'claim':
    case 'convert':
      return debited(member, amount, spend(holdings, balance, amount, time))
    case 'expire':
      if (dueToExpire(holdings, time) !== amount) return NOT_DUE
      return { ...member, balance: balance - amount, holdings: withoutPast(holdings, time) }
    case 'hold':
      return setAside(member, tx, time, terms)
    case 'capture': {
      const hold = holdOf(holdings, tx.hold)!
      if (hold.until <= time) return HOLD_ENDED
      if (amount > hold.amount) return OVER_ORIGINAL
      return debited(member, amount, endHold(holdings, balance, hold, amount))
    }
    case 'transfer':
      return give(member, tx, time, terms)
    case 'take':
      return takenFrom(member, tx, time, terms)
    case 'merge': {
      const left = emptied(holdings, balance, tx.parts, time)
      return typeof left === 'number' ? left : { ...member, status: MERGED, balance: 0, holdings: left }
    }
    case 'reverse': {
      const { original } = terms
      const reversed = original?.transaction
      if (reversed?.kind === 'merge') {
        const left = unmerged(holdings, balance, amount, original!, time, terms.unit.windowMs)
        return typeof left === 'number' ? left : { ...member, balance: balance - amount, holdings: left }
      }
      const isGiven = reversed?.kind === 'issue' || reversed?.kind === 'opening-balance'
      if (original === undefined || !isGiven) return ORIGINAL_UNKNOWN
      const { matures, expires } = reversed
      const lot = { matures, expires, amount }
      if (isPast(lot, time)) return DATES
      if (time > original.time + terms.unit.windowMs) return WINDOW_OVER
      if (amount > reversed.amount - original.reversed) return OVER_ORIGINAL
      const left = clawBack(holdings, balance, amount, lot, time, terms.unit.debtMax)
      return left === undefined ? INSUFFICIENT : { ...member, balance: balance - amount, holdings: left }
    }
    default:
      return ORIGINAL_UNKNOWN
  }
}

/** The side of a hold that there is. */
function setAside(member: Member, tx: TransactionOf<'hold'>, time: number, { unit }: MemberTerms): Effect {
  const { holdings, balance } = member
  const { id, credit, amount, until } = tx
  if (until <= time) return HOLD_ENDED
  if (until > time + unit.holdMaxMs) return HOLD_TOO_LONG
  const taken = spend(holdings, balance, amount, time)
  if (taken === undefined) return INSUFFICIENT
  const holds = [...holdings.holds, { id, credit, amount, until, parts: taken.parts }]
  // What others took of a lot is remembered while it is held: it may come back.
  const made = forgotten({ ...taken.holdings, takes: holdings.takes, holds })
  if (!fits(made)) return LOTS_FULL
  return holds.length > HOLDS_MAX ? HOLDS_FULL : { ...member, holdings: made }
}

/** The giver's side of a transfer. */
function give(member: Member, tx: TransactionOf<'transfer'>, time: number, { unit }: MemberTerms): Effect {
  const { holdings } = member
  if (unit.giftEach === 0 || unit.giftDay === 0) return NO_GIFTS
  if (isPast(tx, time)) return DATES
  const day = dayOf(time, unit)
  const given = (day === holdings.giftDay ? holdings.given : 0) + tx.amount
  if (tx.amount > unit.giftEach || given > unit.giftDay) return OVER_GIFT_CAP
  const taken = spendLot(holdings, member.balance, tx.amount, tx, time)
  const effect = debited(member, tx.amount, taken)
  return typeof effect === 'number' ? effect : { ...effect, holdings: { ...effect.holdings, giftDay: day, given } }
}

/** The side of a take that it is taken from. */
function takenFrom(member: Member, tx: TransactionOf<'take'>, time: number, { unit }: MemberTerms): Effect {
  const { holdings, balance } = member
  const status = judgeTake(holdings, tx, time, unit.take)
  if (status !== ACCEPTED) return status
  const effect = debited(member, tx.amount, spendLot(holdings, balance, tx.amount, tx, time))
  if (typeof effect === 'number') return effect
  return holdings.takes.length >= TAKES_MAX ? TAKES_FULL : { ...effect, holdings: noted(effect.holdings, tx) }
}

/** The side of a take that takes. */
function takenBy(member: Member, tx: TransactionOf<'take'>, time: number, { unit }: MemberTerms): Effect {
  const { takenDay, taken: before } = member.holdings
  const day = dayOf(time, unit)
  const taken = (day === takenDay ? before : 0) + tx.amount
  if (isPast(tx, time)) return DATES
  if (unit.take !== null && taken > unit.take.day) return OVER_TAKE_CAP
  const effect = credited(member, [tx], unit.balanceMax)
  return typeof effect === 'number' ? effect : { ...effect, holdings: { ...effect.holdings, takenDay: day, taken } }
}

function credit(member: Member, tx: MovingTransaction, time: number, terms: MemberTerms): Effect {
  const { balanceMax } = terms.unit
  switch (tx.kind) {
    case 'issue':
    case 'opening-balance': {
      const timeMs = idTimeMs(tx.id)
      const dates = datesOfIssue(tx, timeMs, terms.unit)
      if (dates !== undefined) return dates
      // What one had elsewhere one has here, whatever the most is that an account may be given.
      const effect = credited(member, [tx], tx.kind === 'issue' ? balanceMax : 0)
      return typeof effect !== 'number' && hasTooManyPending(member.holdings, tx, timeMs) ? LOTS_FULL : effect
    }
    case 'transfer':
      return isPast(tx, time) ? DATES : credited(member, [tx], balanceMax)
    case 'take':
      return takenBy(member, tx, time, terms)
    case 'convert':
      return isPast(tx, time)
        ? DATES
        : credited(member, [{ matures: 0, expires: tx.expires, amount: tx.gained }], balanceMax)
    case 'reverse': {
      const { original } = terms
      if (original === undefined || original.transaction.debit !== tx.credit) return ORIGINAL_UNKNOWN
      if (time > original.time + terms.unit.windowMs) return WINDOW_OVER
      if (tx.amount > original.transaction.amount - original.reversed) return OVER_ORIGINAL
      const effect = credited(member, partsBack(original.parts, tx.amount)[1])
      const isUndone = original.transaction.kind === 'merge' && member.status === MERGED
      return typeof effect === 'number' || !isUndone ? effect : { ...effect, status: OPEN }
    }
    case 'merge':
      return tx.parts.some(part => isPast(part, time)) ? DATES : credited(member, tx.parts)
    case 'reinstate': {
      const { original, unit } = terms
      if (original?.transaction.debit !== tx.credit) return ORIGINAL_UNKNOWN
      if (!isOnGrain(tx.expires, unit)) return OFF_GRAIN
      if (isPast(tx, time) || isTooFarAhead(tx.expires, idTimeMs(tx.id))) return DATES
      const left = original.transaction.amount - original.reversed
      if (tx.amount > left) return OVER_ORIGINAL
      return credited(member, [{ matures: 0, expires: tx.expires, amount: tx.amount }])
    }
    default:
      return ORIGINAL_UNKNOWN
  }
}

/** An account that points were added to, part by part. What comes back counts under no `max`. */
function credited(member: Member, parts: readonly Lot[], max = 0): Effect {
  const { holdings, balance } = member
  if (isOverMax(balance, sumOf(parts), max)) return OVER_BALANCE_MAX
  if (!hasRoom(holdings, parts)) return LOTS_FULL
  return {
    ...member,
    balance: balance + sumOf(parts),
    holdings: arrive(holdings, debtOf(holdings, balance), parts.map(lotOf)),
  }
}

function lotOf({ matures, expires, amount }: Lot): Lot {
  return { matures, expires, amount }
}

/** Transactions that move no points out of the account. */
function change(
  member: Member,
  tx: Exclude<Transaction, MovingTransaction>,
  time: number,
  { unit }: MemberTerms,
): Effect {
  const { holdings, status, balance, recovery } = member
  switch (tx.kind) {
    case 'release': {
      const hold = holdOf(holdings, tx.hold)
      if (hold === undefined) return HOLD_UNKNOWN
      return { ...member, holdings: endHold(holdings, balance, hold, 0).holdings }
    }
    case 'freeze':
      return status === FROZEN ? ACCOUNT_FROZEN : { ...member, status: FROZEN }
    case 'unfreeze':
      return status === FROZEN ? { ...member, status: OPEN } : NOT_FROZEN
    case 'reopen':
      return status === CLOSED ? { ...member, status: OPEN } : NOT_CLOSED
    case 'close':
      // With lots, a balance of 0 hides a debt behind points past their expiry, which could then never be expired.
      return balance !== 0 || holdings.holds.length + holdings.lots.length > 0
        ? NOT_EMPTY
        : { ...member, status: CLOSED }
    case 'set-custody':
      return judgeCustody(member, tx, unit.custody) || comeUnder(member, tx)
    case 'recover':
      if (recovery === null || isRecovering(holdings, time) || isKeyOf(recovery, tx.key)) return RECOVERY_STATE
      return { ...member, holdings: { ...holdings, recoveryKey: tx.key, recoveryDue: time + recovery.delayMs } }
    case 'veto':
      return isRecovering(holdings, time) ? { ...member, holdings: withoutRecovery(holdings) } : RECOVERY_STATE
    case 'finish-recovery':
      if (!isRecovering(holdings, time)) return RECOVERY_STATE
      if (time < holdings.recoveryDue) return NOT_DUE
      return {
        ...member,
        owner: holdings.recoveryKey,
        recovery: termsAfter(member, tx),
        holdings: withoutRecovery(holdings),
      }
    case 'grant': {
      if (tx.until !== 0 && tx.until <= time) return DATES
      if (holdings.grants.length >= GRANTS_MAX) return GRANTS_FULL
      const { id, to, until, may } = tx
      return { ...member, holdings: { ...holdings, grants: [...holdings.grants, { id, to, until, may }] } }
    }
    case 'withdraw': {
      const grant = grantOf(holdings, tx.grant)
      if (grant === undefined) return GRANT_UNKNOWN
      return { ...member, holdings: { ...holdings, grants: holdings.grants.filter(one => one !== grant) } }
    }
    case 'disclose': {
      const grant = grantOf(holdings, tx.grant)
      return grant === undefined || grant.may !== 0 || isOver(grant, time) ? GRANT_UNKNOWN : member
    }
    case 'erase':
      return member
    case 'set-status': {
      if (isOver(tx, time)) return DATES
      const statuses = withTier(holdings.statuses, tx, time)
      return statuses.length > STATUSES_MAX ? STATUSES_FULL : { ...member, holdings: { ...holdings, statuses } }
    }
    case 'collect': {
      if (unit.collect === null) return NO_COLLECT
      if (isPast(tx, time)) return DATES
      const left = collected(holdings, balance, tx, time, expiryOfGain(time, unit.collect, unit))
      return left === undefined ? NOT_DUE : { ...member, holdings: left }
    }
    default:
      return ORIGINAL_UNKNOWN
  }
}

/** An account that comes under other holders. */
function comeUnder(member: Member, tx: TransactionOf<'set-custody'>): Effect {
  const { owner, custodian } = tx
  const recovery = termsAfter(member, tx)
  const holdings = withoutRecovery(member.holdings)
  return { ...member, owner, custodian: custodian?.record ?? null, recovery, holdings }
}

function withoutRecovery(holdings: Holdings): Holdings {
  return { ...holdings, recoveryKey: null, recoveryDue: 0 }
}
