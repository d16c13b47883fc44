import { fromBase64, toBase64, utf8Encode } from '../../core/bytes.ts'
import { ENTRY_SEAL } from '../../core/entry/entry-type.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { check, VerifyError } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { openSigned, type SignedCheckpoint } from '../../core/note/signed.ts'
import { leafHash, verifyConsistency, verifyInclusion } from '../../core/tree/merkle.ts'
import { proveLateLine } from '../late-line.ts'
import { parseOpened, signedTotals } from '../opened-totals.ts'
import { decodePromise, type PromiseFile, verifyPromiseUnder } from '../promise.ts'
import { decodeRefusal, type VerifiedRefusal, verifyRefusalUnder } from '../refusal.ts'
import { convictContinued } from './convict-continued.ts'
import { convictLog, isLogFault, LOG_FAULTS } from './convict-log.ts'
import type { Conviction } from './conviction.ts'
import type { EvidenceFile, Exhibits } from './evidence-file.ts'

/** All codes that convict the operator of a log. Each has an honest story that looks like it: SPEC §11. */
export const CONVICTING: readonly string[] = [
  ...['forked', 'promise-broken', 'promise-overdue', 'line-late', 'continued-twice', 'refusal-false'],
  ...LOG_FAULTS,
]

/** A step of a proof that is missing or does not lead where it should. */
const FAILS = 'not-proven'

/**
 * What an evidence file proves by itself, under the log keys of a policy. Neither its words nor its `needs` count: only
 * what the log signed, and what can be recomputed from it. What convicts is opened under the log's key alone. SPEC §11.
 *
 * @param file - untrusted.
 * @throws VerifyError `not-proven`, `needs-replay`, `needs-observer`, or of `openSigned`, `verifyPromise`,
 *   `verifyInclusion`, `verifyConsistency`; FormatError where what is shown is malformed.
 *
 * @example
 * const conviction = convict(parseEvidence(await readFile('evidence-700.jsonl')), policy)
 */
export function convict(file: EvidenceFile, policy: Policy): Conviction {
  const { code, evidence } = file
  if (code === 'forked') return convictFork(evidence, policy)
  if (code === 'promise-broken') return convictBroken(evidence, policy)
  if (code === 'promise-overdue') return convictOverdue(evidence, policy)
  if (code === 'line-late') return convictLateLine(evidence, policy)
  if (code === 'continued-twice') return convictContinued(evidence, policy)
  if (code === 'refusal-false') return convictRefusal(evidence, policy)
  if (code === 'totals-false') return convictTotals(evidence, policy)
  if (isLogFault(code)) return convictLog(code, evidence, checkpointShown(evidence.checkpoint, 'checkpoint', policy))
  throw new VerifyError(
    'needs-observer',
    `"${code}" is what was served to the one who wrote this file, and nobody signed that: look for yourself, ` +
      'with tally watch or tally audit',
  )
}

/**
 * A signed checkpoint of the exhibits, no matter who cosigned it. @throws VerifyError `not-proven`, or of `openSigned`.
 */
export function checkpointShown(note: string | undefined, what: string, policy: Policy): SignedCheckpoint {
  check(note !== undefined, FAILS, `the file does not show the ${what}`)
  return openSigned(utf8Encode(note), policy)
}

function convictFork(evidence: Exhibits, policy: Policy): Conviction {
  const one = checkpointShown(evidence.earlier, 'earlier checkpoint', policy)
  const other = checkpointShown(evidence.checkpoint, 'checkpoint', policy)
  check(one.origin === other.origin, FAILS, 'the two checkpoints are of two logs')
  const [smaller, larger] = one.size <= other.size ? [one, other] : [other, one]
  const root = beginningShown(smaller.size, larger, evidence)
  check(toBase64(root) !== toBase64(smaller.root), FAILS, 'the larger checkpoint begins with the smaller one')
  return {
    code: 'forked',
    origin: one.origin,
    facts: {
      log: one.origin,
      'one size': smaller.size,
      'its root': toBase64(smaller.root),
      'other size': larger.size,
      [`its root at ${smaller.size}`]: toBase64(root),
    },
    shown: [
      'both checkpoints are signed by the log of your policy',
      smaller.size === larger.size
        ? 'they are of one size, and have two roots'
        : `the first ${smaller.size} entries of the larger have another root than the smaller (consistency proof, ` +
          'recomputed)',
    ],
  }
}

