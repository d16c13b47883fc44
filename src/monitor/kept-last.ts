import type { AcceptedCheckpoint, CheckpointKeeper } from '../files/accepted-checkpoint.ts'
import { LockHeldError } from '../node/lock.ts'
import type { Trouble, Watcher } from './watcher.ts'

/**
 * Keeps what a watch accepted last, in a folder that other watches and wallets write to as well: what one of them
 * accepted meanwhile is compared with it first. Of two that are of one history the larger is kept, by all of them; of
 * two that are not, neither takes the place of the other, and both are shown.
 */
export class KeptLast {
  readonly #memory: CheckpointKeeper
  readonly #watcher: Watcher
  /** What is known to be there, or to have been. */
  #since: AcceptedCheckpoint | undefined
  #waiting: string | undefined

  /** @param since - what was read there at the start. */
  constructor(memory: CheckpointKeeper, watcher: Watcher, since: AcceptedCheckpoint | undefined) {
    this.#memory = memory
    this.#watcher = watcher
    this.#since = since
  }

  /**
   * Brings the folder and the watch to the later of what they have. Where another process has the folder for long, as a
   * wallet does that verifies a long history, that is left to the next look.
   *
   * @returns what is wrong where they do not fit together (`Watcher.meet`); it is so again at the next look.
   * @throws UsageError `state`, `file`.
   */
  async keep(nowMs: number): Promise<Trouble[]> {
    try {
      this.#waiting = undefined
      return await this.#keep(nowMs)
    } catch (error) {
      if (!(error instanceof LockHeldError)) throw error
      this.#waiting = error.message
      return []
    }
  }

  /** Why what was accepted last is not kept yet; undefined where it is. */
  get waiting(): string | undefined {
    return this.#waiting
  }

  async #keep(nowMs: number): Promise<Trouble[]> {
    for (;;) {
      const { last } = this.#watcher
      if (last === undefined) return []
      const other = await this.#memory.keep(last, this.#since)
      if (other === undefined) {
        this.#since = last
        return []
      }
      const troubles = await this.#watcher.meet(other, nowMs)
      if (troubles.length > 0) return troubles
      this.#since = other
    }
  }
}
