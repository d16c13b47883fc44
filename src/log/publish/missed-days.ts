import type { UnitTotals } from '../../account/account.ts'
import { DAY_MS } from '../../account/dates.ts'
import { utf8Decode } from '../../core/bytes.ts'
import { decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL } from '../../core/entry/entry-type.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { formatCheckpoint, parseCheckpoint } from '../../core/note/checkpoint.ts'
import { formatNote, parseNote, type VerifierKey } from '../../core/note/note.ts'
import { BUNDLE_ENTRIES, runOfBundle } from '../../core/tree/tile.ts'
import { type Ledger, Replay } from '../../ledger/index.ts'
import type { Turns } from '../../node/turns.ts'
import type { EntryStore } from '../../store/index.ts'
import { sealedDay } from '../../verify/opened-totals.ts'
import { parseSealed, type SealedCheckpoint } from '../../verify/sealed-checkpoint.ts'
import { ArchiveError } from '../failure.ts'
import { type LogSigner, signNoteBy } from '../log-signer.ts'
import type { LogTree } from '../tree/log-tree.ts'
import { Head } from '../tree/tree-head.ts'
import type { Archive } from './archive.ts'

export interface MissedDaysParts {
  readonly store: EntryStore
  readonly tree: LogTree
  readonly turns: Turns
  readonly ledger: Ledger
  readonly saltOf: (epoch: number) => Uint8Array
  readonly archive: Archive | undefined
  readonly logKey: VerifierKey
  /** Seed of the log's key, which signs checkpoints. */
  readonly signer: LogSigner
}

/** A seal, and the log size after it. */
interface DaySeal {
  readonly day: number
  readonly size: number
}

/** Entries that are replayed for it at most: a replay holds the state of all accounts once more, for some seconds. */
const MISSED_ENTRIES_MAX = 2 ** 22

/**
 * Seals of days of which no totals were opened, and what they commit to: the ledger was cut off before it could, or the
 * line was lost with a disk. The salts are made from a secret and the totals from the log, so a day can be opened
 * later.
 */
export class MissedDays {
  readonly #parts: MissedDaysParts
  #isClosed = false

  constructor(parts: MissedDaysParts) {
    this.#parts = parts
  }

  /** Ends what is being replayed. */
  close(): void {
    this.#isClosed = true
  }

  /**
   * The first seal of each day that had one, of the days behind `last` and before `end`. Reads some entries a day.
   *
   * @param last - the day that was opened last, and the size of its checkpoint; −1 and 0 where none was.
   * @param end - day of a seal.
   */
  async between(last: DaySeal, end: number): Promise<DaySeal[]> {
    const { store, ledger } = this.#parts
    // What stood before in another log was for that to sign.
    const { from } = ledger.state.registry.logs.at(-1)!
    const found: DaySeal[] = []
    for (let low = Math.max(last.size, from + 1), day = last.day + 1; ; ) {
      const at = await this.#sealFrom(day * DAY_MS, low)
      if (at === undefined) return found
      const sealed = sealedDay(decodeSeal(await store.readEntry(at)))
      if (sealed >= end) return found
      found.push({ day: sealed, size: at + 1 })
      low = at + 1
      day = sealed + 1
    }
  }

