import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeEntry } from '../../../src/client/index.ts'
import { fromHex, toHex } from '../../../src/core/bytes.ts'
import { encodeBatch, transactionsFrom } from '../../../src/core/entry/batch.ts'
import { ACCEPTED, EXISTS, ID_TAKEN, NOT_ENTITLED } from '../../../src/core/entry/outcome.ts'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import { UsedHere } from '../../../src/ledger/apply/used-here.ts'
import { idMatchesFrom } from '../../../src/ledger/id-matches.ts'
import { TimeSpans } from '../../../src/lookup/ids/time-spans.ts'
import { Ids, MemoryRows } from '../../../src/lookup/index.ts'
import { CutRows, damage, randomFrom, rowsOf } from '../../ledger/cut-rows.ts'
import { runs } from '../../runs.ts'

/**
 * 64 entries a run: some hundred batches make dozens of runs. Of longer ones each part that is kept has four entries.
 */
const RUN_BITS = 6
const LONG_RUN_BITS = 8
/** Of the logs in which enough has to happen. */
const SEED = 1

const NOTHING = {
  exists: 0,
  taken: 0,
  named: 0,
  cited: 0,
  unentitled: 0,
  crashes: 0,
  damaged: 0,
  runs: 0,
  kept: 0,
  resumed: 0,
}

/** A batch that was taken in, and what its ids were found to have met. */
interface Taken {
  readonly list: readonly Uint8Array[]
  readonly met: string[]
  readonly statuses: Uint8Array
}

/** The ids of a log as a Map has them, and the log. */
class Model {
  readonly #random: () => number
  readonly #stored = new MemoryRows()
  #rows: CutRows
  #ids: Ids
  readonly #secret: Uint8Array | undefined
  #entries: Uint8Array[] = []
  #batches: { first: number; taken: Taken }[] = []
  /** By id in hex, the first entry that used it. */
  #first = new Map<string, number>()
  #clock = 1_700_000_000_000
  readonly #runBits: number
  /**
   * Log size at which the ids were kept in rows that are whole, if they were, and whether one was damaged since they
   * were opened.
   */
  #kept: number | undefined
  #isDamaged = false
  #entriesRead = 0
  /** How often the ids are told what is durable: seldom, many runs wait to be written. */
  readonly #flushing: number
  /** What happened, so that a run that never met something is found out. */
  readonly counts = { ...NOTHING }

  constructor(random: () => number) {
    this.#random = random
    this.#flushing = random()
    this.#runBits = random() < 0.5 ? RUN_BITS : LONG_RUN_BITS
    this.#rows = this.#newRows()
    // Half of them without a secret, so that ids with one fingerprint are met.
    this.#secret = random() < 0.5 ? undefined : Uint8Array.from({ length: 8 }, () => this.#below(256))
    this.#ids = new Ids(this.#options())
  }

