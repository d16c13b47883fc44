import { parentPort, workerData } from 'node:worker_threads'
import { type ClientOptions, TallyClient } from '../../client/index.ts'
import { useEngine } from '../../core/crypto/engine.ts'
import { loadEngine } from '../../node/native-engine.ts'
import { type Failure, failureOf } from '../read/failures.ts'
import { keepAlive } from '../read/keep-alive.ts'
import { makeReports } from './make-reports.ts'
import type { Reports } from './reports.ts'

/** What the thread is started with. */
export interface ReportsData {
  readonly client: ClientOptions
  /** How far the clock of who asks is ahead of that of this machine, ms. */
  readonly aheadMs: number
  readonly connections: number
  readonly state: string
}

/** What it says, once. */
export type ReportsMessage = { readonly reports: Reports } | { readonly failure: Failure }

// Runs as a thread of its own: an audit and a look at all accounts take their time.
const { client, aheadMs, connections, state } = workerData as ReportsData
const say = (message: ReportsMessage) => parentPort!.postMessage(message)
try {
  useEngine(await loadEngine())
  const nowMs = () => Date.now() + aheadMs
  say({ reports: await makeReports(new TallyClient({ ...client, nowMs, carry: keepAlive(connections) }), state) })
} catch (error) {
  say({ failure: failureOf(error as Error) })
}
parentPort!.close()
