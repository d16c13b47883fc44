import { decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { ACCEPTED } from '../../core/entry/outcome.ts'
import { TransactionView } from '../../core/entry/transaction.ts'
import { BATCH_TRANSACTIONS_MAX } from '../../core/limits.ts'
import type { ReadEntries } from '../ids/ids.ts'
import { AT_ONCE, MemoryRows, type Rows, type Turn } from '../rows.ts'
import { Runs } from '../runs.ts'
import { PositionRuns } from './position-runs.ts'
import type { Postings } from './postings.ts'
import { RecentPositions } from './recent-positions.ts'

export interface PositionsOptions {
  /** Where old runs are kept. In memory by default, some 4 bytes a posting. */
  readonly rows?: Rows
  /** Is awaited between the pieces of a run that is written; by default it is written at once. */
  readonly turn?: Turn
  /** Reads the log, from which a run is made again. */
  readonly entries?: ReadEntries
  /**
   * Which entries of an account are kept; asked of those that the entries name, when these are read again.
   */
  readonly listing?: (account: number) => Listing
  /** A run has `2 ** runBits` entries. */
  readonly runBits?: number
}

/** Which entries of an account are kept: all of them, the first of each batch, or none. */
export type Listing = 'all' | 'batches' | 'none'

/** What it takes to make a run again. */
type Remade = Required<Omit<PositionsOptions, 'runBits' | 'turn'>>

const RUN_BITS = 18

/**
 * Where things stand in the log: openings, the entries of each account of a member or a merchant, and of each budget
 * the first entry of every batch that names it. Those of the last run of the log are in memory; older runs are in rows.
 */
export class Positions implements Postings {
  readonly #old: PositionRuns
  readonly #recent: Runs<RecentPositions>

  /** Those of an empty log, or of one whose runs are open. */
  constructor(options: PositionsOptions = {}, old: PositionRuns = oldPositions(options), table?: RecentPositions) {
    this.#old = old
    this.#recent = new Runs(
      {
        bits: options.runBits ?? RUN_BITS,
        kept: 0,
        make: (first, before) =>
          new RecentPositions(first, before === undefined ? 0 : before.firstAccount + before.opened.length),
        write: (run, recent) => old.write(run, recent),
      },
      old.count,
      table,
    )
  }

  /**
   * Where things stand in the first `size` entries of a log: the runs that were written, and the rest from the entries,
   * at most one run. What does not hold of the former is made again, and what stands for entries from `size` on is
   * forgotten.
   */
  static async open(options: Remade & PositionsOptions, size: number): Promise<Positions> {
    const old = oldPositions(options)
    const runEntries = 2 ** (options.runBits ?? RUN_BITS)
    const first = size - (size % runEntries)
    await old.open(first / runEntries)
    return new Positions(options, old, await remake(options, first, size, old.accounts))
  }

  /** The log size up to which all stands in rows. */
  get watermark(): number {
    return this.#recent.written * this.#recent.entries
  }

  open(_account: number, logIndex: number): void {
    this.#recent.tableOf(logIndex).open(logIndex)
  }

  post(account: number, logIndex: number): void {
    this.#recent.tableOf(logIndex).post(account, logIndex)
  }

  /** Has full runs written: see `Runs`. @param size - log size up to which entries are durable. */
  flush(size: number): Promise<void> | undefined {
    return this.#recent.flush(size)
  }

  /** Waits for what is being written. */
  idle(): Promise<void> {
    return this.#recent.idle()
  }

  /** Number of the account that was opened at a log index, if one was. */
  async accountOpenedAt(logIndex: number): Promise<number | undefined> {
    if (logIndex < this.watermark) return this.#old.accountOpenedAt(logIndex)
    const { tables, entries } = this.#recent
    return tables.find(({ first }) => logIndex < first + entries)?.accountOpenedAt(logIndex)
  }

  /** The accounts that the entries `[from, end)` opened, in order. They are not durable, or have just become so. */
  accountsOpenedIn(from: number, end: number): readonly { readonly logIndex: number; readonly account: number }[] {
    // Nearly all batches open none.
    let last = -1
    for (const table of this.#recent.tables) if (table.lastOpened >= 0) last = table.lastOpened
    if (last < from) return NONE
    return this.#recent.tables.flatMap(({ opened, first, firstAccount }) => {
      const accounts: { logIndex: number; account: number }[] = []
      for (let i = opened.length - 1; i >= 0 && first + opened[i]! >= from; i--)
        if (first + opened[i]! < end) accounts.push({ logIndex: first + opened[i]!, account: firstAccount + i })
      return accounts.reverse()
    })
  }

  /**
   * Log indexes of the entries of an account of a member or a merchant, in order; of a budget those of the first in
   * each batch. Costs a read, in which the account's neighbours stand too.
   */
  async entriesOf(account: number): Promise<number[]> {
    const recent = this.#recent.tables.flatMap(table => table.entriesOf(account))
    const old = await this.#old.entriesOf(account, this.#recent.first)
    return [...old, ...recent]
  }
}

