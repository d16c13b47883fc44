import type { Ledger } from '../ledger/index.ts'
import type { TestClock } from './intake/test-clock.ts'
import type { Operator } from './operator.ts'
import type { Publisher } from './publish/publisher.ts'

const DAY_MS = 86_400_000

export interface TestTimeParts {
  readonly clock: TestClock
  readonly ledger: Ledger
  readonly operator: Operator
  readonly publisher: Publisher
}

/**
 * The time of a test ledger, which its shop moves ahead (SPEC §3). It is moved from one thing that comes due to the
 * next, so what ends in between ends at its own time, one after another, as it would have.
 */
export class TestTime {
  readonly #parts: TestTimeParts
  #moving: Promise<unknown> = Promise.resolve()

  constructor(parts: TestTimeParts) {
    this.#parts = parts
  }

  /** The time of the ledger now, in ms since 1970. */
  get nowMs(): number {
    return this.#parts.operator.timeMs
  }

  /**
   * Moves it ahead, after those that were asked for before, and resolves when what came due is in the log and sealed.
   * Costs a seal a day, and an entry for all that ends at one time.
   *
   * @param byMs - by how much, in ms.
   * @returns the time then.
   */
  advance(byMs: number): Promise<number> {
    const moved = this.#moving.then(() => this.#moveTo(this.nowMs + byMs))
    this.#moving = moved.catch(() => {})
    return moved
  }

  async #moveTo(endMs: number): Promise<number> {
    const { clock, ledger, operator, publisher } = this.#parts
    const { due } = ledger.state.accounts
    while (this.nowMs < endMs) {
      const dayMs = Math.min(endMs, (Math.floor(this.nowMs / DAY_MS) + 1) * DAY_MS)
      // What is due already is over by a look at it.
      clock.moveTo(Math.min(dayMs, due.nextAfter(this.nowMs) ?? dayMs))
      while ((await operator.endWhatIsDue()) > 0);
      if (this.nowMs >= dayMs) await publisher.publish()
    }
    return this.nowMs
  }
}
