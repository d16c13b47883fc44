import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { toBase64, toHex } from '../core/bytes.ts'
import { CodedError, FormatError } from '../core/failure.ts'
import { BusyError, FatalError, HeldError, RefusedError } from '../log/index.ts'

/** What a caller did wrong, or may not do: answered with `status` and the code. */
export class HttpError extends CodedError {
  override readonly name = 'HttpError'
  readonly status: number

  constructor(status: number, code: string, message: string) {
    super(code, message)
    this.status = status
  }
}

/** RFC 9457 problem details, with a stable `code` (SPEC §12). */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.number().int(),
    code: z.string().describe('Stable; what programs should look at (SPEC §12).'),
    detail: z.string().describe('What is wrong, where, and what to do. For people.'),
    refusal: z
      .object({ ledgerId: z.string(), size: z.number().int(), time: z.number().int(), signature: z.string() })
      .optional()
      .describe(
        'The signed word of the ledger that it did not take the batch, with the signatures under it, and why ' +
          '(SPEC §9).',
      ),
  })
  .describe('A problem (RFC 9457)')

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Refused',
  503: 'Unavailable',
  507: 'Insufficient storage',
}

/** Answers every error as a problem document: the caller's with what to do, ours without a word of the inside. */
export function handleProblems(server: FastifyInstance): void {
  server.setNotFoundHandler((request, reply) =>
    send(reply, 404, 'not-found', `There is no ${request.method} ${request.url.slice(0, 200)}. See /docs.`),
  )
  server.setErrorHandler((error: FastifyError | CodedError, request, reply) => {
    if (error instanceof HttpError) return send(reply, error.status, error.code, error.message)
    if (error instanceof FormatError) return send(reply, 400, error.code, error.message)
    if (error instanceof RefusedError) {
      const { ledgerId, size, time, signature } = error.refusal
      const refusal = { ledgerId: toHex(ledgerId), size, time, signature: toBase64(signature) }
      return send(reply, 422, error.code, error.message, { refusal })
    }
    if (error instanceof BusyError) {
      reply.header('retry-after', '1')
      return send(reply, 503, error.code, error.message)
    }
    if (error instanceof HeldError) {
      // Nobody knows for how long; who asks every few seconds is soon enough.
      reply.header('retry-after', '10')
      return send(reply, error.code === 'disk-full' ? 507 : 503, error.code, error.message)
    }
    if (error instanceof FatalError) return send(reply, 503, error.code, error.message)
    if (hasZodFastifySchemaValidationErrors(error)) {
      const where = error.validation.map(({ instancePath, message }) => `${instancePath || '/'}: ${message}`).join('; ')
      return send(reply, 400, 'request-invalid', `${error.validationContext}: ${where}`)
    }
    if (error instanceof CodedError) {
      request.log.error(error)
      return send(
        reply,
        503,
        error.code,
        'The ledger cannot read what it stored; its log says more. Nothing was applied in part.',
      )
    }
    const status = 'statusCode' in error ? error.statusCode : undefined
    if (status === 413) return send(reply, 413, 'submission-size', 'The body is larger than a batch may be (SPEC §13).')
    if (status === 415)
      return send(reply, 415, 'media-type', 'Send application/json or application/cbor, and say so in Content-Type.')
    if (status !== undefined && status < 500) return send(reply, status, 'request-invalid', error.message)
    request.log.error(error)
    return send(reply, 500, 'internal', 'The ledger failed to answer. Nothing was applied in part; its log says more.')
  })
}

function send(reply: FastifyReply, status: number, code: string, detail: string, more: object = {}): FastifyReply {
  const body = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail, ...more }
  return reply.status(status).type('application/problem+json').serializer(JSON.stringify).send(body)
}
