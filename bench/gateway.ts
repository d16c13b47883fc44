import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// node bench/gateway.ts [seconds]
// Events a second through a shop's gateway and its ledger, each a process of its own, and how long a hold takes beside
// half of that. The caller is on the same cores. Every write is on the disk before it is answered.

const TALLY = join(import.meta.dirname, '../cli/tally.js')
const CONNECTIONS = 256
const MEMBERS = 2000
const LISTED = 500
const [SECONDS = '5'] = process.argv.slice(2)

const directory = await mkdtemp(join(tmpdir(), 'tally-bench-gateway-'))
const children: ChildProcess[] = []

function tally(...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [TALLY, ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] })
}

async function said(child: ChildProcess, what: RegExp): Promise<string> {
  let out = ''
  for await (const text of child.stdout!.setEncoding('utf8')) {
    out += text
    const found = what.exec(out)?.[1]
    if (found !== undefined) return found
  }
  throw new Error(`it said nothing like ${what}: ${out}`)
}

async function lasting(args: readonly string[], what: RegExp): Promise<string> {
  const child = tally(...args)
  children.push(child)
  const found = await said(child, what)
  child.stdout!.resume()
  return found
}

/** A connection that sends one request after another, and reads of each answer its status. */
class Caller {
  readonly #socket
  #answer: ((status: number) => void) | undefined
  #text = ''

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay(true)
    this.#socket.setEncoding('latin1').on('data', text => this.#read(String(text)))
  }

  ask(path: string, body: object): Promise<number> {
    const text = JSON.stringify(body)
    this.#socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    )
    return new Promise(resolve => {
      this.#answer = resolve
    })
  }

  #read(text: string): void {
    this.#text += text
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/content-length: (\d+)/i.exec(this.#text)?.[1])
    if (this.#text.length < end + 4 + length) return
    const status = Number(this.#text.slice(9, 12))
    this.#text = this.#text.slice(end + 4 + length)
    this.#answer?.(status)
  }
}

const url = await lasting(['serve', '--port', '0'], /Listening on (http:\S+)/)
await once(tally('setup', 'shop', '--url', url), 'close')
const key = (await said(tally('gateway', 'key', 'add', 'bench', '--rate', '1000000'), /(tk_\S+)\n/)).trim()
const gateway = await lasting(['gateway', '--port', '0', '--ledger', url], /listens on (http:\S+)/)
const port = Number(new URL(gateway).port)

/** Processor time of each process so far, in µs; not known elsewhere than on Linux. */
function processorTimes(): number[] {
  const { user, system } = process.cpuUsage()
  const others = children.map(({ pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  })
  return [...others, user + system]
}

let made = 0
async function earnUntil(untilMs: number, pauseMs = 0): Promise<number> {
  let count = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const caller = new Caller(port)
      while (performance.now() < untilMs) {
        const member = `cust_${made % MEMBERS}`
        const status = await caller.ask('/v1/earn', { member, points: 1, id: `event-${made++}` })
        if (status !== 201) throw new Error(`an event was answered ${status}`)
        count++
        if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs))
      }
    }),
  )
  return count
}

async function earnListed(untilMs: number): Promise<number> {
  let count = 0
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const caller = new Caller(port)
      while (performance.now() < untilMs) {
        const earnings = Array.from({ length: LISTED }, () => ({
          ...{ member: `cust_${made % MEMBERS}`, points: 1, id: `event-${made++}` },
        }))
        const status = await caller.ask('/v1/earnings', { earnings })
        if (status !== 200) throw new Error(`a list was answered ${status}`)
        count += LISTED
      }
    }),
  )
  return count
}

try {
  // Members are opened, and code is compiled.
  await earnUntil(performance.now() + 4000)
  const ms = Number(SECONDS) * 1000
  const timed = async (what: string, work: (untilMs: number) => Promise<number>): Promise<number> => {
    const before = processorTimes()
    const rate = (await work(performance.now() + ms)) / Number(SECONDS)
    const each = processorTimes().map((us, i) => Math.round((us - before[i]!) / (rate * Number(SECONDS))))
    const [ledger, gateway, caller] = each
    const time = `of an event in processor time: gateway ${gateway} µs, ledger ${ledger} µs, caller ${caller} µs`
    console.log(`${Math.round(rate)} events a second ${what}; ${time}`)
    return rate
  }
  const rate = await timed(`one by one over ${CONNECTIONS} connections`, earnUntil)
  await timed(`in lists of ${LISTED}`, earnListed)
  const half = earnUntil(performance.now() + ms, (CONNECTIONS / (rate / 2)) * 1000)
  const holder = new Caller(port)
  const times: number[] = []
  const endMs = performance.now() + ms
  for (let i = 0; performance.now() < endMs; i++) {
    const atMs = performance.now()
    const status = await holder.ask(`/v1/orders/o-${i}/hold`, { member: `cust_${i % MEMBERS}`, points: 1 })
    times.push(performance.now() - atMs)
    if (status !== 201) throw new Error(`a hold was answered ${status}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
  const beside = (await half) / Number(SECONDS)
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.floor(times.length * share)]!.toFixed(1)
  console.log(
    `a hold beside ${Math.round(beside)} a second: ${at(0.5)} ms, ${at(0.99)} ms for the slowest of a hundred`,
  )
} finally {
  for (const child of children.reverse()) {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  await rm(directory, { recursive: true, force: true })
}
process.exit(0)
