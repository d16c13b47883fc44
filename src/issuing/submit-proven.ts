import type { ProvenAnswer, SigningKey, TallyClient } from '../client/index.ts'
import { untilSealed } from '../client/until-sealed.ts'
import { check } from '../core/failure.ts'
import { logIndexesOf } from '../verify/batch-answer.ts'

/**
 * Submits a batch of which some may have been sent before, in other batches, by a run that was cut off: what became of
 * those is proven by their receipts, when they are in a checkpoint. A request each.
 *
 * @param keys - of the registry, the first of which calls for the receipts.
 * @throws as `TallyClient.submit` and `TallyClient.outcomeAt`.
 */
export async function submitProven(
  client: TallyClient,
  entries: readonly Uint8Array[],
  keys: readonly SigningKey[],
  signal: AbortSignal,
): Promise<ProvenAnswer> {
  const answer = await client.submit(entries, keys)
  if (answer.unproven.length === 0) return answer
  await untilSealed(client, signal)
  const caller = client.as(keys[0]!)
  const indexes = logIndexesOf(answer)
  for (const position of answer.unproven) {
    if (signal.aborted) break
    const status = await caller.outcomeAt(indexes[position]!, entries[position]!)
    const isSo = status === answer.statuses[position]
    check(isSo, 'answer-false', `entry ${indexes[position]} of the log has another outcome than the ledger says`)
  }
  return answer
}
