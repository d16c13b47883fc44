import { decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_BATCH } from '../../core/entry/entry-type.ts'
import { FormatError } from '../../core/failure.ts'
import type { EntryRun } from '../../core/tree/tile.ts'

/**
 * How many entries of a run, which begins between two batches, end between two batches: what a store may end with.
 *
 * @param run - untrusted; an entry that is neither batch nor seal there, or a malformed batch, counts as one, and is
 *   found when it is replayed.
 */
export function wholeBatches({ bytes, starts, ends }: EntryRun): number {
  let at = 0
  for (let next = 0; next <= starts.length; ) {
    at = next
    if (at === starts.length) break
    const entry = bytes.subarray(starts[at], ends[at])
    next = at + 1 + (entry[0] === ENTRY_BATCH ? countOf(entry) : 0)
  }
  return at
}

function countOf(entry: Uint8Array): number {
  try {
    return decodeBatch(entry).count
  } catch (error) {
    if (error instanceof FormatError) return 0
    throw error
  }
}
