import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { DetailsWriter } from '../../src/files/details-file.ts'
import { newKey, readKey, writeKey } from '../../src/files/key-files.ts'
import { type ImportReport, importTaobao } from '../../src/issuing/behaviour-file.ts'
import { importRetail } from '../../src/issuing/invoice-file.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { countLines, linesOf } from '../../src/node/lines.ts'
import { EXIT } from '../failure.ts'
import { type Remote, remoteOptions } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { proofWords } from '../input/submit.ts'
import { note, print, printJson, progressBar, table } from '../screen/screen.ts'

interface ImportCommandOptions extends Remote {
  readonly format: 'taobao' | 'online-retail'
  readonly skipBad?: boolean
  readonly details?: string
  readonly json?: boolean
}

export function importCommand(program: Command): void {
  const command = program
    .command('import <file>')
    .summary('turn a file of events into points')
    .description(
      'Reads a file of events (plain or .gz), opens accounts as needed, and issues what the published rule ' +
        'gives. Run twice, it pays once; cut off, it goes on where it was.',
    )
    .addOption(
      new Option('--format <name>', 'what the file is').choices(['taobao', 'online-retail']).makeOptionMandatory(),
    )
    .option('--skip-bad', 'count lines that are malformed, instead of stopping at the first')
    .option(
      '--details <file>',
      'add to this file what the issues commit to, for your auditor (tally audit --details); each stands in it once',
    )
    .option('--json', 'print JSON')
  for (const option of remoteOptions()) if (option.long !== '--key') command.addOption(option)
  command
    .addHelpText(
      'after',
      '\nExamples:\n  tally import --format taobao UserBehavior.csv.gz\n  tally import --format taobao ' +
        'UserBehavior.csv.gz --details points.jsonl\n\n  tally init --data retail --clock 2010-12-01 && tally ' +
        'serve --data retail\n  tally import --data retail --format online-retail online-retail.csv.gz',
    )
    .action((file: string, options: ImportCommandOptions) =>
      options.format === 'taobao' ? importFile(file, options) : importInvoices(file, options),
    )
}

async function importFile(file: string, options: ImportCommandOptions): Promise<void> {
  const session = await Session.open(options)
  const { client } = session
  const [issuer, root] = await Promise.all(['issuer', 'root'].map(name => session.key(name)))
  const secret = await importSecret(options.data)
  const interrupt = interruptible()
  const started = performance.now()
  const bar = progressBar('Importing', 'lines')
  const total = await countLines(file)
  const details = await detailsOf(options)
  const report = await importTaobao(linesOf(file), {
    client,
    ...(details === undefined ? {} : { details }),
    issuer: issuer!,
    root: root!,
    secret,
    skipBad: options.skipBad === true,
    signal: interrupt.signal,
    proofWords: index => proofWords(index, options),
    onProgress: lines => bar.update(lines, total),
  }).finally(() => {
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

async function importInvoices(file: string, options: ImportCommandOptions): Promise<void> {
  const names = ['registrar', 'issuer', 'root']
  const session = await Session.open(options)
  const [registrar, issuer, root] = await Promise.all(names.map(name => session.key(name)))
  const interrupt = interruptible()
  const started = performance.now()
  const bar = progressBar('Importing', 'invoices')
  const details = await detailsOf(options)
  const report = await importRetail(linesOf(file), {
    ...(details === undefined ? {} : { details }),
    client: session.client.as(registrar!),
    registrar: registrar!,
    issuer: issuer!,
    root: root!,
    secret: await importSecret(options.data),
    signal: interrupt.signal,
    proofWords: index => proofWords(index, options),
    onProgress: (done, total) => bar.update(done, total),
  }).finally(() => {
    bar.stop()
    interrupt.stop()
    return details?.close()
  })
  const seconds = (performance.now() - started) / 1000
  if (options.json) printJson({ file, ...report, seconds })
  else
    print(
      `${file}: ${report.isComplete ? 'imported' : 'imported in part'} in ${seconds.toFixed(1)} s\n\n${table(
        Object.entries(report).flatMap(([name, value]) => (typeof value === 'number' ? [['', name, value]] : [])),
      )}`,
    )
  if (!report.isComplete) process.exitCode = EXIT.interrupted
}

/** The file of `--details`. */
async function detailsOf({ details }: ImportCommandOptions): Promise<DetailsWriter | undefined> {
  return details === undefined ? undefined : DetailsWriter.open(details)
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

/** The secret that imports of this data directory derive ids and owner keys from; made on the first one. */
async function importSecret(data: string): Promise<Uint8Array> {
  const path = join(data, 'keys', 'import-secret.json')
  if (!(await fileExists(path))) await writeKey(path, newKey('import-secret'))
  return (await readKey(path)).seed
}

function show(file: string, report: ImportReport, seconds: number, remote: Remote): string {
  const {
    lines,
    badLines,
    members,
    newMembers,
    unrewarded,
    issued,
    newlyIssued,
    points,
    refused,
    firstRefused,
    isComplete,
  } = report
  return `${file}: ${isComplete ? 'imported' : 'imported in part'} in ${seconds.toFixed(1)} s\n\n${table([
    ['', 'lines', lines],
    ...(badLines > 0 ? [['', 'malformed, skipped', badLines]] : []),
    ['', 'members', members, `${newMembers} of them new`],
    ['', 'events rewarded', issued, `${newlyIssued} of them now`],
    ['', 'views beyond the cap', unrewarded],
    ['', 'points', points],
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