  readonly #read = async function* (this: Model, from: number, to: number) {
    this.#entriesRead += to - from
    for (let at = from; at < to; at += 50) yield this.#entries.slice(at, Math.min(to, at + 50))
  }.bind(this)

  #options() {
    const rows = this.#rows
    return { rows, turn: () => rows.turn(), entries: this.#read, runBits: this.#runBits, secret: this.#secret }
  }

  #newRows(): CutRows {
    return new CutRows(this.#stored, () => this.#below(4))
  }

  #below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  /** One thing that happens to a ledger. */
  async step(): Promise<void> {
    const what = this.#random()
    if (what < 0.86) await this.#take(this.#draw())
    else if (what < 0.88) this.#unclaim(this.#draw())
    else if (what < 0.925) await this.#keep()
    else if (what < 0.98) await this.#crash()
    else await this.#damage()
    if (this.#random() < this.#flushing) await this.#ids.flush(this.#entries.length)
  }

  /** A batch of transactions whose ids are new, used, nearly used, dated far off, or names of others. */
  #draw(): Uint8Array[] {
    const list: Uint8Array[] = []
    this.#clock += this.#below(3000)
    for (let count = 1 + this.#below(12); count > 0; count--) {
      const what = this.#random()
      const earlier = this.#anyTransaction(list)
      if (what < 0.1 && earlier !== undefined) list.push(earlier)
      else {
        const id = this.#newId(what < 0.3 ? earlier : undefined)
        if (what < 0.15 && earlier !== undefined) id.set(idIn(earlier))
        list.push(this.#transaction(id, earlier))
      }
    }
    return list
  }

  #transaction(id: Uint8Array, earlier: Uint8Array | undefined): Uint8Array {
    const amount = 1 + this.#below(100)
    const named = () => (earlier !== undefined && this.#random() < 0.8 ? idIn(earlier) : this.#newId(earlier))
    const fields = { id, debit: 0, credit: 1, amount, cites: this.#random() < 0.15 ? named() : null }
    return this.#random() > 0.15
      ? makeEntry('fund', fields)
      : makeEntry('reverse', { ...fields, original: this.#random() < 0.2 ? (fields.cites ?? named()) : named() })
  }

  /**
   * A new id; like another, if one is given: the same fingerprint at another time, or the same time but for one bit.
   */
  #newId(like: Uint8Array | undefined): Uint8Array {
    const id = Uint8Array.from({ length: 16 }, () => this.#below(256))
    const far = this.#random()
    let time = this.#clock + this.#below(200) - 100
    if (far < 0.05) time = this.#below(2 ** 30)
    else if (far < 0.1) time = 2 ** 48 - 1 - this.#below(1000)
    else if (far < 0.2) time -= this.#below(10_000_000)
    new DataView(id.buffer).setUint16(0, Math.floor(time / 2 ** 32))
    new DataView(id.buffer).setUint32(2, time % 2 ** 32)
    if (like !== undefined) {
      if (this.#random() < 0.7) id.set(idIn(like).subarray(8), 8)
      else {
        id.set(idIn(like))
        id[15]! ^= 1
      }
    }
    id[6] = 0x70 | (id[6]! & 15)
    id[8] = 0x80 | (id[8]! & 63)
    return id
  }

  #anyTransaction(list: readonly Uint8Array[]): Uint8Array | undefined {
    if (list.length > 0 && this.#random() < 0.3) return list[this.#below(list.length)]
    const entry = this.#entries[this.#below(this.#entries.length)]
    return entry?.[0] === 2 ? entry : undefined
  }

  /** What the ids of a batch have met, by the ledger's code, where nobody is entitled to some of its transactions. */
  async #met(list: readonly Uint8Array[], strangers: readonly boolean[]): Promise<Taken> {
    const transactions = transactionsFrom(list)
    const batch = this.#entries.length
    const hits = this.#ids.claim(transactions, batch + 1)
    await this.#ids.look(hits)
    const earlierAt = (index: number) => ({ entry: this.#entries[index]!, time: 0 })
    const seen = idMatchesFrom(transactions, batch + 1, hits, earlierAt)
    const statuses = new Uint8Array(list.length)
    const used = new UsedHere(transactions, batch + 1, statuses, seen, 0)
    const met = list.map((_, position) => {
      const referred = `${used.referred(position)?.index ?? '-'} ${used.cited(position) ?? '-'}`
      const status = used.met(position)
      statuses[position] = status !== ACCEPTED ? status : strangers[position] ? NOT_ENTITLED : ACCEPTED
      used.judged(position, statuses[position])
      return `${statuses[position]} ${status === ACCEPTED ? '-' : seen.index[position]} ${referred}`
    })
    this.#ids.settle(transactions, statuses, seen, batch + 1)
    return { list, met, statuses }
  }

  /** The same, by the Map. */
  #expected(list: readonly Uint8Array[], strangers: readonly boolean[]): string[] {
    const batch = this.#entries.length
    const within = new Map<string, number>()
    const indexOf = (id: Uint8Array) => this.#first.get(toHex(id)) ?? within.get(toHex(id))
    return list.map((bytes, position) => {
      const earlier = indexOf(idIn(bytes))
      const before = earlier !== undefined && (earlier < batch ? this.#entries[earlier]! : list[earlier - batch - 1]!)
      const free = strangers[position] ? NOT_ENTITLED : ACCEPTED
      const status = before === false ? free : toHex(before) === toHex(bytes) ? EXISTS : ID_TAKEN
      const one = decodeTransaction(bytes)
      const referred = one.kind === 'reverse' ? indexOf(one.original) : undefined
      const cites = 'cites' in one ? one.cites : null
      const cited = cites === null ? undefined : indexOf(cites)
      if (status === ACCEPTED) within.set(toHex(idIn(bytes)), batch + 1 + position)
      if (status === EXISTS) this.counts.exists++
      if (status === ID_TAKEN) this.counts.taken++
      if (status === NOT_ENTITLED) this.counts.unentitled++
      if (referred !== undefined) this.counts.named++
      if (cited !== undefined) this.counts.cited++
      return `${status} ${earlier ?? '-'} ${referred ?? '-'} ${cited ?? '-'}`
    })
  }

  async #take(list: readonly Uint8Array[]): Promise<void> {
    const first = this.#entries.length
    const strangers = list.map(() => this.#random() < 0.2)
    const taken = await this.#met(list, strangers)
    expect(taken.met).toEqual(this.#expected(list, strangers))
    this.#append(taken, first)
  }

  #append(taken: Taken, first: number): void {
    this.#batches.push({ first, taken })
    // A batch entry, and now and then a seal after it: entries without an id.
    this.#entries.push(batchEntry(taken.statuses), ...taken.list)
    if (first % 3 === 0) this.#entries.push(Uint8Array.of(3))
    taken.list.forEach((bytes, position) => {
      const id = toHex(idIn(bytes))
      if (taken.statuses[position] === ACCEPTED) this.#first.set(id, first + 1 + position)
    })
  }

  #unclaim(list: readonly Uint8Array[]): void {
    const transactions = transactionsFrom(list)
    this.#ids.claim(transactions, this.#entries.length + 1)
    this.#ids.forget(transactions, this.#entries.length + 1)
  }

  /** The ids are kept as they are, with or without the head that says so. */
  async #keep(): Promise<void> {
    const size = this.#entries.length
    const { head, obsolete } = await this.#ids.keep(size)
    if (this.#random() < 0.2) return
    await this.#rows.writeRows({ puts: [head] }, { sync: true })
    this.#kept = this.#isDamaged ? undefined : size
    this.counts.kept++
    if (obsolete !== undefined && this.#random() < 0.8) await this.#rows.deleteRows(...obsolete)
  }

  /** The process dies, whatever it was writing; the log may have lost its last batches, or the state lags behind it. */
  async #crash(): Promise<void> {
    this.counts.crashes++
    if (this.#random() < 0.2) void this.#ids.keep(this.#entries.length)
    for (let turns = this.#below(200); turns > 0; turns--) await Promise.resolve()
    this.#rows.isCut = true
    const kept = this.#kept
    const isResumed = kept !== undefined && this.#random() < 0.8
    const since = this.#batches.filter(({ first }) => first >= kept!).length
    const back = isResumed ? since : this.#random() < 0.3 ? this.#below(Math.min(40, this.#batches.length + 1)) : 0
    const again = this.#batches.splice(this.#batches.length - back)
    const size = again[0]?.first ?? this.#entries.length
    this.#rows = this.#newRows()
    this.#entriesRead = 0
    this.#ids = await Ids.open(this.#options(), size)
    expect(this.#ids.watermark).toBe(size - (size % 2 ** this.#runBits))
    if (size === kept) {
      expect(this.#entriesRead % 2 ** this.#runBits).toBe(0)
      if (size % 2 ** this.#runBits > 0) this.counts.resumed++
    } else this.#kept = undefined
    this.#isDamaged = false
    this.#entries = this.#entries.slice(0, size)
    this.#first = new Map()
    const batches = this.#batches
    this.#batches = []
    for (const { first, taken } of batches) this.#appendId(taken, first)
    if (this.#random() < 0.5) return
    // Replayed, everything meets what it met the first time.
    for (const { first, taken } of again) {
      const strangers = [...taken.statuses].map(status => status === NOT_ENTITLED)
      expect(await this.#met(taken.list, strangers)).toEqual(taken)
      this.#append(taken, first)
      await this.#ids.flush(this.#entries.length)
    }
  }

  #appendId(taken: Taken, first: number): void {
    this.#batches.push({ first, taken })
    taken.list.forEach((bytes, position) => {
      if (taken.statuses[position] === ACCEPTED) this.#first.set(toHex(idIn(bytes)), first + 1 + position)
    })
  }

  /** A row is lost, or a byte of it. */
  async #damage(): Promise<void> {
    const heads = (await rowsOf(this.#stored)).filter(({ key }) => key[1] === 0x49)
    this.counts.runs = Math.max(this.counts.runs, heads.length)
    if (!(await damage(this.#stored, n => this.#below(n)))) return
    this.#isDamaged = true
    this.#kept = undefined
    this.counts.damaged++
  }
}

/** SPEC §5: the id after type byte, array head, kind, and its own head. */
function idIn(entry: Uint8Array): Uint8Array {
  return entry.slice(4, 20)
}

/** Plays so many logs, and returns how often each thing happened that has to. */
async function play(parameters: fc.Parameters<[number]>) {
  const total = { ...NOTHING }
  await fc.assert(
    fc.asyncProperty(fc.nat(), async seed => {
      const model = new Model(randomFrom(seed))
      for (let step = 0; step < 400; step++) await model.step()
      for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += model.counts[name]
    }),
    { numRuns: 6, endOnFailure: true, ...parameters },
  )
  return total
}

test('ids in runs are found as a Map finds them, whatever crashes and gets lost', async () => {
  await play({ numRuns: runs(6, 2) })
})

test('and so they are where enough crashes and gets lost: drawn from one seed, so that it does each time', async () => {
  for (const count of Object.values(await play({ seed: SEED }))) expect(count).toBeGreaterThan(20)
})

describe('the spans of a set of times', () => {
  test('hold every time that was added, and rule out what lies far between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.nat(100_000), fc.nat(2 ** 31), fc.integer({ min: 1_000_000, max: 1_010_000 })), {
          maxLength: 80,
        }),
        times => {
          const spans = new TimeSpans()
          for (const time of times) spans.add(time)
          const read = TimeSpans.from(spans.toArray())
          for (const time of times) expect([spans, read].every(one => one.overlaps(time, time))).toBe(true)
          const flat = spans.toArray()
          expect(flat).toEqual([...flat].sort((a, b) => a - b))
          expect(flat.length).toBeLessThanOrEqual(32)
        },
      ),
    )
    const spans = new TimeSpans()
    for (const time of [0, 2 ** 47, ...Array.from({ length: 5000 }, (_, i) => 10_000_000 + 10 * i)]) spans.add(time)
    expect(spans.toArray()).toEqual([0, 0, 10_000_000, 10_049_990, 2 ** 47, 2 ** 47])
    expect(spans.overlaps(1, 9_999_999)).toBe(false)
    expect(spans.overlaps(10_049_991, 2 ** 47 - 1)).toBe(false)
    expect(spans.overlaps(-5, 0)).toBe(true)
  })
})

/** A batch entry with those statuses, of which nothing else is looked at. */
function batchEntry(statuses: Uint8Array): Uint8Array {
  const signatures = [{ class: 0, number: 0, ed25519: new Uint8Array(64) }]
  return encodeBatch({
    version: 1,
    time: 0,
    signatures,
    groups: [],
    count: statuses.length,
    root: new Uint8Array(32),
    statuses,
  })
}

/** Batches of ids that someone chose, all of one time; how many entries had to be looked at for each batch. */
async function looked(
  batches: number,
  count: number,
  idAt: (n: number) => Uint8Array,
  options = {},
  isStrange: (position: number) => boolean = () => false,
): Promise<number[]> {
  const log: Uint8Array[] = []
  const entries = async function* (from: number, to: number) {
    yield log.slice(from, to)
  }
  const [rows, secret] = [new MemoryRows(), new Uint8Array(randomBytes(8))]
  let ids = new Ids({ rows, entries, secret, ...options })
  const looked: number[] = []
  for (let batch = 0; batch < batches; batch++) {
    const list = Array.from({ length: count }, (_, i) => {
      const n = batch * count + i
      return makeEntry('fund', { id: idAt(n), debit: 0, credit: 1, amount: 1 + n })
    })
    const first = log.push(batchEntry(new Uint8Array(count)))
    const hits = ids.claim(transactionsFrom(list), first)
    await ids.look(hits)
    log.push(...list)
    const transactions = transactionsFrom(list)
    const seen = idMatchesFrom(transactions, first, hits, index => ({ entry: log[index]!, time: 0 }))
    const statuses = new Uint8Array(count)
    const used = new UsedHere(transactions, first, statuses, seen, 0)
    for (let position = 0; position < count; position++) {
      statuses[position] = used.met(position) || (isStrange(position) ? NOT_ENTITLED : ACCEPTED)
      used.judged(position, statuses[position]!)
    }
    log[first - 1] = batchEntry(statuses)
    ids.settle(transactions, statuses, seen, first)
    looked.push(hits.reduce((sum, { candidates }) => sum + candidates.length, 0))
    // Every other batch is met by ids that were read back.
    if (batch % 2 === 1) ids = await Ids.open({ rows, entries, secret, ...options }, log.length)
  }
  return looked
}

describe('anyone who chooses ids makes nobody look for long', () => {
  const id = (low: number) => {
    const bytes = fromHex('018bcfe56800700080000000deadbeef')
    new DataView(bytes.buffer).setUint16(6, 0x7000 + (low % 4096))
    new DataView(bytes.buffer).setUint32(2, 0xe5680000 + Math.floor(low / 4096))
    return bytes
  }

  test('ids that have the last eight bytes in common', async () => {
    expect(await looked(4, 1000, id)).toEqual([0, 0, 0, 0])
  })

  test('one id again and again, with other bytes', async () => {
    expect(await looked(4, 1000, () => id(7))).toEqual([999, 1999, 1999, 1999])
  })

  test('one id again and again, by a stranger', async () => {
    // None of them used it, so that each batch meets it as new, and meets but its own.
    expect(
      await looked(
        4,
        1000,
        () => id(7),
        {},
        () => true,
      ),
    ).toEqual([999, 999, 999, 999])
  })

  test('one id again and again, over many runs', async () => {
    // A batch that goes over into the next run may leave it there once more, until it is found to be a repetition.
    for (const count of await looked(8, 50, () => id(7), { runBits: RUN_BITS })) expect(count).toBeLessThan(50 * 8)
  })
})
