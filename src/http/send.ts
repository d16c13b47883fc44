import type { FastifyReply } from 'fastify'

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

export const TEXT = 'text/plain; charset=utf-8'
export const OCTETS = 'application/octet-stream'
export const JSON_LINES = 'application/jsonl'
export const CBOR = 'application/cbor'

/** Private answers are kept by nobody on the way. */
export const PRIVATE = 'private, no-store'
