import { sum } from './lots.ts'
import type { NaiveAccount } from './state.ts'
import { isPast, isRipe } from './time.ts'

/** What an account has at a time, by what can be done with it. */
export interface Shares {
  readonly available: number
  readonly pending: number
  readonly held: number
  readonly overdue: number
}

export function sharesIn({ parcels, holds, debt }: NaiveAccount, time: number): Shares {
  const past = parcels.filter(lot => isPast(lot, time))
  const ripe = parcels.filter(lot => isRipe(lot, time))
  const [overdue, available] = [sum(past), sum(ripe)]
  return { available: available - debt, pending: sum(parcels) - overdue - available, held: sum(holds), overdue }
}
