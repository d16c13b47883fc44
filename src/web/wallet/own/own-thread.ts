import { CodedError } from '../../../core/failure.ts'
import type { OwnJob, OwnJobs, OwnReply } from './messages.ts'

/** The thread of the wallet says why it did not: the code is for the page. */
class OwnThreadError extends CodedError {
  override readonly name = 'OwnThreadError'
}

/** The jobs of the wallet's thread, and who is told how far a statement was verified. */
export interface OwnThread extends OwnJobs {
  onEntries: (done: number, total: number) => void
}

interface PendingJob {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** Starts the thread that has the key. */
export function startOwnThread(): OwnThread {
  const worker = new Worker(new URL('./own-worker.ts', import.meta.url), { type: 'module' })
  const waiting = new Map<number, PendingJob>()
  let last = 0
  const own = { onEntries: (_done: number, _total: number) => {} }
  worker.onmessage = ({ data }: MessageEvent<OwnReply>) => {
    if (!('id' in data)) return own.onEntries(data.done, data.total)
    const job = waiting.get(data.id)
    waiting.delete(data.id)
    if ('code' in data) job?.reject(new OwnThreadError(data.code, data.message))
    else job?.resolve(data.value)
  }
  worker.onerror = event => {
    for (const { reject } of waiting.values())
      reject(new OwnThreadError('internal', event.message || 'the worker did not start'))
    waiting.clear()
  }
  const ask = (job: OwnJob, args: readonly unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      worker.postMessage({ id, job, args })
    })
  return new Proxy(own as OwnThread, {
    get: (target, name) =>
      name in target ? Reflect.get(target, name) : (...args: unknown[]) => ask(name as OwnJob, args),
  })
}
