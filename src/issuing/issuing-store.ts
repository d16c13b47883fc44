import { join } from 'node:path'
import { Level } from 'level'
import { makeFolder, unwritable } from '../node/file-system.ts'
import { lock } from '../node/lock.ts'
import type { Change, Counters, CounterValue } from '../programmes/index.ts'
import type { EventRecord, RewardState } from './event-record.ts'

/** A row of the store, put or deleted. */
export type RowChange = { type: 'put'; key: string; value: string } | { type: 'del'; key: string }

const MB = 1024 * 1024
/** Between the parts of a key: names have no control characters. */
const SEP = '\0'
/** After every row of a prefix. */
const LAST = '\uffff'
/** Begins the counters that are marks of events. */
const EVENT = 'event '
/** Digits of a place in the queue: 2^53 has so many. */
const PLACE_DIGITS = 16

/**
 * What an issuing service keeps, in a LevelDB of its own: the counters of members and of everyone, each event that was
 * taken with what it earned, and what of that the ledger has not answered for yet. Holds nothing in memory that grows
 * with members. Counters and what is to be handed over change together: `write` is all or nothing, and on the disk when
 * it resolves.
 */
export class IssuingStore {
  readonly #db: Level<string, string>
  readonly #unlock: () => Promise<void>
  /** Begins the keys of one programme. */
  readonly #name: string
  #place = 0
  /** Whether there are marks of events that have no row of their own. */
  #hasMarks = false

  private constructor(db: Level<string, string>, unlock: () => Promise<void>, name: string) {
    this.#db = db
    this.#unlock = unlock
    this.#name = name
  }

