import type { Command } from 'commander'
import { type FeedEntry, feedPage, followFeed } from '../../src/client/index.ts'
import { DEFAULT_DATA, DEFAULT_URL, policyOption, type Remote, wholeNumber } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { untilSignal } from '../input/signal.ts'
import { print, when } from '../screen/screen.ts'

interface FeedCommandOptions extends Remote {
  readonly after?: number
  readonly limit: number
  readonly follow?: boolean
  readonly json?: boolean
}

/** `tally feed`: what came into the log, decoded. */
export function feedCommand(program: Command): void {
  program
    .command('feed')
    .summary('print the decoded entries of a log; with --follow, new ones as they come')
    .description(
      'Prints published transactions with their outcomes, and seals, in the order of the log. Published entries ' +
        'never change. For a key of the platform or an auditor.',
    )
    .option('--url <url>', 'the ledger', DEFAULT_URL)
    .option('--data <dir>', 'the folder with the policy and the key that the first start made', DEFAULT_DATA)
    .addOption(policyOption())
    .option('--key <file>', 'a key of the platform or an auditor, instead of the auditor key in --data')
    .option('--after <index>', 'begin after this log index, such as the last one that you have', wholeNumber)
    .option('--limit <entries>', 'without --follow, the number of entries to look at, at most 1000', wholeNumber, 100)
    .option('--follow', 'continue, and print new entries as they come, until Ctrl-C')
    .option('--json', 'print a line of JSON for each')
    .addHelpText(
      'after',
      '\nExamples:\n  tally feed --after 6200\n  tally feed --follow --json | jq -c \'select(.kind == "redeem")\'',
    )
    .action(feed)
}

async function feed(options: FeedCommandOptions): Promise<void> {
  const { after = -1, limit, follow } = options
  const client = await (await Session.open(options)).calling('auditor')
  const say = (entry: FeedEntry) => print(options.json ? `${JSON.stringify(entry)}\n` : line(entry))
  if (!follow) {
    const { entries } = await feedPage(client, { after, limit })
    for (const entry of entries) say(entry)
    return
  }
  const ending = new AbortController()
  const over = untilSignal().then(() => ending.abort())
  const following = (async () => {
    for await (const entry of followFeed(client, { after }, ending.signal)) say(entry)
  })()
  await Promise.race([over, following])
}

function line({ index, kind, ledgerTime, outcome, opened, fields }: FeedEntry): string {
  const said = Object.entries(fields)
    .filter(([, value]) => value !== null && value !== 0 && typeof value !== 'object')
    .map(([name, value]) => `${name}=${String(value).slice(0, 16)}`)
  const made = opened === null ? '' : ` opened=${opened}`
  return `${String(index).padStart(8)}  ${when(ledgerTime)}  ${outcome.padEnd(12)}  ${kind}  ${said.join(' ')}${made}\n`
}
