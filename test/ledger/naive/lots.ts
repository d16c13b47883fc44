import type { NaiveAccount, Parcel, Use } from './state.ts'
import { isMature, isPast, isRipe } from './time.ts'

/** How many lots and parts of holds there are at most, and up to which new ones arrive. */
const [MOST, ROOM] = [1024, 992]
/** How many of them can be waiting to ripen when another is issued. */
const PENDING = 496

type Dates = Pick<Parcel, 'matures' | 'expires'>

export const sum = (list: readonly { readonly amount: number }[]): number =>
  list.reduce((total, { amount }) => total + amount, 0)
export const copies = (parcels: readonly Parcel[]): Parcel[] => parcels.map(one => ({ ...one }))
export const isOf = (a: Dates, b: Dates): boolean => a.matures === b.matures && a.expires === b.expires
/** Points with dates are lots; the others are the base. */
export const isDated = ({ matures, expires }: Dates): boolean => matures !== 0 || expires !== 0

const expiry = ({ expires }: Dates) => (expires === 0 ? Number.MAX_VALUE : expires)
/** Soonest expiry first, none last; then soonest maturity. */
const bySpending = (a: Parcel, b: Parcel) => expiry(a) - expiry(b) || a.matures - b.matures

/** Takes an amount out of parcels, one after another, and says what it took of which. */
export function draw(parcels: readonly Parcel[], amount: number): Parcel[] {
  const taken: Parcel[] = []
  let left = amount
  for (const parcel of parcels) {
    const some = Math.min(left, parcel.amount)
    if (some > 0) taken.push({ ...parcel, amount: some })
    left -= some
    parcel.amount -= some
  }
  return taken
}

type Holder = Pick<NaiveAccount, 'parcels' | 'debt'>

/** Points arrive, or come back, part by part: a debt takes of each first, the rest joins the lot of its dates. */
export function put(account: Holder, parcels: readonly Parcel[]): void {
  for (const { matures, expires, amount } of parcels) {
    const paid = Math.min(account.debt, amount)
    account.debt -= paid
    const there = account.parcels.find(one => isOf(one, { matures, expires }))
    if (there === undefined) account.parcels.push({ matures, expires, amount: amount - paid })
    else there.amount += amount - paid
  }
  tidy(account)
}

/** No lot of amount 0, and the order of spending. */
export function tidy(account: Holder): void {
  account.parcels = account.parcels.filter(({ amount }) => amount > 0).sort(bySpending)
}

/** What can be spent at a time. */
export const ripe = ({ parcels }: Holder, time: number): Parcel[] => parcels.filter(one => isRipe(one, time))
/** What is due to expire at a time. */
export const past = ({ parcels }: Holder, time: number): Parcel[] => parcels.filter(one => isPast(one, time))

/** Spends an amount at a time, and says what it took. */
export function spend(account: NaiveAccount, amount: number, time: number): Parcel[] {
  const taken = draw(ripe(account, time), amount)
  tidy(account)
  return taken
}

/** What can be spent of the one lot of these dates. */
export const ripeOf = (account: Holder, dates: Dates, time: number): Parcel[] =>
  ripe(account, time).filter(one => isOf(one, dates))

/** What a clawback of points of these dates takes, in order: their own lot, then all others; nothing that is past. */
export function clawable({ parcels }: Holder, dates: Dates, time: number): Parcel[] {
  const standing = parcels.filter(one => !isPast(one, time))
  return [...standing.filter(one => isOf(one, dates)), ...standing.filter(one => !isOf(one, dates))]
}

/** What comes back of a debit by reversing so much more of it: what was taken last, first. */
export function partsBack({ took, reversed }: Use, amount: number): Parcel[] {
  const backwards = copies(took).reverse()
  draw(backwards, reversed)
  return draw(backwards, amount).reverse()
}

const lotsOf = ({ parcels }: Holder): Parcel[] => parcels.filter(isDated)
const partsOf = ({ holds }: NaiveAccount): Parcel[] => holds.flatMap(({ parcels }) => parcels)

/** Whether what arrives needs lots for which there is no room, whatever a debt will take of it. */
export function isFull(account: NaiveAccount, arriving: readonly Parcel[]): boolean {
  const lots = lotsOf(account)
  const fresh = arriving.filter(part => isDated(part) && !lots.some(lot => isOf(lot, part))).length
  return fresh > 0 && lots.length + partsOf(account).length + fresh > ROOM
}

/** Whether what is issued would be one more lot that has to ripen, beside as many as there can be. */
export function isFullOfPending(account: NaiveAccount, part: Dates, t: number): boolean {
  const lots = lotsOf(account)
  const pending = lots.filter(lot => !isMature(lot, t))
  return !isMature(part, t) && !lots.some(lot => isOf(lot, part)) && pending.length >= PENDING
}

/** Whether a hold of an amount would leave more lots and parts than there can be. */
export function isSplitTooOften(account: NaiveAccount, amount: number, time: number): boolean {
  const after = { ...account, parcels: copies(account.parcels) }
  const parts = spend(after, amount, time)
  return lotsOf(after).length + partsOf(account).length + parts.length > MOST
}
