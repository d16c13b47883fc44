import { decodeBatch } from '../../core/entry/batch.ts'
import { ACCEPTED } from '../../core/entry/outcome.ts'
import { ACCOUNT_KINDS, TransactionView } from '../../core/entry/transaction.ts'
import { accountsNamed, type Positions } from '../../lookup/index.ts'
import type { EntryStore } from '../../store/index.ts'
import { batchOf } from '../tree/stored-entries.ts'

/** Where the entries of one account stand in the log, as far as was asked. */
export interface AccountEntries {
  /** How many are known, those that nobody asked for counted. */
  readonly count: number
  /** Learns of all up to a checkpoint of `size` entries, in which the account has `count`. */
  learn(size: number, count: number): Promise<void>
  /** Log indexes of its entries number `from + 1` to `to`, which are known and not before those asked for. */
  slice(from: number, to: number): readonly number[]
  /** Log indexes of its first `count` entries. */
  first(count: number): Promise<readonly number[]>
  /** Whether the entry after the first `since`, which is known, is of a batch that has one before it. */
  isAmidBatch(since: number): Promise<boolean>
  /** The last end of a link behind the first `since` that is not behind `to`; where there is none, the next one. */
  endOfLink(since: number, to: number): Promise<number>
}

/** Of budgets, how many entries each has up to the end of each batch that names it: what was found out, for others. */
export class LinkEnds {
  readonly #ends = new Map<number, number[]>()

  /** Those of an account, to be added to. */
  of(account: number): number[] {
    const ends = this.#ends.get(account) ?? []
    // The one that was asked for last is the last to go.
    this.#ends.delete(account)
    this.#ends.set(account, ends)
    for (const one of this.#ends.keys()) if (this.#ends.size > BUDGETS_KEPT) this.#ends.delete(one)
    return ends
  }
}

/** Budgets of which it is kept where their links end, some bytes a link. */
const BUDGETS_KEPT = 16

/** What it takes to find entries: and how work is counted, so that others have their turn. */
export interface EntriesParts {
  readonly store: EntryStore
  readonly positions: Positions
  readonly spend: (work: number) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

/** The entries of an account of that kind, from number `since + 1` on: all, or, with `ends`, some of them. */
export function entriesOfAccount(
  parts: EntriesParts,
  { account, kind, since }: { readonly account: number; readonly kind: number; readonly since: number },
  ends?: LinkEnds,
): AccountEntries {
  if (kind !== ACCOUNT_KINDS.budget) return new ListedEntries(parts, account, kind)
  return ends === undefined
    ? new BudgetEntries(parts, account, since)
    : new BudgetPart(parts, account, since, ends.of(account))
}

/** Of a member or a merchant: each is in the index. */
class ListedEntries implements AccountEntries {
  readonly #parts: EntriesParts
  readonly #account: number
  readonly #ofMember: boolean
  #indexes: readonly number[] = []

  constructor(parts: EntriesParts, account: number, kind: number) {
    this.#parts = parts
    this.#account = account
    this.#ofMember = kind === ACCOUNT_KINDS.member
  }

  get count(): number {
    return this.#indexes.length
  }

  async learn(): Promise<void> {
    this.#indexes = await this.#parts.positions.entriesOf(this.#account)
  }

  slice(from: number, to: number): readonly number[] {
    return this.#indexes.slice(from, to)
  }

  async first(count: number): Promise<readonly number[]> {
    return this.#indexes.slice(0, count)
  }

