import type { TallyClient } from '../client/index.ts'
import { toHex } from '../core/bytes.ts'
import { decodeBatch } from '../core/entry/batch.ts'
import { ENTRY_BATCH } from '../core/entry/entry-type.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle } from '../core/tree/tile.ts'

/** An issue, a reversal or an erasure that stands on the log. */
export interface LedgerReward {
  readonly kind: 'issue' | 'reverse' | 'erase'
  readonly index: number
  /** The member's. */
  readonly account: number
  /** Hex. */
  readonly id: string
  /** Record of the rule; 0 of a reversal. */
  readonly rule: number
  /** Of its details, hex; empty for none. */
  readonly commitment: string
}

/**
 * The issues, reversals and erasures of a log that were accepted, in its order: what an issuing service that lost its
 * folder finds its counters by. The word of the ledger, which an audit proves.
 *
 * @param client - that calls with an auditor's key. Cost: reads the whole log.
 * @throws ClientError; FormatError of entries.
 */
export async function* ledgerRewards(client: TallyClient): AsyncGenerator<LedgerReward> {
  const { size } = await client.ledger()
  let statuses: Uint8Array = new Uint8Array(0)
  let position = 0
  for (let first = 0; first < size; first += BUNDLE_ENTRIES) {
    const width = Math.min(BUNDLE_ENTRIES, size - first)
    const bytes = await client.tile({ level: 'entries', index: first / BUNDLE_ENTRIES, width })
    for (const [i, entry] of decodeEntryBundle(bytes, width).entries()) {
      if (entry[0] === ENTRY_BATCH) {
        statuses = decodeBatch(entry).statuses
        position = 0
        continue
      }
      if (position >= statuses.length) continue
      if (statuses[position++] !== ACCEPTED) continue
      const found = rewardOf(entry, first + i)
      if (found !== undefined) yield found
    }
  }
}

/** What an entry of a log gave, took back or erased; undefined where it did none of these. */
export function rewardOf(entry: Uint8Array, index: number): LedgerReward | undefined {
  const transaction = decodeTransaction(entry)
  const { kind } = transaction
  if (kind !== 'issue' && kind !== 'reverse' && kind !== 'erase') return undefined
  const { details } = transaction
  const account = kind === 'issue' ? transaction.credit : kind === 'reverse' ? transaction.debit : transaction.account
  const rule = kind === 'issue' ? transaction.rule : 0
  return { kind, index, account, id: toHex(transaction.id), rule, commitment: details === null ? '' : toHex(details) }
}
