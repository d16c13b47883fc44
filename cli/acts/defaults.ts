import { expiryOfGain } from '../../src/account/dates.ts'
import { type ListedRecord, leafOf, type TallyClient } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
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
  const { kind: _, id: __, account: ___, ...those } = terms
  return those
}

/**
 * The leaf hash of what defines the unit that an opening names, as the registry has it. @throws UsageError `account`.
 */
export async function unitTerms(client: TallyClient, values: Values): Promise<Values> {
  const unit = (await client.registry())[n(values['unit'])]?.transaction
  if (unit?.kind !== 'define-unit')
    throw new UsageError('account', `Record ${values['unit']} is no unit: see tally unit list.`)
  return { terms: toHex(leafOf(unit)) }
}

/** What a conversion at a published rate comes to, by the rate as the registry has it. @throws UsageError `rate`. */
export async function atRate(client: TallyClient, values: Values, nowMs: number): Promise<Values> {
  const [number, amount] = [n(values['rate']), n(values['amount'])]
  const records = await client.registry()
  const rate = lastRecord(records, 'publish-rate', (_, record) => record === number)
  if (rate === undefined) throw new UsageError('rate', `Record ${number} is no rate: see tally rate list.`)
  const { budget, give, get, life } = rate
  const gained = (amount * get) / give
  if (!Number.isSafeInteger(gained) || !Number.isSafeInteger(amount * get))
    throw new UsageError(
      'rate',
      `At ${give} for ${get}, ${amount} points are no whole number of points: give a multiple.`,
    )
  const { unit: of } = await asOwnerOf(client, n(values['account'])).account(n(values['account']))
  const gainedUnit = lastRecord(records, 'define-unit', ({ name }) => name === of)
  return { budget, gained, expires: gainedUnit === undefined ? 0 : expiryOfGain(nowMs, life, gainedUnit) }
}

/** A client that calls as the owner of another account of the same key; as it is for a key of the registry. */
function asOwnerOf(client: TallyClient, account: number): TallyClient {
  const { caller } = client.options
  return caller !== undefined && 'account' in caller.holder
    ? client.as({ holder: { account }, seed: caller.seed })
    : client
}
