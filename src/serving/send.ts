import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'

export const TEXT = 'text/plain; charset=utf-8'
export const OCTETS = 'application/octet-stream'
export const JSON_LINES = 'application/jsonl'
const EVENTS = 'text/event-stream'
export const CBOR = 'application/cbor'

/** The `cache-control` of private answers: nobody on the way keeps them. */
export const PRIVATE = 'private, no-store'

/** What browsers are told of every answer: it is what it says it is, and nobody is told where a link was found. */
export const SAFE = { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' } as const
/** An answer that is no page loads nothing and stands in no frame. */
export const NO_CONTENT = "default-src 'none'; frame-ancestors 'none'"

/**
 * The `response` row of a route that answers bytes: of this content type, and what they are.
 *
 * @example
 * response: { ...bytesOf(TEXT, 'The latest checkpoint, a signed note'), ...problems(404) }
 */
export function bytesOf(contentType: string, description: string) {
  const schema = contentType.startsWith('text/') ? z.string() : z.any()
  return { 200: { description, content: { [contentType.replace(/;.*/, '')]: { schema } } } }
}

/** Sends bytes as they are, past the schema of the route's JSON answers. */
export function sendBytes(
  reply: Pick<FastifyReply, 'header' | 'send'>,
  bytes: Uint8Array,
  contentType: string,
  cacheControl: string,
): FastifyReply {
  reply.header('content-type', contentType)
  reply.header('cache-control', cacheControl)
  return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) as FastifyReply
}

/** Sends server-sent events as they come. Who closes the server ends the stream first. */
export function sendEvents(reply: Pick<FastifyReply, 'header' | 'send'>, events: Readable): FastifyReply {
  // What stands before a server may not keep events back to gather them.
  reply.header('content-type', EVENTS).header('x-accel-buffering', 'no').header('cache-control', PRIVATE)
  return reply.send(events) as FastifyReply
}

/**
 * Lets the routes of a server, or of a scope of it, take bodies of a content type as a `Uint8Array`. A plain view and
 * no `Buffer`: the `slice` of a `Buffer` does not copy.
 */
export function takeBytes(server: Pick<FastifyInstance, 'addContentTypeParser'>, contentType: string): void {
  server.addContentTypeParser(contentType, { parseAs: 'buffer' }, (_, body, done) => {
    const { buffer, byteOffset, length } = body as Buffer
    done(null, new Uint8Array(buffer, byteOffset, length))
  })
}
