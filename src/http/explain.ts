import type { FastifyError, FastifyRequest } from 'fastify'
import { toBase64, toHex } from '../core/bytes.ts'
import { CodedError, FormatError } from '../core/failure.ts'
import { BusyError, FatalError, HeldError, RefusedError } from '../log/index.ts'
import { HttpError, type Problem } from '../serving/index.ts'

/** The problem that an error of the ledger is, and undefined for one that every server has. SPEC §12. */
export function explain(error: FastifyError | CodedError, { routeOptions }: FastifyRequest): Problem | undefined {
  const { code, message: detail } = error
  if (error instanceof HttpError || error instanceof FormatError) return undefined
  if (error instanceof RefusedError) {
    const { ledgerId, size, time, signature } = error.refusal
    const refusal = { ledgerId: toHex(ledgerId), size, time, signature: toBase64(signature) }
    if (code !== 'rate') return { status: 422, code, detail, members: { refusal } }
    const headers = { 'retry-after': String(Math.ceil(error.waitMs / 1000)) }
    return { status: 429, code, detail, members: { refusal }, headers }
  }
  if (error instanceof BusyError) return { status: 503, code, detail, headers: { 'retry-after': '1' } }
  // Nobody knows for how long; to ask every few seconds is often enough.
  if (error instanceof HeldError)
    return code === 'follower'
      ? { status: 421, code, detail }
      : { status: code === 'disk-full' ? 507 : 503, code, detail, headers: { 'retry-after': '10' } }
  if (error instanceof FatalError) return { status: 503, code, detail }
  if (error instanceof CodedError)
    return {
      status: 503,
      code,
      detail: 'The ledger cannot read what it stored; its log says more. Nothing was applied in part.',
      isOurs: true,
    }
  const { statusCode: status } = error
  if (status === 413 && routeOptions.url === '/v1/batches')
    return { status, code: 'submission-size', detail: 'The body is larger than a batch may be (SPEC §13).' }
  if (status === 415 && routeOptions.url === '/v1/batches')
    return {
      status,
      code: 'media-type',
      detail: 'Send application/json or application/cbor, and say so in Content-Type.',
    }
  if (status !== undefined && status < 500) return undefined
  return {
    status: 500,
    code: 'internal',
    detail: 'The ledger failed to answer. Nothing was applied in part; its log says more.',
    isOurs: true,
  }
}
