import { toHex } from '../../src/core/bytes.ts'
import {
  HEAD_KEY,
  type Ledger,
  Replay,
  type SnapshotCut,
  SnapshotReader,
  SnapshotWriter,
} from '../../src/ledger/index.ts'
import { Ids, MemoryRows, type Row } from '../../src/lookup/index.ts'
import { naiveRoot } from '../core/tree/naive-tree.ts'

/** Rows of snapshots as a disk has them, that remembers every single write in order. */
export class Shelf {
  readonly rows = new Map<string, Row>()
  #writes: ((rows: Map<string, Row>) => void)[] = []

  write({ changes, head, base, obsolete }: SnapshotCut): void {
    for (const row of changes) this.#do(rows => rows.set(toHex(row.key), row))
    this.#do(rows => rows.set(toHex(head.key), head))
    for (const row of base) this.#do(rows => rows.set(toHex(row.key), row))
    if (obsolete === undefined) return
    const [from, to] = obsolete
    for (const key of [...this.rows.keys()].filter(one => one >= toHex(from) && one < toHex(to)).toReversed())
      this.#do(rows => rows.delete(key))
  }

  /** What a crash leaves when that many of the last writes did not come through, of a few snapshots' writes. */
  cutOff(n: number): Shelf {
    const shelf = new Shelf()
    const lost = this.#writes.length === 0 ? 0 : n % Math.min(this.#writes.length + 1, 40)
    for (const write of this.#writes.slice(0, this.#writes.length - lost)) shelf.#do(write)
    return shelf
  }

  inOrder(): Row[] {
    return [...this.rows.keys()].sort().map(key => this.rows.get(key)!)
  }

  #do(write: (rows: Map<string, Row>) => void): void {
    this.#writes.push(write)
    write(this.rows)
  }
}

/** Follows a log and keeps snapshots of it; and comes up again from what a crash leaves of them. */
export class Follower {
  #replay!: Replay
  #writer!: SnapshotWriter
  #shelf = new Shelf()
  #isSnapshot = false

  constructor() {
    this.#begin()
  }

  get ledger(): Ledger {
    return this.#replay.ledger
  }

  /** Takes what is new of a log; makes a snapshot at its last seal, where that is wanted. */
  async follow(entries: readonly Uint8Array[], isSnapshot: boolean): Promise<void> {
    this.#entries = entries
    const news = entries.slice(this.ledger.size)
    this.#isSnapshot = isSnapshot
    await this.#replay.feed(news)
    for (let i = 0; i < 3; i++) this.#writer.makeBase()
  }

  /**
   * Forgets all but what a crash leaves of the snapshots, and reads the log again; returns the snapshot's size, or 0.
   */
  async crash(n: number, entries: readonly Uint8Array[]): Promise<number> {
    this.#shelf = this.#shelf.cutOff(n)
    const head = this.#shelf.rows.get(toHex(HEAD_KEY))
    if (head === undefined) {
      this.#begin()
      this.#shelf = new Shelf()
      this.#entries = entries
      await this.#replay.feed(entries)
      return 0
    }
    const reader = new SnapshotReader(head.value)
    for (const row of this.#shelf.inOrder()) reader.add(row)
    const { size } = reader.head
    const state = reader.finish(entries[size - 1]!, () => new Uint8Array(32))
    const ids = await Ids.open(
      {
        rows: new MemoryRows(),
        async *entries(from, to) {
          yield entries.slice(from, to)
        },
      },
      size,
    )
    this.#writer = new SnapshotWriter(state, reader.head)
    this.#replay = this.#replayOf(entries, { state, size }, ids)
    this.#isSnapshot = false
    await this.#replay.feed(entries.slice(size))
    return size
  }

  #begin(): void {
    this.#replay = this.#replayOf([])
    this.#writer = new SnapshotWriter(this.ledger.state)
  }

  #entries: readonly Uint8Array[] = []

  #replayOf(entries: readonly Uint8Array[], from?: { state: Ledger['state']; size: number }, ids?: Ids): Replay {
    this.#entries = entries
    return new Replay({
      saltOf: () => new Uint8Array(32),
      entryAt: async index => this.#entries[index]!,
      rootAt: async size => naiveRoot(this.#entries.slice(0, size)),
      verifySignatures: false,
      ...(from && { from }),
      ...(ids && { ids }),
      onSeal: (_, size) => {
        if (this.#isSnapshot) this.#shelf.write(this.#writer.cut(size))
      },
    })
  }
}
