import { accountRoot } from '../account/account.ts'
import { holdingsRoot } from '../account/holdings-root.ts'
import { equalBytes } from '../core/bytes.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeSeal, type Seal } from '../core/entry/seal.ts'
import { decodeTransaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { ACCOUNT_DEPTH } from '../core/limits.ts'
import { hasQuorum, isTestPolicy, type Policy, type TrustedCheckpoint, verifyEntry } from '../core/note/policy.ts'
import { leafHash, verifyConsistency } from '../core/tree/merkle.ts'
import { verifyListPath } from '../core/tree/ssz.ts'
import { ShownBatch } from './batch-proof.ts'
import { clockAhead } from './ledger-time.ts'
import { claimedLogs, isLogOf, lastSizeBefore, type NamedLog } from './logs.ts'
import type { Beginning } from './proven-records.ts'
import type { Statement } from './statement.ts'
import type { LineTaker } from './taken-lines.ts'
import type { StatementTrust } from './verified-statement.ts'

/**
 * Genesis, the one transaction of entry 0, and what is said of the logs after it. A witness that has a key of those
 * who founded the ledger, or of a log of it, counts for nothing.
 */
export function verifyBeginning(statement: Statement, checkpoint: TrustedCheckpoint, policy: Policy): Beginning {
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
  const own = [...genesis.roots, ...logs.map(({ logKey }) => logKey)]
  const isOwn = ({ key }: Policy['witnesses'][number]) => own.some(one => equalBytes(one, key.publicKey))
  const ofLedger = policy.witnesses.filter(isOwn).map(({ name }) => name)
  const others = checkpoint.witnesses.map(({ name }) => name).filter(name => !ofLedger.includes(name))
  const words = `a witness of your policy has a key of the ledger itself, and counts for nobody: ${ofLedger.join(', ')}`
  check(hasQuorum(policy, others), 'quorum', words)
  return { genesis, logs }
}

/**
 * Checks that the log before, as it was accepted last, is a beginning of this one, but for what is said to be dropped.
 */
export function checkGrowth(
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
export function checkNotBack({ origin }: TrustedCheckpoint, { seen = [] }: StatementTrust): void {
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

export function checkClock({ time }: Seal, checkpoint: TrustedCheckpoint, { policy, nowMs }: StatementTrust): void {
  const ahead = clockAhead(time, checkpoint, policy, policy.quorum === 'none' ? nowMs : undefined)
  check(ahead === undefined, 'clock-ahead', `${ahead?.message}`)
}

export function checkFreshness(seal: Seal, { freshness, policy }: StatementTrust): void {
  if (freshness === undefined || isTestPolicy(policy)) return
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
    const words = `the time of the batch at ${index} is before that of one before it, or after the seal's`
    check(lastMs <= timeMs && timeMs <= seal.time, 'evidence-order', words)
    lastMs = timeMs
  }
  return shown
}

/** Checks that the account that the lines make is the one that the seal commits to. */
export function checkMade({ history, times }: LineTaker, { account }: Statement, seal: Seal): void {
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
