import type { Command } from 'commander'
import { toHex } from '../../src/core/bytes.ts'
import { formatVerifierKey } from '../../src/core/note/note.ts'
import { type ContinuedLedger, continueLedger, policyLine, rootKeysOf } from '../../src/operations/continue-ledger.ts'
import { DEFAULT_DATA, manyPaths, wholeNumber } from '../input/options.ts'
import { readable } from '../screen/describe.ts'
import { note, print, printJson, progressBar } from '../screen/screen.ts'

interface ContinueFlags {
  readonly data: string
  readonly new: string
  readonly origin: string
  readonly at?: number
  readonly seen?: number
  readonly rootKey?: readonly string[]
  readonly publish?: string
  readonly follower?: readonly string[]
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** Dropped transactions that are shown one by one; all of them are in what `--json` prints. */
const SHOWN = 20

export function ledgerCommand(program: Command): void {
  const ledger = program
    .command('ledger')
    .summary('continue in a new log, under a new key')
    .description('Commands about the log of a ledger.')
  ledger
    .command('continue')
    .summary('end a log, and continue in a new one with every account as it is')
    .description(
      'Continues a ledger in a new log with its own name and key. All accounts, records and ids stay the same. Use it ' +
        'to change the key of a log, also after a theft. Use --at if a log cannot go on: it has two histories, it has ' +
        'lost entries that others have seen, or its time is years ahead. Makes a new data directory, and leaves the ' +
        'old one. Neither may be in use. After an interruption, run the same command again.\n\n' +
        'Without --at the old log ends: its last checkpoint is signed and cosigned, the new log begins with it, and ' +
        'nothing is dropped. With --at the new log begins with its first entries, and drops the others openly: if ' +
        'others may have seen them, all valid root keys sign that, and every verifier reports it from then on.',
    )
    .requiredOption('--origin <name>', 'name of the new log: one that the ledger never had')
    .requiredOption('--new <dir>', 'data directory that is made for it')
    .option('--data <dir>', 'data directory of the log that ends', DEFAULT_DATA)
    .option('--at <entries>', 'keep this many entries, of which the last is a seal, and drop the others', wholeNumber)
    .option('--seen <entries>', 'with --at: of how many entries others are known to have a checkpoint', wholeNumber)
    .option(
      '--root-key <file>',
      'root key that signs, more than once for several; by default that in --data',
      manyPaths,
    )
    .option('--publish <dir>', 'folder that the old log is published in: asked whether more of it was seen')
    .option('--follower <url>', 'follower of the old log, asked the same; may be given more than once', manyPaths)
    .option('--dry-run', 'find out whether it can be done and what is dropped, and write nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally ledger continue --origin points2.shop.example --new data2\n  tally ledger continue --origin ' +
        'points2.shop.example --new data2 --root-key a.key.json --root-key b.key.json\n  tally ledger continue --origin ' +
        'points2.shop.example --new data2 --at 6189 --seen 6192 --dry-run\n\nThen: tally serve --data <new>. Readers, ' +
        'auditors and witnesses need the key of the new log: it is in <new>/policy.',
    )
    .action(continueLog)
}

async function continueLog(options: ContinueFlags): Promise<void> {
  const { data, origin, at, seen, publish, follower, dryRun = false } = options
  const bar = progressBar('Reading', 'entries')
  const made = await continueLedger({
    ...{ data, to: options.new, origin, isDryRun: dryRun },
    roots: await rootKeysOf(data, options.rootKey ?? []),
    ...(at === undefined ? {} : { at }),
    ...(seen === undefined ? {} : { seen }),
    ...(publish === undefined ? {} : { publish }),
    ...(follower === undefined ? {} : { followers: follower }),
    onProgress: bar.update,
    onNotice: note,
  }).finally(() => bar.stop())
  if (options.json) printJson(jsonOf(made, options))
  else print(inWords(made, options))
}

function jsonOf({ from, key, ...made }: ContinuedLedger, options: ContinueFlags): object {
  return {
    dryRun: options.dryRun === true,
    from: from.name,
    origin: key.name,
    logKey: formatVerifierKey(key),
    size: made.size,
    root: toHex(made.root),
    seen: made.seen,
    ledgerId: toHex(made.ledgerId),
    accounts: made.accounts,
    dropped: made.dropped.map(({ index, transaction }) => ({ index, ...(readable(transaction) as object) })),
  }
}

function inWords({ from, key, size, seen, accounts, dropped }: ContinuedLedger, options: ContinueFlags): string {
  const isDry = options.dryRun === true
  const lines = [
    `${from.name} ${isDry ? 'can end' : options.at === undefined ? 'has ended' : 'is left'}: ${accounts} accounts go on as ` +
      `${key.name}, from ${size} entries.`,
  ]
  if (dropped.length > 0) {
    lines.push(
      `Dropped: ${dropped.length} accepted transactions${dropped.length > SHOWN ? `, the first ${SHOWN}` : ''}:`,
    )
    for (const { index, transaction } of dropped.slice(0, SHOWN))
      lines.push(`  ${index}  ${JSON.stringify(readable(transaction))}`)
  }
  if (seen !== null)
    lines.push(
      `Others may have a checkpoint of ${seen} entries: every verifier says for good that ${size} were taken over.`,
    )
  if (isDry) lines.push('Nothing was written.')
  else
    lines.push(
      `Next: tally serve --data ${options.new}`,
      'Readers, auditors and witnesses need this line in their policies, beside the old one:',
      `  ${policyLine(key)}`,
    )
  return `${lines.join('\n')}\n`
}
