import { accountRoot, recordRoot } from '../account/account.ts'
import { AccountHistory, type HistoryLine, isOpeningOf } from '../account/history.ts'
import { holdingsRoot, type Shares, sharesOf } from '../account/holdings.ts'
import type { Member } from '../account/member.ts'
import { equalBytes, toHex } from '../core/bytes.ts'
import { decodeSeal, type Seal } from '../core/entry/seal.ts'
import { ACCOUNT_KINDS, type DefineUnit, decodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { ACCOUNT_DEPTH, RECORD_DEPTH } from '../core/limits.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint, verifyEntry } from '../core/note/policy.ts'
import { leafHash, verifyConsistency } from '../core/tree/merkle.ts'
import { verifyListPath } from '../core/tree/ssz.ts'
import { type KnownRecord, verifyEvidence } from './authority.ts'
import type { Card } from './card.ts'
import { decodeStatement, type Statement } from './statement.ts'

/** What a reader keeps of a verified statement, to verify the next one from there on (SPEC §10). */
export interface KeptState {
  readonly ledgerId: Uint8Array
  readonly account: number
  readonly opening: Uint8Array
  /** Size of the checkpoint. */
  readonly size: number
  /** All entries of the account that were verified, from its opening on. */
  readonly entries: readonly Uint8Array[]
}

/** What a verifier brings along. Trust is in here, and only in here. */
export interface StatementTrust {
  readonly policy: Policy
  readonly card?: Card
  readonly kept?: KeptState
  /** The checkpoint that was accepted last of each log. From its own on, the statement's log has to have grown. */
  readonly seen?: readonly Checkpoint[]
  /** The time now and the greatest age accepted of the seal, in milliseconds; it may be ahead of now by as much. */
  readonly freshness?: { readonly nowMs: number; readonly maxAgeMs: number }
}

/** A line of a verified statement. */
export interface VerifiedLine {
  readonly transaction: Transaction
  readonly timeMs: number
  /** What it added to the balance, and the balance after it. */
  readonly change: number
  readonly balance: number
  /** Whether the authority of the line was verified. */
  readonly isAuthorised: boolean
  /** Whether what stands behind its commitment was erased: said by a later entry of the account. */
  readonly isErased: boolean
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
  /** Lots, holds, consents and the owner's key, as the entries make them. */
  readonly member: Member
  /** What of the balance is available, pending, held or overdue at the seal's time. */
  readonly shares: Shares
  readonly since: number
  readonly lines: readonly VerifiedLine[]
  /** For the next statement. */
  readonly kept: KeptState
}

/**
 * Verifies a statement and returns what it proves. The checks are those of the table in SPEC §10, in its order; the first
 * that fails is thrown. One hash a line, and one signature a line with evidence.
 *
 * @param bytes - untrusted: the statement.
 * @param trust - whom the verifier trusts and what it knows. Nothing of that is read from the statement.
 * @param growth - untrusted: the consistency proof from the checkpoint that was accepted last.
 * @throws FormatError where a part is malformed; VerifyError with the code of the first check that fails.
 */
export function verifyStatement(
  bytes: Uint8Array,
  trust: StatementTrust,
  growth: readonly Uint8Array[] = [],
): VerifiedStatement {
  const statement = decodeStatement(bytes)
  const checkpoint = openCheckpoint(statement.checkpoint, trust.policy)
  const seen = trust.seen?.find(({ origin }) => origin === checkpoint.origin)
  if (seen !== undefined) verifyConsistency(seen.size, seen.root, checkpoint.size, checkpoint.root, growth)
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
  check(statement.account.kind === ACCOUNT_KINDS.member, 'line-kind', 'statements are of member accounts')
  const records = verifyRecords(statement, seal)
  const unit = unitOf(statement, records)
  const before = keptEntries(statement, ledgerId, checkpoint, trust.kept)
  const { history, lines } = recompute(statement, unit, before)
  const authorised = verifyEvidence(statement, history.opening!, lines, checkpoint, ledgerId, seal.time, records)
  const { account } = statement
  const { member } = history
  const balance = account.credited - account.debited
  return {
    checkpoint,
    ledgerId,
    seal,
    account,
    unit: unit.name,
    balance,
    member,
    shares: sharesOf(member.holdings, balance, Math.max(seal.time, member.time)),
    since: statement.since,
    lines: verifiedLines(lines, authorised),
    kept: {
      ledgerId,
      account: account.number,
      opening: account.opening,
      size: checkpoint.size,
      entries: [...before, ...statement.lines.map(({ entry }) => entry.slice())],
    },
  }
}

function verifiedLines(lines: readonly HistoryLine[], authorised: readonly boolean[]): VerifiedLine[] {
  const erased = new Set<string>()
  for (const { transaction } of lines) if (transaction.kind === 'erase') erased.add(toHex(transaction.details))
  return lines.map(({ transaction, timeMs, change, balance }, i) => {
    const details = 'details' in transaction && transaction.kind !== 'erase' ? transaction.details : null
    const isErased = details !== null && erased.has(toHex(details))
    return { transaction, timeMs, change, balance, isAuthorised: authorised[i]!, isErased }
  })
}

function checkFreshness(seal: Seal, { freshness }: StatementTrust): void {
  if (freshness === undefined) return
  const ageMs = freshness.nowMs - seal.time
  const words = ageMs < 0 ? 'ahead of your clock' : 'old'
  check(
    Math.abs(ageMs) <= freshness.maxAgeMs,
    'stale',
    `the seal is ${Math.round(Math.abs(ageMs) / 1000)} s ${words}, and you accept ${freshness.maxAgeMs / 1000} s`,
  )
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

/**
 * The entries that the recomputation starts with: none, or those that the reader kept. Whoever kept some is shown them
 * again, or what follows them: a whole statement that begins otherwise, or is of an earlier checkpoint, is a history
 * rewritten or rolled back.
 */
function keptEntries(
  { since, account, lines }: Statement,
  ledgerId: Uint8Array,
  { size }: TrustedCheckpoint,
  kept: KeptState | undefined,
): readonly Uint8Array[] {
  if (kept === undefined) {
    const words = `the statement begins behind entry ${since} of the account, which you have not verified`
    check(since === 0, 'kept-state', words)
    return []
  }
  const { entries } = kept
  check(
    (since === 0
      ? entries.every((entry, i) => lines[i] !== undefined && equalBytes(entry, lines[i].entry))
      : entries.length === since) &&
      kept.account === account.number &&
      kept.size <= size &&
      equalBytes(kept.ledgerId, ledgerId) &&
      equalBytes(kept.opening, account.opening),
    'kept-state',
    'the statement does not continue the one you verified before',
  )
  return since === 0 ? [] : entries
}

/** Makes the account from its entries by the rules, and compares. */
function recompute(
  { account, lines, since }: Statement,
  unit: DefineUnit,
  before: readonly Uint8Array[],
): { readonly history: AccountHistory; readonly lines: HistoryLine[] } {
  check(
    since + lines.length === account.entries,
    'line-count',
    `the account has ${account.entries} entries, the statement shows ${since + lines.length}`,
  )
  const history = new AccountHistory(account.number, unit)
  for (const entry of before) history.take(entry)
  const made = lines.map(({ entry }) => history.take(entry))
  check(
    isOpeningOf(history, account.opening, account.unit),
    'line-kind',
    'the first entry is not the opening of this account',
  )
  const { credited, debited, time, status, owner, holdings } = history.member
  check(
    credited === account.credited && debited === account.debited,
    'totals',
    `the entries make ${credited} - ${debited} points, the account says ${account.credited} - ${account.debited}`,
  )
  check(time === account.time, 'totals', `the entries end at ${time} ms, the account says at ${account.time} ms`)
  const isSameOwner =
    owner === null ? account.owner === null : account.owner !== null && equalBytes(owner, account.owner)
  const misfit =
    status !== account.status
      ? 'another status'
      : !isSameOwner
        ? 'another owner key'
        : equalBytes(holdingsRoot(holdings), account.more)
          ? undefined
          : 'other lots, holds or consents'
  check(misfit === undefined, 'holdings', `the entries make ${misfit} than the account says`)
  check(
    equalBytes(history.head, account.head),
    'head',
    'these are not all of the entries of the account, or not in their order',
  )
  return { history, lines: made }
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

function unitOf({ account }: Statement, records: ReadonlyMap<number, KnownRecord>): DefineUnit {
  const transaction = records.get(account.unit)?.transaction
  check(
    transaction?.kind === 'define-unit',
    'record-missing',
    `the statement does not show record ${account.unit}, the account's unit`,
  )
  return transaction
}
