import type { AccountState } from '../../account/account.ts'
import type { Holdings } from '../../account/holdings.ts'
import { holdingsRoot } from '../../account/holdings-root.ts'
import {
  type AccountPage,
  BALANCE,
  ENTRIES,
  HOT_BYTES,
  inPage,
  KIND_BYTE,
  STATUS_BYTE,
  TIME,
  UNIT_WORD,
} from './account-page.ts'

/** Records kept together. */
const CHUNK = 1024

/** The hot records of accounts that changed since the last seal, as they were then: 72 bytes each. */
export class SealedAccounts {
  readonly #records: Int32Array<ArrayBuffer>[] = []
  readonly #accounts: Uint32Array[] = []
  /** Place plus 1 of the account that was kept before it and is of the same page, or 0. */
  readonly #earlier: Uint32Array[] = []
  #count = 0

  /** Keeps the record of an account of which nothing is kept. */
  keep(account: number, page: AccountPage): void {
    const place = this.#count++
    const [chunk, at] = [Math.floor(place / CHUNK), place % CHUNK]
    if (chunk === this.#records.length) {
      this.#records.push(new Int32Array(CHUNK * 16))
      this.#accounts.push(new Uint32Array(CHUNK))
      this.#earlier.push(new Uint32Array(CHUNK))
    }
    const [records, words, to, from] = [this.#records[chunk]!, page.words, at * 16, inPage(account) * 16]
    for (let i = 0; i < 16; i++) records[to + i] = words[from + i]!
    this.#accounts[chunk]![at] = account
    this.#earlier[chunk]![at] = page.lastKept
    page.lastKept = place + 1
  }

  /** The record of an account, a copy; undefined where none is kept. Looks through those of its page. */
  find(account: number, { lastKept }: AccountPage): Uint8Array | undefined {
    for (let place = lastKept - 1; place >= 0; ) {
      const [chunk, at] = [Math.floor(place / CHUNK), place % CHUNK]
      if (this.#accounts[chunk]![at] === account)
        return new Uint8Array(this.#records[chunk]!.buffer, at * HOT_BYTES, HOT_BYTES).slice()
      place = this.#earlier[chunk]![at]! - 1
    }
    return undefined
  }

  /** Forgets all of it, and gives back memory that it had no use for this time. */
  clear(): void {
    this.#records.length = this.#accounts.length = this.#earlier.length = Math.ceil(this.#count / CHUNK)
    this.#count = 0
  }
}

/** The state of an account from a hot record, a copy of its own, and what stands beside it. */
export function stateOf(
  hot: Uint8Array,
  opening: Uint8Array,
  owner: Uint8Array | null,
  holdings: Holdings,
): AccountState {
  const view = new DataView(hot.buffer, hot.byteOffset)
  const balance = view.getFloat64(8 * BALANCE, true)
  return {
    kind: hot[KIND_BYTE]!,
    unit: view.getUint32(4 * UNIT_WORD, true),
    owner,
    opening,
    status: hot[STATUS_BYTE]!,
    entries: view.getFloat64(8 * ENTRIES, true),
    time: view.getFloat64(8 * TIME, true),
    credit: Math.max(0, balance),
    debit: Math.max(0, -balance),
    head: hot.slice(32, 64),
    more: holdingsRoot(holdings),
  }
}

/** Values of accounts that changed since the last seal, as they were then. */
export class SealedValues<T> {
  readonly #values = new Map<number, T>()

  /** Keeps what an account had before its first change. */
  keep(account: number, before: T): void {
    if (!this.#values.has(account)) this.#values.set(account, before)
  }

  has(account: number): boolean {
    return this.#values.has(account)
  }

  /** What an account had; what it has now, if that did not change. */
  of(account: number, now: T): T {
    return this.#values.has(account) ? this.#values.get(account)! : now
  }

  clear(): void {
    this.#values.clear()
  }
}
