import {
  ACCOUNT_CLOSED,
  ACCOUNT_FROZEN,
  DATES,
  GRANT_UNKNOWN,
  GRANTS_FULL,
  HOLD_ENDED,
  HOLD_UNKNOWN,
  HOLDS_FULL,
  INSUFFICIENT,
  LOTS_FULL,
  NO_GIFTS,
  NOT_DUE,
  NOT_EMPTY,
  NOT_FROZEN,
  ORIGINAL_UNKNOWN,
  OVER_GIFT_CAP,
  OVER_ORIGINAL,
  RECOVERY_STATE,
  WINDOW_OVER,
} from '../core/entry/outcome.ts'
import type { DefineUnit, RecoveryTerms, Transaction, TransactionOf } from '../core/entry/transaction.ts'
import { GRANTS_MAX, HOLDS_MAX } from '../core/limits.ts'
import {
  arrive,
  clawBack,
  DAY_MS,
  debtOf,
  dueToExpire,
  endHold,
  grantOf,
  HOUR_MS,
  type Holdings,
  hasRoom,
  holdOf,
  isPast,
  type Lot,
  partsBack,
  spend,
  spendLot,
  type Taken,
  withoutPast,
} from './holdings.ts'

/** What an account's status says (SPEC §6). */
export const OPEN = 0
export const FROZEN = 1
export const CLOSED = 2

/** The part of a member account's state that transactions are judged by and change (SPEC §6). */
export interface Member {
  status: number
  /** The owner's public key now; null for an account that only a custodian spends. */
  owner: Uint8Array | null
  /** Time of the latest entry. */
  readonly time: number
  credited: number
  debited: number
  holdings: Holdings
}

/** A transaction that is reversed, and what of it was reversed before. */
export interface Original {
  readonly transaction: TransactionOf<'fund' | 'issue' | 'redeem' | 'capture'>
  readonly timeMs: number
  readonly reversed: number
  /** The lots that it took from the member, for a redeem or a capture. */
  readonly parts: readonly Lot[]
}

/** What else a transaction's effect on a member depends on. */
export interface MemberTerms {
  readonly unit: Pick<DefineUnit, 'giftEach' | 'giftDay' | 'debtMax' | 'windowMs'>
  readonly recovery: RecoveryTerms | null
  /** Of a `reverse`: undefined where there is none. */
  readonly original?: Original | undefined
}

/** The status by which a member's account refuses, or what it then is, with the lots that a debit took. */
export type Effect = number | (Member & { readonly parts?: readonly Lot[] })

/** Debits that nobody but the owner, or the custodian, can make; a frozen account refuses them. SPEC §7. */
const SPENDING: ReadonlySet<string> = new Set(['redeem', 'hold', 'transfer', 'convert'])

/**
 * What a transaction makes of the member account `account`, which it names; or the least status for which the account
 * refuses it (SPEC §7, §8). Whether the signers are entitled is not asked here. The ledger and the verifiers of statements
 * both go through this function, on either side of a transaction that names two members.
 */
export function affect(member: Member, account: number, tx: Transaction, timeMs: number, terms: MemberTerms): Effect {
  if (member.status === CLOSED) return ACCOUNT_CLOSED
  const isDebit = 'debit' in tx && tx.debit === account
  if (tx.kind === 'capture' && holdOf(member.holdings, tx.hold)?.credit !== tx.credit) return HOLD_UNKNOWN
  if (isDebit && SPENDING.has(tx.kind) && member.status === FROZEN) return ACCOUNT_FROZEN
  const atMs = Math.max(member.time, timeMs)
  if ('debit' in tx) return isDebit ? debit(member, tx, timeMs, atMs, terms) : credit(member, tx, timeMs, atMs, terms)
  return change(member, tx, timeMs, atMs, terms)
}

type Moving = Extract<Transaction, { readonly debit: number }>

