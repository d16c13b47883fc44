import { describe, expect, test } from 'vitest'
import { makeId } from '../../src/core/entry/id.ts'
import { encodeTransaction } from '../../src/core/entry/transaction.ts'
import { type Draft, fromDraft } from '../world.ts'
import {
  ANNA,
  BUDGET,
  COINS,
  EXPIRED,
  HOLD_MAX,
  ISSUER,
  key,
  MERCHANT,
  OPERATOR,
  Q,
  QUARTER,
  SHOP,
  SKEW,
  START,
  TREASURER,
  TREASURY,
} from './beginning.ts'
import { keys, owner, Programme } from './programme.ts'
import { capture, clawBack, convert, expire, gift, hold, never, redeem, refund, release } from './stories.ts'

describe('expiry', () => {
  never('does not ignore which lots were spent: what is spent does not expire as well', p => {
    p.issue(100, { expires: Q + 1 })
    p.issue(100, { expires: Q + 2 })
    p.ok(owner(ANNA), redeem(60))
    expect(p.lots(ANNA)).toEqual([
      [0, Q + 1, 40],
      [0, Q + 2, 100],
    ])
    p.time = START + QUARTER
    for (const amount of [100, 60, 41, 39]) expect(p.try(keys(OPERATOR), expire(amount))).toBe('not-due')
    p.ok(keys(OPERATOR), expire(40))
    expect(p.balance(ANNA)).toBe(100)
    expect(p.lots(ANNA)).toEqual([[0, Q + 2, 100]])
  })

  never('does not hit points because they came first: what expires soonest is spent first', p => {
    p.issue(30)
    p.issue(30, { expires: Q + 9 })
    p.issue(30, { expires: Q + 1 })
    p.ok(owner(ANNA), redeem(40))
    expect(p.lots(ANNA)).toEqual([[0, Q + 9, 20]])
    p.ok(owner(ANNA), redeem(30))
    expect(p.lots(ANNA)).toEqual([])
    expect(p.balance(ANNA)).toBe(20)
  })

  never('does not take less or more than is there when a sweep is written, whatever it saw when it looked', p => {
    p.issue(100, { expires: Q + 1 })
    const spent = p.ok(owner(ANNA), redeem(60))
    p.time = START + QUARTER
    // The sweep has looked, and its entry is on its way; a refund of what was spent in time comes in before it.
    const sweep = p.entry(expire(40))
    p.ok(keys(MERCHANT), refund(30, spent))
    expect(p.submit(keys(OPERATOR), sweep)).toEqual(['not-due'])
    p.ok(keys(OPERATOR), expire(70))
    expect([p.balance(ANNA), p.balance(SHOP), p.balance(EXPIRED)]).toEqual([0, 30, 70])
  })

  never('does not come early by a fast clock, nor late by a slow one: it is ledger time that counts', p => {
    p.issue(100, { expires: Q + 1 })
    p.time = START + QUARTER - 1
    expect(p.try(keys(OPERATOR), expire(100), 1)).toBe('not-due')
    // A payment that is dated after its expiry is in time as long as the ledger is; one that is dated before is late.
    p.ok(owner(ANNA), redeem(10))
    expect(p.try(owner(ANNA), redeem(10), 1)).toBe('accepted')
    p.time = START + QUARTER
    expect(p.try(owner(ANNA), redeem(10), -1)).toBe('insufficient')
    expect(p.try(keys(OPERATOR), expire(80), -1)).toBe('accepted')
  })

  never('does not come early for an account because somebody was there with a fast clock', p => {
    p.issue(100, { expires: Q + 1 })
    p.time = START + QUARTER - 1
    const ahead = p.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 }, SKEW)
    expect(p.submit(keys(ISSUER), ahead)).toEqual(['accepted'])
    expect(p.try(owner(ANNA), redeem(101))).toBe('accepted')
  })

  never('is not undone by a payment that says it was made before', p => {
    p.issue(100, { expires: Q + 1 })
    p.time = START + QUARTER
    p.ok(keys(OPERATOR), expire(100))
    expect(p.try(owner(ANNA), redeem(1), -1)).toBe('insufficient')
  })

  never('does not wait for the sweep: points past their time are not spent, held, given or converted before it', p => {
    p.issue(100, { expires: Q + 1 })
    p.time = START + QUARTER
    expect(p.shares(ANNA)).toEqual({ available: 0, pending: 0, held: 0, overdue: 100 })
    expect(p.try(owner(ANNA), redeem(1))).toBe('insufficient')
    expect(p.try(owner(ANNA), hold(1, START + 2 * QUARTER))).toBe('insufficient')
    expect(p.try(owner(ANNA), gift(1, { expires: Q + 1 }))).toBe('dates')
    expect(p.try(owner(ANNA), convert(2, Q + 4))).toBe('insufficient')
  })

  never('does not happen twice', p => {
    p.issue(100, { expires: Q + 1 })
    p.time = START + QUARTER
    const sweep = p.entry(expire(100))
    expect(p.submit(keys(OPERATOR), sweep, p.entry(expire(100)))).toEqual(['accepted', 'not-due'])
    expect(p.submit(keys(OPERATOR), sweep)).toBeUndefined()
    expect(p.balance(EXPIRED)).toBe(100)
  })

  never('does not take points from under a hold, and does not spare what comes back of it', p => {
    p.issue(100, { expires: Q + 1 })
    const held = p.ok(owner(ANNA), hold(80, START + 3 * QUARTER))
    p.time = START + QUARTER
    expect(p.try(keys(OPERATOR), expire(100))).toBe('not-due')
    p.ok(keys(OPERATOR), expire(20))
    // The hold still stands: the points were set aside in time.
    p.ok(keys(MERCHANT), capture(50, held))
    expect(p.shares(ANNA)).toEqual({ available: 0, pending: 0, held: 0, overdue: 30 })
    expect(p.try(owner(ANNA), redeem(1))).toBe('insufficient')
    p.ok(keys(OPERATOR), expire(30))
    expect([p.balance(ANNA), p.balance(SHOP), p.balance(EXPIRED)]).toEqual([0, 50, 50])
  })
})

