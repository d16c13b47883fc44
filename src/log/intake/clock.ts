/** Where ledger time comes from. The only place in the ledger that knows what time it is. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. May go back; ledger time does not (SPEC §4). */
  nowMs(): number
  /** Is told the latest time of a batch's transactions before it is stamped, where the clock wants to know. */
  observe?(timeMs: number): void
  /** Is told the time of the last entry, undefined where there is none, when a log is opened. */
  begin?(lastMs: number | undefined): void
  /** Is told at which times witnesses of the ledger have just cosigned. */
  witnessed?(times: readonly WitnessTime[]): void
  /** Is told that a person confirms it. */
  confirm?(): void
  /** Why it is not to be believed now: nothing is taken, and nothing done that goes by time. Undefined while it is. */
  readonly doubt?: Doubt | undefined
  /** Its best knowledge of the time while it is in doubt, too. */
  readonly bestMs?: number
}

/** When a witness cosigned, in whole seconds since 1970: it names the second in which it did. */
export interface WitnessTime {
  readonly name: string
  readonly seconds: number
}

/** Why a clock is in doubt. */
export interface Doubt {
  /**
   * `start`: too long since the last entry; `ahead`: the last entry is of a later time; `step`: it does not fit the
   * time that has passed; `witnesses`: it is another than theirs.
   */
  readonly kind: 'start' | 'ahead' | 'step' | 'witnesses'
  /** For people: what is seen, and what to do. */
  readonly message: string
}

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/**
 * A clock that stands still until a later transaction comes, and then shows its time: for a ledger into which the past
 * is imported, and for no other.
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
