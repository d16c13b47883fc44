import { availableParallelism } from 'node:os'
import { InvalidArgumentError, Option } from 'commander'
import { QUARTER_MS } from '../../src/account/dates.ts'
import { parseDecimal } from '../../src/core/bytes.ts'
import { momentMs } from '../../src/node/moment.ts'

/** A whole number on the command line. */
export function wholeNumber(text: string): number {
  try {
    return parseDecimal(text)
  } catch {
    throw new InvalidArgumentError('Expected a whole number.')
  }
}

/** A size on the command line, such as `512MiB` or `1GiB`, in bytes; 0 for nothing. */
export function byteSize(text: string): number {
  const match = /^(0|[1-9][0-9]{0,5})(KiB|MiB|GiB|TiB)?$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected a size such as 512MiB or 1GiB, or 0.')
  const unit = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }[match[2] as 'KiB' | 'MiB' | 'GiB' | 'TiB']
  return Number(match[1]) * (unit ?? 1)
}

/** Paths of an option that may be given more than once. */
export function manyPaths(path: string, before: readonly string[] = []): string[] {
  return [...before, path]
}

/** Where the keys are that the first start made, unless an option or `TALLY_DATA` says. */
export const DEFAULT_DATA = 'data'
/** Where the ledger is, unless an option or `TALLY_URL` says. */
export const DEFAULT_URL = 'http://127.0.0.1:8080'

/** How a bucket is named, for the help of commands that take a folder or a bucket. */
export const BUCKET_HELP =
  '\n\nA bucket is s3://BUCKET/PREFIX, of a store of your own s3://BUCKET/PREFIX?endpoint=https://HOST&region=NAME. ' +
  'Its keys come from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; AWS_REGION and ' +
  'AWS_ENDPOINT_URL_S3 stand for the parameters.'

/** A span of time on the command line, such as `90s`, `15m`, `12h` or `1d`, in milliseconds. */
export function timeSpan(text: string): number {
  const match = /^([1-9][0-9]{0,8})(s|m|h|d)$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Expected a time such as 90s, 15m, 12h or 1d.')
  return Number(match[1]) * { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2] as 's' | 'm' | 'h' | 'd']
}

/** An option whose value is a span of time, `fallback` by default. */
export function timeOption(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description).argParser(timeSpan).default(timeSpan(fallback), fallback)
}

/** A port on the command line; 0 for any. */
export function portNumber(text: string): number {
  const port = wholeNumber(text)
  if (port > 65_535) throw new InvalidArgumentError('Expected a port, 0 to 65535.')
  return port
}

/** A day on the command line, such as `2010-12-01`, as the milliseconds at which it begins (UTC). */
export function day(text: string): number {
  const timeMs = /^\d{4}-\d\d-\d\d$/.test(text) ? momentMs(text) : undefined
  if (timeMs === undefined || timeMs < 0) throw new InvalidArgumentError('Expected a day such as 2010-12-01.')
  return timeMs
}

/** A time on the command line, such as `2026-12-24` or `2026-12-24T18:00Z`, in milliseconds; 0 for `none`. */
export function moment(text: string): number {
  if (text === 'none') return 0
  const timeMs = momentMs(text)
  if (timeMs === undefined || timeMs <= 0)
    throw new InvalidArgumentError('Expected a time that there is, such as 2026-12-24, 2026-12-24T18:00Z, or none.')
  return timeMs
}

/** When something is: so long after a command's own time, or at a time; 0 ms for `none`. */
export type DueTime = { readonly inMs: number } | { readonly atMs: number }

/** A time on the command line, as a span such as `90d` or as a date such as `2026-12-24`: both, wherever one is. */
export function due(text: string): DueTime {
  if (/^[1-9][0-9]*[smhd]$/.test(text)) return { inMs: timeSpan(text) }
  try {
    return { atMs: moment(text) }
  } catch {
    throw new InvalidArgumentError('Expected a time such as 90d, 12h, 2026-12-24, 2026-12-24T18:00Z, or none.')
  }
}

/** A month on the command line, such as `2026-11`. */
export function month(text: string): string {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(text)) throw new InvalidArgumentError('Expected a month such as 2026-11.')
  return text
}

/** A date of points on the command line, in quarter hours since 1970; 0 for `none`. */
export function quarterHour(text: string): number {
  const quarters = moment(text) / QUARTER_MS
  if (!Number.isInteger(quarters))
    throw new InvalidArgumentError(
      'Expected a full quarter of an hour, such as 2026-12-24T18:00Z or 2026-12-24T18:30Z.',
    )
  return quarters
}

/** `--port`, with `fallback` for its default. */
export function portOption(fallback = 8080): Option {
  return new Option('--port <port>', 'port to listen on; 0 for any').argParser(portNumber).default(fallback)
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent']

/** `--log-level`, by default `warn`. */
export function logLevelOption(): Option {
  return new Option('--log-level <level>', 'how much to say on standard error').choices(LOG_LEVELS).default('warn')
}

/** `--threads`: as many as there are cores by default, none on a single one. */
export function threadsOption(): Option {
  return new Option('--threads <n>', 'threads that decode batches and verify signatures; 0: the one of the ledger does')
    .argParser(threadCount)
    .default(defaultThreads(), 'one a core, 0 where there is only one')
}

function threadCount(text: string): number {
  const threads = wholeNumber(text)
  if (threads > THREADS_MAX) throw new InvalidArgumentError(`Expected a number of threads, 0 to ${THREADS_MAX}.`)
  return threads
}

const THREADS_MAX = 256

function defaultThreads(): number {
  const cores = Math.min(availableParallelism(), THREADS_MAX)
  return cores > 1 ? cores : 0
}

/** What every command that talks to a ledger takes. */
export interface Remote {
  readonly url: string
  readonly data: string
  readonly policy?: string
  readonly key?: string
  /** The key file of a custodian, who acts in an owner's stead. */
  readonly custodian?: string
}

/** `--policy`, of every command that asks a ledger. */
export function policyOption(): Option {
  return new Option('--policy <file>', 'whom you trust: a tlog-policy file; by default the one in --data')
}

export function remoteOptions(): Option[] {
  return [
    new Option('--url <url>', 'the ledger').default(DEFAULT_URL),
    new Option('--data <dir>', 'where the keys and the policy are that the first start made').default(DEFAULT_DATA),
    policyOption(),
    new Option('--key <file>', 'a key file, instead of the one in --data'),
  ]
}

/** `--custodian`, where an owner's key is asked for. */
export function custodianOption(): Option {
  return new Option('--custodian <file>', "a custodian's key file: it acts in the owner's stead")
}

/** `--state`, of every command that works in the folder of a gateway. */
export function stateOption(): Option {
  return new Option('--state <dir>', 'where the gateway keeps its memory and keys').default('gateway')
}

/** Account numbers between commas, increasing. */
export function accountList(text: string): readonly number[] {
  return text
    .split(',')
    .map(wholeNumber)
    .sort((a, b) => a - b)
}
