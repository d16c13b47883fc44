import { equalBytes } from '../core/bytes.ts'
import { LOTS_MAX, LOTS_ROOM, RECOVERY_MS } from '../core/limits.ts'
import { QUARTER_MS } from './dates.ts'
import type { Status } from './statuses.ts'

/** Points of one account that mature and expire together (SPEC §6). */
export interface Lot {
  /** Quarter hours since 1970: not to be spent before; 0 for at once. */
  readonly matures: number
  /** Quarter hours since 1970: not to be spent from then on; 0 for never. */
  readonly expires: number
  readonly amount: number
}

/** Points set aside for a payment to come (SPEC §6). */
export interface Hold {
  /** The 16 bytes of the hold's id. */
  readonly id: Uint8Array
  /** Where a capture takes them. */
  readonly credit: number
  readonly amount: number
  /** From then on it cannot be captured. */
  readonly until: number
  /** The lots they were taken from, in the order of taking. */
  readonly parts: readonly Lot[]
}

/** A consent that stands (SPEC §6). */
export interface Grant {
  readonly id: Uint8Array
  /** Record number of whom details may be shown to, or the account that may take points. */
  readonly to: number
  /** 0: see details; 1: take points. */
  readonly may: number
  /** Until when, 0 for until it is withdrawn. */
  readonly until: number
}

/** What another member took of a lot that stands (SPEC §6). */
export interface Take {
  /** Dates of the lot. */
  readonly matures: number
  readonly expires: number
  /** The account that took. */
  readonly credit: number
  readonly amount: number
}

/**
 * What an account has besides its balance (SPEC §6, `More`). A value: every change makes a new one. Points without
 * dates are in none of the lots: they are what the balance has beyond lots and holds, its _base_. A base below zero is
 * a debt.
 */
export interface Holdings {
  /** In the order of spending. */
  readonly lots: readonly Lot[]
  /** In the order of being made. */
  readonly holds: readonly Hold[]
  /** The day of the last gift, as `dayOf` has it, and what was given away on it. */
  readonly giftDay: number
  readonly given: number
  /** The key that a recovery would put in place, 32 bytes, and from when on; null and 0 without any. */
  readonly recoveryKey: Uint8Array | null
  readonly recoveryDue: number
  /** In the order of being granted. */
  readonly grants: readonly Grant[]
  /** The day of the last take by this account, as `dayOf` has it, and what it took on that. */
  readonly takenDay: number
  readonly taken: number
  /** Of its lots by others, in the order of being made. */
  readonly takes: readonly Take[]
  /** In the order of being set; at most one of a rule. */
  readonly statuses: readonly Status[]
}

export const NO_HOLDINGS: Holdings = {
  lots: [],
  holds: [],
  giftDay: 0,
  given: 0,
  recoveryKey: null,
  recoveryDue: 0,
  grants: [],
  takenDay: 0,
  taken: 0,
  takes: [],
  statuses: [],
}

const UNDATED = { matures: 0, expires: 0 } as const

/** The sum of lots, which is below 2^53 as every balance is. */
export function sumOf(lots: readonly { readonly amount: number }[]): number {
  let sum = 0
  for (const { amount } of lots) sum += amount
  return sum
}

/** What is held. */
export function heldIn({ holds }: Holdings): number {
  return sumOf(holds)
}

/** The points without dates of an account with that balance; below zero, it is a debt. */
export function baseOf(holdings: Holdings, balance: number): number {
  return balance - sumOf(holdings.lots) - heldIn(holdings)
}

/** Whether a lot is past its expiry at a time. */
export function isPast({ expires }: Pick<Lot, 'expires'>, atMs: number): boolean {
  return expires !== 0 && expires * QUARTER_MS <= atMs
}

export function isMature({ matures }: Lot, atMs: number): boolean {
  return matures * QUARTER_MS <= atMs
}

/** What an account with that balance has, by what can be done with it at a time. The four add up to the balance. */
export interface Shares {
  /** To be spent now; below zero it is a debt. */
  readonly available: number
  /** Not matured yet. */
  readonly pending: number
  readonly held: number
  /** Past its expiry, and not yet expired by an entry. */
  readonly overdue: number
}

/** What an account with that balance has at a time (SPEC §6). */
export function sharesOf(holdings: Holdings, balance: number, atMs: number): Shares {
  let [available, pending, overdue] = [baseOf(holdings, balance), 0, 0]
  for (const lot of holdings.lots) {
    if (isPast(lot, atMs)) overdue += lot.amount
    else if (isMature(lot, atMs)) available += lot.amount
    else pending += lot.amount
  }
  return { available, pending, held: heldIn(holdings), overdue }
}

/** The next expiry of points that are not held: when, and how many. Undefined where nothing expires. */
export function nextExpiry(
  { lots }: Holdings,
  atMs: number,
): { readonly atMs: number; readonly amount: number } | undefined {
  const next = lots.find(lot => lot.expires !== 0 && !isPast(lot, atMs))
  if (next === undefined) return undefined
  return { atMs: next.expires * QUARTER_MS, amount: sumOf(lots.filter(({ expires }) => expires === next.expires)) }
}

