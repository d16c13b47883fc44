import { dirname, join } from 'node:path'
import { beginningOf } from '../../client/index.ts'
import { toBase64, toHex } from '../../core/bytes.ts'
import { engine } from '../../core/crypto/engine.ts'
import type { BatchRefusal } from '../../core/entry/outcome.ts'
import { CodedError, VerifyError } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { readBytes, writeBytes } from '../../node/file-system.ts'
import { convict } from '../../verify/evidence/convict.ts'
import { type EvidenceFile, type Exhibits, formatEvidence, shownHashes } from '../../verify/evidence/evidence-file.ts'
import { decodeRefusal, verifyRefusalUnder } from '../../verify/refusal.ts'
import type { Audit } from '../audit-report.ts'
import type { FoundBy } from './accuse.ts'
import { type CarriedLog, carryLog } from './carry-log.ts'
import type { EvidencePlace, EvidenceWork } from './keep-evidence.ts'
import { convictRefusalByReplay, TrueReason } from './replay-refusal.ts'

/** What an audit found of a refusal that somebody handed in. */
export interface JudgedRefusal {
  readonly file: string
  /** The reason that the log signed, and of how many entries; undefined where it signed no such refusal. */
  readonly reason: BatchRefusal | undefined
  readonly size: number | undefined
  /** `true` and `false` are said of the reason. */
  readonly verdict: 'true' | 'false' | 'not judged'
  readonly why: string
  /** Of one whose reason is false: where it is shown to others, and what that carries of the log. */
  readonly evidence?: { readonly path: string; readonly carried: CarriedLog }
}

const NOT_JUDGED = 'not judged'

/**
 * Judges refusals that members hand to an auditor (SPEC §9): replays the log as it was when each was signed, and writes
 * down those whose reason is false as evidence for everyone (`refusal-false`). Costs a replay of the beginning of the
 * log for each.
 *
 * @param paths - of untrusted files. A file that is no refusal of this log is said to be none, and ends nothing.
 * @throws ClientError where the ledger serves its entries no more; UsageError where a file cannot be read or written.
 */
export async function judgeRefusals(
  paths: readonly string[],
  audit: Audit,
  policy: Policy,
  found: FoundBy,
  place: EvidencePlace,
  work: EvidenceWork,
): Promise<JudgedRefusal[]> {
  const judged: JudgedRefusal[] = []
  for (const file of paths) judged.push(await judge(file, audit, policy, found, place, work))
  return judged
}

async function judge(
  file: string,
  audit: Audit,
  policy: Policy,
  { url, time }: FoundBy,
  place: EvidencePlace,
  work: EvidenceWork,
): Promise<JudgedRefusal> {
  const bytes = await readBytes(file)
  const { bundles, checkpoint, report } = audit
  const refusal = refusalIn(bytes, audit)
  if ('why' in refusal) return { file, reason: undefined, size: undefined, verdict: NOT_JUDGED, why: refusal.why }
  const { code: reason, size } = refusal
  const said = { file, reason, size }
  if (size === 0) return { ...said, verdict: NOT_JUDGED, why: 'it is of a log without entries' }
  const head: Omit<EvidenceFile, 'evidence'> = { ...HEAD, origin: report.origin, url, time }
  if (size > checkpoint.size) {
    const found = await shorterThan({ checkpoint: report.checkpoint, refusal: toBase64(bytes) }, head, audit, policy)
    if (found === undefined)
      return { ...said, verdict: NOT_JUDGED, why: `the checkpoint has ${checkpoint.size} entries: audit a later one` }
    const path = `${pathFor(bytes, place)}.json`
    await writeBytes(path, formatEvidence(found))
    return { ...said, verdict: 'false', why: found.message, evidence: { path, carried: { entries: 0, bytes: 0 } } }
  }
  const { root, proof } = await beginningOf(size, checkpoint, bundles.tileAt)
  const evidence: Exhibits = {
    checkpoint: report.checkpoint,
    refusal: toBase64(bytes),
    ...(size < checkpoint.size ? { root: toBase64(root), proof: shownHashes(proof) } : {}),
    log: { entries: size, bundles: 0 },
  }
  const { signal, onStage } = work
  try {
    const { shown } = await convictRefusalByReplay({ ...head, evidence }, policy, {
      bundles,
      from: 'that the ledger serves',
      onRead: (entries, of) => onStage?.('reading the log', entries, of),
      onReplay: (entries, of) => onStage?.('replaying', entries, of),
    })
    const made: EvidenceFile = { ...head, message: shown.at(-1)!, evidence }
    const name = pathFor(bytes, place)
    const options = { limitBytes: place.evidenceLimit, signal, onStage }
    const carried = await carryLog(`${name}.jsonl`, made, bundles, policy, options)
    const path = 'entries' in carried ? `${name}.jsonl` : `${name}.json`
    if (!('entries' in carried)) await writeBytes(path, formatEvidence(made))
    return { ...said, verdict: 'false', why: shown.at(-1)!, evidence: { path, carried } }
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    return { ...said, verdict: error instanceof TrueReason ? 'true' : NOT_JUDGED, why: error.message }
  }
}

/** The evidence that a log had fewer entries, at a later time, than a refusal names; undefined where it is none. */
async function shorterThan(
  notes: Exhibits,
  head: Omit<EvidenceFile, 'evidence'>,
  { bundles, checkpoint }: Audit,
  policy: Policy,
): Promise<EvidenceFile | undefined> {
  const index = checkpoint.size - 1
  const { entry, proof } = await bundles.provenWith(index)
  const evidence: Exhibits = { ...notes, entries: [{ index, entry: toBase64(entry), proof: shownHashes(proof) }] }
  try {
    const { shown } = convict({ ...head, evidence }, policy)
    return { ...head, needs: 'nothing', message: shown.at(-1)!, evidence }
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error
    return undefined
  }
}

const HEAD = { code: 'refusal-false', message: '', needs: 'replay' } as const

/** The refusal that a file holds, which the log of the checkpoint signed; why there is none, where it holds none. */
function refusalIn(bytes: Uint8Array, { checkpoint }: Audit) {
  try {
    return verifyRefusalUnder(decodeRefusal(bytes), checkpoint.logs)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return { why: `it is no refusal that this log signed: ${error.code}, ${error.message}` }
  }
}

/** Beside other evidence, by the file that was handed in: handed in once more, it goes to the same place. */
function pathFor(refusal: Uint8Array, { evidence, state }: EvidencePlace): string {
  const folder = evidence === undefined ? (state ?? '.') : dirname(evidence)
  return join(folder, `evidence-refused-${toHex(engine().sha256(refusal).subarray(0, 8))}`)
}
