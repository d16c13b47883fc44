import { checkFormat, checkKeys, checkTail, type Database } from '../../src/store/check.ts'
import { Documents } from '../../src/store/documents.ts'
import type { Piece, Store } from '../../src/store/index.ts'
import { DATABASES } from '../../src/store/keys.ts'
import { type Databases, LevelStore } from '../../src/store/store.ts'
import { type Flip, type Medium, SimDatabase } from './database.ts'
import type { Setting } from './plan.ts'
import type { Random } from './random.ts'
import type { SimProcess, VirtualTime } from './time.ts'

/** A crash that waits for a write of that name: right before it, or right after it. */
export interface Trap {
  readonly write: string
  readonly phase: 'before' | 'behind'
  /** Of the writes of that name from now on, which: 0 for the next. */
  skip: number
  /** What happens there: the process ends, or the write fails. */
  readonly spring: () => void
}

const CACHE_BYTES = 1 << 20

/** What was damaged, and where. */
interface Damage {
  readonly database: SimDatabase
  readonly flip: Flip
}

export interface SimDiskParts {
  readonly time: VirtualTime
  readonly random: Random
  readonly setting: Setting
}

/** A disk with a store on it, that outlives the processes which open it. */
export class SimDisk {
  readonly #databases: Readonly<Record<(typeof DATABASES)[number] | 'lock', SimDatabase>> = {
    log: new SimDatabase('log'),
    beside: new SimDatabase('beside'),
    index: new SimDatabase('index'),
    lock: new SimDatabase('lock'),
  }
  readonly #time: VirtualTime
  readonly #random: Random
  readonly #isForgetful: boolean
  readonly #onWrite: (what: string) => void
  traps: Trap[] = []
  /** How many milliseconds a sync takes, at most. */
  slowMs = 1
  /** How often a read fails. */
  failing = 0
  readonly damaged: Damage[] = []
  /** Whether anything of it was ever damaged, or could not be read. */
  wasHarmed = false
  /** Whether a write has failed since its process began. */
  hasFailed = false

  constructor({ time, random, setting }: SimDiskParts, onWrite: (what: string) => void) {
    this.#isForgetful = setting.isForgetful
    this.#time = time
    this.#random = random
    this.#onWrite = onWrite
  }

  /** Opens the store for a process, as `openLevelStore` does where the files are whole. */
  async open(process: SimProcess): Promise<Store> {
    const medium: Medium = {
      process,
      isForgetful: this.#isForgetful,
      done: kind => this.#done(kind, process),
      around: (database, write, phase) => this.#around(`${database} ${write}`, phase),
    }
    for (const database of Object.values(this.#databases)) database.attach(medium)
    const databases = this.#databases as unknown as Databases
    for (const name of DATABASES) {
      await checkFormat(databases[name], name, name)
      if (name !== 'log') await checkKeys(databases[name] as Database, name)
    }
    const tail = await checkTail(databases.log)
    return new LevelStore(databases, tail, await Documents.read(databases.beside), CACHE_BYTES, write => write())
  }

  /** The process has ended, or the power has. */
  crash(how: 'kill' | 'power'): void {
    this.hasFailed = false
    for (const database of Object.values(this.#databases))
      database.crash(unsynced => (how === 'kill' ? 0 : this.#random.below(unsynced + 1)))
    this.traps = []
  }

  /** The entries on it, read by the layout of `src/store/keys.ts` and nothing else, as if nothing was damaged. */
  entries(): Uint8Array[] {
    const rows = this.#databases.log.copy()
    for (const { flip } of this.damaged.toReversed())
      if (rows.get(flip.key) === flip.after) rows.set(flip.key, flip.before)
    const pieces = [...rows].filter(([key]) => key.startsWith('z')).sort(([a], [b]) => (a < b ? -1 : 1))
    // After each value stands its sum.
    return entriesOf(pieces.map(([, value]) => ({ bytes: value.subarray(0, -4) })))
  }

  /** A copy of all that is on it. */
  copy(): () => void {
    const copies = Object.values(this.#databases).map(database => [database, database.copy()] as const)
    return () => {
      for (const [database, rows] of copies) database.restore(rows)
    }
  }

  /** Flips a bit of something that was written. */
  damage(): void {
    this.wasHarmed = true
    const name = this.#random.pick(DATABASES)
    const database = this.#databases[name]
    const flipped = database.damage(this.#random.below(2 ** 20), this.#random.below(2 ** 20), this.#random.below(8))
    if (flipped !== undefined) this.damaged.push({ database, flip: flipped })
  }

  /** Puts back what was damaged, as from a copy. */
  heal(): void {
    for (const { database, flip } of this.damaged.splice(0).reverse()) database.heal(flip)
  }

  async #done(kind: 'read' | 'write' | 'sync', process: SimProcess): Promise<void> {
    const random = this.#random
    const ms = kind === 'sync' ? random.between(0.1, this.slowMs) : random.between(0, 0.05)
    await this.#time.after(ms, process)
    if (kind === 'read' && this.failing > 0 && random.chance(this.failing)) {
      this.wasHarmed = true
      throw new Error('EIO: i/o error, read')
    }
  }

  #around(write: string, phase: 'before' | 'behind'): void {
    if (phase === 'behind') this.#onWrite(write)
    const trap = this.traps.find(one => write.startsWith(one.write) && one.phase === phase)
    if (trap === undefined || trap.skip-- > 0) return
    this.traps = this.traps.filter(one => one !== trap)
    trap.spring()
  }
}

/** A store, and who is told of each append once it is durable. */
export function watched(store: Store, onAppended: (pieces: readonly Piece[], size: number) => void): Store {
  const append = async (pieces: readonly Piece[], next?: number) => {
    await store.append(pieces, next)
    onAppended(pieces, store.size)
  }
  return new Proxy(store, {
    get(target, name) {
      if (name === 'append') return append
      const value = Reflect.get(target, name, target) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** The entries of pieces, in order. */
export function entriesOf(pieces: readonly Pick<Piece, 'bytes'>[]): Uint8Array[] {
  const entries: Uint8Array[] = []
  for (const { bytes } of pieces)
    for (let at = 0; at < bytes.length; ) {
      const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!
      entries.push(bytes.slice(at + 2, end))
      at = end
    }
  return entries
}
