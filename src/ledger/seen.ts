import { equalBytes } from '../core/bytes.ts'
import type { Transactions } from '../core/entry/batch.ts'
import { ACCEPTED, EXISTS, ID_TAKEN } from '../core/entry/outcome.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import { idOf } from '../lookup/ids/fingerprint.ts'
import type { Hit, Referred, Seen } from '../lookup/ids/hit.ts'

/**
 * What the ids of a batch have met, decided from the entries that the hits point at. SPEC §7, §8: the same id and the
 * same bytes `exists`, the same id and other bytes is `id-taken`.
 *
 * @param entryAt - the entry at a log index, of an earlier batch or of this one.
 */
export function seenFrom(
  transactions: Transactions,
  hits: readonly Hit[],
  entryAt: (index: number) => Uint8Array,
): Seen {
  const status = new Uint8Array(transactions.count).fill(ACCEPTED)
  const index = new Float64Array(transactions.count)
  const referred = new Map<number, Referred>()
  for (const { position, candidates, id, isNamed } of hits) {
    const bytes = transactions.bytes.subarray(transactions.starts[position], transactions.ends[position])
    // The earliest entry of the id is the one whose outcome stands: later ones are its repetitions or refusals.
    for (const candidate of candidates.sort((a, b) => a - b)) {
      const earlier = entryAt(candidate)
      if (!equalBytes(idOf(earlier), id)) continue
      if (isNamed) referred.set(position, { index: candidate, transaction: decodeTransaction(earlier) })
      else {
        status[position] = equalBytes(earlier, bytes) ? EXISTS : ID_TAKEN
        index[position] = candidate
      }
      break
    }
  }
  return { status, index, referred }
}
