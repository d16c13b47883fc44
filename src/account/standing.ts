import type { Transaction } from '../core/entry/transaction.ts'

/** What an account's status says (SPEC §6). From `CLOSED` on it takes next to nothing. */
export const OPEN = 0
export const FROZEN = 1
export const CLOSED = 2
export const MERGED = 3

/** What undoes an account's own entries, and expiry: an account that was merged takes these still. */
const RETURNS: ReadonlySet<string> = new Set(['expire', 'reinstate', 'reverse'])

/**
 * Whether an account of that status takes no such transaction: one that is closed is opened again; what was bought with
 * one that was merged into another can still come back, expire, and go where the rest went. SPEC §6.
 */
export function isShut(status: number, tx: Transaction, account: number): boolean {
  if (status === CLOSED) return tx.kind !== 'reopen'
  if (status !== MERGED || RETURNS.has(tx.kind)) return false
  return tx.kind !== 'merge' || tx.debit !== account
}
