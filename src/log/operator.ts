import { dueToExpire, endHold } from '../account/holdings.ts'
import { equalBytes } from '../core/bytes.ts'
import { publicKeyFromSeed, signEd25519 } from '../core/crypto/ed25519.ts'
import { batchMessage, SIGNER_RECORD, transactionsFrom } from '../core/entry/batch.ts'
import type { Submission } from '../core/entry/submission.ts'
import { encodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import type { Ledger } from '../ledger/index.ts'
import type { BatchAnswer } from '../verify/batch-answer.ts'

/** What the ledger's own key does needs of the ledger. */
export interface OperatorParts {
  readonly ledger: Ledger
  /** Seed of the operator's key; without one, nothing is done of itself. */
  readonly seed: Uint8Array | undefined
  readonly submit: (batch: Submission) => Promise<BatchAnswer>
  /** A fresh id of that time. */
  readonly freshId: (timeMs: number) => Uint8Array
  readonly nowMs: () => number
}

/** Nothing is done that goes by time where ledger time is so far ahead of the clock: it would be early. */
const AHEAD_MS = 5000

/** Since a seal so long ago much may have become due. */
const LONG_MS = 3_600_000

/** Accounts whose due points and holds go into one batch. */
const DUE_ACCOUNTS = 1000

/**
 * The ledger's own key: what it may do without the members is to write down what has come to its end by itself, and
 * what was erased or shown. SPEC §7.
 */
export class Operator {
  readonly #parts: OperatorParts
  readonly #publicKey: Uint8Array | undefined
  #ending: Promise<number> | undefined

  constructor(parts: OperatorParts) {
    this.#parts = parts
    this.#publicKey = parts.seed === undefined ? undefined : publicKeyFromSeed(parts.seed)
  }

  /** Record number of the operator's key, if it is registered and stands. */
  get record(): number | undefined {
    const { registry } = this.#parts.ledger.state
    const key = this.#publicKey
    if (key === undefined) return undefined
    const record = registry.records.find(({ number }) => {
      const standing = registry.standingKey(number)
      return standing?.role === 'operator' && equalBytes(standing.key, key)
    })
    return record?.number
  }

  /** Time of the ledger now, which never goes back. */
  get timeMs(): number {
    return Math.max(this.#parts.nowMs(), this.#parts.ledger.state.time)
  }

  /** A fresh id of now. */
  freshId(): Uint8Array {
    return this.#parts.freshId(this.timeMs)
  }

  /** Signs transactions as one batch and submits it. Undefined where there is no such key. */
  async submit(transactions: readonly Transaction[]): Promise<BatchAnswer | undefined> {
    const { record } = this
    const { seed, ledger } = this.#parts
    if (record === undefined || seed === undefined || ledger.state.ledgerId === undefined) return undefined
    const list = transactionsFrom(transactions.map(encodeTransaction))
    const signer = { class: SIGNER_RECORD, number: record }
    const ed25519 = signEd25519(seed, batchMessage(ledger.state.ledgerId, [signer], list))
    return this.#parts.submit({ signatures: [{ ...signer, ed25519 }], transactions: list })
  }

  /**
   * Writes down what is due: holds whose time is over, points past their expiry. Resolves with how many entries it
   * wrote: none while the clock has not come to ledger time, or is in doubt.
   *
   * @param rounds - of some 1,000 accounts each; by default as many as it takes. Anyone who wants few does not wait for
   * one that is under way.
   */
  endWhatIsDue(rounds: number = Number.POSITIVE_INFINITY): Promise<number> {
    if (this.#ending !== undefined && Number.isFinite(rounds)) return Promise.resolve(0)
    this.#ending ??= this.#end(rounds).finally(() => {
      this.#ending = undefined
    })
    return this.#ending
  }

  /**
   * Writes down what is due before a seal, so that it does not show as overdue: all of it where the last seal was long
   * ago, as after a start; else no more than costs next to nothing.
   */
  sweep(lastSealMs: number): Promise<number> {
    return this.endWhatIsDue(this.timeMs - lastSealMs > LONG_MS ? Number.POSITIVE_INFINITY : 1)
  }

  async #end(rounds: number): Promise<number> {
    let written = 0
    for (let round = 0; round < rounds; round++) {
      const transactions = this.#due()
      if (transactions.length === 0) return written
      const answer = await this.submit(transactions)
      const accepted = answer?.statuses.filter(status => status === 0).length ?? 0
      written += accepted
      // What was refused has changed meanwhile: it is looked at again the next time.
      if (accepted === 0) return written
    }
    return written
  }

  #due(): Transaction[] {
    const { accounts, registry } = this.#parts.ledger.state
    const { timeMs } = this
    const due: Transaction[] = []
    if (this.record === undefined || this.#parts.nowMs() < timeMs - AHEAD_MS) return due
    for (const account of accounts.due.at(timeMs, DUE_ACCOUNTS)) {
      let holdings = accounts.holdings(account)
      const balance = accounts.balance(account)
      for (const hold of holdings.holds.filter(({ until }) => until <= timeMs)) {
        due.push({ kind: 'release', id: this.freshId(), account, hold: hold.id })
        holdings = endHold(holdings, balance, hold, 0).holdings
      }
      const { expiredAccount } = registry.unit(accounts.unit(account))!
      const amount = dueToExpire(holdings, timeMs)
      if (amount === 0 || expiredAccount < 0) continue
      const ends = { debit: account, credit: expiredAccount }
      due.push({ kind: 'expire', id: this.freshId(), ...ends, amount, details: null, cites: null })
    }
    return due
  }
}
