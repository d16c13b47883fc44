import { join } from 'node:path'
import type { TallyClient } from '../../client/index.ts'
import { CodedError } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { pickDetails } from '../../files/details-file.ts'
import { fileExists, writeBytes } from '../../node/file-system.ts'
import { type EvidenceFile, formatEvidence } from '../../verify/evidence/evidence-file.ts'
import { lacksOf } from '../../verify/evidence/make-evidence.ts'
import type { Audit } from '../audit-report.ts'
import type { OnStage } from '../progress.ts'
import { accuse, type FoundBy } from './accuse.ts'
import { type CarriedLog, carryLog } from './carry-log.ts'
import { EvidenceLines } from './evidence-lines.ts'
import { saltFor } from './prove-evidence.ts'

/** Where evidence goes, and what it may hold. */
export interface EvidencePlace {
  /**
   * A file, or else a folder in which it gets a name: the current one without either, as a ledger may be put right
   * before the next audit.
   */
  readonly evidence?: string
  readonly state?: string
  readonly evidenceLimit: number
  /** Files of details, and whether those of the issues at fault may be shown. */
  readonly details?: readonly string[]
  readonly evidenceDetails?: boolean
}

/** How the work goes on, and what ends it. */
export interface EvidenceWork {
  /** Ends the copy of the log into the file early: the evidence is then kept without it. */
  readonly signal: AbortSignal
  readonly onStage?: OnStage
}

/** Evidence, and where it is. */
export interface KeptEvidence {
  readonly file: EvidenceFile
  readonly path: string
  /** Of what takes a replay to see: what the file carries of the log, or why it does not. */
  readonly carried?: CarriedLog
}

/**
 * Writes down the faults of an audit for others: with the entries of the log, where it takes those to see. What a file
 * says that it proves was found in that file.
 *
 * @param client - of an auditor.
 *
 * @example
 * const place = { state: 'audits', evidenceLimit: 100_000_000 }
 * const { path } = await keepEvidence(await auditLog(options), policy, client, found, place, {})
 */
export async function keepEvidence(
  audit: Audit,
  policy: Policy,
  client: TallyClient,
  found: FoundBy,
  place: EvidencePlace,
  { signal, onStage }: EvidenceWork,
): Promise<KeptEvidence> {
  const { details = [], evidenceDetails = false } = place
  const file = await accuse(audit, policy, {
    ...found,
    onProgress: (done, total) => onStage?.('looking again', done, total),
    // A ledger that will not sign what it served is not asked twice.
    namedAt: () => client.identity().then(({ from }) => from, ignoreCoded),
    saltOf: file => saltFor(file, client).catch(ignoreCoded),
    ...(evidenceDetails && { detailsOf: commitments => pickDetails(details, commitments) }),
  })
  if (file.needs !== 'replay' || lacksOf(file) !== undefined) return { file, path: await keepShort(file, audit, place) }
  const path = await pathFor(file, audit, place, 'jsonl')
  const carried = await carryLog(path, file, audit.bundles, policy, {
    limitBytes: place.evidenceLimit,
    leastBytes: audit.faultlessBytes,
    signal,
    onStage,
  })
  if ('entries' in carried) return { file: { ...file, needs: 'nothing' }, path, carried }
  const isShown = carried.leftOut !== 'not proven'
  const short: EvidenceFile = isShown ? file : { ...file, needs: 'observer' }
  return { file: short, path: await keepShort(short, audit, place), carried }
}

async function keepShort(file: EvidenceFile, audit: Audit, place: EvidencePlace): Promise<string> {
  const path = await pathFor(file, audit, place, 'json')
  await writeBytes(path, formatEvidence(file), file.evidence.details === undefined ? 0o644 : 0o600)
  return path
}

/** Where a file goes: what shows something else is not written over. */
async function pathFor(
  { code }: EvidenceFile,
  { report }: Audit,
  { evidence, state }: EvidencePlace,
  ending: string,
): Promise<string> {
  if (evidence !== undefined) return evidence
  const folder = state ?? '.'
  const path = join(folder, `evidence-${report.treeSize}.${ending}`)
  const isOfOther = (await fileExists(path)) && (await codeIn(path)) !== code
  return isOfOther ? join(folder, `evidence-${report.treeSize}-${code}.${ending}`) : path
}

/** The code of an evidence file; undefined where it is none. */
async function codeIn(path: string): Promise<string | undefined> {
  try {
    const lines = await EvidenceLines.open(path)
    await lines.close()
    return lines.file.code
  } catch (error) {
    return ignoreCoded(error)
  }
}

function ignoreCoded(error: unknown): undefined {
  if (!(error instanceof CodedError)) throw error
  return undefined
}
