import { describe, expect, test } from 'vitest'
import {
  GRANTS_MAX,
  HOLDS_MAX,
  LOTS_MAX,
  RECOVERY_KEYS_MAX,
  ROOTS_MAX,
  SCOPE_MAX,
  TIME_MS_MAX,
} from '../../src/core/limits.ts'
import type { Draft } from '../world.ts'
import {
  ANNA,
  BERT,
  type Beginning,
  BUDGET,
  COINS,
  EXPIRED,
  genesisDraft,
  ISSUER,
  MERCHANT,
  OPERATOR,
  REGISTRAR,
  ROOT,
  SHOP,
  TREASURER,
  TREASURY,
} from './commands.ts'
import { DAY, H, HOUR, key, keys, owner, Programme, recovery, START } from './programme.ts'

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
const hold = (amount: number, until = START + DAY): Draft => ({
  kind: 'hold',
  debit: ANNA,
  credit: SHOP,
  amount,
  until,
})
const gift = (amount: number, expires = 0): Draft => ({ kind: 'transfer', debit: ANNA, credit: BERT, amount, expires })

describe('bounds of an account (SPEC §13): at each, and one past it', () => {
  bound(
    'LOTS_MAX: that many dates, and no more; but more points of dates that are there, and points without dates',
    p => {
      for (let i = 1; i < LOTS_MAX; i++) p.issue(1, { expires: H + i })
      expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX))).toBe('accepted')
      expect(p.holdings(ANNA).lots.length).toBe(LOTS_MAX)
      expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX + 1))).toBe('lots-full')
      expect(p.try(keys(ISSUER), { ...issue(1, H + LOTS_MAX), matures: 1 } as Draft)).toBe('lots-full')
      expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX))).toBe('accepted')
      expect(p.try(keys(ISSUER), issue(1))).toBe('accepted')
      expect(p.lots(ANNA).at(-1)).toEqual([0, H + LOTS_MAX, 2])
      // A lot that is spent whole makes room for one.
      p.ok(owner(ANNA), redeem(1))
      expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX + 1))).toBe('accepted')
      expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX + 2))).toBe('lots-full')
    },
  )

  bound('LOTS_MAX: lots that are held count, once where the same dates are held and not', p => {
    for (let i = 1; i <= LOTS_MAX; i++) p.issue(2, { expires: H + i })
    // Two lots and half of a third are held: 254 dates lie open, 3 are held, one of them both.
    const held = p.ok(owner(ANNA), hold(5))
    expect(p.holdings(ANNA).lots.length).toBe(LOTS_MAX - 2)
    expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX + 1))).toBe('lots-full')
    expect(p.try(keys(ISSUER), issue(1, H + 1))).toBe('accepted')
    // What is captured is gone: the dates of the first lot still lie open, those of the second make room.
    p.ok(keys(MERCHANT), { kind: 'capture', debit: ANNA, credit: SHOP, amount: 4, hold: held })
    expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX + 1))).toBe('accepted')
    expect(p.try(keys(ISSUER), issue(1, H + LOTS_MAX + 2))).toBe('lots-full')
  })

  bound('LOTS_MAX: a refund, too, needs room; and lots past their expiry take it until they are expired', p => {
    for (let i = 1; i <= LOTS_MAX; i++) p.issue(1, { expires: H + i })
    const original = p.ok(owner(ANNA), redeem(2))
    p.ok(keys(ISSUER), issue(1, H + 1000))
    const refund = (amount: number): Draft => ({ kind: 'reverse', debit: SHOP, credit: ANNA, amount, original })
    expect(p.try(keys(MERCHANT), refund(2))).toBe('lots-full')
    expect(p.try(keys(MERCHANT), refund(1))).toBe('accepted')
    expect(p.try(keys(MERCHANT), refund(1))).toBe('lots-full')
    p.time = START + 4 * HOUR
    expect(p.try(keys(MERCHANT), refund(1))).toBe('lots-full')
    p.ok(keys(OPERATOR), { kind: 'expire', debit: ANNA, credit: EXPIRED, amount: 3 })
    expect(p.try(keys(MERCHANT), refund(1))).toBe('accepted')
  })

  bound('HOLDS_MAX: that many holds, and no more until one ends', p => {
    p.issue(100)
    const holds = Array.from({ length: HOLDS_MAX }, () => p.ok(owner(ANNA), hold(1)))
    expect(p.try(owner(ANNA), hold(1))).toBe('holds-full')
    p.ok(keys(MERCHANT), { kind: 'capture', debit: ANNA, credit: SHOP, amount: 1, hold: holds[3]! })
    expect(p.try(owner(ANNA), hold(1))).toBe('accepted')
    expect(p.try(owner(ANNA), hold(1))).toBe('holds-full')
    p.ok(keys(MERCHANT), { kind: 'release', account: ANNA, hold: holds[7]! })
    expect(p.try(owner(ANNA), hold(1))).toBe('accepted')
    expect(p.shares(ANNA)).toEqual({ available: 83, pending: 0, held: 16, overdue: 0 })
  })

  bound(
    'GRANTS_MAX: that many consents, and no more until one is withdrawn; one whose time is over still counts',
    p => {
      const grant = (until: number): Draft => ({ kind: 'grant', account: ANNA, to: OPERATOR, until, terms: key(1) })
      const first = p.ok(owner(ANNA), grant(START + 1))
      for (let i = 1; i < GRANTS_MAX; i++) p.ok(owner(ANNA), grant(0))
      expect(p.try(owner(ANNA), grant(0))).toBe('grants-full')
      p.time = START + 2
      expect(p.try(owner(ANNA), grant(0))).toBe('grants-full')
      p.ok(owner(ANNA), { kind: 'withdraw', account: ANNA, grant: first })
      expect(p.try(owner(ANNA), grant(0))).toBe('accepted')
      expect(p.try(owner(ANNA), grant(0))).toBe('grants-full')
    },
  )
})

