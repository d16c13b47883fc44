import { type AccountState, firstHead } from '../../account/account.ts'
import { dueMinute } from '../../account/due-times.ts'
import { type Holdings, NO_HOLDINGS } from '../../account/holdings.ts'
import { holdingsRoot } from '../../account/holdings-root.ts'
import type { Member } from '../../account/member.ts'
import { equalBytes } from '../../core/bytes.ts'
import { ACCOUNT_KINDS, type OpenAccount } from '../../core/entry/transaction.ts'
import { assert } from '../../core/failure.ts'
import type { AccountExtras, Terms } from '../snapshot/account-extras.ts'
import {
  type AccountPage,
  BALANCE,
  COLD_BYTES,
  ENTRIES,
  HOT_BYTES,
  inPage,
  KIND_BYTE,
  PAGE_ACCOUNTS,
  PageMaker,
  pageOf,
  STATUS_BYTE,
  setBit,
  TIME,
  UNIT_WORD,
} from './account-page.ts'
import { DueList } from './due.ts'
import { NumberMap } from './number-map.ts'
import { SealedAccounts, SealedValues, stateOf } from './sealed-accounts.ts'
import { Series } from './series.ts'
import { StateTree } from './state-tree.ts'

/** Is told of accounts that changed, when their roots are made. */
export interface AccountWatcher {
  /** @param isCold - whether the cold record changed too, or whether there is an owner. */
  changed(account: number, page: AccountPage, isCold: boolean): void
}

/** Accounts that `root` may hash at once: a millisecond's work. */
const FEW = 512

const NO_OWNER = new Uint8Array(32)
const NO_TERMS: Terms = { custodian: null, recovery: null }

/**
 * All accounts of a ledger, dense by number, in pages of flat memory that grow without being copied: 64 hot and 64 cold
 * bytes an account, 41 for its place in the state tree, 32 for the part of its own hash that no movement changes. A
 * movement of points without dates touches one hot record and allocates nothing. Lots, holds and whatever else only
 * some accounts have are values of their own beside them.
 */
