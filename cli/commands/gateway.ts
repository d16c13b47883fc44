import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { TallyClient } from '../../src/client/index.ts'
import { writeChains } from '../../src/files/chain-file.ts'
import { DetailsWriter } from '../../src/files/details-file.ts'
import { readKey, signingKey } from '../../src/files/key-files.ts'
import { readShop } from '../../src/files/shop-file.ts'
import { API_SCOPES, ApiKeys, type ApiScope } from '../../src/gateway/api-keys.ts'
import { linesOf } from '../../src/node/lines.ts'
import { type FrontOptions, frontOf, frontOptions } from '../input/front.ts'
import { logLevelOption, portOption, stateOption, wholeNumber } from '../input/options.ts'
import { untilSignal } from '../input/signal.ts'
import { note, print, printJson, table } from '../screen/screen.ts'
import { version } from '../version.ts'
import { listen, serverLogger } from './listen.ts'
import type { Ready } from './serve-gateway.ts'

interface GatewayFlags extends FrontOptions {
  readonly shop: string
  readonly ledger?: string
  readonly source?: string
  readonly treasurer?: string
  readonly state: string
  readonly host: string
  readonly port: number
  readonly logLevel: string
}

interface KeyOptions {
  readonly state: string
  readonly scope: readonly ApiScope[]
  readonly rate: number
  readonly merchant?: readonly number[]
  readonly json?: boolean
}

const shopOption = () => new Option('--shop <file>', 'the file that tally setup shop wrote').default('shop.json')
const ledgerOption = () => new Option('--ledger <url>', 'the ledger; by default the one in the file of the shop')

export function gatewayCommand(program: Command): void {
  const gateway = program
    .command('gateway')
    .summary("run a shop's gateway: plain JSON in, signed batches out")
    .description(
      "Runs a shop's own server: members by the ids of the shop, points as plain JSON. It signs with the keys of the " +
        'shop and is a client of the ledger like any other; the ledger sees none of its secrets. Calls need a key of ' +
        'tally gateway key add. docs/gateway.md',
    )
    .addOption(shopOption())
    .addOption(ledgerOption())
    .addOption(stateOption())
    .option(
      '--source <file>',
      'the key file of an old system, of role source, which signs the balances of POST /v1/imports',
    )
    .option('--treasurer <file>', 'the key file of the treasurer, who fills the budgets: POST /v1/shop/budgets/…/fund')
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .addOption(portOption(8081))
    .addOption(logLevelOption())
    .addHelpText(
      'after',
      '\nExamples:\n  tally gateway\n  tally gateway --shop /etc/tally/shop.json --state /var/lib/tally-gateway\n' +
        '  tally gateway key add till --scope earn,spend\n  tally gateway rebuild --ids members.txt',
    )
    .action(run)
    .hook('preAction', handDown)
  for (const option of frontOptions()) gateway.addOption(option)
  const key = gateway.command('key').summary('keys of its API').description('The keys of its API: add, list, revoke.')
  key
    .command('add <name>')
    .summary('make a key, and print it; it is shown only once')
    .addOption(stateOption())
    .addOption(
      new Option('--scope <names>', `what it is for, with commas between: ${API_SCOPES.join(', ')}`)
        .argParser(scopes)
        .default([...API_SCOPES], 'all'),
    )
    .addOption(new Option('--rate <n>', 'requests a second that it may make').argParser(wholeNumber).default(10_000))
    .addOption(
      new Option(
        '--merchant <account>',
        'with --scope reports: the figures of this merchant and of no other; may be given more than once',
      ).argParser((text: string, before: readonly number[] = []) => [...before, wholeNumber(text)]),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally gateway key add till --scope earn,spend\n  tally gateway key add reports --scope read',
    )
    .action(addKey)
  key
    .command('list')
    .summary('all keys')
    .addOption(stateOption())
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  tally gateway key list --state /var/lib/tally-gateway')
    .action(listKeys)
  key
    .command('revoke <name>')
    .summary('end a key, within a second')
    .addOption(stateOption())
    .addHelpText('after', '\nExample:\n  tally gateway key revoke till')
    .action(revokeKey)
  gateway
    .command('chains <file>')
    .summary('write all events of all members, for an auditor')
    .description(
      'Writes all events of all members under a programme, also those that earned nothing. With this file, tally audit ' +
        '--chains finds missing events. A line of JSON for each member. The gateway must not run.',
    )
    .option('--programme <name>', 'the programme; not needed if there is only one')
    .option('--details <file>', 'add the details of the issues to this file, each once (tally audit --details)')
    .addOption(shopOption())
    .addOption(ledgerOption())
    .addOption(stateOption())
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally gateway chains chains.jsonl --programme coins --details points.jsonl\n' +
        '  tally gateway chains chains.jsonl --shop data/shop.json --state data/gateway    (that of npm start)',
    )
    .action(writeMemberChains)
  gateway
    .command('rebuild')
    .summary('make its memory again from the ledger and a list of member ids')
    .description(
      'Makes the lost memory of a gateway again: entries and details from the ledger, and members from a file of the ' +
        "shop's ids, one on each line. The gateway must not run. Keys of the API, and requests that were refused or " +
        'never answered, cannot be made again; none of these has moved a point.',
    )
    .addOption(shopOption())
    .addOption(ledgerOption())
    .addOption(stateOption())
    .option('--ids <file>', 'ids of members, one on each line')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  tally gateway rebuild --ids members.txt')
    .action(rebuild)
}

