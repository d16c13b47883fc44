import { randomInt } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeToken } from '../../src/client/index.ts'
import { toBase64, toHex, utf8Decode } from '../../src/core/bytes.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { openCheckpoint, parsePolicy } from '../../src/core/note/policy.ts'
import { ask, freePort, type HeldMember, pause, RealLedger, TallyProcess } from './real-ledger.ts'

// Kills what runs beside a ledger, and the ledger, and looks whether anything that was acknowledged is lost.

/** Who can be killed. */
export const VICTIMS = ['serve', 'publish', 'audit', 'witness', 'follow', 'import', 'gateway'] as const
export type Victim = (typeof VICTIMS)[number]

/** Writes at which a process is killed, before they have their effect and after: see kill-at.ts. */
export const WRITES: readonly string[] = ['batch', 'sync', 'rename', 'writeFile', 'append', 'unlink', 'mkdir'].flatMap(
  one => [one, `${one}-after`],
)
/** About how many of a write a process makes in the time that it has. */
const MANY: Readonly<Record<string, number>> = { batch: 60, sync: 6, append: 4 }

/** A batch that was sent, and what came of it. */
interface Sent {
  readonly bytes: Uint8Array
  readonly account: number
  readonly amount: number
  statuses: Uint8Array | undefined
  isRefused?: boolean
}

export interface KillOptions {
  readonly kills: number
  readonly seed: number
  readonly victims?: readonly Victim[]
  /** The longest that one lives before it is killed at random, 2.5 s by default. */
  readonly patienceMs?: number
  readonly say: (text: string) => void
}

/** What a run found: kills by victim and write, and everything that was not as it had to be. */
export interface Killed {
  readonly counts: ReadonlyMap<string, number>
  readonly acknowledged: number
  readonly checkpoints: number
  readonly wrong: readonly string[]
}