  async isAmidBatch(since: number): Promise<boolean> {
    const [before, next] = [this.#indexes[since - 1], this.#indexes[since]]
    return before !== undefined && next !== undefined && before > (await batchOf(this.#parts.store, next))
  }

  async endOfLink(since: number, to: number): Promise<number> {
    const next = this.#indexes[to]
    if (this.#ofMember || next === undefined) return to
    const { store } = this.#parts
    const batch = await batchOf(store, next)
    let end = to
    while (end > since && this.#indexes[end - 1]! > batch) end--
    if (end > since) return end
    const last = batch + decodeBatch(await store.readEntry(batch)).count
    for (end = to; end < this.#indexes.length && this.#indexes[end]! <= last; ) end++
    return end
  }
}

/**
 * Of a budget: the index has one entry of each batch that names it, and the batches say the rest. They are read from
 * the last one back, so that what came since costs no more than that.
 */
class BudgetEntries implements AccountEntries {
  readonly #parts: EntriesParts
  readonly #account: number
  readonly #since: number
  #indexes: number[] = []
  #size = 0

  constructor(parts: EntriesParts, account: number, since: number) {
    this.#parts = parts
    this.#account = account
    this.#since = since
  }

  get count(): number {
    return this.#since + this.#indexes.length
  }

  async learn(size: number, count: number): Promise<void> {
    const all = await this.#parts.positions.entriesOf(this.#account)
    const firsts = all.filter(index => index >= this.#size && index < size)
    const found: number[][] = []
    let left = count - this.count
    for (let i = firsts.length - 1; i >= 0 && left > 0; i--) {
      const indexes = await this.#inBatch(firsts[i]!)
      left -= indexes.length
      found.push(indexes)
    }
    // Those before `since` that are of the batch of the one at `since` were not asked for.
    this.#indexes.push(...found.reverse().flat().slice(Math.max(0, -left)))
    this.#size = size
  }

  slice(from: number, to: number): readonly number[] {
    return this.#indexes.slice(from - this.#since, to - this.#since)
  }

  async first(count: number): Promise<readonly number[]> {
    const indexes: number[] = []
    for (const first of await this.#parts.positions.entriesOf(this.#account)) {
      if (indexes.length >= count) break
      indexes.push(...(await this.#inBatch(first)))
    }
    return indexes.slice(0, count)
  }

  async isAmidBatch(since: number): Promise<boolean> {
    const next = this.#indexes[since - this.#since]
    if (since === 0 || next === undefined) return false
    const batch = await batchOf(this.#parts.store, next)
    const firsts = await this.#parts.positions.entriesOf(this.#account)
    return firsts.some(index => index > batch && index < next)
  }

  async endOfLink(_: number, to: number): Promise<number> {
    return to
  }

  #inBatch(first: number): Promise<number[]> {
    return namedInBatch(this.#parts, this.#account, first)
  }
}

/**
 * Some entries of a budget, read forward: how many stand before each batch is found out once, and kept for others, so
 * that a page costs what it shows.
 */
class BudgetPart implements AccountEntries {
  readonly #parts: EntriesParts
  readonly #account: number
  readonly #since: number
  readonly #ends: number[]
  readonly #indexes: number[] = []
  /** Place of the batch after those that were read. */
  #next = 0

  constructor(parts: EntriesParts, account: number, since: number, ends: number[]) {
    this.#parts = parts
    this.#account = account
    this.#since = since
    this.#ends = ends
  }

  get count(): number {
    return this.#since + this.#indexes.length
  }

  async learn(size: number, count: number): Promise<void> {
    const [ends, since] = [this.#ends, this.#since]
    const firsts = (await this.#parts.positions.entriesOf(this.#account)).filter(index => index < size)
    if (this.#next === 0) this.#next = placeIn(ends, since)
    for (let at = this.#next; at < firsts.length && this.count < count; at++) {
      const before = at === 0 ? 0 : ends[at - 1]!
      const found = await namedInBatch(this.#parts, this.#account, firsts[at]!)
      // Another who asks may have come so far meanwhile.
      if (ends.length === at) ends.push(before + found.length)
      this.#indexes.push(...found.slice(Math.max(0, since - before)))
      this.#next = at + 1
    }
  }

  slice(from: number, to: number): readonly number[] {
    return this.#indexes.slice(from - this.#since, to - this.#since)
  }

  async first(count: number): Promise<readonly number[]> {
    const indexes: number[] = []
    for (const first of await this.#parts.positions.entriesOf(this.#account)) {
      if (indexes.length >= count) break
      indexes.push(...(await namedInBatch(this.#parts, this.#account, first)))
    }
    return indexes.slice(0, count)
  }

  async isAmidBatch(since: number): Promise<boolean> {
    return since > 0 && this.#ends[placeIn(this.#ends, since) - 1] !== since
  }

  async endOfLink(since: number, to: number): Promise<number> {
    const end = this.#ends[placeIn(this.#ends, to) - 1] ?? 0
    return end > since ? end : (this.#ends[placeIn(this.#ends, since)] ?? to)
  }
}

/** How many of these increasing numbers are not above one. */
function placeIn(numbers: readonly number[], one: number): number {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (numbers[middle]! <= one) low = middle + 1
    else high = middle
  }
  return low
}

/** Log indexes of the accepted entries of a batch that name a budget, of which the first stands at `first`. */
async function namedInBatch(
  { store, positions, spend, signal }: EntriesParts,
  account: number,
  first: number,
): Promise<number[]> {
  signal?.throwIfAborted()
  const batch = await batchOf(store, first)
  const { count, statuses } = decodeBatch(await store.readEntry(batch))
  const indexes = Array.from({ length: batch + 1 + count - first }, (_, i) => first + i)
  const entries = await store.readEntries(indexes)
  const view = new TransactionView()
  const named: number[] = []
  for (const [i, entry] of entries.entries()) {
    const index = first + i
    if ((statuses[index - batch - 1] ?? ACCEPTED) !== ACCEPTED) continue
    view.read(entry)
    const isOpening = view.rare?.kind === 'open-account' && (await positions.accountOpenedAt(index)) === account
    if (isOpening || accountsNamed(view).includes(account)) named.push(index)
  }
  await spend(entries.length)
  return named
}
