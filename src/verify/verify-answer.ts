import { equalBytes } from '../core/bytes.ts'
import { type BatchEntry, decodeBatch } from '../core/entry/batch.ts'
import type { Group } from '../core/entry/group.ts'
import { ACCEPTED, EXISTS, OUTCOMES } from '../core/entry/outcome.ts'
import { KINDS, kindOf } from '../core/entry/transaction.ts'
import { check, VerifyError } from '../core/failure.ts'
import type { BatchAnswer } from './batch-answer.ts'
import type { LedgerIdentity } from './identity.ts'
import { type PromiseFile, verifyPromiseUnder } from './promise.ts'

/** An answer that differs from what the log signed with it. */
const FALSE = 'answer-false'

const OPENING = KINDS.indexOf('open-account')

/** What an answer has to be of. */
export interface AskedBatch {
  readonly identity: LedgerIdentity
  readonly transactions: readonly Uint8Array[]
  /** Those that they were signed with; none where it is left out. */
  readonly groups?: readonly Group[]
  /** When it was answered, by the clock of the one who asked. */
  readonly nowMs: number
}

/** What of an answer holds. */
export interface VerifiedAnswer {
  /**
   * What the log signed, to keep; null where nothing was written, and the transactions were written in several batches
   * before.
   */
  readonly promise: PromiseFile | null
  /**
   * Positions whose transaction was in the log before, under another batch: its outcome and index are the ledger's
   * word.
   */
  readonly unproven: readonly number[]
}

/**
 * Checks the answer to a batch: the promise is the log's, of this ledger, of these transactions and not too late, and
 * everything that is reported is what the promised batch says. SPEC §11, "Clients". A signature, and two hashes a
 * transaction.
 *
 * @param answer - untrusted.
 * @throws VerifyError `answer-false`, `wrong-ledger`, `promise-signature`, `inclusion-proof`, `promise-transactions`;
 *   FormatError of the batch.
 */
export function verifyAnswer(answer: BatchAnswer, asked: AskedBatch): VerifiedAnswer {
  const { identity, transactions, nowMs } = asked
  const { statuses, existed } = answer
  const count = transactions.length
  check(statuses.length === count, FALSE, `the answer has ${statuses.length} outcomes for ${count} transactions`)
  const before = positions(existed, count, 'existed before')
  check(
    statuses.every(status => status < OUTCOMES.length),
    FALSE,
    'the answer has a status that there is not',
  )
  checkOpened(answer, transactions)
  if (answer.promise === null) {
    check(
      answer.index === null && before.size === count,
      FALSE,
      'the answer has no promise, and says that something was written',
    )
    return { promise: null, unproven: [...before.keys()] }
  }
  const promise: PromiseFile = { ...answer.promise, transactions }
  const isHere = equalBytes(promise.ledgerId, identity.ledgerId)
  check(isHere, 'wrong-ledger', 'the promise is of another ledger than the one that was asked')
  verifyPromiseUnder(promise, identity.logs)
  const { skewMs, promiseMs } = identity.genesis
  const latest = nowMs + skewMs + promiseMs
  check(
    promise.deadline <= latest,
    FALSE,
    `it is promised for ${promise.deadline - nowMs} ms from now, not ${promiseMs}`,
  )
  check(
    answer.size === promise.size,
    FALSE,
    `the answer is of ${answer.size} entries, and the promise of ${promise.size}`,
  )
  check(answer.index === null || answer.index === promise.index, FALSE, 'the promise is of another batch')
  const batch = decodeBatch(promise.batch)
  // What was written before may have been handed in with other groups: its outcomes are what they are.
  const isAsAsked = answer.index === null || areGroups(batch.groups, asked.groups ?? [])
  check(isAsAsked, FALSE, 'the batch was written with other groups than it was signed with')
  return { promise, unproven: checkStatuses(answer, before, promise, batch) }
}

function areGroups(some: readonly Group[], others: readonly Group[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ first, count }, i) => first === others[i]!.first && count === others[i]!.count)
  )
}

/** What stands for positions, by position: each once, in order. */
function positions(pairs: readonly (readonly [number, number])[], count: number, what: string): Map<number, number> {
  const isInOrder = pairs.every(([position], i) => position < count && (i === 0 || position > pairs[i - 1]![0]))
  check(isInOrder, FALSE, `the positions that ${what} are not in order`)
  return new Map(pairs)
}

/** Which positions opened an account is seen by the transactions and their outcomes. Its number is not. */
function checkOpened({ accounts, statuses }: BatchAnswer, transactions: readonly Uint8Array[]): void {
  const opened = positions(accounts, transactions.length, 'opened an account')
  transactions.forEach((entry, position) => {
    const isOpened = statuses[position] === ACCEPTED && kindOf(entry, 0) === OPENING
    if (isOpened !== opened.has(position)) throw wrongAt(position, `opened ${isOpened ? 'an' : 'no'} account`)
  })
}

/**
 * Holds what is reported of each position against the batch that was promised; returns the positions of which it says
 * nothing.
 */
function checkStatuses(
  { index, statuses }: BatchAnswer,
  before: ReadonlyMap<number, number>,
  { index: first, size, transactions }: PromiseFile,
  batch: BatchEntry,
): number[] {
  const unproven: number[] = []
  statuses.forEach((status, position) => {
    const at = before.get(position)
    const isNew = at === undefined
    // Where nothing was written, all of it existed: the promise is of a batch of before.
    const isSo = index === null ? !isNew : isNew === (batch.statuses[position] !== EXISTS)
    if (!isSo) throw wrongAt(position, `is ${isNew ? 'new' : 'known'}, and the batch says otherwise`)
    const place = isNew ? position : at - first - 1
    if (at !== undefined && (place < 0 || place >= batch.count)) {
      // Under another batch, which is nobody's word but the ledger's; in this one it was known.
      if (at >= size || batch.statuses[position] !== EXISTS) throw wrongAt(position, 'does not stand there')
      unproven.push(position)
      return
    }
    const said = batch.statuses[place]!
    if (said === EXISTS) throw wrongAt(position, 'was known there already')
    if (said !== status || !equalBytes(transactions[place]!, transactions[position]!))
      throw wrongAt(position, `is ${OUTCOMES[status]}, and the batch says ${OUTCOMES[said]}`)
  })
  return unproven
}

function wrongAt(position: number, what: string): VerifyError {
  return new VerifyError(FALSE, `position ${position} ${what}`)
}
