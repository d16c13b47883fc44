import { AMOUNT_MAX, LOTS_ROOM, PENDING_LOTS_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import { ANNA, BACKDATE, BERT, BUDGET, ISSUER, key, MERCHANT, Q, ROOT, SKEW, SOURCE } from '../beginning.ts'
import { keys } from '../rehearsal.ts'
import { CLOSED, citing, fillLots, hour, type Ladder, moveDoor, step, timeDoor } from './ladder.ts'

const ref = (n: number) => key(n).subarray(0, 16)
const opened = (
  debit: number,
  credit: number,
  amount = 1,
  more: {
    readonly matures?: number
    readonly expires?: number
    readonly ref?: Uint8Array
    readonly source?: number
  } = {},
): Draft => ({
  kind: 'opening-balance',
  debit,
  credit,
  amount,
  expires: 1,
  source: SOURCE,
  ref: ref(1),
  ...more,
})

/** What members bring along from an old system. */
export const MIGRATION: Readonly<Record<string, Ladder>> = {
  'opening-balance': p => {
    const by = keys(ISSUER, SOURCE)
    p.ok(keys(ROOT), { kind: 'register-key', key: key(45), role: 'source' })
    const other = p.naive.records.length - 1
    p.ok(by, opened(BUDGET, BERT, 10, { expires: 0 }))
    fillLots(p, ANNA, LOTS_ROOM, 10, 1)
    const fresh = { ref: ref(2) }
    return [
      step('not-entitled', opened(BUDGET, ANNA), keys(ISSUER, MERCHANT)),
      step('not-entitled', opened(BUDGET, ANNA), keys(SOURCE, MERCHANT)),
      step('not-entitled', opened(BUDGET, ANNA), keys(ISSUER, other)),
      step('not-entitled', opened(BUDGET, ANNA, 1, { source: MERCHANT }), keys(ISSUER, MERCHANT)),
      step('not-entitled', opened(BUDGET, ANNA, 1, { source: SOURCE }), keys(ISSUER, other)),
      ...moveDoor(opened, { by, fixed: 'debit', right: [BUDGET, ANNA], past: -SKEW - BACKDATE - 1 }),
      step('account-closed', opened(BUDGET, CLOSED), by),
      step('cites-unknown', citing(opened(BUDGET, BERT, 11)), by),
      step('ref-taken', opened(BUDGET, BERT, 11), by),
      step('off-step', opened(BUDGET, BERT, 11, fresh), by),
      step('off-grain', opened(BUDGET, BERT, 10, { ...fresh, expires: 1 }), by),
      step('dates', opened(BUDGET, BERT, AMOUNT_MAX - 1, { ...fresh, expires: hour(0) }), by),
      step('insufficient', opened(BUDGET, ANNA, AMOUNT_MAX - 1, { ...fresh, expires: hour(LOTS_ROOM + 1) }), by),
      step('lots-full', opened(BUDGET, ANNA, 10, { ...fresh, expires: hour(LOTS_ROOM + 1) }), by),
      step('accepted', opened(BUDGET, ANNA, 10, { ...fresh, expires: hour(1) }), by),
      step('ref-taken', opened(BUDGET, BERT, 10, { ...fresh, expires: 0 }), by),
      step('accepted', opened(BUDGET, BERT, 10, { ref: ref(2), source: other, expires: 0 }), keys(ISSUER, other)),
      step('accepted', opened(BUDGET, BERT, 10, { ref: ref(3), expires: Q + 4 }), by, -SKEW - BACKDATE),
      ...timeDoor(opened(BUDGET, BERT), by, -SKEW - BACKDATE - 1),
    ]
  },
  'opening-balance beside points of as many dates to ripen as there can be': p => {
    const issued = (n: number): Draft => ({
      kind: 'issue',
      debit: BUDGET,
      credit: ANNA,
      amount: 10,
      matures: hour(100 + n),
    })
    p.ok(keys(ISSUER), ...Array.from({ length: PENDING_LOTS_MAX }, (_, n) => issued(n)))
    const by = keys(ISSUER, SOURCE)
    const ripens = (n: number): Draft => opened(BUDGET, ANNA, 10, { matures: hour(n), expires: 0 })
    return [step('lots-full', ripens(99), by), step('accepted', ripens(100), by)]
  },
}
