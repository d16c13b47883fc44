/**
 * AUDITOR. Replays a whole log, finds every fault, and writes evidence that a stranger can check. It reads the bytes of
 * a ledger that are public, or open to auditors. It trusts a policy and nobody else, and imports no code of the server.
 *
 * @example
 * const report = await audit({ client, policy, onProgress: (entries, size) => console.log(entries, '/', size) })
 * if (report.faults.length > 0) throw new Error(report.faults[0].message)
 */
export { type AuditOptions, audit, auditLog } from './audit.ts'
export type { AttemptOptions, Audit, AuditReport, Target, Totals, Tuning } from './audit-report.ts'
export { type EvidencePlace, type EvidenceWork, type KeptEvidence, keepEvidence } from './evidence/keep-evidence.ts'
export { type EvidenceMeans, findEvidence, type ProvenEvidence } from './evidence/prove-evidence.ts'
export type { Fault } from './fault.ts'
export { Figures } from './figures.ts'
export { type LedgerTime, ledgerTimeOf } from './ledger-time.ts'
export type { OnStage, Stage } from './progress.ts'
export { keepAlive } from './read/keep-alive.ts'
export { booksOf } from './report/books.ts'
export { type ClosedBooks, lateTable } from './report/late.ts'
export { makeReports } from './report/make-reports.ts'
export { auditPage } from './report/page.ts'
export { REPORT_NAMES, type ReportName, type Reports, reportsJson } from './report/reports.ts'
export { ReportsThread } from './report/reports-thread.ts'
export { type Cell, csvOf, jsonOf, ofMonth, type Table, tableOf } from './report/table.ts'
export { KeptLog } from './resume/audited-log.ts'
export { Rewards, type RewardsReport } from './rewards.ts'
export { type FoundTexts, type MissingText, type RuleTexts, ruleTexts } from './rule-texts.ts'
