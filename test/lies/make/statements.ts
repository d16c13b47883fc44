import { isHoldersAct } from '../../../src/account/entitlement.ts'
import { concatBytes } from '../../../src/core/bytes.ts'
import { decodeBatch, SIGNER_RECORD } from '../../../src/core/entry/batch.ts'
import { ENTRY_BATCH } from '../../../src/core/entry/entry-type.ts'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { listPath } from '../../../src/core/tree/ssz.ts'
import type { Evidence } from '../../../src/verify/batch-proof.ts'
import {
  decodeStatement,
  encodeStatement,
  type Statement,
  type StatementRecord,
} from '../../../src/verify/statement.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import type { Closed } from './books.ts'

export type Change = (statement: Statement) => Partial<Statement>

/** A statement with parts of it changed and nothing else: paths, seal and checkpoint stay as they were. */
export function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const statement = decodeStatement(bytes)
  return encodeStatement({ ...statement, ...change(statement) })
}

export interface StatementKind {
  /** Evidence for every line, not only where it must be. */
  readonly all?: boolean
  readonly since?: number
  /** Records to show beside those that the lines name. */
  readonly records?: readonly number[]
}

/** The statement of a member that closed books make: what an operator who keeps such books would serve. */
export function statementOf(closed: Closed, account: number, kind: StatementKind = {}): Statement {
  const { books, entries, checkpoint, sealEntry } = closed
  const since = kind.since ?? 0
  const state = closed.accounts[account]!
  const needed = new Set([state.unit, ...(kind.records ?? [])])
  const lines = books.chains
    .get(account)!
    .indexes.slice(since)
    .map(index => {
      const entry = entries[index]!
      const tx = decodeTransaction(entry)
      const isOthers = 'debit' in tx && tx.debit !== account && isHoldersAct(tx, tx.debit)
      if (isOthers || !(kind.all || isHoldersAct(tx, account))) return { entry, evidence: null }
      const evidence = evidenceAt(closed, index)
      const { signatures } = decodeBatch(evidence.batch)
      if (!signatures.some(one => one.class !== SIGNER_RECORD && one.number === account))
        for (const one of signatures) if (one.class === SIGNER_RECORD) needed.add(one.number)
      if (tx.kind === 'issue' && tx.rule !== 0) needed.add(tx.rule)
      return { entry, evidence }
    })
  return {
    checkpoint,
    genesis: { leaf: books.ledgerId, path: naivePath(0, entries) },
    seal: { entry: sealEntry, path: naivePath(entries.length - 1, entries) },
    account: { number: account, ...state },
    accountPath: closed.accountPath(account),
    since,
    lines,
    records: recordsOf(closed, needed),
  }
}

/** Records as the seal has them, by increasing number. */
export function recordsOf({ books, recordPath }: Closed, numbers: Iterable<number>): StatementRecord[] {
  return [...numbers]
    .sort((a, b) => a - b)
    .map(number => ({ number, ...books.records[number]!, path: recordPath(number) }))
}

/** The evidence of the transaction at a log index. */
export function evidenceAt({ entries }: Closed, at: number): Evidence {
  let index = at - 1
  while (entries[index]![0] !== ENTRY_BATCH) index--
  const batch = entries[index]!
  const list = entries.slice(index + 1, index + 1 + decodeBatch(batch).count)
  const position = at - index - 1
  const batchPath = listPath(concatBytes(...list.map(leafHash)), position)
  return { index, batch, logPath: naivePath(index, entries), position, batchPath }
}

/** The bytes of `statementOf`. */
export function stated(closed: Closed, account: number, kind: StatementKind = {}): Uint8Array {
  return encodeStatement(statementOf(closed, account, kind))
}