const NONE: readonly { readonly logIndex: number; readonly account: number }[] = []

/** The runs that rows hold, none of them open yet. */
function oldPositions(options: PositionsOptions): PositionRuns {
  const { rows = new MemoryRows(), turn = AT_ONCE, runBits = RUN_BITS } = options
  return new PositionRuns(rows, turn, runBits, (run, firstAccount) =>
    remake(options as Remade, run * 2 ** runBits, (run + 1) * 2 ** runBits, firstAccount),
  )
}

/**
 * Where things stand in the entries `[from, to)`, from the entries alone: what the ledger notes when it applies them.
 *
 * @param firstAccount - number of the account that is opened first from `from` on.
 */
async function remake(
  { entries, listing }: Remade,
  from: number,
  to: number,
  firstAccount: number,
): Promise<RecentPositions> {
  const made = new RecentPositions(from, firstAccount)
  if (from === to) return made
  const view = new TransactionView()
  let account = firstAccount
  let batch = -1
  let statuses: Uint8Array = new Uint8Array(0)
  /** Budgets that the batch has named; and how many accounts it opened before the run. */
  let once = new Set<number>()
  let early = 0
  // The batch of the first entry has its own entry, and in that its statuses, at most a whole batch before.
  let index = Math.max(0, from - BATCH_TRANSACTIONS_MAX)
  for await (const some of entries(index, to))
    for (const entry of some) {
      // What the batch opened before the run has the last numbers before `firstAccount`.
      if (index === from) for (let i = 1; i <= early; i++) once.add(firstAccount - i)
      if (entry[0] === ENTRY_BATCH) {
        batch = index
        statuses = decodeBatch(entry).statuses
        once = new Set()
        early = 0
      } else if (batch >= 0 && entry[0] === ENTRY_TRANSACTION && statuses[index - batch - 1] === ACCEPTED) {
        view.read(entry)
        const named = accountsNamed(view)
        if (view.rare?.kind === 'open-account') {
          if (index < from) early++
          else {
            made.open(index)
            named.push(account++)
          }
        }
        for (const one of named) {
          const kept = listing(one)
          if (kept === 'none' || (kept === 'batches' && once.has(one))) continue
          if (kept === 'batches') once.add(one)
          if (index >= from) made.post(one, index)
        }
      }
      index++
    }
  return made
}

/**
 * The accounts that a transaction has in its fields and names (SPEC §6), but for the one that an opening opens, and the
 * series of a claim.
 */
export function accountsNamed({ rare, debit, credit }: TransactionView): number[] {
  if (rare === undefined) return [debit, credit]
  const named: number[] = []
  if ('debit' in rare) named.push(rare.debit)
  // A hold only says where a capture will go.
  if ('debit' in rare && rare.kind !== 'hold') named.push(rare.credit)
  if ('account' in rare) named.push(rare.account)
  if (rare.kind === 'convert') named.push(rare.budget)
  return named
}
