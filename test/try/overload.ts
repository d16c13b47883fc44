import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { freePort, pause, quantile, RealLedger, TallyProcess, weighed } from './real-ledger.ts'

// Twice as much as a ledger can take: what it does with that, and whether it is as before afterwards.

/** Callers from four addresses of this machine. */
const ADDRESSES = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']
const LANES = 256

/** What came of a load. Times are in ms. */
export interface Loaded {
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

/** Starts a ledger, finds out what it sustains, and sends it twice as much. */
export async function tryOverload(seconds: number, say: (text: string) => void): Promise<Overload> {
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
    await load.closed(1000)
    const sustainable = await load.closed(1000 * seconds)
    say(inWords('sustained', sustainable))
    const half = Math.round(sustainable.perSecond / 2)
    const calm = await load.open(half, 1000 * seconds)
    say(inWords('calm, half of it', calm))
    const over = await load.open(4 * half, 1000 * seconds)
    say(inWords('twice as much', over))
    const begin = performance.now()
    while ((await load.one()) > Math.max(calm.p99, 1)) await pause(10)
    const recoveredMs = performance.now() - begin
    const after = await load.open(half, 1000 * seconds)
    say(inWords('calm again', after))
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
  readonly #acknowledged: Uint8Array[] = []
  #next = 0

  constructor(ledger: RealLedger, accounts: readonly number[], pid: number) {
    this.#ledger = ledger
    this.#accounts = accounts
    this.#pid = pid
  }

  /** One payment: how long it takes, in ms. */
  async one(): Promise<number> {
    const begin = performance.now()
    await this.#ledger.send(this.#made(), ADDRESSES[0])
    return performance.now() - begin
  }

  /** So many callers, each of whom waits for its answer before it sends again. */
  closed(ms: number): Promise<Loaded> {
    return this.#measured(ms, async tell => {
      const until = performance.now() + ms
      const lane = async (n: number) => {
        while (performance.now() < until) await this.#send(this.#made(), n, performance.now(), tell)
      }
      await Promise.all(Array.from({ length: LANES }, (_, n) => lane(n)))
    })
  }

  /** At a rate, whether answers come or not. */
  async open(perSecond: number, ms: number): Promise<Loaded> {
    const count = Math.round((perSecond * ms) / 1000)
    const batches = Array.from({ length: count }, () => this.#made())
    return this.#measured(ms, async tell => {
      const begin = performance.now()
      const under: Promise<void>[] = []
      for (let n = 0; n < count; n++) {
        const due = begin + (1000 * n) / perSecond
        if (due > performance.now()) await pause(Math.max(1, due - performance.now()))
        under.push(this.#send(batches[n]!, n, due, tell))
      }
      await Promise.all(under)
    })
  }

  async #measured(ms: number, run: (tell: (what: string, tookMs: number) => void) => Promise<void>): Promise<Loaded> {
    const times: number[] = []
    const counts = { shed: 0, retryAfter: 0, failed: 0 }
    let rss = 0
    const look = setInterval(async () => {
      rss = Math.max(rss, (await weighed(this.#pid))?.rss ?? 0)
    }, 100)
    await run((what, tookMs) => {
      if (what === 'accepted') times.push(tookMs)
      else if (what === 'retry') [counts.shed, counts.retryAfter] = [counts.shed + 1, counts.retryAfter + 1]
      else if (what === 'shed') counts.shed++
      else counts.failed++
    })
    clearInterval(look)
    const perSecond = Math.round((1000 * times.length) / ms)
    return { perSecond, accepted: times.length, p50: quantile(times, 0.5), p99: quantile(times, 0.99), ...counts, rss }
  }

  async #send(bytes: Uint8Array, n: number, due: number, tell: (what: string, tookMs: number) => void): Promise<void> {
    const from = ADDRESSES[n % ADDRESSES.length]
    const send = () => this.#ledger.send(bytes, from).catch(() => undefined)
    // A connection may end as a request sets out: as any client, this one sends the same bytes again.
    const answer = (await send()) ?? (await send())
    const tookMs = performance.now() - due
    if (answer === undefined) tell('failed', tookMs)
    else if (!('code' in answer)) {
      this.#acknowledged.push(bytes)
      tell('accepted', tookMs)
    } else if (answer.status !== 429 && answer.status !== 503) tell('failed', tookMs)
    else tell(answer.retryAfter === undefined ? 'shed' : 'retry', tookMs)
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
        if ('code' in answer || answer.index !== null) lost++
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return lost
  }
}

function inWords(what: string, { perSecond, p50, p99, shed, retryAfter, failed, rss }: Loaded): string {
  const refused = shed === 0 ? '' : `, ${shed} told to come again (${retryAfter} with Retry-After)`
  return (
    `${what}: ${perSecond} a second accepted, median ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms${refused}, ` +
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
