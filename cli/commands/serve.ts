import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { engine } from '../../src/core/crypto/engine.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { isTestOrigin } from '../../src/core/note/test-origin.ts'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import { GATEWAY_BODY_BYTES, gatewayPathOf } from '../../src/gateway/paths.ts'
import { freeBytes } from '../../src/node/file-system.ts'
import { type FrontOptions, frontOf, frontOptions } from '../input/front.ts'
import {
  byteSize,
  day,
  logLevelOption,
  policyOption,
  portNumber,
  portOption,
  threadsOption,
  timeOption,
} from '../input/options.ts'
import { untilSignal } from '../input/signal.ts'
import { forTest, testOption } from '../input/test-ledger.ts'
import { note, print, progressBar } from '../screen/screen.ts'
import { pagesFolder, version } from '../version.ts'
import { listen, serverLogger } from './listen.ts'
import { publishAlong } from './publish.ts'
import { type GatewayBeside, gatewayBeside } from './serve-gateway.ts'

interface ServeOptions extends FrontOptions {
  readonly data: string
  readonly host: string
  readonly port: number
  readonly origin: string
  readonly publish?: string
  readonly follower?: readonly string[]
  readonly logLevel: string
  readonly threads: number
  readonly diskReserve: number
  readonly metrics?: number
  readonly backup?: string
  readonly backupEvery: number
  readonly follow?: string
  readonly policy?: string
  readonly key?: string
  readonly gateway?: boolean
  readonly signer?: string
  readonly rootDir?: string
  readonly journal?: string
  readonly journalAccess?: string
  readonly test?: boolean
}

interface InitOptions {
  readonly data: string
  readonly origin: string
  readonly clock?: number
  readonly rootDir?: string
  readonly test?: boolean
}

export function serveCommand(program: Command): void {
  const serving = program
    .command('serve')
    .summary('run a ledger')
    .description(
      'Runs a ledger on a data directory; in an empty one it first makes keys, genesis, a unit and a funded budget.',
    )
    .option('--data <dir>', 'data directory', 'data')
    .addOption(rootOption())
    .option('--host <host>', 'address to listen on', '127.0.0.1')
    .addOption(portOption())
    .option('--origin <name>', 'name of a new ledger, such as points.shop.example', 'tallystick.local')
    .addOption(testOption())
    .option(
      '--publish <place>',
      'after each seal, update this folder, or s3://BUCKET/PREFIX, with checkpoint and hash tiles, for a CDN; a lease in ' +
        'it keeps copies of the ledger apart',
    )
    .addOption(
      new Option('--disk-reserve <size>', 'take nothing while less than this is free on the disk of --data')
        .argParser(byteSize)
        .default(256 * 2 ** 20, '256MiB'),
    )
    .option(
      '--follower <url...>',
      'a follower or a mirror that serves checkpoints of this ledger: at each start it is asked for newer ones',
    )
    .option(
      '--gateway',
      "also run a shop's gateway, as a separate process on the same port; the first start makes its shop in --data",
    )
    .addOption(
      new Option('--signer <unix:path>', 'what signs for the log, over a Unix socket: see tally signer').argParser(
        socketPath,
      ),
    )
    .option(
      '--journal <url>',
      'let a topic of Kafka order the commands, for several servers of one ledger: kafka://HOST:PORT,HOST:PORT/TOPIC',
    )
    .option('--journal-access <file>', 'with --journal, a file with user and password for the brokers; mode 600')
    .option('--metrics <port>', 'serve metrics for Prometheus on this port of 127.0.0.1; 0 for any', portNumber)
    .option(
      '--backup <place>',
      'keep a backup in this folder or s3://BUCKET/PREFIX, without the keys: see tally backup',
    )
    .addOption(timeOption('--backup-every <time>', 'how often the backup is brought up to date', '1m'))
    .option('--follow <url>', 'follow that ledger instead: replay its entries, serve reads, take no batches')
    .addOption(policyOption())
    .option('--key <file>', 'with --follow, the auditor key that reads the entries')
    .addOption(logLevelOption())
    .addOption(threadsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  tally serve\n  tally serve --port 9000 --data /var/lib/tally --origin ' +
        'points.shop.example\n  tally serve --publish /var/www/points\n  tally serve --follow https://points.shop.example ' +
        '--policy shop.policy --key auditor.key.json --data follower --port 8081',
    )
    .action(serve)
  for (const option of frontOptions()) serving.addOption(option)
}

