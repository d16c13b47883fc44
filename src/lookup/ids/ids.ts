import { decodeBatch, type Transactions } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { ID_BYTES, idTimeMs } from '../../core/entry/id.ts'
import { EXISTS, ID_TAKEN, NOT_ENTITLED } from '../../core/entry/outcome.ts'
import { citesOf, kindOf, mayCite, NAMES_ORIGINAL, TransactionView } from '../../core/entry/transaction.ts'
import { assert } from '../../core/failure.ts'
import { BATCH_TRANSACTIONS_MAX } from '../../core/limits.ts'
import { AT_ONCE, MemoryRows, openRow, type Rows, rowKey, sealRow, type Turn } from '../rows.ts'
import { Runs } from '../runs.ts'
import { FINGERPRINT_SECRET_BYTES, Fingerprint, idStart, isSameId } from './fingerprint.ts'
import type { Hit, IdMatches } from './hit.ts'
import { IdRuns, OFFSET_BITS_MAX } from './id-runs.ts'
import { type IdsCut, OpenRun } from './open-run.ts'
import { RecentIds } from './recent-ids.ts'

/** Runs that stay in memory, exactly, when they are written: what is sent again is mostly of the last seconds. */
const RECENT_RUNS = 3

/** The entries from one log index to below another, in order, some at a time. */
export type ReadEntries = (from: number, to: number) => AsyncIterable<readonly Uint8Array[]>

export interface IdsOptions {
  /** Where old runs are kept. In memory by default, 8 bytes an id. */
  readonly rows?: Rows
  /** Is awaited between the pieces of a run that is written; by default it is written at once. */
  readonly turn?: Turn
  /** Reads the log, from which a run is made again. */
  readonly entries?: ReadEntries
  /** A run has `2 ** runBits` entries, at most and by default 2^18. */
  readonly runBits?: number
  /**
   * 8 random bytes that anyone who chooses ids does not know: see `Fingerprint`. Those that stand in the rows come
   * first.
   */
  readonly secret?: Uint8Array | undefined
}

/** What is found where there is nothing: shared, never written. */
const NO_HITS: Hit[] = []
const NONE: readonly number[] = []

/**
 * Every id that is used in the log. Those of the last runs of the log are in memory, exactly; older runs are in rows,
 * most of them ruled out by their times and by a filter. A fingerprint only points at candidates: whether the id is the
 * same, and whether the bytes are, is decided by the entries themselves. Of an id that stands in the log more than once
 * the entry is kept that used it (SPEC §7), so that it costs no more to repeat one often.
 */
export class Ids {
  readonly #old: IdRuns
  readonly #begun: OpenRun
  readonly #recent: Runs<RecentIds>
  readonly #view = new TransactionView()
  readonly #fingerprint: Fingerprint
  /** The other runs in memory that may have an id of the batch that is claimed. */
  readonly #others: RecentIds[] = []

