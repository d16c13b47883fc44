import type { Verdict } from './verdict.ts'

/** What is sent to the thread that verifies. */
export interface Job {
  readonly id: number
  readonly bytes: Uint8Array
  readonly policy: Uint8Array
  readonly card: Uint8Array | undefined
  readonly nowMs: number
}

/** What it answers: a verdict, or the code and the words of what could not be read. */
export type Answer = { readonly id: number; readonly ms: number } & (
  | { readonly verdict: Verdict }
  | { readonly code: string; readonly message: string }
)

/** Something that verifies, in a thread of its own. */
export interface Verifier {
  /** Has the thread there before it is needed: then a page that was loaded needs no network any more. */
  warm(): void
  verify(job: Omit<Job, 'id'>): Promise<Answer>
}

/** A verifier behind a worker that was just started. @param start - starts it, in the way of the page. */
export function verifierBehind(start: () => Worker): Verifier {
  let worker: Worker | undefined
  let last = 0
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  const open = () => {
    const opened = start()
    opened.onmessage = ({ data }: MessageEvent<Answer>) => {
      waiting.get(data.id)?.resolve(data)
      waiting.delete(data.id)
    }
    opened.onerror = event => {
      worker = undefined
      for (const { reject } of waiting.values()) reject(new Error(event.message || 'the worker did not start'))
      waiting.clear()
    }
    return opened
  }
  return {
    warm() {
      worker ??= open()
    },
    verify(job) {
      worker ??= open()
      const id = ++last
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        worker!.postMessage({ ...job, id })
      })
    },
  }
}
