import { decodeBatch, type Signature } from '../../core/entry/batch.ts'
import { ACCEPTED } from '../../core/entry/outcome.ts'
import { listPaths } from '../../core/tree/ssz.ts'
import type { Turns } from '../../node/turns.ts'
import type { EntryStore } from '../../store/index.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { batchOf } from '../tree/stored-entries.ts'

/** Where a transaction stands: what of it does not depend on the checkpoint. */
export interface GatheredPlace {
  /** Log index of its batch. */
  readonly batch: number
  readonly position: number
  readonly batchPath: readonly Uint8Array[]
}

/** How a transaction was taken: with which batch, when by ledger time, and with which status (SPEC §8). */
export interface Judgement {
  readonly batch: number
  readonly timeMs: number
  readonly status: number
}

/** Transactions that stand in one batch: how many of them, and of how many. */
export interface BatchRun {
  readonly batch: number
  readonly count: number
  readonly size: number
}

/** A batch from which transactions are shown. */
export interface GatheredBatch {
  readonly entry: Uint8Array
  readonly timeMs: number
  readonly count: number
  readonly statuses: Uint8Array
  readonly signatures: readonly Signature[]
}

/** Hashes and entries after which everyone else has a turn of the thread: some 2 ms of it. */
const SLICE = 8192

/**
 * The places of transactions in the log, as statements show them. Each batch is read and hashed once, however many of
 * its transactions are asked for; and in slices, so that anyone who asks for many keeps nobody waiting.
 */
export class Places {
  readonly batches = new Map<number, GatheredBatch>()
  readonly #places = new Map<number, GatheredPlace>()
  readonly #store: EntryStore
  readonly #tree: LogTree
  readonly #turns: Turns
  #spent = 0
  #bytes = 0

  /** @param turns - whose turn it is among all who make proofs. */
  constructor(store: EntryStore, tree: LogTree, turns: Turns) {
    this.#store = store
    this.#tree = tree
    this.#turns = turns
  }

  /** Bytes of the batches and paths that were gathered: what is shown of them has no fewer. */
  get bytes(): number {
    return this.#bytes
  }

  /** The place of a transaction that was gathered. */
  of(index: number): GatheredPlace | undefined {
    return this.#places.get(index)
  }

  /** Who signed a batch that was gathered. */
  signatures(batch: number): readonly Signature[] {
    return this.batches.get(batch)!.signatures
  }

  /**
   * Gathers the places of transactions by their log indexes: two hashes for each transaction of a batch of which one is
   * asked for.
   *
   * @param signal - ends it: nobody waits for it any more.
   */
  async gather(indexes: Iterable<number>, signal?: AbortSignal): Promise<void> {
    const wanted = [...indexes].filter(index => !this.#places.has(index)).sort((a, b) => a - b)
    for (let from = 0; from < wanted.length; ) {
      const batch = await batchOf(this.#store, wanted[from]!)
      const gathered = this.batches.get(batch) ?? (await this.#read(batch))
      let to = from
      while (to < wanted.length && wanted[to]! <= batch + gathered.count) to++
      await this.#placesIn(batch, gathered, wanted.slice(from, to))
      from = to
      signal?.throwIfAborted()
    }
  }

  /** Reads a batch, to be shown without the place of any of its transactions. */
  async show(batch: number): Promise<void> {
    if (!this.batches.has(batch)) await this.#read(batch)
    await this.spend(1)
  }

  /**
   * The batches in which transactions at these log indexes, increasing, stand: how many of them each has, and how many
   * transactions in all. Nothing of them is shown for that.
   */
  async batchesOf(indexes: readonly number[]): Promise<BatchRun[]> {
    const runs: BatchRun[] = []
    for (let from = 0; from < indexes.length; ) {
      const batch = await batchOf(this.#store, indexes[from]!)
      const { count: size } = this.batches.get(batch) ?? decodeBatch(await this.#store.readEntry(batch))
      let to = from
      while (to < indexes.length && indexes[to]! <= batch + size) to++
      runs.push({ batch, count: to - from, size })
      from = to
      await this.spend(1)
    }
    return runs
  }

  /** Ledger time of the batch of each of the transactions at these log indexes, increasing. */
  async times(indexes: readonly number[]): Promise<number[]> {
    return (await this.taken(indexes)).map(({ timeMs }) => timeMs)
  }

  /** How each of the transactions at these log indexes, increasing, was taken. */
  async taken(indexes: readonly number[]): Promise<Judgement[]> {
    const taken: Judgement[] = []
    let [batch, end] = [0, 0]
    let gathered: GatheredBatch | undefined
    for (const index of indexes) {
      if (gathered === undefined || index >= end) {
        batch = await batchOf(this.#store, index)
        gathered = this.batches.get(batch) ?? (await this.#read(batch))
        end = batch + 1 + gathered.count
        await this.spend(1)
      }
      const { timeMs, statuses } = gathered
      taken.push({ batch, timeMs, status: statuses[index - batch - 1] ?? ACCEPTED })
    }
    return taken
  }

  /** Counts work, and when it was a slice waits for the next turn. */
  async spend(work: number): Promise<void> {
    this.#spent += work
    if (this.#spent < SLICE) return
    this.#spent = 0
    await this.#turns.turn()
  }

  async #read(batch: number): Promise<GatheredBatch> {
    const entry = await this.#store.readEntry(batch)
    const { time: timeMs, count, statuses, signatures } = decodeBatch(entry)
    const gathered = { entry, timeMs, count, statuses, signatures }
    this.batches.set(batch, gathered)
    this.#bytes += entry.length
    return gathered
  }

  async #placesIn(batch: number, { count }: GatheredBatch, indexes: readonly number[]): Promise<void> {
    const positions = indexes.map(index => index - batch - 1)
    let paths: readonly Uint8Array[][] = positions.map(() => [])
    if (count > 1) {
      const leaves = await this.#tree.leaves(batch + 1, count)
      await this.spend(2 * count)
      paths = listPaths(leaves, positions)
    } else await this.spend(1)
    indexes.forEach((index, i) => {
      this.#bytes += 32 * paths[i]!.length
      this.#places.set(index, { batch, position: positions[i]!, batchPath: paths[i]! })
    })
  }
}
