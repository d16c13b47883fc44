import type { Transactions } from '../core/batch.ts'
import { ENTRY_TRANSACTION } from '../core/entry.ts'
import { assert } from '../core/failure.ts'
import { ID_BYTES, idTimeMs } from '../core/id.ts'
import { KINDS, TransactionView } from '../core/transaction.ts'
import { highOf, idStart, lowOf } from './fingerprint.ts'
import { IdRuns, OFFSET_BITS_MAX } from './id-runs.ts'
import { RecentIds } from './recent-ids.ts'
import { MemoryRows, type Rows } from './rows.ts'
import { Runs } from './runs.ts'
import type { Hit } from './seen.ts'

/** Runs that stay in memory, exactly, when they are written: what is sent again is mostly of the last seconds. */
const RECENT_RUNS = 3
const KIND_REVERSE = KINDS.indexOf('reverse')

/** The entries from one log index to below another, in order, some at a time. */
export type ReadEntries = (from: number, to: number) => AsyncIterable<readonly Uint8Array[]>

export interface IdsOptions {
  /** Where old runs are kept. In memory by default, 8 bytes an id. */
  readonly rows?: Rows
  /** Reads the log, from which a run is made again. */
  readonly entries?: ReadEntries
  /** A run has `2 ** runBits` entries, at most and by default 2^18. */
  readonly runBits?: number
}

/** What is found where there is nothing: shared, never written. */
const NO_HITS: Hit[] = []
const NONE: readonly number[] = []

/**
 * Every id that stands in the log. Those of the last runs of the log are in memory, exactly; older runs are in rows, most
 * of them ruled out by their times and by a filter. A fingerprint only points at candidates: whether the id is the same,
 * and whether the bytes are, is decided by the entries themselves, so nobody gains by choosing bits.
 */
export class Ids {
  readonly #old: IdRuns
  readonly #recent: Runs<RecentIds>
  readonly #view = new TransactionView()
  /** The other runs in memory that may have an id of the batch that is claimed. */
  readonly #others: RecentIds[] = []

