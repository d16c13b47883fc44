import { HeldError } from './failure.ts'
import type { Clock } from './intake/clock.ts'

/** What keeps a log from taking batches for a while. It is asked each time, so that nothing has to be told that it is over. */
export class Holds {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Why no batch is taken now, and nothing done that goes by time; undefined where nothing is in the way. */
  get intake(): HeldError | undefined {
    const { doubt } = this.#clock
    return doubt === undefined
      ? undefined
      : new HeldError('clock-suspect', `The ledger takes nothing: its clock is in doubt. ${doubt.message}`)
  }
}
