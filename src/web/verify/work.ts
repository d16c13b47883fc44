import { CodedError } from '../../core/failure.ts'
import { checkFile } from './check-file.ts'
import type { OnEntries } from './check-statement.ts'
import type { Answer, EntriesDone, Job } from './verifier.ts'

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

/** What a worker runs. */
export function work(scope: {
  onmessage: ((event: MessageEvent<Job>) => void) | null
  postMessage(said: Answer | EntriesDone): void
}): void {
  scope.onmessage = ({ data }) => {
    const { id } = data
    scope.postMessage(answerTo(data, (done, total) => scope.postMessage({ id, done, total })))
  }
}
