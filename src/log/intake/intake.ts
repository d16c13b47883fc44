import { type Submission, SubmissionView } from '../../core/entry/submission.ts'
import type { Ledger, LedgerState } from '../../ledger/index.ts'
import type { BatchAnswer } from '../../verify/batch-answer.ts'
import { weightOf } from './admission.ts'
import { type Preparer, sourceOfOne } from './prepare.ts'
import { type BatchOwner, QueuedBatch } from './queued-batch.ts'
import type { Sequencer } from './sequencer.ts'

const view = new SubmissionView()

/**
 * The way of a submission from its bytes to the queue: what needs nothing of the ledger is prepared first, elsewhere
 * where there are threads for it. Two submissions that are under way at once come to their turn in any order; anyone
 * who wants one waits for the first answer.
 */
export class Intake implements BatchOwner {
  readonly #ledger: Ledger
  readonly #sequencer: Sequencer
  readonly #preparer: Preparer
  #preparing = 0
  #idle: (() => void)[] = []

  constructor(ledger: Ledger, sequencer: Sequencer, preparer: Preparer) {
    this.#ledger = ledger
    this.#sequencer = sequencer
    this.#preparer = preparer
  }

  get state(): LedgerState {
    return this.#ledger.state
  }

  /** Transactions that are on their way to an answer, or what weighs as much. */
  get admitted(): number {
    return this.#sequencer.admitted
  }

  /** Whether there is no room for a light batch of a caller, who is refused then. */
  isFull(caller: string): boolean {
    return this.#sequencer.isFull(caller)
  }

  /**
   * Takes a batch as submitted in CBOR (SPEC §11) into the log; resolves when it is durable.
   *
   * @param bytes - untrusted; must not change afterwards.
   * @param caller - from where it came: callers take turns, and none has all of the room.
   * @throws FormatError as `decodeSubmission`; and what `submitBatch` throws.
   */
  submit(bytes: Uint8Array, caller?: string): Promise<BatchAnswer> {
    return new Promise((resolve, reject) => {
      const { count, signatureCount } = view.open(bytes)
      const weight = weightOf(count, bytes.length)
      const signer = view.classes[0]! * 2 ** 32 + view.numbers[0]!
      const whose = { caller, signer }
      const parts = { owner: this, bytes, count, signatureCount, weight, mayOvertake: true, ...whose, resolve, reject }
      this.#preparer.prepare(this.#reserved(new QueuedBatch(parts)))
    })
  }

  /**
   * Takes a batch into the log, behind those that were given here before; resolves when it is durable.
   *
   * @throws RefusedError when the batch is refused whole (SPEC §7); BusyError when too much waits; HeldError while
   * nothing is taken; FatalError when the log has stopped.
   */
  submitBatch(batch: Submission): Promise<BatchAnswer> {
    return new Promise((resolve, reject) => {
      const [{ count }, signatureCount] = [batch.transactions, batch.signatures.length]
      const parts = { owner: this, count, signatureCount, weight: count, mayOvertake: false, resolve, reject }
      this.#reserved(new QueuedBatch(parts)).done(sourceOfOne(batch), 0)
    })
  }

  #reserved(batch: QueuedBatch): QueuedBatch {
    this.#sequencer.reserve(batch)
    this.#preparing++
    return batch
  }

  arrived(batch: QueuedBatch): void {
    this.#ended()
    this.#sequencer.enqueue(batch)
  }

  failed(batch: QueuedBatch, error: Error): void {
    this.#ended()
    this.#sequencer.withdraw(batch)
    batch.fail(error)
  }

  answered(batch: QueuedBatch): void {
    this.#sequencer.answered(batch)
  }

  /** Resolves when nothing is being prepared any more: all of it is queued, or was answered. */
  async idle(): Promise<void> {
    while (this.#preparing > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  #ended(): void {
    if (--this.#preparing === 0) for (const wake of this.#idle.splice(0)) wake()
  }
}
