/**
 * A sum that never wears out: of amounts, added and taken off for as long as there is a ledger. What is counted is a
 * plain number, which is put away before it leaves the range of whole ones, so that counting makes nothing.
 */
export class Total {
  #high = 0n
  #low = 0

  constructor(value = 0n) {
    this.#high = value
  }

  /** Adds an amount, below 2^53 and of either sign. */
  add(amount: number): void {
    if (Math.abs(this.#low) > Number.MAX_SAFE_INTEGER - Math.abs(amount)) {
      this.#high += BigInt(this.#low)
      this.#low = 0
    }
    this.#low += amount
  }

  /** Puts back what it was. */
  reset(value: bigint): void {
    this.#high = value
    this.#low = 0
  }

  get value(): bigint {
    return this.#high + BigInt(this.#low)
  }
}
