import type { FastifyError } from 'fastify'
import { AnswerError, ClientError } from '../client/index.ts'
import { type CodedError, VerifyError } from '../core/failure.ts'
import { HttpError, type Problem, problemOf } from '../serving/index.ts'
import { GatewayError } from './failure.ts'

/** What the ledger says of an entry or an account of the shop that came after its last seal. */
const NOT_YET: ReadonlySet<string> = new Set(['not-published', 'no-such-account'])

/** Which problem an error of the gateway is: whether to ask again, and the receipt that proves a refusal. */
export function explain(error: FastifyError | CodedError): Problem {
  const { code, message } = error
  if (error instanceof GatewayError) {
    const { status, isRetryable: retryable, index } = error
    const members = { retryable, ...(index === undefined ? {} : { entry: index, receipt: `/v1/proofs/${index}` }) }
    return { status, code, detail: message, members, ...(status === 503 ? { headers: { 'retry-after': '1' } } : {}) }
  }
  if (error instanceof HttpError) {
    const members = { retryable: error.status === 429 || error.status === 503 }
    return { status: error.status, code, detail: message, headers: error.headers, members }
  }
  if (error instanceof AnswerError || error instanceof VerifyError)
    return {
      ...{ status: 502, code: 'answer-false', members: { retryable: false }, isOurs: true },
      detail: `The ledger answered what does not hold (${code}): ${message}`,
    }
  if (error instanceof ClientError && NOT_YET.has(code))
    return {
      ...{ status: 503, code: 'not-published', members: { retryable: true }, headers: { 'retry-after': '1' } },
      detail: 'No checkpoint has this yet, so nothing proves it. Ask again in a second: the next seal brings it.',
    }
  if (error instanceof ClientError) {
    const isDown = error.status === 0 || error.status >= 500
    return {
      ...{ status: isDown ? 503 : 502, code: isDown ? 'ledger-unreachable' : code, isOurs: !isDown },
      ...{ members: { retryable: isDown }, headers: isDown ? { 'retry-after': '1' } : {} },
      detail: `The ledger: ${message}`,
    }
  }
  // A request that is none, or a bug of ours: the same again comes to the same.
  return { ...problemOf(error), members: { retryable: false } }
}
