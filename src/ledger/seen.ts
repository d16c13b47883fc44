import type { Transactions } from '../core/batch.ts'
import { equalBytes } from '../core/bytes.ts'
import { ACCEPTED, EXISTS, ID_TAKEN } from '../core/outcome.ts'
import { decodeTransaction } from '../core/transaction.ts'
import { idOf } from './fingerprint.ts'
import type { Referred } from './originals.ts'

/** What the ids of a batch have met before. */
export interface Seen {
  /** Per position, `ACCEPTED` (nothing), `EXISTS` or `ID_TAKEN`. */
  readonly status: Uint8Array
  /** Log index of the transaction that has the id, where there is one. */
  readonly index: Float64Array
  /** By position, the transaction that it names by its id, where there is one. */
  readonly referred: ReadonlyMap<number, Referred>
}

/** A position whose id, or the id that it names, may stand in the log already. */
export interface Hit {
  readonly position: number
  /** The id that is looked for, and whether the position names it rather than has it. */
  readonly id: Uint8Array
  readonly isNamed: boolean
  /** Log indexes at which it may stand. */
  readonly candidates: number[]
  /** Old runs of the log in which it may stand, to be looked into. */
  readonly runs: readonly number[]
}

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
