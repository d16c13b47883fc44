import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import { AMOUNT_MAX, LOTS_ROOM, PENDING_LOTS_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BACKDATE,
  BERT,
  BUDGET,
  COINS,
  CUSTODIAN,
  EXPIRED,
  GEM_BUDGET,
  HOLD_MAX,
  HOUR,
  ISSUER,
  MERCHANT,
  OPERATOR,
  Q,
  RULE,
  SHOP,
  START,
  TREASURER,
  TREASURY,
  WARD,
} from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import {
  BERTS_GEMS,
  CLOSED,
  citing,
  FROZEN,
  fillLots,
  hour,
  LATER,
  type Ladder,
  moveDoor,
  NO_ID,
  NOBODY,
  OTHER_MERCHANT,
  PAST,
  SPARE,
  STRANGER,
  step,
  timeDoor,
} from './ladder.ts'

const redeem = (debit: number, credit: number, amount = 1): Draft => ({ kind: 'redeem', debit, credit, amount })
const fund = (debit: number, credit: number, amount = 1): Draft => ({ kind: 'fund', debit, credit, amount })
const settle = (debit: number, credit: number, amount = 1, original: Uint8Array | null = null): Draft => {
  return { kind: 'settle', debit, credit, amount, original }
}
const ask = (account: number, amount = 1): Draft => ({ kind: 'ask-settle', account, amount })
const expire = (debit: number, credit: number, amount = 1): Draft => ({ kind: 'expire', debit, credit, amount })
const hold = (debit: number, credit: number, amount = 1, until = 1): Draft => ({
  kind: 'hold',
  debit,
  credit,
  amount,
  until,
})
const capture = (debit: number, credit: number, amount = 1, held = NO_ID): Draft => ({
  kind: 'capture',
  debit,
  credit,
  amount,
  hold: held,
})
const transfer = (debit: number, credit: number, amount = 1, expires = 1): Draft => ({
  kind: 'transfer',
  debit,
  credit,
  amount,
  expires,
})
const issue = (debit: number, credit: number, amount = 1, expires = 1, rule = 0): Draft => ({
  kind: 'issue',
  debit,
  credit,
  amount,
  expires,
  rule,
})

