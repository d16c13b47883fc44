import { ACCEPTED } from '../core/entry/outcome.ts'
import { check } from '../core/failure.ts'
import { logIndexesOf } from '../verify/batch-answer.ts'
import type { TallyClient } from './client.ts'
import { ClientError } from './failure.ts'
import type { SigningKey } from './key.ts'
import type { ProvenAnswer } from './proven-answer.ts'

/** No answer came to a batch that was handed over: it may have been accepted. */
export class LostAnswerError extends ClientError {
  override readonly name = 'LostAnswerError'
}

/** What was sent, and is in a checkpoint; every outcome of it is proven. */
export interface SealedAnswer extends ProvenAnswer {
  /** Position of the first transaction that was refused; -1 where none was. */
  readonly refused: number
}

/**
 * Submits transactions as one batch, and waits until they are in a checkpoint. What stood in another batch before is
 * proven by its receipt.
 *
 * @param entries - their bytes.
 * @param isNamed - whether ids are not fresh: they may have been sent before.
 * @throws LostAnswerError where no answer came: the same entries count once, however often they are sent; VerifyError
 *   `answer-false`; AnswerError and others of `TallyClient.submit`.
 * @example
 * const spend = makeEntry('redeem', { debit: 3, credit: 0, amount: 60 })
 * const { refused } = await sendSealed(client, [owner], [spend])
 */
export async function sendSealed(
  client: TallyClient,
  keys: readonly SigningKey[],
  entries: readonly Uint8Array[],
  isNamed = false,
): Promise<SealedAnswer> {
  // From here on a batch may be taken whose answer is lost.
  await client.identity()
  const answer = await client.submit(entries, keys, { wait: 'sealed' }).catch((error: unknown) => {
    const isLost = error instanceof ClientError && error.status === 0
    throw isLost ? new LostAnswerError(error.code, error.message, 0, { cause: error }) : error
  })
  const isFresh = answer.unproven.length === 0
  check(isFresh || isNamed, 'answer-false', 'the ledger says that a fresh transaction was in another batch before')
  const indexes = logIndexesOf(answer)
  for (const position of answer.unproven) {
    const status = await client.as(keys[0]!).outcomeAt(indexes[position]!, entries[position]!)
    const isSo = status === answer.statuses[position]
    check(isSo, 'answer-false', `entry ${indexes[position]} of the log has another outcome than the ledger says`)
  }
  return { ...answer, refused: answer.statuses.findIndex(status => status !== ACCEPTED) }
}
