import { test } from 'vitest'
import type { Draft } from '../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  type Beginning,
  BUDGET,
  EXPIRED,
  GEM_BUDGET,
  Q,
  QUARTER,
  RATE,
  SHOP,
  START,
  TREASURY,
} from './beginning.ts'
import { Programme } from './programme.ts'

/**
 * A thing that went wrong in points engines, and must not here. The run is fed through a replay at its end, and every
 * member account is made again from its own entries.
 */
export function never(name: string, tell: (p: Programme) => void, wanted?: Beginning): void {
  test(name, async () => {
    const p = new Programme(wanted)
    tell(p)
    await p.check()
  })
}

export const redeem = (amount: number, debit = ANNA): Draft => ({ kind: 'redeem', debit, credit: SHOP, amount })
export const hold = (amount: number, until = START + QUARTER): Draft => ({
  kind: 'hold',
  debit: ANNA,
  credit: SHOP,
  amount,
  until,
})
export const capture = (amount: number, held: Uint8Array): Draft => ({
  kind: 'capture',
  debit: ANNA,
  credit: SHOP,
  amount,
  hold: held,
})
export const release = (held: Uint8Array): Draft => ({ kind: 'release', account: ANNA, hold: held })
export const refund = (amount: number, original: Uint8Array): Draft => ({
  kind: 'reverse',
  debit: SHOP,
  credit: ANNA,
  amount,
  original,
})
export const clawBack = (amount: number, original: Uint8Array): Draft => ({
  kind: 'reverse',
  debit: ANNA,
  credit: BUDGET,
  amount,
  original,
})
export const expire = (amount: number): Draft => ({ kind: 'expire', debit: ANNA, credit: EXPIRED, amount })
export const gift = (amount: number, dates: { matures?: number; expires?: number } = {}): Draft => {
  return { kind: 'transfer', debit: ANNA, credit: BERT, amount, ...dates }
}

/** Coins into gems at the rate of `beginning`: 2 become 5, for two hours. */
export function convert(amount: number, expires = Q + 2): Draft {
  const gained = (amount / 2) * 5
  return {
    kind: 'convert',
    debit: ANNA,
    credit: TREASURY,
    amount,
    rate: RATE,
    budget: GEM_BUDGET,
    account: ANNAS_GEMS,
    gained,
    expires,
  }
}
