import type { Activities, Activity } from '../activity.ts'
import type { Memory, MemoryRow } from '../memory.ts'
import { type Delivery, type Endpoint, EXPIRING, type Expiring, isTold, type WebhookEvent } from './endpoint.ts'
import { dueMsOf, quarterOf, spanOf, waitingRow } from './rows.ts'
import { signatureHeaders } from './sign.ts'

/** Entries of the log that are looked at at once, and how long it waits for them where something else may be due. */
const PAGE = 200
const WAIT_S = 1
/** Events that are sent at once, and those that wait before no more of the log is read. */
const AT_ONCE = 8
const WAITING_MAX = 10_000
/** How long an endpoint has to answer. */
const ANSWER_MS = 10_000
/** How often it is looked up what expires soon. */
const EXPIRING_MS = 600_000
/** How long it waits for a ledger that does not answer. */
const TROUBLE_MS = 2000
const LOOK_NOW_MS = 2000

const MINUTE_MS = 60_000
/** After 5 s, half a minute, 2, 10, 60 minutes, 4, 12, 24 and 24 hours: in all nearly three days. */
const PAUSES_MS = [5000, 30_000, ...[2, 10, 60, 240, 720, 1440, 1440].map(minutes => minutes * MINUTE_MS)]

export interface PumpOptions {
  readonly memory: Memory
  readonly activities: Activities
  readonly nowMs: () => number
  /** What expires up to a quarter hour, of dates that the endpoint was not told of. */
  readonly expiring: (endpoint: Endpoint, toQuarter: number) => Promise<Expiring[]>
  /** What signs, the newest first. */
  readonly secrets: (endpoint: Endpoint) => readonly Uint8Array[]
  readonly pausesMs?: readonly number[]
  /** Is told, once, that the ledger does not answer; and again after it has. */
  readonly onTrouble: (error: Error) => void
}

/**
 * Tells one endpoint what happens. What it is to be told is written down, with how far the log was read, before any of
 * it is sent; it is struck off when the endpoint answered 2xx. So nothing is left out, whatever ends when, and what is
 * sent twice has the same id. Sent again after longer and longer pauses, then given up, and kept as dead.
 */
export class Pump {
  readonly #options: PumpOptions
  #endpoint: Endpoint
  #lookedMs = Number.NEGATIVE_INFINITY
  /** How many events wait; undefined before they were counted. */
  #waiting: number | undefined
  #isTrouble = false
  #isClosed = false
  #running: Promise<void> | undefined
  readonly #ending = new AbortController()
  #wake: () => void = () => {}
  /** Who waits for it to have looked at what happens and what expires. */
  #lookers: (() => void)[] = []

  constructor(endpoint: Endpoint, options: PumpOptions) {
    this.#endpoint = endpoint
    this.#options = options
  }

  begin(): void {
    this.#running ??= this.#run()
  }

  /** Changes what is kept of the endpoint. */
  async change(changes: { readonly [K in keyof Endpoint]?: Endpoint[K] | undefined }): Promise<Endpoint> {
    this.#endpoint = { ...this.#endpoint, ...changes } as Endpoint
    await this.#options.memory.write([['webhooks', this.#endpoint.id, this.#endpoint]], { sync: true })
    this.#wake()
    return this.#endpoint
  }

  /** Lets what was given up wait again, from now on. */
  async revive(): Promise<void> {
    const { memory, nowMs } = this.#options
    const { id } = this.#endpoint
    const dead = await memory.list<Delivery>('dead', spanOf(id))
    const rows = dead.flatMap(([key, { event }]): MemoryRow[] => [
      ['dead', key, undefined],
      waitingRow(id, nowMs(), { event, tries: 0 }),
    ])
    await memory.write(rows)
    await this.change({ ended: undefined })
  }

