import { CHECKSUM_BYTES } from '../../lookup/rows.ts'
import { type AccountPage, COLD_BYTES, HOT_BYTES, inPage } from '../accounts/account-page.ts'
import type { AccountWatcher } from '../accounts/accounts.ts'
import { Growth } from '../growth.ts'
import { Packer } from '../packer.ts'
import type { LedgerState } from '../state.ts'
import { packExtras } from './account-extras.ts'

/** What the first byte of a row of changes says that follows. */
export const CHANGED = { hot: 1, cold: 2, more: 3 } as const

/** Records in one row: some 70 kB. */
const ROW_RECORDS = 1024
/** Rows of a kind that are kept to be filled again: memory that comes and goes leaves holes. */
const SPARE_ROWS = 64
/** Bytes after which a row of what accounts have besides is closed. */
const ROW_BYTES = 64 * 1024

/**
 * Records of one kind after the numbers of their accounts, in rows of a fixed size:
 * `kind u8 | (u32 | record) … | u32`.
 */
class RecordRows {
  readonly #kind: number
  readonly #recordBytes: number
  #rows: Uint8Array<ArrayBuffer>[] = []
  readonly #spare: Uint8Array<ArrayBuffer>[] = []
  #view = new DataView(new ArrayBuffer(0))
  #length = 0

  constructor(kind: number, recordBytes: number) {
    this.#kind = kind
    this.#recordBytes = recordBytes
  }

  add(account: number, words: Int32Array, at: number): void {
    if (this.#length + CHECKSUM_BYTES >= this.#view.byteLength) this.#begin()
    this.#view.setUint32(this.#length, account, true)
    this.#length += 4
    for (let i = 0; i < this.#recordBytes / 4; i++, this.#length += 4)
      this.#view.setInt32(this.#length, words[at + i]!, true)
  }

  take(): Uint8Array<ArrayBuffer>[] {
    const rows = this.#rows
    if (rows.length > 0) rows.push(rows.pop()!.subarray(0, this.#length + CHECKSUM_BYTES))
    this.#rows = []
    this.#view = new DataView(new ArrayBuffer(0))
    this.#length = 0
    return rows
  }

  /** Takes back a row that is needed no more. */
  giveBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (this.#spare.length < SPARE_ROWS) this.#spare.push(new Uint8Array(buffer))
  }

  #begin(): void {
    const size = 1 + ROW_RECORDS * (4 + this.#recordBytes) + CHECKSUM_BYTES
    const row = this.#spare.pop() ?? new Uint8Array(size)
    row[0] = this.#kind
    this.#rows.push(row)
    this.#view = new DataView(row.buffer)
    this.#length = 1
  }
}

/**
 * What changes in a state, from `track` on. Accounts are noted when a seal makes their roots, as their records are at
 * hand then; an account that changes again before the seal is noted again, and the later note holds.
 */
export class Changes implements AccountWatcher {
  readonly #state: LedgerState
  readonly #growth = new Growth()
  readonly #hot = new RecordRows(CHANGED.hot, HOT_BYTES)
  readonly #cold = new RecordRows(CHANGED.cold, COLD_BYTES)
  readonly #more = new Packer()
  #moreRows: Uint8Array<ArrayBuffer>[] = []

  private constructor(state: LedgerState) {
    this.#state = state
  }

  /** Notes what changes in a state from now on. One at a time. */
  static track(state: LedgerState): Changes {
    const changes = new Changes(state)
    state.accounts.watcher = changes
    state.growth =
      state.originals.growth =
      state.registry.growth =
      state.times.growth =
      state.refs.growth =
      state.claims.growth =
        changes.#growth
    return changes
  }

  changed(account: number, { words, coldWords }: AccountPage, isCold: boolean): void {
    const at = inPage(account) * 16
    this.#hot.add(account, words, at)
    if (isCold) this.#cold.add(account, coldWords, at)
    const more = moreOf(this.#state, account)
    if (more === undefined && !isCold) return
    if (this.#more.length === 0) this.#more.u8(CHANGED.more)
    this.#more.u32(account)
    packExtras(this.#more, more ?? NOTHING_MORE)
    if (this.#more.length >= ROW_BYTES) this.#moreRows.push(this.#more.u32(0).take())
  }

  /**
   * The rows of all accounts changed since the last call, with room for a checksum after each, and what the growth
   * noted: to be called right after a seal.
   */
  take(): { readonly accounts: Uint8Array<ArrayBuffer>[]; readonly growth: Uint8Array } {
    const more = this.#moreRows
    if (this.#more.length > 0) more.push(this.#more.u32(0).take())
    this.#moreRows = []
    return { accounts: [...this.#hot.take(), ...this.#cold.take(), ...more], growth: this.#growth.take() }
  }

  /** Takes back rows of `take` that are needed no more. */
  giveBack(rows: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const row of rows) {
      if (row[0] === CHANGED.hot) this.#hot.giveBack(row)
      else if (row[0] === CHANGED.cold) this.#cold.giveBack(row)
    }
  }
}

const NOTHING_MORE = { isOwnerless: false, terms: undefined, holdings: undefined, given: [] } as const

/** What an account has besides its records; undefined where there is nothing. */
export function moreOf(state: LedgerState, account: number) {
  const more = state.accounts.more(account)
  const given = state.budgets.givenTo(account)
  if (more === undefined && given.length === 0) return undefined
  return { ...(more ?? NOTHING_MORE), given }
}
