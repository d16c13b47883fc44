import { accountRoot, firstHead, nextHead, recordRoot } from './account.ts'
import { type BatchEntry, batchMessage, decodeBatch, RULES_VERSION, SIGNER_OWNER, SIGNER_RECORD } from './batch.ts'
import { equalBytes, toHex } from './bytes.ts'
import type { Card } from './card.ts'
import { verifyEd25519 } from './ed25519.ts'
import { VerifyError } from './failure.ts'
import { idTimeMs } from './id.ts'
import { ACCOUNT_DEPTH, BATCH_DEPTH, RECORD_DEPTH } from './limits.ts'
import { leafHash, verifyInclusion } from './merkle.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from './policy.ts'
import { decodeSeal, type Seal } from './seal.ts'
import { rootFromListPath, verifyListPath } from './ssz.ts'
import { decodeStatement, type Evidence, type Statement, type StatementLine } from './statement.ts'
import { ACCOUNT_KINDS, decodeTransaction, type RegisterKey, type Transaction } from './transaction.ts'

/** What a reader keeps of a verified statement, to verify the next one from there on (SPEC §10). */
export interface KeptState {
  readonly ledgerId: Uint8Array
  readonly account: number
  readonly opening: Uint8Array
  /** Size of the checkpoint. */
  readonly size: number
  readonly entries: number
  readonly time: number
  readonly credited: number
  readonly debited: number
  readonly head: Uint8Array
}

/** What a verifier brings along. Trust is in here, and only in here. */
export interface StatementTrust {
  readonly policy: Policy
  readonly card?: Card
  readonly kept?: KeptState
  /** The time now and the greatest age accepted of the seal, in milliseconds. */
  readonly freshness?: { readonly nowMs: number; readonly maxAgeMs: number }
}

/** A line of a verified statement. */
export interface VerifiedLine {
  readonly transaction: Transaction
  readonly timeMs: number
  /** Balance after it. */
  readonly balance: number
  /** Whether the authority of the line was verified. */
  readonly isAuthorised: boolean
}

/** A statement of which everything holds. */
export interface VerifiedStatement {
  readonly checkpoint: TrustedCheckpoint
  readonly ledgerId: Uint8Array
  readonly seal: Seal
  readonly account: Statement['account']
  /** Name of the unit. */
  readonly unit: string
  readonly balance: number
  readonly since: number
  readonly lines: readonly VerifiedLine[]
  /** For the next statement. */
  readonly kept: KeptState
}

function check(condition: boolean, code: string, what: string): asserts condition {
  if (!condition) throw new VerifyError(code, what)
}

/**
 * Verifies a statement and returns what it proves. The checks are those of the table in SPEC §10, in its order; the first
 * that fails is thrown. One hash a line, and one signature a line with evidence.
 *
 * @param bytes - untrusted: the statement.
 * @param trust - whom the verifier trusts and what it knows. Nothing of that is read from the statement.
 * @throws FormatError where a part is malformed; VerifyError with the code of the first check that fails.
 */
export function verifyStatement(bytes: Uint8Array, trust: StatementTrust): VerifiedStatement {
  const statement = decodeStatement(bytes)
  const checkpoint = openCheckpoint(statement.checkpoint, trust.policy)
  const ledgerId = statement.genesis.leaf
  verifyEntry(
    checkpoint,
    0,
    ledgerId,
    statement.genesis.path,
    'genesis-proof',
    'the ledger id is not entry 0 of the log',
  )
  const sealLeaf = leafHash(statement.seal.entry)
  const sealWords = 'the last entry of the checkpoint is not this seal'
  verifyEntry(checkpoint, checkpoint.size - 1, sealLeaf, statement.seal.path, 'seal-proof', sealWords)
  const seal = decodeSeal(statement.seal.entry)
  checkFreshness(seal, trust)
  checkCard(statement, ledgerId, trust.card)
  verifyListPath(
    accountRoot(statement.account),
    statement.account.number,
    statement.accountPath,
    { depth: ACCOUNT_DEPTH, length: seal.accounts, root: seal.stateRoot },
    'account-proof',
    `the seal does not commit to this state of account ${statement.account.number}`,
  )
  const start = startingState(statement, ledgerId, checkpoint, trust.kept)
  const history = replayLines(statement, start)
  const records = verifyRecords(statement, seal)
  const unit = unitName(statement, records)
  const authorised = verifyEvidence(statement, history, checkpoint, ledgerId, records)
  const { account } = statement
  return {
    checkpoint,
    ledgerId,
    seal,
    account,
    unit,
    balance: account.credited - account.debited,
    since: statement.since,
    lines: history.map((line, i) => ({ ...line, isAuthorised: authorised[i]! })),
    kept: {
      ledgerId,
      account: account.number,
      opening: account.opening,
      size: checkpoint.size,
      entries: account.entries,
      time: account.time,
      credited: account.credited,
      debited: account.debited,
      head: account.head,
    },
  }
}

