import { SealGaps, type TimeTrouble } from '../verify/ledger-time.ts'
import { sealedDay } from '../verify/opened-totals.ts'

/** Notes the times of seals while a log is replayed. */
export class SealTimes {
  readonly #gaps = new SealGaps()
  #last: number | undefined
  readonly #days = new Set<number>()

  /** @param beatMs - of the ledger's genesis. */
  add(seal: { readonly epoch: number; readonly time: number }, beatMs: number): void {
    this.#gaps.add(seal, beatMs)
    this.#last = seal.time
    this.#days.add(sealedDay(seal))
  }

  get last(): number | undefined {
    return this.#last
  }

  /** The days (UTC) that seals are of. */
  get days(): ReadonlySet<number> {
    return this.#days
  }

  get gap(): TimeTrouble | undefined {
    return this.#gaps.trouble
  }
}
