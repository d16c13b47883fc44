import { utf8Encode } from '../../core/bytes.ts'
import type { Audit } from '../audit-report.ts'
import type { Figures } from '../figures.ts'
import { booksOf } from './books.ts'
import { csvOf, jsonOf } from './table.ts'

/**
 * Writes the tables of an audit: a CSV file for each, and `reports.json` with all of them, the checkpoint that they are
 * of, and what was found. Where the replay ended at a fault, they are of the entries before it, and `reports.json` has
 * the fault.
 *
 * @param write - is given each file by its name, `reports.json` last.
 */
export async function writeReports(
  { report, replay }: Audit,
  figures: Figures,
  write: (name: string, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const { state } = replay.ledger
  const tables = booksOf(state, figures)
  for (const table of tables) await write(`${table.name}.csv`, utf8Encode(csvOf(table)))
  const { checkpoint, origin, treeSize, entries, faults } = report
  const all = {
    format: 'tallystick/reports/v1',
    origin,
    checkpoint,
    treeSize,
    entries,
    ledgerTime: new Date(state.time).toISOString(),
    faults,
    tables: tables.map(jsonOf),
  }
  await write('reports.json', utf8Encode(`${JSON.stringify(all, null, 2)}\n`))
}
