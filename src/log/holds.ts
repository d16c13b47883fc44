import { equalBytes } from '../core/bytes.ts'
import type { LedgerState } from '../ledger/index.ts'
import { HeldError } from './failure.ts'
import type { Clock } from './intake/clock.ts'
import type { DiskRoom } from './intake/disk-room.ts'

/** What keeps two processes on copies of one ledger apart: only who has it signs. */
export interface Lease {
  /**
   * Why nothing may be signed now: it is not this process's, or not for certain. Looks at its clocks each time it is
   * asked.
   */
  readonly held: HeldError | undefined
  /** Resolves when it is this process's. @param onWait - is told why it takes time. */
  take(onWait: (why: HeldError) => void, signal: AbortSignal): Promise<void>
  /** Gives it back: nothing is signed any more. */
  release(): Promise<void>
}

/**
 * What keeps a log from taking batches, or from signing at all. It is asked each time, so nothing has to be told that
 * it is over.
 */
export class Holds {
  /** Why a log that starts takes nothing yet. */
  start: HeldError | undefined
  /** Why a log that starts may not sign yet. */
  unsigned: HeldError | undefined
  /** That the ledger goes on in another log: nothing is taken any more, and nothing after the last seal is signed. */
  ended: HeldError | undefined
  /** What the ledger was called in this log, where it has ended. */
  idBefore: Uint8Array | undefined
  readonly #clock: Clock
  readonly #disk: DiskRoom
  readonly #lease: Lease | undefined

  constructor(clock: Clock, disk: DiskRoom, lease: Lease | undefined) {
    this.#clock = clock
    this.#disk = disk
    this.#lease = lease
  }

  /** Why nothing may be signed now; undefined where nothing is in the way. */
  get signing(): HeldError | undefined {
    return this.unsigned ?? this.#lease?.held
  }

  /** Why no batch is taken now, and nothing done that goes by time; undefined where nothing is in the way. */
  get intake(): HeldError | undefined {
    return this.ended ?? this.start ?? this.signing ?? this.#clockHeld ?? this.writing
  }

  get #clockHeld(): HeldError | undefined {
    const { doubt } = this.#clock
    return doubt === undefined
      ? undefined
      : new HeldError('clock-suspect', `The ledger takes nothing: its clock is in doubt. ${doubt.message}`)
  }

  /** Why nothing new is written now. */
  get writing(): HeldError | undefined {
    const { lacking } = this.#disk
    return lacking === undefined
      ? undefined
      : new HeldError(
          'disk-full',
          `The ledger takes nothing: its disk has ${megabytes(lacking.freeBytes)} left, and ` +
            `${megabytes(lacking.reserveBytes)} are to be left. It serves what it has, and takes batches again ` +
            'when there is room.',
        )
  }
}

/** That the ledger goes on in another log than that of a key, if it does. */
export function endOf({ origin, logKey, ledgerId }: LedgerState, ownKey: Uint8Array): HeldError | undefined {
  if (ledgerId === undefined || equalBytes(logKey, ownKey)) return undefined
  return new HeldError('log-ended', `This log has ended: the ledger goes on as "${origin}". Send batches there.`)
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`
}
