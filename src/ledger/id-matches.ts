import { equalBytes } from '../core/bytes.ts'
import type { Transactions } from '../core/entry/batch.ts'
import { ACCEPTED, EXISTS, ID_TAKEN } from '../core/entry/outcome.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import { idOf } from '../lookup/ids/fingerprint.ts'
import type { Hit, IdMatches, Referred } from '../lookup/ids/hit.ts'

/** An entry of an earlier batch, and ledger time of that batch where a hit names it. */
export interface Earlier {
  readonly entry: Uint8Array
  readonly time: number | undefined
}

/**
 * What the ids of a batch have met, decided from the entries that the hits point at. SPEC §7, §8: an id that is used,
 * by the same bytes `exists`, by other bytes is `id-taken`. Ids of earlier batches that are found are used; which of
 * those of this batch are, its transactions decide one after another.
 *
 * @param first - log index of the transaction at position 0.
 * @param earlierAt - what stands at a log index below.
 */
export function idMatchesFrom(
  transactions: Transactions,
  first: number,
  hits: readonly Hit[],
  earlierAt: (index: number) => Earlier,
): IdMatches {
  const status = new Uint8Array(transactions.count).fill(ACCEPTED)
  const index = new Float64Array(transactions.count)
  const referred = new Map<number, Referred>()
  const [same, named, cited] = [new Map<number, number>(), new Map<number, number>(), new Map<number, number>()]
  for (const { position, candidates, id, as } of hits) {
    const bytes = bytesAt(transactions, position)
    for (const candidate of candidates.sort((a, b) => a - b)) {
      const { entry, time } = candidate < first ? earlierAt(candidate) : here(transactions, candidate - first)
      if (!equalBytes(idOf(entry), id)) continue
      if (as === 'cited') cited.set(position, candidate)
      else if (candidate >= first) (as === 'original' ? named : same).set(position, candidate - first)
      else if (as === 'original')
        referred.set(position, { index: candidate, transaction: decodeTransaction(entry), time: time! })
      else {
        status[position] = equalBytes(entry, bytes) ? EXISTS : ID_TAKEN
        index[position] = candidate
      }
      break
    }
  }
  return { status, index, referred, same, named, cited }
}

function here(transactions: Transactions, position: number): Earlier {
  return { entry: bytesAt(transactions, position), time: undefined }
}

/** The bytes of the transaction at a position, a view. */
export function bytesAt({ bytes, starts, ends }: Transactions, position: number): Uint8Array {
  return bytes.subarray(starts[position], ends[position])
}
