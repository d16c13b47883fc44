import { mix, openRow, type Row, type Rows, RowWriter, rowKey, sealRow } from '../rows.ts'
import { RecentIds } from './recent-ids.ts'
import { TimeSpans } from './time-spans.ts'

/**
 * The rows: `iH` the head, `iK run part` the fingerprints of a part of the run's entries, 8 bytes an entry, zeros for
 * none.
 */
const HEAD = rowKey('iH')
const PARTS = 'iK'
const LAYOUT = 1
/** A run has at most 2^6 parts: of 2^18 entries, rows of 32 kB. */
const PARTS_BITS = 6

/** What has the ids below a log size stand in rows. */
export interface IdsCut {
  /** With it they do, for anyone who begins at that size; before it, those that were kept before. */
  readonly head: Row
  /** Not needed any more with that head, if anything: from a key to below another. */
  readonly obsolete: readonly [from: Uint8Array, to: Uint8Array] | undefined
}

/**
 * The ids of the run of the log that is not full yet, as they were kept at some log size: for anyone who begins there,
 * and would have to read the run's entries again. Written are the parts of the run to which entries came since, so that
 * it costs 8 bytes an entry, and one part more, however often. A part that stands already gets longer: of what is
 * there, the head says how much counts, and what that adds up to.
 */
export class OpenRun {
  readonly #rows: Rows
  readonly #bits: number
  readonly #secret: readonly [number, number]
  /** Log size up to which parts are in rows. */
  #size = 0

  /** @param bits - a run has `2 ** bits` entries. @param secret - under which the fingerprints are made. */
  constructor(rows: Rows, bits: number, secret: readonly [number, number]) {
    this.#rows = rows
    this.#bits = bits
    this.#secret = secret
  }

  /** Writes the ids of the run in which log size `size` lies, but for the head. None of them is taken back any more. */
  async keep(ids: RecentIds, size: number): Promise<IdsCut> {
    const { first } = ids
    const [run, count] = [first / 2 ** this.#bits, size - first]
    const isNew = this.#size < first
    const writer = new RowWriter(this.#rows)
    for (let part = isNew ? 0 : this.#partOf(this.#size - first); part * this.#partEntries < count; part++) {
      const from = part * this.#partEntries
      await writer.put(rowKey(PARTS, run, part), pairsOf(ids, from, Math.min(count, from + this.#partEntries)))
    }
    await writer.flush()
    this.#size = size
    const head = [LAYOUT, this.#bits, ...this.#secret, size, sumOf(ids, count), ...ids.times.toArray()]
    return {
      head: sealRow(HEAD, new Uint8Array(new Float64Array(head).buffer)),
      obsolete: isNew ? [rowKey(PARTS, 0), rowKey(PARTS, run)] : undefined,
    }
  }

  /**
   * What was kept of the entries `[first, size)` of a run; undefined where it was not, or does not hold. Forgets what
   * was kept of more entries: there may come others.
   */
  async read(first: number, size: number): Promise<RecentIds | undefined> {
    const payload = openRow(HEAD, await this.#rows.readRow(HEAD))
    if (payload === undefined || payload.length % 8 !== 0) return undefined
    const [layout, bits, k0, k1, kept, sum, ...spans] = new Float64Array(payload.slice().buffer)
    if (layout !== LAYOUT || bits !== this.#bits || k0 !== this.#secret[0] || k1 !== this.#secret[1]) return undefined
    if (kept! > size) await this.#rows.deleteRows(HEAD, rowKey('iH', 0))
    if (kept !== size) return undefined
    const ids = new RecentIds(first, size - first, TimeSpans.from(spans))
    for (let part = 0, offset = 0; offset < size - first; part++) {
      const key = rowKey(PARTS, first / 2 ** this.#bits, part)
      const pairs = openRow(key, await this.#rows.readRow(key))
      const end = Math.min(size - first, offset + this.#partEntries)
      if (pairs === undefined || pairs.length < 8 * (end - offset)) return undefined
      const words = new Uint32Array(pairs.slice().buffer)
      for (let at = 0; offset < end; at += 2, offset++)
        if (words[at + 1] !== 0) ids.add(words[at]!, words[at + 1]!, offset)
    }
    if (sumOf(ids, size - first) !== sum) return undefined
    this.#size = size
    return ids
  }

  get #partEntries(): number {
    return 2 ** Math.max(0, this.#bits - PARTS_BITS)
  }

  #partOf(offset: number): number {
    return Math.floor(offset / this.#partEntries)
  }
}

/** The fingerprints at the offsets from `from` to below `to`, low and high of each. */
function pairsOf({ low, high }: RecentIds, from: number, to: number): Uint8Array {
  const words = new Uint32Array(2 * (to - from))
  // The last entries of a run, which have no ids, its lists may not reach.
  for (let offset = from; offset < Math.min(to, low.length); offset++) {
    words[2 * (offset - from)] = low[offset]!
    words[2 * (offset - from) + 1] = high[offset]!
  }
  return new Uint8Array(words.buffer)
}

/** A sum over the fingerprints at the first `count` offsets: parts that are each whole may be of different times. */
function sumOf({ low, high }: RecentIds, count: number): number {
  let sum = count
  for (let offset = 0; offset < Math.min(count, low.length); offset++) sum = mix(mix(sum, low[offset]!), high[offset]!)
  return sum >>> 0
}
