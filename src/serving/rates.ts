/** What is left to one caller, and when that was counted. */
interface Bucket {
  tokens: number
  filledMs: number
}

export interface RatesOptions {
  /** So much comes back each second. */
  readonly rate: number
  /** So much may be used at once; as much as comes back in a second by default. */
  readonly burst?: number
  /** Callers that are counted: those who were last, 10,000 by default. */
  readonly kept?: number
}

/** Buckets of tokens, one for each caller: who has used up his waits until some came back. Times are in ms. */
export class Rates {
  readonly #options: Required<RatesOptions>
  readonly #buckets = new Map<string, Bucket>()

  constructor({ rate, burst = rate, kept = 10_000 }: RatesOptions) {
    this.#options = { rate, burst, kept }
  }

  /**
   * Uses one token of a caller, if there is one.
   *
   * @param rate - of this caller, with as much at once, where it is another.
   * @returns in how many whole seconds there is one, where there is none; else 0.
   */
  take(caller: string, nowMs: number, rate?: number): number {
    const seconds = this.wait(caller, nowMs, rate)
    if (seconds === 0) this.charge(caller, nowMs, 1, rate)
    return seconds
  }

  /** In how many whole seconds a caller has a token; 0 where there is one now. Uses none. */
  wait(caller: string, nowMs: number, rate: number = this.#options.rate): number {
    const tokens = this.#filled(caller, nowMs, rate, rate === this.#options.rate ? this.#options.burst : rate).tokens
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / rate)
  }

  /** Uses tokens that are there or are not: of what was known only afterwards. */
  charge(caller: string, nowMs: number, cost: number, rate: number = this.#options.rate): void {
    const burst = rate === this.#options.rate ? this.#options.burst : rate
    const bucket = this.#filled(caller, nowMs, rate, burst)
    bucket.tokens = Math.max(bucket.tokens - cost, -burst)
  }

  #filled(caller: string, nowMs: number, rate: number, burst: number): Bucket {
    const bucket = this.#buckets.get(caller) ?? { tokens: burst, filledMs: nowMs }
    // A Map iterates in the order of insertion: what is inserted again is last to go.
    this.#buckets.delete(caller)
    this.#buckets.set(caller, bucket)
    if (this.#buckets.size > this.#options.kept) this.#buckets.delete(this.#buckets.keys().next().value!)
    const passedMs = Math.max(0, nowMs - bucket.filledMs)
    bucket.tokens = Math.min(burst, bucket.tokens + (passedMs / 1000) * rate)
    bucket.filledMs = nowMs
    return bucket
  }
}
