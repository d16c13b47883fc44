import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { concatBytes, utf8Encode } from '../../src/core/bytes.ts'
import type { LoadOrder, LoadReport, Pool } from './overload-driver.ts'
import { freePort, pause, quantile, RealLedger, TallyProcess, weighed } from './real-ledger.ts'

// Twice as much as a ledger can take: what it does with that, and whether it is as before afterwards.

/** Callers from four addresses of this machine. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']
/** Connections of those who call, together, each with one request at a time. */
const CONNECTIONS = 512
/** More payments a second than a ledger takes on any machine that this runs on. */
const MOST = 20_000

/** What came of a load. Times are in ms. */
export interface Loaded {
  /** Requests that were written a second, and those that were accepted. */
  readonly offered: number
  readonly perSecond: number
  readonly accepted: number
  readonly p50: number
  readonly p99: number
  /** Answers 429 and 503, and how many of them say when to come again. */
  readonly shed: number
  readonly retryAfter: number
  /** Requests without an answer, or with any other. */
  readonly failed: number
  /** The most bytes that the process had in memory meanwhile. */
  readonly rss: number
}

export interface Overload {
  /** As fast as the answers of a few callers come. */
  readonly sustainable: Loaded
  /** At half of that. */
  readonly calm: Loaded
  /** At twice as much. */
  readonly over: Loaded
  /** At half of it again. */
  readonly after: Loaded
  /** Until a payment takes no longer than the longest in calm, in ms. */
  readonly recoveredMs: number
  /** Batches that were acknowledged and are not there, or twice. */
  readonly lost: number
}

/**
 * Starts a ledger, finds out what it sustains, and sends it twice as much.
 *
 * @param most - payments a second that are made to find out: more than it takes.
 */
