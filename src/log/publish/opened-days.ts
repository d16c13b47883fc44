import { totalsRoot, type UnitTotals } from '../../account/account.ts'
import { DAY_MS } from '../../account/dates.ts'
import { equalBytes } from '../../core/bytes.ts'
import { signEd25519 } from '../../core/crypto/ed25519.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { OPENED_BYTES_MAX } from '../../core/limits.ts'
import type { Ledger } from '../../ledger/index.ts'
import { formatOpened, parseOpened, sealedDay, totalsMessage } from '../../verify/opened-totals.ts'
import type { SealedCheckpoint } from '../../verify/sealed-checkpoint.ts'
import type { WitnessTime } from '../intake/clock.ts'
import type { ArchiveFiles } from './archive.ts'

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

export interface OpenedDaysParts {
  readonly files: OpenedFiles
  readonly isQuorum: (names: readonly string[]) => boolean
  readonly saltOf: (epoch: number) => Uint8Array
  /** Seed of the log's key, which signs what is said of a seal. */
  readonly seed: Uint8Array
  readonly ledger: Ledger
  readonly onTrouble: (what: string) => void
}

/** From so late in a day on, a seal is opened that no quorum cosigned: better one than none. */
const LATE_MS = DAY_MS / 2

/**
 * Opens the totals of one seal of each day (UTC, by ledger time), the first that is published with the cosignatures of
 * a quorum: for everyone, under the log's signature. SPEC §11.
 */
export class OpenedDays {
  readonly #parts: OpenedDaysParts
  #lastDay: number | undefined

  constructor(parts: OpenedDaysParts) {
    this.#parts = parts
  }

  /** Where there are files for it. */
  static of(files: OpenedFiles | undefined, parts: Omit<OpenedDaysParts, 'files'>): OpenedDays | undefined {
    return files && new OpenedDays({ ...parts, files })
  }

  /** File number `n` as it is now; undefined behind the last. */
  read(n: number): Promise<Uint8Array | undefined> {
    return this.#parts.files.read(n)
  }

  /**
   * Opens what was published, if its day has no opened seal yet. Never rejects: the next seal of the day is another
   * try.
   */
  async published({ sealed, totals, times }: PublishedSeal): Promise<void> {
    const { files, isQuorum, saltOf, seed, ledger, onTrouble } = this.#parts
    try {
      const seal = decodeSeal(sealed.seal)
      const day = sealedDay(seal)
      this.#lastDay ??= dayOf(await files.last())
      const isEarly = seal.time - day * DAY_MS < LATE_MS
      if (day <= this.#lastDay || totals === undefined) return
      if (isEarly && !isQuorum(times.map(({ name }) => name))) return
      const salt = saltOf(seal.epoch)
      // What does not open its seal convicts the log, whatever went wrong.
      if (!equalBytes(totalsRoot(salt, totals), seal.totalsRoot)) throw new Error('they are not those of the seal')
      const opened = { ...sealed, ledgerId: ledger.state.ledgerId!, salt, units: totals }
      const line = formatOpened({ ...opened, signature: signEd25519(seed, totalsMessage(opened)) })
      if (line.length > OPENED_BYTES_MAX) throw new Error(`their line has ${line.length} bytes`)
      await files.add(line)
      this.#lastDay = day
    } catch (error) {
      onTrouble(`The totals of the day were not opened: ${(error as Error).message}`)
    }
  }
}

/** The day of the seal that a line opens; before all days where there is none. */
function dayOf(line: string | undefined): number {
  return line === undefined ? -1 : sealedDay(decodeSeal(parseOpened(line).seal))
}
