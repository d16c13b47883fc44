import assert from 'node:assert/strict'
import { makeId } from '../../../src/core/entry/id.ts'
import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { type Draft, fromDraft } from '../../world.ts'
import { ANNA, BERT, type Beginning, BUDGET, EXPIRED, SHOP, START } from '../beginning.ts'
import type { Rehearsal, Signers } from '../rehearsal.ts'

/** A story in several batches, of which every outcome is said beforehand. */
export interface Play {
  readonly wanted?: Beginning
  /** How many batches of `beginning` run before; all where it is left out. */
  readonly begun?: number
  readonly tell: (p: Rehearsal) => void
}

export const redeem = (amount: number, debit = ANNA, credit = SHOP): Draft => ({
  kind: 'redeem',
  debit,
  credit,
  amount,
})
export const issue = (amount: number, dates: { matures?: number; expires?: number } = {}, credit = ANNA): Draft => {
  return { kind: 'issue', debit: BUDGET, credit, amount, ...dates }
}
export const hold = (amount: number, until: number): Draft => ({
  kind: 'hold',
  debit: ANNA,
  credit: SHOP,
  amount,
  until,
})
export const capture = (amount: number, held: Uint8Array): Draft => {
  return { kind: 'capture', debit: ANNA, credit: SHOP, amount, hold: held }
}
export const gift = (amount: number, dates: { matures?: number; expires?: number } = {}): Draft => {
  return { kind: 'transfer', debit: ANNA, credit: BERT, amount, ...dates }
}
export const refund = (amount: number, original: Uint8Array, credit = ANNA): Draft => {
  return { kind: 'reverse', debit: SHOP, credit, amount, original }
}
export const clawBack = (amount: number, original: Uint8Array): Draft => {
  return { kind: 'reverse', debit: ANNA, credit: BUDGET, amount, original }
}
export const expire = (amount: number): Draft => ({ kind: 'expire', debit: ANNA, credit: EXPIRED, amount })
export const ID = makeId(START, new Uint8Array(10).fill(7))
export const under = (draft: Draft, id = ID) => encodeTransaction(fromDraft(draft, id))

/** Submits a batch whose outcomes, or whose refusal, are these. */
export function batch(
  p: Rehearsal,
  by: Signers,
  list: readonly (Draft | Uint8Array)[],
  outcomes: string[] | string,
): void {
  const entries = list.map(one => (one instanceof Uint8Array ? one : p.entry(one)))
  assert.deepEqual(p.submit(by, ...entries), outcomes)
}

/** The same of a batch whose transactions from `first` on, so many, are a group. */
export function grouped(
  p: Rehearsal,
  by: Signers,
  groups: readonly (readonly [first: number, count: number])[],
  ...list: readonly (readonly [draft: Draft | Uint8Array, outcome: string, offset?: number])[]
): void {
  const entries = list.map(([one, , offset]) => (one instanceof Uint8Array ? one : p.entry(one, offset)))
  const outcomes = list.map(([, outcome]) => outcome)
  const named = groups.map(([first, count]) => ({ first, count }))
  assert.deepEqual(p.submitGrouped(by, named, ...entries), outcomes)
}

/** Submits a batch of these transactions, each with its outcome, and so many milliseconds from ledger time. */
export function told(
  p: Rehearsal,
  by: Signers,
  ...list: readonly (readonly [draft: Draft, outcome: string, offset?: number])[]
): void {
  const entries = list.map(([draft, , offset]) => p.entry(draft, offset))
  const outcomes = list.map(([, outcome]) => outcome)
  batch(p, by, entries, outcomes)
}
