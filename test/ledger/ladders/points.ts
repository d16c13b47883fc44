import { LOTS_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  CUSTODIAN,
  EXPIRED,
  GEM_BUDGET,
  ISSUER,
  MERCHANT,
  OPERATOR,
  SHOP,
  TREASURER,
  TREASURY,
  WARD,
} from '../commands.ts'
import { DAY, H, HOUR, keys, owner, START } from '../programme.ts'
import {
  BERTS_GEMS,
  CLOSED,
  FROZEN,
  fillLots,
  kindDoor,
  type Ladder,
  moveDoor,
  NO_ID,
  OTHER_MERCHANT,
  OUTSIDER,
  STRANGER,
  step,
} from './ladder.ts'

const expire = (debit: number, credit: number, amount = 1): Draft => ({ kind: 'expire', debit, credit, amount })
const settle = (debit: number, credit: number, amount = 1): Draft => ({ kind: 'settle', debit, credit, amount })
const redeem = (debit: number, credit: number, amount = 1): Draft => ({ kind: 'redeem', debit, credit, amount })
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
const issue = (debit: number, credit: number, amount = 1, expires = 1): Draft => ({
  kind: 'issue',
  debit,
  credit,
  amount,
  expires,
})

/** Kinds that move points of one unit out of an account. */
export const POINTS: Readonly<Record<string, Ladder>> = {
  expire: p => {
    p.issue(100, { expires: H + 1 })
    p.time = START + HOUR
    return [
      ...kindDoor(expire, CLOSED),
      step('account-closed', expire(CLOSED, EXPIRED)),
      step('not-entitled', expire(ANNA, EXPIRED, 101)),
      step('not-entitled', expire(ANNA, EXPIRED, 101), owner(ANNA)),
      step('off-step', expire(ANNA, EXPIRED, 101), keys(OPERATOR)),
      step('not-due', expire(ANNA, EXPIRED, 110), keys(OPERATOR)),
      step('not-due', expire(ANNA, EXPIRED, 90), keys(OPERATOR)),
      step('not-due', expire(ANNA, EXPIRED, 100), keys(OPERATOR), 1),
      step('not-due', expire(ANNA, EXPIRED, 100), keys(OPERATOR), -1),
      step('not-due', expire(BERT, EXPIRED, 100), keys(OPERATOR)),
      step('accepted', expire(ANNA, EXPIRED, 100), keys(OPERATOR)),
    ]
  },
  hold: p => {
    p.issue(1000)
    p.issue(1000, {}, BERT)
    for (let i = 0; i < 16; i++) p.ok(owner(ANNA), hold(ANNA, SHOP, 10, START + HOUR))
    return [
      ...kindDoor(hold, CLOSED),
      step('account-closed', hold(CLOSED, TREASURY, 1001)),
      step('not-entitled', hold(FROZEN, SHOP, 1001), owner(ANNA)),
      step('account-frozen', hold(FROZEN, SHOP, 1001), owner(FROZEN)),
      step('off-step', hold(ANNA, SHOP, 1001, START), owner(ANNA)),
      step('hold-ended', hold(ANNA, SHOP, 1010, START), owner(ANNA)),
      step('insufficient', hold(ANNA, SHOP, 850, START + 1), owner(ANNA)),
      step('holds-full', hold(ANNA, SHOP, 840, START + 1), owner(ANNA)),
      step('accepted', hold(BERT, TREASURY, 1000, START + 1), owner(BERT)),
    ]
  },
  capture: p => {
    p.issue(200)
    const ended = p.ok(owner(ANNA), hold(ANNA, SHOP, 100, START + 1))
    const stands = p.ok(owner(ANNA), hold(ANNA, SHOP, 100, START + 2))
    p.time = START + 1
    return [
      ...kindDoor(capture, CLOSED),
      step('account-closed', capture(CLOSED, SHOP)),
      step('hold-unknown', capture(ANNA, SHOP, 1001)),
      step('hold-unknown', capture(BERT, SHOP, 1001, ended)),
      step('hold-unknown', capture(ANNA, TREASURY, 1001, ended)),
      step('not-entitled', capture(ANNA, SHOP, 1001, ended), owner(ANNA)),
      step('not-entitled', capture(ANNA, SHOP, 1001, ended), keys(OTHER_MERCHANT)),
      step('off-step', capture(ANNA, SHOP, 1001, ended), keys(MERCHANT)),
      step('hold-ended', capture(ANNA, SHOP, 1010, ended), keys(MERCHANT)),
      step('over-original', capture(ANNA, SHOP, 110, stands), keys(MERCHANT)),
      step('accepted', capture(ANNA, SHOP, 100, stands), keys(MERCHANT)),
    ]
  },
  transfer: p => {
    p.issue(50, { expires: H + 1000 })
    p.issue(1000)
    fillLots(p, BERT, LOTS_MAX, 10, H + 1)
    const more = p.member(3)
    p.ok(owner(ANNA), transfer(ANNA, more, 10, 0))
    return [
      ...kindDoor(transfer, CLOSED),
      step('account-closed', transfer(FROZEN, CLOSED)),
      step('account-closed', transfer(CLOSED, FROZEN)),
      step('not-entitled', transfer(FROZEN, BERT), owner(ANNA)),
      step('not-entitled', transfer(WARD, BERT), keys(CUSTODIAN)),
      step('account-frozen', transfer(FROZEN, BERT), owner(FROZEN)),
      step('off-step', transfer(ANNAS_GEMS, BERTS_GEMS), owner(ANNAS_GEMS)),
      step('no-gifts', transfer(ANNAS_GEMS, BERTS_GEMS, 1000), owner(ANNAS_GEMS)),
      step('dates', transfer(ANNA, BERT, 2000, H), owner(ANNA)),
      step('over-gift-cap', transfer(ANNA, BERT, 210, H + 1000), owner(ANNA)),
      step('insufficient', transfer(ANNA, BERT, 200, H + 1000), owner(ANNA)),
      step('lots-full', transfer(ANNA, BERT, 50, H + 1000), owner(ANNA)),
      step('accepted', transfer(ANNA, WARD, 50, H + 1000), owner(ANNA)),
      step('accepted', transfer(ANNA, WARD, 200, 0), owner(ANNA)),
      step('over-gift-cap', transfer(ANNA, WARD, 50, 0), owner(ANNA)),
      step('accepted', transfer(ANNA, WARD, 40, 0), owner(ANNA)),
    ]
  },
  settle: p => {
    p.issue(100)
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    return [
      ...kindDoor(settle, SHOP),
      step('not-entitled', settle(SHOP, TREASURY, 101), keys(MERCHANT)),
      step('off-step', settle(SHOP, TREASURY, 101), keys(TREASURER)),
      step('insufficient', settle(SHOP, TREASURY, 110), keys(TREASURER)),
      step('accepted', settle(SHOP, TREASURY, 100), keys(TREASURER)),
    ]
  },
  'redeem of accounts that are closed, in custody, frozen or short': p => {
    p.issue(50, {}, WARD)
    p.issue(50, { matures: H + 1 }, WARD)
    return [
      ...kindDoor(redeem, CLOSED),
      step('account-closed', redeem(CLOSED, SHOP, 1001)),
      step('not-entitled', redeem(FROZEN, SHOP, 1001), keys(CUSTODIAN)),
      step('not-entitled', redeem(WARD, SHOP, 1001), keys(STRANGER)),
      step('account-frozen', redeem(FROZEN, SHOP, 1001), owner(FROZEN)),
      step('off-step', redeem(WARD, SHOP, 101), keys(CUSTODIAN)),
      step('insufficient', redeem(WARD, SHOP, 60), keys(CUSTODIAN)),
      step('accepted', redeem(WARD, SHOP, 50), keys(CUSTODIAN)),
    ]
  },
  'issue with dates, under the terms of a budget': p => {
    fillLots(p, BERT, LOTS_MAX, 10, H + 1000)
    const [from, until] = [START + HOUR, START + 2 * DAY]
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, from, until, memberDay: 50, memberTotal: 80 })
    p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: 10, amount: 30 })
    const by = keys(ISSUER)
    const at = (time: number, offset = 0) => ({ at: time, offset })
    return [
      ...moveDoor(issue),
      step('debit-kind', issue(SHOP, TREASURY)),
      step('credit-kind', issue(BUDGET, TREASURY)),
      step('account-closed', issue(BUDGET, CLOSED)),
      step('not-entitled', issue(BUDGET, BERT, 20_001), keys(TREASURER)),
      step('not-entitled', issue(10, BERT, 20_001), by),
      step('off-step', issue(BUDGET, BERT, 20_001), by),
      step('dates', issue(BUDGET, BERT, 20_000, H), by),
      step('budget-closed', issue(BUDGET, BERT, 20_000, H + 99), by),
      { ...step('budget-closed', issue(BUDGET, BERT, 20_000, H + 99), by), ...at(START + HOUR, -1) },
      step('over-member-cap', issue(BUDGET, BERT, 20_000, H + 99), by),
      step('over-member-cap', issue(BUDGET, BERT, 60, H + 99), by),
      step('lots-full', issue(BUDGET, BERT, 50, H + 99), by),
      step('accepted', issue(BUDGET, ANNA, 50, H + 99), by),
      step('over-member-cap', issue(BUDGET, ANNA, 10, H + 99), by),
      step('accepted', issue(BUDGET, BERT, 50, H + 1000), by),
      { ...step('over-member-cap', issue(BUDGET, ANNA, 40, H + 99), by), ...at(START + DAY) },
      step('accepted', issue(BUDGET, ANNA, 30, H + 99), by),
      { ...step('over-member-cap', issue(BUDGET, ANNA, 10, H + 99), by), ...at(START + 2 * DAY, -1) },
      step('budget-closed', issue(BUDGET, WARD, 10, H + 99), by),
      { ...step('accepted', issue(BUDGET, WARD, 10, H + 99), by), offset: -1 },
    ]
  },
  'issue from a budget that has too little': p => {
    fillLots(p, BERT, LOTS_MAX, 10, H + 1000)
    const left = p.balance(BUDGET)
    return [
      step('insufficient', issue(BUDGET, BERT, left + 10, H + 99), keys(ISSUER)),
      step('lots-full', issue(BUDGET, BERT, left, H + 99), keys(ISSUER)),
      step('accepted', issue(BUDGET, BERT, left, H + 1000), keys(ISSUER)),
    ]
  },
  'issue to an account of another unit': () => [
    step('unit-mismatch', issue(GEM_BUDGET, BERT, 5, 0), OUTSIDER),
    step('off-step', issue(GEM_BUDGET, BERTS_GEMS, 4, 0), keys(ISSUER)),
    step('accepted', issue(GEM_BUDGET, BERTS_GEMS, 5, 0), keys(ISSUER)),
  ],
}
