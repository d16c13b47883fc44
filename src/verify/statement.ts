import type { AccountState } from '../account/account.ts'
import { CborReader, type CborValue } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { KIND_CONTINUE, kindOf } from '../core/entry/transaction.ts'
import { FormatError } from '../core/failure.ts'
import {
  ACCOUNT_DEPTH,
  ACCOUNTS_MAX,
  AMOUNT_MAX,
  BATCH_DEPTH,
  BATCH_TRANSACTIONS_MAX,
  ENTRY_BYTES_MAX,
  LOG_PATH_MAX,
  RECORD_DEPTH,
  RECORDS_MAX,
  SERIES_DEPTH,
  SERIES_MAX,
  STATEMENT_BYTES_MAX,
  TIME_MS_MAX,
  TRANSACTION_BYTES_MAX,
} from '../core/limits.ts'
import { NOTE_BYTES_MAX } from '../core/note/note.ts'
import { readFields, readHashes } from './batch-proof.ts'

/** The first field of a statement. SPEC §10. */
export const STATEMENT_TAG = 'tallystick/statement/v1'

/** Everything that proves an account's balance from all of its entries (SPEC §10). */
export interface Statement {
  /** Signed note. */
  readonly checkpoint: Uint8Array
  readonly seal: { readonly entry: Uint8Array; readonly path: readonly Uint8Array[] }
  readonly account: AccountState & { readonly number: number }
  readonly accountPath: readonly Uint8Array[]
  /** How many of the account's entries the reader has verified before. */
  readonly since: number
  /** The account's entries number `since + 1` and on. */
  readonly lines: readonly Uint8Array[]
  /** Of any account but a member's: which of the lines are one link of its chain. */
  readonly links: readonly StatementLink[]
  /** By increasing index, each once; the first is that of genesis. */
  readonly batches: readonly StatementBatch[]
  /** By increasing line. */
  readonly places: readonly StatementPlace[]
  /** By increasing number; the first is genesis. */
  readonly records: readonly StatementRecord[]
  /** Of the claims among the lines, by increasing number. */
  readonly series: readonly StatementSeries[]
}

/** Lines of one batch: so many, and where that names the account in all that it has, its place among the batches. */
export interface StatementLink {
  readonly count: number
  readonly at: number | null
}

export interface StatementBatch {
  readonly index: number
  readonly batch: Uint8Array
  readonly path: readonly Uint8Array[]
}

/** Where a transaction stands: the batch, by its place among those of the statement, and the position in it. */
export interface TransactionPlace {
  readonly at: number
  readonly position: number
  readonly batchPath: readonly Uint8Array[]
}

export interface StatementPlace extends TransactionPlace {
  /** Number of the entry in the account, from 1. */
  readonly line: number
}

export interface StatementRecord extends TransactionPlace {
  readonly number: number
  readonly entry: Uint8Array
  readonly until: number
  readonly next: number
  /** Under the seal's registry root. */
  readonly path: readonly Uint8Array[]
}

/** A series as the seal has it, and which of its claims stand among the lines. */
export interface StatementSeries {
  readonly account: AccountState & { readonly number: number }
  /** Under the seal's state root. */
  readonly path: readonly Uint8Array[]
  readonly serials: readonly { readonly line: number; readonly serial: number; readonly path: readonly Uint8Array[] }[]
}

/** The bytes of a statement: one CBOR array. SPEC §10. What this makes, `decodeStatement` reads. */
export function encodeStatement(statement: Statement): Uint8Array {
  const { seal, account, lines, links, batches, places, records, series } = statement
  return encodeCbor([
    STATEMENT_TAG,
    statement.checkpoint,
    [seal.entry, seal.path],
    accountFields(account),
    statement.accountPath,
    statement.since,
    lines,
    links.map(linkFields),
    batches.map(batchFields),
    places.map(placeFields),
    records.map(recordFields),
    series.map(seriesFields),
  ])
}

