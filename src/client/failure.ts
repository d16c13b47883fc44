import { equalBytes, toBase64, utf8Decode } from '../core/bytes.ts'
import { BATCH_REFUSALS } from '../core/entry/outcome.ts'
import { CodedError, FormatError, VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import type { Exhibits } from '../verify/evidence/evidence-file.ts'
import type { LedgerIdentity } from '../verify/identity.ts'
import { encodeRefusal, type SignedRefusal, verifyRefusal } from '../verify/refusal.ts'
import { readRefusal } from './answers.ts'

/** A ledger said no, or could not be reached. `code` is the ledger's, or `unreachable`. */
export class ClientError extends CodedError {
  override readonly name: string = 'ClientError'
  /** HTTP status, or 0 when there was no answer. */
  readonly status: number

  constructor(code: string, message: string, status: number, options?: ErrorOptions) {
    super(code, message, options)
    this.status = status
  }
}

/** A ledger refused a batch whole (SPEC §7), and signed that it did. */
export class BatchRefusedError extends ClientError {
  override readonly name = 'BatchRefusedError'
  /** The refusal file (SPEC §9): what was handed in, and what the ledger signed of it, verified under the policy. */
  readonly refusal: Uint8Array

  constructor({ code, message, status }: ClientError, refusal: Uint8Array) {
    super(code, message, status)
    this.refusal = refusal
  }
}

/**
 * What a ledger answered does not hold under the policy. Has what was received, as evidence has it: some of it may
 * convict.
 */
export class AnswerError extends VerifyError {
  readonly url: string
  readonly policy: Policy
  readonly exhibits: Exhibits

  constructor(
    cause: VerifyError,
    shown: { readonly url: string; readonly policy: Policy; readonly exhibits: Exhibits },
  ) {
    super(cause.code, cause.message, { cause })
    this.url = shown.url
    this.policy = shown.policy
    this.exhibits = shown.exhibits
  }
}

/** The ledger took the batch and refused a transaction: the code is the outcome (SPEC §8). */
export class OutcomeError extends CodedError {
  override readonly name = 'OutcomeError'
  /** Log index of the transaction, whose receipt proves the outcome; undefined where there is none. */
  readonly index: number | undefined

  constructor(code: string, message: string, index?: number) {
    super(code, message)
    this.index = index
  }
}

/** What a code is, no matter who says it. */
const CODE = /^[a-z][a-z0-9-]{0,63}$/
/** Characters of the longest words of a server that are passed on. */
const WORDS_MAX = 1000

/** A problem document (RFC 9457): untrusted. */
type ProblemDocument = Readonly<Record<string, unknown>>

/**
 * The error that an answer describes.
 *
 * @param bytes - untrusted.
 */
export function errorFrom(url: string, status: number, bytes: Uint8Array): ClientError {
  const { code, detail } = problemFrom(bytes)
  if (typeof code === 'string' && CODE.test(code)) return new ClientError(code, wordsOf(detail) || code, status)
  return new ClientError(
    'http',
    `${url} answered ${status}, and not as a ledger does. A published folder has the checkpoint and hash tiles, ` +
      'nothing else.',
    status,
  )
}

/** What was answered to a batch, and what it has to be of. */
interface Refused {
  readonly url: string
  readonly status: number
  /** Untrusted. */
  readonly problem: Uint8Array
  /** The batch as it was sent, in CBOR. */
  readonly submission: Uint8Array
  readonly policy: Policy
  readonly identity: LedgerIdentity
  /** How many entries the log was known to have before the batch was sent; and the clock here. */
  readonly knownSize: number
  readonly nowMs: number
}

/**
 * The error that the answer to a batch describes: with the refusal file, where the log signed that it refused the
 * batch; or what it signed as evidence, where it signed that of another time, or of an older state than it had shown.
 */
export function batchErrorFrom(refused: Refused): ClientError | AnswerError {
  const { url, status, problem, submission, policy, identity } = refused
  const error = errorFrom(url, status, problem)
  const signed = signedRefusal(error.code, problemFrom(problem))
  if (signed === undefined || !equalBytes(signed.ledgerId, identity.ledgerId)) return error
  const refusal = encodeRefusal({ ...signed, submission })
  try {
    verifyRefusal(refusal, policy)
  } catch (failed) {
    if (failed instanceof CodedError) return error
    throw failed
  }
  const wrong = contradiction(signed, refused)
  if (wrong === undefined) return new BatchRefusedError(error, refusal)
  const words = `the log signed that it refuses the batch (${error.code}), and ${wrong}: no reason is true of that`
  return new AnswerError(new VerifyError('answer-false', words), {
    url,
    policy,
    exhibits: { refusal: toBase64(refusal) },
  })
}

/** What a refusal says of its state that cannot be; undefined where it can. SPEC §11, "Clients". */
function contradiction(
  { time, size }: SignedRefusal,
  { identity: { genesis }, knownSize, nowMs }: Refused,
): string | undefined {
  if (size < knownSize) return `says that it had ${size} entries, where it had shown ${knownSize} before`
  const offMs = time - nowMs
  return Math.abs(offMs) > genesis.skewMs ? `dates that ${offMs} ms from now, by the clock here` : undefined
}

/** The words of a server, in one line of bounded length. */
function wordsOf(detail: unknown): string {
  return typeof detail === 'string' ? detail.slice(0, WORDS_MAX).replace(/\s+/g, ' ').trim() : ''
}

function problemFrom(bytes: Uint8Array): ProblemDocument {
  try {
    const value: unknown = JSON.parse(utf8Decode(bytes))
    return typeof value === 'object' && value !== null ? (value as ProblemDocument) : {}
  } catch {
    return {}
  }
}

/** The refusal that a problem carries; undefined where it carries none of the form of one. */
function signedRefusal(named: string, { refusal }: ProblemDocument): SignedRefusal | undefined {
  const code = BATCH_REFUSALS.find(one => one === named)
  if (code === undefined || refusal === undefined) return undefined
  try {
    return { code, ...readRefusal(refusal, 'the refusal') }
  } catch (error) {
    if (error instanceof FormatError) return undefined
    throw error
  }
}

/** Undefined for what is not there, where there need not be one; throws any other failure on. */
export function absent(error: unknown): undefined {
  if (error instanceof ClientError && error.status === 404) return undefined
  throw error
}
