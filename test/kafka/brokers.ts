import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Admin } from '@platformatic/kafka'
import { KafkaStream } from '../../src/journal/kafka.ts'

const THREE = join(import.meta.dirname, '../../deploy/kafka/three')
const run = promisify(execFile)

/** Three real brokers, which a test may end, hold and start again. */
export class Brokers {
  readonly list: readonly string[]
  readonly #env: NodeJS.ProcessEnv

  private constructor(port: number) {
    this.list = [1, 2, 3].map(n => `127.0.0.1:${port + n}`)
    const room = mkdtempSync(join(tmpdir(), 'tally-kafka-'))
    const libs = process.env['KAFKA_LIBS'] ?? join(tmpdir(), 'tally-kafka-libs')
    this.#env = { ...process.env, KAFKA_ROOM: room, KAFKA_LIBS: libs, KAFKA_PORT: `${port}` }
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

  static async up(port: number): Promise<Brokers> {
    const brokers = new Brokers(port)
    await brokers.#three('up')
    return brokers
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

  stream(topic: string): KafkaStream {
    return new KafkaStream({ brokers: this.list, topic })
  }

  async leader(topic: string): Promise<number> {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [...this.list], retries: 20, retryDelay: 500 })
    const { topics } = await admin.metadata({ topics: [topic], forceUpdate: true })
    await admin.close()
    return topics.get(topic)!.partitions[0]!.leader
  }

  /** What `deploy/kafka/three` does with one: starts it, ends it with SIGKILL, holds it, lets it go on. */
  async do(what: 'start' | 'kill' | 'stop' | 'cont', broker: number): Promise<void> {
    // A broker outlives the script that starts it.
    const child = spawn(THREE, [what, `${broker}`], { env: this.#env, stdio: 'ignore', detached: true })
    await new Promise(resolve => child.once('exit', resolve))
  }

  async down(): Promise<void> {
    await this.#three('down')
  }
}