export function initCommand(program: Command): void {
  program
    .command('init')
    .summary('make the keys and the first entries of a ledger')
    .description(
      'Makes what the first `tally serve` would make in an empty data directory, and stops. Does nothing where ' +
        'it is made.',
    )
    .option('--data <dir>', 'data directory', 'data')
    .addOption(rootOption())
    .option('--origin <name>', 'name of the ledger, such as points.shop.example', 'tallystick.local')
    .addOption(testOption().conflicts('clock'))
    .option(
      '--clock <date>',
      'let ledger time follow the entries, from this day on (UTC): for imports of the past, never for a ledger in ' +
        'use',
      day,
    )
    .addHelpText(
      'after',
      '\nExamples:\n  tally init --data /var/lib/tally --origin points.shop.example\n  tally init --data retail ' +
        '--clock 2010-12-01\n  tally init --test',
    )
    .action(async (said: InitOptions, command: Command) => {
      const options = await forTest(said, command)
      const { openLedger } = await import('../../src/operations/open-ledger.ts')
      const { log, isNew, rootKey } = await openLedger({
        ...options,
        ...(options.rootDir === undefined ? {} : { rootFolder: options.rootDir }),
        ...(options.clock === undefined ? {} : { clockFromMs: options.clock }),
        onFailure: error => note(String(error)),
      })
      const { origin } = log.ledger.state
      await log.close()
      print(
        `${isNew ? 'Made' : 'There is already'} the ledger ${origin} in ${options.data}, ${log.ledger.size} entries.\n` +
          (isNew && rootKey !== undefined ? aboutRoot(rootKey) : ''),
      )
    })
}

async function serve(said: ServeOptions, command: Command): Promise<void> {
  const options = await forTest(said, command)
  const { follow } = options
  if (follow !== undefined) return (await import('./follow.ts')).serveFollowing({ ...options, follow })
  // Here and not above, so that no other command loads a server.
  const { buildServer } = await import('../../src/http/index.ts')
  const { readPages } = await import('../../src/serving/index.ts')
  const { openLedger } = await import('../../src/operations/open-ledger.ts')
  const logger = await serverLogger(options.logLevel)
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<never>((_, reject) => {
    fail = reject
  })
  failed.catch(() => {})
  const { SocketSigner } = await import('../../src/operations/signer-socket.ts')
  const signer = options.signer === undefined ? undefined : await SocketSigner.open(options.signer)
  const { openJournal } = await import('../../src/operations/open-journal.ts')
  const journal =
    options.journal === undefined
      ? undefined
      : await openJournal({
          address: options.journal,
          ...(options.journalAccess === undefined ? {} : { accessPath: options.journalAccess }),
          onTrouble: why => {
            if (why === undefined) logger.info('The journal is read again.')
            else logger.warn(why.message)
          },
        })
  const bar = progressBar('Reading the log back', 'entries')
  const { log, settings, policy, isNew, rootKey, store } = await openLedger({
    data: options.data,
    origin: options.origin,
    threads: options.threads,
    ...(options.rootDir === undefined ? {} : { rootFolder: options.rootDir }),
    ...(signer === undefined ? {} : { signer }),
    ...(journal === undefined ? {} : { journal }),
    diskReserveBytes: options.diskReserve,
    ...(options.publish === undefined ? {} : { publish: options.publish }),
    ...(options.follower === undefined ? {} : { followers: options.follower }),
    onThreadTrouble: what => logger.error(what),
    onFailure: fail,
    onProgress: (done, total) => bar.update(done, total),
    onNotice: what => logger.warn(what),
    onHeld: why => {
      if (why === undefined) logger.info('The ledger takes batches again.')
      else logger.warn({ code: why.code }, why.message)
    },
    onWitnessTrouble: (witness, what) => logger.warn({ witness }, `The witness did not cosign: ${what}`),
  }).finally(() => bar.stop())
  if (isAlone(policy, options))
    logger.warn(
      'Nobody else sees this ledger: it has no witness, no follower and no published folder. If somebody puts back an ' +
        'older copy of its data directory, it signs a second history, and nothing here can notice that.',
    )
  let gateway: GatewayBeside | undefined
  const { backUpAlong, LedgerMetrics, serveMetrics } = await import('../../src/operations/index.ts')
  const metrics = new LedgerMetrics(log, () => freeBytes(options.data))
  const server = await buildServer({
    log,
    logger,
    version: version(),
    policy,
    observer: metrics,
    rules: new RuleFolder(join(options.data, 'rules')),
    ...(options.gateway
      ? { passOn: { pathOf: gatewayPathOf, port: () => gateway?.port(), bodyBytes: GATEWAY_BODY_BYTES } }
      : {}),
    front: frontOf(options),
    pages: options.basePath === undefined ? await readPages(pagesFolder()) : undefined,
  })
  const url = await listen(server, options, () => log.close())
  if (options.gateway) gateway = await gatewayBeside(url, options.data, rootKey)
  print(
    welcome({
      url,
      data: options.data,
      origin: settings.origin,
      isNew,
      rootKey,
      accounts: log.ledger.state.accounts.count,
      size: log.size,
      first: gateway?.words,
    }),
  )
  const [metricsServer, metricsUrl] =
    options.metrics === undefined
      ? []
      : await serveMetrics(options.metrics, () => metrics.text()).catch(async error => {
          await server.close()
          await log.close()
          throw error
        })
  if (metricsUrl !== undefined) print(`Metrics: ${metricsUrl}\n\n`)
  const endBackup =
    options.backup === undefined
      ? undefined
      : backUpAlong(() => log.publisher.published && { store, checkpoint: log.publisher.published.checkpoint }, {
          ...{ data: options.data, folder: options.backup, everyMs: options.backupEvery },
          onTrouble: error => logger.error(`${options.backup} was not brought up to date: ${(error as Error).message}`),
        })
  const endPublishing =
    options.publish === undefined
      ? undefined
      : publishAlong(log, options.publish, error =>
          logger.warn(`${options.publish} was not brought up to date: ${(error as Error).message}`),
        )
  try {
    await Promise.race([untilSignal(), failed])
    note('Stopping: answering what is under way, then sealing it.')
  } finally {
    // It answers what it was asked, for which it needs the ledger.
    await gateway?.end()
    await server.close()
    metricsServer?.close()
    // What was answered last is sealed before the folder is left.
    if ((endPublishing ?? endBackup) !== undefined && log.stopped === undefined && log.publisher.maySign)
      await log.publisher.publish()
    await endPublishing?.()
    await endBackup?.()
    await log.close()
    signer?.close()
  }
}

