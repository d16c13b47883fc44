import { BookHistory, type KindSum } from '../account/book.ts'
import type { AccountHistory } from '../account/history.ts'
import type { SetBudget } from '../core/entry/transaction.ts'

/** What all entries of a merchant's account, or of a budget, did. */
export interface Book {
  /** By kind, in the order in which each came first. */
  readonly sums: readonly KindSum[]
  /** What a merchant asked to be settled with, and was not. */
  readonly asked: number
  /** The merchant account that sponsors a budget. */
  readonly sponsor: number | null
  /** The terms of a budget that are in force. */
  readonly terms: SetBudget | null
}

/** What the lines of a merchant's account or a budget make besides the balance; null for a member's. */
export function bookOf(history: AccountHistory | BookHistory): Book | null {
  if (!(history instanceof BookHistory)) return null
  const { sums, asked, opening, terms } = history
  return { sums, asked, sponsor: opening?.sponsor ?? null, terms: terms ?? null }
}
