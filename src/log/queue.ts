import type { Acknowledgement } from './acknowledge.ts'
import type { Prepared } from './prepare.ts'

/** A batch that waits for its turn, and who is to be told what became of it. */
export interface Waiting {
  /** Holds the batch, at a place: it is taken out when its turn comes, so that nothing of it waits but its bytes. */
  readonly prepared: Prepared
  readonly place: number
  /** The room that it takes until it is answered. */
  readonly room: number
  readonly resolve: (acknowledgement: Acknowledgement) => void
  readonly reject: (error: unknown) => void
}

/** Batches that were taken from the queue and still stand in it, at most. */
const CUT = 1024

/** The batches that wait for their turn. */
export class Queue {
  readonly #waiting: (Waiting | undefined)[] = []
  /** Where the next one is. */
  #next = 0

  get length(): number {
    return this.#waiting.length - this.#next
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting)
  }

  /** The next one, of which there is one. */
  take(): Waiting {
    const waiting = this.#waiting[this.#next]!
    // What it is answered hangs on it, and would outlive a collection here.
    this.#waiting[this.#next++] = undefined
    // What was taken is cut off now and then, and not each time: what stands behind it is moved.
    if (this.#next === this.#waiting.length || this.#next === CUT) {
      this.#waiting.splice(0, this.#next)
      this.#next = 0
    }
    return waiting
  }
}
