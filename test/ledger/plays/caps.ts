import { LOTS_ROOM } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  DAY,
  GEM_BUDGET,
  GEM_TREASURY,
  GEMS,
  HOUR,
  ISSUER,
  key,
  MERCHANT,
  NEXT_ACCOUNT,
  NEXT_RECORD,
  Q,
  RATE,
  REGISTRAR,
  ROOT,
  RULE,
  START,
  TREASURER,
  TREASURY,
} from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import { batch, clawBack, gift, hold, issue, type Play, redeem, refund, told } from './play.ts'

type Caps = Partial<Extract<Draft, { kind: 'set-budget' }>>

/** Midnight of a day in Greenwich. */
const at = (day: string) => Date.parse(`${day}T00:00:00Z`)

const set = (p: Rehearsal, caps: Caps, account = BUDGET) =>
  p.ok(keys(TREASURER), { kind: 'set-budget', account, ...caps })
const gives = (p: Rehearsal, ...list: readonly (readonly [amount: number, outcome: string, credit?: number])[]) =>
  told(p, keys(ISSUER), ...list.map(([amount, outcome, credit]) => [issue(amount, {}, credit), outcome] as const))

/** A conversion of coins into gems: 2 become 5. */
function convert(amount: number, time: number): Draft {
  const gained = (amount / 2) * 5
  const rest = { rate: RATE, budget: GEM_BUDGET, account: ANNAS_GEMS, gained }
  return { kind: 'convert', debit: ANNA, credit: TREASURY, amount, expires: Math.ceil(time / 900_000) + 2, ...rest }
}

