import { utf8Decode } from '../../core/bytes.ts'
import { decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL } from '../../core/entry/entry-type.ts'
import { idTimeMs } from '../../core/entry/id.ts'
import { OUTCOMES } from '../../core/entry/outcome.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { FormatError } from '../../core/failure.ts'
import { logKeysOf, openCheckpoint, type TrustedCheckpoint } from '../../core/note/policy.ts'
import { clockAhead, cosignedAhead } from '../../verify/ledger-time.ts'
import { openTotals, parseOpened } from '../../verify/opened-totals.ts'
import { decodePromise, verifyPromiseUnder } from '../../verify/promise.ts'
import { type VerifiedReceipt, verifyReceipt } from '../../verify/receipt.ts'
import { amountOf } from './check-statement.ts'
import type { Trust } from './trust.ts'
import type { EntryFacts, Step, Unchecked, Verdict } from './verdict.ts'

const held = (name: Step['name'], more: Partial<Step> = {}): Step => ({ name, state: 'held', ...more })

function signedSteps({ origin, witnesses }: TrustedCheckpoint): Step[] {
  const names = witnesses.map(({ name }) => name)
  return [held('signed', { names: [origin] }), ...(names.length > 0 ? [held('cosigned', { names })] : [])]
}

function notWitnessed({ isWitnessed }: TrustedCheckpoint): Unchecked[] {
  return isWitnessed ? [] : ['witness']
}

/** What a receipt proves. @param bytes - untrusted. @throws CodedError of `verifyReceipt`. */
export function checkReceipt(bytes: Uint8Array, { policy, nowMs }: Trust): Verdict {
  const receipt = verifyReceipt(bytes, policy)
  const { trusted, index, proof, status } = receipt
  const ahead = cosignedAhead(trusted, policy, nowMs)
  const entry = entryOf(receipt)
  return {
    kind: 'receipt',
    holds: true,
    tone: 'fits',
    log: trusted.origin,
    logSize: trusted.size,
    steps: [
      ...signedSteps(trusted),
      held('in-log', { count: index }),
      ...(status === null ? [] : [held('outcome', { names: [entry.outcome!] })]),
    ],
    unchecked: [
      ...notWitnessed(trusted),
      'continues',
      ...(status === null || status === 0 ? [] : (['refused-rightly'] as const)),
      'happened',
    ],
    path: { index, size: trusted.size, levels: proof.length, what: 'entry' },
    signers: trusted.witnesses.length,
    entry,
    ...(ahead === undefined ? {} : { clockOff: ahead.message }),
  }
}

function entryOf({ entry, evidence, index, status }: VerifiedReceipt): EntryFacts {
  const none = { amount: undefined, debit: undefined, credit: undefined, outcome: undefined, decidedMs: undefined }
  if (entry[0] === ENTRY_BATCH) return { index, kind: 'batch', timeMs: decodeBatch(entry).time, ...none }
  if (entry[0] === ENTRY_SEAL) return { index, kind: 'seal', timeMs: decodeSeal(entry).time, ...none }
  const transaction = decodeTransaction(entry)
  const { debit, credit } = { debit: undefined, credit: undefined, ...transaction }
  return {
    index,
    kind: transaction.kind,
    timeMs: idTimeMs(transaction.id),
    amount: amountOf(transaction),
    debit,
    credit,
    outcome: status === null ? undefined : (OUTCOMES[status] ?? `status ${status}`),
    decidedMs: evidence === null ? undefined : decodeBatch(evidence.batch).time,
  }
}

/** What a promise proves. @param bytes - untrusted. @throws CodedError of `verifyPromiseUnder`. */
export function checkPromise(bytes: Uint8Array, { policy }: Trust): Verdict {
  const promise = decodePromise(bytes)
  const log = verifyPromiseUnder(promise, logKeysOf(policy))
  const { statuses, time } = decodeBatch(promise.batch)
  return {
    kind: 'promise',
    holds: true,
    tone: 'fits',
    log: log.name,
    logSize: promise.size,
    steps: [
      held('promise-signed', { names: [log.name] }),
      held('promise-tree', { count: promise.index }),
      held('promise-batch', { count: promise.transactions.length }),
    ],
    unchecked: ['kept'],
    path: { index: promise.index, size: promise.size, levels: promise.path.length, what: 'batch' },
    signers: 0,
    promise: {
      takenMs: time,
      deadlineMs: promise.deadline,
      count: promise.transactions.length,
      outcomes: [...new Set(Array.from(statuses, status => OUTCOMES[status] ?? String(status)))],
      index: promise.index,
    },
  }
}

/** What opened totals prove, all days of a file. @param bytes - untrusted. @throws CodedError of `openTotals`. */
export function checkTotals(bytes: Uint8Array, { policy, nowMs }: Trust): Verdict {
  const lines = utf8Decode(bytes)
    .split('\n')
    .filter(line => line !== '')
  const days = lines.map(line => ({ ...openTotals(parseOpened(line), policy, nowMs), path: parseOpened(line).path }))
  const last = days.at(-1)
  if (last === undefined) throw new FormatError('opened-totals', 'there is no line in it')
  const { checkpoint, seal, units, path } = last
  const ahead = clockAhead(seal.time, checkpoint, policy, nowMs)
  return {
    kind: 'totals',
    holds: true,
    tone: 'fits',
    log: checkpoint.origin,
    logSize: checkpoint.size,
    steps: [
      ...signedSteps(checkpoint),
      held('seal'),
      held('totals-signed'),
      held('totals-seal', { count: days.length }),
    ],
    unchecked: ['replay', ...notWitnessed(checkpoint)],
    path: { index: checkpoint.size - 1, size: checkpoint.size, levels: path.length, what: 'seal' },
    signers: checkpoint.witnesses.length,
    totals: {
      days: days.length,
      asOfMs: seal.time,
      accounts: seal.accounts,
      units: units.map(one => ({
        unit: one.unit,
        issued: String(one.issued),
        opened: String(one.opened),
        redeemed: String(one.redeemed),
        expired: String(one.expired),
        reinstated: String(one.reinstated),
        reversed: String(one.reversed),
        owed: String(one.owed),
      })),
    },
    ...(ahead === undefined ? {} : { clockOff: ahead.message }),
  }
}

/** What a checkpoint alone proves: who signed it. @param bytes - untrusted. @throws CodedError of `openCheckpoint`. */
export function checkCheckpoint(bytes: Uint8Array, { policy }: Trust): Verdict {
  const checkpoint = openCheckpoint(bytes, policy)
  return {
    kind: 'checkpoint',
    holds: true,
    tone: 'fits',
    log: checkpoint.origin,
    logSize: checkpoint.size,
    steps: signedSteps(checkpoint),
    unchecked: [...notWitnessed(checkpoint), 'newer', 'continues', 'all'],
    signers: checkpoint.witnesses.length,
  }
}