/** Numbers below `n` that follow from a seed. */
function randomFrom(seed: number): (n: number) => number {
  let state = seed >>> 0
  return n => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

const PRELOAD = join(import.meta.dirname, 'kill-at.ts')
const EVENTS = 600
/** How long a start may take before it counts as none: a machine with much else to do is slow, and not wrong. */
const START_MS = 600_000

/**
 * Runs a ledger and all that stands beside it, with load on it, and kills one of them at a time: at random, or at a
 * write of a name. After each kill it is started again, and the oracle asks: is all there that was acknowledged, once,
 * with its outcome; has no checkpoint another root than before; do balances, audit, folder and follower agree.
 */
export async function tryKills({
  kills,
  seed,
  victims = VICTIMS,
  patienceMs = 2500,
  say,
}: KillOptions): Promise<Killed> {
  const directory = await mkdtemp(join(tmpdir(), 'tally-kill-'))
  const run = new Run(directory, seed, patienceMs, say)
  try {
    await run.begin(victims)
    for (let turn = 0; turn < kills; turn++) {
      await run.kill(victims)
      if (turn % 10 === 9) say(`${turn + 1} kills, ${run.acknowledged} acknowledged, ${run.wrong.length} wrong`)
    }
    await run.finish()
    return { counts: run.counts, acknowledged: run.acknowledged, checkpoints: run.roots.size, wrong: run.wrong }
  } finally {
    await run.end()
    await rm(directory, { recursive: true, force: true })
  }
}

class Run {
  readonly counts = new Map<string, number>()
  readonly wrong: string[] = []
  /** Roots of checkpoints that were seen, by size. */
  readonly roots = new Map<number, string>()
  readonly #directory: string
  readonly #random: (n: number) => number
  readonly #patienceMs: number
  readonly #say: (text: string) => void
  readonly #running = new Map<Victim, TallyProcess>()
  readonly #sent: Sent[] = []
  readonly #earned = new Set<string>()
  #members: HeldMember[] = []
  #ledger!: RealLedger
  #ports: Record<'serve' | 'witness' | 'follow' | 'gateway', number> = { serve: 0, witness: 0, follow: 0, gateway: 0 }
  #gatewayKey = ''
  #isOver = false
  #lanes: Promise<void>[] = []
  #size = 0

  constructor(directory: string, seed: number, patienceMs: number, say: (text: string) => void) {
    this.#directory = directory
    this.#patienceMs = patienceMs
    this.#random = randomFrom(seed)
    this.#say = say
  }

  get acknowledged(): number {
    return this.#sent.filter(({ statuses }) => statuses !== undefined).length
  }

  #args(victim: Victim): string[] {
    const { serve, witness, follow, gateway } = this.#ports
    const url = `http://127.0.0.1:${serve}`
    const quiet = ['--log-level', 'error']
    const policy = ['--policy', 'data/policy']
    return {
      serve: ['serve', '--port', `${serve}`, '--threads', '1', '--publish', 'published', ...quiet],
      publish: ['publish', 'mirror', '--url', url, '--follow', '1s'],
      audit: ['audit', url, '--state', 'audited', '--evidence', 'evidence'],
      witness: ['witness', ...policy, '--data', 'witness', '--port', `${witness}`],
      follow: [
        'serve',
        '--follow',
        url,
        ...policy,
        '--key',
        'data/keys/auditor.json',
        '--data',
        'follower',
        '--port',
        `${follow}`,
        ...quiet,
      ],
      import: ['import', 'events.csv', '--format', 'taobao', '--url', url],
      gateway: ['gateway', '--port', `${gateway}`, ...quiet],
    }[victim]
  }

  #start(victim: Victim, killAt?: string): TallyProcess {
    const at = killAt === undefined ? {} : { KILL_AT: killAt }
    const made = new TallyProcess(this.#directory, this.#args(victim), killAt === undefined ? undefined : PRELOAD, at)
    this.#running.set(victim, made)
    return made
  }

  async begin(victims: readonly Victim[]): Promise<void> {
    for (const name of ['serve', 'witness', 'follow', 'gateway'] as const) this.#ports[name] = await freePort()
    const data = join(this.#directory, 'data')
    await mkdir(data, { recursive: true })
    await writeFile(
      join(data, 'ledger.json'),
      JSON.stringify({ format: 'tallystick/ledger/v1', origin: 'kill.example', periodMs: 100, heartbeatMs: 60_000 }),
    )
    await this.#serve()
    this.#ledger = new RealLedger(this.#directory, this.#ports.serve)
    await this.#ledger.read()
    this.#members = await this.#ledger.members(12, 1000)
    for (const { account } of this.#members)
      this.#sent.push({ bytes: new Uint8Array(0), account, amount: 1000, statuses: Uint8Array.of(ACCEPTED) })
    const lines = Array.from({ length: EVENTS }, (_, i) => `${1 + (i % 40)},${i},1,buy,${1_511_600_000 + i}`)
    await writeFile(join(this.#directory, 'events.csv'), `${lines.join('\n')}\n`)
    if (victims.includes('gateway')) {
      await this.#command('setup', 'shop', '--url', this.#ledger.url)
      const key = await this.#command('gateway', 'key', 'add', 'till')
      this.#gatewayKey = /tk_[\w-]+/.exec(key)![0]
    }
    if (victims.includes('witness')) {
      const witness = this.#start('witness')
      await witness.saying(/witness \S+ \S+/, START_MS)
      const line = /^\s*(witness \S+ \S+.*)$/m.exec(witness.said)?.[1]
      if (line === undefined) throw new Error(`the witness says nothing of itself: ${witness.said}`)
      const policy = await readFile(join(data, 'policy'), 'utf8')
      await writeFile(
        join(data, 'policy'),
        `${policy.trimEnd()}\n${line}\n`.replace(/quorum none\n([\s\S]*)$/, '$1quorum none\n'),
      )
      await this.#running.get('serve')!.end('SIGTERM')
      await this.#serve()
    }
    this.#lanes = Array.from({ length: 6 }, () => this.#lane())
  }

  async #serve(killAt?: string): Promise<boolean> {
    const server = this.#start('serve', killAt)
    return (await server.saying(/Stop with Ctrl-C/, START_MS)) && (await this.#answers())
  }

  async #answers(): Promise<boolean> {
    const until = performance.now() + START_MS
    while (performance.now() < until) {
      if (!this.#running.get('serve')!.isRunning) return false
      const ready = await ask(this.#ports.serve, '/readyz').catch(() => undefined)
      if (ready?.status === 200) return true
      await pause(20)
    }
    this.wrong.push(`the server is not ready: ${this.#running.get('serve')!.said.slice(-500)}`)
    return false
  }

  /** Runs a command to its end. */
  async #command(...args: string[]): Promise<string> {
    const made = new TallyProcess(this.#directory, args)
    const status = await made.ended
    if (status !== 0) throw new Error(`tally ${args.join(' ')} ended with ${status}: ${made.said}`)
    return made.said
  }

  /** Sends one batch after another, and what was not answered again. */
  async #lane(): Promise<void> {
    while (!this.#isOver) {
      const member = this.#members[this.#random(this.#members.length)]!
      const [isIssue, amount] = [this.#random(8) > 0, 1 + this.#random(9)]
      const { account } = member
      const entry = isIssue ? this.#ledger.issue(account, amount) : this.#ledger.redeem(account, amount)
      const signer = isIssue ? this.#ledger.key('issuer') : this.#ledger.owner(member)
      const sent: Sent = {
        bytes: this.#ledger.submission([signer], [entry]),
        account,
        amount: isIssue ? amount : -amount,
        statuses: undefined,
      }
      this.#sent.push(sent)
      await this.#settle(sent)
      await pause(this.#random(8))
    }
  }

  /** Sends the same bytes until they are answered. */
  async #settle(sent: Sent): Promise<void> {
    for (;;) {
      const answer = await this.#ledger.send(sent.bytes).catch(() => undefined)
      if (answer !== undefined && !('code' in answer)) {
        sent.statuses = answer.statuses
        this.#size = Math.max(this.#size, answer.size)
        return
      }
      if (answer?.code === 'rate') {
        sent.isRefused = true
        return
      }
      if (answer !== undefined && answer.status < 500) {
        this.wrong.push(`a batch is answered ${answer.status} ${answer.code}`)
        return
      }
      if (this.#isOver) return
      await pause(20)
    }
  }

  /** One kill, and what the oracle says of it. */
  async kill(victims: readonly Victim[]): Promise<void> {
    // The server has most to lose.
    const victim = this.#random(2) === 0 && victims.includes('serve') ? 'serve' : victims[this.#random(victims.length)]!
    const write = this.#random(2) === 0 ? undefined : WRITES[this.#random(WRITES.length)]!
    const nth = 1 + this.#random(MANY[write?.replace('-after', '') ?? ''] ?? 3)
    const killAt = write === undefined ? undefined : `${write}:${nth}`
    let child = this.#running.get(victim)
    if (killAt !== undefined || child === undefined || !child.isRunning) {
      await child?.end('SIGKILL')
      child = this.#start(victim, killAt)
    }
    const feeding = victim === 'gateway' ? this.#earn(child) : undefined
    // The first seconds are a start; what comes later is work.
    const patience = killAt === undefined ? 50 + this.#random(this.#patienceMs) : 1.6 * this.#patienceMs
    await Promise.race([child.ended, pause(patience)])
    const isAtWrite = killAt !== undefined && !child.isRunning && child.child.signalCode === 'SIGKILL'
    await child.end('SIGKILL')
    await feeding
    const name = `${victim} ${isAtWrite ? write : 'at random'}`
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1)
    if (victim === 'serve' && !(await this.#serve())) {
      this.wrong.push(`${name}: the server does not start: ${this.#running.get('serve')!.said.slice(-500)}`)
      return
    }
    if (['witness', 'publish', 'follow', 'gateway'].includes(victim)) this.#start(victim)
    await this.#look(name).catch(error => this.wrong.push(`${name}: ${(error as Error).message}`))
  }

  /** Gives points through the gateway while it lives. */
  async #earn(child: TallyProcess): Promise<void> {
    while (child.isRunning && !this.#isOver) {
      const id = `visit-${this.#earned.size}`
      const body = Buffer.from(JSON.stringify({ member: `cust_${this.#earned.size % 5}`, points: 3, id }))
      const headers = { authorization: `Bearer ${this.#gatewayKey}`, 'content-type': 'application/json' }
      const answer = await ask(this.#ports.gateway, '/v1/earn', { body, headers }).catch(() => undefined)
      if (answer !== undefined && answer.status < 300) this.#earned.add(id)
      else await pause(20)
    }
  }

  /** What is seen of the ledger right after a kill. */
  async #look(name: string): Promise<void> {
    const ledger = await ask(this.#ports.serve, '/v1/ledger')
    const { size } = JSON.parse(String(ledger.bytes)) as { size: number }
    if (size < this.#size) this.wrong.push(`${name}: the log has ${size} entries, and ${this.#size} were acknowledged`)
    await this.#see(name, (await ask(this.#ports.serve, '/checkpoint')).bytes)
    const settled = this.#sent.filter(({ statuses, bytes }) => statuses !== undefined && bytes.length > 0)
    for (let i = 0; i < 12 && settled.length > 0; i++) {
      const one = settled[settled.length - 1 - this.#random(Math.min(settled.length, i < 8 ? 30 : settled.length))]!
      const again = await this.#ledger.send(one.bytes).catch(() => undefined)
      if (again === undefined || 'code' in again) this.wrong.push(`${name}: sent again, ${JSON.stringify(again)}`)
      else if (again.index !== null || toHex(again.statuses) !== toHex(one.statuses!))
        this.wrong.push(`${name}: a batch that was acknowledged is taken a second time, or has another outcome`)
    }
  }

  /** Notes a checkpoint: of one size there is one root. */
  async #see(name: string, note: Uint8Array): Promise<void> {
    const policy = parsePolicy(await readFile(join(this.#directory, 'data/policy')))
    const { size, root } = openCheckpoint(note, policy)
    const before = this.roots.get(size)
    if (before !== undefined && before !== toBase64(root)) this.wrong.push(`${name}: two roots of ${size} entries`)
    this.roots.set(size, toBase64(root))
  }

  /** Stops all, and compares everything. */
  async finish(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#lanes)
    this.#isOver = false
    for (const sent of this.#sent) if (sent.statuses === undefined && sent.isRefused !== true) await this.#settle(sent)
    await this.#balances()
    for (const victim of ['publish', 'follow', 'gateway', 'witness'] as const) {
      await this.#running.get(victim)?.end('SIGTERM')
    }
    for (const [what, args, of] of [
      ['the audit', this.#args('audit'), 'audit'],
      ['an audit of its own', ['audit', this.#ledger.url], 'serve'],
      ['the import', this.#args('import'), 'import'],
      ['the mirror', ['publish', 'mirror', '--url', this.#ledger.url], 'publish'],
      ['the monitor', ['watch', this.#ledger.url, '--policy', 'data/policy', '--once'], 'serve'],
    ] as const)
      if (this.#running.has(of))
        await this.#command(...args).catch(error => this.wrong.push(`${what}: ${(error as Error).message}`))
    for (const place of ['published', 'mirror']) {
      const note = await readFile(join(this.#directory, place, 'checkpoint')).catch(() => undefined)
      if (note !== undefined) await this.#see(place, note)
    }
    if (this.#running.has('gateway')) await this.#gateway()
    await this.#running.get('serve')!.end('SIGTERM')
    await this.#command('check', '--data', 'data').catch(error =>
      this.wrong.push(`tally check: ${(error as Error).message}`),
    )
  }

  async #balances(): Promise<void> {
    const token = await makeToken(this.#ledger.key('registrar'), this.#ledger.ledgerId, 'ledger')
    const headers = { authorization: `Bearer ${token}` }
    for (const { account } of this.#members) {
      const of = this.#sent.filter(one => one.account === account && one.statuses?.[0] === ACCEPTED)
      const expected = of.reduce((sum, { amount }) => sum + amount, 0)
      const { bytes } = await ask(this.#ports.serve, `/v1/accounts/${account}`, { headers })
      const { balance } = JSON.parse(String(bytes)) as { balance: number }
      if (balance !== expected)
        this.wrong.push(`account ${account} has ${balance} points, and ${expected} were acknowledged`)
    }
  }

  /** What was earned through the gateway is there, once each. */
  async #gateway(): Promise<void> {
    const gateway = this.#start('gateway')
    await gateway.saying(/listens on/, START_MS)
    const headers = { authorization: `Bearer ${this.#gatewayKey}` }
    const least = 3 * this.#earned.size
    let sum = 0
    for (let n = 0; n < 5; n++) {
      const { status, bytes } = await ask(this.#ports.gateway, `/v1/members/cust_${n}`, { headers })
      if (status !== 200) continue
      const { units } = JSON.parse(utf8Decode(bytes)) as { units: { stars: { balance: number } } }
      sum += units.stars.balance
    }
    // One that was under way when it was killed may be there besides.
    if (sum !== least && sum !== least + 3)
      this.wrong.push(`through the gateway ${sum} points are there, and ${least} were acknowledged`)
    await gateway.end('SIGTERM')
  }

  async end(): Promise<void> {
    this.#isOver = true
    for (const child of this.#running.values()) await child.end('SIGKILL')
    this.#say('')
  }
}

// npm run try:kill -- --kills 1000 [--seed 7]
if (import.meta.main) {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '100' }, seed: { type: 'string' }, only: { type: 'string' } },
  })
  const seed = values.seed === undefined ? randomInt(2 ** 32) : Number(values.seed)
  console.log(`${values.kills} kills, seed ${seed}`)
  const { counts, acknowledged, checkpoints, wrong } = await tryKills({
    kills: Number(values.kills),
    seed,
    ...(values.only === undefined ? {} : { victims: values.only.split(',') as Victim[] }),
    say: text => text !== '' && console.log(text),
  })
  for (const [name, n] of [...counts].sort()) console.log(`${String(n).padStart(6)}  ${name}`)
  for (const one of wrong) console.log(`WRONG: ${one}`)
  console.log(
    `${acknowledged} batches acknowledged, ${checkpoints} checkpoints seen: ` +
      `${wrong.length === 0 ? 'nothing lost, nothing twice.' : `${wrong.length} are wrong.`}`,
  )
  process.exitCode = wrong.length === 0 ? 0 : 1
}
