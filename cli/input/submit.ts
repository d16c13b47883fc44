import { ClientError, type ProvenAnswer, type SigningKey } from '../../src/client/index.ts'
import { refusal } from '../../src/client/refused-transaction.ts'
import { toHex } from '../../src/core/bytes.ts'
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

/** Whether a command can be given an id, and was: the transaction may have been sent before then. */
export interface Naming {
  readonly canName?: boolean
  readonly isNamed?: boolean
}

/** Submits one transaction as a batch of its own and waits for its checkpoint. @throws OutcomeError. */
export async function submitOne(
  session: Session,
  keys: readonly SigningKey[],
  transaction: Transaction,
  naming: Naming = {},
): Promise<Submitted> {
  const [entry, answer] = [encodeTransaction(transaction), await submitAll(session, keys, [transaction], naming)]
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
  { canName = false, isNamed = false }: Naming = {},
): Promise<ProvenAnswer> {
  // From here on a batch may be taken whose answer is lost.
  await client.identity()
  const entries = transactions.map(encodeTransaction)
  const answer = await client.submit(entries, keys, { wait: 'sealed' }).catch((error: unknown) => {
    throw unanswered(error, transactions, canName)
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

/** Says, where no answer came to what was sent, that it may count all the same, and how to ask again. */
function unanswered(error: unknown, [first]: readonly Transaction[], canName: boolean): unknown {
  if (!(error instanceof ClientError) || error.status !== 0) return error
  const again = canName
    ? `Run the same command again with --id ${toHex(first!.id)}: whatever became of it, it counts once.`
    : 'See whether it is there before you run the command again.'
  return new ClientError(error.code, `${error.message}. It was sent, and may have been accepted. ${again}`, 0, {
    cause: error,
  })
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
