import { type Submission, SubmissionView } from '../../core/entry/submission.ts'
import type { Ledger, LedgerState } from '../../ledger/index.ts'
import type { BatchAnswer } from '../../verify/batch-answer.ts'
import { weightOf } from './admission.ts'
import { type Preparer, sourceOfOne } from './prepare.ts'
import { type BatchOwner, QueuedBatch } from './queued-batch.ts'
import type { Sequencer } from './sequencer.ts'

const view = new SubmissionView()

/**
 * Takes a submission from its bytes to the queue of the sequencer. In between, a preparer decodes and hashes it, in
 * other threads if there are any. Submissions that are prepared at the same time reach the queue in any order: a caller
 * who needs an order waits for the first answer before sending the second submission.
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

  /** Transactions without an answer yet, or what weighs as much. */
  get admitted(): number {
    return this.#sequencer.admitted
  }

  /** Whether a light batch of this caller would be refused for want of room. */
  isFull(caller: string): boolean {
    return this.#sequencer.isFull(caller)
  }

  /**
   * Takes a batch as submitted in CBOR (SPEC §11) into the log; resolves when it is durable.
   *
   * @param bytes - untrusted; must not change afterwards.
   * @param caller - its sender: callers take turns, and none gets all of the room.
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
   * Takes a batch into the log, after all batches that were given here before; resolves when it is durable.
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

  /** Queues a batch: `QueuedBatch.done` calls this when the preparer has decoded it. */
  arrived(batch: QueuedBatch): void {
    this.#ended()
    this.#sequencer.enqueue(batch)
  }

  /** Answers a batch with an error: `QueuedBatch.done` calls this when the preparer could not decode it. */
  failed(batch: QueuedBatch, error: Error): void {
    this.#ended()
    this.#sequencer.withdraw(batch)
    batch.fail(error)
  }

  /** Frees the room of a batch: `QueuedBatch` calls this at its answer, the last step of its way. */
  answered(batch: QueuedBatch): void {
    this.#sequencer.answered(batch)
  }

  /** Resolves when no submission is being prepared: each is queued or answered. */
  async idle(): Promise<void> {
    while (this.#preparing > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  #ended(): void {
    if (--this.#preparing === 0) for (const wake of this.#idle.splice(0)) wake()
  }
}
