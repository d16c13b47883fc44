import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  CUSTODIAN,
  EXPIRED,
  HOUR,
  ISSUER,
  MERCHANT,
  OPERATOR,
  Q,
  REGISTRAR,
  SHOP,
  START,
  TREASURER,
  WARD,
} from '../beginning.ts'
import { keys, owner, type Signers } from '../rehearsal.ts'
import { batch, clawBack, grouped, type Play, redeem } from './play.ts'

type Part = readonly [amount: number, expires?: number]
const merge = (debit: number, credit: number, ...parts: readonly Part[]): Draft => ({
  kind: 'merge',
  debit,
  credit,
  amount: parts.reduce((sum, [amount]) => sum + amount, 0),
  parts: parts.map(([amount, expires = 0]) => ({ matures: 0, expires, amount })),
})
const back = (amount: number, original: Uint8Array, debit = ANNA, credit = BERT): Draft => {
  return { kind: 'reverse', debit, credit, amount, original }
}
const EITHER: Signers = [...keys(REGISTRAR), ...owner(ANNA), ...owner(BERT)]

/** Stories about two accounts of one person. */
export const MERGE_PLAYS: Readonly<Record<string, Play>> = {
  'a merge: the dates go with the points, debts are paid first, and what is undone is what is still there': {
    wanted: { coins: { debtMax: 100, balanceMax: 60 } },
    tell: p => {
      const issued = p.issue(20)
      batch(p, owner(ANNA), [redeem(20)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(15, issued)], ['accepted'])
      p.issue(40, { expires: Q + 40 }, BERT)
      p.issue(20, {}, BERT)
      const whole = p.ok(EITHER, merge(BERT, ANNA, [40, Q + 40], [20]))
      // 15 of the lot paid the debt.
      batch(
        p,
        EITHER,
        [back(60, whole), back(20, whole), back(40, whole)],
        ['insufficient', 'accepted', 'insufficient'],
      )
      batch(
        p,
        EITHER,
        [back(26, whole), back(25, whole), back(15, whole)],
        ['insufficient', 'accepted', 'insufficient'],
      )
      batch(p, EITHER, [merge(BERT, ANNA, [25, Q + 40], [20])], ['accepted'])
    },
  },
  'a merge of nothing closes an account all the same, and what was bought with it comes back and goes on': {
    wanted: { coins: { balanceMax: 45 } },
    tell: p => {
      p.issue(30)
      p.issue(30, { expires: Q + 8 }, BERT)
      const issued = p.issue(10, {}, BERT)
      const spent = p.ok(owner(BERT), redeem(40, BERT))
      batch(p, EITHER, [merge(BERT, ANNA), merge(BERT, ANNA)], ['accepted', 'accepted'])
      const refund = (amount: number): Draft => ({ ...back(amount, spent, SHOP, BERT) })
      grouped(
        p,
        [...EITHER, ...keys(MERCHANT)],
        [[0, 2]],
        [refund(25), 'accepted'],
        [merge(BERT, ANNA, [15, Q + 8], [10]), 'accepted'],
      )
      batch(p, owner(ANNA), [redeem(25)], ['accepted'])
      // What was given to the one that was merged is taken back there: a debt, which the next refund pays.
      batch(p, keys(ISSUER), [back(1, issued, BERT, BUDGET)], ['accepted'])
      batch(p, keys(MERCHANT), [refund(10)], ['accepted'])
      p.time = START + 2 * HOUR
      batch(p, EITHER, [merge(BERT, ANNA, [9, Q + 8])], ['dates'])
      const original = p.ok(keys(OPERATOR), { kind: 'expire', debit: BERT, credit: EXPIRED, amount: 9 })
      const lost = { kind: 'reinstate', debit: EXPIRED, credit: BERT, amount: 9, original, expires: Q + 800 } as const
      batch(p, keys(TREASURER), [lost], ['accepted'])
      batch(p, EITHER, [merge(BERT, ANNA, [9, Q + 800])], ['accepted'])
      batch(p, keys(REGISTRAR), [{ kind: 'close', account: BERT }], ['account-closed'])
    },
  },
  'a merge of accounts in custody: by the registrar and the custodians of both, and where there is an owner, by her': {
    tell: p => {
      const other = p.ward(CUSTODIAN)
      const owned = p.ward(CUSTODIAN, { owner: 4 })
      p.issue(10, {}, WARD)
      const BY = keys(REGISTRAR, CUSTODIAN)
      batch(p, keys(CUSTODIAN), [merge(WARD, other, [10])], ['not-entitled'])
      batch(p, BY, [merge(WARD, owned, [10])], ['not-entitled'])
      const whole = p.ok(BY, merge(WARD, other, [10]))
      const away = p.custodianKey(21)
      const set: Draft = { kind: 'set-custody', account: other, owner: null, custodian: p.custodian(away) }
      batch(p, keys(CUSTODIAN, away), [set], ['accepted'])
      batch(p, BY, [back(10, whole, other, WARD)], ['not-entitled'])
      batch(p, keys(REGISTRAR, CUSTODIAN, away), [back(10, whole, other, WARD)], ['accepted'])
      batch(p, keys(CUSTODIAN), [redeem(10, WARD)], ['accepted'])
      batch(p, [...BY, ...owner(owned)], [merge(WARD, owned)], ['accepted'])
    },
  },
  'a merge that is undone with its group was never there': {
    tell: p => {
      p.issue(30, { expires: Q + 8 }, BERT)
      const by = [...EITHER, ...keys(ISSUER)]
      grouped(
        p,
        by,
        [[0, 2]],
        [merge(BERT, ANNA, [30, Q + 8]), 'group-undone'],
        [merge(BERT, ANNA, [30, Q + 8]), 'not-empty'],
      )
      batch(p, owner(BERT), [redeem(10, BERT)], ['accepted'])
      const whole = p.ok(EITHER, merge(BERT, ANNA, [20, Q + 8]))
      grouped(p, by, [[0, 2]], [back(20, whole), 'group-undone'], [redeem(30, ANNA, SHOP), 'insufficient'])
      batch(p, EITHER, [back(20, whole)], ['accepted'])
    },
  },
}
