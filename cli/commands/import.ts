import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { DetailsWriter } from '../../src/files/details-file.ts'
import {
  type ImportedMembers,
  type ImportOptions,
  type ImportReport,
  importRetail,
  importTaobao,
} from '../../src/issuing/index.ts'
import { readParsed } from '../../src/node/file-system.ts'
import { countLines, linesOf } from '../../src/node/lines.ts'
import { parseProgramme, TEMPLATES } from '../../src/programmes/index.ts'
import { EXIT } from '../failure.ts'
import { type Remote, remoteOptions } from '../input/options.ts'
import { importSecret, type Referring, referringOptions, refSecret, sponsorIn } from '../input/references.ts'
import { Session } from '../input/session.ts'
import { proofWords } from '../input/submit.ts'
import { note, print, printJson, progressBar, table } from '../screen/screen.ts'

interface ImportCommandOptions extends Remote, Referring {
  readonly format: 'taobao' | 'online-retail'
  readonly programme?: string
  readonly skipBad?: boolean
  readonly details?: string
  readonly json?: boolean
}

export function importCommand(program: Command): void {
  const command = program
    .command('import <file>')
    .summary('turn a file of events into points')
    .description(
      'Reads a file of events (plain or .gz), opens accounts as needed, and issues what the programme gives. Run ' +
        'twice, in parts, or in another order, it pays once; cut off, it goes on where it was.',
    )
    .addOption(
      new Option('--format <name>', 'kind of the file').choices(['taobao', 'online-retail']).makeOptionMandatory(),
    )
    .option('--programme <file>', 'the document by which invoices earn, instead of the template purchase')
    .option('--skip-bad', 'count lines that are malformed, instead of stopping at the first')
    .option(
      '--details <file>',
      'add to this file what the issues commit to, for your auditor (tally audit --details); each stands in it once',
    )
    .option('--json', 'print JSON')
  for (const option of referringOptions()) command.addOption(option)
  for (const option of remoteOptions()) if (option.long !== '--key') command.addOption(option)
  command
    .addHelpText(
      'after',
      '\nExamples:\n  tally import --format taobao UserBehavior.csv.gz\n  tally import --format taobao ' +
        'UserBehavior.csv.gz --details points.jsonl\n\n  tally init --data retail --clock 2010-12-01 && tally ' +
        'serve --data retail\n  tally import --data retail --format online-retail online-retail.csv.gz',
    )
    .action(importFile)
}

async function importFile(file: string, options: ImportCommandOptions): Promise<void> {
  const session = await Session.open(options)
  const [issuer, root, auditor] = await Promise.all(['issuer', 'root', 'auditor'].map(name => session.key(name)))
  const programme =
    options.programme === undefined
      ? parseProgramme(JSON.stringify(TEMPLATES['purchase']))
      : await readParsed(options.programme, parseProgramme)
  const interrupt = interruptible()
  const started = performance.now()
  const isTaobao = options.format === 'taobao'
  const bar = progressBar('Importing', isTaobao ? 'lines' : 'invoices')
  const lines = isTaobao ? await countLines(file) : 0
  const details = options.details === undefined ? undefined : await DetailsWriter.open(options.details)
  const more: ImportOptions = {
    client: session.client,
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

/** A signal that Ctrl-C gives, instead of ending the process at once. */
function interruptible(): { readonly signal: AbortSignal; stop(): void } {
  const interrupt = new AbortController()
  const onInterrupt = () => {
    note('Stopping after what is under way. Run the same command again to go on.')
    interrupt.abort()
  }
  process.once('SIGINT', onInterrupt)
  return { signal: interrupt.signal, stop: () => process.removeListener('SIGINT', onInterrupt) }
}

/** Whose the members of a file are. A shop's are opened as its gateway opens them: its custodian acts for them. */
async function membersOf(options: ImportCommandOptions): Promise<ImportedMembers> {
  const made = await refSecret(options, true)
  const holder = made.shop?.keys.custodian.holder
  const custodian =
    holder !== undefined && 'record' in holder ? { record: holder.record, leaf: made.shop!.custodianLeaf } : undefined
  return {
    secret: made.secret,
    sponsorOf: unit => sponsorIn(options, made, unit) ?? undefined,
    ...(custodian === undefined ? {} : { custodian }),
  }
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
