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
  TREASURY,
  WARD,
  WINDOW,
} from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
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
const claim = (debit: number, credit: number, amount = 1, more: Partial<Draft> = {}): Draft =>
  ({ kind: 'claim', debit, credit, amount, series: SERIES, ref: thing(1), ...more }) as Draft

/** What exists once is claimed. */
export const CLAIMS: Readonly<Record<string, Ladder>> = {
  claim: p => {
    p.issue(300)
    p.issue(50, { matures: hour(1) })
    p.ok(owner(ANNA), claim(ANNA, SHOP, 10))
    const given = p.ok(owner(ANNA), claim(ANNA, SHOP, 10, { ref: thing(2) }))
    p.ok(keys(MERCHANT), { kind: 'reverse', debit: SHOP, credit: ANNA, amount: 10, original: given })
    p.ok(owner(ANNA), claim(ANNA, SHOP, 10, { ref: thing(2), round: 1 }))
    const partly = p.ok(owner(ANNA), claim(ANNA, SHOP, 20, { ref: thing(3) }))
    p.ok(keys(MERCHANT), { kind: 'reverse', debit: SHOP, credit: ANNA, amount: 10, original: partly })
    const by = owner(ANNA)
    const [taken, other] = [(more: Partial<Draft> = {}) => claim(ANNA, SHOP, 1001, more), { ref: thing(9) }]
    return [
      step('not-entitled', claim(ANNA, NOBODY, 1001, { series: NOBODY }), owner(BERT)),
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
      step('account-closed', claim(CLOSED, SHOP, 1001), owner(CLOSED)),
      step('cites-unknown', citing(claim(FROZEN, SHOP, 1001)), owner(FROZEN)),
      step('account-frozen', claim(FROZEN, SHOP, 1001), owner(FROZEN)),
      step('claimed-before', taken(), by),
      step('claimed-before', taken({ ref: thing(2) }), by),
      step('claimed-before', taken({ ref: thing(2), round: 1 }), by),
      step('claimed-before', taken({ ref: thing(3) }), by),
      step('claimed-before', taken({ ref: thing(3), round: 1 }), by),
      step('claimed-before', taken({ ...other, round: 1 }), by),
      step('off-step', taken(other), by),
      step('insufficient', claim(ANNA, SHOP, 350, other), by),
      step('accepted', claim(ANNA, TREASURY, 50, other), by),
      step('claimed-before', claim(ANNA, TREASURY, 50, other), by),
      step('accepted', claim(ANNA, SHOP, 10, { ref: null }), by),
      step('accepted', claim(ANNA, SHOP, 10, { ref: null }), by),
      step('not-entitled', claim(FROZEN, SHOP, 1001), keys(CUSTODIAN)),
    ]
  },
  'claim by a custodian': p => {
    p.issue(50, {}, WARD)
    return [
      step('not-entitled', claim(WARD, SHOP, 50), keys(ISSUER, MERCHANT)),
      step('insufficient', claim(WARD, SHOP, 60), keys(CUSTODIAN)),
      step('accepted', claim(WARD, SHOP, 50), keys(CUSTODIAN)),
    ]
  },
  'reverse of a claim': p => {
    p.issue(100, { expires: hour(2) })
    p.issue(100)
    const original = p.ok(owner(ANNA), claim(ANNA, SHOP, 150))
    const reverse = (amount: number): Draft => ({ kind: 'reverse', debit: SHOP, credit: ANNA, amount, original })
    const by = keys(MERCHANT)
    const again = (round: number) => claim(ANNA, SHOP, 10, { round } as Partial<Draft>)
    return [
      step('not-entitled', reverse(1001), owner(ANNA)),
      step('not-entitled', reverse(1001), keys(OTHER_MERCHANT, ISSUER)),
      step('off-step', reverse(1001), by),
      step('over-original', reverse(160), by),
      step('accepted', reverse(140), by),
      step('over-original', reverse(20), by),
      step('claimed-before', again(1), owner(ANNA)),
      step('accepted', reverse(10), by),
      step('claimed-before', again(0), owner(ANNA)),
      step('accepted', again(1), owner(ANNA)),
      step('claimed-before', again(1), owner(ANNA)),
      { ...step('window-over', reverse(10), by, -1), at: START + WINDOW + HOUR },
    ]
  },
}
