import { NO_LEDGER_ID } from '../../core/entry/batch.ts'
import type { Journal } from '../../journal/index.ts'
import { type Ledger, SignerRates, signaturesHold } from '../../ledger/index.ts'
import { latestTime } from '../../lookup/index.ts'
import type { UpcomingCommands } from '../commit/follower.ts'
import type { Holds } from '../holds.ts'
import { Admission } from './admission.ts'
import type { Clock } from './clock.ts'
import { Queue } from './queue.ts'
import type { QueuedBatch } from './queued-batch.ts'
import { QueuedSeal, type SealRequest } from './queued-seal.ts'

export interface SequencerParts {
  readonly ledger: Ledger
  readonly journal: Journal
  readonly clock: Clock
  readonly holds: Holds
}

/**
 * The last step of intake. When the journal has room for a command, it chooses the next batch, stamps it with the time
 * of the clock, and appends it to the journal. No later step reads a clock.
 */
export class Sequencer implements UpcomingCommands {
  readonly #parts: SequencerParts
  /** Transactions taken of each signer, counted by the applier: a signer above its rate has to wait. */
  readonly rates: SignerRates = new SignerRates()
  readonly #queue = new Queue()
  readonly #admission = new Admission()
  /** Light batches that were admitted and are still being prepared. */
  #lightUnderWay = 0
  #sealRequests: SealRequest[] = []
  #isSealNext = false
  #stopped: Error | undefined
  onChange: () => void = () => {}
  onUnplaced: () => void = () => {}

  constructor(parts: SequencerParts) {
    this.#parts = parts
    parts.journal.onRoom = () => this.#order()
  }

  get waiting(): number {
    return this.#queue.length
  }

  get isUrgent(): boolean {
    return this.#queue.isUrgent
  }

  get lightUnderWay(): number {
    return this.#lightUnderWay
  }

  get isSealWanted(): boolean {
    return this.#sealRequests.length > 0
  }

  /** Transactions without an answer yet, or what weighs as much. */
  get admitted(): number {
    return this.#admission.admitted
  }

  /** Whether a light batch of this caller would be refused for want of room. */
  isFull(caller: string): boolean {
    return this.#admission.isFull(caller)
  }

  /**
   * Admits a batch before it is prepared; `enqueue` or `withdraw` follows. @throws BusyError; HeldError; FatalError.
   */
  reserve(batch: QueuedBatch): void {
    if (this.#stopped !== undefined) throw this.#stopped
    const held = this.#parts.holds.intake
    if (held !== undefined) throw held
    this.#admission.admit(batch)
    if (batch.isLight) this.#lightUnderWay++
  }

  /** Forgets an admitted batch that could not be prepared. */
  withdraw({ isLight }: QueuedBatch): void {
    if (isLight) this.#lightUnderWay--
    this.onChange()
  }

  /** Queues an admitted batch. */
  enqueue(batch: QueuedBatch): void {
    if (batch.isLight) this.#lightUnderWay--
    if (this.#stopped !== undefined) {
      batch.fail(this.#stopped)
      return
    }
    this.#queue.push(batch)
    this.#order()
    this.onChange()
  }

  /** Frees the room of an admitted batch, which has its answer. */
  answered(batch: QueuedBatch): void {
    this.#admission.leave(batch)
  }

  /** Seals the epoch; resolves with the log size after the seal, when the seal is durable. */
  seal(): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#stopped !== undefined) {
        reject(this.#stopped)
        return
      }
      this.#sealRequests.push({ resolve, reject })
      this.onChange()
    })
  }

  sealNext(): void {
    this.#isSealNext = true
    this.#order()
  }

  /** Stops for ever. All batches, waiting and later ones, are answered with this error. */
  stop(error: Error): void {
    this.#stopped ??= error
    while (this.#queue.length > 0) this.#queue.take().fail(this.#stopped)
    for (const { reject } of this.#sealRequests.splice(0)) reject(this.#stopped)
  }

  /** Appends commands to the journal as long as it has room for them. */
  #order(): void {
    const { journal } = this.#parts
    while (journal.hasRoom) {
      const command = this.#next()
      if (command === undefined) return
      const placed = journal.append(command)
      if (placed instanceof Promise)
        placed.catch(error => {
          command.fail(error)
          this.onUnplaced()
        })
    }
  }

  #next(): QueuedBatch | QueuedSeal | undefined {
    const { clock, ledger } = this.#parts
    if (this.#stopped !== undefined) return undefined
    if (this.#isSealNext && this.#sealRequests.length > 0) {
      this.#isSealNext = false
      return new QueuedSeal(clock.nowMs(), ledger.state.epoch, this.#sealRequests.splice(0))
    }
    if (this.#queue.length === 0) return undefined
    const batch = this.#queue.take()
    if (clock.observe !== undefined) this.#observe(batch, clock)
    batch.time = clock.nowMs()
    const { signatures, transactions } = batch.batch
    const time = Math.max(batch.time, ledger.state.time)
    batch.waitMs = this.rates.waitMs(ledger.state, signatures, transactions.count, time)
    return batch
  }

  /**
   * Tells a clock that follows the entries the time of a batch with valid signatures: only such a batch may move the
   * clock. Verifies signatures that were not verified before, and keeps the result.
   */
  #observe(queued: QueuedBatch, clock: Clock): void {
    const { ledger } = this.#parts
    const { batch } = queued
    const signers = ledger.signers(batch)
    if (typeof signers === 'string') return
    const keys = signers.publicKeys
    const holds = signaturesHold(ledger.state, batch, signers, queued.holds(keys))
    queued.keep({ keys, ledgerId: ledger.state.ledgerId ?? NO_LEDGER_ID, holds })
    if (holds) clock.observe?.(latestTime(batch.transactions))
  }
}
