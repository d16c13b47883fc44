import { toBase64 } from '../core/bytes.ts'
import { BATCH_REFUSALS, OUTCOMES, type Outcome } from '../core/entry/outcome.ts'
import { GROUP_TRANSACTIONS_MAX } from '../core/limits.ts'
import type { TallyClient } from './client.ts'
import { type JsonReader, list, nullOr, object, oneOf } from './read-json.ts'

/** Who would sign: a key by its record, or the owner of an account. */
export type WouldSign = { readonly record: number } | { readonly account: number }

/** What the ledger would say of a batch. */
export interface DryRun {
  readonly refused: string | null
  readonly outcomes: readonly Outcome[]
}

export const readDryRun: JsonReader<DryRun> = object({
  refused: nullOr(oneOf(BATCH_REFUSALS)),
  outcomes: list(oneOf(OUTCOMES), GROUP_TRANSACTIONS_MAX),
})

/**
 * What a ledger would say of a batch now, if these signed it: nothing is signed, and nothing of it stays. The word of
 * the ledger (SPEC §11).
 *
 * @param client - of a caller who may read all accounts that the transactions name.
 * @param entries - 1 to 64 transactions, of kinds that may stand in a group.
 * @returns an outcome each; none, and the code of SPEC §7, where the batch would be refused whole.
 * @throws ClientError `not-allowed`, `submission`, …
 * @example
 * const spend = makeEntry('redeem', { debit: 3, credit: 0, amount: 60 })
 * const { outcomes } = await tryBatch(client, [{ account: 3 }], [spend])
 */
export function tryBatch(
  client: TallyClient,
  signers: readonly WouldSign[],
  entries: readonly Uint8Array[],
): Promise<DryRun> {
  // As their signatures would stand in a batch: keys of the registry first, each by its number.
  const rank = (one: WouldSign) => ('record' in one ? one.record : 2 ** 32 + one.account)
  const sorted = [...signers].sort((a, b) => rank(a) - rank(b))
  const asked = { signers: sorted, transactions: entries.map(toBase64) }
  return client.read('/v1/dry-runs', readDryRun, undefined, asked)
}
