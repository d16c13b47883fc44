import { LOTS_ROOM } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  GEM_BUDGET,
  ISSUER,
  MERCHANT,
  SHOP,
  START,
  TREASURER,
  TREASURY,
  WINDOW,
} from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import {
  CLOSED,
  citing,
  FROZEN,
  fillLots,
  hour,
  type Ladder,
  moveDoor,
  NO_ID,
  OTHER_MERCHANT,
  type Step,
  step,
} from './ladder.ts'

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

/**
 * Twice 100 of Anna's points at the shop: the first out of the window, the second not. Both were captured from holds.
 */
function captured(p: Rehearsal): Uint8Array[] {
  return [START, LATE].map(time => {
    p.time = time
    const held = p.ok(owner(ANNA), { kind: 'hold', debit: ANNA, credit: SHOP, amount: 100, until: time + 1 })
    return p.ok(keys(MERCHANT), { kind: 'capture', debit: ANNA, credit: SHOP, amount: 100, hold: held })
  })
}

/** The steps of a reversal whose original is nowhere; `by` could reverse some. Its ends may be of any kind. */
function reverseDoor(
  by: Parameters<typeof step>[2],
  ends: { fixed?: 'debit' | 'credit'; right: readonly [number, number] },
): Step[] {
  const doors = moveDoor(reverse, { by: by!, ...ends })
  return doors.filter(({ outcome }) => outcome !== 'debit-kind' && outcome !== 'credit-kind')
}

