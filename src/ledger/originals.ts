import { isOriginal } from '../account/history.ts'
import { type Lot, partsBack } from '../account/holdings.ts'
import type { Original } from '../account/member.ts'
import type { TransactionOf } from '../core/entry/transaction.ts'
import type { Referred } from '../lookup/ids/hit.ts'
import { NumberMap } from './accounts/number-map.ts'
import type { Growth } from './growth.ts'

/** A debit that took lots, or a reversal of some amount, of the transaction at a log index. */
interface PartsAt {
  readonly index: number
  readonly parts: readonly Lot[] | undefined
  readonly amount: number
  /** Of a reversal: the lots of the debit that had not come back before it. */
  readonly before: readonly Lot[] | undefined
}

/**
 * What must be known of earlier transactions to reverse them: which were refused, what of them was reversed, and which
 * lots a debit took that have not come back. The rest stands in their entries, so that nothing is kept of a movement of
 * points without dates; and of what came back, as points that are spent and come back again and again would fill any
 * memory.
 */
export class Originals {
  /** Log indexes of refused transactions, increasing. */
  #refused = new Float64Array(64)
  #refusedCount = 0
  readonly #reversed = new NumberMap<number>()
  readonly #parts = new NumberMap<readonly Lot[]>()
  /** What is known and not told: what a group did, until it stands. */
  #held: PartsAt[] | undefined
  /** How many were refused when it began to be held back. */
  #refusedBefore = 0
  /** Is told of every change, while a snapshot is kept. */
  growth: Growth | undefined
  /** Is told how much more of the transaction at a log index was reversed. */
  onReversal: ((index: number, amount: number) => void) | undefined

  /** Notes that the transaction at a log index, later than any noted before, was refused. */
  refuse(index: number): void {
    if (this.#refusedCount === this.#refused.length) {
      const refused = new Float64Array(2 * this.#refusedCount)
      refused.set(this.#refused)
      this.#refused = refused
    }
    this.#refused[this.#refusedCount++] = index
    if (this.#held === undefined) this.growth?.refused(index)
  }

  /** Notes which lots the debit at a log index took. */
  took(index: number, parts: readonly Lot[]): void {
    if (!parts.some(({ matures, expires }) => matures + expires > 0)) return
    this.#parts.set(index, parts)
    if (this.#held !== undefined) this.#held.push({ index, parts, amount: 0, before: undefined })
    else this.growth?.took(index, parts)
  }

  /** Notes that `amount` more of the transaction at a log index was reversed, reinstated or settled. */
  reverse(index: number, amount: number): void {
    this.#reversed.set(index, (this.#reversed.get(index) ?? 0) + amount)
    const before = this.#parts.get(index)
    if (before !== undefined) this.#parts.set(index, partsBack(before, amount)[0])
    if (this.#held !== undefined) this.#held.push({ index, parts: undefined, amount, before })
    else this.#tellReversal(index, amount)
  }

  #tellReversal(index: number, amount: number): void {
    this.growth?.reversed(index, amount)
    this.onReversal?.(index, amount)
  }

  /** Holds back what is told, until `stand` or `drop`. */
  hold(): void {
    this.#held = []
    this.#refusedBefore = this.#refusedCount
  }

  /** Tells what was held back. */
  stand(): void {
    for (const { index, parts, amount } of this.#held ?? []) {
      if (parts === undefined) this.#tellReversal(index, amount)
      else this.growth?.took(index, parts)
    }
    this.#held = undefined
  }

  /** Forgets what was held back: it never was. */
  drop(): void {
    this.#refusedCount = this.#refusedBefore
    for (const { index, parts, amount, before } of (this.#held ?? []).toReversed()) {
      const reversed = this.reversedOf(index) - amount
      if (before !== undefined) this.#parts.set(index, before)
      if (parts !== undefined) this.#parts.delete(index)
      else if (reversed === 0) this.#reversed.delete(index)
      else this.#reversed.set(index, reversed)
    }
    this.#held = undefined
  }

  /** How much of the transaction at a log index was reversed, reinstated or settled. */
  reversedOf(index: number): number {
    return this.#reversed.get(index) ?? 0
  }

  /** The transaction as one that can be reversed; undefined if it was refused, or is of another kind. */
  find(referred: Referred | undefined): Original | undefined {
    if (referred === undefined || this.wasRefused(referred.index)) return undefined
    const { index, transaction, time } = referred
    if (!isOriginal(transaction) || transaction.kind === 'expire') return undefined
    const reversed = this.reversedOf(index)
    const moved = transaction.kind === 'merge' ? partsBack(transaction.parts, reversed)[0] : undefined
    const parts = moved ?? this.#parts.get(index) ?? [{ matures: 0, expires: 0, amount: transaction.amount }]
    return { transaction, time, reversed, parts }
  }

  /** The transaction as one of which points can be reinstated; undefined if it was refused, or is of another kind. */
  expiry(referred: Referred | undefined): Original | undefined {
    if (referred === undefined || this.wasRefused(referred.index)) return undefined
    const { index, transaction, time } = referred
    if (transaction.kind !== 'expire') return undefined
    return { transaction, time, reversed: this.reversedOf(index), parts: [] }
  }

  /** The transaction as what a merchant asked for; undefined if it was refused, or is of another kind. */
  asked(referred: Referred | undefined): TransactionOf<'ask-settle'> | undefined {
    if (referred === undefined || this.wasRefused(referred.index)) return undefined
    const { transaction } = referred
    return transaction.kind === 'ask-settle' ? transaction : undefined
  }

  /** Whether the transaction at a log index was refused. Costs the logarithm of how many were. */
  wasRefused(index: number): boolean {
    let low = 0
    let high = this.#refusedCount
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#refused[middle]! < index) low = middle + 1
      else high = middle
    }
    return low < this.#refusedCount && this.#refused[low] === index
  }
}