/** An account that was debited, from what was taken of it. */
function debited(member: Member, amount: number, taken: Taken | undefined): Effect {
  if (taken === undefined) return INSUFFICIENT
  return { ...member, debited: member.debited + amount, ...taken }
}

function debit(member: Member, tx: Moving, timeMs: number, atMs: number, terms: MemberTerms): Effect {
  const { holdings } = member
  const balance = member.credited - member.debited
  const { amount } = tx
  switch (tx.kind) {
    case 'redeem':
    case 'convert':
      return debited(member, amount, spend(holdings, balance, amount, atMs))
    case 'expire':
      if (dueToExpire(holdings, timeMs) !== amount) return NOT_DUE
      return { ...member, debited: member.debited + amount, holdings: withoutPast(holdings, timeMs) }
    case 'hold': {
      if (tx.until <= atMs) return HOLD_ENDED
      const taken = spend(holdings, balance, amount, atMs)
      if (taken === undefined) return INSUFFICIENT
      if (holdings.holds.length >= HOLDS_MAX) return HOLDS_FULL
      const { id, credit, until } = tx
      const holds = [...holdings.holds, { id, credit, amount, until, parts: taken.parts }]
      return { ...member, holdings: { ...taken.holdings, holds } }
    }
    case 'capture': {
      const hold = holdOf(holdings, tx.hold)!
      if (hold.until <= atMs) return HOLD_ENDED
      if (amount > hold.amount) return OVER_ORIGINAL
      return debited(member, amount, endHold(holdings, balance, hold, amount))
    }
    case 'transfer':
      return give(member, tx, atMs, terms)
    case 'reverse': {
      const { original } = terms
      const reversed = original?.transaction
      if (original === undefined || reversed?.kind !== 'issue') return ORIGINAL_UNKNOWN
      const { matures, expires } = reversed
      const lot = { matures, expires, amount }
      if (isPast(lot, atMs)) return DATES
      if (timeMs > original.timeMs + terms.unit.windowMs) return WINDOW_OVER
      if (amount > reversed.amount - original.reversed) return OVER_ORIGINAL
      const left = clawBack(holdings, balance, amount, lot, atMs, terms.unit.debtMax)
      return left === undefined ? INSUFFICIENT : { ...member, debited: member.debited + amount, holdings: left }
    }
    default:
      return ORIGINAL_UNKNOWN
  }
}

/** The giver's side of a transfer. */
function give(member: Member, tx: TransactionOf<'transfer'>, atMs: number, { unit }: MemberTerms): Effect {
  const { holdings } = member
  if (unit.giftEach === 0) return NO_GIFTS
  if (isPast(tx, atMs)) return DATES
  const day = Math.floor(atMs / DAY_MS)
  const given = (day === holdings.giftDay ? holdings.given : 0) + tx.amount
  if (tx.amount > unit.giftEach || given > unit.giftDay) return OVER_GIFT_CAP
  const taken = spendLot(holdings, member.credited - member.debited, tx.amount, tx, atMs)
  const effect = debited(member, tx.amount, taken)
  return typeof effect === 'number' ? effect : { ...effect, holdings: { ...effect.holdings, giftDay: day, given } }
}

function credit(member: Member, tx: Moving, timeMs: number, atMs: number, terms: MemberTerms): Effect {
  switch (tx.kind) {
    case 'issue':
    case 'transfer':
      return credited(member, [{ matures: tx.matures, expires: tx.expires, amount: tx.amount }], atMs)
    case 'convert':
      return credited(member, [{ matures: 0, expires: tx.expires, amount: tx.gained }], atMs)
    case 'reverse': {
      const { original } = terms
      if (original === undefined || original.transaction.debit !== tx.credit) return ORIGINAL_UNKNOWN
      if (timeMs > original.timeMs + terms.unit.windowMs) return WINDOW_OVER
      if (tx.amount > original.transaction.amount - original.reversed) return OVER_ORIGINAL
      const parts = partsBack(original.parts, original.reversed, tx.amount)
      return hasRoom(member.holdings, parts) ? arrived(member, parts, tx.amount) : LOTS_FULL
    }
    default:
      return ORIGINAL_UNKNOWN
  }
}

