import type { Telling } from './lies.ts'
import { lookAt, type PartyFinding } from './parties.ts'

/** What is asked of the thread that runs the small ledger, and what it answers. */
export interface TamperQuestion {
  readonly id: number
  readonly telling: Telling
}
export interface TamperAnswer {
  readonly id: number
  readonly seen?: readonly PartyFinding[]
  readonly trouble?: string
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<TamperQuestion>) => void
  postMessage(answer: TamperAnswer): void
}
scope.onmessage = ({ data: { id, telling } }) => {
  lookAt(telling).then(
    seen => scope.postMessage({ id, seen }),
    error => scope.postMessage({ id, trouble: String(error) }),
  )
}