/** Kinds that move points of one unit out of an account. */
export const POINTS: Readonly<Record<string, Ladder>> = {
  fund: p => {
    const by = keys(TREASURER)
    const left = 1_000_000 + p.balance(TREASURY)
    return [
      ...moveDoor(fund, { by, right: [TREASURY, BUDGET] }),
      step('cites-unknown', citing(fund(TREASURY, BUDGET, left + 1)), by),
      step('off-step', fund(TREASURY, BUDGET, left + 1), by),
      step('over-cap', fund(TREASURY, BUDGET, AMOUNT_MAX - 1), by),
      step('over-cap', fund(TREASURY, BUDGET, left + 10), by),
      step('accepted', fund(TREASURY, BUDGET, left), by),
      step('over-cap', fund(TREASURY, BUDGET, 10), by),
    ]
  },
  'fund by a merchant': p => {
    p.issue(300)
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 300))
    const budget = p.sponsored(SHOP)
    p.ok(keys(TREASURER), fund(TREASURY, budget, 100))
    const by = keys(MERCHANT)
    return [
      step('not-entitled', fund(SHOP, budget), keys(TREASURER, OTHER_MERCHANT)),
      step('not-entitled', fund(TREASURY, budget), by),
      ...moveDoor(fund, { by, fixed: 'debit', right: [SHOP, budget] }),
      step('sponsor-mismatch', citing(fund(SHOP, BUDGET, 301)), by),
      step('cites-unknown', citing(fund(SHOP, budget, 301)), by),
      step('off-step', fund(SHOP, budget, 301), by),
      step('insufficient', fund(SHOP, budget, 310), by),
      step('insufficient', fund(SHOP, budget, AMOUNT_MAX - 1), by),
      step('accepted', fund(SHOP, budget, 200), by),
      step('insufficient', fund(SHOP, budget, 110), by),
    ]
  },
  settle: p => {
    p.issue(100)
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    const refused = p.entry(ask(SHOP, 5))
    p.submit(keys(MERCHANT), refused)
    const asked = p.ok(keys(MERCHANT), ask(SHOP, 120))
    const elsewhere = p.ok(keys(TREASURER), { ...p.opening(0), accountKind: 'merchant', owner: null })
    const of = (amount: number, original = asked): Draft => settle(SHOP, TREASURY, amount, original)
    const by = keys(TREASURER)
    return [
      step('not-entitled', of(10), keys(MERCHANT)),
      ...moveDoor((debit, credit) => settle(debit, credit, 1, asked), { by, right: [SHOP, TREASURY] }),
      step('original-unknown', of(121, NO_ID), by),
      step('original-unknown', of(121, decodeTransaction(refused).id), by),
      step('original-unknown', of(121, elsewhere), by),
      step('original-unknown', settle(p.naive.accounts.length - 1, TREASURY, 121, asked), by),
      step('cites-unknown', citing(of(121)), by),
      step('off-step', of(131), by),
      step('over-original', of(130), by),
      step('insufficient', of(110), by),
      step('accepted', of(70), by),
      step('over-original', of(60), by),
      step('accepted', of(30), by),
    ]
  },
  'settle of what was not asked for': p => {
    p.issue(100)
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    const by = keys(TREASURER, MERCHANT)
    return [
      step('not-entitled', settle(SHOP, TREASURY, 10), keys(MERCHANT)),
      step('not-entitled', settle(SHOP, TREASURY, 10), keys(TREASURER)),
      step('not-entitled', settle(SHOP, TREASURY, 10), keys(TREASURER, OTHER_MERCHANT)),
      ...moveDoor(settle, { by, fixed: 'debit', right: [SHOP, TREASURY] }),
      step('cites-unknown', citing(settle(SHOP, TREASURY, 101)), by),
      step('off-step', settle(SHOP, TREASURY, 101), by),
      step('insufficient', settle(SHOP, TREASURY, 110), by),
      step('accepted', settle(SHOP, TREASURY, 100), by),
    ]
  },
  'ask-settle': () => {
    const by = keys(MERCHANT)
    return [
      step('not-entitled', ask(SHOP, 11), keys(TREASURER, OTHER_MERCHANT)),
      ...timeDoor(ask(TREASURY, 11), by),
      step('account-kind', citing(ask(TREASURY, 11)), by),
      step('cites-unknown', citing(ask(SHOP, 11)), by),
      step('off-step', ask(SHOP, 11), by),
      step('accepted', ask(SHOP, 10), by),
      step('accepted', ask(SHOP, AMOUNT_MAX - 1), by),
    ]
  },
  expire: p => {
    p.issue(100, { expires: hour(1) })
    p.issue(50, { expires: hour(2) })
    p.time = START + HOUR
    const by = keys(OPERATOR)
    return [
      ...moveDoor(expire, { by, right: [ANNA, EXPIRED], wrong: SPARE }),
      step('credit-kind', expire(CLOSED, SPARE), by),
      step('account-closed', expire(CLOSED, EXPIRED), by),
      step('cites-unknown', citing(expire(ANNA, EXPIRED, 101)), by),
      step('off-step', expire(ANNA, EXPIRED, 101), by),
      step('not-due', expire(ANNA, EXPIRED, 150), by),
      step('not-due', expire(ANNA, EXPIRED, 90), by),
      step('not-due', expire(BERT, EXPIRED, 100), by),
      { ...step('not-due', expire(ANNA, EXPIRED, 100), by, 1), at: START + 2 * HOUR },
      step('not-due', expire(ANNA, EXPIRED, 50), by),
      step('accepted', expire(ANNA, EXPIRED, 150), by, -1),
      step('not-due', expire(ANNA, EXPIRED, 150), by),
    ]
  },
  redeem: p => {
    p.issue(100)
    p.issue(50, { matures: hour(1) })
    const by = owner(ANNA)
    return [
      step('not-entitled', redeem(ANNA, SHOP, 101), owner(BERT)),
      ...moveDoor(redeem, { by, right: [ANNA, SHOP], fixed: 'debit' }),
      step('credit-kind', redeem(CLOSED, SPARE, 101), owner(CLOSED)),
      step('account-closed', redeem(CLOSED, SHOP, 101), owner(CLOSED)),
      step('cites-unknown', citing(redeem(FROZEN, SHOP, 1001)), owner(FROZEN)),
      step('account-frozen', redeem(FROZEN, SHOP, 1001), owner(FROZEN)),
      step('off-step', redeem(ANNA, SHOP, 101), by),
      step('insufficient', redeem(ANNA, SHOP, 110), by),
      step('accepted', redeem(ANNA, SHOP, 100), by),
    ]
  },
  hold: p => {
    p.issue(1000)
    p.issue(1000, {}, BERT)
    for (let i = 0; i < 16; i++) p.ok(owner(ANNA), hold(ANNA, SHOP, 10, START + HOUR))
    const by = owner(ANNA)
    return [
      ...moveDoor(hold, { by, right: [ANNA, TREASURY], fixed: 'debit' }),
      step('credit-kind', hold(CLOSED, SPARE, 1001), owner(CLOSED)),
      step('account-closed', hold(CLOSED, TREASURY, 1001), owner(CLOSED)),
      step('cites-unknown', citing(hold(FROZEN, SHOP, 1001)), owner(FROZEN)),
      step('account-frozen', hold(FROZEN, SHOP, 1001), owner(FROZEN)),
      step('off-step', hold(ANNA, SHOP, 1001, START), by),
      step('hold-ended', hold(ANNA, SHOP, 1010, START), by, 1),
      step('hold-too-long', hold(ANNA, SHOP, 1010, START + HOLD_MAX + 1), by, 1),
      step('insufficient', hold(ANNA, SHOP, 850, START + HOLD_MAX), by, -1),
      step('holds-full', hold(ANNA, SHOP, 840, START + HOLD_MAX), by),
      step('accepted', hold(BERT, TREASURY, 1000, START + 1), owner(BERT), 1),
    ]
  },
  capture: p => {
    p.issue(200)
    const ended = p.ok(owner(ANNA), hold(ANNA, SHOP, 100, START + 1))
    const stands = p.ok(owner(ANNA), hold(ANNA, SHOP, 100, START + 2))
    p.time = START + 1
    const by = keys(MERCHANT)
    return [
      ...moveDoor(capture, { by, right: [ANNA, SHOP], fixed: 'credit' }),
      step('account-closed', capture(CLOSED, SHOP, 1001), by),
      step('cites-unknown', citing(capture(ANNA, SHOP, 1001)), by),
      step('hold-unknown', capture(ANNA, SHOP, 1001), by),
      step('hold-unknown', capture(BERT, SHOP, 1001, ended), by),
      step('hold-unknown', capture(ANNA, TREASURY, 1001, ended), by),
      step('hold-unknown', capture(ANNA, TREASURY, 1001, ended), keys(OTHER_MERCHANT)),
      step('off-step', capture(ANNA, SHOP, 1001, ended), by),
      step('hold-ended', capture(ANNA, SHOP, 1010, ended), by, -1),
      step('over-original', capture(ANNA, SHOP, 110, stands), by, 1),
      step('accepted', capture(ANNA, SHOP, 100, stands), by, 1),
    ]
  },
  'capture by another merchant, or by the owner': p => {
    p.issue(100)
    const held = p.ok(owner(ANNA), hold(ANNA, SHOP, 100, START + 1))
    return [
      step('not-entitled', capture(ANNA, SHOP, 1001, held), owner(ANNA)),
      step('not-entitled', capture(ANNA, SHOP, 1001, held), keys(OTHER_MERCHANT)),
      step('accepted', capture(ANNA, SHOP, 100, held), keys(MERCHANT)),
    ]
  },
  transfer: p => {
    p.issue(50, { expires: hour(LATER) })
    p.issue(1000)
    fillLots(p, BERT, LOTS_ROOM, 10, 1)
    const more = p.member(3)
    p.ok(owner(ANNA), transfer(ANNA, more, 10, 0))
    const by = owner(ANNA)
    return [
      ...moveDoor(transfer, { by, right: [ANNA, BERT], fixed: 'debit', wrong: SHOP }),
      step('credit-kind', transfer(CLOSED, SHOP), owner(CLOSED)),
      step('account-closed', transfer(FROZEN, CLOSED), owner(FROZEN)),
      step('account-closed', transfer(CLOSED, FROZEN), owner(CLOSED)),
      step('cites-unknown', citing(transfer(FROZEN, BERT)), owner(FROZEN)),
      step('account-frozen', transfer(FROZEN, BERT), owner(FROZEN)),
      step('off-step', transfer(ANNAS_GEMS, BERTS_GEMS), owner(ANNAS_GEMS)),
      step('no-gifts', transfer(ANNAS_GEMS, BERTS_GEMS, 1000), owner(ANNAS_GEMS)),
      step('dates', transfer(ANNA, BERT, 2000, Q), by, -1),
      step('over-gift-cap', transfer(ANNA, BERT, 210, hour(LATER)), by),
      step('insufficient', transfer(ANNA, BERT, 200, hour(LATER)), by),
      step('lots-full', transfer(ANNA, BERT, 50, hour(LATER)), by),
      step('accepted', transfer(ANNA, WARD, 50, hour(LATER)), by),
      step('accepted', transfer(ANNA, WARD, 200, 0), by),
      step('over-gift-cap', transfer(ANNA, WARD, 50, 0), by),
      step('accepted', transfer(ANNA, WARD, 40, 0), by),
    ]
  },
  'redeem of accounts that are in custody, frozen or short': p => {
    p.issue(50, {}, WARD)
    p.issue(50, { matures: hour(1) }, WARD)
    return [
      step('not-entitled', redeem(FROZEN, SHOP, 1001), keys(CUSTODIAN)),
      step('not-entitled', redeem(WARD, SHOP, 1001), keys(STRANGER)),
      step('off-step', redeem(WARD, SHOP, 101), keys(CUSTODIAN)),
      step('insufficient', redeem(WARD, SHOP, 60), keys(CUSTODIAN)),
      step('accepted', redeem(WARD, SHOP, 50), keys(CUSTODIAN)),
    ]
  },
  'issue with dates, under the terms of a budget': p => {
    fillLots(p, BERT, LOTS_ROOM, 10, 2000)
    const [from, until] = [START + HOUR, START + 48 * HOUR]
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, from, until, memberDay: 50, memberTotal: 80 })
    p.ok(keys(TREASURER), fund(TREASURY, SPARE, 30))
    const [by, left] = [keys(ISSUER), p.balance(BUDGET)]
    const door = { by, right: [BUDGET, ANNA], fixed: 'debit', past: PAST - BACKDATE } as const
    const rules = [COINS, NOBODY].map(rule => step('rule-unknown', issue(BUDGET, NOBODY, 20_001, 1, rule), by))
    const doors = moveDoor(issue, door)
    const at = (time: number, offset = 0) => ({ at: time, offset })
    return [
      ...doors.slice(0, 4),
      step('time-behind', issue(BUDGET, NOBODY, 20_001, 1, NOBODY), by, door.past),
      ...rules,
      ...doors.slice(4),
      step('account-closed', issue(BUDGET, CLOSED, 20_001), by),
      step('cites-unknown', citing(issue(BUDGET, BERT, 20_001, Q - 1)), by),
      step('off-step', issue(BUDGET, BERT, 20_001, Q - 1), by),
      step('off-grain', issue(BUDGET, BERT, 20_000, Q - 1), by),
      step('off-grain', { ...issue(BUDGET, BERT, 20_000, Q), matures: Q - 3 } as Draft, by),
      step('dates', issue(BUDGET, BERT, 20_000, Q), by),
      step('dates', { ...issue(BUDGET, BERT, 20_000, 0), matures: hour(731 * 24) + 4 } as Draft, by),
      step('insufficient', { ...issue(BUDGET, BERT, 20_000, 0), matures: hour(731 * 24) } as Draft, by),
      step('insufficient', issue(BUDGET, BERT, left + 10, Q), by, -1),
      step('budget-closed', issue(BUDGET, BERT, left, Q), by, -1),
      { ...step('budget-closed', issue(BUDGET, BERT, left, hour(99)), by, 1), at: START + HOUR - 1 },
      { ...step('over-member-cap', issue(BUDGET, BERT, left, hour(99)), by), ...at(START + HOUR, -1) },
      step('over-member-cap', issue(BUDGET, BERT, 60, hour(99)), by),
      step('lots-full', issue(BUDGET, BERT, 50, hour(99)), by),
      step('accepted', issue(BUDGET, ANNA, 50, hour(99), RULE), by),
      step('over-member-cap', issue(BUDGET, ANNA, 10, hour(99)), by),
      step('accepted', issue(BUDGET, BERT, 50, hour(2000)), by),
      { ...step('over-member-cap', issue(BUDGET, ANNA, 40, hour(99)), by), ...at(START + 24 * HOUR) },
      step('accepted', issue(BUDGET, ANNA, 30, hour(99)), by),
      { ...step('over-member-cap', issue(BUDGET, ANNA, 10, hour(99)), by), ...at(START + 48 * HOUR - 1, 1) },
      { ...step('budget-closed', issue(BUDGET, WARD, 10, hour(99)), by), ...at(START + 48 * HOUR, -1) },
    ]
  },
  'issue by those whose budget it is not': () => [
    step('not-entitled', issue(SPARE, BERT, 20_001), keys(ISSUER)),
    step('not-entitled', issue(BUDGET, BERT, 20_001), keys(TREASURER)),
    step('accepted', issue(BUDGET, BERT, 10, 0), keys(ISSUER)),
  ],
  'issue of points that have to ripen, of as many dates as there can be': p => {
    const far = (n: number, amount = 10): Draft => ({ ...issue(BUDGET, ANNA, amount, 0), matures: hour(n) }) as Draft
    p.ok(keys(ISSUER), ...Array.from({ length: PENDING_LOTS_MAX }, (_, i) => far(100 + i)))
    const by = keys(ISSUER)
    return [
      step('insufficient', far(99, 20_000), by),
      step('lots-full', far(99), by),
      step('lots-full', far(1), by),
      // What joins a lot, and what can be spent at once.
      step('accepted', far(100), by),
      step('accepted', far(0), by),
      step('accepted', issue(BUDGET, ANNA, 10, hour(99)), by),
      { ...step('accepted', far(99), by, 1), at: START + 100 * HOUR },
      step('accepted', far(830), by),
      step('lots-full', far(831), by),
    ]
  },
  'issue from a budget that has too little': p => {
    fillLots(p, BERT, LOTS_ROOM, 10, LATER)
    const left = p.balance(BUDGET)
    return [
      step('insufficient', issue(BUDGET, BERT, left + 10, hour(99)), keys(ISSUER)),
      step('lots-full', issue(BUDGET, BERT, left, hour(99)), keys(ISSUER)),
      step('accepted', issue(BUDGET, BERT, left, hour(LATER)), keys(ISSUER)),
    ]
  },
  'issue to an account of another unit': () => [
    step('unit-mismatch', issue(GEM_BUDGET, BERT, 4, 1), keys(ISSUER)),
    step('off-step', issue(GEM_BUDGET, BERTS_GEMS, 4, Q + 1), keys(ISSUER)),
    step('off-grain', issue(GEM_BUDGET, BERTS_GEMS, 5, Q + 1), keys(ISSUER)),
    step('accepted', issue(GEM_BUDGET, BERTS_GEMS, 5, Q + 2), keys(ISSUER)),
  ],
}
