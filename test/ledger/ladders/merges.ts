import { LOTS_ROOM } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  EXPIRED,
  HOUR,
  ISSUER,
  key,
  OPERATOR,
  REGISTRAR,
  SHOP,
  SKEW,
  START,
  WINDOW,
} from '../beginning.ts'
import { keys, owner, recovery, type Signers } from '../rehearsal.ts'
import { BERTS_GEMS, CLOSED, citing, fillLots, hour, LATER, type Ladder, NO_ID, step, timeDoor } from './ladder.ts'

type Part = readonly [amount: number, expires?: number, matures?: number]
const merge = (debit: number, credit: number, ...parts: readonly Part[]): Draft => ({
  kind: 'merge',
  debit,
  credit,
  amount: parts.reduce((sum, [amount]) => sum + amount, 0),
  parts: parts.map(([amount, expires = 0, matures = 0]) => ({ matures, expires, amount })),
})
const undo = (amount: number, original = NO_ID, debit = ANNA, credit = BERT): Draft => {
  return { kind: 'reverse', debit, credit, amount, original }
}
const lets = (account: number, to: number): Draft => {
  return { kind: 'grant', account, to, until: 0, terms: new Uint8Array(32), may: 1 }
}
const take = (debit: number, credit: number, expires = hour(LATER)): Draft => {
  return { kind: 'take', debit, credit, amount: 10, matures: 0, expires }
}
/** The registrar, and the owners of these. */
const by = (...accounts: number[]): Signers => [...keys(REGISTRAR), ...accounts.flatMap(one => owner(one))]
const WHOLE: readonly Part[] = [[30, hour(2)], [70, hour(LATER)], [20]]
const EITHER = by(ANNA, BERT)

