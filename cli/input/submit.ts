import { ClientError, type ProvenAnswer, type SigningKey } from '../../src/client/index.ts'
import { refusal } from '../../src/client/refused-transaction.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { encodeTransaction, type Transaction } from '../../src/core/entry/transaction.ts'
import { check } from '../../src/core/failure.ts'
import { logIndexesOf } from '../../src/verify/batch-answer.ts'
import { DEFAULT_DATA, DEFAULT_URL, type Remote } from './options.ts'
import type { Session } from './session.ts'

/** No answer came to a batch that was handed over: it may have been accepted. */
export class LostAnswerError extends ClientError {
  override readonly name = 'LostAnswerError'
}

/**
 * Submits transactions of fresh ids as one batch, and waits until they are in a checkpoint. Nothing of the answer is
 * believed that is not proven.
 *
 * @param isNamed - whether ids are not fresh: they may have been sent before.
 * @throws OutcomeError that names the first refused; AnswerError and others of `TallyClient.submit`.
 */
export async function submitAll(
  { client, remote }: Session,
  keys: readonly SigningKey[],
  transactions: readonly Transaction[],
  isNamed = false,
): Promise<ProvenAnswer> {
  // From here on a batch may be taken whose answer is lost.
  await client.identity()
  const entries = transactions.map(encodeTransaction)
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
