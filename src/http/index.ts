/**
 * WIRE. The routes of a ledger: who asks, what of the log they may see, and how an answer or a problem is written. It
 * judges no transaction and keeps nothing; all that it tells is a log's.
 */

export type { Server } from '../serving/index.ts'
export type { Observer } from './observer.ts'
export { buildServer, type LedgerServerOptions } from './server.ts'
