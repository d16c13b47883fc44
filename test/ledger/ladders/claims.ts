import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  CUSTODIAN,
  EXPIRED,
  GEM_BUDGET,
  HOUR,
  ISSUER,
  MERCHANT,
  SERIES,
  SHOP,
  START,
  TREASURER,
  TREASURY,
  WARD,
  WINDOW,
} from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import {
  BERTS_GEMS,
  CLOSED,
  citing,
  FROZEN,
  hour,
  type Ladder,
  moveDoor,
  NOBODY,
  OTHER_MERCHANT,
  SPARE,
  step,
  timeDoor,
} from './ladder.ts'

const thing = (n: number): Uint8Array => new Uint8Array(16).fill(n)
/** Of what is paid to the treasury, as the series has no sponsor, a thing of a name; of all else any one. */
const claim = (debit: number, credit: number, amount = 1, more: Partial<Draft> = {}): Draft =>
  ({
    kind: 'claim',
    debit,
    credit,
    amount,
    series: SERIES,
    ref: credit === TREASURY ? thing(1) : null,
    ...more,
  }) as Draft

/** A series of the shop's, which a treasurer and the shop open. */
function seriesOf(p: Rehearsal): number {
  p.ok(keys(TREASURER, MERCHANT), { ...p.opening(0), accountKind: 'series', owner: null, sponsor: SHOP })
  return p.naive.accounts.length - 1
}

/** What exists once is claimed. */
export const CLAIMS: Readonly<Record<string, Ladder>> = {
  claim: p => {
    const both = [...keys(MERCHANT), ...owner(ANNA)]
    p.issue(300)
    p.issue(50, { matures: hour(1) })
    p.ok(both, claim(ANNA, TREASURY, 10))
    const given = p.ok(both, claim(ANNA, TREASURY, 10, { ref: thing(2) }))
    p.ok(keys(MERCHANT), { kind: 'reverse', debit: TREASURY, credit: ANNA, amount: 10, original: given })
    p.ok(both, claim(ANNA, TREASURY, 10, { ref: thing(2), round: 1 }))
    const partly = p.ok(both, claim(ANNA, TREASURY, 20, { ref: thing(3) }))
    p.ok(keys(MERCHANT), { kind: 'reverse', debit: TREASURY, credit: ANNA, amount: 10, original: partly })
    const by = owner(ANNA)
    const shops = seriesOf(p)
    const [taken, other] = [(more: Partial<Draft> = {}) => claim(ANNA, TREASURY, 1001, more), { ref: thing(9) }]
    return [
      step('not-entitled', claim(ANNA, NOBODY, 1001, { series: NOBODY }), owner(BERT)),
      // What has a name is sold by two.
      step('not-entitled', taken(other), by),
      step('not-entitled', taken(other), keys(MERCHANT)),
      step('not-entitled', claim(ANNA, SHOP, 1001, other), [...keys(OTHER_MERCHANT), ...by]),
      ...timeDoor(claim(ANNA, NOBODY, 1001, { series: NOBODY }), by),
      step('account-unknown', claim(ANNA, NOBODY, 1001, { series: NOBODY }), by),
      ...moveDoor(claim, { by, right: [ANNA, SHOP], fixed: 'debit' }).filter(
        ({ outcome }) => !['not-entitled', 'time-ahead', 'time-behind', 'credit-kind'].includes(outcome),
      ),
      step('unit-mismatch', claim(ANNAS_GEMS, GEM_BUDGET, 1001, { series: SHOP }), owner(ANNAS_GEMS)),
      step('unit-mismatch', claim(BERTS_GEMS, GEM_BUDGET, 1001), owner(BERTS_GEMS)),
      step('account-kind', claim(ANNA, EXPIRED, 1001, { series: SHOP }), by),
      step('account-kind', claim(ANNA, EXPIRED, 1001, { series: ANNA }), by),
      step('credit-kind', claim(ANNA, EXPIRED, 1001), by),
      step('credit-kind', claim(ANNA, SERIES, 1001), by),
      step('credit-kind', claim(CLOSED, SPARE, 1001), owner(CLOSED)),
      step('sponsor-mismatch', claim(CLOSED, SHOP, 1001), owner(CLOSED)),
      step('sponsor-mismatch', claim(CLOSED, SHOP, 1001, { ref: thing(1) }), [...keys(MERCHANT), ...owner(CLOSED)]),
      step('sponsor-mismatch', claim(CLOSED, TREASURY, 1001, { series: shops }), [...keys(MERCHANT), ...owner(CLOSED)]),
      step('account-closed', claim(CLOSED, SHOP, 1001, { series: shops }), owner(CLOSED)),
      step('cites-unknown', citing(claim(FROZEN, TREASURY, 1001, { ref: null })), owner(FROZEN)),
      step('account-frozen', claim(FROZEN, TREASURY, 1001, { ref: null }), owner(FROZEN)),
      step('account-frozen', claim(FROZEN, TREASURY, 1001), [...keys(MERCHANT), ...owner(FROZEN)]),
      step('claimed-before', taken(), both),
      step('claimed-before', taken({ ref: thing(2) }), both),
      step('claimed-before', taken({ ref: thing(2), round: 1 }), both),
      step('claimed-before', taken({ ref: thing(3) }), both),
      step('claimed-before', taken({ ref: thing(3), round: 1 }), both),
      step('claimed-before', taken({ ...other, round: 1 }), both),
      step('off-step', taken(other), both),
      step('insufficient', claim(ANNA, TREASURY, 350, other), both),
      step('accepted', claim(ANNA, TREASURY, 50, other), both),
      step('claimed-before', claim(ANNA, TREASURY, 50, other), both),
      step('accepted', claim(ANNA, SHOP, 10, { series: shops }), by),
      step('accepted', claim(ANNA, SHOP, 10, { series: shops }), by),
      step('not-entitled', claim(FROZEN, SHOP, 1001), keys(CUSTODIAN)),
    ]
  },
  'claim by a custodian': p => {
    p.issue(50, {}, WARD)
    return [
      step('not-entitled', claim(WARD, TREASURY, 50), keys(ISSUER, MERCHANT)),
      step('insufficient', claim(WARD, TREASURY, 60), keys(CUSTODIAN, MERCHANT)),
      step('accepted', claim(WARD, TREASURY, 50), keys(CUSTODIAN, MERCHANT)),
    ]
  },
  'reverse of a claim': p => {
    p.issue(100, { expires: hour(2) })
    p.issue(100)
    const both = [...keys(MERCHANT), ...owner(ANNA)]
    const original = p.ok(both, claim(ANNA, TREASURY, 150))
    const reverse = (amount: number): Draft => ({ kind: 'reverse', debit: TREASURY, credit: ANNA, amount, original })
    const by = keys(MERCHANT)
    const again = (round: number) => claim(ANNA, TREASURY, 10, { round } as Partial<Draft>)
    return [
      step('not-entitled', reverse(1001), owner(ANNA)),
      step('not-entitled', reverse(1001), keys(ISSUER)),
      step('off-step', reverse(1001), by),
      step('over-original', reverse(160), by),
      step('accepted', reverse(140), by),
      step('over-original', reverse(20), by),
      step('claimed-before', again(1), both),
      step('accepted', reverse(10), by),
      step('claimed-before', again(0), both),
      step('accepted', again(1), both),
      step('claimed-before', again(1), both),
      { ...step('window-over', reverse(10), by, -1), at: START + WINDOW + HOUR },
    ]
  },
}