  /** The ids of an empty log, or of one whose runs are open. */
  constructor(options: IdsOptions = {}, old: IdRuns = oldIds(options), table?: RecentIds) {
    this.#old = old
    this.#recent = new Runs(
      {
        bits: runBitsOf(options),
        kept: RECENT_RUNS,
        make: (first, before) => new RecentIds(first, before?.count),
        write: (run, ids) => old.write(run, ids),
      },
      old.count,
      table,
    )
  }

  /**
   * The ids of the first `size` entries of a log: the runs that were written, and the rest from the entries, at most one
   * run. What does not hold of the former is made again, and what stands for entries from `size` on is deleted.
   */
  static async open(options: Required<Pick<IdsOptions, 'rows' | 'entries'>> & IdsOptions, size: number): Promise<Ids> {
    const old = oldIds(options)
    const first = size - (size % 2 ** runBitsOf(options))
    await old.open(first / 2 ** runBitsOf(options))
    return new Ids(options, old, await idsOf(new RecentIds(first), options.entries(first, size), first))
  }

  /** The log size up to which the ids are in rows. */
  get watermark(): number {
    return this.#recent.written * this.#recent.entries
  }

  /**
   * Adds the ids of a batch, and says which may have been used, by earlier batches or by earlier positions of this one.
   * Without such, costs no wait and nothing that is made.
   *
   * @param first - log index of the transaction at position 0.
   */
  claim(transactions: Transactions, first: number): Hit[] {
    const { count, bytes, starts } = transactions
    const runs = this.#prepare(transactions, first)
    let hits = NO_HITS
    const { entries } = this.#recent
    let table = this.#recent.tableOf(first)
    for (let position = 0; position < count; position++) {
      const index = first + position
      if (index - table.first === entries) table = this.#recent.tableOf(index)
      const start = idStart(bytes, starts[position]!)
      const [low, high] = [lowOf(bytes, start), highOf(bytes, start)]
      let candidates: readonly number[] = NONE
      if (table.add(low, high, index - table.first)) candidates = table.find(low, high, index)
      for (let i = 0; i < this.#others.length; i++) {
        const other = this.#others[i]!
        if (other !== table && other.has(low, high)) candidates = [...candidates, ...other.find(low, high, index)]
      }
      const mayBeIn = runs.length === 0 ? runs : this.#mayBeIn(runs, idTimeMs(bytes, start), low, high)
      if (candidates.length + mayBeIn.length > 0) {
        if (hits === NO_HITS) hits = []
        const id = bytes.subarray(start, start + ID_BYTES)
        hits.push({ position, id, isNamed: false, candidates: [...candidates], runs: mayBeIn })
      }
      if (bytes[starts[position]! + 2] !== KIND_REVERSE) continue
      if (hits === NO_HITS) hits = []
      hits.push(this.#named(transactions, position, index))
    }
    return hits
  }

  /** Takes back what `claim` added for a batch that will not be in the log. */
  forget({ count, starts, bytes }: Transactions, first: number): void {
    for (let index = first + count - 1; index >= first; index--) {
      const table = this.#recent.tableOf(index)
      const start = idStart(bytes, starts[index - first]!)
      assert(table.low[index - table.first] === lowOf(bytes, start), 'only what was claimed is forgotten')
      table.remove(index - table.first)
    }
  }

  /** Looks for hits in the runs that they may be in, and adds the candidates found there. Reads 4 kB a hit and run. */
  async look(hits: readonly Hit[]): Promise<void> {
    await Promise.all(
      hits.map(async ({ id, runs, candidates }) => {
        for (const run of runs) await this.#old.find(run, lowOf(id, 0), highOf(id, 0), candidates)
      }),
    )
  }

  /** Has full runs written: see `Runs`. @param size - log size up to which entries are durable. */
  flush(size: number): Promise<void> | undefined {
    return this.#recent.flush(size)
  }

  /** Waits for what is being written. */
  idle(): Promise<void> {
    return this.#recent.idle()
  }

  /** Notes the times of a batch, and finds the runs that may have ids of such: in memory into `#others`, in rows returned. */
  #prepare({ count, bytes, starts }: Transactions, first: number): readonly number[] {
    let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const { entries } = this.#recent
    let table = this.#recent.tableOf(first)
    for (let position = 0; position < count; position++) {
      if (first + position - table.first === entries) table = this.#recent.tableOf(first + position)
      const timeMs = idTimeMs(bytes, idStart(bytes, starts[position]!))
      if (timeMs < from) from = timeMs
      if (timeMs > to) to = timeMs
      table.times.add(timeMs)
    }
    this.#others.length = 0
    if (this.#recent.tables.length > 1)
      for (const one of this.#recent.tables) if (one.times.overlaps(from, to)) this.#others.push(one)
    return this.#old.overlapping(from, to, this.#recent.first)
  }

  #mayBeIn(runs: readonly number[], timeMs: number, low: number, high: number): readonly number[] {
    let found = NONE
    for (let i = 0; i < runs.length; i++)
      if (this.#old.mayHave(runs[i]!, timeMs, low, high)) found = [...found, runs[i]!]
    return found
  }

  /** Where the id that a `reverse` names may stand. */
  #named({ bytes, starts, ends }: Transactions, position: number, index: number): Hit {
    const { rare } = this.#view.read(bytes, starts[position], ends[position])
    assert(rare?.kind === 'reverse', 'a reverse names an original')
    const id = rare.original
    const [timeMs, low, high] = [idTimeMs(id), lowOf(id, 0), highOf(id, 0)]
    const among = this.#recent.tables.filter(table => table.times.overlaps(timeMs, timeMs))
    const candidates = among.flatMap(table => table.find(low, high, index))
    const runs = this.#mayBeIn(this.#old.overlapping(timeMs, timeMs, this.#recent.first), timeMs, low, high)
    return { position, id, isNamed: true, candidates, runs }
  }
}

function runBitsOf({ runBits = OFFSET_BITS_MAX }: IdsOptions): number {
  return runBits
}

/** The runs that rows hold, none of them open yet. */
function oldIds(options: IdsOptions): IdRuns {
  const { rows = new MemoryRows(), entries } = options
  return new IdRuns(rows, runBitsOf(options), async run => {
    assert(entries !== undefined, 'a run can be made again where the log can be read')
    const [first, end] = [run * 2 ** runBitsOf(options), (run + 1) * 2 ** runBitsOf(options)]
    return idsOf(new RecentIds(first), entries(first, end), first)
  })
}

/** Adds the ids among consecutive entries, of which the first stands at log index `from`. */
async function idsOf(ids: RecentIds, entries: ReturnType<ReadEntries>, from: number): Promise<RecentIds> {
  let index = from
  for await (const some of entries)
    for (const entry of some) {
      if (entry[0] === ENTRY_TRANSACTION) {
        const start = idStart(entry, 0)
        ids.times.add(idTimeMs(entry, start))
        ids.add(lowOf(entry, start), highOf(entry, start), index - ids.first)
      }
      index++
    }
  return ids
}
