/** Where ledger time comes from. The only place in the ledger that knows what time it is. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May go back; ledger time does not (SPEC §4). */
  nowMs(): number
  /** Is told the latest time of a batch's transactions before it is stamped, where the clock wants to know. */
  observe?(timeMs: number): void
}

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/**
 * A clock that stands still until a later transaction comes, and then shows its time: for a ledger into which the past is
 * imported, and for no other.
 */
export function entryClock(startMs: number): Clock {
  let now = startMs
  return {
    nowMs: () => now,
    observe(timeMs) {
      now = Math.max(now, timeMs)
    },
  }
}
