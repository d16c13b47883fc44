import type { FetchPages, ServerRefusal } from '../shell/ask-with-token.ts'
import type { OnEntries } from './check-statement.ts'
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

/** What is sent to the same thread, for a statement that the server has. */
export interface FetchJob {
  readonly id: number
  /** A path with a query. */
  readonly question: string
  readonly token: string | undefined
}

export interface FetchedStatement {
  readonly id: number
  readonly fetched: Uint8Array | ServerRefusal
}

/** How far a statement in pages was verified: entries, of how many. */
export interface EntriesDone {
  readonly id: number
  readonly done: number
  readonly total: number
}

/** Something that verifies, in a thread of its own. */
export interface Verifier {
  /** Has the thread there before it is needed: then a page that was loaded needs no network any more. */
  warm(): void
  /** @param onEntries - is told how far a statement in pages was verified. */
  verify(job: Omit<Job, 'id'>, onEntries?: OnEntries): Promise<Answer>
  /** In that thread, too: a page that verifies nothing itself reads no pages of statements either. */
  readonly fetchStatement: FetchPages
}

interface Waiting {
  readonly resolve: (answer: Answer | FetchedStatement) => void
  readonly reject: (error: Error) => void
  readonly onEntries: OnEntries | undefined
}

/** A verifier behind a worker that was just started. @param start - starts it, in the way of the page. */
export function verifierBehind(start: () => Worker): Verifier {
  let worker: Worker | undefined
  let last = 0
  const waiting = new Map<number, Waiting>()
  const open = () => {
    const opened = start()
    opened.onmessage = ({ data }: MessageEvent<Answer | FetchedStatement | EntriesDone>) => {
      if ('done' in data) return waiting.get(data.id)?.onEntries?.(data.done, data.total)
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
  const sent = (job: object, onEntries: OnEntries | undefined) =>
    new Promise<Answer | FetchedStatement>((resolve, reject) => {
      worker ??= open()
      const id = ++last
      waiting.set(id, { resolve, reject, onEntries })
      worker.postMessage({ ...job, id })
    })
  return {
    warm() {
      worker ??= open()
    },
    verify: async (job, onEntries) => (await sent(job, onEntries)) as Answer,
    fetchStatement: async (question, token) =>
      ((await sent({ question, token }, undefined)) as FetchedStatement).fetched,
  }
}
