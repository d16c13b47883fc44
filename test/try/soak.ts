import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeToken } from '../../src/client/index.ts'
import { ask, freePort, pause, quantile, RealLedger, TallyProcess, weighed } from './real-ledger.ts'

// A ledger that runs for long under an even load: does anything grow that should not?

/** What was seen at one time. */
export interface Seen {
  readonly seconds: number
  readonly rss: number
  readonly handles: number
  /** p99 of payments since the last look, in ms. */
  readonly p99: number
  readonly entries: number
}

export interface Soaked {
  readonly seen: readonly Seen[]
  /** Requests that were not answered well. */
  readonly failed: number
  /** How many of them failed for which reason: a status with its code, or the error of the connection. */
  readonly reasons: Readonly<Record<string, number>>
}

/** Runs a ledger under payments, payouts, reads and statements; looks at it so often. */
export async function trySoak(minutes: number, everyMs: number, say: (text: string) => void): Promise<Soaked> {
  const directory = await mkdtemp(join(tmpdir(), 'tally-soak-'))
  const port = await freePort()
  const server = new TallyProcess(directory, [
    'serve',
    '--port',
    `${port}`,
    '--log-level',
    'error',
    '--publish',
    'published',
  ])
  const seen: Seen[] = []
  const reasons: Record<string, number> = {}
  let [failed, isOver] = [0, false]
  const fail = (reason: string) => {
    failed++
    reasons[reason] = (reasons[reason] ?? 0) + 1
  }
  try {
    if (!(await server.saying(/Stop with Ctrl-C/))) throw new Error(server.said)
    const ledger = new RealLedger(directory, port)
    await ledger.read()
    // So many that each pays less often than the unit's rate lets members pay.
    const members = await ledger.members(Math.min(1000, 100 + Math.ceil(100 * minutes)), 100_000)
    const token = await makeToken(ledger.key('registrar'), ledger.ledgerId, 'ledger')
    let [headers, tokenMs] = [{ authorization: `Bearer ${token}` }, Date.now()]
    let times: number[] = []
    let at = 0
    /** Acts again and again. An act returns why it failed, undefined where it did not. */
    const lane = async (act: () => Promise<string | undefined>, pauseMs: number) => {
      while (!isOver) {
        const reason = await act().catch((error: Error) => error.message)
        if (reason !== undefined) fail(reason)
        await pause(pauseMs)
      }
    }
    const refusal = async (bytes: Uint8Array) => {
      const answer = await ledger.send(bytes)
      return 'code' in answer ? `${answer.status} ${answer.code}` : undefined
    }
    const pay = async () => {
      const member = members[at++ % members.length]!
      const bytes = ledger.submission([ledger.owner(member)], [ledger.redeem(member.account, 1)])
      const begin = performance.now()
      const reason = await refusal(bytes)
      times.push(performance.now() - begin)
      return reason
    }
    const payOut = () => {
      const issues = Array.from({ length: 100 }, () => ledger.issue(members[at++ % members.length]!.account, 1))
      return refusal(ledger.submission([ledger.key('issuer')], issues))
    }
    const read = async () => {
      if (Date.now() - tokenMs > 200_000) {
        const fresh = await makeToken(ledger.key('registrar'), ledger.ledgerId, 'ledger')
        ;[headers, tokenMs] = [{ authorization: `Bearer ${fresh}` }, Date.now()]
      }
      const { account } = members[at++ % members.length]!
      // After an hour a member has thousands of lines: a statement is read in pages, as a client reads it.
      const path = at % 5 === 0 ? `/v1/accounts/${account}/statement?lines=1000` : `/v1/accounts/${account}`
      const { status, bytes } = await ask(port, path, { headers })
      return status === 200 ? undefined : `${path.replace(/\d+/, 'N')} ${status} ${String(bytes).slice(0, 120)}`
    }
    // There is no statement of an account before a checkpoint has it.
    const last = `/v1/accounts/${members.at(-1)!.account}/statement`
    while ((await ask(port, last, { headers })).status !== 200) await pause(50)
    const lanes = [...Array.from({ length: 4 }, () => lane(pay, 20)), lane(payOut, 200), lane(read, 50)]
    const begin = performance.now()
    while (performance.now() - begin < 60_000 * minutes) {
      await pause(everyMs)
      const now = await weighed(server.child.pid!)
      // A machine that has much else to do may not answer in time: that is counted, and the next look comes.
      const look = await ask(port, '/v1/ledger').catch((error: Error) => fail(`a look: ${error.message}`))
      if (look === undefined) continue
      const { size } = JSON.parse(String(look.bytes)) as { size: number }
      const one = {
        seconds: (performance.now() - begin) / 1000,
        rss: now?.rss ?? 0,
        handles: now?.handles ?? 0,
        p99: quantile(times, 0.99),
        entries: size,
      }
      times = []
      seen.push(one)
      say(
        `${one.seconds.toFixed(0)} s: ${(one.rss / 2 ** 20).toFixed(0)} MB, ${one.handles} handles, ` +
          `p99 ${one.p99.toFixed(0)} ms, ${one.entries} entries, ${failed} failed`,
      )
    }
    isOver = true
    await Promise.all(lanes)
    return { seen, failed, reasons }
  } finally {
    await server.end('SIGKILL')
    await rm(directory, { recursive: true, force: true })
  }
}

