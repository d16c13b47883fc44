import { type Command, Option } from 'commander'
import { UsageError } from '../../src/node/failure.ts'
import { EXIT } from '../failure.ts'
import { BUCKET_HELP, DEFAULT_DATA, wholeNumber } from '../input/options.ts'
import { print, printJson, progressBar, stageBars } from '../screen/screen.ts'

interface BackupFlags {
  readonly data: string
  readonly keys?: boolean
  readonly json?: boolean
}

interface RestoreFlags {
  readonly data: string
  readonly at?: number
  readonly keys?: string
  readonly json?: boolean
}

export function backupCommand(program: Command): void {
  program
    .command('backup <place>')
    .summary('back up a ledger that does not run, up to its last checkpoint')
    .description(
      'Copies the published part of a ledger to a folder or to s3://BUCKET/PREFIX: entries, details, settings, policy, ' +
        'archive. A second backup copies only what is new. Details that were erased in the ledger are erased in the ' +
        'backup too.',
    )
    .option('--data <dir>', 'data directory of the ledger', DEFAULT_DATA)
    .option('--keys', 'copy the secret keys too; without it, keep them elsewhere')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally backup /backup/points --data /var/lib/tally\n  tally backup ' +
        's3://shop-backup/points --data /var/lib/tally\n\nA running ledger makes its own backup, each ' +
        'minute: tally serve --backup /backup/points\nThe folder has the entries where auditors look for them: ' +
        'tally verify EVIDENCE --log /backup/points' +
        BUCKET_HELP,
    )
    .action(backup)
}

export function restoreCommand(program: Command): void {
  program
    .command('restore <place>')
    .summary('make a data directory from a backup')
    .description(
      'Copies a backup into a new data directory. Verifies every signature, seal and the checkpoint before the directory ' +
        'gets its name. Signs nothing. A ledger that starts on it first asks others for a newer checkpoint. Exits 3 if ' +
        'the backup is damaged.',
    )
    .addOption(new Option('--data <dir>', 'the data directory to make').default(DEFAULT_DATA))
    .addOption(new Option('--at <size>', 'only the first entries, as many as a checkpoint has').argParser(wholeNumber))
    .option('--keys <dir>', 'the folder of the keys, where the backup has none')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally restore /backup/points --data /var/lib/tally --keys /safe/keys\n  tally restore ' +
        '/backup/points --data /tmp/then --keys /safe/keys --at 6192\n  tally restore s3://shop-backup/points --keys /safe/keys' +
        BUCKET_HELP,
    )
    .action(runRestore)
}

async function backup(folder: string, { data, keys = false, json }: BackupFlags): Promise<void> {
  const { backUpStopped } = await import('../../src/operations/index.ts')
  const bar = progressBar('Copying', 'entries')
  const done = await backUpStopped({ data, folder, hasKeys: keys, onProgress: (n, of) => bar.update(n, of) }).finally(
    () => bar.stop(),
  )
  if (json === true) return printJson(done)
  print(
    `${folder} has the ledger up to the checkpoint of ${done.size} entries: ${done.entries} new ones, ${done.details} ` +
      `details, ${done.erased} erased.\n`,
  )
  if (!keys) print('The keys are not in it: keep a copy of DIR/keys elsewhere. Without them nothing can be restored.\n')
}

async function runRestore(folder: string, { data, at, keys, json }: RestoreFlags): Promise<void> {
  const { restore } = await import('../../src/operations/index.ts')
  if (at === 0) throw new UsageError('backup', '--at takes the size of a checkpoint, 1 or more.')
  const bars = stageBars()
  const { size, left, report } = await restore({
    ...{ folder, data, onProgress: bars.onStage },
    ...(at === undefined ? {} : { at }),
    ...(keys === undefined ? {} : { keys }),
  }).finally(() => bars.stop())
  const isWhole = report.faults.length === 0
  process.exitCode = isWhole ? EXIT.ok : EXIT.unavailable
  if (json === true) return printJson({ size, left, ...report })
  for (const { code, message } of report.faults) print(`${code}: ${message}\n`)
  if (!isWhole) return print(`${data} was not made: the backup is damaged.\n`)
  print(
    `${data} has ${size} entries, ${report.seals} seals and ${report.details} details, all of them checked.\n` +
      (left > 0 ? `Left out: the last ${left} entries of the backup.\n` : '') +
      'Entries after the backup are not in it. Start it with tally serve: it asks witnesses, followers and the\n' +
      'published folder for their checkpoints, and prints how many entries are lost.\n',
  )
}
