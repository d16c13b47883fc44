import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  COINS,
  DAY,
  GEM_BUDGET,
  GEMS,
  HOUR,
  ISSUER,
  key,
  NEXT_ACCOUNT,
  NEXT_RECORD,
  RATE,
  ROOT,
  START,
  TREASURER,
  TREASURY,
} from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import { batch, grouped, issue, type Play, redeem, told } from './play.ts'

type Caps = Partial<Extract<Draft, { kind: 'set-budget' }>>

/** Budgets of coins beside the first: two that give, and two that mostly have no point. */
const [SECOND, THIRD, POOL, OTHER] = [NEXT_ACCOUNT, NEXT_ACCOUNT + 1, NEXT_ACCOUNT + 2, NEXT_ACCOUNT + 3]

const set = (p: Rehearsal, account: number, caps: Caps) =>
  p.ok(keys(TREASURER), { kind: 'set-budget', account, ...caps })

const opened = (p: Rehearsal, unit: number): Draft => {
  return { kind: 'open-account', accountKind: 'budget', unit, terms: p.leafOf(unit), nonce: key(9) }
}

/** Opens the budgets, with points in the second and the third, and registers who issues of all of them. */
function open(p: Rehearsal): void {
  p.ok(keys(TREASURER), ...Array.from({ length: 4 }, () => opened(p, COINS)))
  for (const credit of [SECOND, THIRD]) p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit, amount: 200 })
  p.ok(keys(ROOT), { kind: 'register-key', key: key(20), role: 'issuer', scope: [SECOND, THIRD, POOL, OTHER] })
}

/** Points of which terms, and nothing else, keep a budget from giving. */
const fund = (p: Rehearsal, credit: number) =>
  p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit, amount: 40 })

const by = keys(ISSUER, NEXT_RECORD)
const of = (debit: number, amount: number, credit = ANNA): Draft => ({ ...issue(amount, {}, credit), debit }) as Draft

