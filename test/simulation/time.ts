import { AsyncLocalStorage } from 'node:async_hooks'

/** A process of the simulated world: what it began ends with it. */
export class SimProcess {
  readonly name: string
  isDead = false

  constructor(name: string) {
    this.name = name
  }

  /** Runs something as this process: all that comes of it belongs to it. */
  run<T>(what: () => T): T {
    return RUNNING.run(this, what)
  }
}

const RUNNING = new AsyncLocalStorage<SimProcess>()

interface Event {
  readonly atMs: number
  readonly order: number
  /** Null: nobody's, so that no death ends it. */
  readonly owner: SimProcess | null
  readonly fire: () => void
  isOff: boolean
}

/** What a timer of Node has that somebody here asks for. */
class Timer {
  event: Event | undefined
  unref(): this {
    return this
  }
  ref(): this {
    return this
  }
}

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  clearInterval: globalThis.clearInterval,
  setImmediate: globalThis.setImmediate,
  clearImmediate: globalThis.clearImmediate,
  dateNow: Date.now,
  performanceNow: performance.now,
  abortTimeout: AbortSignal.timeout,
}

/** Lets all that is ready run to where it waits for an event. */
const drained = () => new Promise<void>(resolve => real.setImmediate(resolve))

/**
 * The time of a simulated world: timers and the steady clock of the platform, which the shipped code uses by their
 * global names, go by it while it is installed. It stands still while anything runs, and goes on to the next event.
 */
export class VirtualTime {
  /** Milliseconds since the world began; a machine that sleeps does not count them. */
  nowMs = 0
  /** How many events were fired. */
  fired = 0
  /** What each look at the steady clock costs in milliseconds, as computing does. */
  lookMs = 0
  readonly #heap: Event[] = []
  #order = 0

  /** Fires something later, unless who began it is dead by then. */
  at(atMs: number, fire: () => void, owner: SimProcess | null = RUNNING.getStore() ?? null): Event {
    const event = { atMs: Math.max(atMs, this.nowMs), order: this.#order++, owner, fire, isOff: false }
    this.#push(event)
    return event
  }

  /** Resolves after a time; never where the process that waits is dead by then. */
  after(ms: number, owner: SimProcess | null = RUNNING.getStore() ?? null): Promise<void> {
    return new Promise(resolve => this.at(this.nowMs + ms, resolve, owner))
  }

  /** Goes on to a time, event by event. `isEnough` ends it before. */
  async runUntil(endMs: number, isEnough: () => boolean = () => false): Promise<void> {
    await drained()
    while (!isEnough()) {
      const next = this.#heap[0]
      if (next === undefined || next.atMs > endMs) {
        this.nowMs = Math.max(this.nowMs, endMs)
        return
      }
      this.#pop()
      if (next.isOff || next.owner?.isDead) continue
      this.nowMs = Math.max(this.nowMs, next.atMs)
      this.fired++
      if (next.owner === null) next.fire()
      else next.owner.run(next.fire)
      await drained()
    }
  }

  /** Puts this time in the place of the platform's. */
  install(): void {
    const later = (fire: () => void, ms: number, everyMs?: number): Timer => {
      const timer = new Timer()
      const owner = RUNNING.getStore() ?? null
      const again = () => {
        if (everyMs !== undefined) timer.event = this.at(this.nowMs + everyMs, again, owner)
        fire()
      }
      timer.event = this.at(this.nowMs + ms, again, owner)
      return timer
    }
    const off = (timer: unknown) => {
      if (timer instanceof Timer && timer.event !== undefined) timer.event.isOff = true
    }
    const target = globalThis as Record<string, unknown>
    target['setTimeout'] = (fire: (...rest: unknown[]) => void, ms = 0, ...rest: unknown[]) =>
      later(() => fire(...rest), Math.max(1, ms))
    target['setInterval'] = (fire: () => void, ms = 0) => later(fire, Math.max(1, ms), Math.max(1, ms))
    target['setImmediate'] = (fire: (...rest: unknown[]) => void, ...rest: unknown[]) => later(() => fire(...rest), 0)
    target['clearTimeout'] = target['clearInterval'] = target['clearImmediate'] = off
    Date.now = () => EPOCH_MS + Math.floor(this.nowMs)
    performance.now = () => {
      if (RUNNING.getStore() !== undefined) this.nowMs += this.lookMs
      return this.nowMs
    }
    AbortSignal.timeout = ms => {
      const ending = new AbortController()
      later(() => ending.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), ms)
      return ending.signal
    }
  }

  /** Gives the platform its own back. */
  uninstall(): void {
    const { dateNow, performanceNow, abortTimeout, ...timers } = real
    Object.assign(globalThis, timers)
    Date.now = dateNow
    performance.now = performanceNow
    AbortSignal.timeout = abortTimeout
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (isBefore(heap[above]!, event)) break
      heap[at] = heap[above]!
      at = above
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++
      if (isBefore(last, heap[below]!)) break
      heap[at] = heap[below]!
      at = below
    }
    heap[at] = last
  }
}

/** When the world begins: the time of `test/ledger/beginning.ts`. */
export const EPOCH_MS = 1_800_000_000_000

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}
