/**
 * TIME. A running ledger, stage by stage: intake takes batches and gives each its time, the journal orders them, commit
 * applies them and answers when they are on disk, publish seals and signs, recover starts again. Only intake reads the
 * clock.
 *
 * @example
 * const log = await TallyLog.open({ store, clock: systemClock, origin, logSeed, saltSecret, ...periods, onFailure })
 * const { statuses, promise } = await log.submitBytes(submission)
 */
export type { Details, NoDetails } from './details-keeper.ts'
export { BUSY, BusyError, FatalError, HeldError, RefusedError } from './failure.ts'
export { type FollowedCheckpoint, FollowingLog, type Leader } from './follow/following-log.ts'
export type { Lease } from './holds.ts'
export { type Clock, type Doubt, entryClock, systemClock, type WitnessTime } from './intake/clock.ts'
export type { DiskOptions } from './intake/disk-room.ts'
export { GuardedClock } from './intake/guarded-clock.ts'
export {
  type BatchSource,
  inlinePreparer,
  type PendingSubmission,
  type Preparer,
  prepareOne,
} from './intake/prepare.ts'
export { TestClock } from './intake/test-clock.ts'
export { answerPack, type PackAnswer, packOf, preparePack } from './intake/thread-pack.ts'
export { TallyLog } from './log.ts'
export { type LogSigner, seedSigner } from './log-signer.ts'
export type { LogOptions } from './options.ts'
export type { ArchiveFiles } from './publish/archive.ts'
export type { OpenedFiles } from './publish/opened-days.ts'
export type { NoProof, StatementOptions } from './publish/prover.ts'
export type { Published } from './publish/published.ts'
export type { WitnessAnswer, WitnessPort } from './publish/witnesses.ts'
export { type CheckOptions, checkStore, type StoreReport } from './recover/check.ts'
export { type Continued, continueStore } from './recover/continue-store.ts'
export type { Place } from './recover/elsewhere.ts'
export { saltFrom } from './salt.ts'
export type { ServedLog } from './served-log.ts'
