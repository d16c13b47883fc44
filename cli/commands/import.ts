import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { writeChains } from '../../src/files/chain-file.ts'
import { DetailsWriter } from '../../src/files/details-file.ts'
import { type ImportOptions, type ImportReport, importRetail, importTaobao } from '../../src/issuing/index.ts'
import { UsageError } from '../../src/node/failure.ts'
import { countLines, linesOf } from '../../src/node/lines.ts'
import { readText } from '../../src/node/plain-text.ts'
import { parseProgramme, TEMPLATES } from '../../src/programmes/index.ts'
import { EXIT } from '../failure.ts'
import { type Remote, remoteOptions, wholeNumber } from '../input/options.ts'
import { importSecret, membersOf, referringOptions } from '../input/references.ts'
import { Session } from '../input/session.ts'
import { interruptible } from '../input/signal.ts'
import { proofWords } from '../input/submit.ts'
import { print, printJson, progressBar, table } from '../screen/screen.ts'
import { type BalanceCommandOptions, importBalanceFile } from './import-balances.ts'

interface ImportCommandOptions extends BalanceCommandOptions {
  readonly format: 'taobao' | 'online-retail' | 'balances'
  readonly programme?: string
  readonly details?: string
  readonly chains?: string
}

export function importCommand(program: Command): void {
  const command = program
    .command('import <file>')
    .summary('turn a file of events into points, or import balances of an old system')
    .description(
      'Reads a file of events (plain or .gz), opens accounts as needed, and issues the points of the programme. If you ' +
        'run it twice, in parts, or in another order, it pays once. After an interruption it continues. A file of ' +
        'balances, with commas, semicolons or tabs, imports each balance once for ever; the old system signs it too. ' +
        'If a row is not valid, the command names it and sends nothing.',
    )
    .addOption(
      new Option('--format <name>', 'kind of the file')
        .choices(['taobao', 'online-retail', 'balances'])
        .makeOptionMandatory(),
    )
    .option('--programme <file>', 'the document by which invoices earn, instead of the template purchase')
    .option('--skip-bad', 'leave out malformed lines, and count them, instead of stopping')
    .option(
      '--details <file>',
      'add the details of the issues to this file, each once, for your auditor (tally audit --details)',
    )
    .option(
      '--chains <file>',
      'write all events of all members, also those that earned nothing, for your auditor (tally audit --chains)',
    )
    .option('--source <file>', 'of balances: the key file of the old system, of role source, which signs each of them')
    .option(
      '--map <columns>',
      'of balances: their columns, as "member=id,points=balance,expires=until,matures=from,ref=id+until"; points that ' +
        'expire on a day last to its end; ref names the columns that tell several balances of one member apart',
    )
    .option('--unit <record>', 'of balances: record of the unit; by default the first', wholeNumber)
    .option('--from <account>', 'of balances: the budget; by default the first of the issuer', wholeNumber)
    .addOption(
      new Option('--decimal <mark>', 'of balances: what stands before fractions, where that is not clear').choices([
        'comma',
        'point',
      ]),
    )
    .addOption(
      new Option(
        '--delimiter <character>',
        'of balances: the character between values; found automatically by default',
      ).argParser(text => {
        const character = text === 'tab' ? '\t' : text
        if ([...character].length === 1) return character
        throw new InvalidArgumentError('Expected one character, or tab.')
      }),
    )
    .option('--dry-run', 'of balances: only print what would be imported')
    .option('--json', 'print JSON')
  for (const option of referringOptions()) command.addOption(option)
  for (const option of remoteOptions()) if (option.long !== '--key') command.addOption(option)
  command
    .addHelpText(
      'after',
      '\nExamples:\n  tally import --format taobao UserBehavior.csv.gz\n  tally import --format taobao ' +
        'UserBehavior.csv.gz --details points.jsonl\n\n  tally init --data retail --clock 2010-12-01 && tally ' +
        'serve --data retail\n  tally import --data retail --format online-retail online-retail.csv.gz\n\n  tally import ' +
        '--format balances old.csv --source old.key.json --map "member=id,points=balance,expires=until" --dry-run',
    )
    .action(importFile)
}

