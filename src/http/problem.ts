import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
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
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Too large',
  414: 'URI too long',
  415: 'Unsupported media type',
  422: 'Refused',
  431: 'Request header fields too large',
  503: 'Unavailable',
  507: 'Insufficient storage',
}

/** Answers every error as a problem document: the caller's with what to do, ours without a word of the inside. */
export function handleProblems(server: FastifyInstance): void {
  server.setNotFoundHandler(notFound)
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

/** Answers a request for a path that there is not. */
export function notFound({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  return send(reply, 404, 'not-found', `There is no ${method} ${url.slice(0, 200)}. See /docs.`)
}

/** Answers a request that never reached a route: a path that cannot be read. */
export function answerBadRequest(error: FastifyError, _: unknown, reply: FastifyReply): void {
  const status = error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? 414 : 400
  const detail = status === 414 ? 'A part of the path is too long.' : 'The path cannot be read: look at its % signs.'
  send(reply, status, 'request-invalid', detail)
}

/** Answers what cannot be read as HTTP, on its connection, and ends that. */
export function unreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const detail = {
    400: 'This is no request in HTTP/1.1.',
    408: 'The request did not come in time.',
    431: 'The header is longer than 16 KiB.',
  }[status]
  const body = JSON.stringify({ type: 'about:blank', title: TITLES[status], status, code: 'request-invalid', detail })
  const head = `content-type: application/problem+json\r\ncontent-length: ${body.length}\r\nconnection: close`
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n\r\n${body}`)
}

/** The methods of each path, as routes are added: to be asked when all are. */
export function methodsOf(server: FastifyInstance): ReadonlyMap<string, ReadonlySet<string>> {
  const methods = new Map<string, Set<string>>()
  server.addHook('onRoute', ({ url, method }) => {
    const of = methods.get(url) ?? new Set()
    for (const one of [method].flat()) of.add(one)
    methods.set(url, of)
  })
  return methods
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Answers every other method of a path that there is with 405, and says which it has. */
export function otherMethods(server: FastifyInstance, methods: ReadonlyMap<string, ReadonlySet<string>>): void {
  for (const [url, has] of [...methods]) {
    const allowed = METHODS.filter(method => has.has(method))
    const rest = METHODS.filter(method => !has.has(method))
    if (url.startsWith('/docs') || rest.length === 0) continue
    server.route({
      method: [...rest],
      url,
      schema: { hide: true },
      handler: (request, reply) => {
        const list = allowed.join(', ')
        reply.header('allow', list)
        return send(reply, 405, 'method', `${request.method} is none of the methods of this path: ${list}.`)
      },
    })
  }
}

/** Characters of what an answer says is wrong: enough to find it, and no echo of all that was sent. */
const DETAIL_MAX = 1000

function send(reply: FastifyReply, status: number, code: string, text: string, more: object = {}): FastifyReply {
  const detail = text.length > DETAIL_MAX ? `${text.slice(0, DETAIL_MAX)}…` : text
  const body = { type: 'about:blank', title: TITLES[status] ?? 'Error', status, code, detail, ...more }
  return reply.status(status).type('application/problem+json').serializer(JSON.stringify).send(body)
}
