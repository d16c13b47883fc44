import { engine } from '../../core/crypto/engine.ts'
import type { Transactions } from '../../core/entry/batch.ts'
import { ACCOUNT_KINDS } from '../../core/entry/transaction.ts'
import { BATCH_DEPTH, BATCH_TRANSACTIONS_MAX } from '../../core/limits.ts'
import { listRootOfHashes } from '../../core/tree/ssz.ts'
import type { Listing } from '../../lookup/postings/positions.ts'
import type { Postings } from '../../lookup/postings/postings.ts'
import type { Accounts } from './accounts.ts'

/** Namings of a batch: each transaction names two accounts, a conversion four. */
const NAMINGS_MAX = 4 * BATCH_TRANSACTIONS_MAX
/** Slots of the table of named accounts: twice as many, so that it is never more than half full. */
const SLOTS = 2 * NAMINGS_MAX
/** Leaves as many bits of a product as number the slots. */
const SLOT_SHIFT = 32 - Math.log2(SLOTS)
/** Links hashed at once. */
const ROUND = 1024
/** Runs shorter than this many pairs have views of their own. */
const RUNS_KEPT = 16

/**
 * The links that one batch adds to the chains of the accounts it names (SPEC §6): for a member account one for each of
 * its transactions, their leaves; for any other kind a single one, over all that name it. Links are hashed at the end
 * of the batch, in rounds: the first link of every account at once, then the second of those that have two, and so on.
 */
export class BatchLinks {
  #transactions: Transactions | undefined
  #batchIndex = 0
  #postings: Postings | undefined
  /** Position of each naming, and the account's next naming plus 1, or 0. */
  readonly #position = new Uint32Array(NAMINGS_MAX)
  readonly #next = new Uint32Array(NAMINGS_MAX)
  #namingCount = 0
  /** Namings, and openings (without a time), of a group that may be undone. */
  #held: { readonly account: number; readonly position: number; readonly time: number | undefined }[] | undefined
  /** The accounts named, with the first and the last naming of each. */
  readonly #account = new Uint32Array(NAMINGS_MAX)
  readonly #first = new Uint32Array(NAMINGS_MAX)
  /** Whether it has a single link, over all its namings. */
  readonly #isOnce = new Uint8Array(NAMINGS_MAX)
  readonly #last = new Uint32Array(NAMINGS_MAX)
  #accountCount = 0
  /** Open addressing: place of an account among those named plus 1, or 0. */
  readonly #slots = new Uint16Array(SLOTS)
  readonly #gathered = new Uint8Array(32 * BATCH_TRANSACTIONS_MAX)
  readonly #pairs = new Uint8Array(64 * ROUND)
  readonly #heads = new Uint8Array(32 * ROUND)
  readonly #runs: { readonly pairs: Uint8Array; readonly heads: Uint8Array }[] = []

  /** Begins a batch: its transactions, and where its entry stands in the log. */
  begin(transactions: Transactions, batchIndex: number, postings: Postings | undefined): void {
    this.#transactions = transactions
    this.#batchIndex = batchIndex
    this.#postings = postings
    this.#namingCount = this.#accountCount = 0
  }

  /** Holds back what is named, until `stand` or `drop`. */
  hold(): void {
    this.#held = []
  }

