import { equalBytes, fromBase64 } from '../../core/bytes.ts'
import { type BatchEntry, decodeBatch, transactionsFrom } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import { check, FormatError, VerifyError } from '../../core/failure.ts'
import type { SignedCheckpoint } from '../../core/note/signed.ts'
import { leafHash, verifyInclusion } from '../../core/tree/merkle.ts'
import { judgeClaims } from './convict-claims.ts'
import { judgeSignatures } from './convict-signature.ts'
import type { Conviction } from './conviction.ts'
import type { Exhibits } from './evidence-file.ts'
import type { ShownEntries } from './shown.ts'
import { judgeEnd, judgeIdentity } from './shown-logs.ts'

/** What the entries shown have wrong, in a sentence; undefined where they do not show it. */
type Judge = (shown: ShownEntries) => string | undefined

/** The faults that some entries can show alone, whatever the rest of the log is. SPEC §11. */
const JUDGES: Readonly<Record<string, Judge>> = {
  'entry-form': judgeForm,
  'entry-order': judgeOrder,
  'batch-root': judgeRoot,
  'batch-time': shown => judgeTime(shown, ENTRY_BATCH),
  'seal-time': shown => judgeTime(shown, ENTRY_SEAL),
  'seal-epoch': judgeEpoch,
  'seal-last': judgeLast,
  'log-identity': judgeIdentity,
  'after-end': judgeEnd,
  'claim-twice': judgeClaims,
  'batch-refused': judgeSignatures,
}

/** Faults that only a replay of all entries before them shows, and only to those who have details. */
const OF_DETAILS: readonly string[] = ['reward', 'tier']

/** Faults that only a replay of all entries before them shows. */
const REPLAYED: readonly string[] = [
  'batch-statuses',
  'seal-state',
  'seal-registry',
  'seal-totals',
  'overdue',
  ...OF_DETAILS,
]

/** The codes of faults in the log itself: of something that was signed over. */
export const LOG_FAULTS: readonly string[] = [...Object.keys(JUDGES), ...REPLAYED]

/** Whether a fault is seen only by those who have the details of issues. */
export function needsDetails(code: string): boolean {
  return OF_DETAILS.includes(code)
}

/** Whether a code is one of a fault in the log itself. */
export function isLogFault(code: string): boolean {
  return LOG_FAULTS.includes(code)
}

/**
 * What the entries shown prove against a log whose checkpoint they stand in.
 *
 * @param evidence - untrusted.
 * @throws VerifyError `needs-replay`, `needs-observer`, `not-proven`, `inclusion-proof`; FormatError `batch-version`,
 *   `seal-version`.
 */
export function convictLog(code: string, evidence: Exhibits, checkpoint: SignedCheckpoint): Conviction {
  const entries = entriesShown(evidence, checkpoint)
  if (entries.size === 0)
    throw new VerifyError(
      'needs-observer',
      'the file shows no entry of the log: what was served to the one who wrote it was not what the log signed. ' +
        'Look for yourself, with tally audit',
    )
  const found = JUDGES[code]?.({ checkpoint, entries, evidence })
  if (found === undefined)
    throw new VerifyError(
      'needs-replay',
      `what it says takes a replay of the log of ${checkpoint.size} entries to see, which has to stop ` +
        `${evidence.at === undefined ? '' : `at entry ${evidence.at} `}with ${code}`,
    )
  return {
    code,
    origin: checkpoint.origin,
    facts: {
      log: checkpoint.origin,
      'log size': checkpoint.size,
      'entries shown': [...entries.keys()].slice(0, 16).join(', '),
    },
    shown: [
      'the checkpoint is signed by the log of your policy',
      `the ${entries.size} entries shown are in it, at these places (inclusion proofs, recomputed)`,
      found,
    ],
  }
}

/**
 * The entries that a file shows, by increasing index, each proven to be in the log.
 *
 * @param evidence - untrusted.
 * @throws VerifyError `inclusion-proof`, `not-proven`; FormatError `batch-version`, `seal-version`.
 */
export function entriesShown(evidence: Exhibits, checkpoint: SignedCheckpoint): Map<number, Uint8Array> {
  const entries = new Map<number, Uint8Array>()
  for (const { index, entry, proof } of evidence.entries ?? []) {
    const bytes = fromBase64(entry)
    verifyInclusion(index, checkpoint.size, leafHash(bytes), proof.map(fromBase64), checkpoint.root)
    check(index > (lastOf(entries.keys()) ?? -1), 'not-proven', 'the entries shown are not by increasing index')
    checkVersion(bytes)
    entries.set(index, bytes)
  }
  return entries
}

function lastOf(keys: Iterable<number>): number | undefined {
  let last: number | undefined
  for (const key of keys) last = key
  return last
}

/** The batches among the entries shown, by index. */
function batchesOf({ entries }: ShownEntries): [number, BatchEntry][] {
  return [...entries].flatMap(([index, entry]) => (entry[0] === ENTRY_BATCH ? [[index, decodeBatch(entry)]] : []))
}

