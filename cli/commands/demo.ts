import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { UsageError } from '../../src/node/failure.ts'
import { fileExists } from '../../src/node/file-system.ts'
import { moment, wholeNumber } from '../input/options.ts'
import { print, printJson, progressBar, table } from '../screen/screen.ts'

interface DemoOptions {
  readonly data: string
  readonly members: number
  readonly days: number
  readonly seed: number
  readonly until?: number
  readonly json?: boolean
}

const DAY_MS = 86_400_000
/** Days before the first act: the programme is published then, as it is before members hear of it. */
const NOTICE_DAYS = 3
const MEMBERS_MAX = 5000
const DAYS_MAX = 730

export function demoCommand(program: Command): void {
  program
    .command('demo')
    .summary('make a ledger with a past: members, orders, gifts, tiers, expiries and refusals')
    .description(
      'Makes a ledger and the gateway of a shop in a new folder, and plays some months of a programme through that ' +
        'gateway: points for orders and for signing in, orders paid with points, refunds, returns, gifts, expiries, ' +
        'tiers, and some refused requests. The same --seed, --members, --days and --until give the same figures; ' +
        'keys are new each time. `tally serve --gateway` then runs it.',
    )
    .option('--data <dir>', 'the folder; there must be no ledger in it', 'demo')
    .addOption(new Option('--members <n>', `1 to ${MEMBERS_MAX}`).argParser(wholeNumber).default(200))
    .addOption(new Option('--days <n>', `1 to ${DAYS_MAX}`).argParser(wholeNumber).default(90))
    .addOption(new Option('--seed <n>', 'the number that all chance is made of').argParser(wholeNumber).default(1))
    .addOption(new Option('--until <time>', 'when it ends, in the past; by default now').argParser(moment))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally demo && tally serve --gateway --data demo\n  tally demo --data small --members 20 --days 30 ' +
        '--seed 7\n\nA ledger without witnesses that starts more than an hour after its last entry takes nothing ' +
        'until you confirm the clock: tally clock confirm --data demo.',
    )
    .action(demo)
}

async function demo(options: DemoOptions): Promise<void> {
  const { data, members, days, seed, json, until = Date.now() } = options
  if (members < 1 || members > MEMBERS_MAX || days < 1 || days > DAYS_MAX)
    throw new UsageError('settings', `A demonstration has 1 to ${MEMBERS_MAX} members and 1 to ${DAYS_MAX} days.`)
  if (until > Date.now() || until < DAYS_MAX * 2 * DAY_MS)
    throw new UsageError('settings', 'A demonstration ends in the past: choose an earlier --until.')
  if (await fileExists(join(data, 'ledger.json')))
    throw new UsageError('data', `There is a ledger in ${data}. Choose a new folder with --data, or delete that one.`)
  const { DemoLedger } = await import('../demo/demo-ledger.ts')
  const { demoPlan } = await import('../demo/demo-plan.ts')
  const { playDemo } = await import('../demo/play-demo.ts')
  const started = performance.now()
  const fromMs = Math.floor(until / DAY_MS) * DAY_MS - days * DAY_MS
  const ledger = await DemoLedger.make(data, fromMs - NOTICE_DAYS * DAY_MS)
  const bar = progressBar('Playing', 'hours')
  try {
    const played = await playDemo(ledger, demoPlan({ members, days, seed }), fromMs, hour =>
      bar.update(hour, days * 24),
    )
    await ledger.moveTo(until)
    const { size } = await ledger.client.ledger()
    await ledger.close()
    const seconds = (performance.now() - started) / 1000
    if (json) printJson({ data, members, days, seed, entries: size, ...played, seconds })
    else print(show(options, size, played, seconds))
  } finally {
    bar.stop()
  }
}

function show(
  { data, members, days }: DemoOptions,
  size: number,
  { done, refused }: { done: Readonly<Record<string, number>>; refused: Readonly<Record<string, number>> },
  seconds: number,
): string {
  const rows = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .sort()
      .map(([what, count]) => ['', what, count])
  return (
    `Made ${data}: ${members} members, ${days} days, ${size} entries, in ${seconds.toFixed(1)} s.\n\n` +
    `${table([['done', '', ''], ...rows(done), ['refused', '', ''], ...rows(refused)])}\n` +
    `Next: tally serve --gateway --data ${data}\n`
  )
}
