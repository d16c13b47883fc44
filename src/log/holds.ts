import { HeldError } from './failure.ts'
import type { Clock } from './intake/clock.ts'
import type { DiskRoom } from './intake/disk-room.ts'

/** What keeps a log from taking batches for a while. It is asked each time, so that nothing has to be told that it is over. */
export class Holds {
  readonly #clock: Clock
  readonly #disk: DiskRoom

  constructor(clock: Clock, disk: DiskRoom) {
    this.#clock = clock
    this.#disk = disk
  }

  /** Why no batch is taken now, and nothing done that goes by time; undefined where nothing is in the way. */
  get intake(): HeldError | undefined {
    const { doubt } = this.#clock
    return doubt === undefined
      ? this.writing
      : new HeldError('clock-suspect', `The ledger takes nothing: its clock is in doubt. ${doubt.message}`)
  }

  /** Why nothing new is written now. */
  get writing(): HeldError | undefined {
    const { lacking } = this.#disk
    return lacking === undefined
      ? undefined
      : new HeldError(
          'disk-full',
          `The ledger takes nothing: its disk has ${megabytes(lacking.freeBytes)} left, and ${megabytes(lacking.reserveBytes)} are to be left. It serves what it has, and takes batches again when there is room.`,
        )
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)} MiB`
}
