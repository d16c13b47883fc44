import type { SealCommand } from '../../journal/index.ts'

/** Who is to be told that the epoch is closed. */
export interface SealRequest {
  readonly resolve: (size: number) => void
  readonly reject: (error: unknown) => void
}

/** A seal that was asked for, as the journal orders it. */
export class QueuedSeal implements SealCommand {
  readonly kind = 'seal'
  readonly time: number
  readonly epoch: number
  readonly #requests: readonly SealRequest[]

  constructor(time: number, epoch: number, requests: readonly SealRequest[]) {
    this.time = time
    this.epoch = epoch
    this.#requests = requests
  }

  /** Tells those who asked for it the log size after it. */
  answer(size: number): void {
    for (const { resolve } of this.#requests) resolve(size)
  }

  /** Tells those who asked for it why there is none. */
  fail(error: unknown): void {
    for (const { reject } of this.#requests) reject(error)
  }
}
