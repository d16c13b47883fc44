import { spread } from './fingerprint.ts'
import { TimeSpans } from './time-spans.ts'

/** A slot holds an offset + 1 in its low bits, so that 0 is an empty one, and above them bits of the fingerprint. */
const PLACE_BITS = 19
const PLACE_MASK = 2 ** PLACE_BITS - 1

/**
 * The ids of one run of the log, exactly: an open-addressing table of offsets into flat lists of fingerprints, 16 bytes
 * an entry of the log when it is full. An offset is a log index less the run's first.
 */
export class RecentIds {
  /** Log index at which the run begins. */
  readonly first: number
  readonly times: TimeSpans
  /** Fingerprints by offset; a high half of 0 where the entry has no id. */
  low: Uint32Array
  high: Uint32Array
  #slots: Uint32Array
  #count = 0

  /**
   * @param room - entries for which there is room from the beginning. @param times - of those that are going to be
   * added.
   */
  constructor(first: number, room = 512, times: TimeSpans = new TimeSpans()) {
    this.first = first
    this.times = times
    const size = Math.max(512, 2 ** Math.ceil(Math.log2(room)))
    this.low = new Uint32Array(size)
    this.high = new Uint32Array(size)
    this.#slots = new Uint32Array(2 * size)
  }

  get count(): number {
    return this.#count
  }

  /** Adds a fingerprint at an offset that has none. Returns whether it was there at another one. */
  add(low: number, high: number, offset: number): boolean {
    if ((this.#count + 1) * 2 > this.#slots.length) this.#grow()
    if (offset >= this.low.length) this.#reach(offset)
    const slots = this.#slots
    const mask = slots.length - 1
    const hash = spread(low, high)
    const tag = tagOf(hash)
    let met = false
    let slot = hash & mask
    for (; slots[slot] !== 0; slot = (slot + 1) & mask)
      if ((slots[slot]! & ~PLACE_MASK) === tag && this.#isAt(slot, low, high)) met = true
    slots[slot] = tag | (offset + 1)
    this.low[offset] = low
    this.high[offset] = high
    this.#count++
    return met
  }

  /** The log indexes below `below` that have a fingerprint. */
  find(low: number, high: number, below: number): number[] {
    const found: number[] = []
    const mask = this.#slots.length - 1
    for (let slot = spread(low, high) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask)
      if (this.#isAt(slot, low, high) && this.first + this.#offset(slot) < below)
        found.push(this.first + this.#offset(slot))
    return found
  }

  /** Whether any has a fingerprint: makes nothing. */
  has(low: number, high: number): boolean {
    const slots = this.#slots
    const mask = slots.length - 1
    const hash = spread(low, high)
    const tag = tagOf(hash)
    for (let slot = hash & mask; slots[slot] !== 0; slot = (slot + 1) & mask)
      if ((slots[slot]! & ~PLACE_MASK) === tag && this.#isAt(slot, low, high)) return true
    return false
  }

  /** Takes back the fingerprint at an offset, if there is one. */
  remove(offset: number): void {
    if (!((this.high[offset] ?? 0) > 0)) return
    const slots = this.#slots
    const mask = slots.length - 1
    let slot = this.#home(offset)
    while (this.#offset(slot) !== offset) slot = (slot + 1) & mask
    this.#count--
    // Backward-shift deletion: what probed past the freed slot moves up, so no slot is ever marked as deleted.
    for (let next = (slot + 1) & mask; slots[next] !== 0; next = (next + 1) & mask) {
      if (((next - this.#home(this.#offset(next))) & mask) < ((next - slot) & mask)) continue
      slots[slot] = slots[next]!
      slot = next
    }
    slots[slot] = 0
    this.low[offset] = this.high[offset] = 0
  }

  #offset(slot: number): number {
    return (this.#slots[slot]! & PLACE_MASK) - 1
  }

  #isAt(slot: number, low: number, high: number): boolean {
    const offset = this.#offset(slot)
    return this.low[offset] === low && this.high[offset] === high
  }

  /** The slot at which the search for an offset's fingerprint begins. */
  #home(offset: number): number {
    return spread(this.low[offset]!, this.high[offset]!) & (this.#slots.length - 1)
  }

  #grow(): void {
    const old = this.#slots
    this.#slots = new Uint32Array(2 * old.length)
    const mask = this.#slots.length - 1
    for (const taken of old) {
      if (taken === 0) continue
      let slot = this.#home((taken & PLACE_MASK) - 1)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = taken
    }
  }

  #reach(offset: number): void {
    let length = this.low.length
    while (length <= offset) length *= 2
    const [low, high] = [this.low, this.high]
    this.low = new Uint32Array(length)
    this.high = new Uint32Array(length)
    this.low.set(low)
    this.high.set(high)
  }
}

/** The bits of a spread fingerprint that stand in a slot: the top ones, as the low ones say which slot. */
function tagOf(hash: number): number {
  return hash & ~PLACE_MASK
}
