import { fromBase64 } from '../core/bytes.ts'
import { formatEvidence } from '../verify/evidence/evidence-file.ts'
import { evidenceOf } from '../verify/evidence/make-evidence.ts'
import { AnswerError, BatchRefusedError } from './failure.ts'

/** What an error has that a ledger signed, as a file to keep. */
export interface AnswerPaper {
  readonly kind: 'refusal' | 'evidence'
  readonly bytes: Uint8Array
  /** A signed refusal that contradicts what the ledger had shown: an auditor judges it. */
  readonly contradicts: boolean
  /** Whether the file convicts by itself. */
  readonly convicts: boolean
}

/**
 * What of an error is to be kept: a refusal that the ledger signed, or its answer that does not hold, as evidence.
 *
 * @param time - now, RFC 3339. @returns undefined of other errors.
 */
export function paperOf(error: unknown, time: string): AnswerPaper | undefined {
  if (error instanceof BatchRefusedError)
    return { kind: 'refusal', bytes: error.refusal, contradicts: false, convicts: false }
  if (!(error instanceof AnswerError) || Object.keys(error.exhibits).length === 0) return undefined
  const { code, message, url, policy, exhibits: evidence } = error
  if (evidence.refusal !== undefined)
    return { kind: 'refusal', bytes: fromBase64(evidence.refusal), contradicts: true, convicts: false }
  const origin = policy.logs[0]?.key.name ?? ''
  const file = evidenceOf({ origin, url, time, code, message, evidence }, policy)
  return { kind: 'evidence', bytes: formatEvidence(file), contradicts: false, convicts: file.needs === 'nothing' }
}
