import { equalBytes } from '../../core/bytes.ts'
import { decodeBatch, type Signature } from '../../core/entry/batch.ts'
import { ENTRY_BATCH } from '../../core/entry/entry-type.ts'
import type { BatchRefusal } from '../../core/entry/outcome.ts'
import { check, VerifyError } from '../../core/failure.ts'
import { RATE_MINUTE_MS } from '../../core/limits.ts'
import type { Policy } from '../../core/note/policy.ts'
import type { SignedCheckpoint } from '../../core/note/signed.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { BUNDLE_ENTRIES, decodeEntryBundle } from '../../core/tree/tile.ts'
import { type Ledger, rateOf, signaturesHold } from '../../ledger/index.ts'
import { beginningShown, checkpointShown, refusalShown } from '../../verify/evidence/convict.ts'
import type { Conviction } from '../../verify/evidence/conviction.ts'
import type { EvidenceFile } from '../../verify/evidence/evidence-file.ts'
import type { VerifiedRefusal } from '../../verify/refusal.ts'
import { Attempt } from '../attempt.ts'
import type { Target } from '../audit-report.ts'
import type { Fault } from '../fault.ts'
import { LogCopy } from '../read/log-copy.ts'
import type { ReplayTools } from './replay-tools.ts'

/**
 * What a replay proves of a refusal that is called false: the entries that the log had when it refused are hashed and
 * compared with what it signed, replayed as an audit does, and what the rules say of the batch then is compared with
 * the reason that the log signed. SPEC §11.
 *
 * @param file - untrusted.
 * @throws VerifyError `not-proven`, `log-root`, `consistency-proof`, `refusal-signature`, or of `openSigned`;
 *   FormatError.
 */
export async function convictRefusalByReplay(
  { evidence }: EvidenceFile,
  policy: Policy,
  tools: ReplayTools,
): Promise<Conviction> {
  const checkpoint = checkpointShown(evidence.checkpoint, 'checkpoint', policy)
  const refusal = refusalShown(evidence, checkpoint)
  const { size } = refusal
  const { log } = evidence
  check(log !== undefined, 'not-proven', 'the file does not say what has to be replayed')
  check(log.entries <= checkpoint.size, 'not-proven', `the checkpoint has ${checkpoint.size} entries`)
  const root = beginningShown(log.entries, checkpoint, evidence)
  check(log.entries === size, 'not-proven', `it is said of the first ${size} entries`)
  const copy = await LogCopy.of(tools.bundles, { size, root }, undefined, tools.onRead)
  const target = targetOf(checkpoint, size, root)
  const { report, replay } = await new Attempt({ source: copy, onProgress: tools.onReplay }, target).run()
  const faults = faultsInWords(report.faults)
  check(replay !== undefined && faults === '', 'not-proven', `a replay of the ${size} entries finds ${faults}`)
  const { ledger, isBetweenBatches } = replay
  // Inside the first batch a ledger has no state, and is called by its first entry all the same.
  const [first] = decodeEntryBundle(
    await copy.tile({ level: 'entries', index: 0, width: Math.min(BUNDLE_ENTRIES, size) }),
  )
  const ledgerId = ledger.state.ledgerId ?? leafHash(first!)
  check(equalBytes(refusal.ledgerId, ledgerId), 'not-proven', 'the refusal is one of another ledger')
  const found = isBetweenBatches
    ? await pretextOf(refusal, ledger, copy)
    : `the first ${size} entries end inside a batch, and no log ever had so many and no more`
  return {
    code: 'refusal-false',
    origin: checkpoint.origin,
    facts: { log: checkpoint.origin, 'log size': checkpoint.size, 'entries replayed': size, reason: refusal.code },
    shown: [
      'checkpoint and refusal are signed by the log of your policy',
      `the ${size} entries ${tools.from} are the first that it was signed over (all hashed; consistency proof, ` +
        'recomputed)',
      found,
    ],
  }
}

/** The beginning of a log, as what an audit is asked to replay. */
export function targetOf(checkpoint: SignedCheckpoint, size: number, root: Uint8Array): Target {
  return {
    note: new Uint8Array(0),
    checkpoint: { ...checkpoint, size, root, witnesses: [], isWitnessed: false },
    refused: undefined,
    earlier: undefined,
    isBeginning: size < checkpoint.size,
  }
}

/** The first faults of a replay, in words; empty where there are none. */
export function faultsInWords(faults: readonly Fault[]): string {
  return faults
    .slice(0, 3)
    .map(({ code, at }) => (at === undefined ? code : `${code} at entry ${at}`))
    .join(', ')
}

/** The reason of a refusal is the one that the rules have. */
export class TrueReason extends VerifyError {}

/** Why a reason was not true, in a sentence. @throws VerifyError `not-proven` where it was. */
async function pretextOf(refusal: VerifiedRefusal, ledger: Ledger, copy: LogCopy): Promise<string> {
  const { state } = ledger
  if (refusal.time < state.time)
    return `the refusal is of ledger time ${refusal.time}, and the log was at ${state.time} by then`
  if (refusal.time > state.time + state.beatMs)
    return (
      `the refusal is of ledger time ${refusal.time}, and the last of the entries that it names of ${state.time}: the ` +
      `log is never silent for longer than ${state.beatMs} ms before it refuses anything`
    )
  const reason = await reasonOf(refusal, ledger, copy)
  if (reason === refusal.code) throw new TrueReason('not-proven', `the reason is true: by the rules it is "${reason}"`)
  return reason === undefined
    ? 'by the rules there was no reason to refuse the batch'
    : `by the rules the reason would have been "${reason}"`
}

/** Why a batch had to be refused right after the entries of a ledger; undefined where it had not to be. SPEC §7. */
async function reasonOf(
  { signatures, transactions, time }: VerifiedRefusal,
  ledger: Ledger,
  copy: LogCopy,
): Promise<BatchRefusal | undefined> {
  const signers = ledger.signers({ signatures, transactions })
  if (typeof signers === 'string') return signers
  if (!signaturesHold(ledger.state, { signatures, transactions }, signers)) return 'signature-invalid'
  const taken = await takenSince(time - RATE_MINUTE_MS, copy)
  const isOver = (one: Signature) => {
    const rate = rateOf(ledger.state, one)
    return rate > 0 && (taken.get(nameOf(one)) ?? 0) + transactions.count > rate
  }
  return signatures.some(isOver) ? 'rate' : undefined
}

/** How many transactions each signer had in the batches that are later than a time. Reads back from the end. */
async function takenSince(timeMs: number, copy: LogCopy): Promise<Map<string, number>> {
  const taken = new Map<string, number>()
  for (let index = Math.ceil(copy.size / BUNDLE_ENTRIES) - 1; index >= 0; index--) {
    const width = Math.min(BUNDLE_ENTRIES, copy.size - BUNDLE_ENTRIES * index)
    const batches = decodeEntryBundle(await copy.tile({ level: 'entries', index, width }))
      .filter(entry => entry[0] === ENTRY_BATCH)
      .map(entry => decodeBatch(entry))
    for (const { time, signatures, count } of batches)
      if (time > timeMs) for (const one of signatures) taken.set(nameOf(one), (taken.get(nameOf(one)) ?? 0) + count)
    if (batches.some(({ time }) => time <= timeMs)) break
  }
  return taken
}

function nameOf({ class: signerClass, number }: Signature): string {
  return `${signerClass}/${number}`
}