  /** Names what was held back. */
  stand(accounts: Accounts): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const { account, position, time } of held) {
      if (time === undefined) this.open(account, position)
      else this.name(accounts, account, position, time)
    }
  }

  /** Forgets what was held back. */
  drop(): void {
    this.#held = undefined
  }

  /** The leaf hash of the transaction at `position`, a copy. */
  leaf(position: number): Uint8Array {
    return this.#transactions!.leaves.slice(32 * position, 32 * position + 32)
  }

  /** Notes that the transaction at `position` opened `account`. */
  open(account: number, position: number): void {
    if (this.#held !== undefined) this.#held.push({ account, position, time: undefined })
    else this.#postings?.open(account, this.#batchIndex + 1 + position)
  }

  /** Notes that the accepted transaction at `position`, at ledger time `time`, names `account`. */
  name(accounts: Accounts, account: number, position: number, time: number): void {
    if (this.#held !== undefined) {
      this.#held.push({ account, position, time })
      return
    }
    accounts.countEntry(account, time)
    const listing = listingOf(accounts.kind(account))
    if (listing === 'all') this.#postings?.post(account, this.#batchIndex + 1 + position)
    const naming = this.#namingCount++
    this.#position[naming] = position
    this.#next[naming] = 0
    let slot = Math.imul(account, 0x9e3779b1) >>> SLOT_SHIFT
    for (; this.#slots[slot] !== 0; slot = (slot + 1) & (SLOTS - 1)) {
      const place = this.#slots[slot]! - 1
      if (this.#account[place] !== account) continue
      this.#next[this.#last[place]!] = naming + 1
      this.#last[place] = naming
      return
    }
    if (listing === 'batches') this.#postings?.post(account, this.#batchIndex + 1 + position)
    const place = this.#accountCount++
    this.#slots[slot] = place + 1
    this.#account[place] = account
    this.#first[place] = this.#last[place] = naming
  }

  /** Ends the batch: links every account that it names. */
  end(accounts: Accounts): void {
    this.#clearSlots()
    for (let place = 0; place < this.#accountCount; place++)
      this.#isOnce[place] = accounts.kind(this.#account[place]!) === ACCOUNT_KINDS.member ? 0 : 1
    // In place: those of whom something is left stand first, each with the naming whose link comes next.
    for (let left = this.#accountCount; left > 0; ) left = this.#round(accounts, left)
    this.#transactions = undefined
  }

  /** The next link of each of the first `count` accounts; returns how many have more, which then stand first. */
  #round(accounts: Accounts, count: number): number {
    const { leaves } = this.#transactions!
    let left = 0
    for (let from = 0; from < count; from += ROUND) {
      const run = Math.min(ROUND, count - from)
      for (let i = 0; i < run; i++) {
        const naming = this.#first[from + i]!
        accounts.readHead(this.#account[from + i]!, this.#pairs, 64 * i)
        if (this.#isOnce[from + i]) copy32(this.#linkOnce(naming), 0, this.#pairs, 64 * i + 32)
        else copy32(leaves, 32 * this.#position[naming]!, this.#pairs, 64 * i + 32)
      }
      this.#hash(run)
      for (let i = 0; i < run; i++) {
        const account = this.#account[from + i]!
        accounts.writeHead(account, this.#heads, 32 * i)
        const next = this.#next[this.#first[from + i]!]!
        if (next === 0 || this.#isOnce[from + i]) continue
        this.#account[left] = account
        this.#isOnce[left] = 0
        this.#first[left++] = next - 1
      }
    }
    return left
  }

  /** Hashes the first `run` pairs. The views of short runs are kept: most batches have two accounts. */
  #hash(run: number): void {
    if (run >= RUNS_KEPT) engine().hashPairs(this.#pairs.subarray(0, 64 * run), this.#heads.subarray(0, 32 * run))
    else {
      this.#runs[run] ??= { pairs: this.#pairs.subarray(0, 64 * run), heads: this.#heads.subarray(0, 32 * run) }
      engine().hashPairs(this.#runs[run].pairs, this.#runs[run].heads)
    }
  }

  /** The one link over all the leaves that name an account, from its first naming on. */
  #linkOnce(first: number): Uint8Array {
    const { leaves, root, count } = this.#transactions!
    let gathered = 0
    for (let naming = first + 1; naming !== 0; naming = this.#next[naming - 1]!)
      copy32(leaves, 32 * this.#position[naming - 1]!, this.#gathered, 32 * gathered++)
    return gathered === count ? root : listRootOfHashes(this.#gathered.subarray(0, 32 * gathered), BATCH_DEPTH)
  }

  #clearSlots(): void {
    if (this.#accountCount > SLOTS / 64) {
      this.#slots.fill(0)
      return
    }
    for (let place = 0; place < this.#accountCount; place++) {
      let slot = Math.imul(this.#account[place]!, 0x9e3779b1) >>> SLOT_SHIFT
      for (; this.#slots[slot] !== 0; slot = (slot + 1) & (SLOTS - 1)) this.#slots[slot] = 0
    }
  }
}

/**
 * Which entries of an account of that kind can be found again: each of a member and of a merchant, and of a budget,
 * which nearly every entry of a batch may name, the first of each batch. Those of a treasury an audit finds.
 */
export function listingOf(kind: number): Listing {
  if (kind === ACCOUNT_KINDS.member || kind === ACCOUNT_KINDS.merchant) return 'all'
  return kind === ACCOUNT_KINDS.budget ? 'batches' : 'none'
}

/** 32 bytes, copied by hand: a subarray costs more. */
function copy32(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  for (let i = 0; i < 32; i++) to[toAt + i] = from[fromAt + i]!
}
