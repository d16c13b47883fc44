import { type Submission, SubmissionView } from '../../core/entry/submission.ts'
import type { BatchCommand } from '../../journal/index.ts'
import { holdsUnder, type LedgerState, putKeysNow, type VerifiedSignatures } from '../../ledger/index.ts'
import type { BatchAnswer } from '../../verify/batch-answer.ts'
import type { BatchSource, PendingSubmission } from './prepare.ts'

const view = new SubmissionView()
const NOTHING = new Uint8Array(0)

/** A submission is light up to this weight: a few transactions, of some hundred bytes each. */
const LIGHT_WEIGHT = 16

/** The caller of batches that this process itself submits. */
export const OWN = ''

/** Is told of each step of a batch. `Intake` is one. */
export interface BatchOwner {
  /** The state of the ledger: signatures are verified under its keys. */
  readonly state: LedgerState
  /** The batch is prepared, and may be queued. */
  arrived(batch: QueuedBatch): void
  /** The bytes are no submission, or could not be prepared. */
  failed(batch: QueuedBatch, error: Error): void
  /** The batch has its answer, good or bad. */
  answered(batch: QueuedBatch): void
}

export interface QueuedBatchParts {
  readonly owner: BatchOwner
  /** The submission; left out if the batch is decoded already. */
  readonly bytes?: Uint8Array
  readonly count: number
  readonly signatureCount: number
  readonly weight: number
  /** Its sender; by default this process. */
  readonly caller?: string | undefined
  /** Its first signer, as one number: signers take turns. */
  readonly signer?: number
  /** Whether a light batch may overtake heavier ones that came earlier. */
  readonly mayOvertake: boolean
  readonly resolve: (answer: BatchAnswer) => void
  readonly reject: (error: unknown) => void
}

/**
 * A batch from its arrival to its answer, one object all the way: a submission that is being prepared, then a batch in
 * the queue, and with its time the command that the journal orders and the follower finds again.
 */
export class QueuedBatch implements PendingSubmission, BatchCommand {
  readonly kind = 'batch'
  bytes: Uint8Array
  readonly count: number
  readonly signatureCount: number
  readonly caller: string
  readonly signer: number
  /** How much of the admission it takes until it is answered. */
  readonly weight: number
  /** Whether it may overtake batches that are not light: it has few transactions, and no promised order. */
  readonly isLight: boolean
  admittedMs?: number
  /** Time by the clock, set by the sequencer. */
  time = 0
  /** How long its signers have to wait, set by the sequencer. */
  waitMs = 0
  readonly #owner: BatchOwner
  readonly #resolve: (answer: BatchAnswer) => void
  readonly #reject: (error: unknown) => void
  #source: BatchSource | undefined
  #batch: Submission | undefined
  #place = 0
  #checked: VerifiedSignatures | undefined
  #isAnswered = false

  constructor(parts: QueuedBatchParts) {
    const { owner, bytes, count, signatureCount, weight, mayOvertake, resolve, reject } = parts
    this.#owner = owner
    this.bytes = bytes ?? NOTHING
    this.count = count
    this.signatureCount = signatureCount
    this.caller = parts.caller ?? OWN
    this.signer = parts.signer ?? 0
    this.weight = weight
    this.isLight = mayOvertake && weight <= LIGHT_WEIGHT
    this.#resolve = resolve
    this.#reject = reject
  }

  get ledgerId(): Uint8Array | undefined {
    return this.#owner.state.ledgerId
  }

  putKeys(keys: Uint8Array, at: number): number {
    return putKeysNow(this.#owner.state, view.open(this.bytes), keys, at)
  }

  done(source: BatchSource | Error, place: number): void {
    // The preparer owns the bytes now.
    this.bytes = NOTHING
    if (source instanceof Error) this.#owner.failed(this, source)
    else {
      this.#source = source
      this.#place = place
      this.#owner.arrived(this)
    }
  }

  /** The decoded batch, taken from the preparer when it is first asked for: only bytes wait in the queue. */
  get batch(): Submission {
    this.#batch ??= this.#source!.batch(this.#place)
    return this.#batch
  }

  /** Whether its signatures hold under these keys, in their order; undefined if nobody has verified that. */
  holds(publicKeys: readonly Uint8Array[]): boolean | undefined {
    const checked = this.#checked && holdsUnder(this.#checked, publicKeys, this.#checked.ledgerId)
    return checked ?? this.#source!.holds(this.#place, publicKeys)
  }

  /** Keeps what was verified of its signatures, so that it is not verified twice. */
  keep(checked: VerifiedSignatures): void {
    this.#checked = checked
  }

  /** Answers the one who submitted it. The first answer counts. */
  answer(answer: BatchAnswer): void {
    this.#leave()
    this.#resolve(answer)
  }

  /** Answers the one who submitted it with an error. */
  fail(error: unknown): void {
    this.#leave()
    this.#reject(error)
  }

  #leave(): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    this.#owner.answered(this)
  }
}
