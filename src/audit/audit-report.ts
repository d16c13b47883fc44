import type { CodedError } from '../core/failure.ts'
import type { TrustedCheckpoint } from '../core/note/policy.ts'
import type { SignedCheckpoint } from '../core/note/signed.ts'
import type { Replay } from '../ledger/index.ts'
import type { Fault } from './fault.ts'
import type { Figures } from './figures.ts'
import type { Bundles } from './read/bundles.ts'
import type { LogSource } from './read/log-source.ts'
import type { KeptLog } from './resume/audited-log.ts'
import type { Rewards, RewardsReport } from './rewards.ts'
import type { SealTimes } from './seal-times.ts'

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
  /** Each time that the ledger went on in another log, and what was dropped of the one before. */
  readonly wentOn: readonly WentOn[]
  /** What came of applying the rules again, where there were details to do it with. */
  readonly rewards?: RewardsReport
  readonly faults: readonly Fault[]
}

/** How a ledger went on in another log (SPEC §3), as the entries say it. */
export interface WentOn {
  /** Names of the log in which it went on, and of the one before. */
  readonly origin: string
  readonly before: string
  /** Log index of the `continue-log`. */
  readonly at: number
  /** Entries of the log before that it goes on from. */
  readonly size: number
  /** Of how many somebody may have a checkpoint, where what stood behind `size` was dropped. */
  readonly seen: number | null
  /** Entries of the log before that were dropped, from index `size` on: so many at least. */
  readonly dropped: number
  /** Of the log before, so many entries had been audited here; not there where none were. */
  readonly audited?: number
}

/** Sums of a unit, in points, as decimal digits: they may be above 2^53. */
export interface Totals {
  readonly issued: string
  /** Brought from an old system. */
  readonly opened: string
  readonly redeemed: string
  readonly expired: string
  /** What came back of that. */
  readonly reinstated: string
  readonly reversed: string
  readonly owed: string
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
  /** When the seals were made that were replayed. */
  readonly sealTimes: SealTimes
}

/** What is audited, and what it is compared with. */
export interface Target {
  /** The signed note. */
  readonly note: Uint8Array
  readonly checkpoint: TrustedCheckpoint
  /** Why the policy does not accept it, where it does not: the log signed it all the same. */
  readonly refused: CodedError | undefined
  readonly earlier: SignedCheckpoint | undefined
  /** The beginning of a longer log: nothing is asked of how it ends, or in which log its ledger was there. */
  readonly isBeginning?: boolean
}