export async function tryOverload(
  seconds: number,
  say: (text: string) => void,
  most: number = MOST,
): Promise<Overload> {
  const directory = await mkdtemp(join(tmpdir(), 'tally-overload-'))
  const port = await freePort()
  const server = new TallyProcess(directory, ['serve', '--port', `${port}`, '--log-level', 'error'])
  try {
    if (!(await server.saying(/Stop with Ctrl-C/))) throw new Error(server.said)
    const ledger = new RealLedger(directory, port)
    await ledger.read()
    const load = new Load(
      ledger,
      (await ledger.members(100, 0)).map(({ account }) => account),
      server.child.pid!,
    )
    const ms = 1000 * seconds
    await load.run(Math.max(1000, ms / 2), most * Math.max(1, seconds / 2))
    const sustainable = await load.run(ms, most * seconds)
    say(inWords('sustained', sustainable))
    const half = Math.round(sustainable.perSecond / 2)
    const calm = await load.run(ms, half * seconds, half)
    say(inWords('calm, half of it', calm))
    const over = await load.run(ms, 4 * half * seconds, 4 * half)
    say(inWords('twice as much', over))
    const begin = performance.now()
    while ((await load.one()) > Math.max(calm.p99, 1)) await pause(10)
    const recoveredMs = performance.now() - begin
    const after = await load.run(ms, half * seconds, half)
    say(inWords('calm again', after))
    await load.close()
    const lost = await load.lost()
    return { sustainable, calm, over, after, recoveredMs, lost }
  } finally {
    await server.end('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  }
}

class Load {
  readonly #ledger: RealLedger
  readonly #accounts: readonly number[]
  readonly #pid: number
  readonly #callers: Worker
  readonly #acknowledged: Uint8Array[] = []
  #next = 0

  constructor(ledger: RealLedger, accounts: readonly number[], pid: number) {
    this.#ledger = ledger
    this.#accounts = accounts
    this.#pid = pid
    const pool: Pool = { port: ledger.port, addresses: ADDRESSES, connections: CONNECTIONS }
    this.#callers = new Worker(new URL('./overload-driver.ts', import.meta.url), { workerData: pool })
  }

  /** One payment: how long it takes, in ms. */
  async one(): Promise<number> {
    const bytes = this.#made()
    const begin = performance.now()
    await this.#ledger.send(bytes, ADDRESSES[0])
    return performance.now() - begin
  }

  /**
   * Sends payments at a rate, or as fast as answers come; all are signed before the first is sent.
   *
   * @param most - how many at most.
   */
  async run(ms: number, most: number, perSecond?: number): Promise<Loaded> {
    const batches = Array.from({ length: most }, () => this.#made())
    const requests = batches.map(bytes => requestOf(this.#ledger.port, bytes))
    let rss = 0
    const look = setInterval(async () => {
      rss = Math.max(rss, (await weighed(this.#pid))?.rss ?? 0)
    }, 100)
    const order: LoadOrder = { requests, ms, ...(perSecond === undefined ? {} : { perSecond }) }
    this.#callers.postMessage(order)
    const [{ written, tookMs, statuses, times, retryAfter }] = (await once(this.#callers, 'message')) as [LoadReport]
    clearInterval(look)
    const accepted: number[] = []
    let [shed, failed] = [0, 0]
    for (let n = 0; n < written; n++)
      if (statuses[n] === 200) {
        accepted.push(times[n]!)
        this.#acknowledged.push(batches[n]!)
      } else if (statuses[n] === 429 || statuses[n] === 503) shed++
      else failed++
    const inSecond = (count: number) => Math.round((1000 * count) / tookMs)
    return {
      ...{ offered: inSecond(written), perSecond: inSecond(accepted.length), accepted: accepted.length },
      ...{ p50: quantile(accepted, 0.5), p99: quantile(accepted, 0.99), shed, retryAfter, failed, rss },
    }
  }

  #made(): Uint8Array {
    const account = this.#accounts[this.#next++ % this.#accounts.length]!
    return this.#ledger.submission([this.#ledger.key('issuer')], [this.#ledger.issue(account, 1)])
  }

  /** Sends what was acknowledged again: all of it has to be there. */
  async lost(): Promise<number> {
    let lost = 0
    const lane = async () => {
      for (let bytes = this.#acknowledged.pop(); bytes !== undefined; bytes = this.#acknowledged.pop()) {
        const answer = await this.#ledger.send(bytes)
        if ('code' in answer && answer.status === 503) {
          this.#acknowledged.push(bytes)
          await pause(100)
        } else if ('code' in answer || answer.index !== null) lost++
      }
    }
    await Promise.all(Array.from({ length: 16 }, lane))
    return lost
  }

  async close(): Promise<void> {
    this.#callers.postMessage('close')
    await once(this.#callers, 'exit')
  }
}

/** The bytes of a request, CBOR both ways. */
function requestOf(port: number, body: Uint8Array): Uint8Array {
  const head =
    `POST /v1/batches HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/cbor\r\n` +
    `accept: application/cbor\r\ncontent-length: ${body.length}\r\n\r\n`
  return concatBytes(utf8Encode(head), body)
}

function inWords(what: string, { offered, perSecond, p50, p99, shed, retryAfter, failed, rss }: Loaded): string {
  const refused = shed === 0 ? '' : `, ${shed} told to come again (${retryAfter} with Retry-After)`
  return (
    `${what}: ${offered} a second sent, ${perSecond} accepted, median ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms${refused}, ` +
    `${failed} failed, ${(rss / 2 ** 20).toFixed(0)} MB`
  )
}

// npm run try:overload [-- --seconds 10]
if (import.meta.main) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } })
  const { calm, over, recoveredMs, lost } = await tryOverload(Number(values.seconds), text => console.log(text))
  console.log(
    `p99 of what was accepted: ${(over.p99 / calm.p99).toFixed(1)} times that of calm; ` +
      `as before ${(recoveredMs / 1000).toFixed(1)} s later; ${lost} lost.`,
  )
  process.exitCode = lost === 0 && over.failed === 0 ? 0 : 1
}
