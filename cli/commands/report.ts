import { type Command, Option } from 'commander'
import {
  csvOf,
  jsonOf,
  makeReports,
  ofMonth,
  REPORT_NAMES,
  type ReportName,
  type Reports,
} from '../../src/audit/index.ts'
import { keepAlive } from '../../src/audit/read/keep-alive.ts'
import { TallyClient } from '../../src/client/index.ts'
import { readShop } from '../../src/files/shop-file.ts'
import { UsageError } from '../../src/node/failure.ts'
import { EXIT } from '../failure.ts'
import { month, type Remote, remoteOptions } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { note, print, printJson, table } from '../screen/screen.ts'

interface ReportOptions extends Remote {
  readonly shop?: string
  readonly state?: string
  readonly period?: string
  readonly csv?: boolean
  readonly json?: boolean
}

/** Requests under way at once. */
const CONNECTIONS = 8

/** `tally report`: one table of a ledger, by an audit of it. */
export function reportCommand(program: Command): void {
  const command = program
    .command('report <name>')
    .summary('print a table of the ledger, computed by an audit: movements, liability, breakage and others')
    .description(
      `Audits the ledger, and prints one of its tables: ${REPORT_NAMES.join(', ')}. These are the tables of ` +
        'tally audit --reports, and of /v1/reports of a gateway. Needs the key of an auditor: that in --data, or that ' +
        'in the file of a shop. Exits 1 if the audit finds a fault; the table then has the entries before the fault.',
    )
  for (const option of remoteOptions()) command.addOption(option)
  command
    .option('--shop <file>', 'the file of a shop: its ledger, its policy, and its key of an auditor')
    .option('--state <dir>', 'keep the progress of the audit here, and continue from there the next time')
    .addOption(new Option('--period <month>', 'the rows of a month, where the table has months').argParser(month))
    .addOption(new Option('--csv', 'print CSV').conflicts('json'))
    .option('--json', 'print JSON, with its checkpoint')
    .addHelpText(
      'after',
      '\nExamples:\n  tally report liability\n  tally report movements --period 2026-11 --csv > november.csv\n' +
        '  tally report breakage --shop shop.json --state audited --json',
    )
    .action(async (name: string, options: ReportOptions) => {
      process.exitCode = await report(name, options)
    })
}

async function report(name: string, options: ReportOptions): Promise<number> {
  if (!REPORT_NAMES.includes(name as ReportName))
    throw new UsageError('settings', `There is no report "${name}". There are: ${REPORT_NAMES.join(', ')}.`)
  const reports = await makeReports(await clientOf(options), options.state)
  const whole = reports.tables.find(one => one.name === name)!
  const shown = options.period === undefined ? whole : ofMonth(whole, options.period)
  const { faults, tables: _, ...place } = reports
  if (options.json) printJson({ ...jsonOf(shown), period: options.period ?? null, ...place, faults })
  else if (options.csv) print(csvOf(shown).replaceAll('\r\n', '\n'))
  else
    print(
      `${shown.says}\n${placeText(reports)}\n\n${table([[...shown.columns], ...shown.rows.map(row => row.map(String))])}`,
    )
  for (const { code, message } of faults) note(`The audit found ${code}: ${message}`)
  return faults.length > 0 ? EXIT.refused : EXIT.ok
}

async function clientOf({ shop: path, ...options }: ReportOptions): Promise<TallyClient> {
  const carry = keepAlive(CONNECTIONS)
  if (path === undefined) {
    const session = await Session.open(options, { carry })
    return session.client.as(await session.auditorKey())
  }
  const { ledger, ledgerId, policy, auditor } = await readShop(path)
  if (auditor === undefined)
    throw new UsageError('key-missing', `${path} has no key of an auditor: tally setup shop --add makes one.`)
  return new TallyClient({ url: ledger, policy, ledgerId, caller: auditor, carry })
}

function placeText({ origin, treeSize, ledgerTime }: Reports): string {
  return `${origin}, ${treeSize} entries, up to ${ledgerTime}.`
}