function convictBroken(evidence: Exhibits, policy: Policy): Conviction {
  const checkpoint = checkpointShown(evidence.checkpoint, 'checkpoint', policy)
  const promise = promiseOf(evidence, checkpoint)
  check(promise.size <= checkpoint.size, FAILS, 'the checkpoint has not the size that was promised yet')
  const root = beginningShown(promise.size, checkpoint, evidence)
  check(toBase64(root) !== toBase64(promise.root), FAILS, 'the promise was kept: the checkpoint begins with it')
  return {
    code: 'promise-broken',
    origin: checkpoint.origin,
    facts: {
      ...promiseFacts(promise, checkpoint),
      'root promised': toBase64(promise.root),
      [`root at ${promise.size}`]: toBase64(root),
    },
    shown: [
      'promise and checkpoint are signed by the log of your policy',
      `the first ${promise.size} entries of the checkpoint have another root than was promised (consistency ` +
        'proof, recomputed)',
    ],
  }
}

function convictOverdue(evidence: Exhibits, policy: Policy): Conviction {
  const checkpoint = checkpointShown(evidence.checkpoint, 'checkpoint', policy)
  const promise = promiseOf(evidence, checkpoint)
  check(checkpoint.size < promise.size, FAILS, 'the checkpoint has the size that was promised')
  return {
    code: 'promise-overdue',
    origin: checkpoint.origin,
    facts: promiseFacts(promise, checkpoint),
    shown: ['promise and checkpoint are signed by the log of your policy', lateness(promise, checkpoint, evidence)],
  }
}

/**
 * What shows that a deadline had passed when a log was still too small: the log's own time in the seal that ends it.
 * The time of a cosignature is another's clock, and of another matter: a witness that the log did not reach in time, or
 * that is asked once more for a checkpoint of before, dates it late, whatever the log has published.
 */
function lateness({ deadline }: PromiseFile, checkpoint: SignedCheckpoint, evidence: Exhibits): string {
  if (isSealedAfter(deadline, checkpoint, evidence))
    return 'its last entry, a seal, is of a ledger time after the deadline: by its own clock the log was late'
  throw new VerifyError(
    'needs-observer',
    'that there was no larger checkpoint at the deadline is the word of the one who wrote this file: no seal of ' +
      'the log says so. Ask the log yourself, with tally watch --promise',
  )
}

/**
 * Whether the seal that ends a checkpoint is shown, and of a later ledger time: which never goes back, so all that
 * comes after it is later, too.
 */
function isSealedAfter(timeMs: number, { size, root }: SignedCheckpoint, { entries }: Exhibits): boolean {
  const seal = entries?.find(({ index }) => index === size - 1)
  if (seal === undefined) return false
  const entry = fromBase64(seal.entry)
  verifyInclusion(seal.index, size, leafHash(entry), seal.proof.map(fromBase64), root)
  return entry[0] === ENTRY_SEAL && decodeSeal(entry).time > timeMs
}

/** Two statements of one account, of which the earlier one was false: SPEC §11. */
function convictLateLine({ statement, earlierStatement }: Exhibits, policy: Policy): Conviction {
  check(statement !== undefined && earlierStatement !== undefined, FAILS, 'the file does not show the two statements')
  const late = proveLateLine(fromBase64(earlierStatement), fromBase64(statement), policy)
  const { checkpoint, earlier, account, line, entriesThen, index } = late
  return {
    code: 'line-late',
    origin: checkpoint.origin,
    facts: {
      log: checkpoint.origin,
      account,
      'earlier size': earlier.size,
      'entries then': entriesThen,
      'entry shown since': line,
      'its batch at': index,
    },
    shown: [
      'the checkpoints of both statements are signed by the log of your policy',
      `the earlier one, of ${earlier.size} entries, commits to an account of ${entriesThen} entries`,
      `the later one has the same ${entriesThen} first, and after them entry ${line}, accepted in a batch at ` +
        `${index}: the log had it when the earlier one said that there was none`,
    ],
  }
}

