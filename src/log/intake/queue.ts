import type { BatchAnswer } from '../../verify/batch-answer.ts'
import type { Prepared } from './prepare.ts'

/** A batch that waits for its turn, and who is to be told what became of it. */
export interface Waiting {
  /** Holds the batch, at a place: it is taken out when its turn comes, so that nothing of it waits but its bytes. */
  readonly prepared: Prepared
  readonly place: number
  /** The room that it takes until it is answered. */
  readonly room: number
  /** Whether it may go before those that are not, which came before it: little work, and no order that was promised. */
  readonly isLight: boolean
  readonly resolve: (answer: BatchAnswer) => void
  readonly reject: (error: unknown) => void
}

/** Batches that were taken from the queue and still stand in it, at most. */
const CUT = 1024

/**
 * Light ones that are taken in a row while others wait: a millisecond's work, and then one of the others has its turn.
 */
const LIGHT_IN_A_ROW = 64

/**
 * The batches that wait for their turn. Anyone who pays at a counter does not stand behind what is paid out by the
 * thousand.
 */
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

  push(waiting: Waiting): void {
    const lane = waiting.isLight ? this.#light : this.#others
    lane.push(waiting)
  }

  /** The next one, of which there is one. */
  take(): Waiting {
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
