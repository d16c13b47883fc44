import type { Journal, RootAt } from '../journal/index.ts'
import type { Store } from '../store/index.ts'
import type { HeldError } from './failure.ts'
import type { Lease } from './holds.ts'
import type { Clock } from './intake/clock.ts'
import type { DiskOptions } from './intake/disk-room.ts'
import type { Preparer } from './intake/prepare.ts'
import type { LogSigner } from './log-signer.ts'
import type { ArchiveFiles } from './publish/archive.ts'
import type { OpenedFiles } from './publish/opened-days.ts'
import type { WitnessPort } from './publish/witnesses.ts'
import type { Random } from './random.ts'
import type { Place } from './recover/elsewhere.ts'

/** What a log is opened with. */
export interface LogOptions {
  readonly store: Store
  /**
   * Makes the order of commands, from the position on that the log has come to; by default one of this process alone.
   * It is the log's from then on: `close` closes it.
   */
  readonly journal?: (next: number) => Journal
  /** From which position on the log goes on, if that may be another than the store noted: `joiningPosition`. */
  readonly joinAt?: (next: number, rootAt: RootAt) => Promise<number>
  readonly clock: Clock
  /** Where the ids of its own entries come from, and the secret of its indexes; by default from the system. */
  readonly random?: Random
  /** Name of the log's key, and first line of its checkpoints. */
  readonly origin: string
  /** The log's key: its seed, or what signs with it in another process. */
  readonly logSeed: Uint8Array | LogSigner
  /** 32 secret bytes from which the salts of the totals are made. */
  readonly saltSecret: Uint8Array
  readonly periodMs: number
  readonly heartbeatMs: number
  /** Seed of the key with which the ledger itself writes down what is due, erased or shown; without one it does not. */
  readonly operatorSeed?: Uint8Array
  /** Witnesses to ask for cosignatures; none by default. */
  readonly witnesses?: readonly WitnessPort[]
  /** How long a publication waits for them, 1 s by default. */
  readonly witnessTimeoutMs?: number
  /** Is told when a witness does not cosign. */
  readonly onWitnessTrouble?: (name: string, what: string) => void
  /**
   * Whether witnesses of these names are enough, by the policy of the ledger: at a start so many have to answer. None
   * by default.
   */
  readonly isQuorum?: (names: readonly string[]) => boolean
  /** Who else may have seen more of the log than its store has, and is asked at a start. */
  readonly places?: readonly Place[]
  /** What keeps two processes on copies of the log apart; without one, nothing does but witnesses. */
  readonly lease?: Lease
  /** Where cosigned checkpoints are kept, one each ten minutes; by default nowhere. */
  readonly archive?: ArchiveFiles
  /** Where the totals of one seal a day are opened; by default nowhere. */
  readonly opened?: OpenedFiles
  /** How often a start asks again, 5 s by default. */
  readonly startPauseMs?: number
  /**
   * Prepares what is submitted as bytes; by default it is done in this thread. The log's from here on: `close` closes
   * it.
   */
  readonly preparer?: Preparer
  /**
   * Is asked every period whether a person has just said that the clock is right, which counts where it is in doubt.
   */
  readonly isClockConfirmed?: () => Promise<boolean>
  /** The disk that the store writes to: near its end nothing is taken. By default it has none. */
  readonly disk?: DiskOptions
  /** Is told that nothing is taken any more, and why, and that it is again, with undefined. */
  readonly onHeld?: (why: HeldError | undefined) => void
  /** Is told that the log has stopped, and why. */
  readonly onFailure: (error: unknown) => void
  /** Entries between two snapshots of the state, 262,144 by default: a start replays no more than that and an epoch. */
  readonly snapshotEntries?: number
  /** Ids and postings are kept in runs of `2 ** runBits` entries, 2^18 by default. */
  readonly runBits?: number
  /** Is told why a snapshot of the state that is there cannot be used, and all of the log is replayed. */
  readonly onNotice?: (what: string) => void
  /** Is told how many entries of the log have been read back so far. */
  readonly onProgress?: (entries: number, size: number) => void
}
