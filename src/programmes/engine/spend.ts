import type { Friends, Programme, Spend } from '../document/programme.ts'
import { wrongReward } from '../failure.ts'
import { bounded } from './numbers.ts'
import { detailsAt } from './read-details.ts'

/** What members, friends and shops do with points: docs/programmes.md §9. */

/** The most points that may be spent on an order of so many cents; 0 where that is below the least. */
export function mostSpendable({ points, cents, share, least, step }: Spend, total: number, available: number): number {
  const [n, d] = share
  const payable = (BigInt(total) * BigInt(n)) / BigInt(d)
  const byShare = (payable * BigInt(points)) / BigInt(cents)
  const most = byShare < BigInt(available) ? Number(byShare) : available
  const spent = most - (most % step)
  return spent < least ? 0 : spent
}

/** What points are worth, in cents: a multiple of the step is worth whole ones. @throws PointerError `event-value`. */
export function worthOf({ points, cents }: Spend, spent: number): number {
  return bounded((BigInt(spent) * BigInt(cents)) / BigInt(points), '/spend')
}

/** What a hold or a payment by points was for. */
export interface CheckedSpend {
  readonly order: string
  readonly total: number
  readonly cents: number
}

/**
 * Checks the amount of a hold by its details.
 *
 * @param text - untrusted. @param amount - points, as the entry has them.
 * @throws PointerError `reward-details`; VerifyError `reward` where so much may not be spent on the order.
 */
export function checkSpend(programme: Programme, text: Uint8Array | string, amount: number): CheckedSpend {
  const members = detailsAt(programme, text).object(['programme', 'spend', 'total'])
  const { spend } = programme
  if (spend === undefined) throw wrongReward('/spend', 'the programme has nothing to spend points on')
  const total = members.at('total').integer(0)
  if (amount % spend.step !== 0) throw wrongReward('/spend', `${amount} is no multiple of ${spend.step}`)
  if (amount < spend.least) throw wrongReward('/spend', `${amount} is below the least, ${spend.least}`)
  const most = mostSpendable(spend, total, amount)
  if (most < amount) throw wrongReward('/spend', `${amount} is more than may be spent on ${total} cents`)
  return { order: members.at('spend').text(), total, cents: worthOf(spend, amount) }
}

/** Cents that a shop gets for points that it took in a period; 0 where the programme settles nothing. */
export function settlementOf({ spend, settle }: Programme, taken: number): number {
  if (spend === undefined || settle === undefined) return 0
  const [n, d] = settle.fee ?? [0, 1]
  return bounded((BigInt(taken) * BigInt(spend.cents) * BigInt(d - n)) / (BigInt(spend.points) * BigInt(d)), '/settle')
}

/** What an exchange was. */
export interface CheckedExchange {
  readonly id: string
  readonly times: number
  readonly unit: string
}

/**
 * Checks the amount of an exchange by its details.
 *
 * @param text - untrusted. @param amount - points, as the entry has them.
 * @throws PointerError `reward-details`; VerifyError `reward`.
 */
export function checkExchange(programme: Programme, text: Uint8Array | string, amount: number): CheckedExchange {
  const members = detailsAt(programme, text).object(['exchange', 'programme', 'times'])
  const id = members.at('exchange').text()
  const exchange = programme.exchanges.find(one => one.id === id)
  if (exchange === undefined) throw wrongReward('/exchange', `there is no exchange "${id}"`)
  const times = members.at('times').integer(1)
  if (BigInt(times) * BigInt(exchange.give) !== BigInt(amount))
    throw wrongReward('/times', `${times} × ${exchange.give} is not ${amount}`)
  return { id, times, unit: exchange.of }
}

/**
 * What a friend may take of a ripe lot. @param taken - of the lot so far. @param today - by this friend on the day.
 *
 * @example
 * // Of a lot of 100, of which 30 are taken, 10 of them today by this friend.
 * const some = takeable(programme.friends, 100, 30, 10)
 */
export function takeable({ each, most, keep, memberDay }: Friends, lot: number, taken: number, today: number): number {
  const floor = Number((BigInt(lot) * BigInt(each[0])) / BigInt(each[1]))
  const kept = Number((BigInt(lot) * BigInt(keep[0]) + BigInt(keep[1] - 1)) / BigInt(keep[1]))
  return Math.max(0, Math.min(floor, most, lot - kept - taken, memberDay - today))
}