export class Accounts {
  #count = 0
  readonly #pages: AccountPage[] = []
  readonly #maker = new PageMaker()
  /** Hot records of changed accounts as they were at the last `root`; `AccountPage.kept` says of which. */
  readonly #before = new SealedAccounts()
  #sealedCount = 0
  /** Page from which `hashSome` goes on, and how many accounts were stale when it was on the first. */
  #hashedPages = 0
  #staleBefore = 0
  /** Whether the round that goes on is the last, in which none should change. */
  #isStill = false
  /** Holdings of the accounts that have some. */
  readonly #holdings = new NumberMap<Holdings>()
  /** What changed since the last `root`, as it was. */
  readonly #holdingsBefore = new SealedValues<Holdings>()
  readonly #ownersBefore = new SealedValues<Uint8Array | null>()
  readonly #custodiansBefore = new SealedValues<number | null>()
  readonly #terms = new NumberMap<Terms>()
  /** Accounts with something that comes to its end by itself. */
  readonly due: DueList = new DueList(account => this.holdings(account))
  readonly series: Series = new Series()
  readonly #tree = new StateTree(this.#pages, account => {
    const holdings = this.#holdings.get(account)
    return holdings === undefined ? this.series.root(account) : holdingsRoot(holdings)
  })
  readonly #firstHead = firstHead()
  /** Is told of what changes, while a snapshot is kept. */
  watcher: AccountWatcher | undefined
  /** Is told what an account had besides its sums before a change, and what it has then. */
  onHoldings: ((account: number, before: Holdings, after: Holdings) => void) | undefined
  readonly #onHashed = (account: number, page: AccountPage): void => {
    this.watcher?.changed(account, page, account >= this.#sealedCount || this.#ownersBefore.has(account))
  }

  /** How many there are; they are numbered 0 … count - 1. */
  get count(): number {
    return this.#count
  }

  /** Opens the next account and returns its number. Its opening is not yet linked. */
  open(tx: OpenAccount, opening: Uint8Array): number {
    const { unit, owner, custodian, recovery, sponsor } = tx
    const account = this.#count
    if (pageOf(account) === this.#pages.length) this.#pages.push(this.#maker.next())
    const page = this.#pages[pageOf(account)]!
    const at = inPage(account)
    this.#count++
    this.#touch(account, page)
    page.changeTerms(at)
    page.words[at * 16 + UNIT_WORD] = unit
    page.bytes[at * HOT_BYTES + KIND_BYTE] = ACCOUNT_KINDS[tx.accountKind]
    page.bytes.set(this.#firstHead, at * HOT_BYTES + 32)
    if (owner !== null) page.cold.set(owner, at * COLD_BYTES)
    else if (tx.accountKind === 'member') setBit(page.ownerless, at, true)
    if (tx.accountKind !== 'member' && sponsor !== null) this.#terms.set(account, { ...NO_TERMS, sponsor })
    const record = custodian?.record ?? null
    if (record !== null || recovery !== null) this.#terms.set(account, { custodian: record, recovery })
    page.cold.set(opening, at * COLD_BYTES + 32)
    return account
  }

  /** Takes the last account back, which was opened since the last `root` and is in nobody's hands. */
  unopen(): void {
    const account = --this.#count
    this.#page(account).clear(inPage(account))
    this.#terms.delete(account)
    this.#holdings.delete(account)
  }

  #page(account: number): AccountPage {
    return this.#pages[pageOf(account)]!
  }

  kind(account: number): number {
    return this.#page(account).bytes[inPage(account) * HOT_BYTES + KIND_BYTE]!
  }

  unit(account: number): number {
    return this.#page(account).words[inPage(account) * 16 + UNIT_WORD]!
  }

  /** Below zero for a treasury, or for a member in debt. */
  balance(account: number): number {
    return this.#page(account).floats[inPage(account) * 8 + BALANCE]!
  }

  /** The owner's public key, as a view; null for an account that has none. */
  owner(account: number): Uint8Array | null {
    if (this.kind(account) !== ACCOUNT_KINDS.member || this.isOwnerless(account)) return null
    const at = inPage(account) * COLD_BYTES
    return this.#page(account).cold.subarray(at, at + 32)
  }

  /** Whether it is a member's account without an owner key. */
  isOwnerless(account: number): boolean {
    const at = inPage(account)
    return (this.#page(account).ownerless[at >>> 5]! & (1 << (at & 31))) !== 0
  }

  /** 0 open, 1 frozen, 2 closed (SPEC §6). */
  status(account: number): number {
    return this.#page(account).bytes[inPage(account) * HOT_BYTES + STATUS_BYTE]!
  }

  /** Ledger time of the last entry of the account. */
  time(account: number): number {
    return this.#page(account).floats[inPage(account) * 8 + TIME]!
  }

  holdings(account: number): Holdings {
    return this.#holdings.get(account) ?? NO_HOLDINGS
  }

  /** Whether the account has nothing but points without dates. */
  isPlain(account: number): boolean {
    return !this.#holdings.has(account)
  }

  /** The accounts that have, or had, a custodian, recovery keys or a sponsor, each with what it has now. */
  get custodies(): Iterable<[account: number, terms: Terms]> {
    return this.#terms
  }

  /** The custodian and the recovery terms as they are, and the sponsor of a budget. */
  terms(account: number): Terms {
    return this.#terms.get(account) ?? NO_TERMS
  }

  setHoldings(account: number, holdings: Holdings): void {
    const before = this.holdings(account)
    if (holdings === before) return
    this.#touch(account, this.#page(account))
    this.#holdingsBefore.keep(account, before)
    if (holdings === NO_HOLDINGS) this.#holdings.delete(account)
    else this.#holdings.set(account, holdings)
    this.onHoldings?.(account, before, holdings)
    this.due.note(account, dueMinute(holdings))
  }

  /** What an account has besides its records and what budgets counted; undefined where there is nothing. */
  more(account: number): Omit<AccountExtras, 'given'> | undefined {
    const holdings = this.#holdings.get(account)
    const terms = this.#terms.get(account)
    const isOwnerless = this.isOwnerless(account)
    return holdings === undefined && terms === undefined && !isOwnerless ? undefined : { isOwnerless, terms, holdings }
  }

  /** A page's records, for who keeps a snapshot. */
  pageAt(page: number): AccountPage {
    return this.#pages[page]!
  }

  /** Puts records in place, before there is any root: of accounts from `first` on, none of them beyond a page's end. */
  restore(first: number, hot: Uint8Array, cold: Uint8Array | undefined): void {
    while (pageOf(first) >= this.#pages.length) this.#pages.push(this.#maker.next())
    const page = this.#page(first)
    page.bytes.set(hot, inPage(first) * HOT_BYTES)
    if (cold !== undefined) page.cold.set(cold, inPage(first) * COLD_BYTES)
    this.#count = Math.max(this.#count, first + hot.length / HOT_BYTES)
  }

  /** Puts an account's cold record in place. */
  restoreCold(account: number, cold: Uint8Array): void {
    this.#page(account).cold.set(cold, inPage(account) * COLD_BYTES)
  }

  /** Puts in place what an account has besides its records. */
  restoreExtras(account: number, { isOwnerless, terms, holdings }: AccountExtras): void {
    setBit(this.#page(account).ownerless, inPage(account), isOwnerless)
    if (terms === undefined) this.#terms.delete(account)
    else this.#terms.set(account, terms)
    if (holdings !== undefined) this.#holdings.set(account, holdings)
  }

  /** Ends a restoration: what is due is found again, and `root` hashes every account. */
  endRestore(): void {
    for (const [account, holdings] of this.#holdings) this.due.note(account, dueMinute(holdings))
    this.#pages.forEach((page, n) => {
      page.staleCount = Math.min(PAGE_ACCOUNTS, this.#count - n * PAGE_ACCOUNTS)
      for (let i = 0; i < page.staleCount; i++) {
        page.stale[i >>> 5] = page.stale[i >>> 5]! | (1 << (i & 31))
        page.changeTerms(i)
      }
    })
  }

  /** What transactions are judged by, of a member account. */
  member(account: number): Member {
    return {
      status: this.status(account),
      owner: this.owner(account)?.slice() ?? null,
      ...this.terms(account),
      time: this.time(account),
      balance: this.balance(account),
      holdings: this.holdings(account),
    }
  }

  /** Puts in place what a transaction made of a member account. Its entry is counted and linked by `BatchLinks`. */
  setMember(account: number, { status, owner, custodian, recovery, balance, holdings }: Member): void {
    const page = this.#page(account)
    const at = inPage(account)
    this.#touch(account, page)
    page.floats[at * 8 + BALANCE] = balance
    if (status !== this.status(account)) page.changeTerms(at)
    page.bytes[at * HOT_BYTES + STATUS_BYTE] = status
    this.setHoldings(account, holdings)
    this.#setOwner(account, page, owner)
    const terms = this.terms(account)
    if (terms.custodian !== custodian) this.#custodiansBefore.keep(account, terms.custodian)
    if (terms.custodian !== custodian || terms.recovery !== recovery) this.#terms.set(account, { custodian, recovery })
  }

  #setOwner(account: number, page: AccountPage, owner: Uint8Array | null): void {
    const before = this.owner(account)?.slice() ?? null
    if (owner === null ? before === null : before !== null && equalBytes(before, owner)) return
    this.#ownersBefore.keep(account, before)
    const at = inPage(account)
    page.cold.set(owner ?? NO_OWNER, at * COLD_BYTES)
    page.changeTerms(at)
    setBit(page.ownerless, at, owner === null)
  }

  /** Counts one more accepted entry that names the account, at ledger time `time` (SPEC §6). */
  countEntry(account: number, time: number): void {
    const page = this.#page(account)
    const at = inPage(account) * 8
    this.#touch(account, page)
    page.floats[at + ENTRIES] = page.floats[at + ENTRIES]! + 1
    page.floats[at + TIME] = time
  }

  /** Adds an amount, of either sign, to the balance. */
  add(account: number, amount: number): void {
    const page = this.#page(account)
    const at = inPage(account) * 8 + BALANCE
    this.#touch(account, page)
    page.floats[at] = page.floats[at]! + amount
  }

  /** Copies the head of an account's chain to `out` at `at`. */
  readHead(account: number, out: Uint8Array, at: number): void {
    const { bytes } = this.#page(account)
    const head = inPage(account) * HOT_BYTES + 32
    for (let i = 0; i < 32; i++) out[at + i] = bytes[head + i]!
  }

  /** Puts a chain's next head in place, 32 bytes of `heads` at `at`. Its entry has been counted. SPEC §6. */
  writeHead(account: number, heads: Uint8Array, at: number): void {
    const { bytes } = this.#page(account)
    const head = inPage(account) * HOT_BYTES + 32
    for (let i = 0; i < 32; i++) bytes[head + i] = heads[at + i]!
  }

  /** The state of an account as it is. Its byte strings are copies. */
  get(account: number): AccountState {
    assert(account < this.#count, `account ${account} of ${this.#count}`)
    const at = inPage(account) * HOT_BYTES
    const hot = this.#page(account).bytes.slice(at, at + HOT_BYTES)
    return this.#stateFrom(account, hot, this.owner(account)?.slice() ?? null, this.holdings(account))
  }

  /** The state of an account as it was at the last `root`; undefined if it has been opened since. */
  sealed(account: number): AccountState | undefined {
    if (account >= this.#sealedCount) return undefined
    const record = this.#before.find(account, this.#page(account))
    if (record === undefined) return this.get(account)
    const owner = this.#ownersBefore.of(account, this.owner(account)?.slice() ?? null)
    return this.#stateFrom(account, record, owner, this.sealedHoldings(account))
  }

  /** The holdings of an account as they were at the last `root`. */
  sealedHoldings(account: number): Holdings {
    return this.#holdingsBefore.of(account, this.holdings(account))
  }

  /** The custodian's record of an account as it was at the last `root`. */
  sealedCustodian(account: number): number | null {
    return this.#custodiansBefore.of(account, this.terms(account).custodian)
  }

  #stateFrom(account: number, hot: Uint8Array, owner: Uint8Array | null, holdings: Holdings): AccountState {
    const opening = inPage(account) * COLD_BYTES + 32
    const state = stateOf(hot, this.#page(account).cold.slice(opening, opening + 32), owner, holdings)
    return this.series.stateOf(account, state)
  }

  /**
   * Hashes some hundred accounts of those that changed, so that the `root` to come has less to do. Returns what is to
   * be done before that: `behind`, while which accounts may change, and are hashed in another round, as long as each
   * leaves less than half as much as the one before; then what the last of these left, `last-round`, while which none
   * should; then `done`.
   */
  hashSome(): 'behind' | 'last-round' | 'done' {
    if (this.#hashedPages === 0) this.#staleBefore = this.#stale()
    this.#hashedPages = this.#tree.hashFrom(this.#hashedPages, this.#onHashed, true)
    if (this.#hashedPages === this.#pages.length) {
      const stale = this.#stale()
      if (stale <= FEW || this.#isStill) {
        this.#isStill = false
        return 'done'
      }
      this.#isStill = stale > this.#staleBefore / 2
      this.#tree.nextRound()
      this.#hashedPages = 0
    }
    return this.#isStill ? 'last-round' : 'behind'
  }

  /** How many accounts have changed since they were hashed. */
  #stale(): number {
    let count = 0
    for (const page of this.#pages) count += page.staleCount
    return count
  }

  /** The state root: `List[Account, 2^32]` (SPEC §6), of the accounts as they are now. */
  root(): Uint8Array {
    for (let page = 0; page < this.#pages.length; ) page = this.#tree.hashFrom(page, this.#onHashed, false)
    for (const page of this.#pages) page.forgetKept()
    this.#before.clear()
    for (const before of [this.#holdingsBefore, this.#ownersBefore, this.#custodiansBefore]) before.clear()
    this.#sealedCount = this.#count
    this.#hashedPages = 0
    this.#isStill = false
    return this.#tree.root(this.#count)
  }

  /** The list path of an account under the last root that `root` returned (SPEC §2). */
  path(account: number): Uint8Array[] {
    assert(account < this.#sealedCount, 'a path belongs to the last root')
    return this.#tree.path(account)
  }

  /** Notes that an account is about to change, and keeps what it was at the last `root`. */
  #touch(account: number, page: AccountPage): void {
    const at = inPage(account)
    const bit = 1 << (at & 31)
    const word = page.stale[at >>> 5]!
    if ((word & bit) !== 0) return
    page.stale[at >>> 5] = word | bit
    page.staleCount++
    if (account >= this.#sealedCount || (page.kept[at >>> 5]! & bit) !== 0) return
    page.kept[at >>> 5] = page.kept[at >>> 5]! | bit
    this.#before.keep(account, page)
  }
}
