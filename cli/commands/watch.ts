import type { Command } from 'commander'
import { type ClientError, TallyClient, tilesOf } from '../../src/client/index.ts'
import { CodedError } from '../../src/core/failure.ts'
import { logKeysOf, type Policy } from '../../src/core/note/policy.ts'
import { openSigned } from '../../src/core/note/signed.ts'
import { type AcceptedCheckpoint, CheckpointKeeper } from '../../src/files/accepted-checkpoint.ts'
import { Alarm, type News } from '../../src/monitor/alarm.ts'
import { KeptLast } from '../../src/monitor/kept-last.ts'
import { type Looked, type Looking, lookAt } from '../../src/monitor/look.ts'
import { TimeWatch } from '../../src/monitor/time-watch.ts'
import { TotalsWatch } from '../../src/monitor/totals-watch.ts'
import { Watcher, type WatcherOptions } from '../../src/monitor/watcher.ts'
import { type WentOnOptions, wentOn } from '../../src/monitor/went-on.ts'
import { UsageError } from '../../src/node/failure.ts'
import { readParsed } from '../../src/node/file-system.ts'
import { serveMetrics } from '../../src/operations/metrics.ts'
import { decodePromise, verifyPromiseUnder } from '../../src/verify/promise.ts'
import { EXIT } from '../failure.ts'
import { DEFAULT_DATA, policyOption, portNumber, timeOption } from '../input/options.ts'
import { ledgerUrl, policyFor } from '../input/session.ts'
import { pause, untilSignal } from '../input/signal.ts'
import { inOneLine, note, print, printJson } from '../screen/screen.ts'
import { type Counts, describeLook, type Look, metricsOf, showLook } from '../screen/show-watch.ts'

interface WatchOptions {
  readonly data: string
  readonly policy?: string
  readonly origin?: string
  readonly state?: string
  readonly promise?: readonly string[]
  readonly maxAge: number
  readonly every: number
  readonly once?: boolean
  readonly webhook?: string
  readonly metrics?: number
  readonly json?: boolean
}

export function watchCommand(program: Command): void {
  program
    .command('watch <url>')
    .summary('follow a log for ever, and report when it breaks a promise')
    .description(
      'Fetches the checkpoint of a log again and again. Checks that it is signed, cosigned and fresh, that the log ' +
        'only grows, and that promises are kept. Needs no key: it reads public files, from the ledger or a mirror. ' +
        'Ends with status 1 at the first trouble, or reports it to a webhook and continues.',
    )
    .addOption(policyOption())
    .option('--data <dir>', 'the folder with the policy that the first start made', DEFAULT_DATA)
    .option(
      '--origin <name>',
      'the log, if the policy names several; by default the log that is served, also if a ledger continues in ' +
        'another log',
    )
    .option(
      '--state <dir>',
      'keep the last checkpoint here, and continue from it after a restart; also keeps evidence of trouble',
    )
    .option('--promise <file...>', 'promises to watch, from issue --promise and redeem --promise')
    .addOption(timeOption('--max-age <time>', 'trouble if there is no newer checkpoint for this long', '10m'))
    .addOption(timeOption('--every <time>', 'how often to look', '10s'))
    .option('--once', 'look once, and print the result')
    .option('--webhook <url>', 'POST each trouble here as JSON, and continue')
    .option('--metrics <port>', 'serve metrics for Prometheus on this port of 127.0.0.1; 0 for any', portNumber)
    .option('--json', 'print every look as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  tally watch https://points.shop.example --policy shop.policy --state watched\n  tally ' +
        'watch https://points.shop.example --policy shop.policy --once --promise 5.promise\n  tally watch ' +
        'https://points.shop.example --policy shop.policy --state watched --max-age 2m \\\n    --webhook ' +
        'https://alarm.example/tally --metrics 9100\n\nWithout a witness in the policy, the age of a checkpoint ' +
        'counts from when it was first seen here.',
    )
    .action(async (url: string, options: WatchOptions) => {
      process.exitCode = await watch(url, options)
    })
}

async function watch(url: string, options: WatchOptions): Promise<number> {
  const { webhook } = options
  if (webhook !== undefined && !/^https?:$/.test(URL.parse(webhook)?.protocol ?? ''))
    throw new UsageError('url', `"${webhook}" is not the URL of a webhook, such as https://alarm.example/tally`)
  const trusted = await policyFor(options)
  const watching = await begin(url, trusted, await originOf(url, trusted, options), options)
  return options.once ? lookOnce(watching, options) : follow(watching, url, trusted, options)
}

