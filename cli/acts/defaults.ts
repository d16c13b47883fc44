import { HOUR_MS } from '../../src/account/holdings.ts'
import type { ListedRecord, TallyClient } from '../../src/client/index.ts'
import type { Kind, TransactionOf } from '../../src/core/entry/transaction.ts'
import { UsageError } from '../../src/node/failure.ts'
import { n, type Values } from './act.ts'

/** The last record of a kind that fits. */
function lastRecord<K extends Kind>(
  records: readonly ListedRecord[],
  kind: K,
  fits: (transaction: TransactionOf<K>, number: number) => boolean,
): TransactionOf<K> | undefined {
  const found = records.findLast(
    ({ transaction, number }) => transaction.kind === kind && fits(transaction as TransactionOf<K>, number),
  )
  return found?.transaction as TransactionOf<K> | undefined
}

/** The terms that a budget has, for those that stay. */
export async function termsOf(client: TallyClient, values: Values): Promise<Values> {
  const account = n(values['account'])
  const terms = lastRecord(await client.registry(), 'set-budget', one => one.account === account)
  if (terms === undefined) return {}
  const { from, until, memberDay, memberTotal } = terms
  return { from, until, memberDay, memberTotal }
}

/** What a conversion at a published rate comes to, by the rate as the registry has it. @throws UsageError `rate`. */
export async function atRate(client: TallyClient, values: Values, nowMs: number): Promise<Values> {
  const [number, amount] = [n(values['rate']), n(values['amount'])]
  const rate = lastRecord(await client.registry(), 'publish-rate', (_, record) => record === number)
  if (rate === undefined) throw new UsageError('rate', `Record ${number} is no rate: see tally rate list.`)
  const { budget, give, get, life } = rate
  const gained = (amount * get) / give
  if (!Number.isSafeInteger(gained) || !Number.isSafeInteger(amount * get))
    throw new UsageError(
      'rate',
      `At ${give} for ${get}, ${amount} points are no whole number of points: give a multiple.`,
    )
  return { budget, gained, expires: life === 0 ? 0 : Math.ceil(nowMs / HOUR_MS) + life }
}
