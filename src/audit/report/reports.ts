import type { Audit } from '../audit-report.ts'
import type { Fault } from '../fault.ts'
import type { Figures } from '../figures.ts'
import { booksOf } from './books.ts'
import { jsonOf, type Table } from './table.ts'

/** The tables of an audit, with the checkpoint that they are of. */
export interface Reports {
  readonly origin: string
  /** A signed note. */
  readonly checkpoint: string
  readonly treeSize: number
  /** Entries that were replayed without fault: the tables are of these. */
  readonly entries: number
  /** RFC 3339. */
  readonly ledgerTime: string
  readonly faults: readonly Fault[]
  readonly tables: readonly Table[]
}

/** The names of the tables, in their order. */
export const REPORT_NAMES = [
  ...(['movements', 'liability', 'merchants', 'members', 'tiers', 'ages', 'breakage', 'shops', 'rules'] as const),
  ...(['no-rule', 'budgets', 'outcomes', 'backdated', 'keys', 'duties'] as const),
] as const
export type ReportName = (typeof REPORT_NAMES)[number]

/** The tables of an audit: of one checkpoint they are the same, byte for byte. */
export function reportsOf({ report, replay }: Audit, figures: Figures): Reports {
  const { state } = replay.ledger
  const { origin, checkpoint, treeSize, entries, faults } = report
  return {
    ...{ origin, checkpoint, treeSize, entries, faults },
    ledgerTime: new Date(state.time).toISOString(),
    tables: booksOf(state, figures),
  }
}

/** Reports as plain values for JSON, as `reports.json` has them. */
export function reportsJson({ tables, ...facts }: Reports): object {
  return { format: 'tallystick/reports/v1', ...facts, tables: tables.map(jsonOf) }
}
