import { decodeBatch } from '../core/entry/batch.ts'
import { ENTRY_BATCH } from '../core/entry/entry-type.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import type { LedgerState } from '../ledger/index.ts'
import type { Fault } from './fault.ts'
import type { Bundles } from './read/bundles.ts'

/** Two claims of one reference and round that the log accepted, and their batches, by log index. */
export interface ClaimedTwice {
  readonly first: number
  readonly second: number
  /** All entries that show it. */
  readonly entries: readonly number[]
}

/**
 * What was claimed twice where a replay stopped at the statuses of the batch at `at`; undefined where that is something
 * else. Reads the batch, and what stands before the earlier claim up to the batch of that.
 */
export async function claimedTwice(
  bundles: Bundles,
  { accounts: { series }, claims }: LedgerState,
  at: number,
): Promise<ClaimedTwice | undefined> {
  const { count, statuses } = decodeBatch(await bundles.entry(at))
  for (let position = 0; position < count; position++) {
    if (statuses[position] !== ACCEPTED) continue
    const second = at + 1 + position
    const tx = decodeTransaction(await bundles.entry(second))
    if (tx.kind !== 'claim' || tx.ref === null) continue
    const serial = claims.serialOf(tx.series, tx.ref, tx.round)
    const first = serial === undefined ? second : series.claim(tx.series, serial).index
    if (first >= second) continue
    let batch = first - 1
    while ((await bundles.entry(batch))[0] !== ENTRY_BATCH) batch--
    return { first, second, entries: [batch, first, at, second] }
  }
  return undefined
}

/** As a fault of the batch at `at`. */
export function faultOfClaims({ first, second }: ClaimedTwice, at: number): Fault {
  return { code: 'claim-twice', at, message: `entries ${first} and ${second} claim one thing, and both were accepted` }
}