/** Stories about how much budgets give, and how much a member has. */
export const CAP_PLAYS: Readonly<Record<string, Play>> = {
  'caps: a week begins on a Monday, a month on its first day, by the clock of the unit': {
    wanted: { coins: { offset: 88 } },
    tell: p => {
      set(p, { memberWeek: 10, memberMonth: 25 })
      // Midnight of the unit is eight hours earlier. 2028 has a 29 February, a Tuesday.
      p.time = at('2028-02-21') - 8 * HOUR
      gives(p, [10, 'accepted'], [1, 'over-member-cap'], [10, 'accepted', BERT])
      p.time = at('2028-02-28') - 8 * HOUR - 1
      gives(p, [1, 'over-member-cap'])
      p.time += 1
      gives(p, [10, 'accepted'], [1, 'over-member-cap'])
      p.time = at('2028-03-01') - 8 * HOUR - 1
      gives(p, [1, 'over-member-cap'])
      p.time += 1
      gives(p, [1, 'over-member-cap'])
      p.time = at('2028-03-06') - 8 * HOUR
      gives(p, [10, 'accepted'], [1, 'over-member-cap'])
      p.time = at('2028-03-31') - 8 * HOUR
      gives(p, [10, 'accepted'])
      p.time = at('2028-04-01') - 8 * HOUR - 1
      gives(p, [1, 'over-member-cap'])
      p.time = at('2028-04-03') - 8 * HOUR
      gives(p, [10, 'accepted'])
      p.time = at('2028-12-31')
      gives(p, [10, 'accepted'])
      p.time = at('2029-01-01')
      gives(p, [10, 'accepted'])
    },
  },
  'caps: of months in which more than one week lies': {
    tell: p => {
      p.time = at('2028-02-29')
      set(p, { memberMonth: 10, month: 15 })
      gives(p, [10, 'accepted'], [1, 'over-member-cap'], [6, 'over-budget-cap', BERT], [5, 'accepted', BERT])
      p.time = at('2028-03-01') - 1
      gives(p, [1, 'over-member-cap'], [1, 'over-budget-cap', BERT])
      p.time += 1
      gives(p, [10, 'accepted'], [1, 'over-member-cap'], [5, 'accepted', BERT])
      // The same month of another year is another month.
      p.time = at('2029-03-01')
      gives(p, [10, 'accepted'], [1, 'over-member-cap'], [5, 'accepted', BERT])
    },
  },
  'caps: the day is that of ledger time, whatever time a transaction has': {
    tell: p => {
      p.time = at('2028-05-02') - 1
      set(p, { memberDay: 10 })
      told(p, keys(ISSUER), [issue(10), 'accepted'], [issue(1), 'over-member-cap', 1])
      p.time += 1
      told(p, keys(ISSUER), [issue(10), 'accepted', -1], [issue(1), 'over-member-cap', -1])
    },
  },
  'caps: none has to be a multiple of the step of its unit, nor has a rate': {
    wanted: {
      coins: {
        ...{ step: 10, cap: 1515, giftEach: 15, giftDay: 25, balanceMax: 85 },
        take: { each: 100, most: 15, keep: 0, day: 15, open: 1 },
      },
    },
    tell: p => {
      const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })
      told(p, keys(TREASURER), [fund(15), 'off-step'], [fund(20), 'over-cap'], [fund(10), 'accepted'])
      set(p, { memberDay: 45, day: 75 })
      gives(p, [45, 'off-step'], [50, 'over-member-cap'], [40, 'accepted'], [10, 'over-member-cap'])
      gives(p, [40, 'over-budget-cap', BERT], [30, 'accepted', BERT])
      told(p, owner(ANNA), [gift(15), 'off-step'], [gift(20), 'over-gift-cap'], [gift(10), 'accepted'])
      told(p, owner(ANNA), [gift(10), 'accepted'], [gift(10), 'over-gift-cap'])
      set(p, {})
      const dates = { expires: Q + 96 }
      told(p, keys(ISSUER), [issue(70, dates), 'over-balance-max'], [issue(60, dates), 'accepted'])
      const take = (amount: number): Draft => ({ kind: 'take', debit: ANNA, credit: BERT, amount, ...dates })
      told(p, owner(BERT), [take(15), 'off-step'], [take(20), 'over-take-cap'], [take(10), 'accepted'])
      // 2 coins become 5 gems, and so do tens of them alone.
      told(p, owner(ANNA), [convert(8, p.time), 'off-step'], [convert(10, p.time), 'accepted'])
    },
  },
  'caps: in sum, of a day, a week, and ever; what is taken back gives no room': {
    tell: p => {
      p.time = at('2028-05-01')
      const issued = p.issue(9)
      set(p, { day: 20, week: 50, total: 70 })
      gives(p, [15, 'accepted'], [6, 'over-budget-cap', BERT], [5, 'accepted', BERT])
      batch(p, keys(ISSUER), [clawBack(9, issued), issue(1)], ['accepted', 'over-budget-cap'])
      p.time += DAY
      gives(p, [20, 'accepted'], [1, 'over-budget-cap'])
      p.time += DAY
      gives(p, [11, 'over-budget-cap'], [10, 'accepted'])
      p.time = at('2028-05-08')
      gives(p, [20, 'accepted'])
      p.time += DAY
      gives(p, [1, 'over-budget-cap'])
      // Other terms, the same counts.
      set(p, { total: 71 })
      gives(p, [2, 'over-budget-cap'], [1, 'accepted'], [1, 'over-budget-cap', BERT])
    },
  },
  'caps: each before the next, of what is issued, given and converted': {
    wanted: { coins: { balanceMax: 100, step: 1 }, gems: { balanceMax: 30 } },
    tell: p => {
      set(p, { memberDay: 40, day: 60 })
      set(p, { memberDay: 20, day: 25 }, GEM_BUDGET)
      p.ok(keys(ISSUER), { kind: 'issue', debit: GEM_BUDGET, credit: ANNAS_GEMS, amount: 10 })
      gives(p, [61, 'over-member-cap'], [40, 'accepted'], [21, 'over-budget-cap', BERT])
      batch(
        p,
        owner(ANNA),
        [convert(8, p.time), convert(4, p.time), convert(2, p.time)],
        ['over-member-cap', 'accepted', 'over-member-cap'],
      )
      set(p, { total: 90 })
      gives(p, [90, 'over-budget-cap'], [50, 'accepted'])
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET })
      gives(p, [15, 'over-balance-max'], [1430, 'insufficient'], [14, 'accepted'], [1, 'over-balance-max'])
      set(p, { total: 25 }, GEM_BUDGET)
      told(p, owner(ANNA), [convert(6, p.time), 'over-budget-cap'])
      set(p, {}, GEM_BUDGET)
      told(p, owner(ANNA), [convert(6, p.time), 'over-balance-max'], [convert(300, p.time), 'insufficient'])
      told(p, owner(ANNA), [convert(4, p.time), 'accepted'])
    },
  },
  'a greatest balance: gifts are bound by it, what comes back is not': {
    wanted: { coins: { balanceMax: 50, giftEach: 20, giftDay: 30 } },
    tell: p => {
      p.issue(45, {}, BERT)
      p.issue(30)
      told(
        p,
        owner(ANNA),
        [gift(21), 'over-gift-cap'],
        [gift(6), 'over-balance-max'],
        [gift(20), 'over-balance-max'],
        [gift(5), 'accepted'],
        [gift(1), 'over-balance-max'],
      )
      const spent = p.ok(owner(ANNA), redeem(20))
      // Without the points nobody learns what another has.
      told(p, owner(ANNA), [gift(6), 'insufficient'])
      p.issue(45)
      batch(p, keys(ISSUER), [issue(1)], ['over-balance-max'])
      p.ok(keys(MERCHANT), refund(20, spent))
      told(p, owner(ANNA), [gift(99), 'over-gift-cap'])
      told(p, owner(BERT), [{ ...gift(15), debit: BERT, credit: ANNA } as Draft, 'over-balance-max'])
    },
  },
  'a greatest balance: what is held counts, and takes are bound by it': {
    wanted: { coins: { balanceMax: 100 } },
    tell: p => {
      const [dates, ripening] = [{ expires: Q + 96 }, { matures: Q + 4, expires: Q + 96 }]
      p.issue(95, {}, BERT)
      p.issue(78, dates)
      p.issue(12, ripening)
      p.ok(owner(ANNA), hold(40, START + HOUR))
      told(p, keys(ISSUER), [issue(11), 'over-balance-max'], [issue(10), 'accepted'])
      const take = (amount: number, of: object): Draft => ({ kind: 'take', debit: ANNA, credit: BERT, amount, ...of })
      told(p, owner(BERT), [take(21, dates), 'over-take-cap'], [take(6, dates), 'over-balance-max'])
      told(p, owner(BERT), [take(6, ripening), 'insufficient'], [take(5, ripening), 'insufficient'])
      told(p, owner(BERT), [take(5, dates), 'accepted'])
    },
  },
  'a greatest balance: is told before that there is no lot': {
    wanted: { coins: { balanceMax: LOTS_ROOM + 1 } },
    tell: p => {
      const [dates, from] = [{ expires: Q + 9 }, Q + 100]
      p.ok(keys(ROOT), { kind: 'publish-rate', name: 'back', unit: GEMS, budget: BUDGET, give: 5, get: 1, life: 2 })
      p.ok(keys(ISSUER), { kind: 'issue', debit: GEM_BUDGET, credit: ANNAS_GEMS, amount: 5 })
      p.issue(20, dates, BERT)
      // Two points of the first lot, so that one of them can go and the lot stays.
      const lots = Array.from({ length: LOTS_ROOM }, (_, i) => issue(i === 0 ? 2 : 1, { expires: from + i }))
      p.ok(keys(ISSUER), ...lots)
      const refused = (outcome: string) => {
        told(p, keys(ISSUER), [issue(1, dates), outcome])
        told(p, owner(BERT), [{ ...gift(1, dates), debit: BERT, credit: ANNA } as Draft, outcome])
        told(p, owner(ANNA), [{ kind: 'take', debit: BERT, credit: ANNA, amount: 1, ...dates }, outcome])
        const into = { rate: NEXT_RECORD, budget: BUDGET, account: ANNA, gained: 1, expires: Q + 2 }
        told(p, owner(ANNAS_GEMS), [
          { kind: 'convert', debit: ANNAS_GEMS, credit: GEM_TREASURY, amount: 5, ...into },
          outcome,
        ])
      }
      refused('over-balance-max')
      p.ok(owner(ANNA), redeem(1))
      refused('lots-full')
    },
  },
  'rules: points are given and tiers are set by one from the budgets that it names': {
    tell: p => {
      const rule = (name: string, ...budgets: number[]): Draft => {
        return { kind: 'publish-rule', name, digest: key(3), budgets }
      }
      // What is named may be there later, or be no budget, and entitles nobody then.
      p.ok(keys(ROOT), rule('of-gems', GEM_BUDGET), rule('of-none', ANNA, NEXT_ACCOUNT))
      const by = (debit: number, credit: number, of: number): Draft => {
        return { kind: 'issue', debit, credit, amount: 5, rule: of }
      }
      const tier = (account: number, budget: number, of: number, n = 1): Draft => {
        return { kind: 'set-status', account, budget, rule: of, tier: n }
      }
      told(
        p,
        keys(ISSUER),
        [by(BUDGET, ANNA, NEXT_RECORD), 'rule-unknown'],
        [by(BUDGET, ANNA, NEXT_RECORD + 1), 'rule-unknown'],
        [by(GEM_BUDGET, ANNAS_GEMS, NEXT_RECORD), 'accepted'],
        [tier(ANNA, BUDGET, NEXT_RECORD), 'rule-unknown'],
        [tier(ANNAS_GEMS, GEM_BUDGET, NEXT_RECORD), 'accepted'],
      )
      // Another issuer takes no tier away that is none of its budget's to give.
      p.ok(keys(TREASURER), { ...p.opening(0), accountKind: 'budget', owner: null })
      p.ok(keys(ROOT), { kind: 'register-key', key: key(44), role: 'issuer', scope: [NEXT_ACCOUNT] })
      const other = keys(NEXT_RECORD + 2)
      p.ok(keys(ISSUER), tier(ANNA, BUDGET, RULE, 3))
      told(p, other, [tier(ANNA, NEXT_ACCOUNT, RULE, 0), 'rule-unknown'])
      told(p, other, [tier(ANNA, NEXT_ACCOUNT, NEXT_RECORD + 1), 'accepted'])
    },
  },
  'rules: points are given by one when it was public for the notice of the unit': {
    wanted: { coins: { noticeMs: HOUR, step: 10 } },
    tell: p => {
      const by = (amount: number, rule: number, credit = ANNA): Draft =>
        ({ ...issue(amount, {}, credit), rule }) as Draft
      const citing = { ...by(10, RULE), cites: new Uint8Array(16) } as Draft
      told(p, keys(ISSUER), [citing, 'cites-unknown'])
      told(p, keys(ISSUER), [by(10, RULE), 'rule-early'], [by(10, 0), 'accepted'], [by(1, RULE), 'rule-early'])
      p.time = START + HOUR - 1
      p.ok(keys(ROOT), { kind: 'publish-rule', name: 'later', digest: key(2), budgets: [BUDGET, GEM_BUDGET] })
      const closed = p.member(7)
      p.ok(keys(REGISTRAR), { kind: 'close', account: closed })
      told(p, keys(ISSUER), [by(10, RULE), 'rule-early'], [by(10, RULE, closed), 'account-closed'])
      p.time += 1
      told(p, keys(ISSUER), [by(10, RULE), 'accepted'], [by(10, NEXT_RECORD), 'rule-early'])
      // In another unit it may be used at once.
      const gems: Draft = { kind: 'issue', debit: GEM_BUDGET, credit: ANNAS_GEMS, amount: 5, rule: NEXT_RECORD }
      told(p, keys(ISSUER), [gems, 'accepted'])
      p.time = START + 2 * HOUR - 1
      told(p, keys(ISSUER), [by(10, NEXT_RECORD), 'accepted'])
    },
  },
}
