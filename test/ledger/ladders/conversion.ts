import { LOTS_ROOM } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  COINS,
  GEM_BUDGET,
  GEM_TREASURY,
  GEMS,
  HOUR,
  ISSUER,
  NEXT_RECORD,
  RATE,
  REGISTRAR,
  ROOT,
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
  fillLots,
  hour,
  type Ladder,
  MORE_GEMS,
  memberDoor,
  NOBODY,
  SPARE,
  step,
  timeDoor,
} from './ladder.ts'

/**
 * A rate of this ladder's own: 5 gems become 20 coins of the coins' budget, for five quarter hours, rounded up to
 * hours.
 */
const BACK = NEXT_RECORD + 4
type Convert = Extract<Draft, { kind: 'convert' }>
/** Each field but the step's own breaks the rules below it: off the step, off the rate, and far too much. */
const convert = (change: Partial<Convert> = {}): Draft => ({
  kind: 'convert',
  debit: ANNAS_GEMS,
  credit: GEM_TREASURY,
  amount: 5001,
  rate: BACK,
  budget: BUDGET,
  account: ANNA,
  gained: 20_001,
  expires: 1,
  ...change,
})
/** A conversion at the rate. */
const atRate = (amount: number, expires: number, account = ANNA): Draft =>
  convert({ amount, gained: 4 * amount, expires, account })

const rate = (unit: number, budget: number, name = 'rate'): Draft => ({
  kind: 'publish-rate',
  name,
  unit,
  budget,
  give: 1,
  get: 5,
})
const terms = (account: number): Draft => ({ kind: 'set-budget', account, memberDay: 2000 })

export const CONVERSION: Readonly<Record<string, Ladder>> = {
  'publish-rate': () => {
    const by = keys(ROOT)
    return [
      ...timeDoor(rate(NOBODY, NOBODY), by),
      step('unit-unknown', rate(RATE, NOBODY), by),
      step('account-unknown', rate(COINS, NOBODY), by),
      step('account-kind', rate(COINS, ANNA), by),
      step('name-taken', rate(COINS, GEM_BUDGET), by),
      step('accepted', rate(COINS, GEM_BUDGET, 'rule'), by),
    ]
  },
  'set-budget': () => {
    const by = keys(TREASURER)
    return [
      ...memberDoor(terms, by).filter(({ outcome }) => outcome !== 'account-kind' && outcome !== 'account-closed'),
      step('account-kind', terms(ANNA), by),
      step('accepted', terms(BUDGET), by),
      step('accepted', terms(BUDGET), by),
    ]
  },
  convert: p => {
    p.ok(keys(ROOT), { kind: 'publish-rate', name: 'back', unit: GEMS, budget: BUDGET, give: 5, get: 20, life: 5 })
    p.ok(keys(ROOT), rate(GEMS, BUDGET, 'old'))
    p.ok(keys(ROOT), { kind: 'revoke', record: BACK + 1 })
    const gems = { kind: 'issue', debit: GEM_BUDGET, amount: 100 } as const
    p.ok(keys(ISSUER), { ...gems, credit: ANNAS_GEMS }, { ...gems, credit: BERTS_GEMS })
    p.ok(keys(REGISTRAR), { kind: 'freeze', account: BERTS_GEMS }, { kind: 'close', account: MORE_GEMS })
    fillLots(p, ANNA, LOTS_ROOM, 10, 100)
    const merged = p.member(3)
    p.issue(10, {}, merged)
    const parts = [{ matures: 0, expires: 0, amount: 10 }]
    const both = [...keys(REGISTRAR), ...owner(merged), ...owner(BERT)]
    p.ok(both, { kind: 'merge', debit: merged, credit: BERT, amount: 10, parts })
    p.issue(p.balance(BUDGET) - 390, {}, BERT)
    const annas = p.member(1)
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, from: START + HOUR, memberDay: 370 })
    const by = owner(ANNAS_GEMS)
    return [
      ...timeDoor(convert({ rate: COINS }), by),
      step('rule-unknown', convert({ rate: COINS, budget: NOBODY }), by),
      step('rule-unknown', convert({ rate: BACK + 1, budget: NOBODY }), by),
      step('account-unknown', convert({ budget: NOBODY, credit: NOBODY }), by),
      step('account-unknown', convert({ account: NOBODY, credit: NOBODY }), by),
      step('credit-unknown', convert({ credit: NOBODY, account: BUDGET }), by),
      step('same-account', convert({ credit: ANNAS_GEMS, account: SHOP, budget: GEM_BUDGET }), by),
      step('same-account', convert({ account: BUDGET, credit: BUDGET }), by),
      step('same-account', convert({ account: ANNAS_GEMS, credit: BUDGET }), by),
      step('unit-mismatch', convert({ credit: BUDGET, account: SHOP }), by),
      step('unit-mismatch', convert({ budget: GEM_BUDGET, account: SHOP }), by),
      step('account-kind', convert({ budget: TREASURY, credit: GEM_BUDGET }), by),
      step('account-kind', convert({ account: SHOP, credit: GEM_BUDGET }), by),
      step('credit-kind', convert({ debit: MORE_GEMS, credit: GEM_BUDGET }), owner(MORE_GEMS)),
      step('account-closed', convert({ debit: MORE_GEMS }), owner(MORE_GEMS)),
      step('account-closed', convert({ debit: BERTS_GEMS, account: CLOSED }), owner(BERTS_GEMS)),
      step('account-closed', convert({ debit: BERTS_GEMS, account: merged }), owner(BERTS_GEMS)),
      step('cites-unknown', citing(convert({ debit: BERTS_GEMS })), owner(BERTS_GEMS)),
      step('account-frozen', convert({ debit: BERTS_GEMS }), owner(BERTS_GEMS)),
      step('off-step', convert(), by),
      step('off-step', convert({ gained: 20_000 }), by),
      step('off-step', convert({ amount: 5000 }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_000 }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_010, expires: hour(2) }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_000, expires: hour(2), budget: SPARE }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_000, expires: hour(2), rate: RATE }), by),
      step('rate-mismatch', atRate(5000, hour(1) + 1), by),
      step('rate-mismatch', atRate(5000, hour(3)), by),
      step('rate-mismatch', atRate(5000, hour(2), BERT), by),
      step('rate-mismatch', atRate(5000, hour(2), WARD), by),
      step('insufficient', atRate(105, hour(2)), by),
      step('insufficient', atRate(100, hour(2)), by),
      step('budget-closed', atRate(95, hour(2)), by),
      { ...step('over-member-cap', atRate(95, hour(3)), by), at: START + HOUR },
      step('lots-full', atRate(90, hour(3)), by),
      step('accepted', atRate(90, hour(3), annas), by),
    ]
  },
}
