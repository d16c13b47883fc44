import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { CodedError, FormatError } from '../core/failure.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Members of every problem of a server that says nothing else of them. */
    problemMembers: object
  }
}

/** An answer of an error, before it is written as a problem document. */
export interface Problem {
  readonly status: number
  /** Stable, kebab-case. */
  readonly code: string
  /** For people: what is wrong, where, and what to do. */
  readonly detail: string
  readonly headers?: Readonly<Record<string, string>>
  /** Members of the document besides those of every problem. */
  readonly members?: object
  /** Whether the error is ours, so that the log of the server keeps all of it. */
  readonly isOurs?: boolean
}

/** An error of the caller, or a refusal: answered with `status`, `code` and `headers`. */
export class HttpError extends CodedError {
  override readonly name = 'HttpError'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(code, message)
    this.status = status
    this.headers = headers
  }
}

/** RFC 9457 problem details, with a stable `code`. */
export const problemSchema = z
  .object({
    type: z.literal('about:blank'),
    title: z.string(),
    status: z.number().int(),
    code: z.string().describe('Stable: the member that programs look at.'),
    detail: z.string().describe('What is wrong, where, and what to do. For people.'),
  })
  .describe('A problem (RFC 9457)')

/** The `response` rows of a route that answers these statuses with problem documents. */
export function problems<S extends number>(...statuses: S[]): Record<S, typeof problemSchema> {
  return Object.fromEntries(statuses.map(status => [status, problemSchema])) as Record<S, typeof problemSchema>
}

/** The title of a problem, by its status. */
export function titleOf(status: number): string {
  return TITLES[status] ?? 'Error'
}

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
  421: 'Misdirected request',
  422: 'Refused',
  429: 'Too many requests',
  431: 'Request header fields too large',
  500: 'Internal error',
  502: 'Bad gateway',
  503: 'Unavailable',
  507: 'Insufficient storage',
}

/** Says which problem an error is, where a server knows better than this room. */
export type Explain = (error: FastifyError | CodedError, request: FastifyRequest) => Problem | undefined

/**
 * Answers every error as a problem document: one of the caller with what to do, one of ours without a word of the
 * inside.
 */
export function handleProblems(server: FastifyInstance, explain: Explain): void {
  server.setNotFoundHandler(notFound)
  server.setErrorHandler((error: FastifyError | CodedError, request, reply) => {
    const problem = explain(error, request) ?? problemOf(error)
    if (problem.isOurs === true) request.log.error(error)
    return sendProblem(reply, problem)
  })
}

/** The problem that an error is in every server. */
export function problemOf(error: FastifyError | CodedError): Problem {
  const { code, message } = error
  if (error instanceof HttpError) return { status: error.status, code, detail: message, headers: error.headers }
  if (error instanceof FormatError) return { status: 400, code, detail: message }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const { validationContext: context = 'body' } = error
    const part = PARTS[context] ?? context
    const where = error.validation.map(
      ({ instancePath, message = '' }) => `${part}${instancePath === '/' ? '' : instancePath}: ${inWords(message)}`,
    )
    return { status: 400, code: 'request-invalid', detail: where.join('; ') }
  }
  const status = 'statusCode' in error ? error.statusCode : undefined
  if (status === 413) return { status, code: 'body-size', detail: 'The body is larger than this path takes.' }
  if (status === 415)
    return { status, code: 'media-type', detail: 'Send application/json, and say so in Content-Type.' }
  if (status !== undefined && status < 500) return { status, code: 'request-invalid', detail: message }
  return { status: 500, code: 'internal', detail: 'The server failed to answer; its log says more.', isOurs: true }
}

/** What callers call the parts of a request. */
const PARTS: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' }

/** What a schema says of a field, for people: a field that is not there was not "received undefined". */
function inWords(message: string): string {
  return message.replace(/^Invalid input: expected (.*), received undefined$/, 'it is missing ($1)')
}

/** Answers a request for a path that is not known. */
export function notFound({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const detail = `There is no ${method} ${url.slice(0, 200)}. See /docs.`
  return sendProblem(reply, { status: 404, code: 'not-found', detail })
}

/** Characters of a part of a path, such as an id in it, once it is decoded. */
export const PATH_PART_MAX = 255

/** Answers a request that reaches no route because its path cannot be read. */
export function answerBadRequest(error: FastifyError, _: unknown, reply: FastifyReply): void {
  const status = error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? 414 : 400
  const detail =
    status === 414
      ? `A part of the path has more than ${PATH_PART_MAX} characters.`
      : 'The path cannot be read: look at its % signs.'
  sendProblem(reply, { status, code: 'request-invalid', detail })
}

/** Answers bytes that are no HTTP on their connection, and ends that. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const detail = {
    400: 'This is no request in HTTP/1.1.',
    408: 'The request did not come in time.',
    431: 'The header is longer than 16 KiB.',
  }[status]
  const body = JSON.stringify(documentOf({ status, code: 'request-invalid', detail }))
  const head = `content-type: application/problem+json\r\ncontent-length: ${body.length}\r\nconnection: close`
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n\r\n${body}`)
  // A caller who reads nothing would keep its end open for ever.
  setTimeout(() => socket.destroy(), GRACE_MS).unref()
}

/** How long a caller has to read why it is cut off. */
const GRACE_MS = 1000

/** Answers with a problem document. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status, headers = {} } = problem
  // RFC 9110 §11.6.1: a 401 says how a caller can prove who it is.
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  reply.headers(headers).status(status).type('application/problem+json')
  const members = { ...reply.server.problemMembers, ...problem.members }
  return reply.serializer(JSON.stringify).send(documentOf({ ...problem, members }))
}

/** Characters of `detail`: enough to find the fault, and no echo of all that was sent. */
const DETAIL_MAX = 1000

/** A problem as it is written. */
export function documentOf({ status, code, detail, members = {} }: Problem): object {
  const short = detail.length > DETAIL_MAX ? `${detail.slice(0, DETAIL_MAX)}…` : detail
  return { type: 'about:blank', title: titleOf(status), status, code, detail: short, ...members }
}
