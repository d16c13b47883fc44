import { describe, expect, test } from 'vitest'
import { AMOUNT_MAX, HOLD_MS_MAX } from '../../src/core/limits.ts'
import type { Draft } from '../world.ts'
import {
  ANNA,
  BERT,
  type Beginning,
  BUDGET,
  DAY,
  GEM_BUDGET,
  HOLD_MAX,
  HOUR,
  ISSUER,
  MERCHANT,
  OPERATOR,
  Q,
  QUARTER,
  SHOP,
  SKEW,
  START,
  TREASURER,
  TREASURY,
  WINDOW,
} from './beginning.ts'
import { keys, owner, Programme } from './programme.ts'

/** A test of one bound, whose run is replayed and recomputed at its end. */
function bound(name: string, tell: (p: Programme) => void, wanted?: Beginning): void {
  test(name, async () => {
    const p = new Programme(wanted)
    tell(p)
    await p.check()
  })
}

const issue = (amount: number, expires = 0, credit = ANNA): Draft => ({
  kind: 'issue',
  debit: BUDGET,
  credit,
  amount,
  expires,
})
const redeem = (amount: number, debit = ANNA): Draft => ({ kind: 'redeem', debit, credit: SHOP, amount })
const hold = (amount: number, until = START + HOLD_MAX): Draft => ({
  kind: 'hold',
  debit: ANNA,
  credit: SHOP,
  amount,
  until,
})
const gift = (amount: number, expires = 0): Draft => ({ kind: 'transfer', debit: ANNA, credit: BERT, amount, expires })

describe('bounds that a unit states', () => {
  bound(
    'step: every amount is a multiple of it, whichever kind moves it',
    p => {
      p.issue(50)
      p.ok(owner(ANNA), redeem(5))
      const held = p.ok(owner(ANNA), hold(10))
      const off: [Parameters<Programme['try']>[0], (amount: number) => Draft][] = [
        [keys(TREASURER), amount => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })],
        [keys(ISSUER), issue],
        [owner(ANNA), redeem],
        [owner(ANNA), hold],
        [owner(ANNA), gift],
        [keys(MERCHANT), amount => ({ kind: 'capture', debit: ANNA, credit: SHOP, amount, hold: held })],
        [keys(TREASURER, MERCHANT), amount => ({ kind: 'settle', debit: SHOP, credit: TREASURY, amount })],
      ]
      for (const [by, draft] of off) {
        expect([p.try(by, draft(4)), p.try(by, draft(6))], draft(5).kind).toEqual(['off-step', 'off-step'])
        expect(p.try(by, draft(5)), draft(5).kind).toBe('accepted')
      }
    },
    { coins: { step: 5 } },
  )

  bound('gift-each: the most that one gift may be', p => {
    p.issue(100)
    expect(p.try(owner(ANNA), gift(21))).toBe('over-gift-cap')
    expect(p.try(owner(ANNA), gift(20))).toBe('accepted')
  })

  for (const [offset, midnight] of [
    [56, 16 * HOUR],
    [88, 8 * HOUR],
    [0, 6 * HOUR],
    [112, 2 * HOUR],
    [78, 10 * HOUR + 2 * QUARTER],
  ] as const)
    bound(
      `gift-day: the most of a day of the unit, whatever is received; the next day begins a new one: offset ${offset}`,
      p => {
        p.issue(100)
        p.ok(owner(ANNA), gift(20), gift(9))
        expect(p.try(owner(ANNA), gift(2))).toBe('over-gift-cap')
        p.ok(owner(BERT), { kind: 'transfer', debit: BERT, credit: ANNA, amount: 20 })
        expect(p.try(owner(ANNA), gift(2))).toBe('over-gift-cap')
        expect(p.try(owner(ANNA), gift(1))).toBe('accepted')
        expect(p.try(owner(ANNA), gift(1))).toBe('over-gift-cap')
        p.time = START + midnight - 1
        // The day is that of the ledger: no clock of hers brings it early, or the old one back.
        for (const t of [0, 1, SKEW]) expect(p.try(owner(ANNA), gift(1), t)).toBe('over-gift-cap')
        p.time = START + midnight
        expect(p.try(owner(ANNA), gift(20), -1)).toBe('accepted')
        for (const t of [0, -1, -SKEW, SKEW]) expect(p.try(owner(ANNA), gift(11), t)).toBe('over-gift-cap')
        expect(p.try(owner(ANNA), gift(10), -SKEW)).toBe('accepted')
        p.time = START + midnight + DAY
        expect(p.try(owner(ANNA), gift(20))).toBe('accepted')
      },
      { coins: { offset } },
    )

  bound('debt-max: so far below zero a clawback goes, in sum', p => {
    const originals = [p.issue(30), p.issue(30)]
    p.ok(owner(ANNA), redeem(55))
    const clawBack = (amount: number, original = originals[0]!): Draft => {
      return { kind: 'reverse', debit: ANNA, credit: BUDGET, amount, original }
    }
    expect(p.try(keys(ISSUER), clawBack(30))).toBe('accepted')
    expect(p.balance(ANNA)).toBe(-25)
    expect(p.try(keys(ISSUER), clawBack(1, originals[1]!))).toBe('insufficient')
    p.issue(3)
    expect(p.try(keys(ISSUER), clawBack(4, originals[1]!))).toBe('insufficient')
    expect(p.try(keys(ISSUER), clawBack(3, originals[1]!))).toBe('accepted')
    expect(p.balance(ANNA)).toBe(-25)
  })

  bound(
    'debt-max of 0: only what is left is taken back',
    p => {
      const original = p.issue(30)
      p.ok(owner(ANNA), redeem(20))
      const clawBack = (amount: number): Draft => ({ kind: 'reverse', debit: ANNA, credit: BUDGET, amount, original })
      expect(p.try(keys(ISSUER), clawBack(11))).toBe('insufficient')
      expect(p.try(keys(ISSUER), clawBack(10))).toBe('accepted')
      expect(p.try(keys(ISSUER), clawBack(1))).toBe('insufficient')
    },
    { coins: { debtMax: 0 } },
  )

  bound('window: to the millisecond, by ledger time of the two batches, whatever the ids say', p => {
    const issued = p.entry(issue(30), -SKEW)
    expect(p.submit(keys(ISSUER), issued)).toEqual(['accepted'])
    const spent = p.ok(owner(ANNA), redeem(20))
    const funded = p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 10 })
    const [clawed, refunded, unfunded]: Draft[] = [
      { kind: 'reverse', debit: ANNA, credit: BUDGET, amount: 1, original: issued.slice(4, 20) },
      { kind: 'reverse', debit: SHOP, credit: ANNA, amount: 1, original: spent },
      { kind: 'reverse', debit: BUDGET, credit: TREASURY, amount: 1, original: funded },
    ]
    const all = (offset: number) => [
      p.try(keys(ISSUER), clawed!, offset),
      p.try(keys(MERCHANT), refunded!, offset),
      p.try(keys(TREASURER), unfunded!, offset),
    ]
    p.time = START + WINDOW
    for (const offset of [0, 1, SKEW]) expect(all(offset)).toEqual(['accepted', 'accepted', 'accepted'])
    p.time = START + WINDOW + 1
    for (const offset of [0, -1, -SKEW]) expect(all(offset)).toEqual(['window-over', 'window-over', 'window-over'])
  })

  bound('cap: so much the treasury may be below zero', p => {
    const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })
    expect(p.try(keys(TREASURER), fund(501))).toBe('over-cap')
    expect(p.try(keys(TREASURER), fund(500))).toBe('accepted')
    expect(p.try(keys(TREASURER), fund(1))).toBe('over-cap')
  })
})

