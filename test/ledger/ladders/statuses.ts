import { STATUSES_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BUDGET,
  CUSTODIAN,
  GEM_BUDGET,
  ISSUER,
  key,
  MERCHANT,
  NEXT_ACCOUNT,
  NEXT_RECORD,
  OPERATOR,
  REGISTRAR,
  ROOT,
  RULE,
  SHOP,
  START,
  TREASURER,
} from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import { CLOSED, FROZEN, type Ladder, NOBODY, step, timeDoor } from './ladder.ts'

const RULES = NEXT_RECORD + 4
const SPARE = NEXT_ACCOUNT
const set = (account: number, more: Partial<Extract<Draft, { kind: 'set-status' }>> = {}): Draft => {
  return { kind: 'set-status', account, budget: BUDGET, rule: RULE, tier: 1, ...more }
}

/** Tiers that members have by rules. */
export const STATUSES: Readonly<Record<string, Ladder>> = {
  'set-status': p => {
    const named = (n: number): Draft => ({
      kind: 'publish-rule',
      name: `tiers-${n}`,
      digest: key(1),
      budgets: [BUDGET, GEM_BUDGET],
    })
    p.ok(keys(ROOT), ...Array.from({ length: STATUSES_MAX + 2 }, (_, n) => named(n)))
    const [gone, other] = [RULES + STATUSES_MAX, RULES + STATUSES_MAX + 1]
    p.ok(keys(ROOT), { kind: 'revoke', record: gone })
    const many = Array.from({ length: STATUSES_MAX }, (_, n) => set(ANNA, { rule: RULES + n, until: START + 5 }))
    p.ok(keys(ISSUER), ...many)
    const by = keys(ISSUER)
    const no = { rule: gone, until: START }
    return [
      step('not-entitled', set(NOBODY, no), owner(ANNA)),
      step('not-entitled', set(NOBODY, no), keys(REGISTRAR, MERCHANT, CUSTODIAN, OPERATOR)),
      step('not-entitled', set(NOBODY, { ...no, budget: SPARE }), by),
      ...timeDoor(set(NOBODY, no), by),
      step('rule-unknown', set(NOBODY, no), by),
      step('rule-unknown', set(NOBODY, { rule: ISSUER, until: START }), by),
      step('rule-unknown', set(NOBODY, { rule: 99, until: START }), by),
      step('account-unknown', set(NOBODY, { until: START }), by),
      step('unit-mismatch', set(SHOP, { budget: GEM_BUDGET, until: START }), by),
      step('account-kind', set(SHOP, { until: START }), by),
      step('account-kind', set(BUDGET, { until: START }), by),
      step('account-closed', set(CLOSED, { until: START }), by),
      step('dates', set(ANNA, { rule: other, until: START }), by, -1),
      step('statuses-full', set(ANNA, { rule: other, until: START + 1 }), by),
      step('accepted', set(ANNA, { rule: RULES, tier: 9 }), by),
      step('accepted', set(FROZEN, { tier: 255 }), by),
      step('accepted', set(ANNAS_GEMS, { budget: GEM_BUDGET }), by),
      step('statuses-full', set(ANNA, { rule: other }), by),
      { ...step('statuses-full', set(ANNA, { rule: other }), by), at: START + 4 },
      { ...step('accepted', set(ANNA, { rule: other }), by), at: START + 5 },
    ]
  },
  'set-status by a rule that is new': p => {
    p.ok(keys(ROOT), {
      kind: 'define-unit',
      name: 'stars',
      cap: 1000,
      noticeMs: 1000,
      windowMs: 0,
      holdMaxMs: 1000,
    })
    const stars = p.naive.records.length - 1
    p.ok(keys(TREASURER), { ...p.opening(0, stars), accountKind: 'budget', owner: null, recovery: null })
    const budget = p.naive.accounts.length - 1
    p.ok(keys(ROOT), { kind: 'register-key', key: key(45), role: 'issuer', scope: [budget] })
    const issuer = keys(p.naive.records.length - 1)
    const member = p.member(3, stars)
    p.ok(keys(ROOT), { kind: 'publish-rule', name: 'stars-tiers', digest: key(1), budgets: [budget] })
    const of = { budget, rule: p.naive.records.length - 1, until: p.time }
    p.ok(keys(REGISTRAR), { kind: 'close', account: p.member(3, stars) })
    const closed = p.naive.accounts.length - 1
    return [
      step('account-closed', set(closed, of), issuer),
      step('rule-early', set(member, of), issuer, -1),
      { ...step('rule-early', set(member, { ...of, until: 0 }), issuer), at: p.time + 999 },
      { ...step('accepted', set(member, { ...of, until: 0 }), issuer), at: p.time + 1000 },
      step('account-unknown', set(NOBODY, { ...of, until: 0 }), issuer),
      step('unit-mismatch', set(ANNA, { ...of, until: 0 }), issuer),
      step('accepted', set(member, { ...of, tier: 0, until: 0 }), issuer),
    ]
  },
}