  /** Looks at once at what happened and what expires soon; resolves when it has, or after two seconds. */
  lookNow(): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, LOOK_NOW_MS)
      this.#lookers.push(() => {
        clearTimeout(timer)
        resolve()
      })
      this.#wake()
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#ending.abort()
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    while (!this.#isClosed) {
      try {
        if (this.#endpoint.ended !== undefined) {
          for (const looked of this.#lookers.splice(0)) looked()
          await this.#pause(MINUTE_MS)
        } else if (!(await this.#sendDue())) {
          const lookers = this.#lookers.splice(0)
          await this.#read(lookers.length > 0)
          for (const looked of lookers) looked()
        }
        this.#isTrouble = false
      } catch (error) {
        // The ledger does not answer, or what it answered does not hold: the same is asked again.
        if (this.#isClosed) return
        if (!this.#isTrouble) this.#options.onTrouble(error as Error)
        this.#isTrouble = true
        await this.#pause(TROUBLE_MS)
      }
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#isClosed || this.#lookers.length > 0) this.#wake()
    })
  }

  /** What is waited for; undefined as soon as it is to end, or to look at once. */
  #unlessEnded<T>(waited: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      this.#wake = () => {
        if (this.#isClosed || this.#lookers.length > 0) resolve(undefined)
      }
      this.#wake()
      waited.then(resolve, reject)
    })
  }

  /** Sends what is due. @returns whether there was anything. */
  async #sendDue(): Promise<boolean> {
    const { memory, nowMs } = this.#options
    const { id } = this.#endpoint
    const rows = await memory.list<Delivery>('deliveries', { ...spanOf(id), limit: AT_ONCE })
    const due = rows.filter(([key]) => dueMsOf(key) <= nowMs())
    if (due.length === 0) return false
    const done = await Promise.all(due.map(([key, delivery]) => this.#send(key, delivery)))
    if (this.#isClosed) return true
    await memory.write(done.flat())
    this.#waiting = undefined
    return true
  }

  /** Sends one event. @returns the rows that say what came of it. */
  async #send(key: string, { event, tries }: Delivery): Promise<MemoryRow[]> {
    const { nowMs, pausesMs = PAUSES_MS } = this.#options
    const { id } = this.#endpoint
    const { status, last, afterMs } = await this.#post(event)
    if (status >= 200 && status < 300) return [['deliveries', key, undefined]]
    if (status === 410) await this.change({ ended: 'the endpoint answered 410: it wants nothing any more' })
    const pause = pausesMs[tries]
    const failed: Delivery = { event, tries: tries + 1, last }
    if (pause === undefined || status === 410)
      return [
        ['deliveries', key, undefined],
        ['dead', `${id} ${event.id}`, failed],
      ]
    // A tenth more or less, so that what failed together is not sent together again.
    const waits = Math.max(pause * (0.9 + 0.2 * Math.random()), afterMs)
    return [['deliveries', key, undefined], waitingRow(id, Math.ceil(nowMs() + waits), failed)]
  }

  async #post(
    event: WebhookEvent,
  ): Promise<{ readonly status: number; readonly last: string; readonly afterMs: number }> {
    const { nowMs, secrets } = this.#options
    const body = JSON.stringify({ type: event.type, timestamp: event.at, data: event })
    const headers = signatureHeaders(event.id, nowMs(), body, secrets(this.#endpoint))
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(ANSWER_MS)])
    try {
      const answer = await fetch(this.#endpoint.url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'user-agent': 'tallystick' },
        body,
        redirect: 'manual',
        signal,
      })
      await answer.body?.cancel()
      const seconds = Number(answer.headers.get('retry-after') ?? 0)
      const afterMs = Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 86_400) * 1000 : 0
      return { status: answer.status, last: `HTTP ${answer.status}`, afterMs }
    } catch (error) {
      const isLate = (error as Error).name === 'TimeoutError'
      return { status: 0, last: isLate ? `no answer within ${ANSWER_MS / 1000} s` : 'no connection', afterMs: 0 }
    }
  }

  /** Reads what happened since, and what expires soon, and writes down what of it is to be told. */
  async #read(isHurried: boolean): Promise<void> {
    const { memory, activities, nowMs } = this.#options
    const { id, after } = this.#endpoint
    this.#waiting ??= (await memory.list('deliveries', { ...spanOf(id), limit: WAITING_MAX })).length
    const [next] = await memory.list('deliveries', { ...spanOf(id), limit: 1 })
    const nextMs = next === undefined ? Number.POSITIVE_INFINITY : dueMsOf(next[0]) - nowMs()
    if (this.#waiting >= WAITING_MAX) return this.#pause(Math.max(1, Math.min(nextMs, 1000 * WAIT_S)))
    const soon = await this.#soon()
    const waitS = soon.events.length > 0 || isHurried ? 0 : Math.max(0, Math.min(WAIT_S, Math.floor(nextMs / 1000)))
    // Who ends it does not wait for what may happen.
    const page = await this.#unlessEnded(activities.page(after, PAGE, waitS))
    if (page === undefined) {
      // What was found to expire is not written down, so it is looked up again.
      this.#lookedMs = Number.NEGATIVE_INFINITY
      return
    }
    if (this.#isClosed || after !== this.#endpoint.after) return
    const { expiringTo } = this.#endpoint
    // Of points that came since it was looked up, too: rather twice than never.
    const events = page.activities.flatMap((one): WebhookEvent[] => [one, ...expiringOf(one, soon.toQuarter)])
    const told = [...events, ...soon.events].filter(({ type }) => isTold(this.#endpoint, type))
    if (told.length === 0 && page.next === after && soon.toQuarter === expiringTo) {
      // Nothing came within the time, and what waits is not due yet.
      if (waitS === 0 && !isHurried) await this.#pause(Math.max(1, Math.min(nextMs, 1000)))
      return
    }
    this.#endpoint = { ...this.#endpoint, after: page.next, expiringTo: soon.toQuarter }
    const rows = told.map(event => waitingRow(id, nowMs(), { event, tries: 0 }))
    await memory.write([...rows, ['webhooks', id, this.#endpoint]], { sync: rows.length > 0 })
    this.#waiting += rows.length
  }

  /** What expires soon, of dates that it was not told of, and up to which date that is. */
  async #soon(): Promise<{ readonly events: readonly Expiring[]; readonly toQuarter: number }> {
    const { nowMs, expiring } = this.#options
    const { expiringTo, withinMs } = this.#endpoint
    const now = nowMs()
    const isDue = isTold(this.#endpoint, EXPIRING) && now - this.#lookedMs >= EXPIRING_MS
    if (!isDue) return { events: [], toQuarter: expiringTo }
    const toQuarter = Math.max(expiringTo, quarterOf(now + withinMs))
    const events = await expiring(this.#endpoint, toQuarter)
    this.#lookedMs = now
    return { events, toQuarter }
  }
}

/** Points that came with a date that was looked through before. */
function expiringOf({ at, entry, member, unit, movement }: Activity, toQuarter: number): Expiring[] {
  if (movement === null || member === null || unit === null || movement.points <= 0) return []
  return movement.lots.flatMap(({ expires, points }, i) => {
    if (expires === null || points <= 0 || quarterOf(Date.parse(expires)) > toQuarter) return []
    return [{ id: `expiring-${entry}-${i}`, type: EXPIRING, at, member, unit, points, expires }]
  })
}
