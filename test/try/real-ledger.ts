import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { makeEntry, type SigningKey, signBatch } from '../../src/client/index.ts'
import { fromHex } from '../../src/core/bytes.ts'
import { publicKeyFromSeed } from '../../src/core/crypto/ed25519.ts'
import { useEngine } from '../../src/core/crypto/engine.ts'
import { transactionsFrom } from '../../src/core/entry/batch.ts'
import { encodeSubmission } from '../../src/core/entry/submission.ts'
import { keyPath, readKey } from '../../src/files/key-files.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { type BatchAnswer, decodeAnswer } from '../../src/verify/batch-answer.ts'
import { environment, TALLY } from '../cli/run.ts'

/** A process of `tally`, and what it said last. */
export class TallyProcess {
  readonly child: ChildProcess
  /** Resolves with the exit status, null where a signal ended it. */
  readonly ended: Promise<number | null>
  said = ''

  constructor(directory: string, args: readonly string[], preload?: string, env: Record<string, string> = {}) {
    const node = preload === undefined ? [] : ['--import', preload]
    this.child = spawn(process.execPath, [...node, TALLY.file, ...args], {
      cwd: directory,
      env: { ...environment(), ...TALLY.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.said = (this.said + text).slice(-20_000)
      })
    this.ended = once(this.child, 'close').then(([status]) => status as number | null)
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null
  }

  /** Resolves when it has said this, or is over. @returns whether it said it. */
  async saying(what: RegExp, timeoutMs = 60_000): Promise<boolean> {
    const until = performance.now() + timeoutMs
    while (!what.test(this.said) && this.isRunning && performance.now() < until) await pause(10)
    return what.test(this.said)
  }

  /** Ends it with a signal. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.isRunning) this.child.kill(signal)
    return await this.ended
  }
}

/** An answer over HTTP. */
export interface Answered {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly bytes: Buffer
}

const agents = new Map<string, Agent>()

function agentOf(from: string): Agent {
  const agent = agents.get(from) ?? new Agent({ keepAlive: true, maxSockets: 8192 })
  agents.set(from, agent)
  return agent
}

export interface Asking {
  readonly body?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Address of this machine from which it is asked. */
  readonly from?: string
}

/** Asks a server of this machine. @throws Error where there is no answer. */
export function ask(port: number, path: string, asking: Asking = {}): Promise<Answered> {
  const { body, headers = {}, timeoutMs = 30_000, from = '127.0.0.1' } = asking
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST'
    const length = body === undefined ? {} : { 'content-length': body.length }
    const options = { host: '127.0.0.1', localAddress: from, agent: agentOf(from) }
    const asked = request({ ...options, port, path, method, headers: { ...headers, ...length } }, answer => {
      const parts: Buffer[] = []
      answer.on('data', (part: Buffer) => parts.push(part))
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, retryAfter: answer.headers['retry-after'], bytes: Buffer.concat(parts) }),
      )
      answer.on('error', reject)
    })
    asked.on('error', reject)
    asked.setTimeout(timeoutMs, () => asked.destroy(new Error('no answer in time')))
    asked.end(body)
  })
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}

/** A port of this machine that nobody has. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** A member whose key is at hand. */
export interface HeldMember {
  readonly account: number
  readonly seed: Uint8Array
}

/** What anyone who drives a real ledger over HTTP needs: its keys, its id and its accounts. */
export class RealLedger {
  readonly directory: string
  readonly port: number
  ledgerId: Uint8Array = new Uint8Array(32)
  unit = 0
  treasury = 0
  readonly #keys = new Map<string, SigningKey>()

  constructor(directory: string, port: number) {
    this.directory = directory
    this.port = port
  }

