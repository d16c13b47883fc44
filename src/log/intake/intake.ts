import { SubmissionView } from '../../core/entry/submission.ts'
import { type Ledger, type LedgerState, putKeysNow } from '../../ledger/index.ts'
import type { BatchAnswer } from '../../verify/batch-answer.ts'
import type { Sequencer } from '../commit/group-commit.ts'
import { roomFor } from './admission.ts'
import type { Job, Prepared, Preparer } from './prepare.ts'
import type { Waiting } from './queue.ts'

const view = new SubmissionView()
const NOTHING = new Uint8Array(0)

/** A submission is light up to this room: a few transactions, of some hundred bytes each. */
const LIGHT_ROOM = 16

/**
 * A submission on its way: a job until it is prepared, and what waits for its turn from then on. One object, one
 * promise.
 */
class Coming implements Job, Waiting {
  bytes: Uint8Array
  readonly count: number
  readonly signatureCount: number
  readonly room: number
  readonly resolve: (answer: BatchAnswer) => void
  readonly reject: (error: unknown) => void
  readonly #intake: Intake
  #prepared: Prepared | undefined
  #place = 0

  constructor(
    intake: Intake,
    bytes: Uint8Array,
    { count, signatureCount }: SubmissionView,
    room: number,
    resolve: (answer: BatchAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#intake = intake
    this.bytes = bytes
    this.count = count
    this.signatureCount = signatureCount
    this.room = room
    this.resolve = resolve
    this.reject = reject
  }

  get ledgerId(): Uint8Array | undefined {
    return this.#intake.state.ledgerId
  }

  get isLight(): boolean {
    return this.room <= LIGHT_ROOM
  }

  get prepared(): Prepared {
    return this.#prepared!
  }

  get place(): number {
    return this.#place
  }

  putKeys(keys: Uint8Array, at: number): number {
    return putKeysNow(this.#intake.state, view.open(this.bytes), keys, at)
  }

  done(prepared: Prepared | Error, place: number): void {
    // Anyone who prepared it has them in his hands.
    this.bytes = NOTHING
    if (prepared instanceof Error) this.#intake.failed(this, prepared)
    else {
      this.#prepared = prepared
      this.#place = place
      this.#intake.arrived(this)
    }
  }
}

/**
 * The way of a submission from its bytes to the sequencer: what needs nothing of the ledger is prepared first,
 * elsewhere where there are threads for it. Two submissions that are under way at once come to their turn in any order;
 * anyone who wants one waits for the first answer.
 */
export class Intake {
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

  /** The state of the ledger, whose keys are those that count. */
  get state(): LedgerState {
    return this.#ledger.state
  }

  /**
   * Takes a batch as submitted in CBOR (SPEC §11) into the log; resolves when it is durable.
   *
   * @param bytes - untrusted; must not change afterwards.
   * @throws FormatError as `decodeSubmission`; and what `Sequencer.submit` throws.
   */
  submit(bytes: Uint8Array): Promise<BatchAnswer> {
    return new Promise((resolve, reject) => {
      view.open(bytes)
      const room = roomFor(view.count, bytes.length)
      const coming = new Coming(this, bytes, view, room, resolve, reject)
      this.#sequencer.reserve(coming)
      this.#preparing++
      this.#preparer.prepare(coming)
    })
  }

  /** Queues what was prepared. */
  arrived(coming: Coming): void {
    this.#ended()
    this.#sequencer.enqueue(coming)
  }

  /** Answers what is no submission, or could not be prepared. */
  failed(coming: Coming, error: Error): void {
    this.#ended()
    this.#sequencer.release(coming)
    coming.reject(error)
  }

  /** Resolves when nothing is being prepared any more: all of it waits at the sequencer, or was answered. */
  async idle(): Promise<void> {
    while (this.#preparing > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
  }

  #ended(): void {
    if (--this.#preparing === 0) for (const wake of this.#idle.splice(0)) wake()
  }
}
