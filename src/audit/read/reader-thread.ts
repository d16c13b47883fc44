import { availableParallelism } from 'node:os'
import type { Worker } from 'node:worker_threads'
import { TallyClient } from '../../client/index.ts'
import type { EntryRun } from '../../core/tree/tile.ts'
import { startThread } from '../../node/thread-start.ts'
import { errorFrom } from './failures.ts'
import { type ReadEnd, type ReadRun, type ReadTask, readLog } from './log-reader.ts'
import type { LogSource } from './log-source.ts'
import type { ReaderData, ReaderMessage, RunMemory } from './reader-worker.ts'

/** Connections of the thread. */
const CONNECTIONS = 8
/** Runs that the reading thread may be ahead: what memory is for, and enough that neither waits for the other. */
const AHEAD = 8
/** Entries from which on a thread of its own is worth being started. */
const THREAD_ENTRIES = 50_000

/** The sources run as they are, and what is built from them has another ending. */
const THREAD = new URL(`./reader-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** Where runs come from. */
export interface RunSource {
  /** The next run, or the end. @throws as `readLog`. */
  next(): Promise<IteratorResult<ReadRun, ReadEnd>>
  /** Gives back a run that is replayed: its bytes are written over. */
  giveBack(run: EntryRun): void
  /** Ends it, whatever is under way. */
  close(): Promise<void>
}

/**
 * `readLog`, in a thread of its own where there is a processor for it and enough to read; here where not. The same runs
 * in the same order, the same errors.
 *
 * @param source - reads here. Of a client, a thread makes one of the same options, and keeps its connections; any other
 *   source is of this thread alone.
 * @param thread - whether a thread reads; by default as it pays.
 */
export function readRuns(source: LogSource, task: ReadTask, thread?: boolean): RunSource {
  const pays = availableParallelism() > 1 && task.size - task.from >= THREAD_ENTRIES
  if (source instanceof TallyClient && (thread ?? pays))
    try {
      // Functions do not pass from thread to thread.
      const { carry: _, nowMs: __, ...options } = source.options
      return new ThreadRuns({ client: options, task, connections: CONNECTIONS, ahead: AHEAD })
    } catch {
      // Where threads are not to be had, it is read here.
    }
  const runs = readLog(source, task)
  return {
    next: () => runs.next(),
    giveBack() {},
    async close() {
      // Nobody waits for what was asked of it.
      runs.return(undefined as never).catch(() => {})
    },
  }
}

class ThreadRuns implements RunSource {
  readonly #worker: Worker
  readonly #came: ReaderMessage[] = []
  #failed: Error | undefined
  #wake = () => {}

  constructor(data: ReaderData) {
    this.#worker = startThread(THREAD, { workerData: data })
    this.#worker.on('message', (message: ReaderMessage) => {
      this.#came.push(message)
      this.#wake()
    })
    this.#worker.on('error', error => this.#fail(error instanceof Error ? error : new Error(String(error))))
    this.#worker.on('exit', status => this.#fail(new Error(`the thread that reads the log ended with ${status}`)))
  }

  #fail(error: Error): void {
    this.#failed ??= error
    this.#wake()
  }

  async next(): Promise<IteratorResult<ReadRun, ReadEnd>> {
    while (this.#came.length === 0) {
      if (this.#failed !== undefined) throw this.#failed
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
    const message = this.#came.shift()!
    if (message.kind === 'failure') throw errorFrom(message.failure)
    if (message.kind === 'end') return { done: true, value: message.end }
    return { done: false, value: message.run }
  }

  giveBack({ bytes, starts, ends, leaves }: EntryRun): void {
    const memory = [bytes.buffer, starts.buffer, ends.buffer, leaves.buffer] as ArrayBuffer[]
    this.#worker.postMessage(memory as unknown as RunMemory, memory)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
