import { createHash, type Hash } from 'node:crypto'
import type { VirtualTime } from './time.ts'

/** Something that must never be: what a simulation is there to find. */
export class Violation extends Error {
  override readonly name = 'Violation'
  /** Which promise was broken, the same however it came about. */
  readonly promise: string

  constructor(promise: string, what: string, cause?: unknown) {
    super(`${promise}: ${what}`, { cause })
    this.promise = promise
  }
}

/** All that happened, as one digest; and the first promise that was broken. */
export class Trace {
  readonly #hash: Hash = createHash('sha256')
  readonly #time: VirtualTime
  readonly #print: ((line: string) => void) | undefined
  violation: Violation | undefined

  constructor(time: VirtualTime, print: ((line: string) => void) | undefined) {
    this.#time = time
    this.#print = print
  }

  /** Something happened. */
  note(what: string): void {
    const line = `${this.#time.nowMs.toFixed(3)} ${what}`
    this.#hash.update(`${line}\n`)
    this.#print?.(line)
  }

  /** A promise was broken. The first one counts. */
  broken(promise: string, what: string, cause?: unknown): void {
    if (this.violation !== undefined) return
    this.violation = new Violation(promise, what, cause)
    this.note(`BROKEN ${this.violation.message}`)
  }

  digest(): string {
    return this.#hash.copy().digest('hex')
  }
}
