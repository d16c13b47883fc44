import { fromBase64, fromHex, utf8Decode } from '../core/bytes.ts'
import { BATCH_REFUSALS } from '../core/entry/outcome.ts'
import { CodedError } from '../core/failure.ts'
import { encodeRefusal, type SignedRefusal } from '../verify/refusal.ts'

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
  /** The refusal file (SPEC §9): what was handed in, and what the ledger signed of it. Nothing of it is verified yet. */
  readonly refusal: Uint8Array

  constructor({ code, message, status }: ClientError, refusal: Uint8Array) {
    super(code, message, status)
    this.refusal = refusal
  }
}

/** The ledger took the batch and refused a transaction: the code is the outcome (SPEC §8). */
export class OutcomeError extends CodedError {
  override readonly name = 'OutcomeError'
}

/** What a code is, whoever says it. */
const CODE = /^[a-z][a-z0-9-]{0,63}$/
/** Characters of the longest words of a server that are passed on. */
const WORDS_MAX = 1000

/** A problem document (RFC 9457): untrusted. */
type Problem = Readonly<Record<string, unknown>>

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
    `${url} answered ${status}, and not as a ledger does. A published folder has the checkpoint and hash tiles, nothing else.`,
    status,
  )
}

/**
 * The error that the answer to a batch describes: with the refusal file, where the ledger signed that it refused the batch.
 *
 * @param bytes - untrusted.
 * @param submission - the batch as it was sent, in CBOR.
 */
export function batchErrorFrom(url: string, status: number, bytes: Uint8Array, submission: Uint8Array): ClientError {
  const error = errorFrom(url, status, bytes)
  const signed = signedRefusal(error.code, problemFrom(bytes))
  return signed === undefined ? error : new BatchRefusedError(error, encodeRefusal({ ...signed, submission }))
}

/** The words of a server, in one line of bounded length. */
function wordsOf(detail: unknown): string {
  return typeof detail === 'string' ? detail.slice(0, WORDS_MAX).replace(/\s+/g, ' ').trim() : ''
}

function problemFrom(bytes: Uint8Array): Problem {
  try {
    const value: unknown = JSON.parse(utf8Decode(bytes))
    return typeof value === 'object' && value !== null ? (value as Problem) : {}
  } catch {
    return {}
  }
}

function signedRefusal(named: string, { refusal }: Problem): SignedRefusal | undefined {
  const code = BATCH_REFUSALS.find(one => one === named)
  if (code === undefined || typeof refusal !== 'object' || refusal === null) return undefined
  const { ledgerId, size, time, signature } = refusal as Problem
  if (!isNatural(size) || !isNatural(time)) return undefined
  try {
    const signed = {
      code,
      ledgerId: fromHex(String(ledgerId), 32),
      size,
      time,
      signature: fromBase64(String(signature)),
    }
    return signed.signature.length === 64 ? signed : undefined
  } catch {
    return undefined
  }
}

function isNatural(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
