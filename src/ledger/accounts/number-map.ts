/** Keys of one part, in sequence. */
const PART_BITS = 16
const PART = 2 ** PART_BITS

/**
 * A Map over whole numbers, accounts or log indexes, in parts: one Map takes 2^24 entries and then throws, and holds
 * everything up for a second or two while it grows to that. Iterates by part, and in a part in the order of insertion.
 */
export class NumberMap<T> {
  readonly #parts: (Map<number, T> | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: number): T | undefined {
    return this.#parts[Math.floor(key / PART)]?.get(key)
  }

  has(key: number): boolean {
    return this.#parts[Math.floor(key / PART)]?.has(key) ?? false
  }

  set(key: number, value: T): void {
    const at = Math.floor(key / PART)
    let part = this.#parts[at]
    if (part === undefined) {
      part = new Map()
      this.#parts[at] = part
    }
    const before = part.size
    part.set(key, value)
    this.#size += part.size - before
  }

  delete(key: number): void {
    const at = Math.floor(key / PART)
    const part = this.#parts[at]
    if (!part?.delete(key)) return
    this.#size--
    if (part.size === 0) this.#parts[at] = undefined
  }

  *[Symbol.iterator](): Generator<[number, T], void, void> {
    for (const part of this.#parts) if (part !== undefined) yield* part
  }
}
