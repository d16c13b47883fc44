import { ACCEPTED, DATES, NO_TAKES, OVER_TAKE_CAP, TAKEN_BEFORE } from '../core/entry/outcome.ts'
import type { TakePolicy, TransactionOf } from '../core/entry/transaction.ts'
import {
  arrive,
  debtOf,
  forgotten,
  type Holdings,
  isMature,
  isOf,
  isPast,
  type Lot,
  lotOf,
  sumOf,
  withLots,
} from './holdings.ts'
import { isOver } from './statuses.ts'

type Taking = Pick<TransactionOf<'take'>, 'credit' | 'amount' | 'matures' | 'expires'>
/** The dates of a lot, by which it is known in its account. */
export type LotDates = Pick<Lot, 'matures' | 'expires'>

/** Whether another account may take at all: by a consent, or as the unit lets everyone. SPEC §6. */
export function mayTake({ grants }: Holdings, credit: number, atMs: number, policy: TakePolicy | null): boolean {
  if (policy === null || policy.open === 1) return true
  return grants.some(grant => grant.may === 1 && grant.to === credit && !isOver(grant, atMs))
}

/** The least status for which the policy refuses a take of a lot of these holdings, or `ACCEPTED`. SPEC §6. */
export function judgeTake(holdings: Holdings, tx: Taking, atMs: number, policy: TakePolicy | null): number {
  if (policy === null) return NO_TAKES
  if (isPast(tx, atMs)) return DATES
  const before = holdings.takes.filter(take => isOf(take, tx))
  if (before.some(({ credit }) => credit === tx.credit)) return TAKEN_BEFORE
  const lot = BigInt(lotOf(holdings.lots, tx)?.amount ?? 0)
  const [whole, amount] = [lot + BigInt(sumOf(before)), BigInt(tx.amount)]
  const isOverCap =
    tx.amount > policy.most ||
    100n * amount > BigInt(policy.each) * whole ||
    100n * (lot - amount) < BigInt(policy.keep) * whole
  return isOverCap ? OVER_TAKE_CAP : ACCEPTED
}

/** With a take noted beside those before, if something of its lot still stands. */
export function noted(holdings: Holdings, { matures, expires, credit, amount }: Taking): Holdings {
  return forgotten({ ...holdings, takes: [...holdings.takes, { matures, expires, credit, amount }] })
}

/**
 * With the lot of these dates collected: points without dates, or that expire at another time. Undefined where none is
 * ripe.
 */
export function collected(
  holdings: Holdings,
  balance: number,
  dates: LotDates,
  atMs: number,
  expires: number,
): Holdings | undefined {
  const lot = lotOf(holdings.lots, dates)
  if (lot === undefined || !isMature(lot, atMs) || isPast(lot, atMs)) return undefined
  const left = withLots(
    holdings,
    holdings.lots.filter(one => one !== lot),
  )
  return arrive(left, debtOf(holdings, balance), [{ matures: 0, expires, amount: lot.amount }])
}