/** The order of spending: soonest expiry first, then oldest. Points without dates come before all that never expire. */
function isBefore(a: Pick<Lot, 'matures' | 'expires'>, b: Pick<Lot, 'matures' | 'expires'>): boolean {
  if (a.expires !== b.expires) return b.expires === 0 || (a.expires !== 0 && a.expires < b.expires)
  return a.matures < b.matures
}

export function isOf(lot: Pick<Lot, 'matures' | 'expires'>, dates: Pick<Lot, 'matures' | 'expires'>): boolean {
  return lot.matures === dates.matures && lot.expires === dates.expires
}

function isUndated({ matures, expires }: Pick<Lot, 'matures' | 'expires'>): boolean {
  return matures === 0 && expires === 0
}

/**
 * Points that arrive or come back: a debt takes of them first, part by part; the rest of each joins the lot of its
 * dates. Costs the number of lots.
 *
 * @param debt - how much the account owes before they arrive.
 */
export function arrive(holdings: Holdings, debt: number, parts: readonly Lot[]): Holdings {
  const come: Lot[] = []
  let owed = debt
  for (const part of parts) {
    const paid = Math.min(owed, part.amount)
    owed -= paid
    if (part.amount > paid && !isUndated(part)) come.push({ ...part, amount: part.amount - paid })
  }
  return come.length === 0 ? holdings : { ...holdings, lots: merged(holdings.lots, come) }
}

/** Two lists of lots in the order of spending as one, with one lot for equal dates. */
function merged(lots: readonly Lot[], come: readonly Lot[]): Lot[] {
  const all: Lot[] = []
  let at = 0
  for (const one of come) {
    while (at < lots.length && isBefore(lots[at]!, one)) all.push(lots[at++]!)
    const there = lots[at]
    if (there === undefined || !isOf(there, one)) all.push(one)
    else {
      all.push({ ...there, amount: there.amount + one.amount })
      at++
    }
  }
  while (at < lots.length) all.push(lots[at++]!)
  return all
}

/** How many points an account with that balance owes. */
export function debtOf(holdings: Holdings, balance: number): number {
  return Math.max(0, -baseOf(holdings, balance))
}

/** How many lots an account has, with the parts of its holds: as they come back, they need room too. */
function lotCount({ lots, holds }: Holdings): number {
  let count = lots.length
  for (const { parts } of holds) count += parts.length
  return count
}

/**
 * Whether there is room for points to come, in the order of spending: for as many lots as they need that are not there.
 */
export function hasRoom(holdings: Holdings, parts: readonly Pick<Lot, 'matures' | 'expires'>[]): boolean {
  const { lots } = holdings
  let [at, more] = [0, 0]
  for (const part of parts) {
    if (isUndated(part)) continue
    while (at < lots.length && isBefore(lots[at]!, part)) at++
    if (at === lots.length || !isOf(lots[at]!, part)) more++
  }
  return more === 0 || lotCount(holdings) + more <= LOTS_ROOM
}

/**
 * Whether an account has no more lots and parts than its state has room for: a hold can split a lot, and then another.
 */
export function fits(holdings: Holdings): boolean {
  return lotCount(holdings) <= LOTS_MAX
}

/** Points taken from an account: what it has then, and which they were, in the order of taking. */
export interface TakenLots {
  readonly holdings: Holdings
  readonly parts: readonly Lot[]
}

/** With what is left of its lots; what was taken of those that are gone is forgotten. */
export function withLots(holdings: Holdings, lots: readonly Lot[]): Holdings {
  return forgotten({ ...holdings, lots })
}

/** Without takes of lots that are gone: of which there is none, and no part of a hold. */
export function forgotten(holdings: Holdings): Holdings {
  const { takes, lots, holds } = holdings
  if (takes.length === 0) return holdings
  const stands = (take: Take) => [lots, ...holds.map(({ parts }) => parts)].some(all => lotOf(all, take) !== undefined)
  return { ...holdings, takes: takes.filter(stands) }
}

/** The lot of those dates. */
export function lotOf(lots: readonly Lot[], dates: Pick<Lot, 'matures' | 'expires'>): Lot | undefined {
  return lots.find(lot => isOf(lot, dates))
}

/** Takes from lots in the order of spending, the base in its place, as far as `mayTake` lets. */
export class Draw {
  readonly parts: Lot[] = []
  wanted: number
  #base: number

  constructor(wanted: number, base: number) {
    this.wanted = wanted
    this.#base = Math.max(0, base)
  }

  /** What is left of the lots. */
  from(lots: readonly Lot[], mayTake: (lot: Lot) => boolean): Lot[] {
    const left: Lot[] = []
    let isBaseDrawn = false
    for (const lot of lots) {
      if (!isBaseDrawn && lot.expires === 0) {
        this.#takeBase()
        isBaseDrawn = true
      }
      const taken = mayTake(lot) ? this.#take(lot, lot.amount) : 0
      if (taken < lot.amount) left.push(taken === 0 ? lot : { ...lot, amount: lot.amount - taken })
    }
    if (!isBaseDrawn) this.#takeBase()
    return left
  }

