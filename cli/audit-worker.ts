import { parentPort, workerData } from 'node:worker_threads'
import { type ClientOptions, TallyClient } from '../src/client/index.ts'
import { useEngine } from '../src/core/engine.ts'
import { CodedError } from '../src/core/failure.ts'
import { type ReadEnd, type ReadRun, type ReadTask, readLog } from './audit-reader.ts'
import { loadEngine } from './engine.ts'
import { keepAlive } from './keep-alive.ts'

/** What the thread is started with. */
export interface ReaderData {
  readonly client: ClientOptions
  readonly task: ReadTask
  readonly connections: number
  /** Runs that it may be ahead of whoever replays them. */
  readonly ahead: number
}

/** What it says; each run, and the end, in their order. */
export type ReaderMessage =
  | { readonly kind: 'run'; readonly run: ReadRun }
  | { readonly kind: 'end'; readonly end: ReadEnd }
  | { readonly kind: 'failure'; readonly failure: Failure }

/** An error on its way from one thread to another, where its class is lost. */
export interface Failure {
  readonly name: string
  readonly message: string
  readonly code?: string
  readonly status?: number
  readonly stack?: string
}

// Runs as a thread of its own: reads a log and hands on what it read. It is given the word for one run more each time that
// one was replayed.
const port = parentPort!
const { client: options, task, connections, ahead } = workerData as ReaderData
let granted = ahead
let wake = () => {}
port.on('message', () => {
  granted++
  wake()
})

try {
  useEngine(await loadEngine())
  const runs = readLog(new TallyClient({ ...options, carry: keepAlive(connections) }), task)
  for (;;) {
    const { done, value } = await runs.next()
    if (done) {
      say({ kind: 'end', end: value })
      break
    }
    while (granted === 0)
      await new Promise<void>(resolve => {
        wake = resolve
      })
    granted--
    const { bytes, starts, ends, leaves } = value.run
    say({ kind: 'run', run: value }, [bytes.buffer, starts.buffer, ends.buffer, leaves.buffer])
  }
} catch (error) {
  say({ kind: 'failure', failure: failureOf(error as Error) })
}
port.close()

function say(message: ReaderMessage, transfer: readonly ArrayBufferLike[] = []): void {
  port.postMessage(message, transfer as ArrayBuffer[])
}

function failureOf(error: Error): Failure {
  const { name, message, stack } = error
  const coded = error instanceof CodedError ? { code: error.code } : {}
  const { status } = error as { status?: unknown }
  return {
    name,
    message,
    ...coded,
    ...(typeof status === 'number' ? { status } : {}),
    ...(stack === undefined ? {} : { stack }),
  }
}
