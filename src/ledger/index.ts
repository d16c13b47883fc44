/**
 * RULES. The state of a ledger as a function of its entries: registry, accounts, outcomes, seals. The live log, a start
 * and an auditor run the same code. Pure: no clock, no random numbers, no disk. Its callers hand in everything it
 * reads.
 *
 * @example
 * const signers = ledger.signers(batch) // or why the batch is refused whole
 * const hits = ledger.claim(batch.transactions)
 * const seen = await ledger.look(batch.transactions, hits, entryAt)
 * const { entry, statuses } = ledger.commit(batch, signers, time, seen)
 */
export type { UnitTotals } from '../account/account.ts'
export type { Submission } from '../core/entry/submission.ts'
export { listingOf } from './accounts/history-links.ts'
export { Ledger, type LedgerBegin } from './ledger.ts'
export { type KeptOverdue, type Late, Overdue } from './overdue.ts'
export { SnapshotError } from './packer.ts'
export type { KeyRecord, RecordBody, RegistryRecord, Unit } from './registry.ts'
export { Replay, type ReplayOptions } from './replay.ts'
export { rateOf, SignerRates } from './signer-rates.ts'
export {
  BatchVerifier,
  holdsUnder,
  keysNow,
  putKeysNow,
  type Signers,
  signaturesHold,
  type VerifiedSignatures,
  verifySignatures,
} from './signers.ts'
export {
  HEAD_KEY,
  SNAPSHOT_FROM,
  SNAPSHOT_TO,
  type SnapshotCut,
  type SnapshotHead,
  SnapshotWriter,
} from './snapshot/snapshot.ts'
export { SnapshotReader } from './snapshot/snapshot-reader.ts'
export { LedgerState } from './state.ts'
export { Total } from './total.ts'
