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
 * The last of intake: decides whose turn it is whenever the journal wants a command, gives it the time by the clock,
 * and has it ordered. Nothing behind it knows what time it is.
 */
export class Sequencer implements UpcomingCommands {
  readonly #parts: SequencerParts
  /** What was taken of signers, as those know who apply it: by that it is decided whether a batch has to wait. */
  readonly rates: SignerRates = new SignerRates()
  readonly #queue = new Queue()
  readonly #admission = new Admission()
  /** Light ones that were let in and are not here yet. */
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

  /** Transactions that are on their way to an answer, or what weighs as much. */
  get admitted(): number {
    return this.#admission.admitted
  }

  /** Whether there is no room for a light batch of a caller, who is refused then. */
  isFull(caller: string): boolean {
    return this.#admission.isFull(caller)
  }

  /**
   * Lets in a batch that is to be prepared: `enqueue` follows, or `withdraw`. @throws BusyError; HeldError; FatalError.
   */
  reserve(batch: QueuedBatch): void {
    if (this.#stopped !== undefined) throw this.#stopped
    const held = this.#parts.holds.intake
    if (held !== undefined) throw held
    this.#admission.admit(batch)
    if (batch.isLight) this.#lightUnderWay++
  }

  /** A batch that was let in does not come. */
  withdraw({ isLight }: QueuedBatch): void {
    if (isLight) this.#lightUnderWay--
    this.onChange()
  }

  /** Queues a batch that was let in. */
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

  /** A batch that was let in is answered. */
  answered(batch: QueuedBatch): void {
    this.#admission.leave(batch)
  }

  /** Closes the epoch behind what has been applied; resolves with the log size behind the seal when that is durable. */
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

  /** Stops for good, with the reason that those who wait are told, and everyone who comes. */
  stop(error: Error): void {
    this.#stopped ??= error
    while (this.#queue.length > 0) this.#queue.take().fail(this.#stopped)
    for (const { reject } of this.#sealRequests.splice(0)) reject(this.#stopped)
  }

  /** Orders as long as the journal wants a command and there is one. */
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
   * Tells a clock that follows the entries the time of a batch, whose signatures hold: strangers do not move it. A
   * verification for each key where none was done before, which is then kept.
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
