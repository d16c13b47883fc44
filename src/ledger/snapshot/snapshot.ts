import { assert } from '../../core/failure.ts'
import { type Row, rowKey, sealRow, sealRowInPlace } from '../../lookup/rows.ts'
import { COLD_BYTES, HOT_BYTES, inPage, PAGE_ACCOUNTS, pageOf } from '../accounts/account-page.ts'
import { Packer } from '../packer.ts'
import type { LedgerState } from '../state.ts'
import { packExtras } from './account-extras.ts'
import { Changes, moreOf } from './changed-accounts.ts'

/** Version of the rows' form. */
export const SNAPSHOT_FORM = 6

/** Bytes of the base that one snapshot brings at most: they wait in memory for it. */
const BASE_BYTES_MAX = 8 * 1024 * 1024

/** Accounts in one row of the base. */
export const BLOCK_ACCOUNTS = 256

/**
 * The keys of a snapshot:
 *
 * ```
 * 'sh'                       the head: what it is a snapshot of, and which rows belong to it
 * 'sb' u32(block)            the base: 256 accounts with all that they have
 * 'sd' u32(number) u32(part) accounts that changed up to snapshot `number` since the one before
 * 'sj' u32(n)                what the growth noted, for ever
 * ```
 */
export const HEAD_KEY: Uint8Array = rowKey('sh')
const blockKey = (block: number): Uint8Array => rowKey('sb', block)
const deltaKey = (number: number, part: number): Uint8Array => rowKey('sd', number, part)
const growthKey = (n: number): Uint8Array => rowKey('sj', n)
/** Before the first key and after the last. */
export const SNAPSHOT_FROM: Uint8Array = rowKey('s')
export const SNAPSHOT_TO: Uint8Array = rowKey('t')

/** Which rows make up a snapshot, and what goes on with the next. */
export interface SnapshotHead {
  /** Log size that it stands for: the last entry below is a seal. */
  readonly size: number
  /** Number of the snapshot: 1, 2, … */
  readonly number: number
  /** The changes of the snapshots from this number on are needed: every row of the base holds what was before. */
  readonly firstDelta: number
  /** Rows of changes, of each snapshot from `firstDelta` to `number`. */
  readonly deltaParts: readonly number[]
  readonly growthRows: number
  /** Where the round through the base stands: the snapshot at which it began, and the block it goes on with. */
  readonly roundBegan: number
  readonly nextBlock: number
}

/** What makes the next snapshot. To be written in this order, each before the next. */
export interface SnapshotCut {
  readonly size: number
  /** Harmless while no head names them. Made as they are asked for, once. */
  readonly changes: Iterable<Row>
  /** Bytes of all rows, about. */
  readonly bytes: number
  /**
   * With it the snapshot stands; before it the one before does. To be durable, with all before it, before what follows.
   */
  readonly head: Row
  /** Harmless with this head, and not with the one before. */
  readonly base: readonly Row[]
  /** Not needed any more, if anything: from a key to below another. */
  readonly obsolete: readonly [from: Uint8Array, to: Uint8Array] | undefined
  /** To be called, by who likes to, when nothing of its changes is needed any more: their memory is used again. */
  readonly done: () => void
}

/**
 * Makes snapshots of a ledger's state as rows, each from what changed since the one before: what changed, and a share
 * of the base, which comes round so that old changes can go. The rows are a function of the log, and of when they were
 * made.
 *
 * A row of the base is made of the state as it is, between two seals, and written only after the snapshot of the
 * second: whatever changed between is in the changes of that, which come after the base when it is read. As much of it
 * is made as changed, up to some megabytes, so most of what there is is the base.
 */
export class SnapshotWriter {
  readonly #state: LedgerState
  readonly #changes: Changes
  #number = 0
  #size = 0
  #firstDelta = 1
  #deltaParts: number[] = []
  #growthRows = 0
  /** Of the base rows that were handed out: what the next head may build on. */
  #handed = { roundBegan: 0, nextBlock: 0, firstDelta: 1 }
  /** Of those that were made. */
  #roundBegan = 0
  #nextBlock = 0
  #isRound = false
  #base: Row[] = []
  #owed = 0
  readonly #packer = new Packer()

  /**
   * @param state - with all the tracked changes that are not in a snapshot: one without entries, or one that was just
   * read.
   * @param head - of the snapshot it was read from.
   */
  constructor(state: LedgerState, head?: SnapshotHead) {
    assert(
      head !== undefined || state.accounts.count + state.registry.records.length === 0,
      'the whole state is tracked',
    )
    this.#state = state
    this.#changes = Changes.track(state)
    if (head === undefined) return
    this.#number = head.number
    this.#size = head.size
    this.#firstDelta = head.firstDelta
    this.#deltaParts = [...head.deltaParts]
    this.#growthRows = head.growthRows
    this.#roundBegan = head.roundBegan
    this.#nextBlock = head.nextBlock
    this.#handed = { roundBegan: head.roundBegan, nextBlock: head.nextBlock, firstDelta: head.firstDelta }
  }

