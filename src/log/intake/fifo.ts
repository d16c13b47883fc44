/** Items that were taken and still stand in it, at most. */
const CUT = 1024

/** First come, first taken. */
export class Fifo<T> {
  readonly #waiting: (T | undefined)[] = []
  /** Where the next one is. */
  #next = 0

  get length(): number {
    return this.#waiting.length - this.#next
  }

  /** The next one, of which there is one. */
  get head(): T {
    return this.#waiting[this.#next]!
  }

  push(item: T): void {
    this.#waiting.push(item)
  }

  /** Takes the next one out, of which there is one. */
  take(): T {
    const item = this.#waiting[this.#next]!
    // What it is answered hangs on it, and would outlive a collection here.
    this.#waiting[this.#next++] = undefined
    // What was taken is cut off now and then, and not each time: what stands after it is moved.
    if (this.#next === this.#waiting.length || this.#next === CUT) {
      this.#waiting.splice(0, this.#next)
      this.#next = 0
    }
    return item
  }
}