  /**
   * Opens the store in a folder for this process alone, or makes it.
   *
   * @param name - of the programme: one folder may have several, one at a time.
   * @throws UsageError `state` where another process has it; `file`.
   */
  static async open(folder: string, name: string): Promise<IssuingStore> {
    const path = join(folder, 'events')
    await makeFolder(path)
    const unlock = await lock(`${path}.lock`)
    const db = new Level<string, string>(path, { keyEncoding: 'utf8', valueEncoding: 'utf8', writeBufferSize: 16 * MB })
    try {
      await db.open()
      const store = new IssuingStore(db, unlock, name)
      for await (const key of db.keys({ ...store.#all('waiting'), reverse: true, limit: 1 }))
        store.#place = Number(key.slice(-PLACE_DIGITS)) + 1
      const marks = store.#key('everyone', EVENT)
      store.#hasMarks = (await db.keys({ gte: marks, lt: marks + LAST, limit: 1 }).all()).length > 0
      return store
    } catch (error) {
      await db.close()
      await unlock()
      throw unwritable(path, error as Error)
    }
  }

  /** Waits for what is under way, and lets go of the folder. */
  async close(): Promise<void> {
    await this.#db.close()
    await this.#unlock()
  }

  /** Writes all of it or nothing; on the disk when it resolves. */
  async write(changes: readonly RowChange[], { sync = true }: { readonly sync?: boolean } = {}): Promise<void> {
    if (changes.length > 0) await this.#db.batch([...changes], { sync })
  }

  /** The counters before the next event of a member, and of everyone. A read of the disk or of its cache each. */
  countersOf(member: string): Counters {
    const own = this.#key('member', member, '')
    const all = this.#key('everyone', '')
    return {
      member: key => counterAt(this.#db.getSync(own + key)),
      programme: key => {
        // Which events were taken, their own rows say; of some that were found, there is only the mark.
        const isEvent = key.startsWith(EVENT)
        const n = isEvent ? this.event(key.slice(EVENT.length))?.n : undefined
        if (n !== undefined || (isEvent && !this.#hasMarks)) return n
        return counterAt(this.#db.getSync(all + key))
      },
    }
  }

  /** Adds the rows of what an event changed of its member's counters. */
  addCounters(rows: RowChange[], member: string, changes: readonly Change[]): void {
    const own = this.#key('member', member, '')
    for (const { who, key, value, keepUntilMs } of changes)
      if (who === 'member') rows.push({ type: 'put', key: own + key, value: counterText(value, keepUntilMs) })
  }

  /** The row of a counter of everyone; none of the mark of an event, which has a row of its own. */
  everyoneRow({ key, value, keepUntilMs }: Change): RowChange | undefined {
    if (key.startsWith(EVENT)) return undefined
    return { type: 'put', key: this.#key('everyone', key), value: counterText(value, keepUntilMs) }
  }

  /** A member's counters whose keys begin so, without that beginning. */
  async countersBeginning(member: string, beginning: string): Promise<(readonly [key: string, value: CounterValue])[]> {
    const from = this.#key('member', member, beginning)
    const rows = await this.#db.iterator({ gte: from, lt: from + LAST }).all()
    return rows.map(([key, row]) => [key.slice(from.length), counterAt(row)!])
  }

  /** The key and value of a counter after an event. */
  counter(member: string, { who, key, value, keepUntilMs }: Change): RowChange {
    if (who === 'programme' && key.startsWith(EVENT)) this.#hasMarks = true
    const at = who === 'member' ? this.#key('member', member, key) : this.#key('everyone', key)
    return { type: 'put', key: at, value: counterText(value, keepUntilMs) }
  }

  /** Deletes of a member's counters those that no event can read any more, her latest being of that time. */
  async forget(member: string, latestMs: number): Promise<void> {
    const gone: RowChange[] = []
    const from = this.#key('member', member, '')
    for await (const [key, row] of this.#db.iterator({ gt: from, lt: from + LAST })) {
      const until = row.slice(0, row.indexOf('|'))
      if (until !== '' && Number(until) < latestMs) gone.push({ type: 'del', key })
    }
    await this.write(gone, { sync: false })
  }

  /** An event that was taken; undefined where none has the id. */
  event(id: string): EventRecord | undefined {
    const row = this.#db.getSync(this.#key('event', id))
    return row === undefined ? undefined : (JSON.parse(row) as EventRecord)
  }

  /** The row of an event. */
  eventRow(record: EventRecord): RowChange {
    return { type: 'put', key: this.#key('event', record.id), value: JSON.stringify(record) }
  }

  /** What became of the rewards of an event, in their order; undefined where none was answered for. */
  states(id: string): readonly RewardState[] | undefined {
    const row = this.#db.getSync(this.#key('state', id))
    return row === undefined ? undefined : (JSON.parse(row) as RewardState[])
  }

  /** The rows of what became of them: those that were refused are found again by `refused`. */
  stateRows(id: string, states: readonly RewardState[]): RowChange[] {
    const refused = this.#key('refused', id)
    const isRefused = states.some(({ outcome }) => outcome !== '' && outcome !== 'accepted')
    const row: RowChange = { type: 'put', key: this.#key('state', id), value: JSON.stringify(states) }
    if (isRefused) return [row, { type: 'put', key: refused, value: '' }]
    // What was never tried again was never refused.
    return states.some(({ attempt }) => attempt > 0) ? [row, { type: 'del', key: refused }] : [row]
  }

  /** A place in the queue of what is to be handed over, and its row. */
  enqueue(id: string): { readonly place: string; readonly row: RowChange } {
    const place = String(this.#place++).padStart(PLACE_DIGITS, '0')
    return { place, row: { type: 'put', key: this.#key('waiting', place), value: id } }
  }

  /** The row that ends a place. */
  dequeue(place: string): RowChange {
    return { type: 'del', key: this.#key('waiting', place) }
  }

  /** What was not answered for when the store was closed: place and id of the event, in order. */
  async *waiting(): AsyncGenerator<readonly [place: string, id: string]> {
    for await (const [key, id] of this.#db.iterator(this.#all('waiting'))) yield [key.slice(-PLACE_DIGITS), id]
  }

  /** Ids of the events of which something was refused. */
  async refused(): Promise<string[]> {
    const begin = this.#key('refused', '').length
    return (await this.#db.keys(this.#all('refused')).all()).map(key => key.slice(begin))
  }

  /** Everything that was taken, by its id. */
  async *events(): AsyncGenerator<EventRecord> {
    for await (const row of this.#db.values(this.#all('event'))) yield JSON.parse(row) as EventRecord
  }

  /** Deletes all that is kept of a member: her events and her counters. Looks at all events. @returns how many. */
  async erase(member: string): Promise<number> {
    const gone: RowChange[] = []
    let events = 0
    for await (const { id, member: whose } of this.events()) {
      if (whose !== member) continue
      events++
      for (const kind of ['event', 'state', 'refused']) gone.push({ type: 'del', key: this.#key(kind, id) })
    }
    const from = this.#key('member', member, '')
    for await (const key of this.#db.keys({ gte: from, lt: from + LAST })) gone.push({ type: 'del', key })
    await this.write(gone)
    return events
  }

  /** A text by name; undefined where there is none. */
  note(...name: readonly string[]): string | undefined {
    return this.#db.getSync(this.#key('note', ...name))
  }

  /** The row of a text by name; `undefined` deletes it. */
  noteRow(name: readonly string[], value: string | undefined): RowChange {
    const key = this.#key('note', ...name)
    return value === undefined ? { type: 'del', key } : { type: 'put', key, value }
  }

  /** What stands after the beginning of the names of texts, in order. @param limit - at most so many. */
  async noteNames(begin: string, limit = Number.POSITIVE_INFINITY): Promise<string[]> {
    const from = this.#key('note', begin, '')
    const keys = await this.#db.keys({ gte: from, lt: from + LAST, limit: Number.isFinite(limit) ? limit : -1 }).all()
    return keys.map(key => key.slice(from.length))
  }

  /** All texts whose names begin so. */
  async notes(...name: readonly string[]): Promise<{ readonly row: RowChange; readonly value: string }[]> {
    const from = this.#key('note', ...name, '')
    const found = await this.#db.iterator({ gte: from, lt: from + LAST }).all()
    return found.map(([key, value]) => ({ row: { type: 'del', key }, value }))
  }

  #key(...parts: readonly string[]): string {
    let key = this.#name
    for (const part of parts) key += SEP + part
    return key
  }

  #all(kind: string): { gte: string; lt: string } {
    const from = this.#key(kind, '')
    return { gte: from, lt: from + LAST }
  }
}

function counterText(value: CounterValue, keepUntilMs: number | undefined): string {
  return `${keepUntilMs ?? ''}|${typeof value === 'number' ? value : JSON.stringify(value)}`
}

function counterAt(row: string | undefined): CounterValue | undefined {
  if (row === undefined) return undefined
  const text = row.slice(row.indexOf('|') + 1)
  return text.startsWith('[') ? (JSON.parse(text) as CounterValue) : Number(text)
}