/** An account that points of the dates given were added to. */
function credited(member: Member, parts: readonly [Lot], atMs: number): Effect {
  if (isPast(parts[0], atMs)) return DATES
  return hasRoom(member.holdings, parts) ? arrived(member, parts, parts[0].amount) : LOTS_FULL
}

function arrived(member: Member, parts: readonly Lot[], amount: number): Member {
  const debt = debtOf(member.holdings, member.credited - member.debited)
  return { ...member, credited: member.credited + amount, holdings: arrive(member.holdings, debt, parts) }
}

/** Transactions that move no points out of the account. */
function change(
  member: Member,
  tx: Exclude<Transaction, Moving>,
  timeMs: number,
  atMs: number,
  { recovery }: MemberTerms,
): Effect {
  const { holdings, status } = member
  const balance = member.credited - member.debited
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
    case 'close':
      // With lots, a balance of 0 hides a debt behind points past their expiry, which could then never be expired.
      return balance !== 0 || holdings.holds.length + holdings.lots.length > 0
        ? NOT_EMPTY
        : { ...member, status: CLOSED }
    case 'rotate-owner':
      return { ...member, owner: tx.key, holdings: withoutRecovery(holdings) }
    case 'recover':
      if (recovery === null || holdings.recoveryKey !== null) return RECOVERY_STATE
      return { ...member, holdings: { ...holdings, recoveryKey: tx.key, recoveryDue: atMs + recovery.delayMs } }
    case 'veto':
      return holdings.recoveryKey === null ? RECOVERY_STATE : { ...member, holdings: withoutRecovery(holdings) }
    case 'finish-recovery':
      if (holdings.recoveryKey === null) return RECOVERY_STATE
      if (timeMs < holdings.recoveryDue) return NOT_DUE
      return { ...member, owner: holdings.recoveryKey, holdings: withoutRecovery(holdings) }
    case 'grant': {
      if (tx.until !== 0 && tx.until <= atMs) return DATES
      if (holdings.grants.length >= GRANTS_MAX) return GRANTS_FULL
      const { id, to, until } = tx
      return { ...member, holdings: { ...holdings, grants: [...holdings.grants, { id, to, until }] } }
    }
    case 'withdraw': {
      const grant = grantOf(holdings, tx.grant)
      if (grant === undefined) return GRANT_UNKNOWN
      return { ...member, holdings: { ...holdings, grants: holdings.grants.filter(one => one !== grant) } }
    }
    case 'disclose': {
      const grant = grantOf(holdings, tx.grant)
      return grant === undefined || (grant.until !== 0 && grant.until <= atMs) ? GRANT_UNKNOWN : member
    }
    case 'erase':
      return member
    default:
      return ORIGINAL_UNKNOWN
  }
}

function withoutRecovery(holdings: Holdings): Holdings {
  return { ...holdings, recoveryKey: null, recoveryDue: 0 }
}

/** Whether an account has a hold, or points, that the operator's key may now release or expire. */
export function isDue({ holdings }: Pick<Member, 'holdings'>, atMs: number): boolean {
  return holdings.holds.some(({ until }) => until <= atMs) || dueToExpire(holdings, atMs) > 0
}

/** Milliseconds of the unit of `dueMinute`. */
export const MINUTE_MS = 60_000

/** Minute since 1970 of the next `isDue`, rounded up; undefined where none will come of itself. */
export function dueMinute({ lots, holds }: Holdings): number | undefined {
  let minute = Number.POSITIVE_INFINITY
  for (const { expires } of lots) if (expires !== 0) minute = Math.min(minute, expires * (HOUR_MS / MINUTE_MS))
  for (const { until } of holds) minute = Math.min(minute, Math.ceil(until / MINUTE_MS))
  return Number.isFinite(minute) ? minute : undefined
}
