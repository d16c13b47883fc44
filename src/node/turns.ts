/**
 * Whose turn it is among those who make rows in long computations: one at a time, each when all else has had its own.
 */
export class Turns {
  /** While it is set nobody gets a turn. */
  isHeld = false
  readonly #waiting: (() => void)[] = []

  /** Resolves when it is the caller's turn. */
  turn(): Promise<void> {
    return new Promise(resolve => {
      if (this.#waiting.push(resolve) === 1) this.#next()
    })
  }

  #next(): void {
    setImmediate(() => {
      if (!this.isHeld) this.#waiting.shift()?.()
      if (this.#waiting.length > 0) this.#next()
    })
  }
}
