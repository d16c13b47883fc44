import { openRow, type Rows, RowWriter, rowKey, rowsByNumber, type Turn } from '../rows.ts'
import { KeptPostings } from './kept-postings.ts'
import { packPostings, unpackBusy, unpackPostings } from './postings-row.ts'
import type { RecentPositions } from './recent-positions.ts'

/**
 * The rows: `iQ run` the head of a run, written last; `iP group run` the postings of a group of accounts in the run;
 * `iB account run` those of an account that has too many to be read whenever one of its group is; `iO run part` which
 * entries of a part of the run opened accounts. A group's rows stand beside each other whatever their run: those of an
 * account are found in few blocks.
 */
const HEAD = 'iQ'
const POSTINGS = 'iP'
const BUSY = 'iB'
const OPENINGS = 'iO'
const LAYOUT = 3

/** Accounts of a group: at 2^18 entries a run and a million accounts, a row of half a kilobyte. */
const GROUP_BITS = 9
const GROUP_ACCOUNTS = 2 ** GROUP_BITS
/** Runs whose rows are read at once. */
const READ_RUNS = 128
/** Postings in a run from which on an account is busy, in a run that is long. */
const BUSY_FROM = 64
/** Entries of a part: a row of two kilobytes. */
const PART_BITS = 14

/** What is known of a run without reading it. */
interface PositionRunHead {
  /** Number of the account that is opened first in the run, and how many are. */
  readonly firstAccount: number
  readonly opened: number
  /** A bit for each group of accounts that has a row, so that one that is missing is found out. */
  readonly groups: Uint8Array
}

/** Where things stand in old runs of the log: in rows. A row that is missing or damaged has its run made again. */
export class PositionRuns {
  readonly #rows: Rows
  readonly #turn: Turn
  readonly #bits: number
  readonly #remake: (run: number, firstAccount: number) => Promise<RecentPositions>
  readonly #heads: PositionRunHead[] = []
  readonly #underWay = new Map<number, Promise<void>>()
  readonly #kept = new KeptPostings()

  /**
   * @param turn - is awaited between the pieces of a run that is written.
   * @param bits - a run has `2 ** bits` entries.
   * @param remake - where things stand in a run, made from the log again.
   */
  constructor(
    rows: Rows,
    turn: Turn,
    bits: number,
    remake: (run: number, firstAccount: number) => Promise<RecentPositions>,
  ) {
    this.#rows = rows
    this.#turn = turn
    this.#bits = bits
    this.#remake = remake
  }

  /** How many runs there are. */
  get count(): number {
    return this.#heads.length
  }

  /** How many accounts they opened. */
  get accounts(): number {
    const last = this.#heads.at(-1)
    return last === undefined ? 0 : last.firstAccount + last.opened
  }

