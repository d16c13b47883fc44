import type { Worker } from 'node:worker_threads'
import type { TallyClient } from '../../client/index.ts'
import { startThread } from '../../node/thread-start.ts'
import { errorFrom } from '../read/failures.ts'
import type { Reports } from './reports.ts'
import type { ReportsData, ReportsMessage } from './reports-worker.ts'

const CONNECTIONS = 4
/** The sources run as they are, and what is built from them has another ending. */
const THREAD = new URL(`./reports-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Reports that are being made, in a thread of their own. */
export class ReportsThread {
  /** @throws as `makeReports`; Error where the thread was ended. */
  readonly made: Promise<Reports>
  readonly #worker: Worker

  /** @param client - calls with the key of an auditor. @param state - a folder that is kept for the next time. */
  constructor(client: TallyClient, state: string) {
    // Functions do not pass from thread to thread.
    const { carry: _, nowMs = Date.now, ...options } = client.options
    const data: ReportsData = { client: options, aheadMs: nowMs() - Date.now(), connections: CONNECTIONS, state }
    this.#worker = startThread(THREAD, { workerData: data })
    this.made = new Promise((resolve, reject) => {
      this.#worker.on('message', (message: ReportsMessage) => {
        if ('reports' in message) resolve(message.reports)
        else reject(errorFrom(message.failure))
      })
      this.#worker.on('error', error => reject(error instanceof Error ? error : new Error(String(error))))
      this.#worker.on('exit', status => reject(new Error(`the thread that makes reports ended with ${status}`)))
    })
    this.made.catch(() => {})
  }

  /** Ends it, whatever is under way. */
  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