describe('a refund', () => {
  never('does not give expired points a new life', p => {
    p.issue(100, { expires: Q + 1 })
    const spent = p.ok(owner(ANNA), redeem(100))
    p.time = START + 2 * QUARTER
    p.ok(keys(MERCHANT), refund(100, spent))
    expect(p.lots(ANNA)).toEqual([[0, Q + 1, 100]])
    expect(p.shares(ANNA)).toEqual({ available: 0, pending: 0, held: 0, overdue: 100 })
    expect(p.try(owner(ANNA), redeem(1))).toBe('insufficient')
    p.ok(keys(OPERATOR), expire(100))
  })

  never('does not come back as points without dates: each goes to the lot it came from', p => {
    p.issue(10, { expires: Q + 2 })
    p.issue(10, { matures: Q, expires: Q + 3 })
    p.issue(10)
    const before = [p.lots(ANNA), p.shares(ANNA)]
    const spent = p.ok(owner(ANNA), redeem(25))
    p.ok(keys(MERCHANT), refund(25, spent))
    expect([p.lots(ANNA), p.shares(ANNA)]).toEqual(before)
  })

  test('in two parts is not another than one at once', async () => {
    const having = async (...amounts: number[]) => {
      const p = new Programme()
      p.issue(10, { expires: Q + 2 })
      p.issue(10, { expires: Q + 3 })
      p.issue(10)
      const spent = p.ok(owner(ANNA), redeem(30))
      for (const amount of amounts) p.ok(keys(MERCHANT), refund(amount, spent))
      await p.check()
      return [p.lots(ANNA), p.shares(ANNA)]
    }
    const [all, part] = [await having(30), await having(17)]
    // What was spent last comes back first.
    expect(part[0]).toEqual([[0, Q + 3, 7]])
    for (const amounts of [
      [29, 1],
      [1, 29],
      [15, 15],
      [5, 10, 15],
    ])
      expect(await having(...amounts)).toEqual(all)
    for (const amounts of [
      [16, 1],
      [1, 16],
      [10, 7],
      [5, 5, 7],
    ])
      expect(await having(...amounts)).toEqual(part)
  })

  never('is not more than the payment, in however many parts', p => {
    p.issue(100)
    const [spent, more] = [p.ok(owner(ANNA), redeem(30)), p.ok(owner(ANNA), redeem(30))]
    expect(p.try(keys(MERCHANT), refund(31, spent))).toBe('over-original')
    p.ok(keys(MERCHANT), refund(10, spent), refund(10, spent))
    expect(p.try(keys(MERCHANT), refund(11, spent))).toBe('over-original')
    const [last, beyond] = [p.entry(refund(10, spent)), p.entry(refund(1, spent))]
    expect(p.submit(keys(MERCHANT), last, beyond)).toEqual(['accepted', 'over-original'])
    expect(p.balance(ANNA)).toBe(70)
    p.ok(keys(MERCHANT), refund(30, more))
    expect(p.balance(ANNA)).toBe(100)
  })

  never('is not refunded: a reversal of a reversal is none', p => {
    const issued = p.issue(100)
    const back = p.ok(keys(MERCHANT), refund(100, p.ok(owner(ANNA), redeem(100))))
    const clawed = p.ok(keys(ISSUER), clawBack(100, issued))
    for (const draft of [
      { ...refund(1, back), debit: ANNA, credit: SHOP } as Draft,
      { ...clawBack(1, clawed), debit: BUDGET, credit: ANNA } as Draft,
    ]) {
      expect(p.try(keys(ISSUER), draft)).toBe('not-entitled')
      expect(p.try(keys(TREASURER, ISSUER, MERCHANT), draft)).toBe('original-unknown')
    }
    expect(p.balance(ANNA)).toBe(0)
  })

  never('is not made of a payment that was refused', p => {
    p.issue(10)
    const refused = makeId(START, key(1).slice(0, 10))
    expect(p.submit(owner(ANNA), encodeTransaction(fromDraft(redeem(11), refused)))).toEqual(['insufficient'])
    expect(p.try(keys(MERCHANT), refund(10, refused))).toBe('original-unknown')
  })

  never('and a clawback do not count the same points twice', p => {
    const issued = p.issue(20)
    const spent = p.ok(owner(ANNA), redeem(20))
    p.ok(keys(ISSUER), clawBack(20, issued))
    expect(p.balance(ANNA)).toBe(-20)
    p.ok(keys(MERCHANT), refund(20, spent))
    // The refund pays what the clawback left owing, and there it ends.
    expect(p.shares(ANNA)).toEqual({ available: 0, pending: 0, held: 0, overdue: 0 })
    expect(p.try(keys(ISSUER), clawBack(1, issued))).toBe('over-original')
    expect(p.try(keys(MERCHANT), refund(1, spent))).toBe('over-original')
    expect(p.naive.totals.get(COINS)).toEqual({
      ...{ issued: 20n, opened: 0n, reversed: 20n },
      ...{ redeemed: 0n, expired: 0n, reinstated: 0n },
    })
  })

  never('does not come out of what the shop was settled for', p => {
    p.issue(50)
    const spent = p.ok(owner(ANNA), redeem(50))
    p.ok(keys(TREASURER, MERCHANT), { kind: 'settle', debit: SHOP, credit: TREASURY, amount: 30 })
    expect(p.try(keys(MERCHANT), refund(21, spent))).toBe('insufficient')
    p.ok(keys(MERCHANT), refund(20, spent))
    expect(p.balance(SHOP)).toBe(0)
  })

  never('does not open an account that is closed', p => {
    p.issue(50)
    const spent = p.ok(owner(ANNA), redeem(50))
    p.ok(owner(ANNA), { kind: 'close', account: ANNA })
    expect(p.try(keys(MERCHANT), refund(50, spent))).toBe('account-closed')
    expect(p.try(keys(ISSUER), { kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 })).toBe('account-closed')
  })
})

