/**
 * ISSUER. Events and files in, signed batches out: a library, no server. Ids are derived from each event, so that a
 * file that is sent again pays nobody twice.
 */
export { accountRewards } from './account-rewards.ts'
export { type BalanceImportOptions, type BalanceReport, importBalances } from './balance-file.ts'
export { type BalanceMap, parseBalanceMap, type RowFault } from './balance-rows.ts'
export { importTaobao } from './behaviour-file.ts'
export { Derivation } from './derivation.ts'
export type { AnsweredReward, EventAnswer, EventStatus, SignedAnswer } from './event-answer.ts'
export { dataOf, type EventRecord, type RewardRecord, type RewardState } from './event-record.ts'
export type { ImportedMembers, ImportOptions, ImportReport } from './import-run.ts'
export { importRetail } from './invoice-file.ts'
export type { DetailsSink, IssuingOptions, LedgerHistory, MemberAccounts } from './issuing-options.ts'
export { IssuingService } from './issuing-service.ts'
export { type LedgerReward, ledgerRewards } from './ledger-rewards.ts'
export { type PublishedProgramme, publishedVersions, type UnitPlace } from './published.ts'
export { RefAccounts, type RefAccountsOptions } from './ref-accounts.ts'
