export { ACCEPTED, type BatchRefusal, EXISTS, OUTCOMES, type Outcome } from '../core/outcome.ts'
export type { IdsCut } from './begun-run.ts'
export { FINGERPRINT_SECRET_BYTES as ID_SECRET_BYTES, latestTime } from './fingerprint.ts'
export { Ids, type IdsOptions, type ReadEntries } from './ids.ts'
export { type Committed, Ledger, type LedgerBegin } from './ledger.ts'
export type { Postings } from './links.ts'
export { SnapshotError } from './pack.ts'
export type { KeyRecord, RecordBody, RegistryRecord, Unit } from './registry.ts'
export { Replay, type ReplayOptions } from './replay.ts'
export { MemoryRows, openRow, type Row, type Rows, RowWriter, rowKey, rowsByNumber, sealRow } from './rows.ts'
export { Runs } from './runs.ts'
export type { Hit, Seen } from './seen.ts'
export {
  BatchVerifier,
  type Checked,
  holdsUnder,
  keysNow,
  putKeysNow,
  type Signers,
  type Submission,
  signaturesHold,
  verifySignatures,
} from './signers.ts'
export {
  HEAD_KEY,
  SNAPSHOT_FROM,
  SNAPSHOT_TO,
  type SnapshotCut,
  type SnapshotHead,
  SnapshotWriter,
} from './snapshot.ts'
export { SnapshotReader } from './snapshot-reader.ts'
export { LedgerState } from './state.ts'
