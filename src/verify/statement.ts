import type { AccountState } from '../account/account.ts'
import { CborReader } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { FormatError } from '../core/failure.ts'
import {
  ACCOUNT_DEPTH,
  ACCOUNTS_MAX,
  AMOUNT_MAX,
  ENTRY_BYTES_MAX,
  LOG_PATH_MAX,
  RECORD_DEPTH,
  RECORDS_MAX,
  STATEMENT_BYTES_MAX,
  TIME_MS_MAX,
} from '../core/limits.ts'
import { NOTE_BYTES_MAX } from '../core/note/note.ts'
import { type Evidence, evidenceFields, readEvidence, readFields, readHashes } from './batch-proof.ts'

export const STATEMENT_TAG = 'tallystick/statement/v1'

/** Everything that proves an account's balance from all of its entries (SPEC §10). */
export interface Statement {
  /** Signed note. */
  readonly checkpoint: Uint8Array
  readonly genesis: { readonly leaf: Uint8Array; readonly path: readonly Uint8Array[] }
  readonly seal: { readonly entry: Uint8Array; readonly path: readonly Uint8Array[] }
  readonly account: AccountState & { readonly number: number }
  readonly accountPath: readonly Uint8Array[]
  /** How many of the account's entries the reader has verified before. */
  readonly since: number
  readonly lines: readonly StatementLine[]
  readonly records: readonly StatementRecord[]
}

export interface StatementLine {
  readonly entry: Uint8Array
  readonly evidence: Evidence | null
}

export interface StatementRecord {
  readonly number: number
  readonly entry: Uint8Array
  readonly from: number
  readonly until: number
  readonly path: readonly Uint8Array[]
}

/** The bytes of a statement: one CBOR array. SPEC §10. What this makes, `decodeStatement` reads. */
export function encodeStatement(statement: Statement): Uint8Array {
  const { genesis, seal, account, lines, records } = statement
  return encodeCbor([
    STATEMENT_TAG,
    statement.checkpoint,
    [genesis.leaf, genesis.path],
    [seal.entry, seal.path],
    [
      account.number,
      account.kind,
      account.unit,
      account.owner,
      account.opening,
      account.status,
      account.entries,
      account.time,
      account.credited,
      account.debited,
      account.head,
      account.more,
    ],
    statement.accountPath,
    statement.since,
    lines.map(({ entry, evidence }) => [entry, evidence === null ? null : evidenceFields(evidence)]),
    records.map(({ number, entry, from, until, path }) => [number, entry, from, until, path]),
  ])
}

/**
 * The statement that bytes hold. Nothing in it is checked yet but its form.
 *
 * @param bytes - untrusted.
 * @throws FormatError `statement`, `list-length`, or a code of `CborReader`. SPEC §10.
 */
export function decodeStatement(bytes: Uint8Array): Statement {
  if (bytes.length > STATEMENT_BYTES_MAX)
    throw new FormatError('statement', `a statement has at most ${STATEMENT_BYTES_MAX} bytes`)
  const reader = new CborReader().reset(bytes, 0, bytes.length)
  readFields(reader, 9, 'a statement', 'statement')
  const tag = reader.text('tag', 64)
  if (tag !== STATEMENT_TAG) throw new FormatError('statement', `expected "${STATEMENT_TAG}", found "${tag}"`)
  const checkpoint = reader.bytesUpTo(NOTE_BYTES_MAX, 'checkpoint')
  readFields(reader, 2, 'genesis', 'statement')
  const genesis = { leaf: reader.bytes(32, 'genesis leaf'), path: readHashes(reader, LOG_PATH_MAX, 'log-path') }
  readFields(reader, 2, 'a seal with its path', 'statement')
  const seal = { entry: reader.bytesUpTo(ENTRY_BYTES_MAX, 'seal'), path: readHashes(reader, LOG_PATH_MAX, 'log-path') }
  const account = readAccount(reader)
  const accountPath = readHashes(reader, ACCOUNT_DEPTH, 'account-path')
  const since = reader.uint(AMOUNT_MAX, 'since')
  // An item takes more bytes than one, so the size of the input bounds the lists.
  const lines = reader.list(bytes.length, 'lines', () => readLine(reader))
  const records = reader.list(RECORDS_MAX, 'records', () => readRecord(reader))
  reader.end()
  return { checkpoint, genesis, seal, account, accountPath, since, lines, records }
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
    credited: reader.uint(AMOUNT_MAX, 'credited'),
    debited: reader.uint(AMOUNT_MAX, 'debited'),
    head: reader.bytes(32, 'head'),
    more: reader.bytes(32, 'more'),
  }
}

function readLine(reader: CborReader): StatementLine {
  readFields(reader, 2, 'a line', 'statement')
  const entry = reader.bytesUpTo(ENTRY_BYTES_MAX, 'entry')
  return { entry, evidence: readEvidence(reader, 'statement') }
}

function readRecord(reader: CborReader): StatementRecord {
  readFields(reader, 5, 'a record', 'statement')
  return {
    number: reader.uint(RECORDS_MAX - 1, 'record number'),
    entry: reader.bytesUpTo(ENTRY_BYTES_MAX, 'record entry'),
    from: reader.uint(AMOUNT_MAX, 'from'),
    until: reader.uint(AMOUNT_MAX, 'until'),
    path: readHashes(reader, RECORD_DEPTH, 'record path'),
  }
}
