import type { ProvenAnswer, SigningKey } from '../../src/client/index.ts'
import { refusal } from '../../src/client/refused-transaction.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { encodeTransaction, type Transaction } from '../../src/core/entry/transaction.ts'
import { check } from '../../src/core/failure.ts'
import { logIndexesOf } from '../../src/verify/batch-answer.ts'
import { DEFAULT_DATA, DEFAULT_URL, type Remote } from './options.ts'
import type { Session } from './session.ts'

/** A transaction that is in a checkpoint. */
export interface Submitted {
  readonly answer: ProvenAnswer
  readonly entry: Uint8Array
  readonly logIndex: number
}

/** Submits one transaction as a batch of its own and waits for its checkpoint. @throws OutcomeError. */
export async function submitOne(
  session: Session,
  keys: readonly SigningKey[],
  transaction: Transaction,
): Promise<Submitted> {
  const [entry, answer] = [encodeTransaction(transaction), await submitAll(session, keys, [transaction])]
  return { answer, entry, logIndex: logIndexesOf(answer)[0]! }
}

/**
 * Submits transactions of fresh ids as one batch, and waits until they are in a checkpoint. Nothing of the answer is
 * believed that is not proven.
 *
 * @throws OutcomeError that names the first refused; AnswerError and others of `TallyClient.submit`.
 */
export async function submitAll(
  { client, remote }: Session,
  keys: readonly SigningKey[],
  transactions: readonly Transaction[],
): Promise<ProvenAnswer> {
  const answer = await client.submit(transactions.map(encodeTransaction), keys, { wait: 'sealed' })
  const isFresh = answer.unproven.length === 0
  check(isFresh, 'answer-false', 'the ledger says that a fresh transaction was in another batch before')
  const refused = answer.statuses.findIndex(status => status !== ACCEPTED)
  if (refused >= 0)
    throw refusal(answer, refused, transactions[refused]!.kind, index => proofWords(index, remote, keys[0]))
  return answer
}

/** How what the ledger said of an entry is proved: the command that fetches the receipt, as the caller of before. */
export function proofWords(index: number, { url, data, key, policy }: Partial<Remote>, caller?: SigningKey): string {
  const holder = caller?.holder
  const options = [
    ...(url === undefined || url === (process.env['TALLY_URL'] ?? DEFAULT_URL) ? [] : ['--url', url]),
    ...(data === undefined || data === (process.env['TALLY_DATA'] ?? DEFAULT_DATA) ? [] : ['--data', data]),
    ...(holder !== undefined && 'account' in holder ? ['--account', String(holder.account)] : []),
    ...(policy === undefined ? [] : ['--policy', policy]),
    ...(key === undefined ? [] : ['--key', key]),
  ]
  const words = options.map(word => (/^[\w./:@%+=,~-]+$/.test(word) ? word : JSON.stringify(word)))
  const receipt = ['tally receipt', index, '--out', `${index}.tlog-proof`, ...words].join(' ')
  return (
    `To prove to anyone what the ledger said of it:\n  ${receipt}\n  tally verify ${index}.tlog-proof --policy ` +
    'POLICY'
  )
}
