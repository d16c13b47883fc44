import { accountRoot } from '../account/account.ts'
import { bookKindOf } from '../account/book.ts'
import { type Shares, sharesOf } from '../account/holdings.ts'
import { holdingsRoot } from '../account/holdings-root.ts'
import type { Member } from '../account/member.ts'
import { isOver, type Status } from '../account/statuses.ts'
import { equalBytes, toHex } from '../core/bytes.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeSeal, type Seal } from '../core/entry/seal.ts'
import {
  ACCOUNT_KINDS,
  type DefineUnit,
  decodeTransaction,
  type OpenAccount,
  type Transaction,
} from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { ACCOUNT_DEPTH } from '../core/limits.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint, verifyEntry } from '../core/note/policy.ts'
import { leafHash, verifyConsistency } from '../core/tree/merkle.ts'
import { verifyListPath } from '../core/tree/ssz.ts'
import { authorise } from './authorised-lines.ts'
import type { LineSigner } from './authority.ts'
import { ShownBatch } from './batch-proof.ts'
import { type Book, bookOf } from './book.ts'
import { type Card, checkCard } from './card.ts'
import { ShownChains } from './chains.ts'
import { type KeptLines, type KeptState, keptLines, takenOver } from './kept-state.ts'
import { clockAhead } from './ledger-time.ts'
import { checkPlaces, type LinePlace } from './line-places.ts'
import { checkLinks, linksOfLines, wholePlaces } from './links.ts'
import { checkLogs, claimedLogs, isLogOf, lastSizeBefore, type NamedLog } from './logs.ts'
import { type Beginning, checkKeptRecords, keptRecords, type Records, verifyRecords } from './proven-records.ts'
import { verifySerials } from './serials.ts'
import { decodeStatement, type Statement } from './statement.ts'
import { type TakenLines, takeLines } from './taken-lines.ts'
import { type WhoMay, whoMayOf } from './who-may.ts'

/** A checkpoint that was accepted, and what was proven with it of where its ledger had been. */
export interface SeenCheckpoint extends Checkpoint {
  /** The names of the logs before, from which the ledger went on to this one: of those nothing is accepted any more. */
  readonly before?: readonly string[]
}

/** What a verifier brings along. Trust is in here, and only in here. */
export interface StatementTrust {
  readonly policy: Policy
  readonly card?: Card
  readonly kept?: KeptState
  /** Whether it is accepted that the ledger went on in another log from before what was kept. */
  readonly mayDrop?: boolean
  /** The checkpoint that was accepted last of each log. From its own on, the statement's log has to have grown. */
  readonly seen?: readonly SeenCheckpoint[]
  /** The time now and the greatest age accepted of the seal, in milliseconds; it may be ahead of now by as much. */
  readonly freshness?: { readonly nowMs: number; readonly maxAgeMs: number }
  /**
   * The time now: it decides whether the seal is of a time to come where the policy asks for no witness, who would know
   * better.
   */
  readonly nowMs?: number
}

/** A line of a verified statement. */
export interface VerifiedLine {
  readonly transaction: Transaction
  /** The transaction's own time. */
  readonly timeMs: number
  /** Ledger time of its batch; null where the statement does not show it. */
  readonly ledgerTimeMs: number | null
  /** What it added to the balance, and the balance after it. */
  readonly change: number
  readonly balance: number
  /** Of a claim: its number in its series, from 0. */
  readonly serial: number | null
  /** Who was entitled to it and signed: nobody, where the statement does not show it, or cannot. */
  readonly signers: readonly LineSigner[]
  /** Whether what stands behind its commitment was erased: said by a later entry of the account. */
  readonly isErased: boolean
}

/** A statement of which everything holds. */
export interface VerifiedStatement {
  readonly checkpoint: TrustedCheckpoint
  readonly ledgerId: Uint8Array
  /** The logs that the ledger was in, the one that it is in last. */
  readonly logs: readonly NamedLog[]
  readonly seal: Seal
  readonly account: Statement['account']
  /** Name of the unit. */
  readonly unit: string
  readonly balance: number
  /** Who may spend, and who can put another key in place: nobody of an account that is no member's. */
  readonly whoMay: WhoMay
  /**
   * Lots, holds, consents and a recovery under way, as the entries make them: none of an account that is no member's.
   */
  readonly member: Member
  /** Tiers that stand at the seal's time, and by which rules. */
  readonly statuses: readonly Status[]
  /** What of the balance is available, pending, held or overdue at the seal's time. */
  readonly shares: Shares
  readonly since: number
  /** Of a merchant or a budget: what all of its entries did. */
  readonly book: Book | null
  readonly lines: readonly VerifiedLine[]
  /** Entries that were verified before, and were dropped as the ledger went on in another log. */
  readonly dropped: readonly Transaction[]
  /** For the next statement. */
  readonly kept: KeptState
}

