import { type ProvenAnswer, type SigningKey, sendSealed } from '../../src/client/index.ts'
import { refusal } from '../../src/client/refused-transaction.ts'
import { encodeTransaction, type Transaction } from '../../src/core/entry/transaction.ts'
import { DEFAULT_DATA, DEFAULT_URL, type Remote } from './options.ts'
import type { Session } from './session.ts'

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
  const entries = transactions.map(encodeTransaction)
  const { refused, ...answer } = await sendSealed(client, keys, entries, isNamed)
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
