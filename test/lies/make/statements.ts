import { concatBytes, equalBytes, toHex } from '../../../src/core/bytes.ts'
import { decodeBatch, SIGNER_RECORD } from '../../../src/core/entry/batch.ts'
import { ENTRY_BATCH } from '../../../src/core/entry/entry-type.ts'
import { decodeTransaction, encodeTransaction, type Transaction } from '../../../src/core/entry/transaction.ts'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { listPath } from '../../../src/core/tree/ssz.ts'
import type { BatchProof } from '../../../src/verify/batch-proof.ts'
import { isOfAnother, needsPlace } from '../../../src/verify/line-kinds.ts'
import {
  decodeStatement,
  encodeStatement,
  type Statement,
  type StatementBatch,
  type StatementLink,
  type StatementRecord,
  type StatementSeries,
  type TransactionPlace,
} from '../../../src/verify/statement.ts'
import { naivePath } from '../../core/tree/naive-tree.ts'
import type { Closed } from './books.ts'

/** What others than the holder sign too, or may. */
const BY_MORE: ReadonlySet<string> = new Set(['set-custody', 'merge', 'reverse', 'claim'])
/** What can be reversed. */
const REVERSED: ReadonlySet<string> = new Set([
  'fund',
  'issue',
  'opening-balance',
  'redeem',
  'capture',
  'claim',
  'merge',
])

export type Change = (statement: Statement) => Partial<Statement>

/** A statement with parts of it changed and nothing else: paths, seal and checkpoint stay as they were. */
export function changed(bytes: Uint8Array, change: Change): Uint8Array {
  const statement = decodeStatement(bytes)
  return encodeStatement({ ...statement, ...change(statement) })
}

export interface StatementKind {
  /** Places of every line, not only where they must be. */
  readonly all?: boolean
  readonly since?: number
  /** Records to show beside those that the lines name. */
  readonly records?: readonly number[]
}

/** The statement of an account that closed books make: what an operator who keeps such books would serve. */
export function statementOf(closed: Closed, account: number, kind: StatementKind = {}): Statement {
  const { books, entries, checkpoint, sealEntry } = closed
  const since = kind.since ?? 0
  const state = closed.accounts[account]!
  const list = books.lists.get(account)
  const { indexes } = list ?? books.chains.get(account)!
  const transactions = indexes.map(index => decodeTransaction(entries[index]!))
  const needed = new Set([
    ...books.naming,
    state.unit,
    ...chainOf(closed, account, transactions),
    ...(kind.records ?? []),
  ])
  const placed = new Set<number>()
  transactions.forEach((tx, i) => {
    if (i < since) return
    if (kind.all || needsPlace(tx, account, list === undefined)) placed.add(i)
    const original = tx.kind === 'reverse' && tx.debit === account ? tx.original : undefined
    const at = transactions.findIndex(({ id, kind: of }) => REVERSED.has(of) && equalBytes(id, original ?? tx.id))
    if (original !== undefined && at >= 0) placed.add(at)
  })
  for (const i of placed)
    if (i >= since) for (const record of recordsBehind(closed, account, indexes[i]!)) needed.add(record)
  for (const number of needed) {
    const row = closed.records[number]
    if (row === undefined) continue
    const tx = decodeTransaction(row.entry)
    if (tx.kind !== 'genesis') for (const signer of signersAt(closed, row.from)) needed.add(signer)
    if (tx.kind === 'register-key' && tx.succeeds !== null) needed.add(tx.succeeds)
  }
  const lines = indexes.slice(since).map(index => entries[index]!)
  const statement = {
    checkpoint,
    seal: { entry: sealEntry, path: naivePath(entries.length - 1, entries) },
    account: { number: account, ...state },
    accountPath: closed.accountPath(account),
    since,
    lines,
    links: linksOf(list?.links ?? [], since),
    batches: [],
    places: [],
    records: [],
    series: seriesOf(closed, transactions, since),
  }
  const at = [...placed].sort((a, b) => a - b).map(i => ({ line: i + 1, index: indexes[i]! }))
  return shown(closed, statement, at, [...needed])
}

/** The links of the lines behind `since`, none of which is shown as all of its batch. */
function linksOf(counts: readonly number[], since: number): StatementLink[] {
  let end = 0
  return counts.flatMap(count => {
    end += count
    return end > since ? [{ count, at: null }] : []
  })
}

/**
 * A statement in which each link of a batch that names its account in all that it has, and of which a place is shown,
 * shows them all by its batch: what the ledger itself makes.
 */
export function wholeBatches(closed: Closed, statement: Statement): Statement {
  const { links, places, batches, since } = statement
  let first = since + 1
  const whole = new Set<number>()
  const shownLinks = links.map(link => {
    const lines = Array.from({ length: link.count }, (_, i) => first + i)
    first += link.count
    const of = places.filter(({ line }) => lines.includes(line))
    const at = of[0]?.at
    const isWhole = at !== undefined && decodeBatch(closed.entries[batches[at]!.index]!).count === link.count
    if (isWhole) for (const line of lines) whole.add(line)
    return isWhole ? { ...link, at } : link
  })
  return { ...statement, links: shownLinks, places: places.filter(({ line }) => !whole.has(line)) }
}