/**
 * A statement without its lines: checkpoint, genesis, seal and account, some 3 kB. It shows to others what the log said
 * of an account, and nothing of what the account did. SPEC §10.
 */
export function withoutLines(statement: Statement): Statement {
  const { account } = statement
  return {
    ...statement,
    since: account.entries,
    lines: [],
    links: [],
    ...beginningOf(statement),
    places: [],
    series: [],
  }
}

/** What shows of which ledger it is: genesis, and where the ledger went on in another log all records, to be sure. */
function beginningOf({ batches, records }: Statement): Pick<Statement, 'batches' | 'records'> {
  const isContinued = records.some(({ entry }) => entry.length > 3 && kindOf(entry, 0) === KIND_CONTINUE)
  if (!isContinued) return { batches: batches.slice(0, 1), records: records.slice(0, 1) }
  const wanted = [...new Set(records.map(({ at }) => at))].sort((a, b) => a - b)
  return {
    batches: wanted.flatMap(at => batches[at] ?? []),
    records: records.map(record => ({ ...record, at: wanted.indexOf(record.at) })),
  }
}

/** The account of a statement as its CBOR array. */
export function accountFields(account: Statement['account']): CborValue[] {
  return [
    account.number,
    account.kind,
    account.unit,
    account.owner,
    account.opening,
    account.status,
    account.entries,
    account.time,
    account.credit,
    account.debit,
    account.head,
    account.more,
  ]
}

/** A link of a statement as its CBOR array. */
export function linkFields({ count, at }: StatementLink): CborValue[] {
  return [count, at]
}

/** A batch of a statement as its CBOR array. */
export function batchFields({ index, batch, path }: StatementBatch): CborValue[] {
  return [index, batch, path]
}

/** The place of a line as its CBOR array. */
export function placeFields({ line, at, position, batchPath }: StatementPlace): CborValue[] {
  return [line, at, position, batchPath]
}

/** A record of a statement as its CBOR array. */
export function recordFields({
  number,
  entry,
  at,
  position,
  batchPath,
  until,
  next,
  path,
}: StatementRecord): CborValue[] {
  return [number, entry, at, position, batchPath, until, next, path]
}

/** A series of a statement as its CBOR array. */
export function seriesFields({ account, path, serials }: StatementSeries): CborValue[] {
  return [accountFields(account), path, serials.map(({ line, serial, path }) => [line, serial, path])]
}

/**
 * The statement that bytes hold. Nothing in it is checked yet but its form.
 *
 * @param bytes - untrusted. Byte strings of what is returned are views into them.
 * @throws FormatError `statement`, `list-length`, or a code of `CborReader`. SPEC §10.
 */
export function decodeStatement(bytes: Uint8Array): Statement {
  if (bytes.length > STATEMENT_BYTES_MAX)
    throw new FormatError('statement', `a statement has at most ${STATEMENT_BYTES_MAX} bytes`)
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  readFields(reader, 12, 'a statement', 'statement')
  const tag = reader.text('tag', 64)
  if (tag !== STATEMENT_TAG) throw new FormatError('statement', `expected "${STATEMENT_TAG}", found "${tag}"`)
  const checkpoint = reader.bytesUpTo(NOTE_BYTES_MAX, 'checkpoint')
  readFields(reader, 2, 'a seal with its path', 'statement')
  const seal = { entry: reader.bytesUpTo(ENTRY_BYTES_MAX, 'seal'), path: readHashes(reader, LOG_PATH_MAX, 'log-path') }
  const account = readAccount(reader)
  const accountPath = readHashes(reader, ACCOUNT_DEPTH, 'account-path')
  const since = reader.uint(AMOUNT_MAX, 'since')
  // An item takes more bytes than one, so the size of the input bounds the lists.
  const max = bytes.length
  const lines = reader.list(max, 'lines', () => reader.bytesUpTo(TRANSACTION_BYTES_MAX, 'line'))
  const links = reader.list(max, 'links', () => readLink(reader))
  const batches = reader.list(max, 'batches', () => readBatch(reader))
  const places = reader.list(max, 'places', () => readPlace(reader))
  const records = reader.list(max, 'records', () => readRecord(reader))
  const series = reader.list(max, 'series', () => readSeries(reader, max))
  reader.end()
  if (batches.length === 0 || records.length === 0)
    throw new FormatError('statement', 'a statement has the batch and the record of genesis')
  return { checkpoint, seal, account, accountPath, since, lines, links, batches, places, records, series }
}

