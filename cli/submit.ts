import type { SigningKey } from '../src/client/index.ts'
import type { BatchAnswer } from '../src/core/answer.ts'
import { encodeTransaction, type Transaction } from '../src/core/transaction.ts'
import { ACCEPTED, OUTCOMES } from '../src/ledger/index.ts'
import { OutcomeError } from './failure.ts'
import { publicClient, type Remote } from './options.ts'

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
  const entry = encodeTransaction(transaction)
  const answer = await publicClient(remote).submit([entry], keys, { wait: 'sealed' })
  const status = answer.statuses[0]!
  if (status !== ACCEPTED)
    throw new OutcomeError(
      OUTCOMES[status] ?? String(status),
      `the ledger refused the ${transaction.kind} (SPEC §8); the refusal is entry ${answer.index! + 1} of the log`,
    )
  return { answer, entry, logIndex: answer.index! + 1 }
}
