import type { Clock } from './clock.ts'

/**
 * The clock of a test ledger (SPEC §3): as fast as the machine's, and as far ahead of it as it was moved. A ledger that
 * is opened again goes on from the time of its last entry, so how far that was needs no keeping.
 *
 * @example
 * const clock = new TestClock()
 * clock.moveTo(clock.nowMs() + 30 * 86_400_000)
 */
export class TestClock implements Clock {
  readonly #wallMs: () => number
  #aheadMs = 0

  /** @param wallMs - the clock of the machine. */
  constructor(wallMs: () => number = Date.now) {
    this.#wallMs = wallMs
  }

  begin(lastMs: number | undefined): void {
    if (lastMs !== undefined) this.moveTo(lastMs)
  }

  nowMs(): number {
    return this.#wallMs() + this.#aheadMs
  }

  /** Moves it ahead to a time; a time that is over moves nothing. */
  moveTo(timeMs: number): void {
    this.#aheadMs = Math.max(this.#aheadMs, timeMs - this.#wallMs())
  }
}
