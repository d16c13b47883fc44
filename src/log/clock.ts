/** Where ledger time comes from. The only place in the ledger that knows what time it is. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May go back; ledger time does not (SPEC §4). */
  nowMs(): number
}

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }
