import { AMOUNT_MAX } from '../../../src/core/limits.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  EXPIRED,
  HOUR,
  ISSUER,
  MERCHANT,
  OPERATOR,
  Q,
  REGISTRAR,
  START,
  TREASURER,
  TREASURY,
} from '../beginning.ts'
import { keys, owner, type Rehearsal } from '../rehearsal.ts'
import { batch, clawBack, expire, grouped, issue, type Play, redeem } from './play.ts'

/** Two years and a day behind the start. */
const LATEST = Q + 731 * 96
const back = (amount: number, original: Uint8Array, expires = LATEST): Draft => {
  return { kind: 'reinstate', debit: EXPIRED, credit: ANNA, amount, original, expires }
}
const BY = keys(TREASURER)
/** Anna's points of that many hours expire, an hour after the start. */
const gone = (p: Rehearsal, amount: number) => {
  p.time = Math.max(p.time, START + HOUR)
  return p.ok(keys(OPERATOR), expire(amount))
}

/** Stories about points that expired and come back. */
export const REINSTATEMENT_PLAYS: Readonly<Record<string, Play>> = {
  'what expired comes back once, with a date of its own, and what expires again comes back again': {
    wanted: { coins: { balanceMax: 60 } },
    tell: p => {
      p.issue(50, { expires: Q + 4 })
      const first = gone(p, 50)
      p.issue(40)
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, until: START + 1, total: 1 })
      batch(
        p,
        BY,
        [back(30, first, Q + 8), back(21, first), back(20, first, Q + 8)],
        ['accepted', 'over-original', 'accepted'],
      )
      batch(p, keys(ISSUER), [issue(1)], ['budget-closed'])
      p.time = START + 2 * HOUR
      batch(p, owner(ANNA), [redeem(41)], ['insufficient'])
      const second = gone(p, 50)
      batch(p, BY, [back(1, first), back(50, second)], ['over-original', 'accepted'])
      batch(p, owner(ANNA), [redeem(90)], ['accepted'])
    },
  },
  'what comes back finds no room above 2^53 - 1, of a purchase or of what expired': {
    wanted: { coins: { cap: AMOUNT_MAX, debtMax: AMOUNT_MAX } },
    tell: p => {
      const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })
      p.ok(keys(TREASURER), fund(AMOUNT_MAX - 1500))
      // Anna owes all there is, so that Bert can have as much.
      const issued = p.issue(AMOUNT_MAX)
      p.ok(owner(ANNA), redeem(AMOUNT_MAX, ANNA, TREASURY))
      p.ok(keys(ISSUER), clawBack(AMOUNT_MAX, issued))
      p.issue(50, { expires: Q + 4 }, BERT)
      p.time = START + HOUR
      const lost = p.ok(keys(OPERATOR), { kind: 'expire', debit: BERT, credit: EXPIRED, amount: 50 })
      p.issue(AMOUNT_MAX - 50, {}, BERT)
      p.ok(keys(TREASURER), fund(200))
      const spent = p.ok(owner(BERT), redeem(100, BERT, TREASURY))
      p.issue(101, {}, BERT)
      const berts = (amount: number): Draft => ({ ...back(amount, lost), credit: BERT }) as Draft
      batch(p, BY, [berts(51), berts(50), berts(49)], ['over-original', 'total-overflow', 'accepted'])
      const undo = (amount: number): Draft => {
        return { kind: 'reverse', debit: TREASURY, credit: BERT, amount, original: spent }
      }
      batch(p, keys(MERCHANT), [undo(101), undo(1)], ['over-original', 'total-overflow'])
      batch(p, owner(BERT), [redeem(7, BERT, TREASURY)], ['accepted'])
      batch(p, keys(MERCHANT), [undo(8), undo(7)], ['total-overflow', 'accepted'])
      batch(p, BY, [berts(1)], ['total-overflow'])
    },
  },
  'what comes back pays a debt first, reaches who is frozen, and who has left when she is there again': {
    wanted: { coins: { debtMax: 100 } },
    tell: p => {
      const issued = p.issue(30)
      batch(p, owner(ANNA), [redeem(30)], ['accepted'])
      p.issue(20, { expires: Q + 4 })
      const lost = gone(p, 20)
      batch(p, keys(ISSUER), [clawBack(30, issued)], ['accepted'])
      batch(p, keys(REGISTRAR), [{ kind: 'freeze', account: ANNA }], ['accepted'])
      batch(p, BY, [back(15, lost)], ['accepted'])
      p.issue(15)
      batch(p, keys(REGISTRAR), [{ kind: 'close', account: ANNA }], ['accepted'])
      batch(p, BY, [back(5, lost)], ['account-closed'])
      batch(p, keys(REGISTRAR), [{ kind: 'reopen', account: ANNA }], ['accepted'])
      batch(p, BY, [back(5, lost)], ['accepted'])
      batch(p, owner(ANNA), [redeem(5)], ['accepted'])
    },
  },
  'nobody reverses what came back or what expired, and a group that is undone leaves it to come back': {
    tell: p => {
      p.issue(50, { expires: Q + 4 })
      const lost = gone(p, 50)
      const undo = (original: Uint8Array, debit: number, credit: number): Draft => {
        return { kind: 'reverse', debit, credit, amount: 1, original }
      }
      batch(p, [...BY, ...keys(ISSUER)], [undo(lost, EXPIRED, ANNA)], ['original-unknown'])
      grouped(p, [...BY, ...owner(ANNA)], [[0, 2]], [back(50, lost), 'group-undone'], [redeem(1000), 'insufficient'])
      const came = p.ok(BY, back(50, lost))
      batch(
        p,
        BY,
        [undo(came, ANNA, EXPIRED), back(1, came), back(1, lost)],
        ['original-unknown', 'original-unknown', 'over-original'],
      )
      p.issue(30, { expires: Q + 8 })
      p.time = START + 2 * HOUR
      // In one batch, too, what expires can come back.
      const entry = p.entry(expire(30))
      batch(p, [...BY, ...keys(OPERATOR)], [entry, back(30, entry.slice(4, 20))], ['accepted', 'accepted'])
    },
  },
}
