import { latin1From, toLatin1 } from './latin1.ts'
import type { SimProcess } from './time.ts'

type Operation = { type: 'put'; key: Uint8Array; value: Uint8Array } | { type: 'del'; key: Uint8Array }
type Change = readonly (readonly [key: string, value: Uint8Array | undefined])[]

interface Range {
  readonly gte?: Uint8Array
  readonly lt?: Uint8Array
  readonly limit?: number
}

/** What a database needs of the disk that it lies on. */
export interface Medium {
  /** Resolves when the disk has done something; never where the process that waits is dead by then. */
  done(kind: 'read' | 'write' | 'sync'): Promise<void>
  /** Is told of each write before and after it; may end the process there, or throw. */
  around(database: string, write: string, phase: 'before' | 'behind'): void
  readonly process: SimProcess
  /** Whether a sync makes nothing durable: a disk that lies. */
  readonly isForgetful: boolean
}

/** A value that was changed on the disk. */
export interface Flip {
  readonly key: string
  readonly before: Uint8Array
  readonly after: Uint8Array
}

const NEVER = new Promise<never>(() => {})

/**
 * A LevelDB as its contract tells it, in memory: batches are atomic and come after one another; one that is synced
 * makes all before it durable; the end of a process loses what it was writing, or nothing of it; the end of the power
 * loses any number of the last writes that no sync came after.
 */
export class SimDatabase {
  readonly #name: string
  /** What those see who read. */
  #rows = new Map<string, Uint8Array>()
  /** What a loss of power leaves, and what was written since, in order. */
  #durable = new Map<string, Uint8Array>()
  #unsynced: Change[] = []
  #medium: Medium | undefined
  #queue: Promise<void> = Promise.resolve()

  constructor(name: string) {
    this.#name = name
  }

  /** Opens it for a process. */
  attach(medium: Medium): void {
    this.#medium = medium
    this.#queue = Promise.resolve()
  }

  /** The process has ended. @param lost - how many of the last writes are lost, of those that no sync came after. */
  crash(lost: (unsynced: number) => number): void {
    const keep = this.#unsynced.length - lost(this.#unsynced.length)
    for (const change of this.#unsynced.slice(0, keep)) put(this.#durable, change)
    this.#unsynced = []
    this.#rows = new Map(this.#durable)
    this.#medium = undefined
  }

  /** A copy of what it holds. */
  copy(): Map<string, Uint8Array> {
    return new Map(this.#rows)
  }

  /** Puts a copy back, while it is closed. */
  restore(rows: ReadonlyMap<string, Uint8Array>): void {
    this.#rows = new Map(rows)
    this.#durable = new Map(rows)
    this.#unsynced = []
  }

  /** Changes a byte of a value, on the disk and for all who read. */
  damage(row: number, byte: number, bit: number): Flip | undefined {
    const keys = [...this.#rows.keys()].sort()
    if (keys.length === 0) return undefined
    const key = keys[row % keys.length]!
    const before = this.#rows.get(key)!
    if (before.length === 0) return undefined
    const after = before.slice()
    after[byte % after.length]! ^= 1 << bit
    this.#rows.set(key, after)
    if (this.#durable.get(key) === before) this.#durable.set(key, after)
    this.#unsynced = this.#unsynced.map(change => change.map(([at, value]) => [at, value === before ? after : value]))
    return { key, before, after }
  }

  /** Puts back what was damaged, where it was not written again since. */
  heal({ key, before, after }: Flip): void {
    for (const rows of [this.#rows, this.#durable]) if (rows.get(key) === after) rows.set(key, before)
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    await this.#reads()
    return this.#rows.get(toLatin1(key))?.slice()
  }

  async getMany(keys: readonly Uint8Array[]): Promise<(Uint8Array | undefined)[]> {
    await this.#reads()
    return keys.map(key => this.#rows.get(toLatin1(key))?.slice())
  }

  put(key: Uint8Array, value: Uint8Array, options: { readonly sync?: boolean } = {}): Promise<void> {
    return this.batch([{ type: 'put', key, value }], options)
  }

  batch(operations: readonly Operation[], { sync = false }: { readonly sync?: boolean } = {}): Promise<void> {
    const change: Change = operations.map(one => [
      toLatin1(one.key),
      one.type === 'put' ? one.value.slice() : undefined,
    ])
    const name = operations.map(({ key }) => nameOf(key)).sort()[0] ?? 'nothing'
    return this.#next(async medium => {
      await medium.done('write')
      medium.around(this.#name, name, 'before')
      await this.#alive(medium)
      put(this.#rows, change)
      this.#unsynced.push(change)
      if (sync) {
        await medium.done('sync')
        if (!medium.isForgetful) for (const one of this.#unsynced.splice(0)) put(this.#durable, one)
      }
      medium.around(this.#name, name, 'behind')
      await this.#alive(medium)
    })
  }

  clear(range: Range): Promise<void> {
    return this.#next(async medium => {
      await medium.done('write')
      for (const [key] of this.#within(range)) {
        // Each by itself: a crash leaves any of them.
        const change: Change = [[key, undefined]]
        put(this.#rows, change)
        this.#unsynced.push(change)
      }
      medium.around(this.#name, 'clear', 'behind')
      await this.#alive(medium)
    })
  }

  iterator(range: Range & { readonly values?: boolean }) {
    const rows = this.#within(range)
    return {
      nextv: async (count: number): Promise<[Uint8Array, Uint8Array][]> => {
        await this.#reads()
        return rows.splice(0, count).map(([key, value]) => [latin1From(key), value.slice()])
      },
      close: async () => {},
    }
  }

  keys(range: Range) {
    const keys = this.#within(range).map(([key]) => latin1From(key))
    const reads = () => this.#reads()
    return {
      async all(): Promise<Uint8Array[]> {
        await reads()
        return keys.slice(0, range.limit)
      },
      async *[Symbol.asyncIterator]() {
        await reads()
        yield* keys
      },
    }
  }

  async compactRange(): Promise<void> {
    await this.#reads()
  }

  async close(): Promise<void> {
    await this.#queue
  }

  async #reads(): Promise<void> {
    await (this.#medium?.done('read') ?? NEVER)
  }

  /** One write after another. */
  #next(write: (medium: Medium) => Promise<void>): Promise<void> {
    const medium = this.#medium
    if (medium === undefined) return NEVER
    const written = this.#queue.then(() => (medium.process.isDead ? NEVER : write(medium)))
    this.#queue = written.catch(() => {})
    return written
  }

  async #alive(medium: Medium): Promise<void> {
    if (medium.process.isDead) await NEVER
  }

  #within({ gte, lt }: Range): [string, Uint8Array][] {
    const [from, to] = [gte && toLatin1(gte), lt && toLatin1(lt)]
    return [...this.#rows]
      .filter(([key]) => (from === undefined || key >= from) && (to === undefined || key < to))
      .sort(([a], [b]) => (a < b ? -1 : 1))
  }
}

function put(rows: Map<string, Uint8Array>, change: Change): void {
  for (const [key, value] of change)
    if (value === undefined) rows.delete(key)
    else rows.set(key, value)
}

/** What a write is of, by the first letters of its key: `src/store/keys.ts`. */
function nameOf(key: Uint8Array): string {
  const [first, second] = key
  if (first === 0x7a) return 'entries'
  if (first === 0x78) return 'details'
  if (first === 0x6d) return second === 0x73 ? 'snapshot' : 'index'
  return String.fromCharCode(...key.subarray(1)).replace(/[01]$/, '')
}
