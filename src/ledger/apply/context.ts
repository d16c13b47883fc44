import type { Referred } from '../../lookup/ids/hit.ts'
import type { BatchLinks } from '../accounts/history-links.ts'
import type { Signers } from '../signers.ts'
import type { LedgerState } from '../state.ts'

/** What a transaction is judged in: the state, who signed, and where and when it stands. */
export interface Scene {
  readonly state: LedgerState
  readonly signers: Signers
  /** Ledger time of the batch. */
  readonly time: number
  readonly links: BatchLinks
  /** Position in the batch, and log index. */
  position: number
  logIndex: number
  /** The transaction's own time. */
  timeMs: number
  /** The transaction that it names by its id, where there is one. */
  referred: Referred | undefined
}
