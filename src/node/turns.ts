/**
 * Whose turn it is among those who compute for long in this thread: one at a time, each when all else has had its own.
 * Work that cannot wait holds them, and releases them when it is done.
 */
export class Turns {
  #isHeld = false
  readonly #waiting: (() => void)[] = []

  /** Whether nobody gets a turn for now. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Resolves when it is the caller's turn. */
  turn(): Promise<void> {
    return new Promise(resolve => {
      if (this.#waiting.push(resolve) === 1) this.#next()
    })
  }

  /** Lets no `turn` end before `release`: for what has to be done soon, and does not itself wait for one. */
  hold(): void {
    this.#isHeld = true
  }

  /** Lets turns end again. */
  release(): void {
    this.#isHeld = false
  }

  #next(): void {
    setImmediate(() => {
      if (!this.#isHeld) this.#waiting.shift()?.()
      if (this.#waiting.length > 0) this.#next()
    })
  }
}
