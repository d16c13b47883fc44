import {
  DATES,
  INSUFFICIENT,
  NOT_EMPTY,
  OVER_ORIGINAL,
  RECOVERY_STATE,
  TAKEN_BEFORE,
  WINDOW_OVER,
} from '../core/entry/outcome.ts'
import { AMOUNT_MAX } from '../core/limits.ts'
import {
  baseOf,
  Draw,
  debtOf,
  type Holdings,
  isOf,
  isPast,
  isRecovering,
  type Lot,
  lotOf,
  partsBack,
  withLots,
} from './holdings.ts'

/** All that an account with that balance has and does not hold, in the order of spending, the base in its place. */
export function wholeOf(holdings: Holdings, balance: number): readonly Lot[] {
  const draw = new Draw(AMOUNT_MAX, baseOf(holdings, balance))
  draw.from(holdings.lots, () => true)
  return draw.parts
}

/** What is left of an account that is merged into another, or the status by which it refuses. SPEC §6. */
export function emptied(holdings: Holdings, balance: number, parts: readonly Lot[], atMs: number): Holdings | number {
  if (isRecovering(holdings, atMs)) return RECOVERY_STATE
  if (parts.some(part => isPast(part, atMs))) return DATES
  if (holdings.takes.length > 0) return TAKEN_BEFORE
  if (debtOf(holdings, balance) > 0) return INSUFFICIENT
  const whole = wholeOf(holdings, balance)
  const isAll = whole.length === parts.length && whole.every((one, i) => isSame(one, parts[i]!))
  return isAll && holdings.holds.length === 0 ? withLots(holdings, []) : NOT_EMPTY
}

function isSame(one: Lot, other: Lot): boolean {
  return isOf(one, other) && one.amount === other.amount
}

/** Without these parts, each of its own lot or of the base; undefined where one of them is not there any more. */
function withoutParts(holdings: Holdings, balance: number, parts: readonly Lot[]): Holdings | undefined {
  let { lots } = holdings
  for (const part of parts) {
    const lot = lotOf(lots, part)
    const have = part.matures + part.expires === 0 ? baseOf(holdings, balance) : (lot?.amount ?? 0)
    if (have < part.amount) return undefined
    lots = lots.flatMap(one => {
      if (one !== lot) return one
      return have === part.amount ? [] : { ...one, amount: have - part.amount }
    })
  }
  return withLots(holdings, lots)
}

/** What was merged into an account, and is to go back. */
interface Merged {
  readonly transaction: { readonly amount: number }
  /** Ledger time of its batch. */
  readonly time: number
  readonly reversed: number
  /** Those that did not go back before. */
  readonly parts: readonly Lot[]
}

/**
 * What is left of an account that gives back what was merged into it, the last parts first, as far as they are there;
 * or the status by which it refuses. SPEC §6.
 */
export function unmerged(
  holdings: Holdings,
  balance: number,
  amount: number,
  { transaction, time, reversed, parts }: Merged,
  atMs: number,
  windowMs: number,
): Holdings | number {
  const left = transaction.amount - reversed
  const [, back] = partsBack(parts, Math.min(amount, left))
  if (back.some(part => isPast(part, atMs))) return DATES
  if (atMs > time + windowMs) return WINDOW_OVER
  if (holdings.takes.some(take => lotOf(back, take) !== undefined)) return TAKEN_BEFORE
  if (amount > left) return OVER_ORIGINAL
  return withoutParts(holdings, balance, back) ?? INSUFFICIENT
}

/** The most steps of points of which `unmerged` finds something left; 0 where it refuses every amount. */
export function mostUnmerged(
  holdings: Holdings,
  balance: number,
  merged: Merged,
  { atMs, windowMs, step }: { readonly atMs: number; readonly windowMs: number; readonly step: number },
): number {
  const fits = (steps: number) => typeof unmerged(holdings, balance, steps * step, merged, atMs, windowMs) !== 'number'
  let [most, tooMany] = [0, Math.floor((merged.transaction.amount - merged.reversed) / step) + 1]
  while (tooMany - most > 1) {
    const half = most + Math.floor((tooMany - most) / 2)
    if (fits(half)) most = half
    else tooMany = half
  }
  return most
}
