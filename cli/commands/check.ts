import type { Command } from 'commander'
import { EXIT } from '../failure.ts'
import { DEFAULT_DATA } from '../input/options.ts'
import { note, print, printJson, progressBar, table } from '../screen/screen.ts'

export function checkCommand(program: Command): void {
  program
    .command('check')
    .summary('read all that a ledger stored, and derive it again')
    .description(
      'Reads everything in the data directory of a ledger that does not run: every entry, signature and seal, ' +
        'the state, the index, and what is kept off the log. Says what is damaged, and what of that is made again ' +
        'by itself. Exits 3 where something is that is not.',
    )
    .option('--data <dir>', 'data directory', DEFAULT_DATA)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  tally check\n  tally check --data /var/lib/tally --json')
    .action(check)
}

async function check({ data, json }: { readonly data: string; readonly json?: boolean }): Promise<void> {
  const { checkLedger } = await import('../../src/operations/check-ledger.ts')
  const bar = progressBar('Reading and replaying', 'entries')
  const mended: string[] = []
  const report = await checkLedger({
    data,
    onProgress: (done, total) => bar.update(done, total),
    onNotice: what => mended.push(what),
  }).finally(() => bar.stop())
  const { faults, madeAgain } = report
  if (json === true) printJson({ ...report, mended })
  else {
    for (const what of mended) note(what)
    for (const what of madeAgain) note(`${what} It is made again from the log when the ledger needs it.`)
    print(
      table([
        ['entries', report.entries],
        ['seals', report.seals],
        ['published', report.published ?? 'nothing'],
        ['details kept', report.details],
        ['faults', faults.length],
      ]),
    )
    for (const { code, message } of faults) print(`${code}: ${message}\n`)
    print(
      faults.length === 0 ? 'All of it is what it should be.\n' : 'What is named is damaged: restore it from a copy.\n',
    )
  }
  process.exitCode = faults.length === 0 ? EXIT.ok : EXIT.unavailable
}