/**
 * Verifies a statement and returns what it proves. The checks are those of the table in SPEC §10, in its order; the
 * first that fails is thrown. Costs a few hashes a line, some thirty a batch and a record, and each signature that
 * counts once.
 *
 * @param bytes - untrusted: the statement.
 * @param trust - whom the verifier trusts and what it knows. Nothing of that is read from the statement.
 * @param growth - untrusted: the consistency proof from the checkpoint that was accepted last.
 * @throws FormatError where a part is malformed; VerifyError with the code of the first check that fails.
 * @example const { balance, unit } = verifyStatement(await readFile('3.statement'), { policy, card })
 */
export function verifyStatement(
  bytes: Uint8Array,
  trust: StatementTrust,
  growth: readonly Uint8Array[] = [],
): VerifiedStatement {
  const statement = decodeStatement(bytes)
  const { account, since } = statement
  const { card } = trust
  const checkpoint = openCheckpoint(statement.checkpoint, trust.policy)
  const seen = trust.seen?.find(({ origin }) => origin === checkpoint.origin)
  if (seen !== undefined) verifyConsistency(seen.size, seen.root, checkpoint.size, checkpoint.root, growth)
  checkNotBack(checkpoint, trust)
  const beginning = verifyBeginning(statement, checkpoint)
  const { logs } = beginning
  const { ledgerId } = logs.at(-1)!
  const seal = sealOf(statement, checkpoint)
  checkFreshness(seal, trust)
  checkClock(seal, checkpoint, trust)
  if (card !== undefined) checkCard(card, logs, account)
  checkSealed(statement, seal)
  const hasStatement = account.kind === ACCOUNT_KINDS.member || bookKindOf(account.kind) !== undefined
  check(hasStatement, 'line-kind', 'statements are of accounts of members, merchants and budgets')
  const { kept, dropped } = takenOver(statement, logs, trust.kept, trust.mayDrop === true)
  const before = keptLines(statement, logs, checkpoint.size, kept)
  const opening = openingOf(statement, before.entries)
  const isHers = card === undefined || equalBytes(card.nonce, opening.nonce)
  check(isHers, 'wrong-opening', 'the account was opened with another nonce than your card names')
  const batches = verifyBatches(statement, checkpoint, seal)
  const records = verifyRecords(statement, batches, seal, beginning)
  checkLogs(logs, records, checkpoint)
  if (seen === undefined) checkGrowth(logs, checkpoint, trust, growth)
  const unit = unitOf(records, opening, kept)
  const taken = takeLines(statement, unit, before, placesOf(statement, batches, before, kept))
  checkMade(taken, statement, seal)
  const serials = verifySerials(
    statement,
    taken.lines.map(({ line }) => line.transaction),
    seal,
  )
  const chains = new ShownChains(records, unit.takeoverMs, logs)
  const signers = authorise(taken, { account: account.number, unit, records, chains, beginning })
  if (card !== undefined) checkOwners(card, taken)
  const { member } = taken.history
  return {
    checkpoint,
    ledgerId,
    logs,
    seal,
    account,
    unit: unit.name,
    balance: member.balance,
    whoMay: whoMayOf(taken.standing, chains),
    member,
    statuses: member.holdings.statuses.filter(one => !isOver(one, seal.time)),
    shares: sharesOf(member.holdings, member.balance, seal.time),
    since,
    book: bookOf(taken),
    lines: verifiedLines(taken, signers, serials),
    dropped: dropped.map(decodeTransaction),
    kept: {
      ledgerId,
      account: account.number,
      opening: account.opening,
      size: checkpoint.size,
      entries: [...before.entries, ...statement.lines.map(entry => entry.slice())],
      times: taken.times,
      links: [...before.links, ...statement.links.map(({ count }) => count)],
      records: keptRecords(records, kept?.records ?? [], checkpoint.size),
    },
  }
}

