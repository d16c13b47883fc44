import type { Transaction } from '../core/entry/transaction.ts'

/** Kinds that add points to the account and do nothing else: more of them does no harm, whenever it was. */
const ARRIVALS: ReadonlySet<string> = new Set(['issue', 'opening-balance', 'reinstate', 'transfer', 'convert', 'merge'])

/**
 * Whether a line has to be shown with its place: whatever lowers or locks points, or changes who may act. SPEC §10.
 *
 * @param ofMember - whether the account is a member's.
 */
export function needsPlace(tx: Transaction, account: number, ofMember = true): boolean {
  if (!ofMember) return !('debit' in tx) || tx.credit !== account
  return !ARRIVALS.has(tx.kind) || ('debit' in tx && tx.debit === account)
}

/** Kinds that the holder of the debit account signs. */
const BY_DEBIT: ReadonlySet<string> = new Set(['transfer', 'convert', 'redeem', 'claim'])

/**
 * Whether it is the holder of another account who has to sign a line: her key is none that a statement can show. SPEC
 * §10.
 */
export function isOfAnother(tx: Transaction, account: number): boolean {
  if (tx.kind === 'take') return tx.credit !== account
  return BY_DEBIT.has(tx.kind) && 'debit' in tx && tx.debit !== account
}
