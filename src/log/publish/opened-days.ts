import { totalsRoot, type UnitTotals } from '../../account/account.ts'
import { DAY_MS } from '../../account/dates.ts'
import { equalBytes } from '../../core/bytes.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { OPENED_BYTES_MAX } from '../../core/limits.ts'
import { parseCheckpoint } from '../../core/note/checkpoint.ts'
import { parseNote } from '../../core/note/note.ts'
import { formatOpened, parseOpened, sealedDay, totalsMessage } from '../../verify/opened-totals.ts'
import type { SealedCheckpoint } from '../../verify/sealed-checkpoint.ts'
import { ArchiveError } from '../failure.ts'
import type { WitnessTime } from '../intake/clock.ts'
import type { ArchiveFiles } from './archive.ts'
import { MissedDays, type MissedDaysParts } from './missed-days.ts'

/** Where opened totals are kept: lines that are only added to. */
export interface OpenedFiles extends ArchiveFiles {
  /** The last line, without its newline; undefined where there is none. */
  last(): Promise<string | undefined>
}

/** What a seal that was published commits to, and who cosigned its checkpoint. */
export interface PublishedSeal {
  readonly sealed: SealedCheckpoint
  /** The totals of the state that was sealed; undefined where that is not known any more, as after a start. */
  readonly totals: readonly UnitTotals[] | undefined
  readonly times: readonly WitnessTime[]
}

export interface OpenedDaysParts extends MissedDaysParts {
  readonly files: OpenedFiles
  readonly isQuorum: (names: readonly string[]) => boolean
  readonly onTrouble: (what: string) => void
}

/** What of the options of a log is for them. */
export interface OpenedDaysOptions {
  readonly opened?: OpenedFiles
  readonly isQuorum?: (names: readonly string[]) => boolean
  readonly onNotice?: (what: string) => void
}

/** From so late in a day on, a seal is opened that no quorum cosigned: better one than none. */
const LATE_MS = DAY_MS / 2

/**
 * Opens the totals of one seal of each day (UTC, by ledger time), the first that is published with the cosignatures of
 * a quorum: for everyone, under the log's signature. SPEC §11.
 */
export class OpenedDays {
  readonly #parts: OpenedDaysParts
  readonly #missed: MissedDays
  #last: { readonly day: number; readonly size: number } | undefined
  /** Before which day it was looked for missed ones, and who opens those that were found. */
  #lookedTo = -1
  #opening: Promise<void> | undefined

  constructor(parts: OpenedDaysParts) {
    this.#parts = parts
    this.#missed = new MissedDays(parts)
  }

  /** Where there are files for it. */
  static of(
    { opened: files, isQuorum = () => true, onNotice: onTrouble = () => {} }: OpenedDaysOptions,
    parts: MissedDaysParts,
  ): OpenedDays | undefined {
    return files && new OpenedDays({ ...parts, files, isQuorum, onTrouble })
  }

  /** File number `n` as it is now; undefined after the last. */
  read(n: number): Promise<Uint8Array | undefined> {
    return this.#parts.files.read(n)
  }

  /**
   * Opens what was published, if its day has no opened seal yet; days before it that have none first, which goes on
   * beside everything else. Never rejects: the next seal of the day is another try.
   */
  async published({ sealed, totals, times }: PublishedSeal): Promise<void> {
    const { files, isQuorum } = this.#parts
    try {
      const seal = decodeSeal(sealed.seal)
      const day = sealedDay(seal)
      this.#last ??= lastOf(await files.last())
      if (day <= this.#last.day || this.#opening !== undefined) return
      if (day > this.#lookedTo && (await this.#openMissed(day))) return
      const isEarly = seal.time - day * DAY_MS < LATE_MS
      if (totals === undefined || (isEarly && !isQuorum(times.map(({ name }) => name)))) return
      await this.#open(sealed, totals)
    } catch (error) {
      this.#say(error)
    }
  }

  /** Ends what is being opened. */
  async close(): Promise<void> {
    this.#missed.close()
    await this.#opening
  }

  /** Begins to open days before this one, where there are any without an opened seal; returns whether there are. */
  async #openMissed(end: number): Promise<boolean> {
    this.#lookedTo = end
    const days = await this.#missed.between(this.#last!, end)
    if (days.length === 0) return false
    this.#opening = this.#openAll(days)
      .catch(error => this.#say(error))
      .finally(() => {
        this.#opening = undefined
      })
    return true
  }

  async #openAll(days: Parameters<MissedDays['of']>[0]): Promise<void> {
    for await (const { sealed, totals } of this.#missed.of(days)) {
      // One that cannot be opened, as its salt is lost, keeps none of the others from it.
      await this.#open(sealed, totals).catch(error => this.#say(error))
    }
  }

  async #open(sealed: SealedCheckpoint, totals: readonly UnitTotals[]): Promise<void> {
    const { files, saltOf, signer, ledger } = this.#parts
    const seal = decodeSeal(sealed.seal)
    const salt = saltOf(seal.epoch)
    // What does not open its seal convicts the log, whatever went wrong.
    if (!equalBytes(totalsRoot(salt, totals), seal.totalsRoot))
      throw new ArchiveError('archive-totals', 'they are not those of the seal')
    const opened = { ...sealed, ledgerId: ledger.state.ledgerId!, salt, units: totals }
    const line = formatOpened({ ...opened, signature: await signer.sign(totalsMessage(opened)) })
    if (line.length > OPENED_BYTES_MAX) throw new ArchiveError('archive-size', `their line has ${line.length} bytes`)
    await files.add(line)
    this.#last = lastOf(line)
  }

  #say(error: unknown): void {
    this.#parts.onTrouble(`The totals of a day were not opened: ${(error as Error).message}`)
  }
}

/** The day of the seal that a line opens, and the size of its checkpoint; before all days where there is none. */
function lastOf(line: string | undefined): { readonly day: number; readonly size: number } {
  if (line === undefined) return { day: -1, size: 0 }
  const { checkpoint, seal } = parseOpened(line.trimEnd())
  return { day: sealedDay(decodeSeal(seal)), size: parseCheckpoint(parseNote(checkpoint).text).size }
}