/** Genesis, the one transaction of entry 0, and what is said of the logs behind it. */
export function verifyBeginning(statement: Statement, checkpoint: TrustedCheckpoint): Beginning {
  const { batches, records } = statement
  const [first, record] = [batches[0]!, records[0]!]
  const batch = new ShownBatch(checkpoint, 0, first.batch, first.path, 'genesis-proof')
  const isFirst = first.index === 0 && record.number === 0 && record.at === 0 && record.position === 0
  check(isFirst, 'genesis-proof', 'the first batch and the first record shown are not those of genesis')
  batch.verifyAt(leafHash(record.entry), 0, record.batchPath, 'genesis-proof', 'genesis')
  const isAlone = batch.count === 1 && batch.status(0) === ACCEPTED
  check(isAlone, 'genesis-proof', 'entry 0 is not the batch of one accepted transaction')
  const genesis = decodeTransaction(record.entry)
  check(genesis.kind === 'genesis', 'genesis-proof', 'the log does not begin with a genesis')
  const logs = claimedLogs(statement, genesis)
  // By the one key that signed: of several that a policy has, a log is named by one.
  const isOfLog = logs.some(log => isLogOf(log, { ...checkpoint, logs: [checkpoint.log] }))
  check(isOfLog, 'log-identity', 'genesis names another log, or another key of it, than signed the checkpoint')
  return { genesis, logs }
}

/**
 * Checks that the log before, as it was accepted last, is a beginning of this one, but for what is said to be dropped.
 */
function checkGrowth(
  logs: readonly NamedLog[],
  checkpoint: TrustedCheckpoint,
  { seen = [], mayDrop }: StatementTrust,
  growth: readonly Uint8Array[],
): void {
  for (let at = logs.length - 2; at >= 0; at--) {
    const last = seen.find(({ origin }) => origin === logs[at]!.origin)
    if (last === undefined) continue
    const { from, size, seen: known, origin } = logs[at + 1]!
    if (known !== null && size < last.size && last.size <= known) return
    const words = `the ledger went on as "${origin}" from ${size} entries, and you had accepted ${last.size} of them`
    if (known !== null ? last.size > known : last.size > lastSizeBefore(from))
      check(mayDrop === true, 'continued-dropped', `${words}, of which nothing is said`)
    else verifyConsistency(last.size, last.root, checkpoint.size, checkpoint.root, growth)
    return
  }
}

/**
 * Checks that the reader knows of no log in which the ledger went on since. @throws VerifyError `consistency-proof`.
 */
function checkNotBack({ origin }: TrustedCheckpoint, { seen = [] }: StatementTrust): void {
  const next = seen.find(({ before = [] }) => before.includes(origin))
  const words = `"${origin}" ended, and you had accepted ${next?.size} entries of "${next?.origin}", to which it went on`
  check(next === undefined, 'consistency-proof', words)
}

/** The seal at the end of a statement's checkpoint. @throws VerifyError `seal-proof`. */
export function sealOf({ seal }: Statement, checkpoint: TrustedCheckpoint): Seal {
  const words = 'the last entry of the checkpoint is not this seal'
  verifyEntry(checkpoint, checkpoint.size - 1, leafHash(seal.entry), seal.path, 'seal-proof', words)
  return decodeSeal(seal.entry)
}

