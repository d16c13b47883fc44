import { LOTS_ROOM } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import { ANNA, BERT, BUDGET, EXPIRED, HOUR, OPERATOR, REGISTRAR, SHOP, START, TREASURER } from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import { CLOSED, citing, FROZEN, fillLots, hour, LATER, type Ladder, moveDoor, NO_ID, step } from './ladder.ts'

const back = (debit: number, credit: number, amount = 1, original = NO_ID, expires = hour(LATER)): Draft => ({
  kind: 'reinstate',
  debit,
  credit,
  amount,
  original,
  expires,
})

/** What expired comes back. */
export const REINSTATEMENT: Readonly<Record<string, Ladder>> = {
  reinstate: p => {
    for (const account of [ANNA, BERT, FROZEN]) p.issue(100, { expires: hour(1) }, account)
    const spent = p.ok(owner(ANNA), { kind: 'redeem', debit: ANNA, credit: SHOP, amount: 10 })
    p.time = START + HOUR
    const gone = (account: number, amount: number) =>
      p.ok(keys(OPERATOR), { kind: 'expire', debit: account, credit: EXPIRED, amount })
    const [annas, berts, frozens] = [gone(ANNA, 90), gone(BERT, 100), gone(FROZEN, 100)]
    const refused = p.entry({ kind: 'expire', debit: BERT, credit: EXPIRED, amount: 10 })
    p.submit(keys(OPERATOR), refused)
    fillLots(p, ANNA, LOTS_ROOM, 10, 2)
    const by = keys(TREASURER)
    return [
      step('not-entitled', back(EXPIRED, BERT, 10, berts), keys(REGISTRAR, OPERATOR)),
      ...moveDoor(back, { by, right: [EXPIRED, BERT], wrong: BUDGET }),
      step('account-closed', back(EXPIRED, CLOSED, 1001), by),
      step('original-unknown', back(EXPIRED, BERT, 1001), by),
      step('original-unknown', back(EXPIRED, ANNA, 1001, spent), by),
      step('original-unknown', back(EXPIRED, BERT, 1001, annas), by),
      step('original-unknown', back(EXPIRED, BERT, 1001, refused.slice(4, 20)), by),
      step('cites-unknown', citing(back(EXPIRED, BERT, 1001, berts)), by),
      step('off-step', back(EXPIRED, BERT, 1001, berts, hour(1) + 1), by),
      step('off-grain', back(EXPIRED, BERT, 1010, berts, hour(0) + 1), by),
      step('dates', back(EXPIRED, BERT, 1010, berts, hour(1)), by),
      step('dates', back(EXPIRED, BERT, 1010, berts, hour(2 + 731 * 24)), by),
      step('over-original', back(EXPIRED, ANNA, 100, annas), by),
      step('lots-full', back(EXPIRED, ANNA, 90, annas), by),
      step('accepted', back(EXPIRED, ANNA, 50, annas, hour(2)), by),
      step('over-original', back(EXPIRED, ANNA, 50, annas, hour(2)), by),
      step('accepted', back(EXPIRED, ANNA, 40, annas, hour(2)), by),
      step('accepted', back(EXPIRED, BERT, 100, berts, hour(1 + 731 * 24)), by),
      step('accepted', back(EXPIRED, FROZEN, 100, frozens), by),
      step('over-original', back(EXPIRED, FROZEN, 10, frozens), by),
    ]
  },
}
