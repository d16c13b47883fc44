/** Spans that are told apart. With more, the two that are closest become one. */
const SPANS_MAX = 16
/** Times this close belong to one span, in milliseconds. */
const NEAR_MS = 1000

/**
 * The times of a set of ids, as at most sixteen spans that hold them all: so that one id that is dated far off (a
 * transaction that was refused for it stands in the log all the same) does not make the set look as if it held any
 * time.
 */
export class TimeSpans {
  /** Increasing and apart: a span begins after the end of the one before. */
  #from = new Float64Array(SPANS_MAX + 1)
  #to = new Float64Array(SPANS_MAX + 1)
  #count = 0
  /** The span of the time that was added last, where the next one is likely to lie. */
  #last = 0

  add(timeMs: number): void {
    if (this.#count > 0 && timeMs >= this.#from[this.#last]! && timeMs <= this.#to[this.#last]!) return
    this.#insert(timeMs)
  }

  /** Whether a time of the set may lie in `[fromMs, toMs]`. */
  overlaps(fromMs: number, toMs: number): boolean {
    const count = this.#count
    if (count === 0 || toMs < this.#from[0]! || fromMs > this.#to[count - 1]!) return false
    for (let i = 0; i < count; i++) if (toMs >= this.#from[i]! && fromMs <= this.#to[i]!) return true
    return false
  }

  /** From and to of each span. */
  toArray(): number[] {
    return Array.from({ length: 2 * this.#count }, (_, i) => (i % 2 === 0 ? this.#from : this.#to)[i >> 1]!)
  }

  static from(array: readonly number[]): TimeSpans {
    const spans = new TimeSpans()
    spans.#count = array.length / 2
    for (let i = 0; i < spans.#count; i++) {
      spans.#from[i] = array[2 * i]!
      spans.#to[i] = array[2 * i + 1]!
    }
    return spans
  }

  #insert(timeMs: number): void {
    let at = 0
    while (at < this.#count && timeMs > this.#to[at]! + NEAR_MS) at++
    this.#last = at
    if (at < this.#count && timeMs >= this.#from[at]! - NEAR_MS) {
      this.#from[at] = Math.min(this.#from[at]!, timeMs)
      this.#to[at] = Math.max(this.#to[at]!, timeMs)
      if (at + 1 < this.#count && this.#to[at]! >= this.#from[at + 1]!) this.#join(at)
      return
    }
    this.#from.copyWithin(at + 1, at, this.#count)
    this.#to.copyWithin(at + 1, at, this.#count)
    this.#from[at] = this.#to[at] = timeMs
    this.#count++
    if (this.#count > SPANS_MAX) this.#join(this.#closest())
  }

  /** The span that has the shortest way to the next one. */
  #closest(): number {
    let closest = 0
    for (let i = 1; i + 1 < this.#count; i++) if (this.#gap(i) < this.#gap(closest)) closest = i
    return closest
  }

  #gap(i: number): number {
    return this.#from[i + 1]! - this.#to[i]!
  }

  #join(i: number): void {
    this.#to[i] = Math.max(this.#to[i]!, this.#to[i + 1]!)
    this.#from.copyWithin(i + 1, i + 2, this.#count)
    this.#to.copyWithin(i + 1, i + 2, this.#count)
    this.#count--
    this.#last = i
  }
}
