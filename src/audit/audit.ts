import { ClientError, type TallyClient } from '../client/index.ts'
import { FormatError, VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import { openAnyway, openSigned } from '../core/note/signed.ts'
import { Attempt } from './attempt.ts'
import type { AttemptOptions, Audit, AuditReport, Target } from './audit-report.ts'
import { type OpenedFindings, openedTotalsOf } from './opened-totals.ts'
import { DamagedState } from './resume/rows-on-disk.ts'
import { comparedWithBefore } from './went-on.ts'
import { faultsWithheld, whyUnserved } from './withheld.ts'

export interface AuditOptions extends Omit<AttemptOptions, 'source'> {
  readonly client: TallyClient
  readonly policy: Policy
  /** The checkpoint of an earlier audit, a signed note: the log must have grown out of it. */
  readonly earlier?: Uint8Array
  /** Of a log in which the ledger was before, the checkpoint of its last audit, a signed note. */
  readonly earlierOf?: (origin: string) => Promise<Uint8Array | undefined>
  /** Notes that were signed, and could not be audited before: the log must have one history with them. Untrusted. */
  readonly withheld?: readonly Uint8Array[]
  /** Is told the checkpoint that is audited, as soon as it is known that the log signed it. */
  readonly onSigned?: (note: Uint8Array) => void
}

/** An audit of a log, and what it found of the totals that the log opened. */
export interface AuditedLog extends Audit {
  readonly opened: OpenedFindings
}

/**
 * What `auditLog` reports.
 *
 * @example
 * const { faults, treeSize } = await audit({ client, policy, onProgress: () => undefined })
 */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  return (await auditLog(options)).report
}

/**
 * Audits a log: replays every rule on every entry, makes every seal, every tile and the root again, verifies every
 * signature, and compares with tiles and checkpoint. Trusts the policy and nobody else. The first entry that does not
 * follow ends the replay, as nothing after it can be judged; tiles that differ are all reported.
 *
 * With what an earlier audit kept, begins where that came to: costs what the new entries cost, and reading the state of
 * all accounts and at most 2 MB of ids. What is kept must make the seal and the root that it stands for, and the
 * checkpoint must have grown out of that; what does not hold is deleted. A fault that is found so is not believed: all
 * of it is audited again, from the first entry.
 *
 * A checkpoint that the policy does not accept, and that the log signed, is audited all the same: why it is not
 * accepted is the first fault, and what the log signed in it may be a worse one.
 *
 * @throws WithheldError where the ledger answers, and not with what it signed; ClientError where it does not answer;
 *   VerifyError `unknown-log`, `log-signature`, or FormatError, where the log signed nothing.
 */
export async function auditLog(options: AuditOptions): Promise<AuditedLog> {
  const { client, policy, kept, withheld = [] } = options
  const note = await client.checkpoint()
  const served = targetOf(note, policy)
  options.onSigned?.(served.note)
  const { checkpoint } = served
  if (kept !== undefined && kept.origin !== checkpoint.origin)
    throw new VerifyError('unknown-log', `the checkpoint is of "${checkpoint.origin}", and was of "${kept.origin}"`)
  // Its quorum was demanded when it was audited; who the witnesses are may have changed since.
  const earlier = options.earlier === undefined ? undefined : openSigned(options.earlier, policy)
  const target: Target = { ...served, earlier }
  try {
    const audited = await attempted(options, target)
    const { faults } = audited.report
    const isSure = faults.length === 0
    const opened = await openedTotalsOf(audited, client, policy).catch(unless(isSure, NOTHING_OPENED))
    const others = await faultsWithheld(withheld, checkpoint, policy, client).catch(unless(isSure, []))
    const { earlierOf = async () => undefined } = options
    const before = await comparedWithBefore(audited, earlierOf).catch(unless(isSure, { ...audited.report, faults: [] }))
    const found = [...faults, ...before.faults, ...opened.faults, ...others]
    return { ...audited, opened, report: { ...audited.report, wentOn: before.wentOn, faults: found } }
  } catch (error) {
    throw await whyUnserved(error, client, checkpoint)
  }
}

/** What stands for something that the ledger does not answer, where that is not all that there is to be said of it. */
function unless<T>(isToBeSaid: boolean, instead: T): (error: unknown) => T {
  return error => {
    if (isToBeSaid || !(error instanceof ClientError)) throw error
    return instead
  }
}

const NOTHING_OPENED: OpenedFindings = { days: 0, unopened: [], remarks: [], faults: [] }

async function attempted({ client, kept, ...options }: AuditOptions, target: Target): Promise<Audit> {
  const all = { ...options, ...(kept === undefined ? {} : { kept }), source: client }
  try {
    const audit = await new Attempt(all, target).run()
    if (audit.report.faults.length === 0 || audit.report.entriesBefore === 0) return audit
  } catch (error) {
    if (!(error instanceof DamagedState)) throw error
  }
  await kept?.forget()
  return new Attempt(all, target).run()
}

function targetOf(note: Uint8Array, policy: Policy): Omit<Target, 'earlier'> {
  const opened = openAnyway(note, policy)
  if ('accepted' in opened) return { note, checkpoint: opened.accepted, refused: undefined }
  const { signed, refusal } = opened
  const checkpoint = { ...signed, witnesses: [], isWitnessed: policy.quorum !== 'none' }
  // What is no note at all cannot be shown as one.
  return { note: refusal instanceof FormatError ? signed.note : note, checkpoint, refused: refusal }
}