/** Stories about caps over what several budgets give. */
export const POOL_PLAYS: Readonly<Record<string, Play>> = {
  'pools: what several budgets give is under caps in common, to each member and in sum': {
    tell: p => {
      open(p)
      p.time = Date.parse('2028-05-01T00:00:00Z')
      set(p, POOL, { memberDay: 30, memberWeek: 50, day: 45, total: 100 })
      told(p, by, [of(SECOND, 40), 'accepted'])
      set(p, BUDGET, { memberDay: 25, pools: [POOL] })
      set(p, SECOND, { pools: [POOL] })
      // What was given before a budget named the pool does not count; and the third has not named it.
      told(p, by, [issue(26), 'over-member-cap'], [issue(20), 'accepted'], [of(THIRD, 31), 'accepted'])
      told(p, by, [of(SECOND, 11), 'over-member-cap'], [of(SECOND, 10), 'accepted'])
      told(p, by, [issue(1), 'over-member-cap'], [of(SECOND, 16, BERT), 'over-budget-cap'])
      told(p, by, [issue(15, {}, BERT), 'accepted'], [of(SECOND, 1, BERT), 'over-budget-cap'])
      p.time += DAY
      told(p, by, [of(SECOND, 21), 'over-member-cap'], [of(SECOND, 20), 'accepted'], [issue(1), 'over-member-cap'])
      p.time += 7 * DAY
      told(
        p,
        by,
        [issue(25), 'accepted'],
        [of(SECOND, 11, BERT), 'over-budget-cap'],
        [of(SECOND, 10, BERT), 'accepted'],
      )
      told(p, by, [issue(1, {}, BERT), 'over-budget-cap'])
      // Other caps of the pool, the same counts; and a budget that names it no more gives as before.
      set(p, POOL, { total: 101 })
      told(p, by, [issue(2, {}, BERT), 'over-budget-cap'], [issue(1, {}, BERT), 'accepted'])
      set(p, SECOND, {})
      told(p, by, [issue(1, {}, BERT), 'over-budget-cap'], [of(SECOND, 1), 'accepted'])
    },
  },
  'pools: four of one budget, each with a say; a pool that has no terms has none': {
    tell: p => {
      open(p)
      set(p, BUDGET, { pools: [SECOND, THIRD, POOL, OTHER] })
      told(p, by, [issue(10), 'accepted'])
      set(p, OTHER, { from: START + HOUR })
      fund(p, OTHER)
      told(p, by, [issue(10), 'budget-closed'], [of(OTHER, 10), 'budget-closed'])
      p.time = START + HOUR - 1
      told(p, by, [issue(10), 'budget-closed'])
      p.time += 1
      set(p, SECOND, { total: 9 })
      set(p, POOL, { memberTotal: 9, until: START + 2 * HOUR })
      // The least outcome is the status, whichever of the pools it comes of.
      told(p, by, [issue(10), 'over-member-cap'], [issue(9), 'accepted'], [issue(1, {}, BERT), 'over-budget-cap'])
      told(p, by, [issue(1), 'over-member-cap'], [of(SECOND, 1), 'over-budget-cap'], [of(THIRD, 1), 'accepted'])
      p.time += HOUR
      told(p, by, [issue(1), 'budget-closed'], [of(SECOND, 1), 'over-budget-cap'], [of(POOL, 1), 'insufficient'])
      fund(p, POOL)
      told(p, by, [of(POOL, 1), 'budget-closed'])
    },
  },
  'pools: not those of a pool; two may name each other, and a pool gives under its own caps': {
    tell: p => {
      open(p)
      set(p, OTHER, { total: 10 })
      set(p, POOL, { total: 100, pools: [OTHER] })
      set(p, BUDGET, { pools: [POOL] })
      fund(p, POOL)
      told(p, by, [issue(11), 'accepted'], [of(POOL, 11), 'over-budget-cap'])
      set(p, SECOND, { day: 40, pools: [THIRD] })
      set(p, THIRD, { day: 50, pools: [SECOND] })
      told(p, by, [of(SECOND, 30), 'accepted'], [of(THIRD, 11), 'over-budget-cap'], [of(THIRD, 10), 'accepted'])
      told(p, by, [of(SECOND, 1), 'over-budget-cap'], [of(THIRD, 1), 'over-budget-cap'])
      grouped(p, by, [[0, 2]], [of(SECOND, 1), 'over-budget-cap'], [issue(1), 'group-undone'])
      p.time += DAY
      const none = redeem(999)
      grouped(p, [...by, ...owner(ANNA)], [[0, 2]], [of(SECOND, 40), 'group-undone'], [none, 'insufficient'])
      told(p, by, [of(THIRD, 41), 'over-budget-cap'], [of(THIRD, 40), 'accepted'], [of(SECOND, 1), 'over-budget-cap'])
    },
  },
  'pools: a group that is undone gives their room back; a reversal does not': {
    tell: p => {
      open(p)
      set(p, POOL, { memberTotal: 30, total: 40 })
      for (const budget of [BUDGET, SECOND, THIRD]) set(p, budget, { pools: [POOL] })
      const all = [...by, ...owner(ANNA)]
      const none = redeem(999)
      const undone = 'group-undone'
      grouped(
        p,
        all,
        [[0, 4]],
        [issue(10), undone],
        [of(SECOND, 10), undone],
        [of(THIRD, 10), undone],
        [none, 'insufficient'],
      )
      grouped(p, by, [[0, 3]], [issue(10), undone], [of(SECOND, 10), undone], [of(THIRD, 11), 'over-member-cap'])
      grouped(p, by, [[0, 3]], ...[issue(10), of(SECOND, 10), of(THIRD, 10)].map(one => [one, 'accepted'] as const))
      told(p, by, [of(SECOND, 1), 'over-member-cap'], [of(SECOND, 11, BERT), 'over-budget-cap'])
      const given = p.ok(by, of(SECOND, 10, BERT))
      p.ok(by, { kind: 'reverse', debit: BERT, credit: SECOND, amount: 10, original: given })
      told(p, by, [of(SECOND, 1, BERT), 'over-budget-cap'])
    },
  },
  'pools: budgets of the same unit, others than itself, that there are; a conversion counts': {
    tell: p => {
      open(p)
      const terms = (...pools: number[]): Draft => ({ kind: 'set-budget', account: BUDGET, pools })
      const nobody = NEXT_ACCOUNT + 9
      batch(
        p,
        keys(TREASURER),
        [terms(BUDGET, nobody), terms(BUDGET, GEM_BUDGET), terms(ANNA, GEM_BUDGET), terms(ANNA, POOL), terms(POOL)],
        ['account-unknown', 'same-account', 'unit-mismatch', 'account-kind', 'accepted'],
      )
      const member: Draft = { kind: 'set-budget', account: ANNA, pools: [ANNA] }
      batch(p, keys(TREASURER), [member, { ...member, pools: [POOL] } as Draft], ['same-account', 'account-kind'])
      p.ok(keys(TREASURER), opened(p, GEMS))
      const gems = NEXT_ACCOUNT + 4
      set(p, gems, { memberTotal: 10 })
      set(p, GEM_BUDGET, { pools: [gems] })
      p.issue(20)
      const gained = { rate: RATE, budget: GEM_BUDGET, account: ANNAS_GEMS, gained: 10, expires: p.time / 900_000 + 2 }
      const convert: Draft = { kind: 'convert', debit: ANNA, credit: TREASURY, amount: 4, ...gained }
      told(p, owner(ANNA), [convert, 'accepted'], [convert, 'over-member-cap'])
    },
  },
}
