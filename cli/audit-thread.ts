import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ClientError, type TallyClient } from '../src/client/index.ts'
import { FormatError, VerifyError } from '../src/core/failure.ts'
import { type ReadEnd, type ReadRun, type ReadTask, readLog } from './audit-reader.ts'
import type { Failure, ReaderData, ReaderMessage } from './audit-worker.ts'

/** Connections of the thread. */
const CONNECTIONS = 8
/** Runs that the reading thread may be ahead: what memory is for, and enough that neither waits for the other. */
const AHEAD = 8
/** Entries from which on a thread of its own is worth being started. */
const THREAD_ENTRIES = 50_000

/** Where runs come from. */
export type Runs = AsyncGenerator<ReadRun, ReadEnd>

/**
 * `readLog`, in a thread of its own where there is a processor for it and enough to read; here where not. The same runs in
 * the same order, the same errors.
 *
 * @param client - reads here; a thread makes one of the same options, and keeps its connections.
 * @param thread - whether a thread reads; by default as it pays.
 */
export function readRuns(client: TallyClient, task: ReadTask, thread?: boolean): Runs {
  const pays = availableParallelism() > 1 && task.size - task.from >= THREAD_ENTRIES
  if (!(thread ?? pays)) return readLog(client, task)
  // What brings requests to their answers does not pass from thread to thread.
  const { carry: _, ...options } = client.options
  return readInThread(client, { client: options, task, connections: CONNECTIONS, ahead: AHEAD })
}

async function* readInThread(client: TallyClient, data: ReaderData): Runs {
  // The file beside this one, from the sources as from the build.
  const file = new URL(`audit-worker${extname(new URL(import.meta.url).pathname)}`, import.meta.url)
  let worker: Worker
  try {
    worker = new Worker(file, { workerData: data })
  } catch {
    // Where threads are not to be had.
    return yield* readLog(client, data.task)
  }
  const came: ReaderMessage[] = []
  let failed: Error | undefined
  let wake = () => {}
  worker.on('message', (message: ReaderMessage) => {
    came.push(message)
    wake()
  })
  worker.on('error', error => {
    failed = error instanceof Error ? error : new Error(String(error))
    wake()
  })
  worker.on('exit', status => {
    failed ??= new Error(`the thread that reads the log ended with ${status}`)
    wake()
  })
  try {
    for (;;) {
      const message = came.shift()
      if (message?.kind === 'end') return message.end
      if (message?.kind === 'failure') throw errorFrom(message.failure)
      if (message !== undefined) {
        yield message.run
        worker.postMessage('more')
      } else if (failed !== undefined) throw failed
      else
        await new Promise<void>(resolve => {
          wake = resolve
        })
    }
  } finally {
    await worker.terminate()
  }
}

/** The error that another thread met, of the class that it had there. */
function errorFrom({ name, message, code, status, stack }: Failure): Error {
  if (code !== undefined && name === 'ClientError') return new ClientError(code, message, status ?? 0)
  if (code !== undefined && name === 'FormatError') return new FormatError(code, message)
  if (code !== undefined && name === 'VerifyError') return new VerifyError(code, message)
  const error = new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}
