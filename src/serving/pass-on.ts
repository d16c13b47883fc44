import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './problem.ts'

/** Requests that a server passes on to another server of this machine, and what it answers to them. */
export interface PassOn {
  /** The path that a request has there; undefined for one that is not passed on. @param path - untrusted. */
  readonly pathOf: (path: string) => string | undefined
  /** The port of that server; undefined while it does not run. */
  readonly port: () => number | undefined
  /** Bytes of a body that server takes: it answers a larger one, and hangs up before the caller has sent all of it. */
  readonly bodyBytes?: number
}

const agent = new Agent({ keepAlive: true })

/** Headers that are of one connection, and go no further. RFC 9110 §7.6.1. */
const OF_CALLER = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade']
const OF_ANSWER = [...OF_CALLER, 'transfer-encoding']

/** Passes requests on before anything else is done with them: bodies and answers go through as they come. */
export function passOn(server: FastifyInstance, { pathOf, port, bodyBytes = Infinity }: PassOn): void {
  server.addHook('onRequest', (incoming, reply, done) => {
    const path = pathOf(incoming.url)
    if (path === undefined) return done()
    if (Number(incoming.headers['content-length'] ?? 0) > bodyBytes)
      return done(new HttpError(413, 'body-size', 'The body is larger than this path takes.'))
    reply.hijack()
    forward(incoming.raw, reply.raw, path, port(), incoming.ip)
  })
}

function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  path: string,
  port: number | undefined,
  ip: string,
): void {
  if (port === undefined) {
    unavailable(outgoing)
    return
  }
  const kept = Object.entries(incoming.headers).filter(([name]) => !OF_CALLER.includes(name))
  const headers = { ...Object.fromEntries(kept), 'x-forwarded-for': ip }
  const { method = 'GET' } = incoming
  const passed = request({ host: '127.0.0.1', port, path, method, headers, agent }, answer => {
    const own = Object.entries(answer.headers).filter(([name]) => !OF_ANSWER.includes(name))
    outgoing.writeHead(answer.statusCode!, Object.fromEntries(own))
    answer.pipe(outgoing)
    answer.once('error', () => outgoing.destroy())
  })
  passed.once('error', () => {
    if (outgoing.headersSent) outgoing.destroy()
    else unavailable(outgoing)
  })
  // Nobody waits for it any more.
  outgoing.once('close', () => passed.destroy())
  incoming.pipe(passed)
}

function unavailable(outgoing: ServerResponse): void {
  const detail = 'The server behind this path does not run at this moment. Send the same again in a second.'
  const problem = { type: 'about:blank', title: 'Unavailable', status: 503, code: 'starting', detail, retryable: true }
  outgoing.writeHead(503, { 'content-type': 'application/problem+json', 'retry-after': '1' })
  outgoing.end(JSON.stringify(problem))
}