/** The path of a Unix socket, such as `unix:/run/tally/log.sock`. */
function socketPath(text: string): string {
  const path = /^unix:(.+)$/.exec(text)?.[1]
  if (path === undefined) throw new InvalidArgumentError('Expected a Unix socket, such as unix:/run/tally/log.sock.')
  return path
}

function rootOption(): Option {
  return new Option(
    '--root-dir <dir>',
    'where a new ledger puts its root key, which the server does not need; by default <data>.root, beside --data',
  )
}

/** Where the root key is, and why there. */
function aboutRoot(path: string): string {
  return (
    `The root key is ${path}, and not in the data directory: it makes and revokes keys and\n` +
    'units, and no server needs it. Move it to a safe place off this machine, and copy it; bring it back for a command\n' +
    'that says so (--key).\n'
  )
}

/** Whether nobody is asked at a start. */
function isAlone({ witnesses }: Policy, { publish, follower }: ServeOptions): boolean {
  return publish === undefined && follower === undefined && witnesses.every(({ url }) => url === undefined)
}

interface Welcome {
  readonly url: string
  readonly data: string
  readonly origin: string
  readonly isNew: boolean
  readonly rootKey: string | undefined
  readonly accounts: number
  readonly size: number
  readonly first: string | undefined
}

/** What to try next, each line ready to paste. */
function welcome({ url, data, origin, isNew, rootKey, accounts, size, first }: Welcome): string {
  const to = url === 'http://127.0.0.1:8080' ? '' : ` --url ${url}`
  const from = data === 'data' ? '' : ` --data ${quoted(data)}`
  const member = accounts
  const line = (what: string, command: string) => `  ${what.padEnd(22)}npx tally ${command}\n`
  const audit =
    (isTestOrigin(origin) ? line('move its time', `clock advance 30d${to}${from}`) : '') +
    line('audit the ledger', `audit ${url}${from}`)
  return (
    `${isNew ? 'Made a new ledger' : 'Opened the ledger'}: ${origin}, ${size} entries, ${accounts} accounts, engine ${engine().name}.\n` +
    `Listening on ${url} (API: ${url}/docs). Stop with Ctrl-C.\n\n` +
    (isNew && rootKey !== undefined ? `${aboutRoot(rootKey)}\n` : '') +
    (first === undefined
      ? 'Try, in another terminal:\n\n' +
        line('open an account', `account open${to}${from}`) +
        line('issue to it', `issue --to ${member} --amount 100${to}${from}`) +
        line('spend some', `redeem --from ${member} --to 0 --amount 30${to}${from}`) +
        line('fetch its statement', `statement ${member} --out ${member}.statement${to}${from}`) +
        line(
          'verify it, offline',
          `verify ${member}.statement --policy ${quoted(`${data}/policy`)} --card ` +
            `${quoted(`${data}/members/${member}.card.json`)}`,
        )
      : `${first}\n${line('a member with a key', `account open${to}${from}`)}`) +
    audit +
    '\n'
  )
}

function quoted(text: string): string {
  return /^[\w./:@%+=-]+$/.test(text) ? text : JSON.stringify(text)
}
