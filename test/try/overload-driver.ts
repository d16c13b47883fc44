import { connect, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { yieldToOthers } from '../../src/node/thread-priority.ts'

// A thread that calls a ledger as a pool of clients would: so many connections, each with one request at a time.

/** What the thread is started with. */
export interface Pool {
  readonly port: number
  /** Addresses of this machine from which it calls, in turn. */
  readonly addresses: readonly string[]
  readonly connections: number
}

/** A load that it is told to send. */
export interface LoadOrder {
  /** Requests, whole, as they are written. Sent in their order, each once. */
  readonly requests: readonly Uint8Array[]
  /** Written at this rate while a connection is free; as fast as answers come where there is none. */
  readonly perSecond?: number
  /** No more are written after so long. */
  readonly ms: number
}

/** What came of a load. */
export interface LoadReport {
  /** How many requests were written: those at the front of the list. */
  readonly written: number
  /** From the first to the last that was written, in ms. */
  readonly tookMs: number
  /** By request: 200, another status, or 0 where there was no answer. */
  readonly statuses: Uint16Array
  /** By request: from when it was written to its answer, in ms. */
  readonly times: Float64Array
  /** How many of those with another status said when to come again. */
  readonly retryAfter: number
}

/** A connection that is kept, with one request at a time; it is opened again when the other side ends it. */
class Caller {
  readonly #pool: Pool
  readonly #from: string
  #socket: Promise<Socket> | undefined
  #received: Buffer = Buffer.alloc(0)
  #answered: ((answer: { status: number; retryAfter: boolean }) => void) | undefined

  constructor(pool: Pool, from: string) {
    this.#pool = pool
    this.#from = from
  }

  async open(): Promise<Socket> {
    this.#socket ??= new Promise((resolve, reject) => {
      const { port } = this.#pool
      const socket = connect({ port, host: '127.0.0.1', localAddress: this.#from, noDelay: true })
      socket.once('connect', () => resolve(socket))
      socket.on('data', bytes => this.#take(bytes))
      socket.on('error', reject)
      socket.on('close', () => {
        this.#socket = undefined
        this.#end(0, false)
      })
    })
    return this.#socket
  }

  /** Writes a request. @returns the status of its answer, 0 where there was none. */
  async call(bytes: Uint8Array): Promise<{ status: number; retryAfter: boolean }> {
    const socket = await this.open().catch(() => undefined)
    if (socket === undefined) return { status: 0, retryAfter: false }
    return new Promise(resolve => {
      this.#answered = resolve
      socket.write(bytes)
    })
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
    if (this.#received.length < end + 4 + length) return
    this.#received = Buffer.alloc(0)
    this.#end(Number(head.slice(9, 12)), /\r\nretry-after: \d/i.test(head))
  }

  #end(status: number, retryAfter: boolean): void {
    const answered = this.#answered
    this.#answered = undefined
    this.#received = Buffer.alloc(0)
    answered?.({ status, retryAfter })
  }

  async close(): Promise<void> {
    const socket = await this.#socket?.catch(() => undefined)
    socket?.destroy()
  }
}

/** What one who is told to come again waits, where no rate is asked for: what the ledger says, in ms. */
const AGAIN_MS = 1000
/** How often it is looked what is due. */
const TICK_MS = 1

const pause = (ms: number) => new Promise(resolve => setTimeout(resolve, ms))

/** Sends what it is told to. Costs little, as it has the same processors as the ledger. */
async function send(callers: readonly Caller[], { requests, perSecond, ms }: LoadOrder): Promise<LoadReport> {
  await Promise.all(callers.map(caller => caller.open()))
  const statuses = new Uint16Array(requests.length)
  const times = new Float64Array(requests.length)
  const begin = performance.now()
  let [written, retryAfter, last] = [0, 0, begin]
  const one = async (caller: Caller): Promise<number> => {
    const n = written++
    const from = performance.now()
    last = from
    let answer = await caller.call(requests[n]!)
    // A connection may end as a request sets out: as any client, this one sends the same bytes again.
    if (answer.status === 0) answer = await caller.call(requests[n]!)
    times[n] = performance.now() - from
    statuses[n] = answer.status
    if (answer.status !== 200 && answer.retryAfter) retryAfter++
    return answer.status
  }
  const isOver = () => written === requests.length || performance.now() - begin >= ms
  if (perSecond === undefined)
    await Promise.all(
      callers.map(async caller => {
        while (!isOver()) if ((await one(caller)) !== 200) await pause(AGAIN_MS)
      }),
    )
  else {
    const free = [...callers]
    const under: Promise<unknown>[] = []
    while (!isOver()) {
      const due = Math.min(requests.length, Math.ceil(((performance.now() - begin) * perSecond) / 1000))
      while (written < due && free.length > 0) {
        const caller = free.pop()!
        under.push(one(caller).then(() => free.push(caller)))
      }
      await pause(TICK_MS)
    }
    await Promise.all(under)
  }
  return { written, tookMs: last - begin, statuses, times, retryAfter }
}

if (parentPort !== null) {
  // Callers are on other machines: these take no processor from the threads of the ledger.
  yieldToOthers()
  const port = parentPort
  const pool = workerData as Pool
  const callers = Array.from(
    { length: pool.connections },
    (_, n) => new Caller(pool, pool.addresses[n % pool.addresses.length]!),
  )
  port.on('message', (order: LoadOrder | 'close') => {
    if (order !== 'close') return void send(callers, order).then(report => port.postMessage(report))
    void Promise.all(callers.map(caller => caller.close())).then(() => port.close())
  })
}
