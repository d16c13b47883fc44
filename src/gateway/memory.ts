import { Level } from 'level'
import { UsageError } from '../node/failure.ts'
import { makeFolder, unwritable } from '../node/file-system.ts'

/** A row of the memory: a table, the key in it, and a value of JSON; undefined deletes it. */
export type MemoryRow = readonly [table: MemoryTable, key: string, value: unknown]

/**
 * The tables of a gateway. Each row can be made again from the ledger and the shop's list of ids, but for links,
 * webhooks with what waits for them, complaints, what staff looked at, sessions, and those of `attempts` that were
 * refused or not answered: docs/gateway.md.
 */
const TABLES = {
  /** By unit and member: her account. */
  members: 'm',
  /** By account: the member and the unit. */
  accounts: 'n',
  /** By account that was merged into another: that one. */
  merged: 'g',
  /** By reference, hex: the member and the unit of an opening that is under way. */
  refs: 'r',
  /** By mark: what became of what was made for a name. */
  attempts: 'a',
  /** By account and number: the decoded entries of the account. */
  movements: 'v',
  /** By account: how many of its entries are known, and when its points expire. */
  known: 'k',
  /** By date and account: points that expire then. */
  expiring: 'x',
  /** The details of each commitment. */
  details: 'd',
  /** By commitment: details that the ledger is yet to be given. */
  outbox: 'o',
  /** By hash of a token: the member whose link it is. */
  links: 'l',
  /** By member and hash: the links that stand. */
  linksOf: 'h',
  /** By id: where the shop is told of what happens. */
  webhooks: 'w',
  /** By webhook, time and event: what is to be sent then. */
  deliveries: 'q',
  /** By webhook and event: what was sent in vain too often. */
  dead: 'z',
  /** By id: what members handed in, and what was answered; by SHA-256 of what it is about, hex: the id. */
  complaints: 'c',
  complaintMatters: 'i',
  /** By time and number: what staff looked at. */
  looks: 'u',
  /** By time and hash of a token: who is signed in. */
  sessions: 's',
  /** By member's mark: who was erased. */
  erased: 'e',
  /** Facts of the memory as a whole. */
  facts: 'f',
} as const
export type MemoryTable = keyof typeof TABLES

/** Which rows of a table are read. */
export interface KeyRange {
  /** Keys after this one. */
  readonly after?: string
  /** Keys before this one. */
  readonly before?: string
  readonly limit?: number
  readonly reverse?: boolean
}

const END = '\uffff'

/**
 * What a gateway keeps, in a LevelDB of its own. Writes that are asked for at one time go to the disk as one. One
 * process at a time has it.
 */
export class Memory {
  readonly #db: Level<string, string>
  #waiting: MemoryRow[] = []
  /** Rows that were asked for, until they are written: who asks for a row gets it as it was written last. */
  readonly #pending = new Map<string, MemoryRow>()
  #isSync = false
  #next: Promise<void> | undefined
  #last: Promise<void> = Promise.resolve()

  private constructor(db: Level<string, string>) {
    this.#db = db
  }

  /** Opens the memory in a folder, or makes it. @throws UsageError `state`, `file`. */
  static async open(directory: string): Promise<Memory> {
    await makeFolder(directory).catch(error => {
      throw unwritable(directory, error)
    })
    const db = new Level<string, string>(directory, { keyEncoding: 'utf8', valueEncoding: 'utf8' })
    try {
      await db.open()
      return new Memory(db)
    } catch (error) {
      const { cause } = error as Error
      if ((cause as NodeJS.ErrnoException | undefined)?.code === 'LEVEL_LOCKED')
        throw new UsageError('state', `Another process works with ${directory}. Wait until it has ended.`)
      throw unwritable(directory, (cause as Error | undefined) ?? (error as Error))
    }
  }

  /** The value of a row, also of one that is being written; undefined where there is none. */
  async get<T>(table: MemoryTable, key: string): Promise<T | undefined> {
    const pending = this.#pending.get(TABLES[table] + key)
    if (pending !== undefined) return pending[2] as T | undefined
    // Most that is asked for is not there, or was written just now: neither takes a look at the disk.
    const text = this.#db.getSync(TABLES[table] + key)
    return text === undefined ? undefined : (JSON.parse(text) as T)
  }

  /** Rows of a table in the order of their keys. */
  async list<T>(
    table: MemoryTable,
    { after, before, limit, reverse = false }: KeyRange = {},
  ): Promise<[key: string, value: T][]> {
    const at = TABLES[table]
    const found: [string, T][] = []
    const range = {
      gt: at + (after ?? ''),
      lt: at + (before ?? END),
      reverse,
      ...(limit === undefined ? {} : { limit }),
    }
    for await (const [key, text] of this.#db.iterator(range)) found.push([key.slice(1), JSON.parse(text) as T])
    return found
  }

  /**
   * Writes rows, all or none; what others write at the same time goes with them.
   *
   * @param options - `sync`: it is on the disk before this resolves, also where the machine loses its power.
   */
  write(rows: readonly MemoryRow[], { sync = false }: { readonly sync?: boolean } = {}): Promise<void> {
    for (const row of rows) {
      this.#waiting.push(row)
      this.#pending.set(TABLES[row[0]] + row[1], row)
    }
    this.#isSync ||= sync
    this.#next ??= this.#last.then(() => this.#flush())
    return this.#next
  }

  #flush(): Promise<void> {
    const [rows, sync] = [this.#waiting, this.#isSync]
    this.#waiting = []
    this.#isSync = false
    this.#next = undefined
    const done = this.#db.batch(
      rows.map(([table, key, value]) =>
        value === undefined
          ? { type: 'del' as const, key: TABLES[table] + key }
          : { type: 'put' as const, key: TABLES[table] + key, value: JSON.stringify(value) },
      ),
      { sync },
    )
    this.#last = done
      .catch(() => {})
      .then(() => {
        for (const row of rows) {
          const key = TABLES[row[0]] + row[1]
          if (this.#pending.get(key) === row) this.#pending.delete(key)
        }
      })
    return done
  }

  /** Ends it when all that was asked for is written. */
  async close(): Promise<void> {
    await this.#next
    await this.#last
    await this.#db.close()
  }
}

/** Characters of a number in a key. */
export const ORDERED_CHARACTERS = 11

/** A number in a key, so that keys stand in the order of their numbers. */
export function ordered(number: number): string {
  return number.toString(36).padStart(ORDERED_CHARACTERS, '0')
}