describe('keys that sign together', () => {
  const opening = (count: number, need = count): Draft => ({
    kind: 'open-account',
    accountKind: 'member',
    unit: COINS,
    owner: key(1),
    nonce: key(1),
    recovery: { keys: Array.from({ length: count }, (_, i) => key(20 + i)), need, delayMs: 0 },
  })

  bound('RECOVERY_KEYS_MAX: that many can be asked for, each once; one more is no transaction', p => {
    p.ok(keys(REGISTRAR), opening(RECOVERY_KEYS_MAX))
    const account = p.naive.accounts.length - 1
    const recover: Draft = { kind: 'recover', account, key: key(5) }
    expect(p.try(recovery(account, 0, 1, 2), recover)).toBe('not-entitled')
    expect(p.try(recovery(account, 0, 2, 3), recover)).toBe('not-entitled')
    expect(p.try(recovery(account, 0, 1, 2, 3), recover)).toBe('accepted')
    expect(() => p.entry(opening(RECOVERY_KEYS_MAX + 1))).toThrow('1 to 4 recovery keys')
    expect(() => p.entry(opening(0, 1))).toThrow('1 to 4 recovery keys')
    expect(() => p.entry(opening(2, 3))).toThrow('need')
    expect(() => p.entry(opening(2, 0))).toThrow('need')
  })

  bound('a recovery key that the opening does not have is no signer', p => {
    p.ok(keys(REGISTRAR), opening(1))
    const account = p.naive.accounts.length - 1
    const entry = p.entry({ kind: 'recover', account, key: key(5) })
    expect(p.submit(recovery(account, 1), entry)).toBe('signer-unknown')
    expect(p.submit(recovery(account, 0), entry)).toEqual(['accepted'])
  })

  bound(
    'ROOTS_MAX: that many must sign where genesis says so; one less is not enough',
    p => {
      const register: Draft = { kind: 'register-key', key: key(5), role: 'root' }
      const roots = [ROOT, 11, 12, 13]
      for (let i = 1; i < ROOTS_MAX; i++) p.ok(keys(...roots.slice(0, i)), register)
      expect(p.try(keys(...roots.slice(1)), register)).toBe('not-entitled')
      expect(p.try(keys(...roots), register)).toBe('accepted')
      expect(p.try(keys(...roots.slice(1), 14), register)).toBe('accepted')
    },
    { roots: ROOTS_MAX },
  )

  test('ROOTS_MAX: genesis asks for no more, and for one at least', () => {
    const p = new Programme()
    expect(p.entry(genesisDraft(ROOTS_MAX))[0]).toBe(2)
    for (const roots of [0, ROOTS_MAX + 1]) expect(() => p.entry(genesisDraft(roots)), String(roots)).toThrow('roots')
  })

  bound('SCOPE_MAX: an issuer may have that many budgets, and no more', p => {
    const scope = Array.from({ length: SCOPE_MAX }, () => {
      p.ok(keys(TREASURER), { kind: 'open-account', accountKind: 'budget', unit: COINS, nonce: key(1) })
      return p.naive.accounts.length - 1
    })
    const issuer = (accounts: number[]): Draft => ({
      kind: 'register-key',
      key: key(5),
      role: 'issuer',
      scope: accounts,
    })
    expect(p.try(keys(ROOT), issuer(scope))).toBe('accepted')
    expect(() => p.entry(issuer([BUDGET, ...scope]))).toThrow('at most 16 accounts')
  })
})

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
        [keys(TREASURER), amount => ({ kind: 'settle', debit: SHOP, credit: TREASURY, amount })],
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

  bound('gift-day: the most of a day (UTC), whatever is received; the next day begins a new one', p => {
    p.issue(100)
    p.ok(owner(ANNA), gift(20), gift(9))
    expect(p.try(owner(ANNA), gift(2))).toBe('over-gift-cap')
    p.ok(owner(BERT), { kind: 'transfer', debit: BERT, credit: ANNA, amount: 20 })
    expect(p.try(owner(ANNA), gift(2))).toBe('over-gift-cap')
    expect(p.try(owner(ANNA), gift(1))).toBe('accepted')
    expect(p.try(owner(ANNA), gift(1))).toBe('over-gift-cap')
    const midnight = Math.ceil(START / DAY) * DAY
    p.time = midnight - 1
    expect(p.try(owner(ANNA), gift(1))).toBe('over-gift-cap')
    // The day is that of the gift's own time; and once it has come, a slow clock does not bring the old one back.
    expect(p.try(owner(ANNA), gift(20), 1)).toBe('accepted')
    expect(p.try(owner(ANNA), gift(11), 0)).toBe('over-gift-cap')
    p.time = midnight
    expect(p.try(owner(ANNA), gift(11))).toBe('over-gift-cap')
    expect(p.try(owner(ANNA), gift(10))).toBe('accepted')
    p.time = midnight + DAY
    expect(p.try(owner(ANNA), gift(20))).toBe('accepted')
  })

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

  bound('window: to the millisecond, by the times of the two transactions', p => {
    const original = p.issue(30)
    const spent = p.ok(owner(ANNA), redeem(20))
    const [clawed, refunded]: Draft[] = [
      { kind: 'reverse', debit: ANNA, credit: BUDGET, amount: 1, original },
      { kind: 'reverse', debit: SHOP, credit: ANNA, amount: 1, original: spent },
    ]
    p.time = START + 5 * HOUR
    expect(p.try(keys(ISSUER), clawed!, 1)).toBe('window-over')
    expect(p.try(keys(MERCHANT), refunded!, 1)).toBe('window-over')
    expect(p.try(keys(ISSUER), clawed!)).toBe('accepted')
    expect(p.try(keys(MERCHANT), refunded!)).toBe('accepted')
    // The account has been at a later time since: it is the reversal's own time that counts.
    p.time = START + 5 * HOUR + 1
    expect(p.try(keys(MERCHANT), refunded!)).toBe('window-over')
    expect(p.try(keys(MERCHANT), refunded!, -1)).toBe('accepted')
  })

  bound('cap: so much the treasury may be below zero', p => {
    const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })
    expect(p.try(keys(TREASURER), fund(501))).toBe('over-cap')
    expect(p.try(keys(TREASURER), fund(500))).toBe('accepted')
    expect(p.try(keys(TREASURER), fund(1))).toBe('over-cap')
  })
})

