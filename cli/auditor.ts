import type { TallyClient } from '../src/client/index.ts'
import { VerifyError } from '../src/core/failure.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from '../src/core/policy.ts'
import type { Replay } from '../src/ledger/index.ts'
import { Attempt } from './audit-attempt.ts'
import { DamagedState } from './audit-disk.ts'
import type { Bundles } from './bundles.ts'
import type { Figures } from './figures.ts'
import type { KeptLog } from './kept-log.ts'
import type { LogSource } from './log-source.ts'
import type { Rewards, RewardsReport } from './rewards.ts'

/** What an audit found (`tally audit --json`). */
export interface AuditReport {
  /** The signed note that was audited. */
  readonly checkpoint: string
  readonly origin: string
  readonly treeSize: number
  /** Entries replayed without fault, by this audit and by those that it goes on from. */
  readonly entries: number
  /** Of these, by earlier audits, which kept the state that they came to. */
  readonly entriesBefore: number
  readonly transactions: number
  readonly accounts: number
  readonly seals: number
  readonly totals: Readonly<Record<string, Totals>>
  /** What came of applying the rules again, where there were details to do it with. */
  readonly rewards?: RewardsReport
  readonly faults: readonly Fault[]
}

export interface Totals {
  readonly issued: number
  readonly redeemed: number
  readonly expired: number
  readonly reversed: number
  readonly owed: number
}

export interface Fault {
  readonly code: string
  readonly message: string
  /** Log index of the entry at which everyone's replay finds it; not there where no entry is at fault. */
  readonly at?: number
}

/** What a log is replayed from, and with. */
export interface AttemptOptions {
  readonly source: LogSource
  /** What is kept of the log from one audit to the next: the audit goes on from there. */
  readonly kept?: KeptLog
  readonly onProgress: (entries: number, size: number) => void
  /** Counts along, for a report with figures by day and by rule. */
  readonly figures?: Figures
  /** Applies published rules again to what is replayed; its faults are those of the audit. */
  readonly rewards?: Rewards
  readonly tuning?: Tuning
}

export interface AuditOptions extends Omit<AttemptOptions, 'source'> {
  readonly client: TallyClient
  readonly policy: Policy
  /** The checkpoint of an earlier audit, a signed note: the log must have grown out of it. */
  readonly earlier?: Uint8Array
}

/** What changes how an audit goes, and nothing of what it finds. */
export interface Tuning {
  /** Whether threads fetch, hash and verify; by default where it pays. */
  readonly thread?: boolean
  /** Bundles that are replayed at once; 16 by default. */
  readonly bundles?: number
  /** Time from one mark to the next, 10 s by default; at least as much as twenty marks take. */
  readonly markMs?: number
  /** Ids are kept in runs of `2 ** idBits` entries: 2^8 at least, 2^18 at most and by default. */
  readonly idBits?: number
  /** Entries from which on ids are on a disk also without `kept`; 2^22 by default. */
  readonly scratchEntries?: number
}

/** An audit with all that shows its faults to others. */
export interface Audit {
  readonly report: AuditReport
  readonly checkpoint: TrustedCheckpoint
  readonly bundles: Bundles
  readonly replay: Replay
  /** Log index of the last batch, and of the last seal, that was found right; -1 where there is none. */
  readonly lastBatch: number
  readonly lastSeal: number
  /** Bytes of the bundles that were replayed before the first fault: so many at least stand before each. */
  readonly faultlessBytes: number
  /** What rewards were computed again with, where they were. */
  readonly rewards: Rewards | undefined
}

/** What is audited, and what it is compared with. */
export interface Target {
  /** The signed note. */
  readonly note: Uint8Array
  readonly checkpoint: TrustedCheckpoint
  readonly earlier: TrustedCheckpoint | undefined
}

/** What `auditLog` reports. */
export async function audit(options: AuditOptions): Promise<AuditReport> {
  return (await auditLog(options)).report
}

/**
 * Audits a log: replays every rule on every entry, makes every seal, every tile and the root anew, verifies every
 * signature, and compares with tiles and checkpoint. Trusts the policy and nobody else. The first entry that does not follow
 * ends the replay, as nothing behind it can be judged; tiles that differ are all reported.
 *
 * With what an earlier audit kept, begins where that came to: costs what the new entries cost, and reading the state of all
 * accounts and at most 2 MB of ids. What is kept must make the seal and the root that it stands for, and the checkpoint
 * must have grown out of that; what does not hold is deleted. A fault that is found so is not believed: all of it is audited
 * again, from the first entry.
 *
 * @throws ClientError where the ledger does not answer.
 */
export async function auditLog(options: AuditOptions): Promise<Audit> {
  const { client, policy, kept } = options
  const note = await client.checkpoint()
  const checkpoint = openCheckpoint(note, policy)
  if (kept !== undefined && kept.origin !== checkpoint.origin)
    throw new VerifyError('unknown-log', `the checkpoint is of "${checkpoint.origin}", and was of "${kept.origin}"`)
  // Its quorum was demanded when it was audited; who the witnesses are may have changed since.
  const earlier =
    options.earlier === undefined ? undefined : openCheckpoint(options.earlier, { ...policy, quorum: 'none' })
  const target: Target = { note, checkpoint, earlier }
  try {
    const audit = await new Attempt({ ...options, source: client }, target).run()
    if (audit.report.faults.length === 0 || audit.report.entriesBefore === 0) return audit
  } catch (error) {
    if (!(error instanceof DamagedState)) throw error
  }
  await kept?.forget()
  return new Attempt({ ...options, source: client }, target).run()
}
