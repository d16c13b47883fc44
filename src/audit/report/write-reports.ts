import { utf8Encode } from '../../core/bytes.ts'
import type { Audit } from '../audit-report.ts'
import type { Figures } from '../figures.ts'
import { reportsJson, reportsOf } from './reports.ts'
import { csvOf } from './table.ts'

/**
 * Writes the tables of an audit: a CSV file for each, and `reports.json` with all of them, the checkpoint that they are
 * of, and what was found. Where the replay ended at a fault, they are of the entries before it, and `reports.json` has
 * the fault.
 *
 * @param write - is given each file by its name, `reports.json` last.
 */
export async function writeReports(
  audited: Audit,
  figures: Figures,
  write: (name: string, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const reports = reportsOf(audited, figures)
  for (const table of reports.tables) await write(`${table.name}.csv`, utf8Encode(csvOf(table)))
  await write('reports.json', utf8Encode(`${JSON.stringify(reportsJson(reports), null, 2)}\n`))
}
