import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { type Command, Option } from 'commander'
import { type FeedEntry, feedPage } from '../../src/client/index.ts'
import { type Remote, remoteOptions, wholeNumber } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { csv } from '../screen/csv.ts'
import { note, when } from '../screen/screen.ts'

interface ExportOptions extends Remote {
  readonly format: 'csv' | 'sql'
  readonly out: string
  readonly after: number
}

/** Columns of an entry, in the order in which they are written: what the SQL calls them and what they are. */
const COLUMNS = [
  ['log_index', 'bigint primary key'],
  ['ledger_time', 'timestamp with time zone not null'],
  ['kind', 'varchar(64) not null'],
  ['outcome', 'varchar(64) not null'],
  ['id', 'char(32)'],
  ['debit', 'bigint'],
  ['credit', 'bigint'],
  ['account', 'bigint'],
  ['amount', 'bigint'],
  ['matures', 'timestamp with time zone'],
  ['expires', 'timestamp with time zone'],
  ['opened', 'bigint'],
  ['fields', 'text not null'],
] as const
type ExportCell = string | number | null

const PAGE = 1000
const QUARTER_MS = 900_000

/** `tally export`: the log as rows, for spreadsheets and databases. */
export function exportCommand(program: Command): void {
  const command = program
    .command('export')
    .summary('write the entries of a ledger as CSV or SQL')
    .description(
      'Writes every published transaction of a ledger, also refused ones: a row each, with its log ' +
        'index, outcome, accounts, amount and dates, and all of its fields as JSON. SQL makes the table `entries` in ' +
        'PostgreSQL, SQLite or MySQL. For a key of the platform or an auditor.',
    )
    .addOption(new Option('--format <name>', 'csv or sql').choices(['csv', 'sql']).default('csv'))
    .option('--out <file>', 'where to write it; - for standard output', '-')
    .option('--after <index>', 'only entries after this log index', wholeNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  tally export > entries.csv\n  tally export --format sql --out entries.sql && sqlite3 points.db < ' +
        'entries.sql\n  tally export --after 6200 >> entries.csv',
    )
    .action(exportEntries)
  for (const option of remoteOptions()) command.addOption(option)
}

async function exportEntries(options: ExportOptions): Promise<void> {
  const { format, out, after = -1 } = options
  const client = await (await Session.open(options)).calling('auditor')
  const to = out === '-' ? process.stdout : createWriteStream(out)
  const say = async (text: string) => {
    if (text !== '' && !to.write(text)) await once(to, 'drain')
  }
  // What is added to a file that there is has no head.
  if (after < 0) await say(format === 'csv' ? csv([COLUMNS.map(([name]) => name)]) : tableOf())
  let [next, count] = [after, 0]
  for (;;) {
    const page = await feedPage(client, { after: next, limit: PAGE })
    const rows = page.entries.filter(({ kind }) => kind !== 'seal').map(rowOf)
    await say(format === 'csv' ? csv(rows) : insertOf(rows))
    count += rows.length
    if (page.next === next || page.next >= page.published - 1) break
    next = page.next
  }
  if (out !== '-') {
    to.end()
    await once(to, 'finish')
    note(`Wrote ${count} entries to ${out}.`)
  }
}

function rowOf({ index, kind, ledgerTime, outcome, id, opened, fields }: FeedEntry): ExportCell[] {
  const number = (name: string) => (typeof fields[name] === 'number' ? (fields[name] as number) : null)
  const date = (name: string) => {
    const quarters = number(name)
    return quarters === null || quarters === 0 ? null : when(quarters * QUARTER_MS)
  }
  return [
    ...[index, when(ledgerTime), kind, outcome, id],
    ...[number('debit'), number('credit'), number('account'), number('amount')],
    ...[date('matures'), date('expires'), opened, JSON.stringify(fields)],
  ]
}

function tableOf(): string {
  return `CREATE TABLE entries (\n${COLUMNS.map(([name, type]) => `  ${name} ${type}`).join(',\n')}\n);\n`
}

function insertOf(rows: readonly (readonly ExportCell[])[]): string {
  if (rows.length === 0) return ''
  const value = (cell: ExportCell) =>
    cell === null ? 'NULL' : typeof cell === 'number' ? String(cell) : `'${cell.replaceAll("'", "''")}'`
  return `INSERT INTO entries VALUES\n${rows.map(row => `(${row.map(value).join(', ')})`).join(',\n')};\n`
}
