/**
 * OPERATOR. Founds and opens a ledger on this machine, backs it up, restores it, and measures it. It knows the data
 * directory and the keys in it, and leaves arguments and screen to `cli`.
 *
 * @example
 * const { log, settings } = await openLedger({ data: 'data', origin: 'points.shop.example', onFailure: console.error })
 * await log.close()
 */
export {
  type BackedUp,
  type BackupOptions,
  type BackupSource,
  backUp,
  backUpAlong,
  backUpStopped,
  type Restored,
  type RestoreOptions,
  restore,
} from './backup.ts'
export { type CheckLedgerOptions, checkLedger } from './check-ledger.ts'
export { confirmClock, isConfirmationWaiting } from './clock-confirmation.ts'
export {
  type ContinuedLedger,
  type ContinueLedgerOptions,
  continueLedger,
  policyLine,
  rootKeysOf,
} from './continue-ledger.ts'
export { type Diagnosis, diagnose } from './doctor.ts'
export { type FollowOptions, followLedger, type PromoteOptions, promote } from './follow-ledger.ts'
export { foundLedger, KEY_NAMES, type KeyName, type Keys } from './founding.ts'
export { LedgerMetrics } from './ledger-metrics.ts'
export { formatMetrics, type Metric, serveMetrics } from './metrics.ts'
export { type JournalOptions, type OpenedJournal, openJournal } from './open-journal.ts'
export { type OpenedLedger, openLedger, type Settings, type SetupOptions } from './open-ledger.ts'