describe('a transaction that is sent again', () => {
  never('does not pay twice: in its batch, in a later one, or with all of its batch', p => {
    const paid = p.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 100 })
    const size = () => p.driver.ledger.size
    expect(p.submit(keys(ISSUER), paid, paid)).toEqual(['accepted', 'exists'])
    const before = size()
    expect(p.submit(keys(ISSUER), paid)).toBeUndefined()
    expect(p.submit(keys(ISSUER), paid, paid)).toBeUndefined()
    expect(size()).toBe(before)
    p.time += 100 * QUARTER
    const other = p.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 })
    expect(p.submit(keys(ISSUER), paid, other)).toEqual(['exists', 'accepted'])
    expect(p.balance(ANNA)).toBe(101)
  })

  never('does not pay twice with another amount under the same id', p => {
    const id = makeId(START, key(1).slice(0, 10))
    const paid = (amount: number) =>
      encodeTransaction(fromDraft({ kind: 'issue', debit: BUDGET, credit: ANNA, amount }, id))
    expect(p.submit(keys(ISSUER), paid(100), paid(101))).toEqual(['accepted', 'id-taken'])
    expect(p.submit(keys(ISSUER), paid(102))).toEqual(['id-taken'])
    // Neither takes the place of the first: it is that one that can be reversed, and only once.
    p.ok(keys(ISSUER), clawBack(100, id))
    expect(p.try(keys(ISSUER), clawBack(1, id))).toBe('over-original')
  })

  never('does not pay when it was refused before, even if nothing is in its way any more', p => {
    const paid = p.entry(redeem(100))
    expect(p.submit(owner(ANNA), paid)).toEqual(['insufficient'])
    p.issue(100)
    expect(p.submit(owner(ANNA), paid)).toBeUndefined()
    expect(p.submit(owner(ANNA), paid, p.entry(redeem(1)))).toEqual(['exists', 'accepted'])
    expect(p.balance(ANNA)).toBe(99)
  })

  never('does not capture, release or refund twice', p => {
    p.issue(100)
    const [first, second] = [p.ok(owner(ANNA), hold(40)), p.ok(owner(ANNA), hold(40))]
    const spent = p.ok(owner(ANNA), redeem(20))
    const list = [capture(30, first), release(second), refund(20, spent)].map(draft => p.entry(draft))
    expect(p.submit(keys(MERCHANT), ...list, ...list)).toEqual([
      ...['accepted', 'accepted', 'accepted'],
      ...['exists', 'exists', 'exists'],
    ])
    expect(p.submit(keys(MERCHANT), ...list)).toBeUndefined()
    expect(p.shares(ANNA)).toEqual({ available: 70, pending: 0, held: 0, overdue: 0 })
  })
})

