import { assert } from '../../core/failure.ts'
import { openRow, type Rows, RowWriter, rowKey, rowsByNumber, type Turn } from '../rows.ts'
import { spread } from './fingerprint.ts'
import { IdFilter } from './id-filter.ts'
import type { RecentIds } from './recent-ids.ts'
import { TimeSpans } from './time-spans.ts'

/**
 * The rows: `iI run` the head of a run, written last; `iF run n` a part of its filter; `iR run bucket` its records in
 * the order of their bytes. A record is 8 bytes: the fingerprint spread to 32 bits, 14 bits of the fingerprint itself,
 * and the offset in the run in 18 bits; so one look-up in some 260 million finds a record of another id, which costs a
 * read.
 */
const HEAD = 'iI'
const FILTER = 'iF'
const RECORDS = 'iR'
const LAYOUT = 2

/** Bits of an offset in a record: a run is at most that long. */
export const OFFSET_BITS_MAX = 18
const LOW_MASK = 2 ** (32 - OFFSET_BITS_MAX) - 1
/** A bucket has some 2^9 records: 4 kB. */
const BUCKET_RECORD_BITS = 9
const FILTER_ROW_BYTES = 16_384
/** Filters in memory, for some 40 million ids: of runs that were asked for times that are theirs. */
const FILTERS_BYTES_MAX = 64 * 2 ** 20

/** What is known of a run without reading it. */
interface IdRunHead {
  readonly times: TimeSpans
  readonly filterBytes: number
}

/**
 * The ids of old runs of the log: sorted, in rows. Of each run the times are in memory, and the filter once it was
 * asked for; most ids are ruled out by these. A row that is missing or damaged has its run made again.
 */
export class IdRuns {
  readonly #rows: Rows
  readonly #turn: Turn
  readonly #bits: number
  readonly #secret: readonly [number, number]
  readonly #remake: (run: number) => Promise<RecentIds>
  readonly #heads: IdRunHead[] = []
  /** The first and the last time of each run, flat: most are ruled out by these. */
  readonly #from: number[] = []
  readonly #to: number[] = []
  /** By run, what was used last after. */
  readonly #filters = new Map<number, IdFilter>()
  #filtersBytes = 0
  readonly #underWay = new Map<number, Promise<unknown>>()

  /**
   * @param turn - is awaited between the pieces of a run that is written.
   * @param bits - a run has `2 ** bits` entries.
   * @param secret - under which the fingerprints are made: runs of others do not hold.
   * @param remake - the ids of a run, made from the log again.
   */
  constructor(
    rows: Rows,
    turn: Turn,
    bits: number,
    secret: readonly [number, number],
    remake: (run: number) => Promise<RecentIds>,
  ) {
    assert(bits <= OFFSET_BITS_MAX, `a run has at most 2^${OFFSET_BITS_MAX} entries`)
    this.#rows = rows
    this.#turn = turn
    this.#bits = bits
    this.#secret = secret
    this.#remake = remake
  }

  /** How many runs there are. */
  get count(): number {
    return this.#heads.length
  }