async function writeMemberChains(
  file: string,
  options: Pick<GatewayFlags, 'shop' | 'state' | 'ledger'> & { programme?: string; details?: string; json?: boolean },
): Promise<void> {
  const { programme, details: detailsFile } = options
  const gateway = await open(options)
  const details = detailsFile === undefined ? undefined : await DetailsWriter.open(detailsFile)
  try {
    if (details !== undefined)
      for await (const { commitment, salt, text } of await gateway.programmes.details(programme))
        details.add(commitment, { salt, text })
    await details?.flush()
    const members = await writeChains(file, await gateway.programmes.chains(programme))
    if (options.json) printJson({ file, members, ...(detailsFile === undefined ? {} : { details: detailsFile }) })
    else
      print(
        `${file}: the events of ${members} members. tally audit --details ${detailsFile ?? '…'} --chains ${file} ` +
          'reads it.\n',
      )
  } finally {
    await details?.close()
    await gateway.close()
  }
}

/**
 * Gives a subcommand what was said after it and `gateway` took for its own, as it has options of the same names; and
 * what the environment and the file of settings say for `gateway`, unless the subcommand has its own.
 */
function handDown(gateway: Command, action: Command): void {
  if (action === gateway) return
  for (const option of action.options) {
    const name = option.attributeName()
    const source = gateway.getOptionValueSource(name)
    const isUnsaid = [undefined, 'default'].includes(action.getOptionValueSource(name))
    if (source === 'cli' || (source !== undefined && source !== 'default' && isUnsaid))
      action.setOptionValueWithSource(name, gateway.getOptionValue(name), source)
  }
}

function scopes(text: string): ApiScope[] {
  return text.split(',').map(word => {
    const scope = API_SCOPES.find(one => one === word)
    if (scope === undefined) throw new InvalidArgumentError(`Expected some of ${API_SCOPES.join(', ')}.`)
    return scope
  })
}

type ShopPlaces = Pick<GatewayFlags, 'shop' | 'state' | 'ledger' | 'source' | 'treasurer'>

async function open({ shop: file, state, ledger, source, treasurer }: ShopPlaces) {
  const { Gateway } = await import('../../src/gateway/index.ts')
  const shop = await readShop(file)
  const { policy, ledgerId } = shop
  const client = new TallyClient({ url: ledger ?? shop.ledger, policy, ledgerId, caller: shop.keys.registrar })
  const keyIn = async (path: string | undefined) =>
    path === undefined ? undefined : signingKey(await readKey(path), client)
  return Gateway.open({
    shop,
    folder: state,
    ...(ledger === undefined ? {} : { client: { url: ledger } }),
    source: await keyIn(source),
    treasurer: await keyIn(treasurer),
    onTrouble: error => note(`Details wait for the ledger: ${error.message}`),
  })
}

async function run(options: GatewayFlags): Promise<void> {
  const { buildGateway } = await import('../../src/gateway/index.ts')
  const logger = await serverLogger(options.logLevel)
  const gateway = await open(options)
  const server = await buildGateway({ gateway, logger, version: version(), front: frontOf(options) })
  const url = await listen(server, options, () => gateway.close())
  const isKeyed = (await gateway.apiKeys.list()).some(({ revoked }) => revoked === undefined)
  print(
    `The gateway listens on ${url} (API: ${url}/docs), for the ledger ${gateway.client.options.url}.\n` +
      `${isKeyed ? '' : 'Nobody has a key yet: tally gateway key add till\n'}Try:\n\n` +
      `  curl ${url}/v1/earn -H 'authorization: Bearer KEY' -H 'content-type: application/json' \\\n` +
      `    -d '{"member":"cust_8842","points":50}'\n\n`,
  )
  // Where a ledger started it: that is told the port, and ends it by ending.
  process.send?.({ port: Number(new URL(url).port) } satisfies Ready)
  const left = new Promise<void>(resolve => process.once('disconnect', resolve))
  try {
    await Promise.race([untilSignal(), left])
    note('Stopping: answering what is under way.')
  } finally {
    await server.close()
    await gateway.close()
    // A channel that stands keeps a process.
    if (process.connected) process.disconnect()
  }
}

function keysIn(state: string): ApiKeys {
  return new ApiKeys(join(state, 'api-keys.json'))
}

async function addKey(name: string, { state, scope, rate, merchant, json }: KeyOptions): Promise<void> {
  const key = await keysIn(state).add(name, scope, rate, merchant)
  if (json) printJson({ name, key, scopes: scope, rate })
  else print(`${key}\n`)
}

async function listKeys({ state, json }: KeyOptions): Promise<void> {
  const keys = await keysIn(state).list()
  if (json) printJson({ keys })
  else
    print(
      table([
        ['name', 'scopes', 'rate', 'made', 'revoked'],
        ...keys.map(({ name, scopes, rate, made, revoked = '' }) => [name, scopes.join(','), rate, made, revoked]),
      ]),
    )
}

async function revokeKey(name: string, { state }: KeyOptions): Promise<void> {
  await keysIn(state).revoke(name)
  print(`Revoked: ${name}. Within a second nobody can use it.\n`)
}

async function rebuild(options: GatewayFlags & { ids?: string; json?: boolean }): Promise<void> {
  const gateway = await open(options)
  try {
    const lines = options.ids === undefined ? [] : linesOf(options.ids)
    const rebuilt = await gateway.follower.rebuild(lines)
    if (options.json) printJson(rebuilt)
    else
      print(
        `${rebuilt.accounts} accounts were read again; ${rebuilt.members} of ${rebuilt.ids} ids have one. ` +
          `${rebuilt.nameless} accounts have no id yet: each is found again when its id is asked for.\n` +
          `${rebuilt.merged} accounts of these ids are merged into those of others; of ${rebuilt.heirless} more the ` +
          "other's id is not known yet: their points are found, and their events count for the old id until it is.\n" +
          'Not made again: keys of the API, and what was refused or never answered.\n',
      )
  } finally {
    await gateway.close()
  }
}