  /** Takes up the first `count` runs, and makes those that do not hold. Rows of later ones are written over. */
  async open(count: number): Promise<void> {
    await this.#rows.deleteRows(rowKey(HEAD, count), rowKey(HEAD, 2 ** 32 - 1))
    const found = await rowsByNumber(this.#rows, HEAD, count, payload => this.#readHead(payload))
    for (let run = 0; run < count; run++) {
      const head = found.get(run)
      if (head !== undefined && head.firstAccount === this.accounts) this.#heads.push(head)
      else await this.write(run, await this.#remake(run, this.accounts))
    }
  }

  /** Writes a run, a piece after the other. A crash before the end leaves no head, and so no run. */
  async write(run: number, recent: RecentPositions): Promise<void> {
    const { opened, firstAccount } = recent
    const turn = this.#turn
    const { groups, postings, ends } = await inGroups(recent, turn)
    const writer = new RowWriter(this.#rows)
    for (let group = 0, start = 0, turned = 0; group < ends.length; start = ends[group++]!) {
      if (ends[group] === start) continue
      if (start - turned >= SORTED) {
        await turn()
        turned = start
      }
      const sorted = postings.subarray(start, ends[group]).sort()
      const { bytes, busy } = packPostings(sorted, group * GROUP_ACCOUNTS, this.#busyFrom)
      await writer.put(rowKey(POSTINGS, group, run), bytes)
      for (const { account, bytes } of busy) await writer.put(rowKey(BUSY, account, run), bytes)
    }
    for (let part = 0; opened.length > 0 && part < this.#parts; part++)
      await writer.put(rowKey(OPENINGS, run, part), this.#openings(recent, part))
    const head = new Uint8Array(16 + groups.length)
    head.set(new Uint8Array(Uint32Array.of(LAYOUT, this.#bits, firstAccount, opened.length).buffer))
    head.set(groups, 16)
    await writer.put(rowKey(HEAD, run), head)
    await writer.flush()
    this.#heads[run] = { firstAccount, opened: opened.length, groups }
    await this.#kept.extend(run, recent, turn)
  }

  /**
   * Log indexes of the postings of an account in the first `runs` runs, in order. Of an account that was asked for
   * lately no read; otherwise one for up to 128 runs that have a row of its group. Where it is busy is known only from
   * that row, so its own rows are asked for beside them: a row that is not there costs less than to wait for another
   * read.
   */
  async entriesOf(account: number, runs: number): Promise<readonly number[]> {
    const known = this.#kept.get(account)
    if (known !== undefined && known.runs >= runs) return known.indexes.filter(index => index < runs * 2 ** this.#bits)
    const group = account >>> GROUP_BITS
    const indexes = [...(known?.indexes ?? [])]
    const inRuns: number[] = []
    for (let run = known?.runs ?? 0; run < runs; run++) if (this.#hasGroup(run, group)) inRuns.push(run)
    for (let at = 0; at < inRuns.length; at += READ_RUNS) {
      const some = inRuns.slice(at, at + READ_RUNS)
      const keys = some.flatMap(run => [rowKey(POSTINGS, group, run), rowKey(BUSY, account, run)])
      const values = await this.#rows.readMany(keys)
      const row = (i: number) => openRow(keys[i]!, values[i])
      for (const [i, run] of some.entries()) {
        const payload = row(2 * i)
        let offsets = payload && unpackPostings(payload, group * GROUP_ACCOUNTS, this.#busyFrom, account)
        if (offsets === 'busy') {
          const busy = row(2 * i + 1)
          offsets = busy && unpackBusy(busy)
        }
        if (offsets === undefined) {
          await this.#mend(run)
          return this.entriesOf(account, runs)
        }
        for (const offset of offsets) indexes.push(run * 2 ** this.#bits + offset)
      }
    }
    this.#kept.set(account, { runs, indexes })
    return indexes
  }

  /** Number of the account that the entry at a log index opened, if it did. At most one read, of 2 kB. */
  async accountOpenedAt(logIndex: number): Promise<number | undefined> {
    const run = Math.floor(logIndex / 2 ** this.#bits)
    if (this.#heads[run]!.opened === 0) return undefined
    const offset = logIndex % 2 ** this.#bits
    const key = rowKey(OPENINGS, run, offset >>> this.#partBits)
    const payload = openRow(key, await this.#rows.readRow(key))
    if (payload === undefined) {
      await this.#mend(run)
      return this.accountOpenedAt(logIndex)
    }
    const at = offset % 2 ** this.#partBits
    const bits = payload.subarray(4)
    if ((bits[at >>> 3]! & (1 << (at & 7))) === 0) return undefined
    let before = new DataView(payload.buffer, payload.byteOffset).getUint32(0)
    for (let i = 0; i < at; i++) before += (bits[i >>> 3]! >>> (i & 7)) & 1
    return before
  }

  get #busyFrom(): number {
    return Math.min(BUSY_FROM, 2 ** this.#bits / 8)
  }

  get #partBits(): number {
    return Math.min(PART_BITS, this.#bits)
  }

  /** How many parts a run has. */
  get #parts(): number {
    return 2 ** (this.#bits - this.#partBits)
  }

  /** Number of the account that the first entry of a part which opens one opens, and a bit for each entry. */
  #openings(recent: RecentPositions, part: number): Uint8Array {
    const { opened, first, firstAccount } = recent
    const begin = part << this.#partBits
    const payload = new Uint8Array(4 + Math.ceil(2 ** this.#partBits / 8))
    const before = recent.openedBefore(first + begin)
    new DataView(payload.buffer).setUint32(0, firstAccount + before)
    for (let i = before; i < opened.length && opened[i]! < begin + 2 ** this.#partBits; i++) {
      const at = opened[i]! - begin
      payload[4 + (at >>> 3)]! |= 1 << (at & 7)
    }
    return payload
  }

  #readHead(payload: Uint8Array | undefined): PositionRunHead | undefined {
    if (payload === undefined || payload.length < 16) return undefined
    const [layout, bits, firstAccount, opened] = new Uint32Array(payload.slice(0, 16).buffer)
    if (layout !== LAYOUT || bits !== this.#bits) return undefined
    return { firstAccount: firstAccount!, opened: opened!, groups: payload.slice(16) }
  }

  #hasGroup(run: number, group: number): boolean {
    return ((this.#heads[run]!.groups[group >>> 3] ?? 0) & (1 << (group & 7))) !== 0
  }

  /** Makes a run again, once for all who ask while it is being done. */
  #mend(run: number): Promise<void> {
    const begun = this.#underWay.get(run)
    if (begun !== undefined) return begun
    const promise = this.#remake(run, this.#heads[run]!.firstAccount)
      .then(recent => this.write(run, recent))
      .finally(() => this.#underWay.delete(run))
    this.#underWay.set(run, promise)
    return promise
  }
}

/** Postings after which others have their turn: less than a millisecond. And those that are sorted and packed. */
const SLICE = 2 ** 14
const SORTED = 2 ** 11

/**
 * The postings of a run by groups of accounts, not yet sorted within, where each group ends, and a bit for each that
 * has any.
 */
async function inGroups({ accounts, offsets, count }: RecentPositions, turn: Turn) {
  let last = -1
  for (let i = 0; i < count; i++) last = Math.max(last, accounts[i]! >>> GROUP_BITS)
  const ends = new Uint32Array(last + 1)
  for (let i = 0; i < count; i++) {
    if (i % SLICE === 0) await turn()
    ends[accounts[i]! >>> GROUP_BITS]!++
  }
  const groups = new Uint8Array(Math.ceil((last + 1) / 8))
  for (let group = 0, start = 0; group <= last; group++) {
    const size = ends[group]!
    if (size > 0) groups[group >>> 3]! |= 1 << (group & 7)
    ends[group] = start
    start += size
  }
  // Two words a posting, the low one first: as one number of 64 bits on every machine that Node runs on.
  const words = new Uint32Array(2 * count)
  for (let i = 0; i < count; i++) {
    if (i % SLICE === 0) await turn()
    const posting = ends[accounts[i]! >>> GROUP_BITS]!++
    words[2 * posting] = offsets[i]!
    words[2 * posting + 1] = accounts[i]!
  }
  return { groups, postings: new BigUint64Array(words.buffer), ends }
}
