import { once } from 'node:events'
import { parentPort, Worker, workerData } from 'node:worker_threads'
import { useEngine } from '../src/core/crypto/engine.ts'
import { loadEngine } from '../src/node/native-engine.ts'

interface Shared<D> {
  readonly data: D
  readonly stopped: Int32Array<SharedArrayBuffer>
}

/** A thread that prepares itself, waits for the word, works, and hands back one result. */
export class Helper<R> {
  readonly #worker: Worker
  readonly #stopped: Int32Array<SharedArrayBuffer>
  readonly #result: Promise<R>

  private constructor(worker: Worker, stopped: Int32Array<SharedArrayBuffer>) {
    this.#worker = worker
    this.#stopped = stopped
    this.#result = new Promise((resolve, reject) => {
      worker.on('error', reject)
      worker.on('message', (message: { result: R } | 'ready') => {
        if (message !== 'ready') resolve(message.result)
      })
    })
    this.#result.catch(() => {})
  }

  /** Starts the thread that a file beside this one is; resolves when it has prepared itself. */
  static async start<R, D>(file: string, data: D): Promise<Helper<R>> {
    const stopped = new Int32Array(new SharedArrayBuffer(4))
    const worker = new Worker(new URL(file, import.meta.url), { workerData: { data, stopped } satisfies Shared<D> })
    const helper = new Helper<R>(worker, stopped)
    await Promise.race([once(worker, 'message'), helper.#result])
    return helper
  }

  /** Gives the word; resolves with the result, and ends the thread. */
  async run(): Promise<R> {
    this.#worker.postMessage('go')
    try {
      return await this.#result
    } finally {
      await this.#worker.terminate()
    }
  }

  /** Asks the thread to come to an end soon. */
  stop(): void {
    Atomics.store(this.#stopped, 0, 1)
  }
}

/**
 * The thread's side: prepares with what it was given, says so, waits for the word, and does the work, which looks at
 * `isStopped` now and then.
 */
export async function helperThread<D, R>(
  prepare: (data: D) => Promise<(isStopped: () => boolean) => Promise<R>>,
  options: { portable?: boolean } = {},
): Promise<void> {
  if (!options.portable) useEngine(await loadEngine())
  const { data, stopped } = workerData as Shared<D>
  const work = await prepare(data)
  parentPort!.postMessage('ready')
  await once(parentPort!, 'message')
  const result = await work(() => Atomics.load(stopped, 0) === 1)
  parentPort!.postMessage({ result })
}