/** The series of the claims among the lines behind `since`, with their serials. */
function seriesOf(closed: Closed, transactions: readonly Transaction[], since: number): StatementSeries[] {
  const claims = transactions.flatMap((tx, i) => (tx.kind === 'claim' && i >= since ? [{ tx, line: i + 1 }] : []))
  const numbers = [...new Set(claims.map(({ tx }) => tx.series))].sort((a, b) => a - b)
  return numbers.map(number => {
    const leaves = closed.books.claimLeaves(number)
    const serials = claims.flatMap(({ tx, line }) => {
      if (tx.series !== number) return []
      const leaf = toHex(leafHash(encodeTransaction(tx)))
      const serial = toHex(leaves).match(/.{64}/g)!.indexOf(leaf)
      return [{ line, serial, path: listPath(leaves, serial) }]
    })
    return { account: { number, ...closed.accounts[number]! }, path: closed.accountPath(number), serials }
  })
}

/** A statement that shows the places of these lines, these records, and the batches of both. */
export function shown(
  closed: Closed,
  statement: Statement,
  places: readonly { readonly line: number; readonly index: number }[],
  numbers: readonly number[],
): Statement {
  const records = numbers.filter(number => closed.records[number] !== undefined).sort((a, b) => a - b)
  const wanted = new Set([
    0,
    ...places.map(({ index }) => batchOf(closed, index)),
    ...records.map(number => batchOf(closed, closed.records[number]!.from)),
  ])
  const batches = [...wanted].sort((a, b) => a - b)
  return {
    ...statement,
    batches: batches.map(index => shownBatch(closed, index)),
    places: places.map(({ line, index }) => ({ line, ...placedAt(closed, index, batches) })),
    records: records.map(number => recordAt(closed, number, batches)),
  }
}

/**
 * What a statement shows when its records are these, and everything else as it was: batches that they need are added.
 */
export function withRecords(closed: Closed, statement: Statement, numbers: readonly number[]): Statement {
  const { batches, places } = statement
  const placed = places.map(({ line, at, position }) => ({ line, index: batches[at]!.index + 1 + position }))
  return shown(closed, statement, placed, numbers)
}

/** A batch of the log, as a statement shows it. */
export function shownBatch({ entries }: Closed, index: number): StatementBatch {
  return { index, batch: entries[index]!, path: naivePath(index, entries) }
}

function placedAt(closed: Closed, index: number, batches: readonly number[]): TransactionPlace {
  const { index: batch, position, batchPath } = evidenceAt(closed, index)
  return { at: batches.indexOf(batch), position, batchPath }
}

function recordAt(closed: Closed, number: number, batches: readonly number[]): StatementRecord {
  const { entry, from, until, next } = closed.records[number]!
  return { number, entry, ...placedAt(closed, from, batches), until, next, path: closed.recordPath(number) }
}

/** The records that a line with its place needs: its rule, and who signed it but the holder. */
function recordsBehind(closed: Closed, account: number, index: number): number[] {
  const tx = decodeTransaction(closed.entries[index]!)
  if (tx.kind === 'convert' && tx.budget === account) return [tx.rate]
  if (isOfAnother(tx, account)) return []
  const { signatures } = decodeBatch(closed.entries[batchOf(closed, index)]!)
  const isByHolder = signatures.some(one => one.class !== SIGNER_RECORD && one.number === account)
  const records = isByHolder && !BY_MORE.has(tx.kind) ? [] : signersAt(closed, index)
  const isByRule = tx.kind === 'set-status' || tx.kind === 'issue'
  return isByRule && tx.rule !== 0 ? [...records, tx.rule] : records
}

/** The records whose keys signed the batch of the transaction at a log index. */
function signersAt(closed: Closed, index: number): number[] {
  const { signatures } = decodeBatch(closed.entries[batchOf(closed, index)]!)
  return signatures.filter(one => one.class === SIGNER_RECORD).map(({ number }) => number)
}

/** The records of the chain of the custodian that the lines name last. */
function chainOf({ records }: Closed, account: number, lines: readonly Transaction[]): number[] {
  const naming = lines.findLast(tx => tx.kind === 'open-account' || tx.kind === 'set-custody')
  const custodian = naming !== undefined && 'custodian' in naming ? naming.custodian : null
  if (custodian === null || account < 0) return []
  const beginning = (number: number): number => {
    const row = records[number]
    const tx = row === undefined ? undefined : decodeTransaction(row.entry)
    return tx?.kind === 'register-key' && tx.succeeds !== null ? beginning(tx.succeeds) : number
  }
  return records.flatMap(({ entry }, number) => {
    const tx = decodeTransaction(entry)
    const isOfChain =
      tx.kind === 'register-key' && tx.role === 'custodian' && beginning(number) === beginning(custodian.record)
    return isOfChain ? [number] : []
  })
}

/** Log index of the batch of the entry at a log index, or of that batch itself. */
function batchOf({ entries }: Closed, at: number): number {
  let index = at
  while (entries[index]![0] !== ENTRY_BATCH) index--
  return index
}

/** Records as the seal has them, by increasing number, without their places in the log. */
export function recordsOf({ records, recordPath }: Closed, numbers: Iterable<number>) {
  return [...numbers].sort((a, b) => a - b).map(number => ({ number, ...records[number]!, path: recordPath(number) }))
}

/** The evidence of the transaction at a log index, as a receipt shows it. */
export function evidenceAt(closed: Closed, at: number): BatchProof {
  const { entries } = closed
  const index = batchOf(closed, at - 1)
  const batch = entries[index]!
  const list = entries.slice(index + 1, index + 1 + decodeBatch(batch).count)
  const position = at - index - 1
  const batchPath = listPath(concatBytes(...list.map(leafHash)), position)
  return { index, batch, logPath: naivePath(index, entries), position, batchPath }
}

/** The bytes of `statementOf`, as the ledger itself makes them. */
export function stated(closed: Closed, account: number, kind: StatementKind = {}): Uint8Array {
  return encodeStatement(wholeBatches(closed, statementOf(closed, account, kind)))
}
