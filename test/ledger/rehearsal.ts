import assert from 'node:assert/strict'
import type { Group } from '../../src/core/entry/group.ts'
import { makeId } from '../../src/core/entry/id.ts'
import { type Custodian, decodeTransaction, encodeTransaction } from '../../src/core/entry/transaction.ts'
import { type Draft, fromDraft } from '../world.ts'
import {
  ANNA,
  type Beginning,
  BUDGET,
  beginning,
  COINS,
  genesisDraft,
  ISSUER,
  key,
  REGISTRAR,
  ROOT,
  START,
  TREASURER,
} from './beginning.ts'
import { leafOf, NaiveLedger, type NaiveSigner, type Shares, sharesIn } from './naive/index.ts'

/** Those who sign a batch. */
export type Signers = readonly NaiveSigner[]

/** Registered keys, by their records. */
export const keys = (...records: number[]): Signers => records.map(record => ({ record }))
/** Owners of accounts. */
export const owner = (...accounts: number[]): Signers => accounts.map(account => ({ account }))
/** Recovery keys of an account, by their places. */
export const recovery = (account: number, ...places: number[]): Signers =>
  places.map(place => ({ account, recovery: place }))

/** Signers as a batch has them: by class, then number. */
export function inOrder(list: readonly NaiveSigner[]): NaiveSigner[] {
  const rank = (one: NaiveSigner) =>
    'record' in one ? one.record : 2 ** 33 * (1 + (one.recovery === undefined ? 0 : 1 + one.recovery)) + one.account
  return list.toSorted((a, b) => rank(a) - rank(b))
}

/** What continues a log, but for where it stands. */
export type Continuation = Pick<Extract<Draft, { kind: 'continue-log' }>, 'origin' | 'logKey'> &
  Partial<Pick<Extract<Draft, { kind: 'continue-log' }>, 'size' | 'root' | 'seen'>>

/** What a batch was, and what became of it. */
export interface Told {
  readonly signers: readonly NaiveSigner[]
  readonly entries: readonly Uint8Array[]
  readonly groups: readonly Group[]
  /** Of what names the place where it stands: the entries, in a log of so many and with that root. */
  readonly standing?: (size: number, root: Uint8Array) => Uint8Array[]
  readonly time: number
  /** The outcomes, or the code of its refusal; undefined when all of it existed. */
  readonly outcomes: readonly string[] | string | undefined
}

/**
 * A programme that has run for a moment: what `beginning` sets up, on the naive ledger alone. Time stands still until
 * it is moved.
 */
export class Rehearsal {
  readonly naive = new NaiveLedger()
  /** All batches, in order. */
  readonly told: Told[] = []
  /** Ledger time. */
  time = START
  #count = 0

  readonly #wanted: Beginning

  /** @param batches - how many batches of `beginning` run; by default all. */
  constructor(wanted: Beginning = {}, batches = Number.POSITIVE_INFINITY) {
    this.#wanted = wanted
    this.begin(batches)
  }