function checkClock({ time }: Seal, checkpoint: TrustedCheckpoint, { policy, nowMs }: StatementTrust): void {
  const ahead = clockAhead(time, checkpoint, policy, policy.quorum === 'none' ? nowMs : undefined)
  check(ahead === undefined, 'clock-ahead', `${ahead?.message}`)
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

/** Checks that the seal commits to the account. */
export function checkSealed({ account, accountPath }: Statement, seal: Seal): void {
  verifyListPath(
    accountRoot(account),
    account.number,
    accountPath,
    { depth: ACCOUNT_DEPTH, length: seal.accounts, root: seal.stateRoot },
    'account-proof',
    `the seal does not commit to this state of account ${account.number}`,
  )
}

/** The opening, in the first of all lines. */
function openingOf(statement: Statement, kept: readonly Uint8Array[]): OpenAccount {
  const { account, lines, since } = statement
  const count = since + lines.length
  const words = `the account has ${account.entries} entries, the statement shows ${count}`
  check(count === account.entries, 'line-count', words)
  checkLinks(statement)
  const first = kept[0] ?? lines[0]
  const opening = first === undefined ? undefined : decodeTransaction(first)
  check(
    opening?.kind === 'open-account' &&
      ACCOUNT_KINDS[opening.accountKind] === account.kind &&
      opening.unit === account.unit &&
      equalBytes(leafHash(first!), account.opening),
    'line-kind',
    'the first entry is not the opening of this account',
  )
  return opening
}

/** The batches of a statement, each at its place. @throws VerifyError `batch-proof`, `evidence-order`. */
export function verifyBatches({ batches }: Statement, checkpoint: TrustedCheckpoint, seal: Seal): ShownBatch[] {
  let last = -1
  const shown = batches.map(({ index, batch, path }) => {
    check(index > last, 'batch-proof', 'the batches do not increase')
    last = index
    return new ShownBatch(checkpoint, index, batch, path, 'batch-proof')
  })
  let lastMs = 0
  for (const { index, timeMs } of shown) {
    const words = `the time of the batch at ${index} is before that of one before it, or behind the seal's`
    check(lastMs <= timeMs && timeMs <= seal.time, 'evidence-order', words)
    lastMs = timeMs
  }
  return shown
}

function unitOf(records: Records, { unit, terms }: OpenAccount, kept: KeptState | undefined): DefineUnit {
  const record = records.get(unit)
  const isNamed = record === undefined || equalBytes(record.leaf, terms)
  check(isNamed, 'record-changed', `record ${unit} is another unit than the opening names`)
  checkKeptRecords(records, kept?.records ?? [])
  const words = `the statement does not show record ${unit}, the account's unit`
  check(record?.transaction.kind === 'define-unit', 'record-missing', words)
  return record.transaction
}

function placesOf(
  { since, lines, links, places }: Statement,
  batches: readonly ShownBatch[],
  before: KeptLines,
  kept: KeptState | undefined,
): Map<number, LinePlace> {
  return checkPlaces(places, batches, {
    entryOf: line => (line <= since ? before.entries[line - 1]! : lines[line - since - 1]!),
    count: since + lines.length,
    known: kept?.entries.length ?? 0,
    knownSize: kept?.size ?? 0,
    whole: wholePlaces(links, lines, since, batches),
    linkOf: linksOfLines([...before.links, ...links.map(({ count }) => count)]),
  })
}

/** Checks that the account that the lines make is the one that the seal commits to. */
function checkMade({ history, times }: TakenLines, { account }: Statement, seal: Seal): void {
  const { balance, time, status, owner, holdings } = history.member
  const isBalance = balance === account.credit - account.debit && account.credit * account.debit === 0
  const words = `the entries make ${balance} points, the account says ${account.credit} - ${account.debit}`
  check(isBalance, 'totals', words)
  const isTime = times.at(-1) === null ? time <= account.time && account.time <= seal.time : time === account.time
  check(isTime, 'totals', `the entries end at ${time} ms, the account says at ${account.time} ms`)
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
  const isWhole = equalBytes(history.head, account.head)
  check(isWhole, 'head', 'these are not all of the entries of the account, or not in their order')
}

/** Checks that the account was only ever under keys of the card, and is under the last of them. */
function checkOwners({ owners: hers }: Card, { standing }: TakenLines): void {
  const { owner, owners } = standing
  const words = 'the account is, or was, under an owner key that your card does not name'
  check(
    owners.every(key => hers.some(one => equalBytes(one, key))),
    'wrong-owner',
    words,
  )
  const isNow = owner === null || equalBytes(owner, hers.at(-1)!)
  check(isNow, 'wrong-owner', 'the account is not under the key that your card names last')
}

function verifiedLines(
  { lines }: TakenLines,
  signers: readonly (readonly LineSigner[])[],
  serials: ReadonlyMap<number, number>,
): VerifiedLine[] {
  /** Of each commitment, the last line that says that what stands behind it was erased. */
  const erased = new Map<string, number>()
  lines.forEach(({ line: { transaction } }, i) => {
    if (transaction.kind === 'erase') erased.set(toHex(transaction.details), i)
  })
  return lines.map(({ line, place, number }, i) => {
    const serial = serials.get(number) ?? null
    const { transaction, timeMs, change, balance } = line
    const details = 'details' in transaction && transaction.kind !== 'erase' ? transaction.details : null
    const isErased = details !== null && (erased.get(toHex(details)) ?? -1) > i
    const ledgerTimeMs = place?.batch.timeMs ?? null
    return { transaction, timeMs, ledgerTimeMs, change, balance, serial, signers: signers[i]!, isErased }
  })
}
