/**
 * WIRE. The routes of a ledger: it finds out who asks, checks the right to read, and writes answers and problems. It
 * judges no transaction and stores nothing; every answer comes from a log.
 *
 * @example
 * const server = await buildServer({ log, logger: undefined, version: '1', policy })
 * await server.listen({ port: 8080 })
 */

export type { Server } from '../serving/index.ts'
export type { Observer } from './observer.ts'
export { buildServer, type LedgerServerOptions } from './server.ts'
