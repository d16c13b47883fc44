/**
 * ISSUER. Takes events and files, and sends signed batches: a library, not a server. It knows a programme, its counters
 * and the issuer’s key. It derives ids from the events, so a file that is sent again pays nobody twice.
 *
 * @example
 * const report = await importBalances(csvRows('old.csv', ';'), { client, issuer, registrar, source, unit, ...more })
 * console.log(report)
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
