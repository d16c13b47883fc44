import type { QueuedBatch } from './queued-batch.ts'

/** Batches that were taken from the queue and still stand in it, at most. */
const CUT = 1024

/**
 * Light ones that are taken in a row while others wait: a millisecond's work, and then one of the others has its turn.
 */
const LIGHT_IN_A_ROW = 64

/** The batches that wait for their turn. A single payment never waits behind a bulk payout. */
export class Queue {
  readonly #light = new Lane()
  readonly #others = new Lane()
  /** How many light ones were taken since one of the others was, while some waited. */
  #inARow = 0

  get length(): number {
    return this.#light.length + this.#others.length
  }

  /** Whether a light one waits. */
  get isUrgent(): boolean {
    return this.#light.length > 0
  }

  push(batch: QueuedBatch): void {
    const lane = batch.isLight ? this.#light : this.#others
    lane.push(batch)
  }

  /** The next one, of which there is one. */
  take(): QueuedBatch {
    if (this.#others.length === 0) return this.#light.take()
    if (this.#light.length === 0 || this.#inARow === LIGHT_IN_A_ROW) {
      this.#inARow = 0
      return this.#others.take()
    }
    this.#inARow++
    return this.#light.take()
  }
}

/** First come, first taken. */
class Lane {
  readonly #waiting: (QueuedBatch | undefined)[] = []
  /** Where the next one is. */
  #next = 0

  get length(): number {
    return this.#waiting.length - this.#next
  }

  push(batch: QueuedBatch): void {
    this.#waiting.push(batch)
  }

  /** The next one, of which there is one. */
  take(): QueuedBatch {
    const batch = this.#waiting[this.#next]!
    // What it is answered hangs on it, and would outlive a collection here.
    this.#waiting[this.#next++] = undefined
    // What was taken is cut off now and then, and not each time: what stands behind it is moved.
    if (this.#next === this.#waiting.length || this.#next === CUT) {
      this.#waiting.splice(0, this.#next)
      this.#next = 0
    }
    return batch
  }
}
