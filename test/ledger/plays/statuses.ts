import type { Draft } from '../../world.ts'
import { ANNA, BERT, BUDGET, HOUR, ISSUER, key, NEXT_RECORD, REGISTRAR, ROOT, RULE } from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import { grouped, type Play, told } from './play.ts'

const set = (tier: number, more: Partial<Extract<Draft, { kind: 'set-status' }>> = {}): Draft => {
  return { kind: 'set-status', account: ANNA, budget: BUDGET, rule: RULE, tier, ...more }
}

/** Stories about the tiers of members. */
export const STATUS_PLAYS: Readonly<Record<string, Play>> = {
  'statuses: one by each rule, which the next by it replaces, and none ends': {
    tell: p => {
      p.ok(keys(ROOT), { kind: 'publish-rule', name: 'other', digest: key(1), budgets: [BUDGET] })
      const other = { rule: NEXT_RECORD }
      told(p, keys(ISSUER), [set(1), 'accepted'], [set(3, other), 'accepted'], [set(2), 'accepted'])
      told(p, keys(ISSUER), [set(0, other), 'accepted'], [set(0, other), 'accepted'])
      told(p, keys(ISSUER), [set(1, { account: BERT, until: p.time + HOUR }), 'accepted'])
      // She may have points or not, be frozen, or leave: the tier stays where it is.
      told(p, keys(REGISTRAR), [{ kind: 'freeze', account: BERT }, 'accepted'])
      told(p, keys(ISSUER), [set(2, { account: BERT, ...other }), 'accepted'])
      told(p, owner(ANNA), [{ kind: 'close', account: ANNA }, 'accepted'])
      told(p, keys(ISSUER), [set(0), 'account-closed'])
    },
  },
  'statuses: one whose time is over is gone when another is set, and not before': {
    tell: p => {
      p.ok(keys(ROOT), { kind: 'publish-rule', name: 'other', digest: key(1), budgets: [BUDGET] })
      told(p, keys(ISSUER), [set(1, { until: p.time + HOUR }), 'accepted'])
      p.time += HOUR - 1
      told(p, keys(ISSUER), [set(2, { rule: NEXT_RECORD, until: p.time + 2 }), 'accepted'])
      p.time += 1
      told(p, keys(ISSUER), [set(5, { rule: NEXT_RECORD }), 'accepted'])
      told(p, keys(ISSUER), [set(5, { until: p.time }), 'dates'], [set(5, { until: p.time + 1 }), 'accepted'])
    },
  },
  'statuses: of a group that is undone none is set': {
    tell: p => {
      told(p, keys(ISSUER), [set(1), 'accepted'])
      grouped(
        p,
        keys(ISSUER),
        [[0, 3]],
        [set(2), 'group-undone'],
        [set(0), 'group-undone'],
        [set(1, { rule: 1 }), 'rule-unknown'],
      )
    },
  },
}
