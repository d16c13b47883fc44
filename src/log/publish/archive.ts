import { ARCHIVE_MS, SEALED_BYTES_MAX } from '../../core/limits.ts'
import { formatSealed, type SealedCheckpoint } from '../../verify/sealed-checkpoint.ts'
import { ArchiveError } from '../failure.ts'
import type { WitnessTime } from '../intake/clock.ts'

/** Where checkpoints are kept that witnesses cosigned: lines that are only added to, in files of `ARCHIVE_LINES`. */
export interface ArchiveFiles {
  /** Adds a line, durably. */
  add(line: string): Promise<void>
  /** File number `n` as it is now; undefined after the last. */
  read(n: number): Promise<Uint8Array | undefined>
}

/**
 * Keeps a checkpoint each ten minutes under the cosignatures of a quorum: what shows later that ledger time was right,
 * or was not, also when the time that it named has come since. SPEC §11.
 */
export class Archive {
  readonly #files: ArchiveFiles
  readonly #isQuorum: (names: readonly string[]) => boolean
  readonly #onTrouble: (what: string) => void
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(files: ArchiveFiles, isQuorum: (names: readonly string[]) => boolean, onTrouble: (what: string) => void) {
    this.#files = files
    this.#isQuorum = isQuorum
    this.#onTrouble = onTrouble
  }

  /** File number `n` as it is now; undefined after the last. */
  read(n: number): Promise<Uint8Array | undefined> {
    return this.#files.read(n)
  }

  /** Keeps what was published, if enough cosigned it and it is time for one. Never rejects. */
  async published(sealed: SealedCheckpoint, times: readonly WitnessTime[]): Promise<void> {
    if (times.length === 0 || !this.#isQuorum(times.map(({ name }) => name))) return
    const cosignedMs = 1000 * Math.min(...times.map(({ seconds }) => seconds))
    // By the times of witnesses: the clock of the ledger is what they vouch for. One that went back is no reason to
    // keep none.
    if (Math.abs(cosignedMs - this.#lastMs) < ARCHIVE_MS) return
    try {
      const line = formatSealed(sealed)
      if (line.length > SEALED_BYTES_MAX) throw new ArchiveError('archive-size', `its line has ${line.length} bytes`)
      await this.#files.add(line)
      this.#lastMs = cosignedMs
    } catch (error) {
      this.#onTrouble(`A cosigned checkpoint was not kept: ${(error as Error).message}`)
    }
  }
}
