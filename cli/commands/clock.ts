import type { Command } from 'commander'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { confirmClock, isConfirmationWaiting } from '../../src/operations/clock-confirmation.ts'
import { DEFAULT_DATA } from '../input/options.ts'
import { print, when } from '../screen/screen.ts'

/** A ledger that runs looks once a period, which is a second. */
const TRIES = 6
const TRY_MS = 500

export function clockCommand(program: Command): void {
  const clock = program
    .command('clock')
    .summary('say that the clock is right, where a ledger doubts it')
    .description('What concerns the clock of the machine that a ledger runs on.')
  clock
    .command('confirm')
    .summary('say that the clock of this machine is right')
    .description(
      'Says to the ledger of a data directory that the clock of this machine is right. A ledger whose clock was ' +
        'set, or does not fit what witnesses say, or that was down for more than an hour where no witness answers, ' +
        'takes nothing and lets nothing expire until then (`clock-suspect`). Look at the clock first: a wrong one ' +
        'that is confirmed lets points expire too early, for good.',
    )
    .option('--data <dir>', 'data directory of the ledger, on the machine that it runs on', DEFAULT_DATA)
    .addHelpText('after', '\nExamples:\n  tally clock confirm --data /var/lib/tally')
    .action(confirm)
}

async function confirm({ data }: { readonly data: string }): Promise<void> {
  if (!(await fileExists(`${data}/ledger.json`)))
    throw new UsageError('data', `${data} is not the data directory of a ledger: it has no ledger.json.`)
  const wallMs = Date.now()
  await confirmClock(data, wallMs)
  for (let i = 0; i < TRIES && (await isConfirmationWaiting(data)); i++)
    await new Promise(resolve => setTimeout(resolve, TRY_MS))
  const isWaiting = await isConfirmationWaiting(data)
  print(
    isWaiting
      ? `Said that it is ${when(wallMs)}. No ledger that doubts it runs on ${data}; one that starts within ten ` +
          'minutes takes it.\n'
      : `The ledger took it: it is ${when(wallMs)}.\n`,
  )
}
