import { BUNDLE_ENTRIES, decodeEntryBundle } from '../core/tile.ts'
import type { ReadEntries } from '../ledger/index.ts'
import type { Store } from '../store/index.ts'

/** Reads the log in a store from anywhere on, a bundle at a time. */
export function entriesOf(store: Store): ReadEntries {
  return async function* (from, to) {
    if (from >= to) return
    for await (const { index, bytes } of store.scan(Math.floor(from / BUNDLE_ENTRIES))) {
      const first = index * BUNDLE_ENTRIES
      if (first >= to) return
      yield decodeEntryBundle(bytes).slice(Math.max(0, from - first), to - first)
    }
  }
}
