import { openSubmission } from '../core/submission.ts'
import { keysNow, type Ledger } from '../ledger/index.ts'
import type { Acknowledgement } from './acknowledge.ts'
import type { Preparer } from './prepare.ts'
import { roomFor } from './room.ts'
import type { Sequencer } from './sequencer.ts'

/**
 * The way of a submission from its bytes to the sequencer: what needs nothing of the ledger is prepared first, elsewhere
 * where there are threads for it. Two submissions that are under way at once come to their turn in any order; whoever wants
 * one waits for the first answer.
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

  /**
   * Takes a batch as submitted in CBOR (SPEC §11) into the log; resolves when it is durable.
   *
   * @param bytes - untrusted; must not change afterwards.
   * @throws FormatError as `decodeSubmission`; and what `Sequencer.submit` throws.
   */
  submit(bytes: Uint8Array): Promise<Acknowledgement> {
    return new Promise((resolve, reject) => {
      const { signatures, count } = openSubmission(bytes)
      const room = roomFor(count, bytes.length)
      this.#sequencer.reserve(room)
      const { state } = this.#ledger
      const { ledgerId } = state
      const keys = ledgerId === undefined ? undefined : keysNow(state, signatures)
      this.#preparing++
      this.#preparer.prepare({
        bytes,
        count,
        under: keys && { ledgerId: ledgerId!, keys },
        done: prepared => {
          if (--this.#preparing === 0) for (const wake of this.#idle.splice(0)) wake()
          if (prepared instanceof Error) {
            this.#sequencer.release(room)
            return reject(prepared)
          }
          const { transactions, holds } = prepared
          const checked = keys === undefined || holds === undefined ? undefined : { keys, holds }
          this.#sequencer.enqueue({ batch: { signatures, transactions }, checked, room, resolve, reject })
        },
      })
    })
  }

  /** Resolves when nothing is being prepared any more: all of it waits at the sequencer, or was answered. */
  async idle(): Promise<void> {
    while (this.#preparing > 0) await new Promise<void>(resolve => this.#idle.push(resolve))
  }
}
