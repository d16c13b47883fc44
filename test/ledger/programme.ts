import { expect } from 'vitest'
import { type Holdings, type Shares, sharesOf } from '../../src/account/holdings.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { decodeTransaction, encodeTransaction } from '../../src/core/entry/transaction.ts'
import { type Draft, fromDraft } from '../world.ts'
import { checkHistories, checkInvariants, checkReplay } from './checks.ts'
import { ANNA, type Beginning, BUDGET, beginning, COINS, ISSUER, inOrder, REGISTRAR, START } from './commands.ts'
import { Driver } from './driver.ts'
import { NaiveLedger, type NaiveSigner } from './naive.ts'

export { HOUR, SKEW, START } from './commands.ts'
export const DAY = 86_400_000
/** The hour in which every programme begins, as the dates of lots count. */
export const H: number = START / 3_600_000

/** Those who sign a batch. */
export type Signers = readonly NaiveSigner[]

/** Registered keys, by their records. */
export const keys = (...records: number[]): Signers => records.map(record => ({ record }))
/** Owners of accounts. */
export const owner = (...accounts: number[]): Signers => accounts.map(account => ({ account }))
/** Recovery keys of an account, by their places. */
export const recovery = (account: number, ...places: number[]): Signers =>
  places.map(place => ({ account, recovery: place }))

/** A public key made of one number. Anna's is 1, Bert's 2, the recovery keys 7 and 8. */
export const key = (n: number): Uint8Array => new Uint8Array(32).fill(n)

/**
 * A programme that has run for a moment: what `beginning` sets up, on a `Driver` and on the naive ledger at once. Time
 * stands still until a test moves it.
 */
export class Programme {
  readonly driver = new Driver()
  readonly naive = new NaiveLedger()
  /** Ledger time. */
  time = START
  #count = 0

  constructor(wanted: Beginning = {}) {
    for (const { signers, drafts } of beginning(wanted)) this.ok(signers, ...drafts)
  }

  /** The entry of a draft, whose time is that of the ledger, or so much later. */
  entry(draft: Draft, offset = 0): Uint8Array {
    const random = new Uint8Array(10)
    new DataView(random.buffer).setUint32(4, ++this.#count)
    return encodeTransaction(fromDraft(draft, makeId(this.time + offset, random)))
  }

  /** The outcomes of a batch, or the code of its refusal, which the naive ledger agrees with. */
  submit(by: Signers, ...entries: Uint8Array[]): string[] | string | undefined {
    const signers = inOrder(by)
    const outcomes = this.driver.submit(signers, entries, this.time)
    expect(outcomes, 'the naive ledger finds').toEqual(this.naive.submit(signers, entries, this.time))
    return outcomes
  }

  /** The outcome of one transaction. */
  try(by: Signers, draft: Draft, offset = 0): string {
    const outcomes = this.submit(by, this.entry(draft, offset))
    return Array.isArray(outcomes) ? outcomes[0]! : `the batch is refused: ${outcomes}`
  }

  /** Submits what has to be accepted; returns the id of the last. */
  ok(by: Signers, ...drafts: Draft[]): Uint8Array {
    const entries = drafts.map(draft => this.entry(draft))
    expect(this.submit(by, ...entries)).toEqual(drafts.map(() => 'accepted'))
    return decodeTransaction(entries.at(-1)!).id
  }

  /** Issues points, and returns the id. */
  issue(amount: number, dates: { matures?: number; expires?: number } = {}, credit = ANNA): Uint8Array {
    return this.ok(keys(ISSUER), { kind: 'issue', debit: BUDGET, credit, amount, ...dates })
  }

  /** Opens a member account of coins for a key, and returns its number. */
  member(ownerKey: number, unit = COINS): number {
    this.ok(keys(REGISTRAR), { kind: 'open-account', accountKind: 'member', unit, owner: key(ownerKey), nonce: key(3) })
    return this.naive.accounts.length - 1
  }

  balance(account: number): number {
    return this.driver.ledger.state.accounts.balance(account)
  }

  holdings(account: number): Holdings {
    return this.driver.ledger.state.accounts.holdings(account)
  }

  /** The lots of an account, each as `[matures, expires, amount]`, in the order of spending. */
  lots(account: number): number[][] {
    return this.holdings(account).lots.map(({ matures, expires, amount }) => [matures, expires, amount])
  }

  /** What an account has now, by what can be done with it. */
  shares(account: number): Shares {
    return sharesOf(this.holdings(account), this.balance(account), this.time)
  }

  /**
   * Checks the whole run: sums and floors hold, the replay of the entries makes the same seal, and every member account
   * made from its own entries alone is the ledger's.
   */
  async check(): Promise<void> {
    checkInvariants(this.driver, this.naive)
    this.driver.seal(this.time)
    checkHistories(this.driver, this.naive)
    await checkReplay(this.driver)
  }
}
