/** Full runs that may wait for being written before anyone who drives has to wait too. */
const UNWRITTEN_MAX = 2

export interface RunsOptions<T> {
  /** A run has `2 ** bits` entries. */
  readonly bits: number
  /** Runs that stay in memory when they are written. */
  readonly kept: number
  /** What is kept in memory of the run that begins at a log index; `before` is that of the run before it. */
  readonly make: (first: number, before: T | undefined) => T
  readonly write: (run: number, table: T) => Promise<void>
}

/**
 * The log, cut into runs: what an index has of the last of them in memory, a table each, and what is written when a run
 * is full. All that is not written is in memory.
 */
export class Runs<T> {
  /** How many entries a run has. */
  readonly entries: number
  readonly #options: RunsOptions<T>
  /** Of the runs from `#first` on. */
  #tables: T[]
  #first: number
  #written: number
  #settled = 0
  #writing: Promise<void> | undefined

  /** @param written - how many runs are written. @param table - of the run after them, if there is one already. */
  constructor(options: RunsOptions<T>, written = 0, table?: T) {
    this.#options = options
    this.entries = 2 ** options.bits
    this.#written = this.#first = written
    this.#tables = [table ?? options.make(written * this.entries, undefined)]
  }

  /** How many runs are written. */
  get written(): number {
    return this.#written
  }

  /** Number of the first run that is in memory. */
  get first(): number {
    return this.#first
  }

  /** The tables in memory, those of the last runs in order. */
  get tables(): readonly T[] {
    return this.#tables
  }

  /** The table of the run in which a log index lies, which is in memory or will be. */
  tableOf(index: number): T {
    const at = Math.floor(index / this.entries) - this.#first
    while (this.#tables.length <= at)
      this.#tables.push(this.#options.make((this.#first + this.#tables.length) * this.entries, this.#tables.at(-1)))
    return this.#tables[at]!
  }

  /**
   * Has the runs written that are full, beside what else is done.
   *
   * @param settled - log size up to which entries are durable.
   * @returns what has to be waited for, where writing has fallen behind.
   */
  flush(settled: number): Promise<void> | undefined {
    this.#settled = settled
    const unwritten = Math.floor(settled / this.entries) - this.#written
    if (unwritten <= 0) return undefined
    if (this.#writing === undefined) {
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
      })
      // Who waits is told; who does not, writes on until the store refuses him too.
      this.#writing.catch(() => {})
    }
    return unwritten >= UNWRITTEN_MAX ? this.#writing : undefined
  }

  /** Waits for what is being written. */
  async idle(): Promise<void> {
    await this.#writing
  }

  async #write(): Promise<void> {
    while ((this.#written + 1) * this.entries <= this.#settled) {
      await this.#options.write(this.#written, this.tableOf(this.#written * this.entries))
      this.#written++
      // The table of the run after the last one that is full may not have been asked for yet.
      this.tableOf(this.#written * this.entries)
      while (this.#first < this.#written - this.#options.kept) {
        this.#tables.shift()
        this.#first++
      }
    }
  }
}
