import {
  HEAD_KEY,
  LedgerState,
  SNAPSHOT_FROM,
  SNAPSHOT_TO,
  type SnapshotCut,
  type SnapshotHead,
  SnapshotReader,
  SnapshotWriter,
} from '../../ledger/index.ts'
import type { Row } from '../../lookup/index.ts'
import type { Turns } from '../../node/turns.ts'
import type { EntryStore, RowStore } from '../../store/index.ts'

/** Entries after which a seal gets a snapshot: what is replayed on a start is no more than that and an epoch. */
const SNAPSHOT_ENTRIES = 262_144

/**
 * Bytes of rows in one write, at least, and how long each is put off: whatever is synced waits for what is before it.
 */
const WRITE_BYTES_MIN = 128 * 1024
const PAUSE_MS = 2
/**
 * Writes in which a snapshot is done, about: what waits for it is memory, so one that is large is not put off for long.
 */
const WRITES = 32
/** How long rows of the base are made before others have their turn. */
const BASE_TURN_MS = 0.5

/** Where a ledger begins that has been there before: its state after a seal. */
export interface Loaded {
  readonly state: LedgerState
  readonly size: number
  /** Of the snapshot that it was read from; undefined where it begins with the first entry. */
  readonly head: SnapshotHead | undefined
}

/** A ledger without entries. */
export function nothingLoaded(): Loaded {
  return { state: new LedgerState(), size: 0, head: undefined }
}

/**
 * The last snapshot of the state, if there is one and it holds: its rows are whole, and what they make has the roots of
 * the seal that stands in the log. Costs some hundred bytes read and nine hashes an account.
 *
 * @throws SnapshotError, StoreError, FormatError: whatever it is, the log has all that is needed.
 */
export async function loadSnapshot(
  store: EntryStore & RowStore,
  saltOf: (epoch: number) => Uint8Array | undefined,
): Promise<Loaded | undefined> {
  const value = await store.readRow(HEAD_KEY)
  if (value === undefined) return undefined
  const reader = new SnapshotReader(value)
  const { head } = reader
  const seal = await store.readEntry(head.size - 1)
  for await (const row of store.readRows(SNAPSHOT_FROM, SNAPSHOT_TO)) reader.add(row)
  return { state: reader.finish(seal, saltOf), size: head.size, head }
}

/**
 * Keeps snapshots of a ledger's state in the store, so that a start replays only what came after the last. Cut right
 * after a seal, written when that is durable, beside everything else that is done.
 */
export class Snapshots {
  readonly #store: RowStore
  readonly #turns: Turns
  readonly #writer: SnapshotWriter
  readonly #every: number
  readonly #onFailure: (error: unknown) => void
  #cut: SnapshotCut | undefined
  #writing: Promise<void> | undefined
  #isMaking = false
  #isClosed = false

  private constructor(
    store: RowStore,
    turns: Turns,
    { state, head }: Loaded,
    every: number,
    onFailure: (error: unknown) => void,
  ) {
    this.#store = store
    this.#turns = turns
    this.#writer = new SnapshotWriter(state, head)
    this.#every = every
    this.#onFailure = onFailure
  }

  /**
   * Goes on with the snapshot that was loaded; without one, takes away what there is of any.
   *
   * @param turns - who makes rows in long computations waits for those.
   * @param every - entries between two of them.
   * @param onFailure - is told when one cannot be written.
   */
  static async open(
    store: RowStore,
    turns: Turns,
    loaded: Loaded,
    onFailure: (error: unknown) => void,
    every: number = SNAPSHOT_ENTRIES,
  ): Promise<Snapshots> {
    if (loaded.head === undefined && (await store.readRow(HEAD_KEY)) !== undefined) {
      // Its head first: a crash after it leaves rows that no head names, and they go on the next start.
      await store.writeRows({ deletes: [HEAD_KEY] }, { sync: true })
    }
    if (loaded.head === undefined) await store.deleteRows(SNAPSHOT_FROM, SNAPSHOT_TO)
    return new Snapshots(store, turns, loaded, every, onFailure)
  }

  /**
   * Cuts a snapshot if it is time for one: right after the seal below log size `size`, before anything else is
   * applied.
   */
  sealed(size: number): void {
    if (this.#cut !== undefined || this.#writing !== undefined) return
    if (size - this.#writer.size >= this.#every) this.#take(size)
  }

  /** Has the snapshot written that was cut, once its seal is durable, as `size` entries are. Does not wait. */
  durable(size: number): void {
    const cut = this.#cut
    if (cut === undefined || cut.size > size) return
    this.#cut = undefined
    this.#writing = this.#write(cut)
      .catch(this.#onFailure)
      .finally(() => {
        this.#writing = undefined
      })
  }

  /** Waits for what is being written. */
  async idle(): Promise<void> {
    await this.#writing
  }

  /** A last snapshot, of a log that ends with a durable seal below `size` and is not applied to any more. */
  async close(size: number): Promise<void> {
    this.#isClosed = true
    await this.idle()
    if (size > this.#writer.size) this.#take(size)
    this.durable(size)
    await this.idle()
  }

  #take(size: number): void {
    this.#cut = this.#writer.cut(size)
  }

  async #write({ changes, bytes, head, base, obsolete, done }: SnapshotCut): Promise<void> {
    const store = this.#store
    const atOnce = Math.max(WRITE_BYTES_MIN, bytes / WRITES)
    await this.#writeAll(changes, atOnce)
    done()
    // COMMIT POINT 3. Before this write the snapshot before holds: no head names the rows above. After it this one
    // does, whether or not what follows comes to pass; its seal, and with it every entry below, became durable before.
    await store.writeRows({ puts: [head] }, { sync: true })
    await this.#writeAll(base, atOnce)
    if (obsolete !== undefined) await store.deleteRows(...obsolete)
    if (!this.#isMaking) this.#makeBase().catch(this.#onFailure)
  }

  /** Makes what the next snapshot owes of the base, a millisecond at a time; a snapshot does not wait for it. */
  async #makeBase(): Promise<void> {
    this.#isMaking = true
    try {
      for (let isMore = true; isMore && !this.#isClosed; ) {
        await this.#turns.turn()
        const end = performance.now() + BASE_TURN_MS
        do isMore = this.#writer.makeBase()
        while (isMore && performance.now() < end)
      }
    } finally {
      this.#isMaking = false
    }
  }

  /**
   * Writes rows some at a time, so that no commit of entries waits behind many of them: nor does the checkpoint, which
   * is written at the same moment as the first of them would be.
   */
  async #writeAll(rows: Iterable<Row>, atOnce: number): Promise<void> {
    let puts: Row[] = []
    let bytes = 0
    for (const row of rows) {
      puts.push(row)
      bytes += row.value.length
      if (bytes < atOnce) continue
      await this.#writeLater(puts)
      puts = []
      bytes = 0
    }
    if (puts.length > 0) await this.#writeLater(puts)
  }

  async #writeLater(puts: readonly Row[]): Promise<void> {
    if (!this.#isClosed) await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
    if (this.#turns.isHeld) await this.#turns.turn()
    await this.#store.writeRows({ puts }, { sync: false })
  }
}