/** An inclusion proof in the checkpoint's tree, whose failure has the code of what it was to show. */
function verifyEntry(
  { size, root }: TrustedCheckpoint,
  index: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
  code: string,
  what: string,
): void {
  try {
    verifyInclusion(index, size, leaf, path, root)
  } catch (error) {
    throw error instanceof VerifyError ? new VerifyError(code, `${what}: ${error.message}`, { cause: error }) : error
  }
}

function checkFreshness(seal: Seal, { freshness }: StatementTrust): void {
  if (freshness === undefined) return
  const ageMs = freshness.nowMs - seal.time
  check(ageMs <= freshness.maxAgeMs, 'stale', `the seal is ${Math.round(ageMs / 1000)} s old, older than you accept`)
}

function checkCard({ account }: Statement, ledgerId: Uint8Array, card: Card | undefined): void {
  if (card === undefined) return
  check(
    equalBytes(card.ledgerId, ledgerId),
    'wrong-ledger',
    `the statement is of ledger ${toHex(ledgerId)}, not of your card's`,
  )
  check(
    card.account === account.number,
    'wrong-account',
    `the statement is of account ${account.number}, your card of ${card.account}`,
  )
  check(
    equalBytes(card.opening, account.opening),
    'wrong-opening',
    'the account was opened by another entry than your card names',
  )
}

/** Where the recomputation starts: from nothing, or from what the reader kept. */
interface Running {
  readonly entries: number
  readonly time: number
  readonly credited: number
  readonly debited: number
  readonly head: Uint8Array
}

function startingState(
  { since, account }: Statement,
  ledgerId: Uint8Array,
  { size }: TrustedCheckpoint,
  kept: KeptState | undefined,
): Running {
  if (since === 0) return { entries: 0, time: 0, credited: 0, debited: 0, head: firstHead() }
  check(
    kept !== undefined,
    'kept-state',
    `the statement begins behind entry ${since} of the account, which you have not verified`,
  )
  check(
    kept.entries === since &&
      kept.account === account.number &&
      kept.size <= size &&
      equalBytes(kept.ledgerId, ledgerId) &&
      equalBytes(kept.opening, account.opening),
    'kept-state',
    'the statement does not continue the one you verified before',
  )
  return kept
}

type HistoryLine = Omit<VerifiedLine, 'isAuthorised'>

/** Recomputes the account from its lines, and compares. */
function replayLines(statement: Statement, start: Running): HistoryLine[] {
  const { account, lines, since } = statement
  check(
    since + lines.length === account.entries,
    'line-count',
    `the account has ${account.entries} entries, the statement shows ${since + lines.length}`,
  )
  check(account.kind === ACCOUNT_KINDS.member, 'line-kind', 'statements are of member accounts')
  const ids = new Set<string>()
  let { time, credited, debited, head } = start
  const history = lines.map((line, i): HistoryLine => {
    const number = since + i + 1
    const transaction = decodeTransaction(line.entry)
    checkLineKind(statement, transaction, line, number)
    const id = toHex(transaction.id)
    check(!ids.has(id), 'line-repeated', `entry ${number} of the account stands there twice`)
    ids.add(id)
    if (transaction.kind === 'issue') credited += transaction.amount
    if (transaction.kind === 'redeem') debited += transaction.amount
    check(credited >= debited, 'balance-negative', `after entry ${number} the account would be below zero`)
    const timeMs = idTimeMs(transaction.id)
    time = Math.max(time, timeMs)
    head = nextHead(head, leafHash(line.entry))
    return { transaction, timeMs, balance: credited - debited }
  })
  check(
    credited === account.credited && debited === account.debited && time === account.time,
    'totals',
    `the entries make ${credited} - ${debited} points, the account says ${account.credited} - ${account.debited}`,
  )
  check(
    equalBytes(head, account.head),
    'head',
    'these are not all of the entries of the account, or not in their order',
  )
  return history
}

function checkLineKind({ account }: Statement, tx: Transaction, { entry }: StatementLine, number: number): void {
  if (number === 1) {
    check(
      tx.kind === 'open-account' &&
        equalBytes(leafHash(entry), account.opening) &&
        ACCOUNT_KINDS[tx.accountKind] === account.kind &&
        tx.unit === account.unit &&
        tx.owner !== null &&
        account.owner !== null &&
        equalBytes(tx.owner, account.owner),
      'line-kind',
      'the first entry is not the opening of this account',
    )
    return
  }
  const names =
    (tx.kind === 'issue' && tx.credit === account.number) || (tx.kind === 'redeem' && tx.debit === account.number)
  check(names, 'line-kind', `entry ${number} is a ${tx.kind} that does not belong to account ${account.number}`)
}

/** What the registry holds under a number: the transaction that made the record, and from when until when it is valid. */
interface KnownRecord {
  readonly transaction: Transaction
  readonly from: number
  readonly until: number
}

