import { FairQueue } from './fair-queue.ts'
import type { QueuedBatch } from './queued-batch.ts'

/**
 * Light ones that are taken in a row while others wait: a millisecond's work, and then one of the others has its turn.
 */
const LIGHT_IN_A_ROW = 64

/** Light ones, and transactions of others, that are taken of one caller in a row while another waits. */
const [LIGHT_SHARE, SHARE] = [16, 1024]

const callerOf = (batch: QueuedBatch) => batch.caller
const signerOf = (batch: QueuedBatch) => batch.signer
const weightOf = (batch: QueuedBatch) => batch.weight

/**
 * The batches that wait for their turn. A single payment never waits behind a bulk payout, and nobody behind all that
 * another has sent.
 */
export class Queue {
  readonly #light = new FairQueue(() => 1, LIGHT_SHARE, callerOf, signerOf)
  readonly #others = new FairQueue(weightOf, SHARE, callerOf, signerOf)
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
