import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Admin } from '@platformatic/kafka'
import { KafkaStream } from '../../src/journal/kafka.ts'

const THREE = join(import.meta.dirname, '../../deploy/kafka/three')
const run = promisify(execFile)

/** Bytes of a disk of a broker that is to be filled. */
const DISK_BYTES = 96 * 2 ** 20

export interface BrokersOptions {
  /** The broker whose data lies on a small disk of its own, where the system lets a test make one. */
  readonly smallDisk?: number
}

/** Three real brokers, which a test may end, hold, start again, fill the disk of, and reach over links of its own. */
export class Brokers {
  readonly list: readonly string[]
  /** A link to each broker, for those who are to be cut off. */
  readonly links: readonly Link[]
  readonly #room = mkdtempSync(join(tmpdir(), 'tally-kafka-'))
  readonly #env: NodeJS.ProcessEnv
  #smallDisk: number | undefined

  private constructor(port: number) {
    const far = port + 30
    this.list = [1, 2, 3].map(n => `127.0.0.1:${port + n}`)
    this.links = [1, 2, 3].map(n => new Link(far + n, port + 20 + n))
    const libs = process.env['KAFKA_LIBS'] ?? join(tmpdir(), 'tally-kafka-libs')
    const room = { KAFKA_ROOM: this.#room, KAFKA_LIBS: libs, KAFKA_PORT: `${port}`, KAFKA_FAR: `${far}` }
    this.#env = { ...process.env, ...room }
  }

  /** Why there can be none on this machine; undefined where there can. */
  static get lacking(): string | undefined {
    for (const [program, flag] of [
      ['java', '-version'],
      ['mvn', '-version'],
    ] as const)
      try {
        execFileSync(program, [flag], { stdio: 'ignore' })
      } catch {
        return `${program} is not at hand`
      }
    return undefined
  }

  static async up(port: number, { smallDisk }: BrokersOptions = {}): Promise<Brokers> {
    const brokers = new Brokers(port)
    if (smallDisk !== undefined) brokers.#mount(smallDisk)
    await brokers.#three('up')
    return brokers
  }

  #mount(broker: number): void {
    const at = join(this.#room, `${broker}`)
    mkdirSync(at)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', at], { stdio: 'ignore' })
      this.#smallDisk = broker
    } catch {
      // The test of a full disk says that it is skipped.
    }
  }

  /** Whether a test can fill the disk of a broker. */
  get hasSmallDisk(): boolean {
    return this.#smallDisk !== undefined
  }

