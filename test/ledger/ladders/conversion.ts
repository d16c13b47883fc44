import { LOTS_MAX } from '../../../src/core/limits.ts'
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
  ISSUER,
  RATE,
  REGISTRAR,
  ROOT,
  SHOP,
  TREASURER,
  TREASURY,
  WARD,
} from '../commands.ts'
import { H, HOUR, keys, owner, START } from '../programme.ts'
import {
  BERTS_GEMS,
  CLOSED,
  fillLots,
  type Ladder,
  MORE_GEMS,
  NOBODY,
  OUTSIDER,
  REVOKED,
  SPARE,
  step,
} from './ladder.ts'

/** A rate of this ladder's own: 5 gems become 20 coins of the coins' budget, for two hours. */
const BACK = REVOKED + 1
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

/** What is gained cannot be past by `dates`: it lives for hours, and an account's time is no further ahead than the skew. */
export const CONVERSION: Readonly<Record<string, Ladder>> = {
  'publish-rate': () => [
    step('time-ahead', rate(NOBODY, NOBODY), OUTSIDER, 1001),
    step('time-behind', rate(NOBODY, NOBODY), OUTSIDER, -1001),
    step('unit-unknown', rate(RATE, NOBODY)),
    step('account-unknown', rate(COINS, NOBODY)),
    step('account-kind', rate(COINS, ANNA)),
    step('not-entitled', rate(COINS, GEM_BUDGET), keys(TREASURER)),
    step('name-taken', rate(COINS, GEM_BUDGET), keys(ROOT)),
    step('accepted', rate(COINS, GEM_BUDGET, 'rule'), keys(ROOT)),
  ],
  'set-budget': () => [
    step('time-ahead', terms(NOBODY), OUTSIDER, 1001),
    step('time-behind', terms(NOBODY), OUTSIDER, -1001),
    step('account-unknown', terms(NOBODY)),
    step('account-kind', terms(ANNA)),
    step('not-entitled', terms(BUDGET), keys(ROOT, ISSUER)),
    step('accepted', terms(BUDGET), keys(TREASURER)),
    step('accepted', terms(BUDGET), keys(TREASURER)),
  ],
  convert: p => {
    p.ok(keys(ROOT), { kind: 'publish-rate', name: 'back', unit: GEMS, budget: BUDGET, give: 5, get: 20, life: 2 })
    p.ok(keys(ROOT), rate(GEMS, BUDGET, 'old'))
    p.ok(keys(ROOT), { kind: 'revoke', record: BACK + 1 })
    const gems = { kind: 'issue', debit: GEM_BUDGET, amount: 100 } as const
    p.ok(keys(ISSUER), { ...gems, credit: ANNAS_GEMS }, { ...gems, credit: BERTS_GEMS })
    p.ok(keys(REGISTRAR), { kind: 'freeze', account: BERTS_GEMS }, { kind: 'close', account: MORE_GEMS })
    fillLots(p, ANNA, LOTS_MAX, 10, H + 100)
    p.issue(p.balance(BUDGET) - 390, {}, BERT)
    const annas = p.member(1)
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, from: START + HOUR, memberDay: 500 })
    const by = owner(ANNAS_GEMS)
    return [
      step('time-ahead', convert({ rate: COINS }), OUTSIDER, 1001),
      step('time-behind', convert({ rate: COINS }), OUTSIDER, -1001),
      step('rule-unknown', convert({ rate: COINS, budget: NOBODY })),
      step('rule-unknown', convert({ rate: BACK + 1, budget: NOBODY })),
      step('account-unknown', convert({ budget: NOBODY, debit: NOBODY })),
      step('account-unknown', convert({ account: NOBODY, debit: NOBODY })),
      step('debit-unknown', convert({ debit: NOBODY, credit: NOBODY })),
      step('credit-unknown', convert({ credit: NOBODY, account: BUDGET })),
      step('same-account', convert({ debit: BUDGET, credit: BUDGET })),
      step('same-account', convert({ account: BUDGET, credit: BUDGET })),
      step('same-account', convert({ account: ANNAS_GEMS, credit: BUDGET })),
      step('unit-mismatch', convert({ credit: BUDGET, account: SHOP })),
      step('unit-mismatch', convert({ budget: GEM_BUDGET, account: SHOP })),
      step('account-kind', convert({ budget: TREASURY, debit: GEM_TREASURY, credit: GEM_BUDGET })),
      step('account-kind', convert({ account: SHOP, debit: GEM_TREASURY, credit: GEM_BUDGET })),
      step('debit-kind', convert({ debit: GEM_TREASURY, credit: GEM_BUDGET })),
      step('credit-kind', convert({ debit: MORE_GEMS, credit: GEM_BUDGET })),
      step('account-closed', convert({ debit: MORE_GEMS })),
      step('account-closed', convert({ debit: BERTS_GEMS, account: CLOSED })),
      step('not-entitled', convert({ debit: BERTS_GEMS }), by),
      step('account-frozen', convert({ debit: BERTS_GEMS }), owner(BERTS_GEMS)),
      step('off-step', convert(), by),
      step('off-step', convert({ gained: 20_000 }), by),
      step('off-step', convert({ amount: 5000 }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_000 }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_010, expires: H + 2 }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_000, expires: H + 2, budget: SPARE }), by),
      step('rate-mismatch', convert({ amount: 5000, gained: 20_000, expires: H + 2, rate: RATE }), by),
      step('rate-mismatch', atRate(5000, H + 2, BERT), by),
      step('rate-mismatch', atRate(5000, H + 2, WARD), by),
      step('budget-closed', atRate(5000, H + 2), by),
      { ...step('over-member-cap', atRate(5000, H + 3), by), at: START + HOUR },
      step('over-member-cap', atRate(130, H + 3), by),
      step('insufficient', atRate(105, H + 3), by),
      step('insufficient', atRate(100, H + 3), by),
      step('lots-full', atRate(95, H + 3), by),
      step('accepted', atRate(95, H + 3, annas), by),
    ]
  },
}
