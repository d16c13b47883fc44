import { Fifo } from './fifo.ts'

/** What one caller has waiting, or one signer of his. */
interface Lane<T> {
  readonly key: unknown
  readonly items: Source<T>
  /** What it may still take out before the others have their turn. */
  credit: number
  /** Whether it was given its share since it is first. */
  isGranted: boolean
}

/** Items in an order. */
interface Source<T> {
  readonly length: number
  /** The next one, of which there is one; it stays. */
  readonly head: T
  push(item: T): void
  take(): T
}

/**
 * What waits, in turns: of each caller that has something, about as much cost at a time, and of each caller so of his
 * signers. So nobody who has little waits for more than one turn of each other, however much those have. Deficit round
 * robin (Shreedhar and Varghese 1995), one in the other; what one signer sends through one caller stays in order. Puts
 * in and takes out in a constant time, but for a turn more for each `share` of what costs more than that.
 */
export class FairQueue<T> implements Source<T> {
  readonly #costOf: (item: T) => number
  readonly #share: number
  readonly #keysOf: readonly ((item: T) => unknown)[]
  readonly #lanes = new Map<unknown, Lane<T>>()
  readonly #turns = new Fifo<Lane<T>>()
  #length = 0

  /**
   * @param share - the cost of a turn.
   * @param keysOf - whose an item is: the caller, then the signer.
   */
  constructor(costOf: (item: T) => number, share: number, ...keysOf: readonly ((item: T) => unknown)[]) {
    this.#costOf = costOf
    this.#share = share
    this.#keysOf = keysOf
  }

  get length(): number {
    return this.#length
  }

  push(item: T): void {
    const [keyOf, ...rest] = this.#keysOf
    const key = keyOf!(item)
    let lane = this.#lanes.get(key)
    if (lane === undefined) {
      const items = rest.length === 0 ? new Fifo<T>() : new FairQueue(this.#costOf, this.#share, ...rest)
      lane = { key, items, credit: 0, isGranted: false }
      this.#lanes.set(key, lane)
      this.#turns.push(lane)
    }
    lane.items.push(item)
    this.#length++
  }

  get head(): T {
    for (;;) {
      const lane = this.#turns.head
      if (!lane.isGranted) lane.credit += this.#share
      lane.isGranted = true
      const item = lane.items.head
      if (lane.credit >= this.#costOf(item)) return item
      lane.isGranted = false
      this.#turns.push(this.#turns.take())
    }
  }

  take(): T {
    const item = this.head
    const lane = this.#turns.head
    lane.items.take()
    lane.credit -= this.#costOf(item)
    this.#length--
    if (lane.items.length === 0) {
      this.#turns.take()
      this.#lanes.delete(lane.key)
    }
    return item
  }
}
