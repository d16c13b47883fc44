import { describe, expect, test } from 'vitest'
import {
  AMOUNT_MAX,
  GRANTS_MAX,
  HOLDS_MAX,
  LOTS_MAX,
  LOTS_ROOM,
  RECOVERY_KEYS_MAX,
  ROOTS_MAX,
  SCOPE_MAX,
} from '../../src/core/limits.ts'
import type { Draft } from '../world.ts'
import {
  ANNA,
  type Beginning,
  BUDGET,
  EXPIRED,
  genesisDraft,
  HOLD_MAX,
  ISSUER,
  key,
  MERCHANT,
  OPERATOR,
  Q,
  QUARTER,
  REGISTRAR,
  ROOT,
  SHOP,
  START,
  TREASURER,
  TREASURY,
} from './beginning.ts'
import { keys, owner, Programme, recovery } from './programme.ts'

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

/** Lots of so many different dates, a quarter hour apart, that expire from the first on. */
const fill = (p: Programme, count: number, first = 1, amount = 2): void => {
  p.ok(keys(ISSUER), ...Array.from({ length: count }, (_, i) => issue(amount, Q + first + i)))
}

describe('bounds of an account (SPEC §13): at each, and one past it', () => {
  const ample = { coins: { cap: AMOUNT_MAX } }
  const more = (p: Programme) =>
    p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 10_000 })

  bound(
    'LOTS_ROOM: that many dates, and no more; but more points of dates that are there, and points without dates',
    p => {
      more(p)
      fill(p, LOTS_ROOM - 1, 1, 1)
      expect(p.try(keys(ISSUER), issue(1, Q + LOTS_ROOM))).toBe('accepted')
      expect(p.lots(ANNA).length).toBe(LOTS_ROOM)
      expect(p.try(keys(ISSUER), issue(1, Q + LOTS_ROOM + 1))).toBe('lots-full')
      expect(p.try(keys(ISSUER), { ...issue(1, Q + LOTS_ROOM), matures: 1 } as Draft)).toBe('lots-full')
      expect(p.try(keys(ISSUER), issue(1, Q + LOTS_ROOM))).toBe('accepted')
      expect(p.try(keys(ISSUER), issue(1))).toBe('accepted')
      expect(p.lots(ANNA).at(-1)).toEqual([0, Q + LOTS_ROOM, 2])
      // A lot that is spent whole makes room for one.
      p.ok(owner(ANNA), redeem(1))
      expect(p.try(keys(ISSUER), issue(1, Q + LOTS_ROOM + 1))).toBe('accepted')
      expect(p.try(keys(ISSUER), issue(1, Q + LOTS_ROOM + 2))).toBe('lots-full')
    },
    ample,
  )

  bound(
    'LOTS_ROOM: parts of holds count, each of them, points without dates among them; and what is held is no lot',
    p => {
      more(p)
      fill(p, LOTS_ROOM - 2)
      // One lot and half of a second are held: that is one more than before.
      const held = p.ok(owner(ANNA), hold(3))
      expect(p.lots(ANNA).length).toBe(LOTS_ROOM - 3)
      expect(p.try(keys(ISSUER), issue(1, Q + 5000))).toBe('accepted')
      // Its dates are held: nobody has a lot of them.
      expect(p.try(keys(ISSUER), issue(1, Q + 1))).toBe('lots-full')
      expect(p.try(keys(ISSUER), issue(1, Q + 2))).toBe('accepted')
      p.ok(keys(MERCHANT), { kind: 'capture', debit: ANNA, credit: SHOP, amount: 2, hold: held })
      expect(p.lots(ANNA).length).toBe(LOTS_ROOM - 2)
      expect(p.try(keys(ISSUER), issue(1, Q + 1))).toBe('accepted')
      expect(p.try(keys(ISSUER), issue(1, Q + 5001))).toBe('accepted')
      expect(p.try(keys(ISSUER), issue(1, Q + 5002))).toBe('lots-full')
    },
    ample,
  )

  bound(
    'LOTS_ROOM: a refund, too, needs room, part by part; lots past their expiry take it until they are expired; a debt gives none',
    p => {
      more(p)
      fill(p, LOTS_ROOM)
      const original = p.ok(owner(ANNA), redeem(6))
      p.ok(keys(ISSUER), issue(1, Q + 5000))
      const refund = (amount: number): Draft => ({ kind: 'reverse', debit: SHOP, credit: ANNA, amount, original })
      expect(p.try(keys(MERCHANT), refund(5))).toBe('lots-full')
      expect(p.try(keys(MERCHANT), refund(4))).toBe('accepted')
      expect(p.try(keys(MERCHANT), refund(1))).toBe('lots-full')
      p.time = START + 4 * QUARTER
      expect(p.try(keys(MERCHANT), refund(1))).toBe('lots-full')
      p.ok(keys(OPERATOR), { kind: 'expire', debit: ANNA, credit: EXPIRED, amount: 6 })
      expect(p.try(keys(MERCHANT), refund(2))).toBe('accepted')
    },
    ample,
  )

  bound(
    'LOTS_ROOM: room is asked for whatever a debt takes of what arrives',
    p => {
      more(p)
      fill(p, LOTS_ROOM, 1, 1)
      // All of them are past, and the operator has not come yet: a debt stands beside them.
      p.time = START + LOTS_ROOM * QUARTER
      const issued = p.issue(20)
      p.ok(owner(ANNA), redeem(20))
      p.ok(keys(ISSUER), { kind: 'reverse', debit: ANNA, credit: BUDGET, amount: 20, original: issued })
      expect(p.shares(ANNA)).toMatchObject({ available: -20, overdue: LOTS_ROOM })
      expect(p.try(keys(ISSUER), issue(20, Q + 5000))).toBe('lots-full')
      expect(p.try(keys(ISSUER), issue(20))).toBe('accepted')
      expect(p.try(keys(ISSUER), issue(20, Q + 5000))).toBe('lots-full')
    },
    ample,
  )

  bound(
    'LOTS_MAX: holds that share what they take make more and more parts, up to that many',
    p => {
      more(p)
      fill(p, LOTS_ROOM, 1, 4)
      const held = (amount: number) => p.ok(owner(ANNA), hold(amount))
      const release = (id: Uint8Array) => p.ok(keys(MERCHANT), { kind: 'release', account: ANNA, hold: id })
      // Each takes all that lies open of the first dates and half of one more; then the one before it gives back its
      // own.
      let last = held(2)
      const pieces = () => {
        const { parcels, holds } = p.naive.accounts[ANNA]!
        return parcels.length + holds.flatMap(({ parcels: parts }) => parts).length
      }
      for (let round = 1; pieces() < LOTS_MAX; round++) {
        expect(pieces()).toBe(LOTS_ROOM + round)
        const open = p.lots(ANNA).slice(0, round)
        const next = held(open.reduce((sum, [, , amount]) => sum + amount!, 0) + 2)
        release(last)
        last = next
      }
      expect(p.try(owner(ANNA), hold(1))).toBe('lots-full')
      expect(p.try(owner(ANNA), hold(p.lots(ANNA)[0]![2]!))).toBe('accepted')
      expect(p.try(owner(ANNA), hold(1))).toBe('lots-full')
      expect(p.try(keys(ISSUER), issue(1, Q + 5000))).toBe('lots-full')
    },
    ample,
  )

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
  const opening = (p: Programme, count: number, need = count): Draft => ({
    ...p.opening(1),
    recovery: { keys: Array.from({ length: count }, (_, i) => key(20 + i)), need, delayMs: 0 },
  })

  bound('RECOVERY_KEYS_MAX: that many can be asked for, each once; one more is no transaction', p => {
    p.ok(keys(REGISTRAR), opening(p, RECOVERY_KEYS_MAX))
    const account = p.naive.accounts.length - 1
    const recover: Draft = { kind: 'recover', account, key: key(5) }
    expect(p.try(recovery(account, 0, 1, 2), recover)).toBe('not-entitled')
    expect(p.try(recovery(account, 0, 2, 3), recover)).toBe('not-entitled')
    expect(p.try(recovery(account, 0, 1, 2, 3), recover)).toBe('accepted')
    expect(() => p.entry(opening(p, RECOVERY_KEYS_MAX + 1))).toThrow('1 to 4 recovery keys')
    expect(() => p.entry(opening(p, 0, 1))).toThrow('1 to 4 recovery keys')
    expect(() => p.entry(opening(p, 2, 3))).toThrow('need')
    expect(() => p.entry(opening(p, 2, 0))).toThrow('need')
  })

  bound('a recovery key that the opening does not have is no signer', p => {
    p.ok(keys(REGISTRAR), opening(p, 1))
    const account = p.naive.accounts.length - 1
    const entry = p.entry({ kind: 'recover', account, key: key(5) })
    expect(p.submit(recovery(account, 1), entry)).toBe('signer-unknown')
    expect(p.submit(recovery(account, 0), entry)).toEqual(['accepted'])
  })

  bound(
    'ROOTS_MAX: that many must sign where genesis says so; one less is not enough',
    p => {
      const register: Draft = { kind: 'register-key', key: key(5), role: 'auditor' }
      const all = [ROOT, 1, 2, 3]
      for (const out of all) expect(p.try(keys(...all.filter(n => n !== out)), register)).toBe('not-entitled')
      expect(p.try(keys(...all), register)).toBe('accepted')
      expect(p.try(keys(...all), { kind: 'revoke', record: 2 })).toBe('last-root')
      p.ok(keys(...all), { kind: 'register-key', key: key(5), role: 'root' })
      expect(p.try(keys(...all.slice(1), 16), register)).toBe('accepted')
    },
    { need: ROOTS_MAX },
  )

  test('ROOTS_MAX: genesis names no more, and one at least; it needs no more than it names; none twice', () => {
    const p = new Programme()
    const genesis = genesisDraft({ need: 1 })
    if (genesis.kind !== 'genesis') throw new Error('no genesis')
    expect(p.entry(genesisDraft({ roots: ROOTS_MAX, need: ROOTS_MAX }))[0]).toBe(2)
    for (const bad of [
      genesisDraft({ roots: ROOTS_MAX + 1 }),
      genesisDraft({ roots: 0 }),
      genesisDraft({ roots: 2, need: 3 }),
      genesisDraft({ need: 0 }),
      { ...genesis, roots: [key(91), key(91)] },
    ])
      expect(() => p.entry(bad), JSON.stringify(bad)).toThrow()
  })

  bound('SCOPE_MAX: an issuer may have that many budgets, and no more', p => {
    const scope = Array.from({ length: SCOPE_MAX }, () => {
      p.ok(keys(TREASURER), { ...p.opening(0), accountKind: 'budget', owner: null })
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
