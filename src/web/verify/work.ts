import { CodedError } from '../../core/failure.ts'
import type { FetchPages } from '../shell/ask-with-token.ts'
import { checkFile } from './check-file.ts'
import type { OnEntries } from './check-statement.ts'
import type { Answer, EntriesDone, FetchedStatement, FetchJob, Job } from './verifier.ts'

/** Does a job. A fault of the page itself is told as `internal`, so that nothing waits for ever. */
function answerTo({ id, bytes, policy, card, nowMs }: Job, onEntries: OnEntries): Answer {
  const start = performance.now()
  const ms = () => performance.now() - start
  try {
    return { id, verdict: checkFile(bytes, { policy, card, nowMs }, onEntries), ms: ms() }
  } catch (error) {
    const { code, message } = error instanceof CodedError ? error : { code: 'internal', message: String(error) }
    return { id, code, message, ms: ms() }
  }
}

interface WorkScope {
  onmessage: ((event: MessageEvent<Job | FetchJob>) => void) | null
  postMessage(said: Answer | FetchedStatement | EntriesDone): void
}

/** What a worker runs. @param fetchPages - undefined where there is no server to ask. */
export function work(scope: WorkScope, fetchPages?: FetchPages): void {
  scope.onmessage = ({ data }) => {
    const { id } = data
    if (!('question' in data))
      return scope.postMessage(answerTo(data, (done, total) => scope.postMessage({ id, done, total })))
    const none = { status: 0, code: 'internal', said: undefined }
    void (fetchPages?.(data.question, data.token) ?? Promise.resolve(none)).then(
      fetched => scope.postMessage({ id, fetched }),
      (error: unknown) => scope.postMessage({ id, fetched: { ...none, said: String(error) } }),
    )
  }
}