describe('a hold', () => {
  never('is not captured for more than it holds, nor refunded for more than was captured of it', p => {
    p.issue(100)
    const held = p.ok(owner(ANNA), hold(40))
    expect(p.try(keys(MERCHANT), capture(41, held))).toBe('over-original')
    const captured = p.ok(keys(MERCHANT), capture(30, held))
    expect(p.try(keys(MERCHANT), refund(31, captured))).toBe('over-original')
    expect(p.try(keys(MERCHANT), refund(30, held))).toBe('original-unknown')
    p.ok(keys(MERCHANT), refund(30, captured))
    expect([p.balance(ANNA), p.balance(SHOP)]).toEqual([100, 0])
  })

  never('is not captured again, nor released once captured, nor captured once released', p => {
    p.issue(100)
    const [first, second] = [p.ok(owner(ANNA), hold(40)), p.ok(owner(ANNA), hold(40))]
    p.ok(keys(MERCHANT), capture(10, first), release(second))
    expect(p.try(keys(MERCHANT), capture(10, first))).toBe('hold-unknown')
    expect(p.try(keys(MERCHANT), release(first))).toBe('hold-unknown')
    expect(p.try(keys(MERCHANT), capture(10, second))).toBe('hold-unknown')
    expect(p.try(keys(MERCHANT), release(second))).toBe('hold-unknown')
    expect(p.balance(ANNA)).toBe(90)
  })

  never('does not leave its rest elsewhere: what is not captured returns to its own lots', p => {
    p.issue(10, { expires: Q + 2 })
    p.issue(10, { expires: Q + 3 })
    p.issue(10)
    const held = p.ok(owner(ANNA), hold(25))
    expect(p.lots(ANNA)).toEqual([])
    const captured = p.ok(keys(MERCHANT), capture(4, held))
    expect(p.lots(ANNA)).toEqual([
      [0, Q + 2, 6],
      [0, Q + 3, 10],
    ])
    expect(p.shares(ANNA)).toMatchObject({ available: 26, held: 0 })
    // And what was captured comes back, if it does, to the lot it was captured from.
    p.ok(keys(MERCHANT), refund(4, captured))
    expect(p.lots(ANNA)[0]).toEqual([0, Q + 2, 10])
  })

  never('does not leave its points to be spent beside it', p => {
    p.issue(100)
    const outcomes = p.submit(
      owner(ANNA),
      p.entry(hold(60)),
      p.entry(redeem(41)),
      p.entry(hold(40)),
      p.entry(redeem(1)),
    )
    expect(outcomes).toEqual(['accepted', 'insufficient', 'accepted', 'insufficient'])
    expect(p.try(owner(ANNA), gift(1))).toBe('insufficient')
    expect(p.try(owner(ANNA), { kind: 'close', account: ANNA })).toBe('not-empty')
  })

  never('is not captured after its end, whatever the shop’s clock says; and its end does not come early', p => {
    p.issue(100)
    const [first, second] = [p.ok(owner(ANNA), hold(40, START + 10)), p.ok(owner(ANNA), hold(40, START + 10))]
    p.time = START + 9
    p.ok(keys(MERCHANT), capture(30, first))
    expect(p.try(keys(OPERATOR), release(second), SKEW)).toBe('not-due')
    p.time = START + 10
    for (const offset of [0, -1, -SKEW]) expect(p.try(keys(MERCHANT), capture(40, second), offset)).toBe('hold-ended')
    expect(p.try(keys(OPERATOR), release(second), -SKEW)).toBe('accepted')
    expect(p.shares(ANNA)).toMatchObject({ available: 70, held: 0 })
  })

  never('of points that expire is captured after that, and what is left of it expires', p => {
    p.issue(100, { expires: Q + 1 })
    const held = p.ok(owner(ANNA), hold(100, START + 2 * QUARTER))
    p.time = START + 2 * QUARTER - 1
    p.ok(keys(MERCHANT), capture(60, held))
    expect(p.shares(ANNA)).toEqual({ available: 0, pending: 0, held: 0, overdue: 40 })
    p.ok(keys(OPERATOR), expire(40))
  })

  never('does not stand longer than the unit lets it, so that nothing escapes by it for long', p => {
    p.issue(100)
    expect(p.try(owner(ANNA), hold(40, START + HOLD_MAX + 1))).toBe('hold-too-long')
    expect(p.try(owner(ANNA), hold(40, START + HOLD_MAX + 1), SKEW)).toBe('hold-too-long')
    expect(p.try(owner(ANNA), hold(40, START + HOLD_MAX), -SKEW)).toBe('accepted')
  })

  never('is not captured into another account than it was made for', p => {
    p.issue(100)
    const held = p.ok(owner(ANNA), hold(40))
    expect(p.try(keys(MERCHANT), { ...capture(40, held), credit: TREASURY } as Draft)).toBe('hold-unknown')
  })

  never('does not give its points back twice where its account owes: the debt takes of them first', p => {
    const issued = p.issue(40, { expires: Q + 5 })
    const held = p.ok(owner(ANNA), hold(40))
    p.ok(keys(ISSUER), clawBack(25, issued))
    expect(p.shares(ANNA)).toMatchObject({ available: -25, held: 40 })
    p.ok(keys(MERCHANT), capture(10, held))
    expect(p.lots(ANNA)).toEqual([[0, Q + 5, 5]])
    expect(p.balance(ANNA)).toBe(5)
  })
})