  #takeBase(): void {
    this.#base -= this.#take(UNDATED, this.#base)
  }

  #take({ matures, expires }: Pick<Lot, 'matures' | 'expires'>, have: number): number {
    const amount = Math.min(this.wanted, have)
    if (amount > 0) this.parts.push({ matures, expires, amount })
    this.wanted -= amount
    return amount
  }
}

/**
 * Spends: of what has matured and is not past its expiry, soonest expiry first, then oldest. Undefined if there is not
 * enough.
 */
export function spend(holdings: Holdings, balance: number, amount: number, atMs: number): TakenLots | undefined {
  const draw = new Draw(amount, baseOf(holdings, balance))
  const lots = draw.from(holdings.lots, lot => isMature(lot, atMs) && !isPast(lot, atMs))
  if (draw.wanted > 0) return undefined
  return { holdings: holdings.lots.length === 0 ? holdings : withLots(holdings, lots), parts: draw.parts }
}

/** As `spend`, of the one lot with those dates. */
export function spendLot(
  holdings: Holdings,
  balance: number,
  amount: number,
  dates: Pick<Lot, 'matures' | 'expires'>,
  atMs: number,
): TakenLots | undefined {
  if (isUndated(dates))
    return baseOf(holdings, balance) < amount ? undefined : { holdings, parts: [{ ...UNDATED, amount }] }
  const draw = new Draw(amount, 0)
  const lots = draw.from(holdings.lots, lot => isOf(lot, dates) && isMature(lot, atMs) && !isPast(lot, atMs))
  return draw.wanted > 0 ? undefined : { holdings: withLots(holdings, lots), parts: draw.parts }
}

/**
 * Takes back points that were issued: of the lot of their dates first, then of the others in the order of spending,
 * matured or not, then by going into debt up to `debtMax`. Held points and those past their expiry are not touched.
 * Undefined if that is not enough.
 */
export function clawBack(
  holdings: Holdings,
  balance: number,
  amount: number,
  dates: Pick<Lot, 'matures' | 'expires'>,
  atMs: number,
  debtMax: number,
): Holdings | undefined {
  const base = baseOf(holdings, balance)
  const own = new Draw(amount, isUndated(dates) ? base : 0)
  const rest = own.from(holdings.lots, lot => isOf(lot, dates) && !isPast(lot, atMs))
  const others = new Draw(own.wanted, isUndated(dates) ? 0 : base)
  const lots = others.from(rest, lot => !isPast(lot, atMs))
  if (others.wanted > 0 && others.wanted + Math.max(0, -base) > debtMax) return undefined
  return withLots(holdings, lots)
}

/** How many points are past their expiry and not held. */
export function dueToExpire({ lots }: Holdings, atMs: number): number {
  return sumOf(lots.filter(lot => isPast(lot, atMs)))
}

/** Without the lots past their expiry. */
export function withoutPast(holdings: Holdings, atMs: number): Holdings {
  return withLots(
    holdings,
    holdings.lots.filter(lot => !isPast(lot, atMs)),
  )
}

/** Whether a recovery is under way: until 30 days after it was due, when nobody finishes it any more. SPEC §6. */
export function isRecovering({ recoveryKey, recoveryDue }: Holdings, atMs: number): boolean {
  return recoveryKey !== null && atMs <= recoveryDue + RECOVERY_MS
}

/** The hold of that id, if it stands. */
export function holdOf({ holds }: Holdings, id: Uint8Array): Hold | undefined {
  return holds.find(hold => equalBytes(hold.id, id))
}

/** Ends a hold: the first `amount` of its points are gone, the others come back. */
export function endHold(holdings: Holdings, balance: number, hold: Hold, amount: number): TakenLots {
  const [parts, back] = splitAt(hold.parts, amount)
  const without = { ...holdings, holds: holdings.holds.filter(one => one !== hold) }
  return { holdings: forgotten(arrive(without, debtOf(holdings, balance), back)), parts }
}

/** Parts up to an amount, and those beyond it. */
export function splitAt(parts: readonly Lot[], amount: number): [Lot[], Lot[]] {
  const [first, rest]: [Lot[], Lot[]] = [[], []]
  let left = amount
  for (const part of parts) {
    const taken = Math.min(left, part.amount)
    if (taken > 0) first.push({ ...part, amount: taken })
    if (taken < part.amount) rest.push({ ...part, amount: part.amount - taken })
    left -= taken
  }
  return [first, rest]
}

/**
 * Of the parts of a debit that have not come back: those that stay, and those that come back when `amount` of it is
 * reversed. What was taken last comes back first.
 */
export function partsBack(parts: readonly Lot[], amount: number): [stays: Lot[], back: Lot[]] {
  return splitAt(parts, sumOf(parts) - amount)
}

/** The consent of that id, if it stands. */
export function grantOf({ grants }: Holdings, id: Uint8Array): Grant | undefined {
  return grants.find(grant => equalBytes(grant.id, id))
}
