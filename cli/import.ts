import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { EXIT } from './failure.ts'
import { fileExists } from './files.ts'
import { type ImportReport, importTaobao } from './importer.ts'
import { newKey, readKey, writeKey } from './keys.ts'
import { countLines, linesOf } from './lines.ts'
import { keyFor, publicClient, type Remote, remoteOptions } from './options.ts'
import { note, print, printJson, progressBar, table } from './screen.ts'

interface ImportCommandOptions extends Remote {
  readonly format: 'taobao'
  readonly skipBad?: boolean
  readonly json?: boolean
}

export function importCommand(program: Command): void {
  const command = program
    .command('import <file>')
    .summary('turn a file of events into points')
    .description(
      'Reads a file of events (plain or .gz), opens accounts as needed, and issues what the published rule gives. Run twice, it pays once; cut off, it goes on where it was.',
    )
    .addOption(new Option('--format <name>', 'what the file is').choices(['taobao']).makeOptionMandatory())
    .option('--skip-bad', 'count lines that are malformed, instead of stopping at the first')
    .option('--json', 'print JSON')
  for (const option of remoteOptions()) if (option.long !== '--key') command.addOption(option)
  command.addHelpText('after', '\nExample:\n  tally import --format taobao UserBehavior.csv.gz').action(importFile)
}

async function importFile(file: string, options: ImportCommandOptions): Promise<void> {
  const client = publicClient(options)
  const keys = { registrar: 'import-registrar', issuer: 'import-issuer', root: 'root' }
  const [registrar, issuer, root] = await Promise.all(Object.values(keys).map(name => keyFor(options, name)))
  const secret = await importSecret(options.data)
  const interrupt = new AbortController()
  const onInterrupt = () => {
    note('Stopping after what is under way. Run the same command again to go on.')
    interrupt.abort()
  }
  process.once('SIGINT', onInterrupt)
  const started = performance.now()
  const bar = progressBar('Importing', 'lines')
  const total = await countLines(file)
  const report = await importTaobao(linesOf(file), {
    client,
    registrar: registrar!,
    issuer: issuer!,
    root: root!,
    secret,
    skipBad: options.skipBad === true,
    signal: interrupt.signal,
    onProgress: lines => bar.update(lines, total),
  }).finally(() => bar.stop())
  process.removeListener('SIGINT', onInterrupt)
  const seconds = (performance.now() - started) / 1000
  if (options.json) printJson({ file, ...report, seconds })
  else print(show(file, report, seconds))
  if (!report.isComplete) process.exitCode = EXIT.interrupted
  else if (Object.keys(report.refused).length > 0) process.exitCode = EXIT.refused
}

/** The secret that imports of this data directory derive ids and owner keys from; made on the first one. */
async function importSecret(data: string): Promise<Uint8Array> {
  const path = join(data, 'keys', 'import-secret.json')
  if (!(await fileExists(path))) await writeKey(path, newKey('import-secret'))
  return (await readKey(path)).seed
}

function show(file: string, report: ImportReport, seconds: number): string {
  const { lines, badLines, members, newMembers, unrewarded, issued, newlyIssued, points, refused, isComplete } = report
  return `${file}: ${isComplete ? 'imported' : 'imported in part'} in ${seconds.toFixed(1)} s\n\n${table([
    ['', 'lines', lines],
    ...(badLines > 0 ? [['', 'malformed, skipped', badLines]] : []),
    ['', 'members', members, `${newMembers} of them new`],
    ['', 'events rewarded', issued, `${newlyIssued} of them now`],
    ['', 'views beyond the cap', unrewarded],
    ['', 'points', points],
    ...Object.entries(refused).map(([outcome, count]) => ['', `refused: ${outcome}`, count]),
  ])}`
}