function verifyRecords({ records }: Statement, seal: Seal): Map<number, KnownRecord> {
  const known = new Map<number, KnownRecord>()
  let last = -1
  for (const { number, entry, from, until, path } of records) {
    check(number > last, 'record-proof', 'the records do not increase')
    last = number
    verifyListPath(
      recordRoot({ body: leafHash(entry), from, until }),
      number,
      path,
      { depth: RECORD_DEPTH, length: seal.records, root: seal.registryRoot },
      'record-proof',
      `the seal does not commit to this record ${number}`,
    )
    known.set(number, { transaction: decodeTransaction(entry), from, until })
  }
  return known
}

function unitName({ account }: Statement, records: ReadonlyMap<number, KnownRecord>): string {
  const transaction = records.get(account.unit)?.transaction
  check(
    transaction?.kind === 'define-unit',
    'record-missing',
    `the statement does not show record ${account.unit}, the account's unit`,
  )
  return transaction.name
}

/** Verifies the evidence of each line that has some; returns, per line, whether it had. */
function verifyEvidence(
  statement: Statement,
  history: readonly HistoryLine[],
  checkpoint: TrustedCheckpoint,
  ledgerId: Uint8Array,
  records: ReadonlyMap<number, KnownRecord>,
): boolean[] {
  let [lastIndex, lastPosition] = [-1, -1]
  return statement.lines.map(({ entry, evidence }, i) => {
    const { transaction } = history[i]!
    const number = statement.since + i + 1
    if (evidence === null) {
      check(
        transaction.kind !== 'redeem',
        'evidence-missing',
        `entry ${number} spends points without the owner's signature beside it`,
      )
      return false
    }
    const batch = verifyPlace(entry, evidence, checkpoint, number)
    check(
      batch.statuses[evidence.position] === 0,
      'evidence-status',
      `entry ${number} was refused, and changes no balance`,
    )
    verifyAuthority(statement, transaction, evidence, batch, ledgerId, records, number)
    const { index, position } = evidence
    const isLater = index > lastIndex || (index === lastIndex && position > lastPosition)
    check(isLater, 'evidence-order', `entry ${number} stands before the one above it in the log`)
    lastIndex = index
    lastPosition = position
    return true
  })
}

/** The batch that holds an entry, found at its place in the log. */
function verifyPlace(entry: Uint8Array, evidence: Evidence, checkpoint: TrustedCheckpoint, number: number): BatchEntry {
  const { index, batch, logPath, position, batchPath } = evidence
  const words = `the batch of entry ${number} is not in the log`
  verifyEntry(checkpoint, index, leafHash(batch), logPath, 'evidence-proof', words)
  const decoded = decodeBatch(batch)
  check(decoded.version === RULES_VERSION, 'evidence-proof', `the batch of entry ${number} is under other rules`)
  const root = rootFromListPath(leafHash(entry), position, batchPath, BATCH_DEPTH, decoded.count, 'evidence-proof')
  check(equalBytes(root, decoded.root), 'evidence-proof', `entry ${number} is not at its position in its batch`)
  return decoded
}

/** Checks that someone who was entitled to it signed the batch of a line (SPEC §7). */
function verifyAuthority(
  { account }: Statement,
  transaction: Transaction,
  { index }: Evidence,
  batch: BatchEntry,
  ledgerId: Uint8Array,
  records: ReadonlyMap<number, KnownRecord>,
  number: number,
): void {
  const message = batchMessage(ledgerId, batch.count, batch.root)
  for (const { class: signerClass, number: signer, ed25519 } of batch.signatures) {
    let publicKey: Uint8Array | undefined
    if (signerClass === SIGNER_OWNER) {
      if (transaction.kind === 'redeem' && signer === account.number) publicKey = account.owner!
    } else if (signerClass === SIGNER_RECORD && transaction.kind !== 'redeem') {
      const record = records.get(signer)
      check(
        record !== undefined,
        'record-missing',
        `the statement does not show record ${signer}, which signed entry ${number}`,
      )
      if (isValidAt(record, index) && isEntitled(record.transaction, transaction)) publicKey = record.transaction.key
    }
    if (publicKey !== undefined && verifyEd25519(publicKey, message, ed25519)) {
      if (transaction.kind === 'issue' && transaction.rule !== 0)
        check(
          records.get(transaction.rule)?.transaction.kind === 'publish-rule',
          'record-missing',
          `the statement does not show record ${transaction.rule}, the rule of entry ${number}`,
        )
      return
    }
  }
  throw new VerifyError('evidence-signature', `entry ${number} is not signed by anyone who is entitled to it`)
}

/** A key is good for batches behind the entry that registered it, and before the one that revoked it. SPEC §7. */
function isValidAt({ from, until }: KnownRecord, batchIndex: number): boolean {
  return from < batchIndex && (until === 0 || until > batchIndex)
}

function isEntitled(record: Transaction, transaction: Transaction): record is RegisterKey {
  if (record.kind !== 'register-key') return false
  if (transaction.kind === 'open-account') return record.role === 'registrar'
  return transaction.kind === 'issue' && record.role === 'issuer' && record.scope.includes(transaction.debit)
}
