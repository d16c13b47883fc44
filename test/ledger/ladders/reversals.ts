import { LOTS_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import { ANNA, BERT, BUDGET, ISSUER, MERCHANT, SHOP, TREASURER, TREASURY } from '../commands.ts'
import { H, keys, owner, type Programme, START } from '../programme.ts'
import { CLOSED, FROZEN, fillLots, type Ladder, moveDoor, NO_ID, OTHER_MERCHANT, step, WINDOW } from './ladder.ts'

const reverse = (debit: number, credit: number, amount = 1, original = NO_ID): Draft => ({
  kind: 'reverse',
  debit,
  credit,
  amount,
  original,
})
const redeem = (debit: number, credit: number, amount: number): Draft => ({ kind: 'redeem', debit, credit, amount })
const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })

/** A millisecond after the window of what was done at the start. */
const LATE = START + WINDOW + 1

/** Twice 100 of Anna's points at the shop: the first out of the window, the second not. Both were captured from holds. */
function captured(p: Programme): Uint8Array[] {
  return [START, LATE].map(time => {
    p.time = time
    const held = p.ok(owner(ANNA), { kind: 'hold', debit: ANNA, credit: SHOP, amount: 100, until: time + 1 })
    return p.ok(keys(MERCHANT), { kind: 'capture', debit: ANNA, credit: SHOP, amount: 100, hold: held })
  })
}