/** Totals that a log signed for a seal, which commits to others: SPEC §11. */
function convictTotals({ opened }: Exhibits, policy: Policy): Conviction {
  check(opened !== undefined, FAILS, 'the file does not show the totals that were opened')
  const { checkpoint, seal, isTrue } = signedTotals(parseOpened(opened), policy)
  check(!isTrue, FAILS, 'the totals that were opened are those that the seal commits to')
  return {
    code: 'totals-false',
    origin: checkpoint.origin,
    facts: { log: checkpoint.origin, 'log size': checkpoint.size, seal: seal.epoch, 'seal at': checkpoint.size - 1 },
    shown: [
      'the checkpoint is signed by the log of your policy, and the seal is its last entry',
      'totals and salt are signed by that log, as those of this very seal',
      'the seal commits to others (root, recomputed)',
    ],
  }
}

/**
 * A refusal that names more entries than the log had then, by its own time; or one whose reason is false, which takes
 * the state of the log to see. SPEC §11.
 */
function convictRefusal(evidence: Exhibits, policy: Policy): Conviction {
  const checkpoint = checkpointShown(evidence.checkpoint, 'checkpoint', policy)
  const { code, size, time } = refusalShown(evidence, checkpoint)
  if (size <= checkpoint.size)
    throw new VerifyError(
      'needs-replay',
      `whether the reason "${code}" is true takes a replay of the first ${size} entries of the log`,
    )
  check(
    isSealedAfter(time, checkpoint, evidence),
    'needs-observer',
    `the refusal is of ${size} entries, and nothing shows that the log had no more than ${checkpoint.size} later`,
  )
  return {
    code: 'refusal-false',
    origin: checkpoint.origin,
    facts: { log: checkpoint.origin, 'log size': checkpoint.size, 'entries named': size, reason: code },
    shown: [
      'checkpoint and refusal are signed by the log of your policy',
      `the refusal is of ledger time ${time}, when it says that the log had ${size} entries; the last entry of the ` +
        `checkpoint, a seal, is later, and the log had ${checkpoint.size}`,
    ],
  }
}

/** The refusal of the exhibits, which the log of a checkpoint signed. @throws VerifyError; FormatError. */
export function refusalShown({ refusal }: Exhibits, { logs }: SignedCheckpoint): VerifiedRefusal {
  check(refusal !== undefined, FAILS, 'the file does not show the refusal')
  return verifyRefusalUnder(decodeRefusal(fromBase64(refusal)), logs)
}

function promiseOf({ promise }: Exhibits, { logs }: SignedCheckpoint): PromiseFile {
  check(promise !== undefined, FAILS, 'the file does not show the promise')
  const decoded = decodePromise(fromBase64(promise))
  verifyPromiseUnder(decoded, logs)
  return decoded
}

function promiseFacts({ size, index, deadline }: PromiseFile, checkpoint: SignedCheckpoint) {
  return {
    log: checkpoint.origin,
    'entries promised': size,
    'promised batch at': index,
    'deadline (ms)': deadline,
    'checkpoint size': checkpoint.size,
  }
}

/** The root of the first `size` entries of a signed tree, by the proof that is shown. @throws VerifyError. */
export function beginningShown(size: number, tree: SignedCheckpoint, { root, proof }: Exhibits): Uint8Array {
  if (size === tree.size) return tree.root
  check(root !== undefined && proof !== undefined, FAILS, 'the file does not show with what the larger tree begins')
  const hash = fromBase64(root)
  verifyConsistency(size, hash, tree.size, tree.root, proof.map(fromBase64))
  return hash
}
