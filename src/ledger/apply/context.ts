import type { Referred } from '../../lookup/ids/hit.ts'
import type { BatchLinks } from '../accounts/history-links.ts'
import type { Signers } from '../signers.ts'
import type { LedgerState } from '../state.ts'

/** What a transaction is judged in: the state, who signed, and where and when it stands. */
export interface ApplyContext {
  readonly state: LedgerState
  readonly signers: Signers
  /** Ledger time of the batch. */
  readonly time: number
  readonly links: BatchLinks
  /** The root of the log below the batch, where that is a seal's and the batch is of one `continue-log`. */
  readonly rootBefore: Uint8Array | undefined
  /** Position in the batch, and log index. */
  position: number
  logIndex: number
  /** The transaction's own time. */
  timeMs: number
  /** The transaction that it names by its id, where there is one. */
  referred: Referred | undefined
  /** Log index of the transaction that used the id which it cites, where there is one. */
  cited: number | undefined
}

/** Whether what a transaction cites, if it `cites`, is no accepted transaction of before. SPEC §8. */
export function citesUnknown({ state, cited }: ApplyContext, cites: boolean): boolean {
  return cites && (cited === undefined || state.originals.wasRefused(cited))
}