  /** Fills the small disk to its last byte, or frees it again. */
  fill(isFull: boolean): void {
    const at = join(this.#room, `${this.#smallDisk}`)
    const filler = join(at, 'filler')
    const { bavail, bsize } = statfsSync(at)
    if (isFull) writeFileSync(filler, new Uint8Array(bavail * bsize))
    else rmSync(filler)
  }

  #pid(broker: number): number {
    return Number(readFileSync(join(this.#room, `${broker}.pid`), 'utf8'))
  }

  /** Seconds of processor that all of them used so far. */
  get processorSeconds(): number {
    return [1, 2, 3].reduce((sum, n) => sum + processorSecondsOf(this.#pid(n)), 0)
  }

  /** Whether a broker's process is there. */
  isRunning(broker: number): boolean {
    try {
      process.kill(this.#pid(broker), 0)
      return true
    } catch {
      return false
    }
  }

  async #three(...words: string[]): Promise<string> {
    const { stdout } = await run(THREE, words, { env: this.#env, timeout: 300_000 })
    return stdout.trim()
  }

  /** A new topic, whose first record has offset `next`. */
  async topic(name: string, next = 0): Promise<void> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...this.list] })
    const configs = [
      { name: 'min.insync.replicas', value: '2' },
      { name: 'retention.ms', value: '-1' },
    ]
    await admin.createTopics({ topics: [name], partitions: 1, replicas: 3, configs })
    await admin.close()
    if (next === 0) return
    const stream = this.stream(name)
    await stream.append(Array.from({ length: next }, () => new Uint8Array(1)))
    await stream.close()
  }

  /** Has the brokers forget all records that a topic has now, as they do when its time of retention is over. */
  async dropRecords(topic: string): Promise<void> {
    const stream = this.stream(topic)
    const { next } = await stream.range()
    await stream.close()
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...this.list] })
    await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: BigInt(next) }] }] })
    await admin.close()
  }

  stream(topic: string): KafkaStream {
    return new KafkaStream({ brokers: this.list, topic })
  }

  /** The same over the links. */
  farStream(topic: string): KafkaStream {
    return new KafkaStream({ brokers: this.links.map(({ port }) => `127.0.0.1:${port}`), topic })
  }

  /** The broker whose controller leads. */
  async controller(): Promise<number> {
    return Number(await this.#three('controller'))
  }

  async leader(topic: string): Promise<number> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...this.list], retries: 20, retryDelay: 500 })
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
    await admin.close()
    return topics.get(topic)!.partitions[0]!.leader
  }

  /** Waits until each broker has all that a topic has. */
  async inSync(topic: string): Promise<void> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...this.list], retries: 20, retryDelay: 500 })
    try {
      for (;;) {
        const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
        if (topics.get(topic)!.partitions[0]!.isr.length === this.list.length) return
        await new Promise(resolve => setTimeout(resolve, 200))
      }
    } finally {
      await admin.close()
    }
  }

  /** What `deploy/kafka/three` does with one: starts it, ends it with SIGKILL, holds it, lets it go on. */
  async do(what: 'start' | 'kill' | 'stop' | 'cont', broker: number): Promise<void> {
    // A broker outlives the script that starts it.
    const child = spawn(THREE, [what, `${broker}`], { env: this.#env, stdio: 'ignore', detached: true })
    await new Promise(resolve => child.once('exit', resolve))
  }

  async down(): Promise<void> {
    await this.#three('down')
    await Promise.all(this.links.map(link => link.close()))
    if (this.#smallDisk === undefined) return
    const at = join(this.#room, `${this.#smallDisk}`)
    while (this.isRunning(this.#smallDisk)) await new Promise(resolve => setTimeout(resolve, 100))
    execFileSync('umount', ['--lazy', at])
  }
}

/** Seconds of processor that a process has used: Linux only. */
export function processorSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // After the name in brackets; user and system time, in hundredths of a second.
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
  return (user! + system!) / 100
}

/** A way to a port of this machine that a test can cut, as a cable is, and make slow. */
export class Link {
  readonly port: number
  /** Bytes that came through, both ways. */
  bytes = 0
  /** How long each piece of what is sent is kept back. */
  delayMs = 0
  readonly #server: Server
  readonly #ends = new Set<Socket>()
  #isCut = false

  constructor(port: number, to: number) {
    this.port = port
    this.#server = createServer(near => {
      const far = connect(to, '127.0.0.1')
      this.#join(near, far)
      this.#join(far, near)
    }).listen(port, '127.0.0.1')
  }

  /** Takes what comes from one end to the other. While it is cut, nothing comes through, and no end hears of it. */
  #join(from: Socket, to: Socket): void {
    this.#ends.add(from)
    from.on('data', bytes => {
      this.bytes += bytes.length
      if (!this.#isCut) setTimeout(() => !this.#isCut && to.write(bytes), this.delayMs)
    })
    from.on('error', () => {})
    from.on('close', () => {
      this.#ends.delete(from)
      to.destroy()
    })
  }

  cut(): void {
    this.#isCut = true
  }

  /** What was on its way is lost: connections from before the cut end. */
  mend(): void {
    this.#isCut = false
    for (const end of this.#ends) end.destroy()
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end.destroy()
    await new Promise(resolve => this.#server.close(resolve))
  }
}
