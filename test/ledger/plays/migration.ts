import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  GEM_BUDGET,
  HOUR,
  ISSUER,
  key,
  Q,
  SOURCE,
  START,
  TREASURER,
} from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import { batch, clawBack, expire, grouped, issue, type Play, redeem } from './play.ts'

const ref = (n: number) => key(n).subarray(0, 16)
const brought = (amount: number, n: number, more: Partial<{ credit: number; debit: number; expires: number }> = {}) => {
  const draft = { kind: 'opening-balance', debit: BUDGET, credit: ANNA, amount, source: SOURCE, ref: ref(n), ...more }
  return draft as Draft
}
const BY = keys(ISSUER, SOURCE)

/** Stories about what members brought along. */
export const MIGRATION_PLAYS: Readonly<Record<string, Play>> = {
  'opening balances: once under each reference of a unit, whatever the caps, marked in the totals': {
    wanted: { coins: { balanceMax: 100 } },
    tell: p => {
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, until: START + 1, memberTotal: 10, total: 10 })
      batch(p, BY, [brought(300, 1), brought(40, 1), brought(40, 2)], ['accepted', 'ref-taken', 'accepted'])
      batch(p, keys(ISSUER), [issue(5)], ['over-balance-max'])
      p.time = START + HOUR
      const gems = { debit: GEM_BUDGET, credit: ANNAS_GEMS }
      batch(
        p,
        BY,
        [issue(5, {}, BERT), brought(5, 1, gems), brought(5, 3, { credit: BERT })],
        ['budget-closed', 'accepted', 'accepted'],
      )
      batch(p, owner(ANNA), [redeem(340)], ['accepted'])
    },
  },
  'opening balances: clawed back, and their references stay; free again where a group is undone': {
    tell: p => {
      const first = p.ok(BY, brought(50, 1, { expires: Q + 4 }))
      batch(p, keys(SOURCE), [clawBack(20, first)], ['not-entitled'])
      batch(p, keys(ISSUER), [clawBack(20, first), clawBack(31, first)], ['accepted', 'over-original'])
      batch(p, BY, [brought(20, 1)], ['ref-taken'])
      grouped(p, [...BY, ...owner(ANNA)], [[0, 2]], [brought(7, 2), 'group-undone'], [redeem(1000), 'insufficient'])
      batch(p, BY, [brought(7, 2), brought(8, 2)], ['accepted', 'ref-taken'])
      p.time = START + HOUR
      batch(p, keys(10), [expire(30)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(1, first)], ['dates'])
    },
  },
}