/** Options that only one kind of file has. */
const OF_BALANCES = ['source', 'map', 'unit', 'from', 'decimal', 'delimiter', 'dryRun'] as const
const OF_EVENTS = ['programme', 'details', 'chains'] as const

async function importFile(file: string, options: ImportCommandOptions): Promise<void> {
  const isOfBalances = options.format === 'balances'
  const wrong = (isOfBalances ? OF_EVENTS : OF_BALANCES).find(name => options[name] !== undefined)
  if (wrong !== undefined)
    throw new UsageError(
      'settings',
      `--${wrong === 'dryRun' ? 'dry-run' : wrong} is not for files of ${options.format}.`,
    )
  return isOfBalances ? importBalanceFile(file, options) : importEvents(file, options)
}

async function importEvents(file: string, options: ImportCommandOptions): Promise<void> {
  const session = await Session.open(options)
  const [issuer, root, auditor] = await Promise.all(['issuer', 'root', 'auditor'].map(name => session.key(name)))
  const programme =
    options.programme === undefined
      ? parseProgramme(JSON.stringify(TEMPLATES['purchase']))
      : await readText(options.programme, parseProgramme)
  const interrupt = interruptible()
  const started = performance.now()
  const isTaobao = options.format === 'taobao'
  const bar = progressBar('Importing', isTaobao ? 'lines' : 'invoices')
  const lines = isTaobao ? await countLines(file) : 0
  const details = options.details === undefined ? undefined : await DetailsWriter.open(options.details)
  const { chains } = options
  const more: ImportOptions = {
    client: session.client,
    ...(chains === undefined ? {} : { chains: members => writeChains(chains, members) }),
    ...(details === undefined ? {} : { details }),
    issuer: issuer!,
    root: root!,
    auditor: auditor!,
    secret: await importSecret(options.data),
    members: await membersOf(options),
    folder: join(options.data, 'issuing'),
    skipBad: options.skipBad === true,
    signal: interrupt.signal,
    proofWords: index => proofWords(index, options),
    onProgress: (done, total = lines) => bar.update(done, total),
  }
  const report = await (isTaobao
    ? importTaobao(linesOf(file), more)
    : importRetail(linesOf(file), programme, more)
  ).finally(() => {
    bar.stop()
    interrupt.stop()
    return details?.close()
  })
  const seconds = (performance.now() - started) / 1000
  if (options.json) printJson({ file, ...report, seconds })
  else print(show(file, report, seconds, options))
  if (!report.isComplete) process.exitCode = EXIT.interrupted
  else if (Object.keys(report.refused).length > 0) process.exitCode = EXIT.refused
}

function show(file: string, report: ImportReport, seconds: number, remote: Remote): string {
  const { refused, firstRefused, isComplete } = report
  const some = (what: string, count: number, more?: string) =>
    count > 0 ? [['', what, count, ...(more === undefined ? [] : [more])]] : []
  return `${file}: ${isComplete ? 'imported' : 'imported in part'} in ${seconds.toFixed(1)} s\n\n${table([
    ['', 'lines', report.lines],
    ...some('malformed, skipped', report.badLines),
    ['', 'members', report.members, `${report.newMembers} of them new`],
    ['', 'events', report.events, `${report.newEvents} of them new`],
    ...some('changed since they were taken', report.changed, 'nothing is paid for that'),
    ...some('late, or outside of the programme', report.late),
    ['', 'rewards', report.issued, `${report.newlyIssued} of them now`],
    ['', 'events without a reward', report.unrewarded],
    ['', 'points', report.points],
    ...some('points taken back', report.reversed, `in ${report.reversals} reversals`),
    ...Object.entries(refused).map(([outcome, count]) => [
      '',
      `refused: ${outcome}`,
      count,
      `the first is entry ${firstRefused[outcome]}`,
    ]),
  ])}${Object.values(firstRefused)
    .slice(0, 1)
    .map(index => `\n${proofWords(index, remote)}\n`)
    .join('')}`
}