const [WIDTH, HEIGHT, LEFT] = [720, 150, 70]

/** Curves of what was seen over time, as one picture. */
export function drawSoak(seen: readonly Seen[]): string {
  const curves: readonly (readonly [string, (one: Seen) => number])[] = [
    ['memory, MB', ({ rss }) => rss / 2 ** 20],
    ['handles', ({ handles }) => handles],
    ['p99 of a payment, ms', ({ p99 }) => p99],
    ['entries, thousands', ({ entries }) => entries / 1000],
  ]
  const longest = Math.max(1, ...seen.map(({ seconds }) => seconds))
  const parts = curves.map(([name, of], i) => {
    const most = Math.max(1, ...seen.map(of)) * 1.1
    const top = 30 + i * (HEIGHT + 40)
    const x = (seconds: number) => LEFT + (seconds / longest) * WIDTH
    const y = (value: number) => top + HEIGHT - (value / most) * HEIGHT
    const points = seen.map(one => `${x(one.seconds).toFixed(1)},${y(of(one)).toFixed(1)}`).join(' ')
    return (
      `<text x="${LEFT}" y="${top - 8}">${name}</text>` +
      `<text x="${LEFT - 6}" y="${top + 10}" text-anchor="end">${most.toFixed(0)}</text>` +
      `<text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>` +
      `<path d="M${LEFT} ${top}V${top + HEIGHT}H${LEFT + WIDTH}" fill="none" stroke="#999"/>` +
      `<polyline points="${points}" fill="none" stroke="#0a6" stroke-width="1.5"/>`
    )
  })
  const height = 30 + curves.length * (HEIGHT + 40)
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${LEFT + WIDTH + 20}" height="${height}" ` +
    `font-family="sans-serif" font-size="12"><title>${curves.map(([name]) => name).join('; ')}</title><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}` +
    `<text x="${LEFT + WIDTH}" y="${height - 4}" text-anchor="end">${(longest / 60).toFixed(1)} minutes</text></svg>\n`
  )
}

/** By how much a curve grows in its second half, as a share of what it is there. */
export function growth(seen: readonly Seen[], of: (one: Seen) => number): number {
  const second = seen.slice(Math.floor(seen.length / 2))
  const middle = Math.floor(second.length / 2)
  const [before, after] = [second.slice(0, middle), second.slice(middle)].map(part => quantile(part.map(of), 0.5))
  return before === undefined || before === 0 ? 0 : (after! - before) / before
}

// npm run try:soak [-- --minutes 60] [-- --every 10] [-- --svg soak.svg]
if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '60' },
      every: { type: 'string', default: '10' },
      svg: { type: 'string', default: 'soak.svg' },
    },
  })
  const { seen, failed, reasons } = await trySoak(Number(values.minutes), 1000 * Number(values.every), text =>
    console.log(text),
  )
  await writeFile(values.svg, drawSoak(seen))
  const share = (of: (one: Seen) => number) => `${(100 * growth(seen, of)).toFixed(1)} %`
  console.log(
    `In the second half memory grew by ${share(({ rss }) => rss)}, handles by ${share(({ handles }) => handles)}, ` +
      `p99 by ${share(({ p99 }) => p99)}; ${failed} failed. Drawn in ${values.svg}.`,
  )
  for (const [reason, times] of Object.entries(reasons)) console.log(`${times} times: ${reason}`)
  process.exitCode = failed === 0 ? 0 : 1
}