  get budget(): number {
    return this.treasury + 1
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Reads the keys that the first start made, and what the ledger says of itself. */
  async read(): Promise<void> {
    useEngine(await loadEngine())
    const { ledgerId, units } = JSON.parse(String((await ask(this.port, '/v1/ledger')).bytes)) as {
      ledgerId: string
      units: { record: number; treasury: number }[]
    }
    this.ledgerId = fromHex(ledgerId)
    this.unit = units[0]!.record
    this.treasury = units[0]!.treasury
    for (const name of ['registrar', 'treasurer', 'issuer', 'merchant', 'auditor']) {
      const { seed } = await readKey(keyPath(join(this.directory, 'data'), name))
      const publicKey = Buffer.from(publicKeyFromSeed(seed))
      this.#keys.set(name, { holder: { record: await this.#recordOf(publicKey) }, seed })
    }
  }

  /** The record of a key. The registry is as of a checkpoint: the first has not all keys of a first start. */
  async #recordOf(publicKey: Buffer): Promise<number> {
    for (;;) {
      const { records } = JSON.parse(String((await ask(this.port, '/v1/registry')).bytes)) as {
        records?: { number: number; entry: string }[]
      }
      const found = records?.find(({ entry }) => Buffer.from(entry, 'base64').includes(publicKey))
      if (found !== undefined) return found.number
      await pause(50)
    }
  }

  key(name: string): SigningKey {
    return this.#keys.get(name)!
  }

  owner({ account, seed }: HeldMember): SigningKey {
    return { holder: { account }, seed }
  }

  /** A batch as it is sent. */
  submission(keys: readonly SigningKey[], entries: readonly Uint8Array[]): Uint8Array {
    const transactions = transactionsFrom(entries)
    return encodeSubmission(signBatch(keys, this.ledgerId, transactions), entries)
  }

  /** Sends a batch. @returns the answer, or its status and code. @throws Error where there is none. */
  async send(bytes: Uint8Array, from?: string): Promise<BatchAnswer | Refused> {
    const headers = { 'content-type': 'application/cbor', accept: 'application/cbor' }
    const {
      status,
      retryAfter,
      bytes: answer,
    } = await ask(this.port, '/v1/batches', {
      ...{ body: bytes, headers },
      ...(from === undefined ? {} : { from }),
    })
    if (status === 200) return decodeAnswer(answer)
    return { status, retryAfter, code: codeIn(answer) }
  }

  /** Opens so many accounts, and gives each some points. */
  async members(count: number, points: number): Promise<HeldMember[]> {
    const seeds = Array.from({ length: count }, () => crypto.getRandomValues(new Uint8Array(32)))
    const terms = await this.#terms()
    const openings = seeds.map(seed =>
      makeEntry('open-account', {
        accountKind: 'member',
        unit: this.unit,
        terms,
        owner: publicKeyFromSeed(seed),
        nonce: crypto.getRandomValues(new Uint8Array(32)),
      }),
    )
    const members: HeldMember[] = []
    for (let at = 0; at < count; at += 100) {
      const answer = await this.send(this.submission([this.key('registrar')], openings.slice(at, at + 100)))
      if ('code' in answer) throw new Error(answer.code)
      for (const [position, account] of answer.accounts) members.push({ account, seed: seeds[at + position]! })
    }
    for (let at = 0; at < count && points > 0; at += 200) {
      const issues = members.slice(at, at + 200).map(({ account }) => this.issue(account, points))
      const answer = await this.send(this.submission([this.key('issuer')], issues))
      if ('code' in answer) throw new Error(answer.code)
    }
    return members
  }

  issue(credit: number, amount: number): Uint8Array {
    return makeEntry('issue', { debit: this.budget, credit, amount })
  }

  redeem(debit: number, amount: number): Uint8Array {
    return makeEntry('redeem', { debit, credit: this.treasury, amount })
  }

  async #terms(): Promise<Uint8Array> {
    const { units } = JSON.parse(String((await ask(this.port, '/v1/units')).bytes)) as {
      units: { record: number; terms: string }[]
    }
    return fromHex(units.find(({ record }) => record === this.unit)!.terms)
  }
}

/** A batch that was not taken. */
export interface Refused {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly code: string
}

function codeIn(bytes: Buffer): string {
  try {
    return String((JSON.parse(String(bytes)) as { code?: unknown }).code)
  } catch {
    return String(bytes.subarray(0, 100))
  }
}

/** Bytes of a process that are in memory, and its open files; undefined where the system does not say. */
export async function weighed(pid: number): Promise<{ rss: number; handles: number } | undefined> {
  try {
    const { readdir } = await import('node:fs/promises')
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    return {
      rss: 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)![1]),
      handles: (await readdir(`/proc/${pid}/fd`)).length,
    }
  } catch {
    return undefined
  }
}

/** A quantile of numbers, 0 of none. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0
}
