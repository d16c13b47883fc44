import { ENTRY_BATCH } from '../../core/entry/entry-type.ts'
import { assert } from '../../core/failure.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle, entryPlaces } from '../../core/tree/tile.ts'
import type { ReadEntries } from '../../lookup/index.ts'
import type { EntryStore } from '../../store/index.ts'

/** Reads the log in a store from anywhere on, a bundle at a time. */
export function entriesOf(store: EntryStore): ReadEntries {
  return async function* (from, to) {
    if (from >= to) return
    for await (const { index, bytes } of store.scan(Math.floor(from / BUNDLE_ENTRIES))) {
      const first = index * BUNDLE_ENTRIES
      if (first >= to) return
      yield decodeEntryBundle(bytes).slice(Math.max(0, from - first), to - first)
    }
  }
}

/**
 * Log index of the batch entry that holds the durable entry at `logIndex`, or is it: the last one not after it. Reads
 * the bundle, and those before it that are all of the same batch, at most 32.
 */
export async function batchOf(store: EntryStore, logIndex: number): Promise<number> {
  for (let bundle = Math.floor(logIndex / BUNDLE_ENTRIES); bundle >= 0; bundle--) {
    const bytes = await store.viewBundle(bundle)
    const { starts } = entryPlaces(bytes)
    const first = bundle * BUNDLE_ENTRIES
    for (let i = Math.min(starts.length - 1, logIndex - first); i >= 0; i--)
      if (bytes[starts[i]!] === ENTRY_BATCH) return first + i
  }
  assert(false, 'a log begins with a batch')
}
