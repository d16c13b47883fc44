/** What an evidence file proves against the operator of a log. */
export interface Conviction {
  readonly code: string
  readonly origin: string
  /** Names and values, in the order of reading. */
  readonly facts: Readonly<Record<string, string | number>>
  /** Each step of the proof, in words. */
  readonly shown: readonly string[]
}