  /** Takes up the first `count` runs, makes those that do not hold, and deletes what lies after. */
  async open(count: number): Promise<void> {
    for (const letters of [HEAD, FILTER, RECORDS])
      await this.#rows.deleteRows(rowKey(letters, count), rowKey(letters, 2 ** 32 - 1))
    const found = await rowsByNumber(this.#rows, HEAD, count, payload => this.#readHead(payload))
    for (let run = 0; run < count; run++) {
      const head = found.get(run)
      if (head === undefined) await this.write(run, await this.#remake(run))
      else this.#note(run, head)
    }
  }

  /** Writes a run, a piece after the other. A crash before the end leaves no head, and so no run. */
  async write(run: number, ids: RecentIds): Promise<void> {
    const filter = await filterOf(ids, this.#turn)
    const bytes = filter.toBytes()
    const writer = new RowWriter(this.#rows)
    for (let at = 0, n = 0; at < bytes.length; at += FILTER_ROW_BYTES, n++)
      await writer.put(rowKey(FILTER, run, n), bytes.subarray(at, at + FILTER_ROW_BYTES))
    const { records, ends } = await inBuckets(ids, this.#bucketBits, this.#turn)
    for (let bucket = 0, start = 0; bucket < ends.length; start = ends[bucket++]!) {
      const sorted = records.subarray(start, ends[bucket]).sort()
      const payload = new Uint8Array(sorted.buffer, sorted.byteOffset, sorted.byteLength)
      await writer.put(rowKey(RECORDS, run, bucket), payload)
    }
    const head = [LAYOUT, this.#bits, ...this.#secret, bytes.length, ...ids.times.toArray()]
    await writer.put(rowKey(HEAD, run), new Uint8Array(new Float64Array(head).buffer))
    await writer.flush()
    this.#note(run, { times: TimeSpans.from(ids.times.toArray()), filterBytes: bytes.length })
  }

  #note(run: number, head: IdRunHead): void {
    const spans = head.times.toArray()
    this.#heads[run] = head
    this.#from[run] = spans[0] ?? 0
    this.#to[run] = spans.at(-1) ?? -1
  }

  /** The runs below `below` that may have an id of `[fromMs, toMs]`; one shared empty list for none. */
  overlapping(fromMs: number, toMs: number, below: number): readonly number[] {
    let runs: number[] | undefined
    for (let run = Math.min(below, this.#heads.length) - 1; run >= 0; run--) {
      if (toMs < this.#from[run]! || fromMs > this.#to[run]!) continue
      if (!this.#heads[run]!.times.overlaps(fromMs, toMs)) continue
      runs ??= []
      runs.push(run)
      this.#use(run)
    }
    return runs ?? NO_RUNS
  }

  /** Whether an id may stand in a run, without reading: true also while its filter is not in memory. */
  mayHave(run: number, timeMs: number, low: number, high: number): boolean {
    return this.#heads[run]!.times.overlaps(timeMs, timeMs) && (this.#filters.get(run)?.mayHave(low, high) ?? true)
  }

  /** Onto `found`, the log indexes in a run at which the id may stand. One read, of 4 kB. */
  async find(run: number, low: number, high: number, found: number[]): Promise<void> {
    const filter = this.#filters.get(run) ?? (await this.#once(run, () => this.#loadFilter(run)))
    if (!filter.mayHave(low, high)) return
    const hash = spread(low, high)
    const bits = this.#bucketBits
    const records = await this.#read(run, rowKey(RECORDS, run, bits === 0 ? 0 : hash >>> (32 - bits)))
    const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
    for (let at = 0; at < records.length; at += 8) {
      const rest = view.getUint32(at, true)
      if (view.getUint32(at + 4, true) !== hash || rest >>> OFFSET_BITS_MAX !== (low & LOW_MASK)) continue
      found.push(run * 2 ** this.#bits + (rest & (2 ** OFFSET_BITS_MAX - 1)))
    }
  }

  /** Has the filter of a run, if it is in memory, be the last to go. */
  #use(run: number): void {
    const filter = this.#filters.get(run)
    if (filter === undefined) return
    this.#filters.delete(run)
    this.#filters.set(run, filter)
  }

  get #bucketBits(): number {
    return Math.max(0, this.#bits - BUCKET_RECORD_BITS)
  }

  #readHead(payload: Uint8Array | undefined): IdRunHead | undefined {
    if (payload === undefined || payload.length % 8 !== 0) return undefined
    const [layout, bits, k0, k1, filterBytes, ...spans] = new Float64Array(payload.slice().buffer)
    if (layout !== LAYOUT || bits !== this.#bits || filterBytes === undefined) return undefined
    if (k0 !== this.#secret[0] || k1 !== this.#secret[1]) return undefined
    return { times: TimeSpans.from(spans), filterBytes }
  }

  async #loadFilter(run: number): Promise<IdFilter> {
    const head = this.#heads[run]!
    const bytes = new Uint8Array(head.filterBytes)
    for (let at = 0, n = 0; at < bytes.length; at += FILTER_ROW_BYTES, n++) {
      const part = await this.#read(run, rowKey(FILTER, run, n))
      // Made again, a run may have an id more, which stands in an earlier one too: its filter may be longer.
      if (this.#heads[run] !== head) return this.#loadFilter(run)
      bytes.set(part, at)
    }
    const filter = IdFilter.from(bytes)!
    this.#filters.set(run, filter)
    this.#filtersBytes += filter.sizeBytes
    for (const [oldest, { sizeBytes }] of this.#filters) {
      if (this.#filtersBytes <= FILTERS_BYTES_MAX) break
      this.#filters.delete(oldest)
      this.#filtersBytes -= sizeBytes
    }
    return filter
  }

  /** The payload of a row of a run, which is made again where that row does not hold. */
  async #read(run: number, key: Uint8Array): Promise<Uint8Array> {
    const payload = openRow(key, await this.#rows.readRow(key))
    if (payload !== undefined) return payload
    await this.#once(-1 - run, async () => this.write(run, await this.#remake(run)))
    return openRow(key, await this.#rows.readRow(key))!
  }

  /** Does what is asked for under a name, once for all who ask while it is being done. */
  #once<T>(name: number, what: () => Promise<T>): Promise<T> {
    const begun = this.#underWay.get(name)
    if (begun !== undefined) return begun as Promise<T>
    const promise = what().finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, promise)
    return promise
  }
}

const NO_RUNS: readonly number[] = []

/** Ids after which others have their turn: less than a millisecond. */
const SLICE = 2 ** 13

async function filterOf({ low, high, count }: RecentIds, turn: Turn): Promise<IdFilter> {
  const filter = IdFilter.for(count)
  for (let from = 0; from < low.length; from += SLICE) {
    const to = Math.min(low.length, from + SLICE)
    for (let offset = from; offset < to; offset++) if (high[offset] !== 0) filter.add(low[offset]!, high[offset]!)
    await turn()
  }
  return filter
}

/** The records of a run by buckets, not yet sorted within, and where in them each bucket ends. Three passes. */
async function inBuckets(
  { low, high, count }: RecentIds,
  bits: number,
  turn: Turn,
): Promise<{ records: BigUint64Array; ends: Uint32Array }> {
  const hashes = new Uint32Array(low.length)
  const ends = new Uint32Array(2 ** bits)
  const bucketOf = (hash: number) => (bits === 0 ? 0 : hash >>> (32 - bits))
  for (let offset = 0; offset < low.length; offset++) {
    if (offset % SLICE === 0) await turn()
    if (high[offset] === 0) continue
    hashes[offset] = spread(low[offset]!, high[offset]!)
    ends[bucketOf(hashes[offset]!)]!++
  }
  for (let bucket = 0, start = 0; bucket < ends.length; bucket++) {
    const size = ends[bucket]!
    ends[bucket] = start
    start += size
  }
  // Two words a record, the low one first: as one number of 64 bits on every machine that Node runs on.
  const words = new Uint32Array(2 * count)
  for (let offset = 0; offset < low.length; offset++) {
    if (offset % SLICE === 0) await turn()
    if (high[offset] === 0) continue
    const record = ends[bucketOf(hashes[offset]!)]!++
    words[2 * record] = (((low[offset]! & LOW_MASK) << OFFSET_BITS_MAX) | offset) >>> 0
    words[2 * record + 1] = hashes[offset]!
  }
  return { records: new BigUint64Array(words.buffer), ends }
}
