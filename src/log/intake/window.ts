/** So few under way on average are calm. */
const CALM = 16
/** How much a round counts against those before. */
const GAIN = 1 / 4
/** What waits may take so many times as long as it takes in calm on average: about as long as the slowest there. */
const SLACK = 4
/** A window is measured over so long, and so many answers: what comes and goes in a shorter time is taken in. */
const [ROUND_MS, ROUND_ANSWERS] = [100, 32]
/** Bounds of a window, and what it is where no queue stands. */
const [LEAST, MOST, OPEN] = [128, 1024, 320]

/**
 * How many may be under way at once, so that an answer takes no more than some times as long as in calm, however many
 * come: by Little's law that is how many are answered in such a time. A short rush is taken in, and waits; where a
 * queue stands, what comes beyond the window is refused at once and has not waited (as CoDel does, RFC 8289). A disk
 * that is slow is slow in calm too, and makes the window no smaller.
 */
export class Window {
  #size = OPEN
  #calmMs: number | undefined
  #wasFull = false
  #roundMs: number | undefined
  #answers = 0
  #sumMs = 0

  /** How many may be under way. */
  get size(): number {
    return this.#size
  }

  /** Somebody was refused, as so many were under way. */
  refused(): void {
    this.#wasFull = true
  }

  /** One was answered. @param tookMs - from when it was let in. */
  answered(tookMs: number, nowMs: number): void {
    this.#roundMs ??= nowMs
    this.#answers++
    this.#sumMs += tookMs
    const ms = nowMs - this.#roundMs
    if (ms < ROUND_MS || this.#answers < ROUND_ANSWERS) return
    const [meanMs, underWay] = [this.#sumMs / this.#answers, this.#sumMs / ms]
    this.#calmMs ??= meanMs
    if (underWay <= CALM || meanMs < this.#calmMs) this.#calmMs += GAIN * (meanMs - this.#calmMs)
    const mostMs = SLACK * this.#calmMs
    if (meanMs > mostMs || this.#wasFull) this.#size = within((this.#answers / ms) * mostMs)
    else this.#size = Math.max(OPEN, this.#size)
    this.#wasFull = false
    this.#answers = this.#sumMs = 0
    this.#roundMs = nowMs
  }
}

function within(size: number): number {
  return Math.min(MOST, Math.max(LEAST, Math.floor(size)))
}