function readAccount(reader: CborReader): Statement['account'] {
  readFields(reader, 12, 'an account', 'statement')
  return {
    number: reader.uint(ACCOUNTS_MAX - 1, 'account number'),
    kind: reader.uint(255, 'kind'),
    unit: reader.uint(RECORDS_MAX - 1, 'unit'),
    owner: reader.null() ? null : reader.bytes(32, 'owner'),
    opening: reader.bytes(32, 'opening'),
    status: reader.uint(255, 'status'),
    entries: reader.uint(AMOUNT_MAX, 'entries'),
    time: reader.uint(TIME_MS_MAX, 'time'),
    credit: reader.uint(AMOUNT_MAX, 'credit'),
    debit: reader.uint(AMOUNT_MAX, 'debit'),
    head: reader.bytes(32, 'head'),
    more: reader.bytes(32, 'more'),
  }
}

function readLink(reader: CborReader): StatementLink {
  readFields(reader, 2, 'a link', 'statement')
  return { count: reader.uint(AMOUNT_MAX, 'count'), at: reader.null() ? null : reader.uint(AMOUNT_MAX, 'at') }
}

function readBatch(reader: CborReader): StatementBatch {
  readFields(reader, 3, 'a batch', 'statement')
  return {
    index: reader.uint(AMOUNT_MAX, 'index'),
    batch: reader.bytesUpTo(ENTRY_BYTES_MAX, 'batch'),
    path: readHashes(reader, LOG_PATH_MAX, 'log-path'),
  }
}

function readPlace(reader: CborReader): StatementPlace {
  readFields(reader, 4, 'a place', 'statement')
  return { line: reader.uint(AMOUNT_MAX, 'line'), ...readPlaced(reader) }
}

function readPlaced(reader: CborReader): TransactionPlace {
  return {
    at: reader.uint(AMOUNT_MAX, 'at'),
    position: reader.uint(BATCH_TRANSACTIONS_MAX - 1, 'position'),
    batchPath: readHashes(reader, BATCH_DEPTH, 'batch-path'),
  }
}

function readRecord(reader: CborReader): StatementRecord {
  readFields(reader, 8, 'a record', 'statement')
  return {
    number: reader.uint(RECORDS_MAX - 1, 'record number'),
    entry: reader.bytesUpTo(TRANSACTION_BYTES_MAX, 'record entry'),
    ...readPlaced(reader),
    until: reader.uint(AMOUNT_MAX, 'until'),
    next: reader.uint(RECORDS_MAX - 1, 'next'),
    path: readHashes(reader, RECORD_DEPTH, 'record path'),
  }
}

function readSeries(reader: CborReader, max: number): StatementSeries {
  readFields(reader, 3, 'a series', 'statement')
  const account = readAccount(reader)
  const path = readHashes(reader, ACCOUNT_DEPTH, 'series path')
  const serials = reader.list(max, 'serials', () => {
    readFields(reader, 3, 'a serial', 'statement')
    return {
      line: reader.uint(AMOUNT_MAX, 'line'),
      serial: reader.uint(SERIES_MAX - 1, 'serial'),
      path: readHashes(reader, SERIES_DEPTH, 'serial path'),
    }
  })
  return { account, path, serials }
}
