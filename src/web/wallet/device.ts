/** What this device keeps for the wallet, by what it is of. */
interface DeviceShelves {
  /** The checkpoint that was accepted last, by the name of its log. */
  readonly heads: unknown
  /** A wallet: policy, card, statement, and the key where she asked for it; by log and account. */
  readonly wallets: unknown
  /** What the ledger signed for her: promises, receipts, refusals, evidence. */
  readonly papers: unknown
  /** What was sent and not answered yet, by its id. */
  readonly sent: unknown
}

export type Shelf = keyof DeviceShelves

const NAMES: readonly Shelf[] = ['heads', 'wallets', 'papers', 'sent']

/**
 * A database of this browser. Where it may keep nothing, as in some private windows, it lasts as long as the page.
 */
export class Device {
  readonly #opened: Promise<IDBDatabase | undefined>
  readonly #memory = new Map<string, unknown>()

  constructor(name = 'tallystick') {
    this.#opened = open(name).catch(() => undefined)
  }

  /** Whether it is kept longer than the page. */
  async lasts(): Promise<boolean> {
    return (await this.#opened) !== undefined
  }

  async get<T>(shelf: Shelf, name: string): Promise<T | undefined> {
    const db = await this.#opened
    if (db === undefined) return this.#memory.get(`${shelf} ${name}`) as T | undefined
    return done<T | undefined>(db.transaction(shelf).objectStore(shelf).get(name))
  }

  async put(shelf: Shelf, name: string, value: unknown): Promise<void> {
    const db = await this.#opened
    if (db === undefined) this.#memory.set(`${shelf} ${name}`, value)
    else await done(db.transaction(shelf, 'readwrite', { durability: 'strict' }).objectStore(shelf).put(value, name))
  }

  async delete(shelf: Shelf, name: string): Promise<void> {
    const db = await this.#opened
    this.#memory.delete(`${shelf} ${name}`)
    if (db !== undefined) await done(db.transaction(shelf, 'readwrite').objectStore(shelf).delete(name))
  }

  /** All on a shelf, by name. */
  async all<T>(shelf: Shelf): Promise<[string, T][]> {
    const db = await this.#opened
    if (db === undefined) {
      const mine = [...this.#memory].filter(([name]) => name.startsWith(`${shelf} `))
      return mine.map(([name, value]) => [name.slice(shelf.length + 1), value as T])
    }
    const store = db.transaction(shelf).objectStore(shelf)
    const [names, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())])
    return names.map((name, i) => [String(name), values[i] as T])
  }
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1)
  request.onupgradeneeded = () => {
    for (const shelf of NAMES) request.result.createObjectStore(shelf)
  }
  return done(request)
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new DOMException('the database of the browser failed'))
  })
}
