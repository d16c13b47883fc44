import { randomInt } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../src/client/index.ts'
import { randomFrom } from '../ledger/cut-rows.ts'
import { WRITES } from '../try/kill.ts'
import { ask, freePort, type HeldMember, pause, RealLedger, TallyProcess } from '../try/real-ledger.ts'
import { Brokers } from './brokers.ts'

const PRELOAD = join(import.meta.dirname, '../try/kill-at.ts')
const START_MS = 300_000
/** How long a server lives that does not come to the write at which it is to be killed. */
const PATIENCE_MS = 12_000

/** One of the servers of a ledger: a folder, a port and a process. */
class Server {
  readonly directory: string
  readonly ledger: RealLedger
  readonly #journal: string
  #process: TallyProcess

  constructor(directory: string, port: number, journal: string) {
    this.directory = directory
    this.ledger = new RealLedger(directory, port)
    this.#journal = journal
    this.#process = this.start()
  }

  start(killAt?: string): TallyProcess {
    const args = ['serve', '--port', `${this.ledger.port}`, '--threads', '0', '--publish', 'published']
    const preload = killAt === undefined ? undefined : PRELOAD
    const env = killAt === undefined ? {} : { KILL_AT: killAt }
    const shared = ['--journal', this.#journal, '--log-level', 'error']
    this.#process = new TallyProcess(this.directory, [...args, ...shared], preload, env)
    return this.#process
  }

  /** @throws Error where the process ends instead. */
  async ready(): Promise<this> {
    const until = performance.now() + START_MS
    for (;;) {
      const answer = await ask(this.ledger.port, '/readyz').catch(() => undefined)
      if (answer?.status === 200) return this
      if (!this.#process.isRunning || performance.now() > until)
        throw new Error(`the server is not ready: ${this.#process.said.slice(-1000)}`)
      await pause(50)
    }
  }

  end(signal: NodeJS.Signals): Promise<number | null> {
    return this.#process.end(signal)
  }

  async checkpoint(): Promise<string> {
    return String((await ask(this.ledger.port, '/checkpoint')).bytes)
  }
}

const { lacking } = Brokers
if (lacking !== undefined) test.skip(`servers on three brokers (${lacking})`, () => {})
else
  describe('three servers on three brokers', () => {
    let brokers: Brokers
    let room: string
    let servers: Server[]
    let member: HeldMember
    let acknowledged = 0
    const seed = randomInt(2 ** 32)
    const random = randomFrom(seed)

    beforeAll(async () => {
      console.log(`seed ${seed}`)
      brokers = await Brokers.up(29_390)
      room = await mkdtemp(join(tmpdir(), 'tally-servers-'))
      const journal = `kafka://${brokers.list.join(',')}/points`
      const first = join(room, '0/data')
      await mkdir(first, { recursive: true })
      const settings = { format: 'tallystick/ledger/v1', origin: 'kafka.example', periodMs: 100, heartbeatMs: 60_000 }
      await writeFile(join(first, 'ledger.json'), JSON.stringify(settings))
      servers = [await new Server(join(room, '0'), await freePort(), journal).ready()]
      for (const n of [1, 2]) {
        const folder = join(room, `${n}/data`)
        await cp(first, folder, { recursive: true, filter: path => path !== join(first, 'store') })
        servers.push(await new Server(join(room, `${n}`), await freePort(), journal).ready())
      }
      for (const { ledger } of servers) await ledger.read()
      member = (await servers[0]!.ledger.members(1, 0))[0]!
    })

    afterAll(async () => {
      for (const server of servers ?? []) await server.end('SIGKILL')
      await brokers?.down()
      if (room !== undefined) await rm(room, { recursive: true })
    })

    /** Sends a batch of one point until one of the servers answers, each time to one that is drawn. */
    async function give(): Promise<void> {
      const { ledger } = servers[0]!
      const bytes = ledger.submission([ledger.key('issuer')], [ledger.issue(member.account, 1)])
      for (;;) {
        const to = servers[Math.floor(random() * servers.length)]!
        const answer = await to.ledger.send(bytes).catch(() => undefined)
        if (answer === undefined || 'code' in answer) continue
        expect([...answer.statuses]).toEqual([0])
        acknowledged++
        return
      }
    }

    async function balanceAt({ ledger }: Server): Promise<number> {
      const token = await makeToken(ledger.key('registrar'), ledger.ledgerId, 'ledger')
      const headers = { authorization: `Bearer ${token}` }
      const { bytes } = await ask(ledger.port, `/v1/accounts/${member.account}`, { headers })
      return (JSON.parse(String(bytes)) as { balance: number }).balance
    }

    /** Waits until all servers show one checkpoint, and what was acknowledged. */
    async function same(): Promise<void> {
      const isSame = async () => {
        const notes = await Promise.all(servers.map(server => server.checkpoint()))
        const balances = await Promise.all(servers.map(balanceAt))
        return new Set(notes).size === 1 && balances.every(balance => balance === acknowledged)
      }
      await expect.poll(isSame, { timeout: 60_000, interval: 100 }).toBe(true)
    }

    test('each killed at each write in turn: nothing is lost or doubled, and all sign one history', async () => {
      const reached: string[] = []
      for (const [i, write] of WRITES.entries()) {
        const victim = servers[i % servers.length]!
        const nth = 1 + Math.floor(random() * (write.startsWith('batch') ? 20 : 3))
        await victim.end('SIGKILL')
        const killed = victim.start(`${write}:${nth}`)
        const until = performance.now() + PATIENCE_MS
        while (killed.isRunning && performance.now() < until) await give()
        if (!killed.isRunning) reached.push(write)
        await victim.end('SIGKILL')
        victim.start()
        for (let n = 0; n < 5; n++) await give()
        await victim.ready()
      }
      console.log(`${acknowledged} batches, killed at ${reached.join(', ')}`)
      expect(reached).toEqual(expect.arrayContaining(['batch', 'batch-after']))
      await same()
      for (const { directory, ledger } of servers) {
        const audit = new TallyProcess(directory, ['audit', ledger.url])
        expect(await audit.ended, audit.said).toBe(0)
      }
    }, 1_200_000)

    test('away for longer than the topic keeps commands: says so, and goes on from the backup of another', async () => {
      const [peer, , away] = servers as [Server, Server, Server]
      await away.end('SIGTERM')
      const others = servers.splice(2)
      for (let n = 0; n < 10; n++) await give()
      await brokers.dropRecords('points')
      for (let n = 0; n < 10; n++) await give()
      await same()

      const late = away.start()
      expect(await late.ended).not.toBe(0)
      expect(late.said).toContain('journal-range')
      expect(late.said).toContain('tally restore')

      await peer.end('SIGTERM')
      const backup = join(room, 'backup')
      await run(peer.directory, 'backup', backup)
      peer.start()
      const [data, keys] = [join(away.directory, 'data'), join(room, 'keys')]
      await cp(join(data, 'keys'), keys, { recursive: true })
      await rm(data, { recursive: true })
      await run(away.directory, 'restore', backup, '--keys', keys)
      away.start()
      await Promise.all([peer.ready(), away.ready()])
      servers.push(...others)
      for (let n = 0; n < 10; n++) await give()
      await same()
    }, 600_000)
  })

/** Runs a command to its end. */
async function run(directory: string, ...args: string[]): Promise<void> {
  const made = new TallyProcess(directory, args)
  expect(await made.ended, made.said).toBe(0)
}
