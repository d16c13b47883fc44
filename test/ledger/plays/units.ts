import { AMOUNT_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  COINS,
  CUSTODIAN,
  GEM_BUDGET,
  GEM_TREASURY,
  GEMS,
  HOUR,
  ISSUER,
  MERCHANT,
  NEXT_RECORD,
  Q,
  QUARTER,
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
import { batch, clawBack, issue, type Play, redeem, told } from './play.ts'

/** Stories about conversions, dates and numbers. */
export const UNIT_PLAYS: Readonly<Record<string, Play>> = {
  'conversions: by the clock and the grain of what is gained': {
    wanted: { gems: { offset: 78, grain: 4, custody: 2 }, coins: { custody: 3 } },
    tell: p => {
      const convert = (expires: number, debit = ANNA, account = ANNAS_GEMS): Draft => {
        return {
          kind: 'convert',
          debit,
          credit: TREASURY,
          amount: 2,
          rate: RATE,
          budget: GEM_BUDGET,
          account,
          gained: 5,
          expires,
        }
      }
      p.issue(10)
      p.issue(10, {}, WARD)
      batch(
        p,
        owner(ANNA),
        [convert(Q + 2), convert(Q + 1), convert(Q + 6)],
        ['accepted', 'rate-mismatch', 'rate-mismatch'],
      )
      p.time = START + 1
      batch(
        p,
        owner(ANNA),
        [convert(Q + 6), convert(Q + 3), convert(Q + 2)],
        ['accepted', 'rate-mismatch', 'rate-mismatch'],
      )
      const wards = p.ward(CUSTODIAN, { unit: GEMS })
      batch(p, keys(CUSTODIAN), [convert(Q + 6, WARD, wards), convert(Q + 6, WARD)], ['accepted', 'rate-mismatch'])
      batch(p, keys(ISSUER), [{ kind: 'fund', debit: GEM_TREASURY, credit: GEM_BUDGET, amount: 5 }], ['not-entitled'])
    },
  },
  'dates: on the grain of the unit, or none': {
    wanted: { coins: { offset: 78, grain: 4 } },
    tell: p => {
      const dates = [
        { expires: Q + 2 },
        { expires: Q + 4 },
        { matures: Q + 2 },
        { matures: Q },
        { matures: Q - 2, expires: Q + 6 },
      ]
      const outcomes = ['accepted', 'off-grain', 'accepted', 'off-grain', 'accepted']
      batch(
        p,
        keys(ISSUER),
        dates.map(one => issue(10, one)),
        outcomes,
      )
      batch(p, keys(ISSUER), [issue(10, { matures: Q + 1, expires: Q + 6 }), issue(10)], ['off-grain', 'accepted'])
      p.ok(keys(ROOT), { kind: 'publish-rate', name: 'lasting', unit: COINS, budget: GEM_BUDGET, give: 2, get: 5 })
      const lasting = { kind: 'convert', debit: ANNA, credit: TREASURY, amount: 2, rate: NEXT_RECORD } as const
      const into = { budget: GEM_BUDGET, account: ANNAS_GEMS, gained: 5 } as const
      batch(
        p,
        owner(ANNA),
        [
          { ...lasting, ...into, expires: Q + 2 },
          { ...lasting, ...into, expires: 0 },
        ],
        ['rate-mismatch', 'accepted'],
      )
    },
  },
  'numbers: totals beyond 2^53, and a balance that ends there': {
    wanted: { coins: { cap: Number.MAX_SAFE_INTEGER, debtMax: Number.MAX_SAFE_INTEGER } },
    tell: p => {
      const most = Number.MAX_SAFE_INTEGER
      p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: most - 1500 })
      for (let i = 0; i < 3; i++) {
        const issued = p.issue(most)
        batch(p, keys(ISSUER), [clawBack(most, issued)], ['accepted'])
      }
      const issued = p.issue(most)
      batch(p, owner(ANNA), [redeem(most, ANNA, TREASURY)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(most, issued)], ['accepted'])
      const fund: Draft = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 1 }
      batch(p, keys(TREASURER), [fund], ['total-overflow'])
      batch(p, keys(ISSUER), [issue(1)], ['accepted'])
      batch(p, keys(TREASURER), [fund], ['accepted'])
    },
  },
  'conversions: at the rate, of its unit, from its budget, and no other': {
    tell: p => {
      const rate = { kind: 'publish-rate', budget: GEM_BUDGET, give: 2, get: 5, life: 2 } as const
      p.ok(keys(ROOT), { ...rate, name: 'other', unit: GEMS })
      p.ok(keys(TREASURER), { kind: 'set-budget', account: GEM_BUDGET, memberTotal: 15 })
      const convert = (change: Partial<Extract<Draft, { kind: 'convert' }>> = {}): Draft => ({
        kind: 'convert',
        debit: ANNA,
        credit: TREASURY,
        amount: 2,
        rate: RATE,
        budget: GEM_BUDGET,
        account: ANNAS_GEMS,
        gained: 5,
        expires: Q + 2,
        ...change,
      })
      p.issue(100)
      told(
        p,
        owner(ANNA),
        [convert({ rate: NEXT_RECORD }), 'rate-mismatch'],
        [convert({ amount: 4 }), 'rate-mismatch'],
        [convert({ gained: 10 }), 'rate-mismatch'],
        [convert(), 'accepted'],
      )
      // Counted from the end of the quarter hour of its own time.
      p.time = START + 1
      told(p, owner(ANNA), [convert({ expires: Q + 4 }), 'rate-mismatch', -1], [convert(), 'accepted', -1])
      told(p, owner(ANNA), [convert({ amount: 4, gained: 10, expires: Q + 4 }), 'over-member-cap'])
      told(p, owner(ANNA), [convert({ expires: Q + 4 }), 'accepted'], [convert({ expires: Q + 4 }), 'over-member-cap'])
    },
  },
  'conversions: what is gained is not past, however slow the clock': {
    wanted: { skewMs: HOUR },
    tell: p => {
      const draft = (expires: number, amount = 2): Draft => ({
        kind: 'convert',
        debit: ANNA,
        credit: TREASURY,
        amount,
        rate: RATE,
        budget: GEM_BUDGET,
        account: ANNAS_GEMS,
        gained: (amount / 2) * 5,
        expires,
      })
      p.issue(100)
      p.time = START + HOUR
      told(p, owner(ANNA), [draft(Q + 4, 102), 'dates', -2 * QUARTER])
      const terms = (from: number): Draft => ({ kind: 'set-budget', account: GEM_BUDGET, from })
      p.ok(keys(TREASURER), terms(START + 2 * HOUR))
      told(p, owner(ANNA), [draft(Q + 4), 'dates', -2 * QUARTER], [draft(Q + 6), 'budget-closed', -2 * QUARTER + 1])
      p.ok(keys(TREASURER), terms(START))
      told(p, owner(ANNA), [draft(Q + 4), 'dates', -2 * QUARTER], [draft(Q + 6), 'accepted', -2 * QUARTER + 1])
    },
  },
  'numbers: balances end at 2^53 - 1, whatever moves them': {
    wanted: {
      coins: { cap: AMOUNT_MAX, debtMax: AMOUNT_MAX, giftEach: AMOUNT_MAX, giftDay: AMOUNT_MAX },
      gems: { cap: AMOUNT_MAX, debtMax: AMOUNT_MAX },
    },
    tell: p => {
      const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })
      p.ok(keys(TREASURER), fund(AMOUNT_MAX - 1500))
      // Anna owes all there is: it was issued to her, she spent it, and it was taken back.
      const issued = p.issue(AMOUNT_MAX)
      const spent = p.ok(owner(ANNA), redeem(AMOUNT_MAX, ANNA, TREASURY))
      p.ok(keys(ISSUER), clawBack(AMOUNT_MAX, issued))
      told(p, keys(TREASURER), [fund(1), 'total-overflow'])
      const carl = p.member(3)
      told(p, keys(ISSUER), [issue(AMOUNT_MAX - 10, {}, BERT), 'accepted'])
      told(p, keys(TREASURER), [fund(AMOUNT_MAX - 10), 'accepted'])
      told(
        p,
        keys(ISSUER),
        [issue(11, {}, BERT), 'total-overflow'],
        [issue(10, {}, BERT), 'accepted'],
        [issue(100, {}, carl), 'accepted'],
      )
      const give: Draft = { kind: 'transfer', debit: carl, credit: BERT, amount: 1 }
      told(p, owner(carl), [give, 'total-overflow'])
      const all = (amount: number): Draft => {
        return { kind: 'merge', debit: carl, credit: BERT, amount, parts: [{ matures: 0, expires: 0, amount }] }
      }
      told(p, [...keys(REGISTRAR), ...owner(BERT, carl)], [all(99), 'not-empty'], [all(100), 'total-overflow'])
      const undo: Draft = { kind: 'reverse', debit: TREASURY, credit: ANNA, amount: 10, original: spent }
      told(p, keys(MERCHANT), [undo, 'accepted'])
      told(p, owner(BERT), [redeem(AMOUNT_MAX, BERT), 'accepted'])
      // The shop is full: nobody can pay there, and a hold moves nothing yet.
      const held: Draft = { kind: 'hold', debit: carl, credit: SHOP, amount: 1, until: START + 1 }
      told(
        p,
        owner(carl),
        [redeem(101, carl), 'insufficient'],
        [redeem(1, carl), 'total-overflow'],
        [held, 'accepted'],
        [give, 'accepted'],
      )
      const taken = [...p.naive.ids.values()].findLast(({ tx }) => tx.kind === 'hold')!.tx.id
      const paid = (amount: number): Draft => ({ kind: 'capture', debit: carl, credit: SHOP, amount, hold: taken })
      told(p, keys(MERCHANT), [paid(2), 'over-original'], [paid(1), 'total-overflow'])
      // The same of what is gained: Bert owes gems, and Anna's account of them is full.
      const gems = AMOUNT_MAX - 1
      p.ok(keys(TREASURER), { kind: 'fund', debit: GEM_TREASURY, credit: GEM_BUDGET, amount: gems - 300 })
      const berts = p.member(2, GEMS)
      const much = p.ok(keys(ISSUER), { kind: 'issue', debit: GEM_BUDGET, credit: berts, amount: gems })
      p.ok(owner(berts), redeem(gems, berts, GEM_TREASURY))
      p.ok(keys(ISSUER), { kind: 'reverse', debit: berts, credit: GEM_BUDGET, amount: gems, original: much })
      p.ok(keys(ISSUER), { kind: 'issue', debit: GEM_BUDGET, credit: ANNAS_GEMS, amount: gems })
      p.ok(keys(TREASURER), { kind: 'fund', debit: GEM_TREASURY, credit: GEM_BUDGET, amount: 100 })
      const annas = p.member(1)
      p.issue(10, {}, annas)
      const into = { rate: RATE, budget: GEM_BUDGET, account: ANNAS_GEMS, gained: 5, expires: Q + 2 }
      told(p, owner(annas), [{ kind: 'convert', debit: annas, credit: TREASURY, amount: 2, ...into }, 'total-overflow'])
    },
  },
  'numbers: totals beyond 2^64': {
    wanted: { coins: { cap: AMOUNT_MAX } },
    tell: p => {
      p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: AMOUNT_MAX - 1500 })
      const list = Array.from({ length: 2049 }, () => {
        const issued = p.entry(issue(AMOUNT_MAX))
        return [issued, p.entry(clawBack(AMOUNT_MAX, issued.slice(4, 20)))]
      }).flat()
      batch(
        p,
        keys(ISSUER),
        list,
        list.map(() => 'accepted'),
      )
    },
  },
}
