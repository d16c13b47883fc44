import { toHex } from '../core/bytes.ts'
import { ENTRY_TRANSACTION } from '../core/entry/entry-type.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import type { Shop, ShopUnit } from '../files/shop-file.ts'
import { markOf } from './derivation.ts'
import { dateMs, type Histories } from './histories.ts'
import type { Members } from './members.ts'
import type { Memory } from './memory.ts'
import { type MovementParts, orderOf } from './movement-view.ts'

/** The parts of a gateway that know what members have. */
export interface BalanceParts extends Omit<MovementParts, 'rulebook'> {
  readonly shop: Pick<Shop, 'units'>
  readonly members: Members
  readonly histories: Histories
  readonly nowMs: () => number
}

/** What a member has in a unit, as it is answered. */
export interface BalanceView {
  readonly account: number
  readonly status: 'open' | 'frozen' | 'closed' | 'merged'
  readonly balance: number
  readonly available: number
  readonly pending: number
  readonly held: number
  readonly expiring: { at: string; points: number }[]
  readonly holds: { order: string | null; points: number; until: string }[]
}

/** What a member has, computed from the entries of her account. */
async function balanceView(gateway: BalanceParts, account: number, unit: ShopUnit): Promise<BalanceView> {
  const { history, shares, balance, listed } = await gateway.histories.now(account, unit.record)
  const { lots, holds } = history.member.holdings
  const expiring = new Map<number, number>()
  for (const { expires, amount } of lots)
    if (expires !== 0) expiring.set(expires, (expiring.get(expires) ?? 0) + amount)
  const { available, pending, held } = shares
  return {
    account,
    status: listed.status,
    ...{ balance, available, pending, held },
    expiring: [...expiring]
      .filter(([date]) => dateMs(date) > gateway.nowMs())
      .sort(([a], [b]) => a - b)
      .map(([date, points]) => ({ at: text(dateMs(date)), points })),
    holds: await Promise.all(
      holds.map(async ({ id, amount, until }) => ({
        order: await orderOf(gateway, toHex(id)),
        points: amount,
        until: text(until),
      })),
    ),
  }
}

/** What a member has, by the name of each unit in which she has an account. @throws GatewayError `member-unknown`. */
export async function balancesOf(gateway: BalanceParts, id: string): Promise<Record<string, BalanceView>> {
  const { shop, members } = gateway
  const shown = await Promise.all(
    shop.units.map(async unit => {
      const account = await members.find(id, unit)
      return account === undefined ? [] : [[unit.name, await balanceView(gateway, account, unit)] as const]
    }),
  )
  const units = Object.fromEntries(shown.flat())
  if (Object.keys(units).length === 0) await members.get(id, members.unit())
  return units
}

/** Whether an entry is one that the shop made, or of one of its members. */
export async function isOfShop(
  { memory, members }: { readonly memory: Memory; readonly members: Members },
  entry: Uint8Array,
): Promise<boolean> {
  if (entry[0] !== ENTRY_TRANSACTION) return false
  const transaction = decodeTransaction(entry)
  if ((await memory.get('attempts', markOf(transaction.id))) !== undefined) return true
  const named = 'debit' in transaction ? [transaction.debit, transaction.credit] : []
  if ('account' in transaction) named.push(transaction.account)
  return (await Promise.all(named.map(account => members.owner(account)))).some(owner => owner !== undefined)
}

function text(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
