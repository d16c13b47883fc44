import { SealGaps, type TimeTrouble } from '../verify/ledger-time.ts'

/** Notes the times of seals while a log is replayed. */
export class SealTimes {
  readonly #gaps = new SealGaps()
  #last: number | undefined

  /** @param beatMs - of the ledger's genesis. */
  add(seal: { readonly epoch: number; readonly time: number }, beatMs: number): void {
    this.#gaps.add(seal, beatMs)
    this.#last = seal.time
  }

  get last(): number | undefined {
    return this.#last
  }

  get gap(): TimeTrouble | undefined {
    return this.#gaps.trouble
  }
}
