import { MINUTE_MS } from '../account/due-times.ts'
import { type Holdings, isPast, type Lot } from '../account/holdings.ts'
import type { LotDates } from '../account/takes.ts'
import { equalBytes } from '../core/bytes.ts'
import { OVERDUE_MS } from '../core/limits.ts'
import type { LedgerState } from './state.ts'

/** How many accounts of which something is late are named at most. */
const NAMED_MAX = 1000

/** What is late at a seal: the seal's log index, and accounts of which something that is due stood there too long. */
export interface Late {
  readonly at: number
  readonly accounts: readonly number[]
}

/** What has to be known of a log to go on, as JSON has it. */
export interface KeptOverdue {
  readonly last: number
  readonly lastSeal: number
  readonly running: number
  readonly seals: readonly (readonly [time: number, running: number])[]
  readonly arrived: readonly (readonly [account: number, matures: number, expires: number, time: number])[]
}

/**
 * Follows a replay, and finds where an operator left standing what had come to its end: points past their expiry, and
 * holds whose time is over, for a day of the log's own running time since they became due in it. SPEC §7. So nobody is
 * late for what a refund, a release or an import brought in past a moment ago, nor for the time in which the ledger was
 * down. What is cleared away late is found when it is: tidying up before an audit does not help.
 *
 * Keeps a pair of numbers for each minute of the last running day, and one for each lot that came in past and still
 * stands.
 */
export class Overdue {
  readonly #state: LedgerState
  /**
   * Times of seals with the running time there, one a minute; of the first, the running time is a day less than at the
   * last seal.
   */
  #seals: (readonly [time: number, running: number])[]
  #running: number
  #last: number
  #lastSeal: number
  /** Since when lots stand that came in already past, by account and dates. */
  readonly #arrived = new Map<number, Map<string, number>>()
  #found: Late | undefined

  /** @param state - that of the replay, at its first entry or where `kept` was taken. */
  constructor(state: LedgerState, kept?: KeptOverdue) {
    this.#state = state
    this.#seals = [...(kept?.seals ?? [])]
    this.#running = kept?.running ?? 0
    this.#last = kept?.last ?? 0
    this.#lastSeal = kept?.lastSeal ?? -1
    for (const [account, matures, expires, time] of kept?.arrived ?? [])
      this.#lotsOf(account).set(keyOf({ matures, expires }), time)
    state.accounts.onHoldings = (account, before, after) => this.#changed(account, before, after)
  }

  /** Takes the next seal, at a log index. */
  seal(at: number, time: number): void {
    const before = this.#running
    if (this.#lastSeal >= 0) this.#running += Math.min(time - this.#last, this.#state.beatMs)
    this.#last = time
    // Of the seals in one minute of running time the first counts, so that there are few.
    if (this.#lastSeal < 0 || Math.floor(this.#running / MINUTE_MS) > Math.floor(before / MINUTE_MS))
      this.#seals.push([time, this.#running])
    this.#lastSeal = at
    const ago = this.#running - OVERDUE_MS
    const next = this.#seals.findIndex(([, running]) => running > ago)
    if (next > 1) this.#seals = this.#seals.slice(next - 1)
  }

  /**
   * What is late at the last seal, by the state as it is, which has to be the one sealed; undefined where nothing is.
   */
  late(): Late | undefined {
    const since = this.#since
    if (since === undefined) return undefined
    const { accounts } = this.#state
    const isLate = (account: number) => this.#isLate(account, accounts.holdings(account), since)
    const late = accounts.due.at(since + MINUTE_MS, NAMED_MAX, isLate)
    return late.length === 0 ? undefined : { at: this.#lastSeal, accounts: late }
  }

  /** What was cleared away since this was asked last, and was late at the seal before: the first of it. */
  takeFound(): Late | undefined {
    const found = this.#found
    this.#found = undefined
    return found
  }

  /** All that is to be known to go on after the last seal. */
  kept(): KeptOverdue {
    const arrived = [...this.#arrived].flatMap(([account, lots]) =>
      [...lots].map(([key, time]) => {
        const [matures, expires] = key.split(' ').map(Number) as [number, number]
        return [account, matures, expires, time] as const
      }),
    )
    return { last: this.#last, lastSeal: this.#lastSeal, running: this.#running, seals: this.#seals, arrived }
  }

  /** The time up to which what became due is late at the last seal; undefined while the log has not run for a day. */
  get #since(): number | undefined {
    const first = this.#seals[0]
    return first !== undefined && first[1] <= this.#running - OVERDUE_MS ? first[0] : undefined
  }

  #changed(account: number, before: Holdings, after: Holdings): void {
    const since = this.#since
    if (since !== undefined && this.#found === undefined && this.#clearsLate(account, before, after, since))
      this.#found = { at: this.#lastSeal, accounts: [account] }
    const past = pastOf(after.lots, this.#state.time)
    const arrived = this.#arrived.get(account)
    if (past.length === 0 && arrived === undefined) return
    const lots = arrived ?? this.#lotsOf(account)
    for (const lot of past) if (!before.lots.some(one => isOf(one, lot))) lots.set(keyOf(lot), this.#state.time)
    const standing = new Set(past.map(keyOf))
    for (const key of lots.keys()) if (!standing.has(key)) lots.delete(key)
    if (lots.size === 0) this.#arrived.delete(account)
  }

  #clearsLate(account: number, before: Holdings, after: Holdings, since: number): boolean {
    return (
      this.#lateLots(account, before, since).some(lot => !after.lots.some(one => isOf(one, lot))) ||
      before.holds.some(({ id, until }) => until <= since && !after.holds.some(one => equalBytes(one.id, id)))
    )
  }

  #isLate(account: number, holdings: Holdings, since: number): boolean {
    return this.#lateLots(account, holdings, since).length > 0 || holdings.holds.some(({ until }) => until <= since)
  }

  #lateLots(account: number, { lots }: Holdings, since: number): Lot[] {
    const arrived = this.#arrived.get(account)
    return pastOf(lots, since).filter(lot => (arrived?.get(keyOf(lot)) ?? 0) <= since)
  }

  #lotsOf(account: number): Map<string, number> {
    let lots = this.#arrived.get(account)
    if (lots === undefined) {
      lots = new Map()
      this.#arrived.set(account, lots)
    }
    return lots
  }
}

/** Lots past their expiry at a time: those that expire first stand first. */
function pastOf(lots: readonly Lot[], atMs: number): readonly Lot[] {
  let count = 0
  while (count < lots.length && isPast(lots[count]!, atMs)) count++
  return lots.slice(0, count)
}

function isOf(one: LotDates, other: LotDates): boolean {
  return one.matures === other.matures && one.expires === other.expires
}

function keyOf({ matures, expires }: LotDates): string {
  return `${matures} ${expires}`
}