/** Begins to watch one of the logs of a policy. */
async function begin(url: string, trusted: Policy, origin: string, options: WatchOptions): Promise<Watching> {
  const { webhook } = options
  const policy = { ...trusted, logs: trusted.logs.filter(({ key }) => key.name === origin) }
  const memory = options.state === undefined ? undefined : new CheckpointKeeper(options.state, policy)
  const kept = await memory?.read()
  // It asks again by itself, so that a lost answer is not worth many tries.
  const client = new TallyClient({ url: ledgerUrl(url), policy, retries: 1, timeoutMs: 10_000 })
  const watcher = new Watcher({
    policy,
    tileAt: tilesOf(client),
    maxAgeMs: options.maxAge,
    startedMs: Date.now(),
    // A promise of the log before is one about the same tree.
    promises: await readPromises(options.promise ?? [], options.origin === undefined ? trusted : policy),
    ...(kept === undefined ? {} : { kept }),
    ...(memory === undefined ? {} : { uncompared: await memory.uncompared() }),
  })
  const alarm = new Alarm({
    origin,
    url,
    policy,
    ...(webhook === undefined ? {} : { webhook }),
    ...(memory === undefined ? {} : { memory }),
    onUndelivered: why => note(`The webhook was not told and will be again: ${why}`),
  })
  const time = new TimeWatch(client, policy, kept?.checkpoint.size)
  const totals = new TotalsWatch(client, policy, kept?.checkpoint.size)
  const keeper = memory === undefined ? {} : { kept: new KeptLast(memory, watcher, kept) }
  const others = options.origin === undefined ? await keptOfOthers(trusted, origin, options) : []
  const entry = others.length === 0 ? {} : { entry: { client, tileAt: tilesOf(client), policy, others } }
  return { origin, client, watcher, time, totals, alarm, ...keeper, ...entry }
}

/** What was accepted last of the other logs of a policy. */
async function keptOfOthers(trusted: Policy, origin: string, { state }: WatchOptions): Promise<AcceptedCheckpoint[]> {
  if (state === undefined) return []
  const origins = new Set(trusted.logs.map(({ key }) => key.name).filter(name => name !== origin))
  const all = await Promise.all(
    [...origins].map(name =>
      new CheckpointKeeper(state, { ...trusted, logs: trusted.logs.filter(({ key }) => key.name === name) }).read(),
    ),
  )
  return all.flatMap(seen => seen ?? [])
}

interface Watching extends Looking {
  readonly origin: string
  readonly alarm: Alarm
  /** Until it is known whether the ledger goes on here with all that was accepted of its other logs: what tells. */
  entry?: WentOnOptions
}

/** Looks at the log; that it does not answer is a finding as well. What was accepted is kept before anyone is told. */
async function lookOf(watching: Watching): Promise<{ look: Look; error?: ClientError }> {
  const { origin, watcher, time, totals, alarm, kept } = watching
  const nowMs = Date.now()
  const earlierSize = watcher.last?.checkpoint.size
  const before = watching.entry === undefined ? [] : await wentOn(watching.entry)
  if (before?.length === 0) delete watching.entry
  // What does not go on from what was accepted is not accepted.
  const { troubles, silence, unheard }: Looked = before?.length
    ? { troubles: before, unheard: [] }
    : await lookAt(watching, nowMs)
  for (const trouble of unheard) await alarm.keep(trouble, nowMs)
  if (kept?.waiting !== undefined) note(`What was accepted is kept at the next look: ${kept.waiting}`)
  const look = describeLook({
    origin,
    nowMs,
    watcher,
    time,
    totals,
    troubles,
    ...(earlierSize === undefined ? {} : { earlierSize }),
    ...(silence === undefined ? {} : { silence: silence.message }),
  })
  return silence === undefined ? { look } : { look, error: silence }
}

async function lookOnce(watching: Watching, { json }: WatchOptions): Promise<number> {
  const { look, error } = await lookOf(watching)
  if (error !== undefined && look.troubles.length === 0) throw error
  if (json) printJson(look)
  else print(showLook(look))
  const news = await watching.alarm.looked(look.troubles, Date.parse(look.time))
  for (const { path } of news.begun) if (path !== undefined) note(`Evidence: ${path}`)
  return look.holds ? EXIT.ok : EXIT.refused
}