describe('bounds in time', () => {
  bound('a lot can be spent from its maturity on, and until its expiry: by ledger time', p => {
    p.issue(10, { matures: Q + 1, expires: Q + 2 })
    const spent = (offset: number) => p.try(owner(ANNA), redeem(1), offset)
    p.time = START + QUARTER - 1
    expect([spent(0), spent(1), spent(SKEW)]).toEqual(['insufficient', 'insufficient', 'insufficient'])
    p.time = START + QUARTER
    expect([spent(0), spent(-1)]).toEqual(['accepted', 'accepted'])
    p.time = START + 2 * QUARTER - 1
    expect([spent(0), spent(SKEW)]).toEqual(['accepted', 'accepted'])
    p.time = START + 2 * QUARTER
    expect([spent(0), spent(-1), spent(-SKEW)]).toEqual(['insufficient', 'insufficient', 'insufficient'])
  })

  bound(
    'a hold stands no longer than its unit says, or a year where nothing is ever reversed; lots to the last of quarters',
    p => {
      p.ok(keys(ISSUER), issue(10, 2 ** 32 - 1))
      const held = p.ok(owner(ANNA), hold(5, START + HOLD_MS_MAX))
      expect(p.try(owner(ANNA), hold(5, START + HOLD_MS_MAX + 1), SKEW)).toBe('hold-too-long')
      expect(() => p.entry(hold(5, 0))).toThrow('until')
      expect(() => p.entry(issue(10, 2 ** 32))).toThrow('expires')
      const unit = { kind: 'define-unit', name: 'x', cap: 1 } as const
      for (const wrong of [
        { windowMs: 0, holdMaxMs: HOLD_MS_MAX + 1 },
        { windowMs: 10, holdMaxMs: 11 },
      ])
        expect(() => p.entry({ ...unit, ...wrong })).toThrow('hold')
      expect(p.entry({ ...unit, windowMs: 10, holdMaxMs: 10 })[0]).toBe(2)
      expect(p.try(keys(OPERATOR), { kind: 'release', account: ANNA, hold: held })).toBe('not-due')
      expect(p.shares(ANNA)).toEqual({ available: 5, pending: 0, held: 5, overdue: 0 })
    },
    { coins: { windowMs: 0, holdMaxMs: HOLD_MS_MAX } },
  )

  bound('terms of a budget: from a moment on, and until one, by ledger time', p => {
    const [from, until] = [START + 10, START + 20]
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, from, until })
    const issued = (offset: number) => p.try(keys(ISSUER), issue(1), offset)
    p.time = from - 1
    expect([issued(0), issued(1), issued(SKEW)]).toEqual(['budget-closed', 'budget-closed', 'budget-closed'])
    p.time = from
    expect([issued(0), issued(-1)]).toEqual(['accepted', 'accepted'])
    p.time = until - 1
    expect([issued(0), issued(1)]).toEqual(['accepted', 'accepted'])
    p.time = until
    expect([issued(0), issued(-1), issued(-SKEW)]).toEqual(['budget-closed', 'budget-closed', 'budget-closed'])
  })

  bound('caps of a budget for a member: of a day, and in total', p => {
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberDay: 50, memberTotal: 80 })
    expect(p.try(keys(ISSUER), issue(51))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(50))).toBe('accepted')
    expect(p.try(keys(ISSUER), issue(1))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(50, 0, BERT))).toBe('accepted')
    p.time = START + 16 * HOUR
    expect(p.try(keys(ISSUER), issue(31))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(30))).toBe('accepted')
    p.time += DAY
    expect(p.try(keys(ISSUER), issue(1))).toBe('over-member-cap')
    // New terms do not forget what was given under the old.
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberTotal: 81 })
    expect(p.try(keys(ISSUER), issue(2))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(1))).toBe('accepted')
  })

  for (const [offset, midnight] of [
    [56, 16 * HOUR],
    [88, 8 * HOUR],
    [1, 5 * HOUR + 3 * QUARTER],
  ] as const)
    bound(
      `member-day: counts a day of the unit once, in whatever order what is given is dated: offset ${offset}`,
      p => {
        p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberDay: 10 })
        p.time = START + midnight - 1
        const [today, tomorrow] = [
          (amount: number) => p.try(keys(ISSUER), issue(amount)),
          (amount: number) => p.try(keys(ISSUER), issue(amount), SKEW),
        ]
        expect([today(4), tomorrow(4), today(3), tomorrow(3)]).toEqual([
          'accepted',
          'accepted',
          'over-member-cap',
          'over-member-cap',
        ])
        expect([tomorrow(2), today(1)]).toEqual(['accepted', 'over-member-cap'])
        p.time = START + midnight
        const yesterday = (amount: number) => p.try(keys(ISSUER), issue(amount), -SKEW - 5000)
        expect([yesterday(6), today(4), yesterday(1), today(1)]).toEqual([
          'accepted',
          'accepted',
          'over-member-cap',
          'over-member-cap',
        ])
      },
      { coins: { offset } },
    )

  bound(
    'member-day: a conversion gives, too, by the clock of the unit of its budget; and a reversal gives no room back',
    p => {
      p.issue(100)
      p.ok(keys(TREASURER), { kind: 'set-budget', account: GEM_BUDGET, memberDay: 10 })
      const draft = (): Draft => ({
        kind: 'convert',
        debit: ANNA,
        credit: TREASURY,
        amount: 4,
        rate: 13,
        budget: GEM_BUDGET,
        account: 8,
        gained: 10,
        expires: Math.ceil((p.time / QUARTER + 2) / 2) * 2,
      })
      // The gems' day ends at 18:30 UTC, the coins' at midnight.
      p.time = START + 10 * HOUR
      expect([p.try(owner(ANNA), draft()), p.try(owner(ANNA), draft())]).toEqual(['accepted', 'over-member-cap'])
      p.time = START + 10 * HOUR + 2 * QUARTER
      expect([p.try(owner(ANNA), draft()), p.try(owner(ANNA), draft())]).toEqual(['accepted', 'over-member-cap'])
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberTotal: 20 })
      const issued = p.issue(20)
      p.ok(keys(ISSUER), { kind: 'reverse', debit: ANNA, credit: BUDGET, amount: 20, original: issued })
      expect(p.try(keys(ISSUER), issue(1))).toBe('over-member-cap')
    },
  )

  bound(
    'caps saturate: what was given and taken back beyond all numbers is more than any cap',
    p => {
      p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: AMOUNT_MAX - 1500 })
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET })
      for (let i = 0; i < 3; i++) {
        const issued = p.issue(AMOUNT_MAX)
        p.ok(keys(ISSUER), { kind: 'reverse', debit: ANNA, credit: BUDGET, amount: AMOUNT_MAX, original: issued })
      }
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberDay: AMOUNT_MAX })
      expect(p.try(keys(ISSUER), issue(1))).toBe('over-member-cap')
      expect(p.try(keys(ISSUER), issue(AMOUNT_MAX, 0, BERT))).toBe('accepted')
    },
    { coins: { cap: AMOUNT_MAX } },
  )
})
