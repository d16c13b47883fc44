import { OUTCOMES } from '../../core/entry/outcome.ts'
import { CodedError } from '../../core/failure.ts'
import { logKeysOf, type Policy } from '../../core/note/policy.ts'
import { convict } from '../../verify/evidence/convict.ts'
import { parseEvidence } from '../../verify/evidence/evidence-file.ts'
import { kindOf } from '../../verify/file-kind.ts'
import { decodePromise, verifyPromiseUnder } from '../../verify/promise.ts'
import { verifyReceipt } from '../../verify/receipt.ts'
import { verifyRefusal } from '../../verify/refusal.ts'
import { GatewayError } from '../failure.ts'

/** Files that a member can hand in. */
export const COMPLAINT_KINDS = ['refusal', 'promise', 'receipt', 'evidence'] as const
type ComplaintKind = (typeof COMPLAINT_KINDS)[number]

/** What a file proves by itself. */
export interface CheckedFile {
  readonly kind: ComplaintKind
  /** In one sentence. */
  readonly says: string
}

/**
 * Checks that a file is one that the log of a policy signed, or that convicts it: nothing else is kept.
 *
 * @param bytes - untrusted.
 * @throws GatewayError `complaint-file` where it is of another kind, `complaint-false` where it does not hold.
 */
export function checkFile(bytes: Uint8Array, policy: Policy): CheckedFile {
  const kind = COMPLAINT_KINDS.find(one => one === kindOf(bytes))
  if (kind === undefined)
    throw refuse(
      'complaint-file',
      'It is none of these files: a refusal, a promise, the receipt of a transaction, evidence. They come from the shop, ' +
        'from a ledger, or from `tally`.',
    )
  try {
    return { kind, says: WORDS[kind](bytes, policy) }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    throw refuse('complaint-false', `The ${kind} does not hold (${error.code}): ${error.message}`)
  }
}

const WORDS: Readonly<Record<ComplaintKind, (bytes: Uint8Array, policy: Policy) => string>> = {
  refusal(bytes, policy) {
    const { code, time, size } = verifyRefusal(bytes, policy)
    return `The log refused a batch at ${text(time)}, when it had ${size} entries: ${code}.`
  },
  promise(bytes, policy) {
    const promise = decodePromise(bytes)
    verifyPromiseUnder(promise, logKeysOf(policy))
    return `The log promised to have a batch at log index ${promise.index} in a checkpoint by ${text(promise.deadline)}.`
  },
  receipt(bytes, policy) {
    const { index, status } = verifyReceipt(bytes, policy)
    const outcome = status === null ? 'none, as it is no transaction' : OUTCOMES[status]!
    return `The entry at log index ${index} is in the log, with the outcome ${outcome}.`
  },
  evidence(bytes, policy) {
    const file = parseEvidence(bytes)
    const { code } = file
    convict(file, policy)
    return `It convicts the operator of the log by itself: ${code}.`
  },
}

function refuse(code: string, message: string): GatewayError {
  return new GatewayError(code, message, { status: 422, isRetryable: false })
}

function text(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