  /** The ids of an empty log, or of one whose runs are open. */
  constructor(
    options: IdsOptions = {},
    old: IdRuns = oldIds(options),
    begun: OpenRun = begunRun(options),
    table?: RecentIds,
  ) {
    this.#old = old
    this.#begun = begun
    this.#fingerprint = new Fingerprint(options.secret)
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
   * The ids of the first `size` entries of a log: the runs that were written, and the rest, at most one run, as `keep`
   * left it, or else from the entries. What does not hold is made again, and runs of entries from `size` on are
   * deleted.
   */
  static async open(options: Required<Pick<IdsOptions, 'rows' | 'entries'>> & IdsOptions, size: number): Promise<Ids> {
    const kept = { ...options, secret: await secretOf(options) }
    const old = oldIds(kept)
    const first = size - (size % 2 ** runBitsOf(options))
    await old.open(first / 2 ** runBitsOf(options))
    const begun = begunRun(kept)
    const table = await begun.read(first, size)
    if (table !== undefined || first === size) return new Ids(kept, old, begun, table)
    return new Ids(kept, old, begun, await idsOf(kept, options.entries, first, size))
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
    const { count, bytes, starts, ends } = transactions
    const runs = this.#prepare(transactions, first)
    let hits = NO_HITS
    const { entries } = this.#recent
    let table = this.#recent.tableOf(first)
    for (let position = 0; position < count; position++) {
      const index = first + position
      if (index - table.first === entries) table = this.#recent.tableOf(index)
      const start = idStart(bytes, starts[position]!)
      this.#fingerprint.read(bytes, start)
      const { low, high } = this.#fingerprint
      let candidates: readonly number[] = NONE
      if (table.add(low, high, index - table.first)) {
        candidates = table.find(low, high, index)
        // What stands in this batch already is there once.
        if (candidates.some(c => c >= first && isSameId(bytes, start, bytes, idStart(bytes, starts[c - first]!))))
          table.remove(index - table.first)
      }
      for (let i = 0; i < this.#others.length; i++) {
        const other = this.#others[i]!
        if (other !== table && other.has(low, high)) candidates = [...candidates, ...other.find(low, high, index)]
      }
      const mayBeIn = runs.length === 0 ? runs : this.#mayBeIn(runs, idTimeMs(bytes, start), low, high)
      if (candidates.length + mayBeIn.length > 0) {
        if (hits === NO_HITS) hits = []
        const id = bytes.subarray(start, start + ID_BYTES)
        hits.push({ position, id, as: 'its own', candidates: [...candidates], runs: mayBeIn })
      }
      if (!mayName(bytes, starts[position]!, ends[position]!)) continue
      if (hits === NO_HITS) hits = []
      hits.push(...this.#named(transactions, position, index))
    }
    return hits
  }

  /**
   * As `claim`, and adds nothing: for who asks what would be, of a few transactions, of which each is compared with
   * those before it.
   */
  peek(transactions: Transactions, first: number): Hit[] {
    const { count, bytes, starts, ends } = transactions
    const hits: Hit[] = []
    const places = Array.from({ length: count }, (_, position) => idStart(bytes, starts[position]!))
    const hereOf = (id: Uint8Array, below: number): number[] => {
      const place = places.slice(0, below).findIndex(start => isSameId(bytes, start, id, 0))
      return place < 0 ? [] : [first + place]
    }
    for (let position = 0; position < count; position++) {
      const id = bytes.slice(places[position]!, places[position]! + ID_BYTES)
      const own: Hit = { position, as: 'its own', ...this.#found(id, first) }
      own.candidates.push(...hereOf(id, position))
      if (own.candidates.length + own.runs.length > 0) hits.push(own)
      if (!mayName(bytes, starts[position]!, ends[position]!)) continue
      for (const hit of this.#named(transactions, position, first)) {
        hit.candidates.push(...hereOf(hit.id, position))
        hits.push(hit)
      }
    }
    return hits
  }

  /** Takes back what `claim` added for a batch that will not be in the log. */
  forget({ count }: Transactions, first: number): void {
    for (let index = first + count - 1; index >= first; index--) this.#remove(index)
  }

  /**
   * Keeps of what `claim` added the ids that the transactions of a batch used (SPEC §7): takes back those that were
   * used before, and those of transactions to which nobody was entitled. Of an id that stands in the batch more than
   * once, it is there where it was used.
   */
  settle(
    { count, bytes, starts }: Transactions,
    statuses: Uint8Array,
    matches: IdMatches | undefined,
    first: number,
  ): void {
    for (let position = 0; position < count; position++)
      if (!isUsing(statuses[position]!)) this.#remove(first + position)
    if (matches === undefined) return
    for (const position of matches.same.keys()) {
      if (!isUsing(statuses[position]!)) continue
      const table = this.#recent.tableOf(first + position)
      const offset = first + position - table.first
      // It was not taken out of a run after that of the first one.
      if ((table.high[offset] ?? 0) > 0) continue
      this.#fingerprint.read(bytes, idStart(bytes, starts[position]!))
      table.add(this.#fingerprint.low, this.#fingerprint.high, offset)
    }
  }

  #remove(index: number): void {
    const table = this.#recent.tableOf(index)
    table.remove(index - table.first)
  }

  /** Looks for hits in the runs that they may be in, and adds the candidates found there. Reads 4 kB a hit and run. */
  async look(hits: readonly Hit[]): Promise<void> {
    await Promise.all(
      hits.map(async ({ id, runs, candidates }) => {
        this.#fingerprint.read(id, 0)
        const { low, high } = this.#fingerprint
        for (const run of runs) await this.#old.find(run, low, high, candidates)
      }),
    )
  }

  /** Has full runs written: see `Runs`. @param size - log size up to which entries are durable. */
  flush(size: number): Promise<void> | undefined {
    return this.#recent.flush(size)
  }

  /**
   * Has the ids below `size` in rows, for anyone who opens them at that size once the head stands: writes the runs that
   * are full and what is new of the one that is not. All entries below are durable, and so are those that `open` is
   * given then.
   */
  async keep(size: number): Promise<IdsCut> {
    const first = size - (size % this.#recent.entries)
    while (this.watermark < first) await (this.flush(size) ?? this.idle())
    return this.#begun.keep(this.#recent.tableOf(first), size)
  }

  /** Waits for what is being written. */
  idle(): Promise<void> {
    return this.#recent.idle()
  }

  /**
   * Notes the times of a batch, and finds the runs that may have ids of such: in memory into `#others`, in rows
   * returned.
   */
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

  /** Where the ids may stand that a transaction names. */
  #named({ bytes, starts, ends }: Transactions, position: number, index: number): Hit[] {
    const view = this.#view.read(bytes, starts[position], ends[position])
    const original = view.rare !== undefined && 'original' in view.rare ? view.rare.original : null
    const cited = citesOf(view)
    return [
      ...(original === null ? [] : [{ position, as: 'original', ...this.#found(original, index) } as const]),
      ...(cited === null ? [] : [{ position, as: 'cited', ...this.#found(cited, index) } as const]),
    ]
  }

  /** Where an id may stand below a log index. */
  #found(id: Uint8Array, index: number): Pick<Hit, 'id' | 'candidates' | 'runs'> {
    const timeMs = idTimeMs(id)
    this.#fingerprint.read(id, 0)
    const { low, high } = this.#fingerprint
    const among = this.#recent.tables.filter(table => table.times.overlaps(timeMs, timeMs))
    const candidates = among.flatMap(table => table.find(low, high, index))
    const runs = this.#mayBeIn(this.#old.overlapping(timeMs, timeMs, this.#recent.first), timeMs, low, high)
    return { id, candidates, runs }
  }
}

/** Whether a transaction may name ids: for certain, where it does. Reads two bytes of it. */
function mayName(bytes: Uint8Array, start: number, end: number): boolean {
  return NAMES_ORIGINAL.has(kindOf(bytes, start)) || mayCite(bytes, start, end)
}

/** Whether a transaction of that status used its id, as the first that did. SPEC §7. */
function isUsing(status: number): boolean {
  return status !== NOT_ENTITLED && status !== EXISTS && status !== ID_TAKEN
}

function runBitsOf({ runBits = OFFSET_BITS_MAX }: IdsOptions): number {
  return runBits
}

/** The row of the secret that the fingerprints of all runs are made with. */
const SECRET = rowKey('iS')

/** The secret that stands in the rows, or else the one that is given, which stands there from now on. */
async function secretOf({ rows, secret }: Required<Pick<IdsOptions, 'rows'>> & IdsOptions) {
  const kept = openRow(SECRET, await rows.readRow(SECRET))
  if (kept?.length === FINGERPRINT_SECRET_BYTES) return kept
  if (secret !== undefined) await rows.writeRows({ puts: [sealRow(SECRET, secret)] }, { sync: false })
  return secret
}

/** The run that is not full yet, as rows hold it. */
function begunRun({ rows = new MemoryRows(), secret, ...options }: IdsOptions): OpenRun {
  return new OpenRun(rows, runBitsOf(options), new Fingerprint(secret).words)
}

/** The runs that rows hold, none of them open yet. */
function oldIds(options: IdsOptions): IdRuns {
  const { rows = new MemoryRows(), turn = AT_ONCE, entries, secret } = options
  const runEntries = 2 ** runBitsOf(options)
  return new IdRuns(rows, turn, runBitsOf(options), new Fingerprint(secret).words, async run => {
    assert(entries !== undefined, 'a run can be made again where the log can be read')
    return idsOf(options, entries, run * runEntries, (run + 1) * runEntries)
  })
}

/**
 * The ids that the entries `[from, to)` of the log used, all of one run. Reads from where the batch can begin that the
 * first of them stand in, as the statuses of a batch stand in its entry.
 */
async function idsOf({ secret }: IdsOptions, entries: ReadEntries, from: number, to: number): Promise<RecentIds> {
  const ids = new RecentIds(from)
  const fingerprint = new Fingerprint(secret)
  let index = Math.max(0, from - BATCH_TRANSACTIONS_MAX)
  let [statuses, batchAt]: [Uint8Array, number] = [new Uint8Array(0), -1]
  for await (const some of entries(index, to))
    for (const entry of some) {
      if (entry[0] === ENTRY_BATCH) [statuses, batchAt] = [decodeBatch(entry).statuses, index]
      else if (entry[0] === ENTRY_TRANSACTION && index >= from && isUsing(statuses[index - batchAt - 1]!)) {
        const start = idStart(entry, 0)
        fingerprint.read(entry, start)
        ids.times.add(idTimeMs(entry, start))
        ids.add(fingerprint.low, fingerprint.high, index - from)
      }
      index++
    }
  return ids
}
