import { actingAccount, ENTITLED, hasRight, isHoldersAct, type Right } from '../account/entitlement.ts'
import type { HistoryLine } from '../account/history.ts'
import { verifyEd25519 } from '../core/crypto/ed25519.ts'
import {
  type BatchEntry,
  batchMessage,
  SIGNER_OWNER,
  SIGNER_RECORD,
  SIGNER_RECOVERY,
  type Signature,
} from '../core/entry/batch.ts'
import type { OpenAccount, Transaction } from '../core/entry/transaction.ts'
import { check, VerifyError } from '../core/failure.ts'
import type { TrustedCheckpoint } from '../core/note/policy.ts'
import { verifyPlace } from './batch-proof.ts'
import type { Statement } from './statement.ts'

/** What the registry holds under a number: the transaction that made the record, and from when until when it is valid. */
export interface KnownRecord {
  readonly transaction: Transaction
  readonly from: number
  readonly until: number
}

type Records = ReadonlyMap<number, KnownRecord>

/** Who could sign for the account of a statement. */
interface Holder {
  readonly account: number
  readonly opening: OpenAccount
}

/**
 * Verifies the evidence of each line that has some; returns, per line, whether it shows who was entitled to it. SPEC §10.
 *
 * @throws VerifyError `evidence-…`, `record-missing`.
 */
export function verifyEvidence(
  statement: Statement,
  opening: OpenAccount,
  history: readonly HistoryLine[],
  checkpoint: TrustedCheckpoint,
  ledgerId: Uint8Array,
  sealTime: number,
  records: Records,
): boolean[] {
  const holder = { account: statement.account.number, opening }
  let [lastIndex, lastPosition, lastTime] = [-1, -1, 0]
  return statement.lines.map(({ entry, evidence }, i) => {
    const line = history[i]!
    const number = statement.since + i + 1
    if (evidence === null) {
      check(
        !isHoldersAct(line.transaction, holder.account),
        'evidence-missing',
        `entry ${number}, of kind ${line.transaction.kind}, stands there without the signature that it takes`,
      )
      checkDue(line, sealTime, number)
      return false
    }
    const { index, position } = evidence
    const batch = verifyPlace(entry, evidence, checkpoint, `entry ${number}`)
    check(batch.statuses[position] === 0, 'evidence-status', `entry ${number} was refused, and changes nothing`)
    checkDue(line, batch.time, number)
    const message = batchMessage(ledgerId, batch.signatures, batch.count, batch.root)
    const isAuthorised = verifyAuthority(line, holder, index, batch, message, records, number)
    verifyRule(line.transaction, index + 1 + position, records, number)
    const isLater = index > lastIndex || (index === lastIndex && position > lastPosition)
    check(isLater, 'evidence-order', `entry ${number} stands before the one above it in the log`)
    const isInTime = lastTime <= batch.time && batch.time <= sealTime
    check(
      isInTime,
      'evidence-order',
      `the time of entry ${number}'s batch is before that of the one above it, or behind the seal's`,
    )
    lastIndex = index
    lastPosition = position
    lastTime = batch.time
    return isAuthorised
  })
}

/** Refuses what is done because time has passed, and is of a time that the ledger had not come to. SPEC §7, "By time alone". */
function checkDue({ transaction: { kind }, timeMs }: HistoryLine, ledgerTime: number, number: number): void {
  const isByTime = kind === 'expire' || kind === 'finish-recovery'
  check(
    !isByTime || timeMs <= ledgerTime,
    'line-rule',
    `entry ${number}, of kind ${kind}, is of a time that was still to come`,
  )
}

/**
 * Checks that someone who was entitled to a line signed its batch (SPEC §7). False where that is the holder of another
 * account, whose key the statement cannot show.
 */
function verifyAuthority(
  line: HistoryLine,
  holder: Holder,
  index: number,
  batch: BatchEntry,
  message: Uint8Array,
  records: Records,
  number: number,
): boolean {
  const { transaction } = line
  if (ENTITLED[transaction.kind].every(({ by }) => by === 'owner') && actingAccount(transaction) !== holder.account)
    return false
  let recovering = 0
  const isSigned = batch.signatures.some(signature => {
    const right = ENTITLED[transaction.kind].find(one => keyFor(one, signature, line, holder, index, records, number))
    if (right === undefined || (right.by === 'operator' && isEarlyRelease(line, batch.time))) return false
    const key = keyFor(right, signature, line, holder, index, records, number)!
    if (!verifyEd25519(key, message, signature.ed25519)) return false
    return right.by !== 'recovery' || ++recovering === holder.opening.recovery!.need
  })
  check(isSigned, 'evidence-signature', `entry ${number} is not signed by anyone who is entitled to it`)
  return true
}

/** Checks that the rule of an issue stood when the entry came into the log, at `logIndex`. SPEC §8, `rule-unknown`. */
function verifyRule(transaction: Transaction, logIndex: number, records: Records, number: number): void {
  if (transaction.kind !== 'issue' || transaction.rule === 0) return
  const record = records.get(transaction.rule)
  check(
    record?.transaction.kind === 'publish-rule',
    'record-missing',
    `the statement does not show record ${transaction.rule}, the rule of entry ${number}`,
  )
  check(
    isValidAt(record, logIndex),
    'line-rule',
    `entry ${number} names a rule that was not published then, or not any more`,
  )
}

/** Whether a hold is released whose time is not over: no operator may. SPEC §7. */
function isEarlyRelease({ released, timeMs }: HistoryLine, ledgerTime: number): boolean {
  return released !== undefined && (timeMs < released.until || timeMs > ledgerTime)
}

/** The public key under which a signature would show the right `right` to a line, if it names one that does. */
function keyFor(
  right: Right,
  signature: Signature,
  { transaction, owner, released }: HistoryLine,
  { account, opening }: Holder,
  index: number,
  records: Records,
  number: number,
): Uint8Array | undefined {
  const isActing = actingAccount(transaction) === account
  if (right.by === 'owner')
    return isActing && signature.class === SIGNER_OWNER && signature.number === account
      ? (owner ?? undefined)
      : undefined
  if (right.by === 'recovery') {
    const place = signature.class - SIGNER_RECOVERY
    return isActing && signature.number === account ? opening.recovery?.keys[place] : undefined
  }
  if (signature.class !== SIGNER_RECORD) return undefined
  if (right.by === 'custodian' && signature.number !== opening.custodian) return undefined
  const record = records.get(signature.number)
  if (record === undefined)
    throw new VerifyError(
      'record-missing',
      `the statement does not show record ${signature.number}, which signed entry ${number}`,
    )
  const { transaction: key } = record
  const isEntitled =
    key.kind === 'register-key' && isValidAt(record, index) && hasRight(right, key, transaction, released?.credit)
  return isEntitled ? key.key : undefined
}

/**
 * Whether a record stands at a place of the log: behind the entry that made it, before the one that revoked it. A key is
 * good for whole batches, so what counts is the batch's place. SPEC §7.
 */
function isValidAt({ from, until }: KnownRecord, logIndex: number): boolean {
  return from < logIndex && (until === 0 || until > logIndex)
}
