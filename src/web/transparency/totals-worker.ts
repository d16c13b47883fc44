import { CodedError } from '../../core/failure.ts'
import { openedDays } from './totals.ts'

interface TotalsJob {
  readonly file: Uint8Array
  readonly policy: Uint8Array
  readonly nowMs: number
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<TotalsJob>) => void
  postMessage(answer: unknown): void
}
scope.onmessage = ({ data: { file, policy, nowMs } }) => {
  try {
    scope.postMessage({ days: openedDays(file, policy, nowMs) })
  } catch (error) {
    const { code, message } = error instanceof CodedError ? error : { code: 'internal', message: String(error) }
    scope.postMessage({ code, message })
  }
}
