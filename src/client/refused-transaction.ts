import { OUTCOMES } from '../core/entry/outcome.ts'
import { type BatchAnswer, logIndexesOf } from '../verify/batch-answer.ts'
import { OutcomeError } from './failure.ts'
import { meaning } from './outcome-words.ts'

/**
 * The error that says of a transaction in the log why it was refused.
 *
 * @param what - the transaction, for people.
 * @param proof - how its refusal is proved to others, for people, by the log index; nothing by default.
 */
export function refusal(
  answer: BatchAnswer,
  position: number,
  what: string,
  proof?: (index: number) => string,
): OutcomeError {
  const outcome = OUTCOMES[answer.statuses[position]!] ?? String(answer.statuses[position])
  const index = logIndexesOf(answer)[position]!
  const words = `${meaning(outcome)} (${what}, entry ${index} of the log, SPEC §8)`
  return new OutcomeError(outcome, proof === undefined ? words : `${words}\n${proof(index)}`, index)
}