async function follow(first: Watching, url: string, trusted: Policy, options: WatchOptions): Promise<number> {
  let watching = first
  const counts: Counts = { holds: 0, trouble: 0, silence: 0 }
  let last: Look | undefined
  const [server, metricsUrl] =
    options.metrics === undefined
      ? []
      : await serveMetrics(options.metrics, () => metricsOf(last, watching.origin, Date.now(), counts))
  const over = untilSignal()
  note(
    `Watching ${first.origin} at ${url}. Stop with Ctrl-C.${metricsUrl === undefined ? '' : ` Metrics: ${metricsUrl}`}`,
  )
  const watchOn = async (): Promise<number> => {
    for (;;) {
      let { look } = await lookOf(watching)
      const next = await originNext(watching, look, url, trusted, options)
      if (next !== undefined) {
        watching = await begin(url, trusted, next, options)
        note(`The ledger goes on as ${next}.`)
        look = (await lookOf(watching)).look
      }
      const { alarm } = watching
      counts[look.silence !== undefined ? 'silence' : look.holds ? 'holds' : 'trouble']++
      const nowMs = Date.parse(look.time)
      const isSilent = look.silence !== undefined
      const news = await (isSilent ? alarm.waited(look.troubles, nowMs) : alarm.looked(look.troubles, nowMs))
      if (options.json) print(`${JSON.stringify(look)}\n`)
      else sayTrouble(look, news)
      sayNews(look, last)
      last = look
      if (look.troubles.length > 0 && options.webhook === undefined) return EXIT.refused
      await pause(options.every, over)
    }
  }
  // A look may be under way; what it keeps is written whole or not at all, so nothing has to be waited for.
  void over.then(name => process.exit(name === 'SIGINT' ? EXIT.interrupted : EXIT.ok))
  return watchOn().finally(() => server?.close())
}

/** What has gone wrong since the look before, and what has not gone on. */
function sayTrouble({ time }: Look, { begun, ended }: News): void {
  for (const { code, subject } of ended) print(`${time}  no more ${code}${subject && `: ${subject}`}\n`)
  for (const { trouble, path } of begun) {
    print(`${time}  ${trouble.code}: ${inOneLine(trouble.message)}\n`)
    if (path !== undefined) print(`  evidence: ${path}\n`)
  }
}

/**
 * Remarks on what is news since the look before: that there is no answer, or again one, and promises that were kept.
 */
function sayNews(look: Look, before: Look | undefined): void {
  if (look.silence !== undefined && before?.silence === undefined) note(`No answer: ${look.silence}. Asking on.`)
  if (look.silence === undefined && before?.silence !== undefined) note('It answers again.')
  for (const [name, state] of Object.entries(look.promises))
    if (state === 'kept' && before?.promises[name] !== 'kept') note(`What ${name} promises is in the log.`)
}

/** Another log of the policy that is served now, where what is served is of none that is watched. */
async function originNext(
  { origin }: Watching,
  { troubles }: Look,
  url: string,
  trusted: Policy,
  options: WatchOptions,
): Promise<string | undefined> {
  if (options.origin !== undefined || !troubles.some(({ code }) => code === 'unknown-log')) return undefined
  const served = await servedOrigin(url, trusted)
  return served === undefined || served === origin ? undefined : served
}

/** The log of a policy that a server serves; undefined where it serves none of them, or nothing. */
async function servedOrigin(url: string, policy: Policy): Promise<string | undefined> {
  const client = new TallyClient({ url: ledgerUrl(url), policy, retries: 1, timeoutMs: 10_000 })
  try {
    return openSigned(await client.checkpoint(), policy).origin
  } catch (error) {
    if (error instanceof CodedError) return undefined
    throw error
  }
}

/** Which log of a policy is watched. @throws UsageError `settings`. */
async function originOf(url: string, policy: Policy, { origin }: WatchOptions): Promise<string> {
  const all = [...new Set(policy.logs.map(({ key }) => key.name))]
  const [only, ...more] = origin === undefined ? all : all.filter(name => name === origin)
  if (only !== undefined && more.length === 0) return only
  const served = origin === undefined ? await servedOrigin(url, policy) : undefined
  if (served !== undefined) return served
  const names = all.join(', ')
  throw new UsageError(
    'settings',
    'A watch follows one log. ' +
      `${names === '' ? 'The policy names none.' : `Name it with --origin: the policy has ${names}.`}`,
  )
}

/** Promises of a log. @throws UsageError `file`, FormatError, VerifyError of `verifyPromiseUnder`. */
async function readPromises(
  files: readonly string[],
  policy: Policy,
): Promise<NonNullable<WatcherOptions['promises']>> {
  const promises: { name: string; promise: ReturnType<typeof decodePromise> }[] = []
  for (const name of files) {
    const promise = await readParsed(name, decodePromise)
    verifyPromiseUnder(promise, logKeysOf(policy))
    promises.push({ name, promise })
  }
  return promises
}