  /** Runs so many batches of what there is to begin with. */
  begin(batches: number): void {
    const steps = beginning(this.#wanted, record => this.leafOf(record))
    for (let i = 0; i < batches; i++) {
      const { value } = steps.next()
      if (value === undefined) return
      this.ok(value.signers, ...value.drafts)
    }
  }

  /** The draft that everything begins with. */
  genesis(): Draft {
    return genesisDraft(this.#wanted)
  }

  /** The leaf hash of the entry that made a record, as openings name it. */
  leafOf(record: number): Uint8Array {
    return leafOf(this.naive, record)
  }

  custodian(record: number): Custodian {
    return { record, leaf: this.leafOf(record) }
  }

  /** The entry of a draft, whose time is that of the ledger, or so much later. */
  entry(draft: Draft, offset = 0): Uint8Array {
    const random = new Uint8Array(10)
    new DataView(random.buffer).setUint32(4, ++this.#count)
    return encodeTransaction(fromDraft(draft, makeId(this.time + offset, random)))
  }

  /** The outcomes of a batch, or the code of its refusal. */
  submit(by: Signers, ...entries: Uint8Array[]): string[] | string | undefined {
    return this.submitGrouped(by, [], ...entries)
  }

  /** The same of a batch with groups. */
  submitGrouped(by: Signers, groups: readonly Group[], ...entries: Uint8Array[]): string[] | string | undefined {
    const signers = inOrder(by)
    const outcomes = this.naive.submit(signers, entries, this.time, groups)
    this.told.push({ signers, entries, groups, time: this.time, outcomes })
    return outcomes
  }

  /** Closes an epoch. */
  seal(): void {
    this.naive.seal()
  }

  /** The outcome of what continues the log from right after a seal, or says that it does. */
  goOn(by: Signers, draft: Continuation, offset = 0): string {
    this.seal()
    const random = new Uint8Array(10)
    new DataView(random.buffer).setUint32(4, ++this.#count)
    const id = makeId(this.time + offset, random)
    const standing = (size: number, root: Uint8Array) => [
      encodeTransaction(fromDraft({ kind: 'continue-log', size, root, seen: null, ...draft }, id)),
    ]
    const outcomes = this.submit(by, ...standing(this.naive.size, this.naive.rootOfLog()))
    this.told.push({ ...this.told.pop()!, standing })
    return Array.isArray(outcomes) ? outcomes[0]! : `the batch is refused: ${outcomes}`
  }

  /** The outcome of one transaction. */
  try(by: Signers, draft: Draft, offset = 0): string {
    const outcomes = this.submit(by, this.entry(draft, offset))
    return Array.isArray(outcomes) ? outcomes[0]! : `the batch is refused: ${outcomes}`
  }

  /** Submits what has to be accepted; returns the id of the last. */
  ok(by: Signers, ...drafts: Draft[]): Uint8Array {
    const entries = drafts.map(draft => this.entry(draft))
    assert.deepEqual(
      this.submit(by, ...entries),
      drafts.map(() => 'accepted'),
    )
    return decodeTransaction(entries.at(-1)!).id
  }

  /** Issues points, and returns the id. */
  issue(amount: number, dates: { matures?: number; expires?: number } = {}, credit = ANNA): Uint8Array {
    return this.ok(keys(ISSUER), { kind: 'issue', debit: BUDGET, credit, amount, ...dates })
  }

  /** The draft that opens a member account for a key. */
  opening(ownerKey: number, unit = COINS): Extract<Draft, { kind: 'open-account' }> {
    const terms = this.leafOf(unit)
    return { kind: 'open-account', accountKind: 'member', unit, terms, owner: key(ownerKey), nonce: key(3) }
  }

  /** Opens a member account for a key, and returns its number. */
  member(ownerKey: number, unit = COINS): number {
    this.ok(keys(REGISTRAR), this.opening(ownerKey, unit))
    return this.naive.accounts.length - 1
  }

  /** Opens a budget of coins for a merchant account, and returns its number. */
  sponsored(sponsor: number): number {
    this.ok(keys(TREASURER), { ...this.opening(0), accountKind: 'budget', owner: null, sponsor })
    return this.naive.accounts.length - 1
  }

  /** Opens a member account in custody, and returns its number. */
  ward(custodian: number, more: { owner?: number; unit?: number } = {}): number {
    const { owner: ownerKey, unit = COINS } = more
    const draft = { ...this.opening(0, unit), owner: ownerKey === undefined ? null : key(ownerKey) }
    this.ok(keys(REGISTRAR), { ...draft, custodian: this.custodian(custodian) })
    return this.naive.accounts.length - 1
  }

  /** Registers a custodian's key with the root key's signature and others, and returns its record. */
  custodianKey(keyNumber: number, more: { succeeds?: number; with?: Signers } = {}): number {
    const { succeeds = null, with: others = [] } = more
    this.ok([...keys(ROOT), ...others], { kind: 'register-key', key: key(keyNumber), role: 'custodian', succeeds })
    return this.naive.records.length - 1
  }

  balance(account: number): number {
    return Number(this.naive.accounts[account]!.balance)
  }

  /** The lots of an account, each as `[matures, expires, amount]`, in the order of spending. */
  lots(account: number): number[][] {
    const dated = this.naive.accounts[account]!.parcels.filter(({ matures, expires }) => matures + expires > 0)
    return dated.map(({ matures, expires, amount }) => [matures, expires, amount])
  }

  /** What an account has now, by what can be done with it. */
  shares(account: number): Shares {
    return sharesIn(this.naive.accounts[account]!, this.time)
  }
}
