import type { Clock, Doubt, WitnessTime } from './clock.ts'

/** The wall clock is not believed when it stands so far from the time that the steady clock has made of it. */
const STEP_MS = 5000
/** Ledger time follows the wall clock by so much of the time that passes, and no more. */
const SLEW = 1 / 1000
/** So far off may times be at which witnesses have just cosigned; and so far where ledger time is anchored. */
const OFF_MS = 60_000
const ANCHOR_MS = 5000
/** A ledger that was down no longer than this goes on by the wall clock without a word of anyone. */
const GAP_MS = 3_600_000

export interface GuardedClockOptions {
  /** The wall clock: milliseconds since 1970, which may step. */
  readonly wallMs: () => number
  /** A clock that only goes on, from anywhere: what it says of a span is right. */
  readonly steadyMs: () => number
  /** Whether witnesses of these names are enough, by the policy of the ledger; never asked of none. */
  readonly isQuorum: (names: readonly string[]) => boolean
}

/**
 * The time of a ledger: what the wall clock said once, and what the steady clock says has passed since, drawn to the
 * wall clock by at most a thousandth. One reading of the wall clock so moves it by nothing that matters. Where the two
 * differ by more than 5 s, or a quorum of witnesses has just cosigned at times that are more than 60 s off, it is in
 * doubt, and is again believed when the wall clock is back, when a quorum agrees with the wall clock, or when a person
 * confirms that it is right. At a start it is in doubt where the last entry stands more than an hour back, or ahead.
 * SPEC §3.
 */
export class GuardedClock implements Clock {
  readonly #options: GuardedClockOptions
  /** Time of the ledger at the last reading of both; undefined until it is anchored. */
  #ownMs: number | undefined
  #steadyMs: number
  #wallMs: number
  /** Time of the last entry when the log was opened. */
  #lastMs: number | undefined
  /** Whether no quorum has agreed since it was anchored. */
  #isFresh = true
  /** Whether the wall clock is taken at its word, before it is anchored, where it says that little time has passed. */
  #isGapEnough = true
  /** What a quorum of witnesses says is the time, where it is another. */
  #witnessedMs: number | undefined
  /** Whether a person knows better than the witnesses, until they agree. */
  #isOverruled = false

  constructor(options: GuardedClockOptions) {
    this.#options = options
    this.#steadyMs = options.steadyMs()
    this.#wallMs = options.wallMs()
  }

  begin(lastMs: number | undefined): void {
    this.#lastMs = lastMs
    this.#read()
  }

  /** Ledger time, or 0 while it is in doubt: what is written then bears the time of the entry before. */
  nowMs(): number {
    return this.#look() === undefined ? Math.floor(this.#ownMs!) : 0
  }

  /** Its best knowledge of the time, in doubt or not: for what does harm to nobody. */
  get bestMs(): number {
    this.#read()
    return Math.floor(this.#ownMs ?? this.#wallMs)
  }

  get doubt(): Doubt | undefined {
    const kind = this.#look()
    return kind === undefined ? undefined : { kind, message: this.#explain(kind) }
  }

  witnessed(times: readonly WitnessTime[]): void {
    this.#read()
    if (this.#look() !== undefined && this.#agree(times, this.#wallMs, ANCHOR_MS)) {
      this.#anchor()
      this.#isFresh = false
    }
    if (this.#ownMs === undefined) {
      // Who is told by them that it is another time does not take the wall clock's word when that changes.
      if (this.#isQuorum(times)) this.#isGapEnough = false
      return
    }
    const within = this.#isFresh ? ANCHOR_MS : OFF_MS
    if (this.#agree(times, this.#ownMs, within)) {
      this.#isFresh = false
      this.#isOverruled = false
      this.#witnessedMs = undefined
    } else if (!this.#isOverruled && this.#isQuorum(times.filter(one => distance(one, this.#ownMs!) > within)))
      this.#witnessedMs = middleOf(times)
  }

  /** A person says that the wall clock is right: ledger time goes on from what it says. */
  confirm(): void {
    this.#read()
    this.#anchor()
    this.#isOverruled = true
  }

  /** Takes both clocks, and what has passed. */
  #read(): void {
    const steadyMs = this.#options.steadyMs()
    const passedMs = Math.max(0, steadyMs - this.#steadyMs)
    this.#steadyMs = steadyMs
    this.#wallMs = this.#options.wallMs()
    if (this.#ownMs === undefined) {
      const gapMs = this.#wallMs - (this.#lastMs ?? this.#wallMs)
      if (this.#isGapEnough && gapMs >= -STEP_MS && gapMs <= GAP_MS) this.#ownMs = this.#wallMs
      return
    }
    this.#ownMs += passedMs
    const offMs = this.#wallMs - this.#ownMs
    // A clock that is not believed draws nothing.
    if (Math.abs(offMs) <= STEP_MS) this.#ownMs += Math.min(Math.max(offMs, -passedMs * SLEW), passedMs * SLEW)
  }

  #look(): Doubt['kind'] | undefined {
    this.#read()
    const lastMs = this.#lastMs ?? 0
    if (this.#ownMs === undefined) return this.#wallMs < lastMs - STEP_MS ? 'ahead' : 'start'
    if (Math.abs(this.#wallMs - this.#ownMs) > STEP_MS) return 'step'
    if (this.#witnessedMs !== undefined) return 'witnesses'
    return this.#ownMs < lastMs - STEP_MS ? 'ahead' : undefined
  }

  #anchor(): void {
    this.#ownMs = this.#wallMs
    this.#witnessedMs = undefined
    this.#isFresh = true
  }

  #agree(times: readonly WitnessTime[], ms: number, within: number): boolean {
    return this.#isQuorum(times.filter(one => distance(one, ms) <= within))
  }

  #isQuorum(times: readonly WitnessTime[]): boolean {
    return times.length > 0 && this.#options.isQuorum(times.map(({ name }) => name))
  }

  #explain(kind: Doubt['kind']): string {
    const wall = `this machine's clock says ${iso(this.#wallMs)}`
    const last = `the last entry is of ${iso(this.#lastMs ?? 0)}`
    const CONFIRM = 'If the clock is right, say so: tally clock confirm. If not, set it right.'
    if (kind === 'start') return `${wall}, ${last}: no witness has said yet whether so much time has passed. ${CONFIRM}`
    if (kind === 'ahead')
      return (
        `${wall}, ${last}. If the clock is wrong, set it right; if ledger time ran ahead, this ends when the clock ` +
        'has come to it.'
      )
    if (kind === 'step')
      return (
        `${wall}, and by what has passed since it was believed it is ${iso(this.#ownMs!)}: the clock was set, or ` +
        `this machine slept. ${CONFIRM}`
      )
    return `Witnesses have just cosigned at ${iso(this.#witnessedMs!)}, and ${wall}. ${CONFIRM}`
  }
}

/** How far a time is from the beginning of the second that a witness named: so it is no later than it was. */
function distance({ seconds }: WitnessTime, ms: number): number {
  return Math.abs(1000 * seconds - ms)
}

function middleOf(times: readonly WitnessTime[]): number {
  const sorted = times.map(({ seconds }) => seconds).sort((a, b) => a - b)
  return 1000 * sorted[Math.floor(sorted.length / 2)]!
}

function iso(ms: number): string {
  const date = new Date(Math.round(ms))
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString()
}
