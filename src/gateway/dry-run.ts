import { AsyncLocalStorage } from 'node:async_hooks'
import type { Outcome } from '../core/entry/outcome.ts'
import type { Transaction } from '../core/entry/transaction.ts'

/** What the ledger would say of a transaction, of which nothing was signed. */
export interface WouldBe {
  readonly kind: Transaction['kind']
  /** `accepted`, or why not: an outcome of SPEC §8, or a code of §7 where the batch would be refused whole. */
  readonly outcome: Outcome | (string & {})
  readonly retryable: boolean
  /** For people: what to do; undefined where it would be accepted. */
  readonly detail: string | undefined
}

const trying = new AsyncLocalStorage<true>()

/** Ends an act before anything of it is sent: thrown by `Attempts.perform`, and caught by `tryOut`. */
export class TriedOut extends Error {
  override readonly name = 'TriedOut'
  readonly wouldBe: WouldBe

  constructor(wouldBe: WouldBe) {
    super(`a dry run of ${wouldBe.kind}: ${wouldBe.outcome}`)
    this.wouldBe = wouldBe
  }
}

/** Whether what is done now is only tried out. */
export function isDryRun(): boolean {
  return trying.getStore() === true
}

/**
 * Does an act up to the first transaction that it would send, and asks the ledger what it would say of that one. An
 * act that was done before says so, as it does without.
 */
export async function tryOut<T>(act: () => Promise<T>): Promise<{ readonly wouldBe: WouldBe } | { readonly done: T }> {
  try {
    return { done: await trying.run(true, act) }
  } catch (error) {
    if (error instanceof TriedOut) return { wouldBe: error.wouldBe }
    throw error
  }
}
