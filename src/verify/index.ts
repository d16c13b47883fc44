/**
 * PROOFS. The checks that a member, or anyone, can make alone: of statements, receipts, promises, refusals and
 * evidence. It knows a policy, and believes no other byte. Pure; a page that imports only `verifyStatement` loads less
 * than 40 kB, compressed, and a test holds that.
 *
 * @example
 * const { balance, unit } = verifyStatement(await readFile('3.statement'), { policy, card })
 */
export { CodedError, FormatError, VerifyError } from '../core/failure.ts'
export type { Checkpoint } from '../core/note/checkpoint.ts'
export { type Policy, parsePolicy } from '../core/note/policy.ts'
export type { LineSigner } from './authority.ts'
export { type BatchAnswer, decodeAnswer, encodeAnswer, logIndexesOf } from './batch-answer.ts'
export { type BatchProof, batchProofFields, readBatchProof, readFields, readHashes, ShownBatch } from './batch-proof.ts'
export type { Book } from './book.ts'
export { type Card, formatCard, parseCard } from './card.ts'
export { type BrokenPromise, brokenPromise } from './evidence/broken-promise.ts'
export { beginningShown, checkpointShown, convict } from './evidence/convict.ts'
export { convictLog, isLogFault } from './evidence/convict-log.ts'
export type { Conviction } from './evidence/conviction.ts'
export {
  EVIDENCE_BYTES_MAX,
  EVIDENCE_TAG,
  type EvidenceFile,
  type Exhibits,
  evidenceJson,
  formatEvidence,
  type Needs,
  parseEvidence,
  SHOWN_DETAILS_MAX,
  type ShownAccount,
  type ShownDetails,
  type ShownEntry,
  type ShownLog,
  type ShownRecord,
  type ShownSalt,
  shownHashes,
} from './evidence/evidence-file.ts'
export { identityFrom, type LedgerIdentity } from './identity.ts'
export type { KeptState } from './kept-state.ts'
export {
  formatOpened,
  type OpenedTotals,
  openTotals,
  parseOpened,
  type SignedTotals,
  sealedDay,
  signedTotals,
  totalsMessage,
} from './opened-totals.ts'
export { decodePage, encodePage, PAGE_TAG, pagesIn, type StatementPage } from './page.ts'
export {
  type BatchPromise,
  decodePromise,
  encodePromise,
  PROMISE_TAG,
  type PromiseFile,
  type PromiseHead,
  promiseMessage,
  saltsMessage,
  verifyPromise,
  verifyPromiseUnder,
} from './promise.ts'
export type { KeptRecord } from './proven-records.ts'
export {
  checkReceipt,
  formatReceipt,
  parseReceipt,
  RECEIPT_TAG,
  type Receipt,
  type VerifiedReceipt,
  verifyReceipt,
} from './receipt.ts'
export {
  type DecodedRefusal,
  decodeRefusal,
  encodeRefusal,
  REFUSAL_TAG,
  type RefusalFile,
  type RefusalHead,
  refusalMessage,
  type SignedRefusal,
  type VerifiedRefusal,
  verifyRefusal,
} from './refusal.ts'
export { type RegistryRow, verifyRegistry } from './registry.ts'
export {
  decodeStatement,
  encodeStatement,
  STATEMENT_TAG,
  type Statement,
  type StatementBatch,
  type StatementLink,
  type StatementPlace,
  type StatementRecord,
  type StatementSeries,
  withoutLines,
} from './statement.ts'
export { StatementPages } from './statement-pages.ts'
export type { StatementTrust, VerifiedLine, VerifiedPage, VerifiedStatement } from './verified-statement.ts'
export { type AskedBatch, type VerifiedAnswer, verifyAnswer } from './verify-answer.ts'
export { verifyStatement } from './verify-statement.ts'
export type { WhoMay } from './who-may.ts'