export const REVERSALS: Readonly<Record<string, Ladder>> = {
  'reverse of an issue': p => {
    const [old, dated] = [p.issue(100), p.issue(100, { expires: H + 1 })]
    const refused = p.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 })
    p.submit(keys(ISSUER), refused)
    const held = p.ok(owner(ANNA), { kind: 'hold', debit: ANNA, credit: SHOP, amount: 10, until: START + 1 })
    p.ok(keys(MERCHANT), { kind: 'release', account: ANNA, hold: held })
    p.time = LATE
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    const fresh = p.issue(100)
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 60))
    const back = p.ok(keys(MERCHANT), reverse(SHOP, ANNA, 10, p.ok(owner(ANNA), redeem(ANNA, SHOP, 10))))
    return [
      ...moveDoor(reverse),
      step('account-closed', reverse(CLOSED, BUDGET)),
      step('account-closed', reverse(BUDGET, CLOSED)),
      step('original-unknown', reverse(ANNA, BUDGET, 1001)),
      step('original-unknown', reverse(ANNA, BUDGET, 1001, refused.slice(4, 20))),
      step('original-unknown', reverse(ANNA, SHOP, 1001, held)),
      step('original-unknown', reverse(ANNA, SHOP, 1001, back)),
      step('original-unknown', reverse(BUDGET, ANNA, 1001, dated)),
      step('original-unknown', reverse(FROZEN, BUDGET, 1001, dated)),
      step('not-entitled', reverse(ANNA, BUDGET, 1001, dated), keys(MERCHANT)),
      step('not-entitled', reverse(ANNA, BUDGET, 1001, dated), keys(TREASURER)),
      step('off-step', reverse(ANNA, BUDGET, 1001, dated), keys(ISSUER)),
      step('dates', reverse(ANNA, BUDGET, 1010, dated), keys(ISSUER)),
      step('window-over', reverse(ANNA, BUDGET, 1010, old), keys(ISSUER)),
      step('over-original', reverse(ANNA, BUDGET, 1010, fresh), keys(ISSUER)),
      step('over-original', reverse(ANNA, BUDGET, 110, fresh), keys(ISSUER)),
      step('insufficient', reverse(ANNA, BUDGET, 100, fresh), keys(ISSUER)),
      step('accepted', reverse(ANNA, BUDGET, 90, fresh), keys(ISSUER)),
      step('over-original', reverse(ANNA, BUDGET, 20, fresh), keys(ISSUER)),
      step('insufficient', reverse(ANNA, BUDGET, 10, fresh), keys(ISSUER)),
    ]
  },
  'reverse of a redeem': p => {
    const [old, fresh] = [START, LATE].map(time => {
      p.time = time
      p.issue(100, { expires: H + 2000 })
      return p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    })
    p.ok(keys(TREASURER), { kind: 'settle', debit: SHOP, credit: TREASURY, amount: 150 })
    p.issue(10, {}, BERT)
    const berts = p.ok(owner(BERT), redeem(BERT, SHOP, 10))
    fillLots(p, ANNA, LOTS_MAX, 10, H + 100)
    return [
      ...moveDoor(reverse),
      step('account-closed', reverse(SHOP, CLOSED)),
      step('original-unknown', reverse(SHOP, ANNA, 1001)),
      step('original-unknown', reverse(SHOP, BERT, 1001, old)),
      step('original-unknown', reverse(TREASURY, ANNA, 1001, old)),
      step('not-entitled', reverse(SHOP, ANNA, 1001, old), owner(ANNA)),
      step('not-entitled', reverse(SHOP, ANNA, 1001, old), keys(OTHER_MERCHANT)),
      step('off-step', reverse(SHOP, ANNA, 1001, old), keys(MERCHANT)),
      step('window-over', reverse(SHOP, ANNA, 1010, old), keys(MERCHANT)),
      step('over-original', reverse(SHOP, ANNA, 110, fresh), keys(MERCHANT)),
      step('insufficient', reverse(SHOP, ANNA, 100, fresh), keys(MERCHANT)),
      step('lots-full', reverse(SHOP, ANNA, 50, fresh), keys(MERCHANT)),
      step('accepted', reverse(SHOP, BERT, 10, berts), keys(MERCHANT)),
      step('over-original', reverse(SHOP, BERT, 10, berts), keys(MERCHANT)),
    ]
  },
  'reverse of a redeem at the treasury': p => {
    p.issue(100)
    const spent = p.ok(owner(ANNA), redeem(ANNA, TREASURY, 100))
    p.ok(keys(TREASURER), fund(1_000_000 + p.balance(TREASURY) - 50))
    return [
      step('not-entitled', reverse(TREASURY, ANNA, 101, spent), keys(TREASURER)),
      step('off-step', reverse(TREASURY, ANNA, 101, spent), keys(OTHER_MERCHANT)),
      step('over-original', reverse(TREASURY, ANNA, 110, spent), keys(OTHER_MERCHANT)),
      step('over-cap', reverse(TREASURY, ANNA, 60, spent), keys(OTHER_MERCHANT)),
      step('accepted', reverse(TREASURY, ANNA, 50, spent), keys(OTHER_MERCHANT)),
    ]
  },
  'reverse of a capture': p => {
    p.issue(200)
    const [old, fresh] = captured(p)
    p.ok(keys(TREASURER), { kind: 'settle', debit: SHOP, credit: TREASURY, amount: 150 })
    return [
      step('not-entitled', reverse(SHOP, ANNA, 1001, old), keys(OTHER_MERCHANT)),
      step('off-step', reverse(SHOP, ANNA, 1001, old), keys(MERCHANT)),
      step('window-over', reverse(SHOP, ANNA, 1010, old), keys(MERCHANT)),
      step('over-original', reverse(SHOP, ANNA, 110, fresh), keys(MERCHANT)),
      step('insufficient', reverse(SHOP, ANNA, 100, fresh), keys(MERCHANT)),
      step('accepted', reverse(SHOP, ANNA, 50, fresh), keys(MERCHANT)),
    ]
  },
  'reverse of a fund': p => {
    const old = p.ok(keys(TREASURER), fund(100))
    p.time = LATE
    const fresh = p.ok(keys(TREASURER), fund(100))
    p.issue(p.balance(BUDGET) - 50)
    return [
      step('original-unknown', reverse(TREASURY, BUDGET, 1001, old)),
      step('not-entitled', reverse(BUDGET, TREASURY, 1001, old), keys(ISSUER, MERCHANT)),
      step('off-step', reverse(BUDGET, TREASURY, 1001, old), keys(TREASURER)),
      step('window-over', reverse(BUDGET, TREASURY, 1010, old), keys(TREASURER)),
      step('over-original', reverse(BUDGET, TREASURY, 110, fresh), keys(TREASURER)),
      step('insufficient', reverse(BUDGET, TREASURY, 100, fresh), keys(TREASURER)),
      step('accepted', reverse(BUDGET, TREASURY, 50, fresh), keys(TREASURER)),
    ]
  },
}
