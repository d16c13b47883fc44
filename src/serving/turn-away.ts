import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { FastifyBaseLogger } from 'fastify'
import { addressOf } from './address.ts'
import { documentOf, type Problem } from './problem.ts'
import { NO_CONTENT, PRIVATE, SAFE } from './send.ts'

/** Requests that a server turns away at its door while it is full, so that they take little of those it has let in. */
export interface TurnAway {
  readonly method: string
  readonly path: string
  /** Bytes of a body that it says it has, up to which it is asked here. */
  readonly bytes: number
  /** The answer that is given. */
  readonly problem: Problem
  /** Whether a caller is turned away now. @param address - as `addressOf`. */
  isFull(address: string): boolean
}

/** Is told of each that was turned away. */
type ToldCaller = (route: string, status: number) => void

/**
 * Puts a door before all else that a server does with a request: nothing is read, looked up or made for one that is
 * turned away, which costs a fifth of a refusal by its route. Only where callers have the addresses they call from.
 *
 * @param basePath - below which the server is.
 */
export function turnAway(
  server: Server,
  { method, path, bytes, problem, isFull }: TurnAway,
  basePath: string,
  logger: FastifyBaseLogger | undefined,
  told: ToldCaller,
): void {
  const route = `${basePath}${path}`
  const body = JSON.stringify(documentOf(problem))
  const headers = {
    ...problem.headers,
    ...SAFE,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': PRIVATE,
    'content-security-policy': NO_CONTENT,
  }
  const inside = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  let count = 0
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { url = '', socket } = request
    const isAsked =
      request.method === method &&
      url.startsWith(route) &&
      (url.length === route.length || url[route.length] === '?') &&
      Number(request.headers['content-length'] ?? Number.NaN) <= bytes
    if (!isAsked || !isFull(addressOf({ ip: socket.remoteAddress ?? '' }))) {
      for (const listener of inside) listener.call(server, request, response)
      return
    }
    const id = `away-${(count++).toString(36)}`
    response.writeHead(problem.status, { ...headers, 'x-request-id': id }).end(body)
    logger?.info({ reqId: id, method, route: path, status: problem.status, ms: 0 }, 'answered')
    told(path, problem.status)
  })
}
