import type { SigningKey } from '../src/client/index.ts'
import { type BatchAnswer, logIndexesOf } from '../src/core/answer.ts'
import { ACCEPTED, OUTCOMES } from '../src/core/outcome.ts'
import { encodeTransaction, type Transaction } from '../src/core/transaction.ts'
import { OutcomeError } from './failure.ts'
import { defaultData, defaultUrl, publicClient, type Remote } from './options.ts'
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
  return { answer, entry, logIndex: logIndexesOf(answer)[0]! }
}

/** Submits transactions as one batch and waits for its checkpoint. @throws OutcomeError that names the first refused. */
export async function submitAll(
  remote: Remote,
  keys: readonly SigningKey[],
  transactions: readonly Transaction[],
): Promise<BatchAnswer> {
  const answer = await publicClient(remote).submit(transactions.map(encodeTransaction), keys, { wait: 'sealed' })
  const refused = answer.statuses.findIndex(status => status !== ACCEPTED)
  if (refused >= 0) throw refusal(answer, refused, transactions[refused]!.kind, remote, keys[0])
  return answer
}

/**
 * The error that says of a transaction in the log why it was refused, and how that is proved to others.
 *
 * @param what - what it is, for people.
 */
export function refusal(
  answer: BatchAnswer,
  position: number,
  what: string,
  remote: Partial<Remote>,
  key?: SigningKey,
): OutcomeError {
  const outcome = OUTCOMES[answer.statuses[position]!] ?? String(answer.statuses[position])
  const index = logIndexesOf(answer)[position]!
  return new OutcomeError(
    outcome,
    `${meaning(outcome)} (${what}, entry ${index} of the log, SPEC §8)\n${proofWords(index, remote, key)}`,
  )
}

/** How what the ledger said of an entry is proved: the command that fetches the receipt, as the caller of before. */
export function proofWords(index: number, { url, data, key }: Partial<Remote>, caller?: SigningKey): string {
  const holder = caller?.holder
  const options = [
    ...(url === undefined || url === defaultUrl() ? [] : ['--url', url]),
    ...(data === undefined || data === defaultData() ? [] : ['--data', data]),
    ...(holder !== undefined && 'account' in holder ? ['--account', String(holder.account)] : []),
    ...(key === undefined ? [] : ['--key', key]),
  ]
  const words = options.map(word => (/^[\w./:@%+=,~-]+$/.test(word) ? word : JSON.stringify(word)))
  const receipt = ['tally receipt', index, '--out', `${index}.tlog-proof`, ...words].join(' ')
  return `To prove to anyone what the ledger said of it:\n  ${receipt}\n  tally verify ${index}.tlog-proof --policy POLICY`
}
