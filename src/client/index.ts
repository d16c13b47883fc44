/**
 * CALLER. Builds, signs and submits batches, sends them again safely, and reads statements and tiles. It believes no
 * answer that it has not verified. It knows a policy, and nothing of a server but its bytes. Runs in Node and in
 * browsers.
 *
 * @example
 * const client = new TallyClient({ url: 'http://127.0.0.1:8080', policy })
 * const { statuses } = await client.submit([makeEntry('issue', { debit: 1, credit: 3, amount: 50 })], [issuer])
 */
export { type Policy, parsePolicy } from '../core/note/policy.ts'
export type { LedgerIdentity } from '../verify/identity.ts'
export { type AnswerPaper, paperOf } from './answer-papers.ts'
export type { AccountRow, BudgetRow, ConsentRow, EntryRow, LedgerInfo, ListedAccount, UnitRow } from './answers.ts'
export { type Archived, type ArchiveSource, archivedSince, linesOf, openedSince, type TotalsSource } from './archive.ts'
export {
  AnswerBoundError,
  AnswerBytes,
  type Carried,
  type Carry,
  carryByFetch,
  following,
  type Request,
} from './carry.ts'
export { TallyClient } from './client.ts'
export { tryBatch, type WouldSign } from './dry-run.ts'
export { AnswerError, absent, BatchRefusedError, ClientError, OutcomeError } from './failure.ts'
export { type FeedEntry, type FeedOptions, type FeedPage, feedPage, followFeed } from './feed.ts'
export { type Holder, holderName, publicKeyOf, type SigningKey, signBatch, signerName } from './key.ts'
export {
  consentOf,
  detailsBehind,
  healthOf,
  listAccounts,
  listBudgets,
  listConsents,
  listDue,
  listEntries,
  listUnits,
  type Page,
} from './lists.ts'
export {
  type Draft,
  type FieldsFor,
  freshId,
  fromDraft,
  heldAtMost,
  leafOf,
  makeEntry,
  makeTransaction,
} from './make.ts'
export type { ClientOptions } from './options.ts'
export type { ProvenAnswer } from './proven-answer.ts'
export * as readAs from './read-json.ts'
export { accountUnder, claimRef, isMemberName, memberRef, type RefPlace } from './refs.ts'
export { isKeyOf, type ListedRecord } from './registry.ts'
export { LostAnswerError, type SealedAnswer, sendSealed } from './send-sealed.ts'
export {
  type BalanceAnswer,
  type MergeAnswer,
  type MovementAnswer,
  type OrderAnswer,
  type PointsAnswer,
  ShopClient,
  type ShopClientOptions,
  ShopError,
} from './shop-client.ts'
export {
  type AskPage,
  type ClaimedPage,
  claimedPage,
  pagesOfStatement,
  type StatementQuery,
  statementSearch,
  verifiedPages,
} from './statements.ts'
export { FollowedClock } from './test-clock.ts'
export {
  beginningOf,
  hashesOf,
  inclusionFromTiles,
  nodeFromTiles,
  type ProvenBeginning,
  rootOf,
  type TileSource,
  tilesOf,
} from './tiles.ts'
export { makeToken, TOKEN_TYPE } from './token.ts'
export { addCheckpoint, type CosignAnswer, latestCosigned } from './witness.ts'
