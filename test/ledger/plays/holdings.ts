import { AMOUNT_MAX, LOTS_MAX, LOTS_ROOM } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  HOUR,
  ISSUER,
  MERCHANT,
  NEXT_RECORD,
  OPERATOR,
  Q,
  QUARTER,
  ROOT,
  SKEW,
  START,
  TREASURER,
  TREASURY,
  WINDOW,
} from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import { batch, capture, clawBack, expire, gift, hold, issue, type Play, redeem, refund, told } from './play.ts'

/** Stories about lots, holds, debts and what comes back. */
export const HOLDINGS_PLAYS: Readonly<Record<string, Play>> = {
  'spending: soonest expiry first, points without dates last but those that mature': {
    tell: p => {
      p.issue(10)
      p.issue(10, { expires: Q + 8 })
      p.issue(10, { matures: Q - 4, expires: Q + 8 })
      p.issue(10, { matures: Q - 8 })
      p.issue(10, { expires: Q + 4 })
      p.issue(10, { matures: Q + 1, expires: Q + 2 })
      batch(
        p,
        owner(ANNA),
        [redeem(5), redeem(10), redeem(8), redeem(10), redeem(12)],
        ['accepted', 'accepted', 'accepted', 'accepted', 'accepted'],
      )
      batch(p, owner(ANNA), [redeem(6), redeem(5)], ['insufficient', 'accepted'])
      p.time = START + QUARTER
      batch(p, owner(ANNA), [redeem(11), redeem(10)], ['insufficient', 'accepted'])
    },
  },
  'accounts: none is closed at a balance of 0 with lots beside a debt': {
    tell: p => {
      const given = p.issue(20)
      p.ok(owner(ANNA), redeem(20))
      p.issue(12, { matures: Q + 8 })
      p.issue(3, { expires: Q + 1 })
      p.time = START + QUARTER
      // The lot that is not ripe is taken of first: what is left of it, and what is past, stand beside the debt.
      batch(p, keys(ISSUER), [clawBack(15, given)], ['accepted'])
      const close: Draft = { kind: 'close', account: ANNA }
      batch(p, owner(ANNA), [close], ['not-empty'])
      batch(p, keys(OPERATOR), [expire(3)], ['accepted'])
      batch(p, owner(ANNA), [close], ['not-empty'])
    },
  },
  'reversals: what was taken last comes back first, and no more than was taken': {
    tell: p => {
      p.issue(10, { expires: Q + 4 })
      p.issue(10, { expires: Q + 8 })
      p.issue(30)
      const spent = p.ok(owner(ANNA), redeem(25))
      batch(p, keys(MERCHANT), [refund(7, spent)], ['accepted'])
      batch(p, keys(MERCHANT), [refund(10, spent)], ['accepted'])
      batch(p, keys(MERCHANT), [refund(9, spent), refund(8, spent)], ['over-original', 'accepted'])
    },
  },
  'holds: what is not captured comes back to its dates, past or not': {
    tell: p => {
      p.issue(10, { expires: Q + 1 })
      p.issue(10, { expires: Q + 8 })
      p.issue(10)
      const first = p.ok(owner(ANNA), hold(25, START + HOUR))
      const second = p.ok(owner(ANNA), hold(5, START + HOUR))
      batch(p, keys(OPERATOR), [expire(10)], ['not-due'])
      p.time = START + QUARTER
      batch(p, keys(MERCHANT), [capture(4, first)], ['accepted'])
      batch(p, owner(ANNA), [redeem(16), redeem(15)], ['insufficient', 'accepted'])
      batch(p, keys(MERCHANT), [{ kind: 'release', account: ANNA, hold: second }], ['accepted'])
      batch(p, keys(OPERATOR), [expire(6)], ['accepted'])
    },
  },
  'a capture is reversed to the lots that its hold had': {
    tell: p => {
      p.issue(10, { expires: Q + 4 })
      p.issue(10, { expires: Q + 8 })
      const held = p.ok(owner(ANNA), hold(15, START + HOUR))
      const captured = p.ok(keys(MERCHANT), capture(12, held))
      batch(p, keys(MERCHANT), [refund(1, captured)], ['accepted'])
      batch(
        p,
        keys(MERCHANT),
        [refund(5, captured), refund(7, captured), refund(6, captured)],
        ['accepted', 'over-original', 'accepted'],
      )
    },
  },
  'debts: a clawback takes its own lot, then others, then goes into debt; what comes pays it first': {
    tell: p => {
      const dated = p.issue(30, { expires: Q + 8 })
      const plain = p.issue(30)
      p.issue(10, { matures: Q + 4, expires: Q + 6 })
      p.issue(10, { expires: Q + 1 })
      const held = p.ok(owner(ANNA), hold(20, START + HOUR))
      p.time = START + QUARTER
      // Held points and points that are past are not touched.
      batch(p, keys(ISSUER), [clawBack(5, dated)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(25, plain)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(25, dated)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(5, plain)], ['accepted'])
      batch(p, keys(MERCHANT), [{ kind: 'release', account: ANNA, hold: held }], ['accepted'])
      batch(p, keys(ISSUER), [issue(7, { matures: Q + 9, expires: Q + 12 }), issue(20)], ['accepted', 'accepted'])
    },
  },
  'a debt beside lots that are past, and beside holds': {
    tell: p => {
      p.issue(20, { expires: Q + 1 })
      p.issue(10)
      const held = p.ok(owner(ANNA), hold(25, START + HOUR))
      const issued = p.issue(40)
      p.ok(owner(ANNA), redeem(40))
      p.time = START + QUARTER
      batch(p, keys(ISSUER), [clawBack(31, issued)], ['insufficient'])
      batch(p, keys(ISSUER), [clawBack(30, issued)], ['accepted'])
      batch(p, owner(ANNA), [{ kind: 'close', account: ANNA }], ['not-empty'])
      batch(p, keys(MERCHANT), [capture(5, held)], ['accepted'])
      batch(p, keys(OPERATOR), [expire(15)], ['not-due'])
    },
  },
  'gifts: dates go with them, and their day is the unit’s': {
    wanted: { coins: { offset: 78 } },
    tell: p => {
      p.issue(20, { expires: Q + 2000 })
      p.issue(40)
      batch(
        p,
        owner(ANNA),
        [gift(10, { expires: Q + 2000 }), gift(11, { expires: Q + 2000 })],
        ['accepted', 'insufficient'],
      )
      batch(p, owner(ANNA), [gift(20), gift(1)], ['accepted', 'over-gift-cap'])
      p.time = START + 10 * HOUR + 2 * QUARTER - 1
      batch(p, owner(ANNA), [gift(1)], ['over-gift-cap'])
      p.time += 1
      batch(p, owner(ANNA), [gift(12)], ['accepted'])
      batch(p, owner(BERT), [redeem(1, BERT), redeem(42, BERT)], ['accepted', 'insufficient'])
    },
  },
  'gifts: of the one lot that is named, once it is mature': {
    tell: p => {
      p.issue(10, { matures: Q + 1, expires: Q + 8 })
      p.issue(5, { expires: Q + 4 })
      p.issue(10, { expires: Q + 8 })
      const [soon, late, more] = [{ expires: Q + 4 }, { matures: Q + 1, expires: Q + 8 }, { expires: Q + 8 }]
      told(
        p,
        owner(ANNA),
        [gift(6, soon), 'insufficient'],
        [gift(1, late), 'insufficient'],
        [gift(5, soon), 'accepted'],
      )
      told(p, owner(ANNA), [gift(1), 'insufficient'], [gift(5, more), 'accepted'])
      p.time = START + QUARTER
      told(p, owner(ANNA), [gift(5, late), 'accepted'], [gift(6, more), 'insufficient'])
      p.time = START + 4 * QUARTER
      told(p, owner(BERT), [redeem(11, BERT), 'insufficient'], [redeem(10, BERT), 'accepted'])
    },
  },
  'gifts: none where a day allows none': {
    tell: p => {
      p.ok(keys(ROOT), { kind: 'define-unit', name: 'stars', cap: 100, giftEach: 5 })
      p.ok(keys(ROOT), { kind: 'define-unit', name: 'moons', cap: 100, giftDay: 5 })
      for (const unit of [NEXT_RECORD, NEXT_RECORD + 1]) {
        const [giver, taker] = [p.member(1, unit), p.member(2, unit)]
        told(p, owner(giver), [{ kind: 'transfer', debit: giver, credit: taker, amount: 1 }, 'no-gifts'])
      }
    },
  },
  'windows: to the millisecond, of each kind': {
    tell: p => {
      const issued = p.issue(50)
      const spent = p.ok(owner(ANNA), redeem(20))
      const held = p.ok(owner(ANNA), hold(10, START + HOUR))
      const captured = p.ok(keys(MERCHANT), capture(10, held))
      const funded = p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 100 })
      const unfund = (amount: number): Draft => {
        return { kind: 'reverse', debit: BUDGET, credit: TREASURY, amount, original: funded }
      }
      p.time = START + WINDOW
      told(p, keys(ISSUER), [clawBack(1, issued), 'accepted', SKEW])
      told(p, keys(MERCHANT), [refund(1, spent), 'accepted', SKEW], [refund(1, captured), 'accepted'])
      told(p, keys(TREASURER), [unfund(60), 'accepted'], [unfund(41), 'over-original'], [unfund(40), 'accepted'])
      p.time += 1
      told(p, keys(ISSUER), [clawBack(1, issued), 'window-over', -SKEW])
      told(p, keys(MERCHANT), [refund(1, spent), 'window-over', -SKEW], [refund(1, captured), 'window-over'])
      told(p, keys(TREASURER), [unfund(1), 'window-over'])
    },
  },
  'debts: what comes from whomever pays them, whatever its dates': {
    wanted: { coins: { debtMax: 60 } },
    tell: p => {
      const dated = p.issue(30, { expires: Q + 8 })
      const plain = p.issue(30)
      p.ok(owner(ANNA), redeem(30))
      p.ok(keys(ISSUER), clawBack(30, dated))
      p.issue(60, { expires: Q + 4 })
      const spent = p.ok(owner(ANNA), redeem(60))
      p.ok(keys(ISSUER), clawBack(30, plain))
      told(p, owner(ANNA), [{ kind: 'close', account: ANNA }, 'not-empty'], [redeem(1), 'insufficient'])
      p.issue(30, { expires: Q + 12 }, BERT)
      told(p, owner(BERT), [{ kind: 'transfer', debit: BERT, credit: ANNA, amount: 10, expires: Q + 12 }, 'accepted'])
      told(p, keys(ISSUER), [issue(5, { expires: Q + 9 }), 'accepted'])
      told(p, keys(MERCHANT), [refund(10, spent), 'accepted'])
      told(p, keys(ISSUER), [issue(8, { matures: Q + 2, expires: Q + 9 }), 'accepted'])
      told(p, owner(ANNA), [redeem(1), 'insufficient'])
    },
  },
  'debts: as far as the unit lets them, in sum': {
    tell: p => {
      // All of the dated points are spent: those without dates are taken, and that is no debt.
      const dated = p.issue(30, { expires: Q + 8 })
      p.issue(30)
      p.ok(owner(ANNA), redeem(30))
      told(p, keys(ISSUER), [clawBack(30, dated), 'accepted'])
      const issued = p.issue(60)
      p.ok(owner(ANNA), redeem(60))
      told(p, keys(ISSUER), [clawBack(26, issued), 'insufficient'], [clawBack(20, issued), 'accepted'])
      told(
        p,
        keys(ISSUER),
        [clawBack(6, issued), 'insufficient'],
        [clawBack(5, issued), 'accepted'],
        [clawBack(1, issued), 'insufficient'],
      )
    },
  },
  'room: for 992 lots and parts, and for what holds split': {
    wanted: { coins: { cap: AMOUNT_MAX } },
    tell: p => {
      p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 10_000 })
      const lots = (count: number, from: number, amount = 4) =>
        p.ok(keys(ISSUER), ...Array.from({ length: count }, (_, i) => issue(amount, { expires: Q + from + i })))
      lots(LOTS_ROOM - 2, 1)
      // A hold of one lot and half of another makes one more of them; nobody has a lot of the first's dates.
      const first = p.ok(owner(ANNA), hold(6, START + HOUR))
      told(p, keys(ISSUER), [issue(1), 'accepted'], [issue(1, { expires: Q + 2000 }), 'accepted'])
      told(
        p,
        keys(ISSUER),
        [issue(1, { expires: Q + 1 }), 'lots-full'],
        [issue(1, { expires: Q + 2 }), 'accepted'],
        [issue(1), 'accepted'],
      )
      told(p, keys(MERCHANT), [{ kind: 'release', account: ANNA, hold: first }, 'accepted'])
      // Three lots were spent, and two others came: two of the parts find room, and the third does not.
      const spent = p.ok(owner(ANNA), redeem(13))
      lots(2, 3000, 1)
      told(
        p,
        keys(MERCHANT),
        [refund(13, spent), 'lots-full'],
        [refund(8, spent), 'accepted'],
        [refund(1, spent), 'accepted'],
        [refund(1, spent), 'lots-full'],
      )
      const open = (count: number) => {
        const { parcels } = p.naive.accounts[ANNA]!
        return parcels.slice(0, count).reduce((sum, { amount }) => sum + amount, 0)
      }
      /** An amount that takes a point of a lot and leaves another. */
      const splitting = () => open(p.naive.accounts[ANNA]!.parcels.findIndex(({ amount }) => amount > 1)) + 1
      // Each hold takes all that lies open of the first lots and a point of one more; the one before gives back its
      // own.
      let last = p.ok(owner(ANNA), hold(1, START + HOUR))
      const pieces = () => {
        const { parcels, holds } = p.naive.accounts[ANNA]!
        const dated = parcels.filter(({ expires }) => expires > 0)
        return dated.length + holds.flatMap(({ parcels: parts }) => parts).length
      }
      for (let round = 1; pieces() < LOTS_MAX; round++) {
        const next = p.ok(owner(ANNA), hold(open(round) + 1, START + HOUR))
        p.ok(keys(MERCHANT), { kind: 'release', account: ANNA, hold: last })
        last = next
      }
      told(p, owner(ANNA), [hold(splitting(), START + HOUR), 'lots-full'])
      while (p.naive.accounts[ANNA]!.holds.length < 16) p.ok(owner(ANNA), hold(open(1), START + HOUR))
      told(p, owner(ANNA), [hold(splitting(), START + HOUR), 'lots-full'], [hold(open(1), START + HOUR), 'holds-full'])
      // All is past, and what comes finds no room, though a debt would take it.
      p.time = START + 5000 * QUARTER
      const issued = p.issue(20)
      const base = p.naive.accounts[ANNA]!.parcels.find(({ expires }) => expires === 0)!.amount
      p.ok(owner(ANNA), redeem(base))
      p.ok(keys(ISSUER), clawBack(20, issued))
      told(p, keys(ISSUER), [issue(20, { expires: Q + 9000 }), 'lots-full'], [issue(20), 'accepted'])
    },
  },
}
