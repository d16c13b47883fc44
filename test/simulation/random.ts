import { randomFrom } from '../ledger/cut-rows.ts'

/** A stream of chance, all of it from one seed. */
export class Random {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = randomFrom(seed)
  }

  /** From 0 to below 1. */
  next(): number {
    return this.#next()
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.#next() * n)
  }

  /** From `low` to below `high`. */
  between(low: number, high: number): number {
    return low + this.#next() * (high - low)
  }

  /** True so often, of 1. */
  chance(share: number): boolean {
    return this.#next() < share
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  /** One of the names, each as often as its weight says. */
  weighed<T extends string>(weights: Readonly<Record<T, number>>): T {
    const rows = Object.entries(weights) as [T, number][]
    let left = this.#next() * rows.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [name, weight] of rows) {
      left -= weight
      if (left < 0) return name
    }
    return rows[0]![0]
  }

  bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.below(256))
  }

  /** A seed for another stream. */
  seed(): number {
    return this.below(2 ** 32)
  }
}
