import { type Command, Option } from 'commander'
import { isTestPolicy } from '../../src/core/note/policy.ts'
import { readShop, type Shop } from '../../src/files/shop-file.ts'
import { UsageError } from '../../src/node/failure.ts'
import { manyPaths, remoteOptions, timeOption, wholeNumber } from '../input/options.ts'
import { Session } from '../input/session.ts'
import { testData } from '../input/test-ledger.ts'
import { print, printJson } from '../screen/screen.ts'

interface SetupShopOptions {
  readonly url: string
  readonly data: string
  readonly policy?: string
  readonly out: string
  readonly unit: string
  readonly cap: number
  readonly fund: number
  readonly window: number
  readonly expires: number
  readonly hold: number
  readonly rootKey?: readonly string[]
  readonly treasurerKey?: string
  readonly add?: boolean
  readonly reports: boolean
  readonly test?: boolean
  readonly json?: boolean
}

export function setupCommand(program: Command): void {
  const setup = program.command('setup').summary('make a shop in a ledger').description('Makes a shop in a ledger.')
  const shop = setup
    .command('shop')
    .summary('make a unit for members without keys, its budget, and the keys of the shop')
    .description(
      'Makes a shop in a ledger: a unit whose members need no keys, because a custodian acts for them; its treasury, a ' +
        'funded budget, and an account of the shop. Makes and registers keys of registrar, issuer, merchant and ' +
        'custodian. Writes everything into one file, readable only by its owner, for `tally gateway`. Keep a copy ' +
        'elsewhere: without its secret no member is found again. After an interruption, run the same command again.',
    )
  for (const option of remoteOptions().filter(option => option.name() !== 'key')) shop.addOption(option)
  shop
    .option('--out <file>', 'the file of the shop', 'shop.json')
    .option('--unit <name>', 'name of the unit', 'stars')
    .addOption(
      new Option('--cap <points>', 'the most points that may be out').argParser(wholeNumber).default(1_000_000_000_000),
    )
    .addOption(
      new Option('--fund <points>', 'points that the budget begins with').argParser(wholeNumber).default(1_000_000_000),
    )
    .addOption(timeOption('--window <time>', 'how long a movement can be reversed; it never changes', '90d'))
    .addOption(
      new Option('--expires <days>', 'days after which points expire; 0: never').argParser(wholeNumber).default(365),
    )
    .addOption(timeOption('--hold <time>', 'how long points are held for an order that says nothing', '30m'))
    .option(
      '--root-key <file>',
      'root key that signs; may be given more than once; by default that in --data',
      manyPaths,
    )
    .option('--treasurer-key <file>', "the treasurer's key; by default that in --data")
    .option('--add', 'add the unit to the shop in --out, with new keys of issuer and merchant for all its units')
    .option('--no-reports', 'make no auditor key, which reads the whole ledger for reports')
    .option('--test', 'only in a test ledger; by default that in data-test, and the file is shop-test.json')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally setup shop\n  tally setup shop --unit coins2 --window 180d --out /etc/tally/shop.json\n' +
        '  tally setup shop --add --unit miles\n\n' +
        'With --add the old keys of issuer and merchant stay valid, so that a running gateway continues. After its next ' +
        'start, revoke them: tally key revoke --record <record> --reason 3, with the records that ' +
        'it prints.\n\n' +
        'Then: tally gateway key add till && tally gateway',
    )
    .action(setupShopOf)
}

async function setupShopOf(said: SetupShopOptions, command: Command): Promise<void> {
  const { setupShop } = await import('../../src/gateway/index.ts')
  const options = said.test ? { ...said, data: testData(said, command), out: testFile(said, command) } : said
  const { out, unit, cap, fund, window, expires, hold, rootKey, treasurerKey } = options
  const session = await Session.open(options)
  if (options.test && !isTestPolicy(session.policy))
    throw new UsageError(
      'settings',
      `--test: the policy is that of a real ledger. tally init --test makes a test ledger.`,
    )
  const roots =
    rootKey === undefined ? [await session.key('root')] : await Promise.all(rootKey.map(path => session.keyIn(path)))
  const treasurer = await (treasurerKey === undefined ? session.key('treasurer') : session.keyIn(treasurerKey))
  const plan = { name: unit, cap, fund, windowMs: window, expiresDays: expires, holdMs: hold }
  const shop: { readonly shop?: Shop } = options.add ? { shop: await readShop(out) } : {}
  const { units } = await setupShop({
    client: session.client,
    roots,
    treasurer,
    plan,
    path: out,
    hasReports: options.reports,
    nowMs: session.nowMs,
    ...shop,
  })
  const { name, record, treasury, budget, merchant } = units.at(-1)!
  const before = recordsOf(shop.shop)
  const ended = before.map(record => `  tally key revoke --record ${record} --reason 3\n`).join('')
  if (options.json)
    printJson({
      ...(options.add ? { keysBefore: before } : {}),
      file: out,
      unit: name,
      record,
      treasury,
      budget,
      merchant,
    })
  else
    print(
      `${options.add ? 'Added' : 'Made a shop:'} unit ${name} (record ${record}), treasury ${treasury}, budget ${budget}, shop ${merchant}; in ${out}, ` +
        'which only you can read. Keep a copy of it elsewhere.\n' +
        (options.add
          ? `Start the gateway again: it knows the unit then. The keys of issuer and merchant from before stand until you end them:\n${ended}`
          : 'Next: tally gateway key add till, and tally gateway\n'),
    )
}

function testFile({ out }: SetupShopOptions, command: Command): string {
  return command.getOptionValueSource('out') === 'default' ? 'shop-test.json' : out
}

/** The records of the keys of issuer and merchant that a shop has. */
function recordsOf(shop: Shop | undefined): number[] {
  const keys = shop === undefined ? [] : [shop.keys.issuer, shop.keys.merchant]
  return keys.flatMap(({ holder }) => ('record' in holder ? holder.record : []))
}
