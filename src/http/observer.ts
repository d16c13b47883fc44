import type { AnswerObserver } from '../serving/index.ts'

/** Is told what the server of a ledger answers, for its operator: of what, not to whom. */
export interface Observer extends AnswerObserver {
  /** A batch was acknowledged, with these outcomes by position (SPEC §8). */
  judged(statuses: Iterable<number>): void
}
