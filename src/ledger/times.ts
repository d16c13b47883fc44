import { decodeBatch } from '../core/entry/batch.ts'
import { ENTRY_BATCH } from '../core/entry/entry-type.ts'
import { BUNDLE_ENTRIES } from '../core/tree/tile.ts'
import type { Growth } from './growth.ts'

/**
 * Ledger time along the log, kept for one entry in 256: eight bytes a bundle. With it the ledger time of any
 * transaction is that of the batch entry found in its bundle before it, or else what was kept for the bundle.
 */
export class LedgerTimes {
  /** Of each bundle, ledger time at its first entry. They do not decrease. */
  #times = new Float64Array(64)
  #count = 0
  /** Is told of every time, while a snapshot is kept. */
  growth: Growth | undefined

  /** Notes that the log has grown to `size` entries, those that came at ledger time `time`. */
  grow(size: number, time: number): void {
    while (this.#count * BUNDLE_ENTRIES < size) this.note(time)
  }

  /** Notes ledger time at the first entry of the next bundle. */
  note(time: number): void {
    if (this.#count === this.#times.length) {
      const times = new Float64Array(2 * this.#count)
      times.set(this.#times)
      this.#times = times
    }
    this.#times[this.#count++] = time
    this.growth?.time(time)
  }

  /**
   * Ledger time of the batch of the transaction at a log index. Reads back to its batch entry, at most to where its
   * bundle begins; nothing where all of the bundle, and the first entry after it, are of one time.
   *
   * @param entryAt - the entry at a log index before it.
   */
  async at(logIndex: number, entryAt: (index: number) => Promise<Uint8Array>): Promise<number> {
    const bundle = Math.floor(logIndex / BUNDLE_ENTRIES)
    const time = this.#times[bundle]!
    if (bundle + 1 < this.#count && this.#times[bundle + 1] === time) return time
    for (let index = logIndex - 1; index >= bundle * BUNDLE_ENTRIES; index--) {
      const entry = await entryAt(index)
      if (entry[0] === ENTRY_BATCH) return decodeBatch(entry).time
    }
    return time
  }
}