  /** Log size of the last snapshot, 0 before the first. */
  get size(): number {
    return this.#size
  }

  /**
   * The next snapshot, of the state right after a seal, before anything else is applied; its rows can wait.
   *
   * @param size - log size after the seal.
   */
  cut(size: number): SnapshotCut {
    const { accounts, growth } = this.#changes.take()
    this.#number++
    this.#size = size
    const changes = changeRows(this.#number, accounts, this.#growthRows, growth)
    if (growth.length > 0) this.#growthRows++
    this.#deltaParts.push(accounts.length)
    const before = this.#firstDelta
    this.#firstDelta = this.#handed.firstDelta
    this.#deltaParts.splice(0, this.#firstDelta - before)
    const obsolete =
      before === this.#firstDelta ? undefined : ([deltaKey(before, 0), deltaKey(this.#firstDelta, 0)] as const)
    const head = sealRow(HEAD_KEY, this.#packHead())
    const base = this.#base
    this.#base = []
    this.#handed = {
      roundBegan: this.#roundBegan,
      nextBlock: this.#nextBlock,
      firstDelta: this.#isRound ? this.#roundBegan + 1 : this.#firstDelta,
    }
    if (this.#isRound) this.#nextBlock = 0
    this.#isRound = false
    const changed = accounts.reduce((sum, { length }) => sum + length, 1)
    const bytes = base.reduce((sum, { value }) => sum + value.length, changed + growth.length)
    this.#owed = Math.min(BASE_BYTES_MAX, changed + Math.max(0, this.#owed))
    return { size, changes, bytes, head, base, obsolete, done: () => this.#changes.giveBack(accounts) }
  }

  /**
   * Makes a row of the base for the next snapshot, as long as it owes some; returns whether it does. Call it between
   * two snapshots, at any time: some ten microseconds, and one for each account that has lots or other things of its
   * own.
   */
  makeBase(): boolean {
    if (this.#owed <= 0 || this.#isRound) return false
    if (this.#nextBlock === 0) this.#roundBegan = this.#number
    if (this.#nextBlock * BLOCK_ACCOUNTS < this.#state.accounts.count) {
      const row = this.#block(this.#nextBlock++)
      this.#base.push(row)
      this.#owed -= row.value.length
    }
    this.#isRound = this.#nextBlock * BLOCK_ACCOUNTS >= this.#state.accounts.count
    return this.#owed > 0 && !this.#isRound
  }

  /** `snapshot number u32 | accounts u16 | hot records | cold records | (account u32, what it has besides) …`. */
  #block(block: number): Row {
    const first = block * BLOCK_ACCOUNTS
    const count = Math.min(BLOCK_ACCOUNTS, this.#state.accounts.count - first)
    const { bytes, cold } = this.#state.accounts.pageAt(pageOf(first))
    const at = inPage(first)
    const packer = this.#packer
      .u32(this.#number)
      .u16(count)
      .bytes(bytes.subarray(at * HOT_BYTES, (at + count) * HOT_BYTES))
      .bytes(cold.subarray(at * COLD_BYTES, (at + count) * COLD_BYTES))
    for (let account = first; account < first + count; account++) {
      const more = moreOf(this.#state, account)
      if (more === undefined) continue
      packer.u32(account)
      packExtras(packer, more)
    }
    return sealRowInPlace(blockKey(block), packer.u32(0).take())
  }

  #packHead(): Uint8Array {
    const { ledgerId, accounts, registry } = this.#state
    const packer = new Packer().u8(SNAPSHOT_FORM).number(this.#size).u32(this.#number).u32(this.#firstDelta)
    for (const parts of this.#deltaParts) packer.u32(parts)
    packer.u32(this.#growthRows).u32(this.#handed.roundBegan).u32(this.#handed.nextBlock)
    packer.bytes(ledgerId!).number(accounts.count).u16(registry.units.length)
    for (const unit of registry.units) {
      packer.number(unit.treasury).number(unit.expiredAccount)
      const { issued, opened, redeemed, expired, reinstated, reversed, owed } = unit
      for (const total of [issued, opened, redeemed, expired, reinstated, reversed, owed]) packer.wide(total.value)
    }
    return packer.take()
  }
}

/** The rows of changes of a snapshot, with checksums. */
function* changeRows(number: number, accounts: readonly Uint8Array[], n: number, growth: Uint8Array): Generator<Row> {
  for (const [part, bytes] of accounts.entries()) yield sealRowInPlace(deltaKey(number, part), bytes)
  if (growth.length > 0) yield sealRow(growthKey(n), growth)
}

assert(PAGE_ACCOUNTS % BLOCK_ACCOUNTS === 0, 'a block lies in one page')
