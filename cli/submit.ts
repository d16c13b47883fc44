import type { SigningKey } from '../src/client/index.ts'
import type { BatchAnswer } from '../src/core/answer.ts'
import { encodeTransaction, type Transaction } from '../src/core/transaction.ts'
import { ACCEPTED, OUTCOMES } from '../src/ledger/index.ts'
import { OutcomeError } from './failure.ts'
import { publicClient, type Remote } from './options.ts'
import { meaning } from './outcome-words.ts'

/** A transaction that is in a checkpoint. */
export interface Submitted {
  readonly answer: BatchAnswer
  readonly entry: Uint8Array
  readonly logIndex: number
}

/** Submits one transaction as a batch of its own and waits for its checkpoint. @throws OutcomeError. */
export async function submitOne(
  remote: Remote,
  keys: readonly SigningKey[],
  transaction: Transaction,
): Promise<Submitted> {
  const [entry, answer] = [encodeTransaction(transaction), await submitAll(remote, keys, [transaction])]
  return { answer, entry, logIndex: answer.index! + 1 }
}

/** Submits transactions as one batch and waits for its checkpoint. @throws OutcomeError that names the first refused. */
export async function submitAll(
  remote: Remote,
  keys: readonly SigningKey[],
  transactions: readonly Transaction[],
): Promise<BatchAnswer> {
  const answer = await publicClient(remote).submit(transactions.map(encodeTransaction), keys, { wait: 'sealed' })
  const refused = answer.statuses.findIndex(status => status !== ACCEPTED)
  if (refused >= 0) throw refusal(answer, refused, transactions[refused]!)
  return answer
}

function refusal({ statuses, index }: BatchAnswer, position: number, { kind }: Transaction): OutcomeError {
  const outcome = OUTCOMES[statuses[position]!] ?? String(statuses[position])
  return new OutcomeError(outcome, `${meaning(outcome)} (${kind}, entry ${index! + 1 + position} of the log, SPEC §8)`)
}