/** Two accounts that become one, and two again. */
export const MERGES: Readonly<Record<string, Ladder>> = {
  merge: p => {
    const [full, indebted, recovering, held] = [3, 4, 5, 6].map(n => p.member(n)) as [number, number, number, number]
    const issued = p.issue(40, {}, indebted)
    p.ok(owner(indebted), { kind: 'redeem', debit: indebted, credit: SHOP, amount: 40 })
    p.issue(40, { expires: hour(1) }, indebted)
    p.ok(owner(indebted), lets(indebted, ANNA))
    p.ok(owner(ANNA), take(indebted, ANNA, hour(1)))
    const terms = { keys: [key(7), key(8)], need: 1, delayMs: HOUR }
    const set: Draft = { kind: 'set-custody', account: recovering, owner: key(5), custodian: null }
    p.ok(owner(recovering), { ...set, recovery: terms })
    p.ok(recovery(recovering, 0), { kind: 'recover', account: recovering, key: key(6) })
    p.issue(50, {}, held)
    p.ok(owner(held), { kind: 'hold', debit: held, credit: SHOP, amount: 20, until: START + 2 * HOUR })
    fillLots(p, full, LOTS_ROOM - 1, 10, 20)
    p.issue(10, { expires: hour(1) }, full)
    for (const [amount, expires = 0] of WHOLE) p.issue(amount, { expires }, BERT)
    p.issue(100, { expires: hour(LATER) })
    p.ok(owner(ANNA), lets(ANNA, BERT))
    p.ok(owner(BERT), take(ANNA, BERT))
    const parts = WHOLE.with(1, [80, hour(LATER)])
    const move = (debit: number, credit: number) => merge(debit, credit, [1])
    const past = merge(full, ANNA, [10, hour(1)], ...Array.from({ length: 3 }, (_, i): Part => [10, hour(20 + i)]))
    return [
      step('not-entitled', merge(BERT, ANNA, ...parts), owner(ANNA)),
      step('not-entitled', merge(BERT, ANNA, ...parts), by(BERT)),
      step('not-entitled', merge(BERT, ANNA, ...parts), by(ANNA)),
      step('not-entitled', merge(BERT, ANNA, ...parts), [...owner(ANNA), ...owner(BERT), ...keys(ISSUER)]),
      ...timeDoor(move(BERT, BERT), EITHER),
      step('same-account', move(CLOSED, CLOSED), by(CLOSED)),
      step('unit-mismatch', move(CLOSED, BERTS_GEMS), by(CLOSED, BERTS_GEMS)),
      step('account-closed', move(BERT, CLOSED), by(BERT, CLOSED)),
      step('account-closed', move(CLOSED, BERT), by(BERT, CLOSED)),
      {
        ...step('cites-unknown', citing(move(recovering, ANNA)), by(recovering, ANNA)),
        before: () => p.ok(keys(REGISTRAR), { kind: 'freeze', account: recovering }),
      },
      step('account-frozen', move(recovering, ANNA), by(recovering, ANNA)),
      {
        ...step('recovery-state', move(recovering, ANNA), by(recovering, ANNA)),
        before: () => p.ok(keys(REGISTRAR), { kind: 'unfreeze', account: recovering }),
      },
      { ...step('off-step', merge(full, ANNA, [1, hour(1)]), by(full, ANNA)), at: START + HOUR },
      step('dates', past, by(full, ANNA)),
      step('dates', merge(ANNA, BERT, [10, hour(1)]), EITHER),
      step('taken-before', merge(ANNA, BERT, [10]), EITHER),
      {
        // A debt beside a lot, of which another took: what is past pays none.
        ...step('taken-before', merge(indebted, ANNA), by(indebted, ANNA)),
        before: () =>
          p.ok(keys(ISSUER), { kind: 'reverse', debit: indebted, credit: BUDGET, amount: 40, original: issued }),
      },
      {
        ...step('insufficient', merge(indebted, full, [10, hour(2)]), by(indebted, full)),
        before: () => p.ok(keys(OPERATOR), { kind: 'expire', debit: indebted, credit: EXPIRED, amount: 30 }),
      },
      step('insufficient', merge(indebted, ANNA), by(indebted, ANNA)),
      step('lots-full', merge(BERT, full, parts[0]!), by(BERT, full)),
      step('lots-full', merge(BERT, full, ...parts), by(BERT, full)),
      step('not-empty', merge(BERT, ANNA, ...parts.slice(0, 2)), EITHER),
      step('not-empty', merge(BERT, ANNA, ...WHOLE), EITHER),
      step('not-empty', merge(BERT, ANNA, parts[0]!, [80, hour(LATER), hour(1)], [20]), EITHER),
      step('not-empty', merge(held, ANNA, [30]), by(held, ANNA)),
      step('accepted', merge(BERT, ANNA, ...parts), EITHER),
      step('account-closed', { kind: 'issue', debit: BUDGET, credit: BERT, amount: 10 }, keys(ISSUER)),
      step('account-closed', { kind: 'redeem', debit: BERT, credit: SHOP, amount: 10 }, owner(BERT)),
      step('account-closed', { kind: 'reopen', account: BERT }, keys(REGISTRAR)),
      step('account-closed', merge(held, BERT), by(held, BERT)),
      step('accepted', merge(BERT, held), by(BERT, held)),
    ]
  },
  'reverse of a merge': p => {
    const other = p.member(3)
    const third = p.member(4)
    for (const [amount, expires = 0] of WHOLE) p.issue(amount, { expires }, BERT)
    const old = p.ok(EITHER, merge(BERT, ANNA, ...WHOLE))
    p.ok(EITHER, undo(20, old))
    p.time = START + WINDOW + 1
    p.issue(50, { expires: hour(LATER) }, BERT)
    p.issue(20, {}, other)
    const fresh = p.ok(EITHER, merge(BERT, ANNA, [50, hour(LATER)], [20]))
    const undated = p.ok(by(ANNA, other), merge(other, ANNA, [20]))
    p.ok(owner(ANNA), lets(ANNA, third))
    p.ok(owner(third), take(ANNA, third))
    const others = by(ANNA, other)
    const back = (amount: number) => undo(amount, undated, ANNA, other)
    return [
      step('not-entitled', back(20), [...owner(ANNA), ...owner(other)]),
      step('not-entitled', back(20), by(ANNA)),
      step('not-entitled', back(20), by(other)),
      step('time-ahead', back(20), others, SKEW + 1),
      step('original-unknown', undo(20, undated), by(ANNA, BERT, other)),
      step('off-step', back(1), others),
      step('dates', undo(100, old), EITHER),
      step('window-over', undo(70, old), EITHER),
      step('taken-before', undo(80, fresh), EITHER),
      step('taken-before', undo(30, fresh), EITHER),
      step('over-original', back(30), others),
      {
        ...step('insufficient', back(20), others),
        before: () => p.ok(owner(ANNA), { kind: 'redeem', debit: ANNA, credit: SHOP, amount: 140 }),
      },
      step('accepted', back(10), others),
      step('insufficient', back(10), others),
      step('accepted', { kind: 'issue', debit: BUDGET, credit: other, amount: 10 }, keys(ISSUER)),
      step('accepted', merge(other, ANNA, [20]), others),
    ]
  },
}
