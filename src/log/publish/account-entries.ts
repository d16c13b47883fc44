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
  /** Whether the entry behind the first `since`, which is known, is of a batch that has one before it. */
  isAmidBatch(since: number): Promise<boolean>
}

/** What it takes to find entries: and how work is counted, so that others have their turn. */
export interface EntriesParts {
  readonly store: EntryStore
  readonly positions: Positions
  readonly spend: (work: number) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

/** The entries of an account of that kind, from number `since + 1` on. */
export function entriesOfAccount(parts: EntriesParts, account: number, kind: number, since: number): AccountEntries {
  return kind === ACCOUNT_KINDS.budget ? new BudgetEntries(parts, account, since) : new ListedEntries(parts, account)
}

/** Of a member or a merchant: each is in the index. */
class ListedEntries implements AccountEntries {
  readonly #parts: EntriesParts
  readonly #account: number
  #indexes: readonly number[] = []

  constructor(parts: EntriesParts, account: number) {
    this.#parts = parts
    this.#account = account
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

  /** Log indexes of the accepted entries of a batch that name the budget, of which the first stands at `first`. */
  async #inBatch(first: number): Promise<number[]> {
    const { store, positions, spend, signal } = this.#parts
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
      const isOpening = view.rare?.kind === 'open-account' && (await positions.accountOpenedAt(index)) === this.#account
      if (isOpening || accountsNamed(view).includes(this.#account)) named.push(index)
    }
    await spend(entries.length)
    return named
  }
}
