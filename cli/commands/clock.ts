import type { Command } from 'commander'
import { FollowedClock } from '../../src/client/index.ts'
import { isTestPolicy } from '../../src/core/note/policy.ts'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { confirmClock, isConfirmationWaiting } from '../../src/operations/clock-confirmation.ts'
import { DEFAULT_DATA, type Remote, remoteOptions } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { print, printJson, when } from '../screen/screen.ts'

/** A ledger that runs looks once a period, which is a second. */
const TRIES = 6
const TRY_MS = 500

export function clockCommand(program: Command): void {
  const clock = program
    .command('clock')
    .summary('confirm the clock of a ledger that doubts it; move the time of a test ledger')
    .description('Commands about the clock of the machine on which a ledger runs, and the time of a test ledger.')
  clock
    .command('confirm')
    .summary('confirm that the clock of this machine is right')
    .description(
      'Tells the ledger of a data directory that the clock of this machine is right. A ledger doubts its clock ' +
        '(`clock-suspect`) if the clock was set, if witnesses report another time, or if it was down for more than an ' +
        'hour and no witness answers. Then it takes no batch, and no points expire. Check the clock first: if you ' +
        'confirm a wrong clock, points expire too early, and cannot come back.',
    )
    .option('--data <dir>', 'data directory of the ledger, on the machine that it runs on', DEFAULT_DATA)
    .addHelpText('after', '\nExamples:\n  tally clock confirm --data /var/lib/tally')
    .action(confirm)
  const advance = clock
    .command('advance <span>')
    .summary('move the time of a test ledger ahead')
    .description(
      'Moves the time of a test ledger ahead, such as 30d, and prints the time then. What ends in between ends at its ' +
        'own time: points expire, holds end. Time never goes back. A real ledger refuses it.',
    )
  for (const option of remoteOptions()) advance.addOption(option)
  advance
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  tally clock advance 30d --data data-test')
    .action(advanceClock)
}

async function advanceClock(span: string, options: Remote & { readonly json?: boolean }): Promise<void> {
  if (!/^[1-9][0-9]{0,8}[smhd]$/.test(span))
    throw new UsageError('clock', `"${span}" is not a span such as 30m, 12h or 30d.`)
  const session = await Session.open(options)
  const { origin } = await session.client.ledger()
  if (!isTestPolicy(session.policy))
    throw new UsageError('clock', `"${origin}" is no test ledger: nobody moves its time. tally init --test makes one.`)
  const client = session.client.as(await session.key('registrar'))
  const time = when(await new FollowedClock(() => client).advance(span))
  if (options.json) printJson({ origin, time })
  else print(`${origin}: it is ${time}.\n`)
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