function judgeForm(shown: ShownEntries): string | undefined {
  for (const [index, entry] of shown.entries) {
    const malformed = malformation(entry)
    if (malformed === undefined) continue
    // What a transaction may be is for the rules of its batch to say.
    const isTransaction = entry[0] === ENTRY_TRANSACTION
    const others: ShownEntries = { ...shown, entries: new Map([...shown.entries].filter(([other]) => other !== index)) }
    const isUnderRules = batchesOf(others).some(([at, { count }]) => at < index && index <= at + count)
    if (!isTransaction || isUnderRules)
      return `entry ${index} is not of any form that SPEC §4 and §5 allow: ${malformed.message}`
  }
  return undefined
}

/** Refuses an entry of rules that this verifier does not know. @throws FormatError `batch-version`, `seal-version`. */
function checkVersion(entry: Uint8Array): void {
  const malformed = entry[0] === ENTRY_TRANSACTION ? undefined : malformation(entry)
  if (malformed?.code === 'batch-version' || malformed?.code === 'seal-version') throw malformed
}

/** Why bytes are no entry; undefined where they are one. */
function malformation(entry: Uint8Array): FormatError | undefined {
  try {
    if (entry[0] === ENTRY_BATCH) decodeBatch(entry)
    else if (entry[0] === ENTRY_SEAL) decodeSeal(entry)
    else decodeTransaction(entry)
    return undefined
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return error
  }
}

function judgeOrder({ entries, checkpoint }: ShownEntries): string | undefined {
  const first = entries.get(0)
  if (first !== undefined && first[0] !== ENTRY_BATCH) return 'entry 0 is not a batch, with which every log begins'
  for (const [index, entry] of entries) {
    if (entry[0] === ENTRY_BATCH) {
      const { count } = decodeBatch(entry)
      for (const [other, inside] of entries) {
        if (other > index && other <= index + count && inside[0] !== ENTRY_TRANSACTION)
          return `entry ${other} stands among the ${count} transactions of the batch at ${index}, and is none`
        if (other === index + count + 1 && !isOpening(inside))
          return (
            `entry ${other} stands after the last of the ${count} transactions of the batch at ${index}, and is ` +
            'neither a batch nor a seal'
          )
      }
      if (index + count >= checkpoint.size) return `the checkpoint ends inside the batch at ${index}`
    }
    const next = entries.get(index + 1)
    if (entry[0] === ENTRY_SEAL && next !== undefined && !isOpening(next))
      return `entry ${index + 1} stands after a seal, and is neither a batch nor a seal`
  }
  return undefined
}

function isOpening(entry: Uint8Array): boolean {
  return entry[0] === ENTRY_BATCH || entry[0] === ENTRY_SEAL
}

function judgeRoot(shown: ShownEntries): string | undefined {
  for (const [index, { count, root }] of batchesOf(shown)) {
    const transactions = Array.from({ length: count }, (_, i) => shown.entries.get(index + 1 + i))
    if (transactions.some(entry => entry === undefined)) continue
    if (!equalBytes(transactionsFrom(transactions as Uint8Array[]).root, root))
      return (
        `the batch at ${index} was signed over other transactions than the ${count} that stand after it (root, ` +
        'recomputed)'
      )
  }
  return undefined
}

/** Of a batch or a seal, as `type` says, that is of an earlier time than one before it. */
function judgeTime({ entries }: ShownEntries, type: number): string | undefined {
  let latest: { index: number; time: number } | undefined
  for (const [index, entry] of entries) {
    if (!isOpening(entry)) continue
    const { time } = entry[0] === ENTRY_BATCH ? decodeBatch(entry) : decodeSeal(entry)
    if (latest !== undefined && time < latest.time) {
      if (entry[0] === type)
        return `entry ${index} has ledger time ${time}, and entry ${latest.index}, which stands before, ${latest.time}`
    } else latest = { index, time }
  }
  return undefined
}

function judgeEpoch({ entries }: ShownEntries): string | undefined {
  let before = { index: -1, epoch: -1 }
  for (const [index, entry] of entries) {
    if (entry[0] !== ENTRY_SEAL) continue
    const { epoch } = decodeSeal(entry)
    // Each seal between the two counts one epoch, and there are not more seals than entries.
    if (epoch <= before.epoch || epoch - before.epoch > index - before.index)
      return before.index < 0
        ? `the seal at ${index} closes epoch ${epoch}, for which there are too few entries before it`
        : `the seal at ${index} closes epoch ${epoch}, and the one at ${before.index} epoch ${before.epoch}`
    before = { index, epoch }
  }
  return undefined
}

function judgeLast({ entries, checkpoint }: ShownEntries): string | undefined {
  const last = entries.get(checkpoint.size - 1)
  return last !== undefined && last[0] !== ENTRY_SEAL
    ? `the last entry of the checkpoint, ${checkpoint.size - 1}, is not a seal: nothing in it commits to the balances`
    : undefined
}