export const REVERSALS: Readonly<Record<string, Ladder>> = {
  'reverse of an issue': p => {
    const [old, dated] = [p.issue(100), p.issue(100, { expires: hour(1) })]
    const refused = p.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 })
    p.submit(keys(ISSUER), refused)
    const held = p.ok(owner(ANNA), { kind: 'hold', debit: ANNA, credit: SHOP, amount: 10, until: START + 1 })
    p.ok(keys(MERCHANT), { kind: 'release', account: ANNA, hold: held })
    p.time = LATE
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    const fresh = p.issue(100)
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 60))
    const back = p.ok(keys(MERCHANT), reverse(SHOP, ANNA, 10, p.ok(owner(ANNA), redeem(ANNA, SHOP, 10))))
    const by = keys(ISSUER)
    return [
      ...reverseDoor(by, { fixed: 'credit', right: [ANNA, BUDGET] }),
      step('unit-mismatch', reverse(CLOSED, GEM_BUDGET, 1001), by),
      step('account-closed', reverse(CLOSED, BUDGET, 1001), by),
      step('original-unknown', reverse(ANNA, BUDGET, 1001), by),
      step('original-unknown', reverse(ANNA, BUDGET, 1001, refused.slice(4, 20)), by),
      step('original-unknown', reverse(ANNA, BUDGET, 1001, held), by),
      step('original-unknown', reverse(ANNA, BUDGET, 1001, back), by),
      step('original-unknown', reverse(FROZEN, BUDGET, 1001, dated), by),
      step('cites-unknown', citing(reverse(ANNA, BUDGET, 1001, dated)), by),
      step('cites-unknown', citing(reverse(ANNA, BUDGET, 1001, dated), refused.slice(4, 20)), by),
      step('off-step', reverse(ANNA, BUDGET, 1001, dated), by),
      step('dates', reverse(ANNA, BUDGET, 1010, dated), by, -1),
      step('window-over', reverse(ANNA, BUDGET, 1010, old), by, -1),
      step('over-original', reverse(ANNA, BUDGET, 1010, fresh), by),
      step('over-original', reverse(ANNA, BUDGET, 110, fresh), by),
      step('insufficient', reverse(ANNA, BUDGET, 100, fresh), by),
      step('accepted', reverse(ANNA, BUDGET, 90, fresh), by),
      step('over-original', reverse(ANNA, BUDGET, 20, fresh), by),
      step('insufficient', reverse(ANNA, BUDGET, 10, fresh), by),
    ]
  },
  'reverse of a fund by a merchant': p => {
    p.issue(300)
    p.ok(owner(ANNA), redeem(ANNA, SHOP, 300))
    const budget = p.sponsored(SHOP)
    const by = keys(MERCHANT)
    const fundOfShop = (amount: number): Draft => ({ kind: 'fund', debit: SHOP, credit: budget, amount })
    const old = p.ok(by, fundOfShop(100))
    p.time = LATE
    const fresh = p.ok(by, fundOfShop(100))
    const platforms = p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: budget, amount: 100 })
    return [
      step('not-entitled', reverse(budget, SHOP, 101, fresh), keys(OTHER_MERCHANT, ISSUER)),
      step('not-entitled', reverse(budget, TREASURY, 100, platforms), by),
      step('original-unknown', reverse(budget, SHOP, 101, platforms), keys(TREASURER)),
      step('original-unknown', reverse(BUDGET, SHOP, 101, fresh), by),
      step('off-step', reverse(budget, SHOP, 101, fresh), by),
      step('window-over', reverse(budget, SHOP, 10, old), by, -1),
      step('over-original', reverse(budget, SHOP, 110, fresh), by),
      step('accepted', reverse(budget, SHOP, 60, fresh), by),
      step('accepted', reverse(budget, SHOP, 10, fresh), keys(TREASURER)),
      step('over-original', reverse(budget, SHOP, 40, fresh), by),
    ]
  },
  'reverse by those who did not make the original': p => {
    const issued = p.issue(100)
    const spent = p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    const funded = p.ok(keys(TREASURER), fund(100))
    return [
      step('not-entitled', reverse(ANNA, BUDGET, 1001, issued), keys(MERCHANT)),
      step('not-entitled', reverse(ANNA, BUDGET, 1001, issued), keys(TREASURER)),
      step('not-entitled', reverse(SHOP, ANNA, 1001, spent), owner(ANNA)),
      step('not-entitled', reverse(SHOP, ANNA, 1001, spent), keys(OTHER_MERCHANT)),
      step('not-entitled', reverse(BUDGET, TREASURY, 1001, funded), keys(ISSUER, MERCHANT)),
      // Of what is not there, any who could reverse something.
      step('not-entitled', reverse(SHOP, ANNA, 1001), keys(OTHER_MERCHANT, ISSUER)),
      step('original-unknown', reverse(SHOP, ANNA, 1001), keys(MERCHANT)),
      step('original-unknown', reverse(SHOP, ANNA, 1001), keys(TREASURER)),
      step('original-unknown', reverse(SHOP, BUDGET, 1001), keys(ISSUER)),
      // Of what is there, and between others, those of its kind.
      step('original-unknown', reverse(BERT, BUDGET, 1001, issued), keys(ISSUER)),
      step('accepted', reverse(SHOP, ANNA, 50, spent), keys(MERCHANT)),
      step('not-entitled', reverse(BUDGET, ANNA, 1001, issued), keys(TREASURER)),
      step('accepted', reverse(SHOP, ANNA, 50, spent), keys(MERCHANT)),
    ]
  },
  'reverse of a redeem': p => {
    const [old, fresh] = [START, LATE].map(time => {
      p.time = time
      p.issue(100, { expires: hour(2000) })
      return p.ok(owner(ANNA), redeem(ANNA, SHOP, 100))
    })
    p.ok(keys(TREASURER, MERCHANT), { kind: 'settle', debit: SHOP, credit: TREASURY, amount: 150 })
    p.issue(10, {}, BERT)
    const berts = p.ok(owner(BERT), redeem(BERT, SHOP, 10))
    fillLots(p, ANNA, LOTS_ROOM, 10, 100)
    const by = keys(MERCHANT)
    return [
      ...reverseDoor(by, { fixed: 'debit', right: [SHOP, ANNA] }),
      step('account-closed', reverse(SHOP, CLOSED, 1001), by),
      step('original-unknown', reverse(SHOP, ANNA, 1001), by),
      step('original-unknown', reverse(SHOP, BERT, 1001, old), by),
      step('original-unknown', reverse(TREASURY, ANNA, 1001, old), by),
      step('cites-unknown', citing(reverse(SHOP, ANNA, 1001, old)), by),
      step('off-step', reverse(SHOP, ANNA, 1001, old), by),
      step('window-over', reverse(SHOP, ANNA, 1010, old), by, -1),
      step('over-original', reverse(SHOP, ANNA, 110, fresh), by),
      step('insufficient', reverse(SHOP, ANNA, 100, fresh), by),
      step('lots-full', reverse(SHOP, ANNA, 50, fresh), by),
      step('accepted', reverse(SHOP, BERT, 10, berts), by),
      step('over-original', reverse(SHOP, BERT, 10, berts), by),
    ]
  },
  'reverse of a redeem at the treasury': p => {
    p.issue(100)
    const spent = p.ok(owner(ANNA), redeem(ANNA, TREASURY, 100))
    p.ok(keys(TREASURER), fund(1_000_000 + p.balance(TREASURY) - 50))
    const by = keys(OTHER_MERCHANT)
    return [
      step('not-entitled', reverse(TREASURY, ANNA, 101, spent), keys(TREASURER)),
      step('off-step', reverse(TREASURY, ANNA, 101, spent), by),
      step('over-original', reverse(TREASURY, ANNA, 110, spent), by),
      step('over-cap', reverse(TREASURY, ANNA, 60, spent), by),
      step('accepted', reverse(TREASURY, ANNA, 50, spent), by),
    ]
  },
  'reverse of a capture': p => {
    p.issue(200)
    const [old, fresh] = captured(p)
    p.ok(keys(TREASURER, MERCHANT), { kind: 'settle', debit: SHOP, credit: TREASURY, amount: 150 })
    const by = keys(MERCHANT)
    return [
      step('not-entitled', reverse(SHOP, ANNA, 1001, old), keys(OTHER_MERCHANT)),
      step('off-step', reverse(SHOP, ANNA, 1001, old), by),
      step('window-over', reverse(SHOP, ANNA, 1010, old), by, -1),
      step('over-original', reverse(SHOP, ANNA, 110, fresh), by),
      step('insufficient', reverse(SHOP, ANNA, 100, fresh), by),
      step('accepted', reverse(SHOP, ANNA, 50, fresh), by),
    ]
  },
  'reverse of a fund': p => {
    const old = p.ok(keys(TREASURER), fund(100))
    p.time = LATE
    const fresh = p.ok(keys(TREASURER), fund(100))
    p.issue(p.balance(BUDGET) - 50)
    const by = keys(TREASURER)
    return [
      ...reverseDoor(by, { right: [BUDGET, TREASURY] }),
      step('original-unknown', reverse(TREASURY, BUDGET, 1001, old), by),
      step('cites-unknown', citing(reverse(BUDGET, TREASURY, 1001, old)), by),
      step('off-step', reverse(BUDGET, TREASURY, 1001, old), by),
      step('window-over', reverse(BUDGET, TREASURY, 1010, old), by, -1),
      step('over-original', reverse(BUDGET, TREASURY, 110, fresh), by),
      step('insufficient', reverse(BUDGET, TREASURY, 100, fresh), by),
      step('accepted', reverse(BUDGET, TREASURY, 50, fresh), by),
    ]
  },
}