  /**
   * What there is to be opened of these days, in order: under the first checkpoint of the day that a quorum cosigned,
   * where one was archived, else under one that is signed now.
   *
   * @throws ArchiveError where the log is longer than is replayed for this; StoreError; VerifyError.
   */
  async *of(
    days: readonly DaySeal[],
  ): AsyncGenerator<{ readonly sealed: SealedCheckpoint; readonly totals: readonly UnitTotals[] }> {
    const archived = await this.#archived(days)
    const sizes = days.map(({ day, size }) => archived.get(day)?.size ?? size)
    const last = sizes.at(-1)!
    if (last > MISSED_ENTRIES_MAX)
      throw new ArchiveError('archive-replay', `the log is too long to be replayed for them (${last} entries)`)
    const totals = await this.#totalsAt(sizes)
    for (const [i, { day }] of days.entries()) {
      if (this.#isClosed) return
      const sealed = archived.get(day)?.sealed ?? (await this.#sign(sizes[i]!))
      yield { sealed, totals: totals.get(sizes[i]!)! }
    }
  }

  /** Log index of the first seal at or behind `low` whose time is not before `time`; undefined where there is none. */
  async #sealFrom(time: number, low: number): Promise<number | undefined> {
    let high = this.#parts.store.size
    let from = low
    while (from < high) {
      const middle = Math.floor((from + high) / 2)
      const head = await this.#headFrom(middle)
      if (head === undefined || head.time >= time) high = middle
      else from = head.next
    }
    for (let at = from; ; ) {
      const head = await this.#headFrom(at)
      if (head === undefined || head.isSeal) return head?.at
      at = head.next
    }
  }

  /** The first batch or seal at or after an index; undefined where there is none. */
  async #headFrom(
    index: number,
  ): Promise<
    { readonly at: number; readonly time: number; readonly next: number; readonly isSeal: boolean } | undefined
  > {
    const { store } = this.#parts
    for (let at = index; at < store.size; at++) {
      const entry = await store.readEntry(at)
      if (entry[0] === ENTRY_SEAL) return { at, time: decodeSeal(entry).time, next: at + 1, isSeal: true }
      if (entry[0] !== ENTRY_BATCH) continue
      const { time, count } = decodeBatch(entry)
      return { at, time, next: at + 1 + count, isSeal: false }
    }
    return undefined
  }

  /** Of these days the first checkpoint of this log that is in the archive. */
  async #archived(
    days: readonly DaySeal[],
  ): Promise<Map<number, { readonly size: number; readonly sealed: SealedCheckpoint }>> {
    const { archive, logKey } = this.#parts
    const found = new Map<number, { size: number; sealed: SealedCheckpoint }>()
    for (let n = 0; archive !== undefined && !this.#isClosed; n++) {
      const file = await archive.read(n)
      if (file === undefined) break
      for (const line of utf8Decode(file).split('\n').slice(0, -1)) {
        const sealed = parseSealed(line)
        const day = sealedDay(decodeSeal(sealed.seal))
        if (found.has(day) || !days.some(one => one.day === day)) continue
        const { origin, size } = parseCheckpoint(parseNote(sealed.checkpoint).text)
        if (origin === logKey.name) found.set(day, { size, sealed })
      }
    }
    return found
  }

  /** The totals after seals, by log size, as the rules make them of the log. */
  async #totalsAt(sizes: readonly number[]): Promise<Map<number, readonly UnitTotals[]>> {
    const { store, tree, turns, saltOf } = this.#parts
    const found = new Map<number, readonly UnitTotals[]>()
    const replay = new Replay({
      saltOf,
      entryAt: index => store.readEntry(index),
      rootAt: size => tree.rootAt(size),
      verifySignatures: false,
      onSeal(_, size) {
        if (sizes.includes(size)) found.set(size, replay.ledger.state.totals())
      },
    })
    const end = sizes.at(-1)!
    for (let first = 0; first < end && !this.#isClosed; first += BUNDLE_ENTRIES) {
      await turns.turn()
      const width = Math.min(BUNDLE_ENTRIES, store.size - first)
      await replay.feedRun(runOfBundle(await store.readBundle(first / BUNDLE_ENTRIES), width))
    }
    return found
  }

  /** A checkpoint of so many entries: of what this log has signed, or would have. */
  async #sign(size: number): Promise<SealedCheckpoint> {
    const { store, tree, logKey, signer } = this.#parts
    const head = await Head.at(tree, size)
    const text = formatCheckpoint({ origin: logKey.name, size, root: head.root })
    const checkpoint = formatNote({ text, signatures: [await signNoteBy(signer, text, logKey)] })
    return { checkpoint, seal: await store.readEntry(size - 1), path: await head.path(size - 1) }
  }
}
