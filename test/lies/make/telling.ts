import type { BatchEntry } from '../../../src/core/entry/batch.ts'
import type { Group } from '../../../src/core/entry/group.ts'

/** What `tell` may do otherwise than an honest ledger. */
export interface Telling {
  /** How long after the last batch or seal; a second. */
  readonly afterMs?: number
  /** How far the times of the transactions stand from the batch's. */
  readonly skewMs?: number
  readonly ids?: readonly Uint8Array[]
  readonly groups?: readonly Group[]
  /** The ledger that the signatures are for. */
  readonly ledgerId?: Uint8Array
  readonly batch?: (batch: BatchEntry) => Partial<BatchEntry>
}