describe('bounds in time', () => {
  bound('a lot can be spent from its maturity on, and until its expiry', p => {
    p.issue(10, { matures: H + 1, expires: H + 2 })
    p.time = START + HOUR - 1
    expect(p.try(owner(ANNA), redeem(1))).toBe('insufficient')
    p.time = START + HOUR
    expect(p.try(owner(ANNA), redeem(1))).toBe('accepted')
    p.time = START + 2 * HOUR - 1
    expect(p.try(owner(ANNA), redeem(1))).toBe('accepted')
    p.time = START + 2 * HOUR
    expect(p.try(owner(ANNA), redeem(1))).toBe('insufficient')
  })

  bound('a hold can be captured until its end, and released by the operator from its end on', p => {
    p.issue(10)
    const [first, second] = [p.ok(owner(ANNA), hold(5, START + 10)), p.ok(owner(ANNA), hold(5, START + 10))]
    const capture: Draft = { kind: 'capture', debit: ANNA, credit: SHOP, amount: 5, hold: first }
    p.time = START + 9
    expect(p.try(keys(OPERATOR), { kind: 'release', account: ANNA, hold: second })).toBe('not-due')
    expect(p.try(keys(MERCHANT), capture, 1)).toBe('hold-ended')
    expect(p.try(keys(MERCHANT), capture)).toBe('accepted')
    p.time = START + 10
    expect(p.try(keys(MERCHANT), { ...capture, hold: second } as Draft)).toBe('hold-ended')
    expect(p.try(keys(OPERATOR), { kind: 'release', account: ANNA, hold: second })).toBe('accepted')
  })

  bound('a hold may stand to the end of time, and lots to the last of hours', p => {
    p.ok(keys(ISSUER), issue(10, 2 ** 32 - 1))
    const held = p.ok(owner(ANNA), hold(5, TIME_MS_MAX))
    expect(() => p.entry(hold(5, TIME_MS_MAX + 1))).toThrow('until')
    expect(() => p.entry(hold(5, 0))).toThrow('until')
    expect(() => p.entry(issue(10, 2 ** 32))).toThrow('expires')
    expect(p.try(keys(OPERATOR), { kind: 'release', account: ANNA, hold: held })).toBe('not-due')
    expect(p.shares(ANNA)).toEqual({ available: 5, pending: 0, held: 5, overdue: 0 })
  })

  bound('caps of a budget for a member: of a day, and in total', p => {
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberDay: 50, memberTotal: 80 })
    expect(p.try(keys(ISSUER), issue(51))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(50))).toBe('accepted')
    expect(p.try(keys(ISSUER), issue(1))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(50, 0, BERT))).toBe('accepted')
    p.time = Math.ceil(START / DAY) * DAY
    expect(p.try(keys(ISSUER), issue(31))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(30))).toBe('accepted')
    p.time += DAY
    expect(p.try(keys(ISSUER), issue(1))).toBe('over-member-cap')
    // New terms do not forget what was given under the old.
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberTotal: 81 })
    expect(p.try(keys(ISSUER), issue(2))).toBe('over-member-cap')
    expect(p.try(keys(ISSUER), issue(1))).toBe('accepted')
  })
})
