import type { BatchAnswer } from '../verify/batch-answer.ts'
import type { PromiseFile } from '../verify/promise.ts'

/** What a ledger answered to a batch, as far as it is proven under the policy. */
export interface ProvenAnswer extends BatchAnswer {
  /**
   * What the log signed, to keep (SPEC §9); null where nothing was written and the transactions came in several
   * batches.
   */
  readonly kept: PromiseFile | null
  /**
   * Positions whose transaction was in the log before, under another batch: outcome and index are the ledger's word,
   * until `TallyClient.outcomeAt` proves them. None in a batch that was not sent in part before.
   */
  readonly unproven: readonly number[]
}
