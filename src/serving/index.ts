/**
 * SERVING. The part that all our HTTP servers share: problem documents, limits of requests, their ids, safe headers,
 * routes with types from their schemas, and the OpenAPI document. It knows nothing of ledgers: a server brings its
 * routes, and says which problem an error of its own is. A second server is a few lines:
 *
 * ```ts
 * const server = await makeServer({
 *   title: 'Shop', version: '1', description: 'Points for orders.',
 *   limits: { bodyBytes: 65_536, openBytes: 2 ** 26, openBytesEach: 2 ** 24 },
 *   routes: server => {
 *     const response = { 200: z.object({ points: z.int() }), ...problems(404) }
 *     server.get('/v1/points/:order', { schema: { params, response } }, async ({ params }) => {
 *       const points = await pointsOf(params.order)
 *       if (points === undefined) throw new HttpError(404, 'not-found', 'No order has this number.')
 *       return { points }
 *     })
 *   },
 * })
 * await server.listen({ host: '127.0.0.1', port: 8080 })
 * ```
 */

export { addressOf } from './address.ts'
export { type AnswerObserver, type Front, makeServer, type ServerOptions } from './make-server.ts'
export { type Pages, readPages } from './pages.ts'
export type { PassOn } from './pass-on.ts'
export { HttpError, type Problem, problemOf, problemSchema, problems } from './problem.ts'
export { Rates } from './rates.ts'
export { announcedBytes, type RequestLimits } from './request-limits.ts'
export { bytesOf, CBOR, JSON_LINES, OCTETS, PRIVATE, sendBytes, sendEvents, TEXT, takeBytes } from './send.ts'
export type { TurnAway } from './turn-away.ts'
export type { Server } from './typed-server.ts'
