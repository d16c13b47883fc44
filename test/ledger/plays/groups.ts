import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  CUSTODIAN,
  GEM_BUDGET,
  ISSUER,
  key,
  MERCHANT,
  NEXT_ACCOUNT,
  NEXT_RECORD,
  OPERATOR,
  Q,
  QUARTER,
  RATE,
  REGISTRAR,
  ROOT,
  SHOP,
  SKEW,
  START,
  TREASURER,
  TREASURY,
} from '../beginning.ts'
import { keys, owner } from '../rehearsal.ts'
import {
  batch,
  capture,
  clawBack,
  expire,
  gift,
  grouped,
  hold,
  ID,
  issue,
  type Play,
  redeem,
  refund,
  under,
} from './play.ts'

const freeze: Draft = { kind: 'freeze', account: ANNA }
const U = 'group-undone'

/** Stories about transactions that are all accepted or none. */
export const GROUP_PLAYS: Readonly<Record<string, Play>> = {
  'groups: all of one, or nothing': {
    tell: p => {
      const by = [...keys(ISSUER), ...owner(ANNA)]
      grouped(p, by, [[0, 2]], [issue(10), 'accepted'], [redeem(4), 'accepted'])
      grouped(p, by, [[0, 2]], [issue(10), U], [redeem(17), 'insufficient'])
      grouped(p, by, [[1, 3]], [issue(1), 'accepted'], [redeem(8), 'insufficient'], [issue(5), U], [redeem(1), U])
      // What stands before and behind sees nothing of it; another group is another.
      grouped(
        p,
        by,
        [
          [1, 2],
          [3, 2],
          [6, 2],
        ],
        [issue(1), 'accepted'],
        [redeem(8), U],
        [redeem(1), 'insufficient'],
        [redeem(7), 'accepted'],
        [issue(2), 'accepted'],
        [redeem(2), 'accepted'],
        [redeem(2), 'insufficient'],
        [issue(1), U],
      )
    },
  },
  'groups: what is undone has used its id, of those before one that is refused as well': {
    tell: p => {
      const by = [...keys(ISSUER), ...owner(ANNA)]
      const first = p.entry(issue(10))
      grouped(p, by, [[0, 3]], [first, U], [redeem(17), 'insufficient'], [issue(1), U])
      const { id } = decodeTransaction(first)
      batch(p, by, [first, under(issue(5), id), redeem(1)], ['exists', 'id-taken', 'insufficient'])
    },
  },
  'groups: one that is refused has used its id, but for one that nobody was entitled to': {
    tell: p => {
      p.issue(10)
      const [hers, his] = [p.entry(redeem(17)), p.entry(redeem(1, BERT))]
      grouped(p, owner(ANNA), [[0, 2]], [redeem(1), U], [hers, 'insufficient'])
      grouped(p, owner(ANNA), [[0, 2]], [redeem(1), U], [his, 'not-entitled'])
      const { id } = decodeTransaction(hers)
      batch(p, owner(ANNA), [hers, under(redeem(1), id)], ['exists', 'id-taken'])
      batch(p, owner(BERT), [his], ['insufficient'])
    },
  },
  'groups: of those behind one that is refused, ids and signers are asked, and nothing else': {
    tell: p => {
      p.issue(50)
      const by = [...keys(ISSUER, REGISTRAR), ...owner(ANNA)]
      const [hers, his, before] = [p.entry(redeem(1)), p.entry(redeem(1, BERT)), p.entry(redeem(2))]
      const twice = p.entry(redeem(3))
      batch(p, by, [before], ['accepted'])
      grouped(
        p,
        by,
        [[0, 13]],
        [redeem(20), U],
        [redeem(40), 'insufficient'],
        [hers, U],
        [his, 'not-entitled'],
        [before, 'exists'],
        [twice, U],
        [twice, 'exists'],
        [redeem(1, ANNA), U, SKEW + 1],
        [issue(1), U, SKEW + 1],
        [freeze, U, SKEW + 1],
        [redeem(1, BERT), 'not-entitled', SKEW + 1],
        [refund(1, ID), 'not-entitled'],
        [issue(1, {}, 99), U],
      )
      // An id that nobody entitled used is free; the others are used.
      batch(p, owner(BERT), [his], ['insufficient'])
      batch(p, owner(ANNA), [hers, p.entry(redeem(48)), twice], ['exists', 'accepted', 'exists'])
      grouped(p, keys(OPERATOR), [[0, 2]], [expire(1), 'not-due'], [issue(1), 'not-entitled'])
      grouped(p, keys(OPERATOR, MERCHANT), [[0, 2]], [expire(1), 'not-due'], [refund(1, ID), U, SKEW + 1])
      grouped(
        p,
        keys(ISSUER, OPERATOR),
        [[0, 4]],
        [expire(1), 'not-due'],
        [issue(1), U],
        [freeze, 'not-entitled'],
        [{ kind: 'fund', debit: 0, credit: BUDGET, amount: 1 }, 'not-entitled'],
      )
    },
  },
  'groups: one of which an id is used is refused, and so is one that has an id twice': {
    tell: p => {
      p.issue(50)
      const [first, second] = [p.entry(redeem(5)), p.entry(redeem(6))]
      grouped(p, owner(ANNA), [[0, 2]], [first, 'accepted'], [second, 'accepted'])
      grouped(p, owner(ANNA), [[0, 2]], [p.entry(redeem(1)), U], [first, 'exists'])
      grouped(p, owner(ANNA), [[0, 3]], [second, 'exists'], [first, 'exists'], [p.entry(redeem(1)), U])
      const twice = p.entry(redeem(7))
      grouped(p, owner(ANNA), [[1, 2]], [redeem(1), 'accepted'], [twice, U], [twice, 'exists'])
      batch(p, owner(ANNA), [p.entry(redeem(1)), twice], ['accepted', 'exists'])
    },
  },
  'groups: an account that is opened in one is not there where it is undone': {
    wanted: { coins: { custody: 1 } },
    tell: p => {
      const by = [...keys(REGISTRAR, TREASURER, ISSUER), ...owner(ANNA)]
      const opening = { ...p.opening(0), owner: null, custodian: p.custodian(CUSTODIAN) }
      const welcome = issue(5, { expires: Q + 4 }, NEXT_ACCOUNT)
      grouped(p, by, [[0, 3]], [opening, U], [welcome, U], [redeem(1), 'insufficient'])
      batch(p, by, [p.entry(issue(5, {}, NEXT_ACCOUNT))], ['credit-unknown'])
      const plain = p.opening(4)
      grouped(p, by, [[0, 2]], [plain, 'accepted'], [welcome, 'accepted'])
      const treasury: Draft = { ...plain, accountKind: 'budget', owner: null }
      grouped(
        p,
        by,
        [[1, 3]],
        [plain, 'accepted'],
        [treasury, U],
        [{ kind: 'fund', debit: 0, credit: NEXT_ACCOUNT + 2, amount: 1 }, U],
        [redeem(1), 'insufficient'],
      )
      grouped(p, by, [[0, 2]], [{ ...treasury, accountKind: 'expired' }, U], [redeem(1), 'insufficient'])
      batch(p, by, [treasury, opening], ['accepted', 'accepted'])
    },
  },
  'groups: a treasury, and what a conversion took, are as they were': {
    tell: p => {
      p.issue(20)
      p.ok(keys(ROOT), { kind: 'define-unit', name: 'stars', cap: 100 })
      const stars: Draft = { ...p.opening(0, NEXT_RECORD), accountKind: 'treasury', owner: null }
      const by = [...keys(TREASURER), ...owner(ANNA)]
      grouped(p, by, [[0, 2]], [stars, U], [redeem(99), 'insufficient'])
      grouped(p, by, [[0, 2]], [stars, 'accepted'], [redeem(1), 'accepted'])
      const gains: Draft = {
        kind: 'convert',
        debit: ANNA,
        credit: TREASURY,
        amount: 4,
        rate: RATE,
        budget: GEM_BUDGET,
        account: ANNAS_GEMS,
        gained: 10,
        expires: Q + 2,
      }
      p.ok(keys(TREASURER), { kind: 'set-budget', account: GEM_BUDGET, memberTotal: 20 })
      grouped(p, by, [[0, 3]], [gains, U], [gains, U], [redeem(99), 'insufficient'])
      grouped(p, by, [[0, 2]], [gains, 'accepted'], [gains, 'accepted'])
      grouped(p, by, [[0, 2]], [redeem(1), U], [gains, 'over-member-cap'])
    },
  },
  'groups: lots, holds, reversals and caps are what they were': {
    tell: p => {
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberDay: 60, memberTotal: 100 })
      const issued = p.issue(20, { expires: Q + 4 })
      p.issue(10, { matures: Q + 1, expires: Q + 2 })
      const spent = p.ok(owner(ANNA), redeem(6))
      const held = p.ok(owner(ANNA), hold(4, START + QUARTER))
      const by = [...keys(ISSUER, MERCHANT, REGISTRAR, OPERATOR), ...owner(ANNA)]
      const none = redeem(99)
      grouped(
        p,
        by,
        [[0, 8]],
        [issue(30, { expires: Q + 3 }), U],
        [capture(3, held), U],
        [refund(6, spent), U],
        [clawBack(20, issued), U],
        [gift(2, { expires: Q + 3 }), U],
        [hold(2, START + 1), U],
        [freeze, U],
        [none, 'account-frozen'],
      )
      grouped(p, by, [[0, 3]], [issue(30), U], [issue(1), 'over-member-cap'], [refund(6, spent), U])
      batch(p, by, [issue(30), refund(7, spent), refund(6, spent)], ['accepted', 'over-original', 'accepted'])
      batch(p, by, [clawBack(21, issued), capture(4, held)], ['over-original', 'accepted'])
      p.time = START + 2 * QUARTER
      // What is past comes back as it was; a second reversal in one group sees the first.
      grouped(p, by, [[0, 2]], [expire(10), U], [none, 'insufficient'])
      grouped(p, by, [[0, 2]], [clawBack(15, issued), U], [clawBack(6, issued), 'over-original'])
      grouped(p, by, [[0, 2]], [expire(10), 'accepted'], [clawBack(20, issued), 'accepted'])
    },
  },
  'groups: what was done in one cannot be reversed where it is undone': {
    tell: p => {
      p.issue(10)
      const by = [...keys(MERCHANT), ...owner(ANNA)]
      const mine = p.entry(redeem(5))
      const id = mine.slice(4, 20)
      grouped(p, by, [[0, 2]], [mine, 'accepted'], [refund(5, id), 'accepted'])
      const other = p.entry(redeem(6))
      const back = refund(6, other.slice(4, 20))
      grouped(p, by, [[0, 3]], [other, U], [back, U], [redeem(11), 'insufficient'])
      const citing = { ...redeem(1), cites: other.slice(4, 20) } as Draft
      batch(p, by, [back, citing], ['original-unknown', 'cites-unknown'])
      // The same where the id comes with its batch only.
      const third = p.entry(redeem(6))
      const behind = refund(6, third.slice(4, 20))
      grouped(p, by, [[0, 2]], [third, U], [redeem(11), 'insufficient'], [behind, 'original-unknown'])
    },
  },
  'groups: an owner who loses an account in one that is undone still has it': {
    tell: p => {
      p.issue(10)
      const set: Draft = { kind: 'set-custody', account: ANNA, owner: key(5), custodian: null }
      grouped(
        p,
        owner(ANNA),
        [
          [0, 2],
          [3, 2],
        ],
        [set, U],
        [redeem(1), 'not-entitled'],
        [redeem(1), 'accepted'],
        [redeem(2), 'accepted'],
        [set, 'accepted'],
        [redeem(1), 'not-entitled'],
      )
    },
  },
  'groups: accounts in a custody are counted as they are': {
    tell: p => {
      const [first, second] = [p.custodianKey(21), p.custodianKey(22)]
      const ward = p.ward(first)
      const by = [...keys(first, second), ...owner(BERT)]
      const set: Draft = { kind: 'set-custody', account: ward, owner: null, custodian: p.custodian(second) }
      grouped(p, by, [[0, 2]], [set, U], [redeem(1, BERT), 'insufficient'])
      grouped(
        p,
        [...keys(REGISTRAR), ...owner(BERT)],
        [[0, 2]],
        [{ kind: 'close', account: ward }, U],
        [redeem(1, BERT), 'insufficient'],
      )
      batch(p, keys(ROOT), [{ kind: 'revoke', record: second }], ['accepted'])
      batch(p, keys(ROOT), [{ kind: 'revoke', record: first }], ['strands-accounts'])
      const back = { ...p.opening(0), owner: null, custodian: p.custodian(first) }
      grouped(p, [...keys(REGISTRAR), ...owner(BERT)], [[0, 2]], [back, U], [redeem(1, BERT), 'insufficient'])
      batch(p, keys(REGISTRAR), [{ kind: 'close', account: ward }], ['accepted'])
      batch(p, keys(ROOT), [{ kind: 'revoke', record: first }], ['accepted'])
    },
  },
  'groups: a shop that is paid and a budget that pays have one link, with what stands': {
    tell: p => {
      p.issue(20)
      const by = [...keys(ISSUER), ...owner(ANNA)]
      grouped(
        p,
        by,
        [
          [1, 2],
          [3, 2],
        ],
        [redeem(1, ANNA, SHOP), 'accepted'],
        [redeem(2, ANNA, SHOP), U],
        [redeem(99, ANNA, SHOP), 'insufficient'],
        [redeem(3, ANNA, SHOP), 'accepted'],
        [issue(1, {}, BERT), 'accepted'],
        [redeem(4, ANNA, SHOP), 'accepted'],
      )
    },
  },
}
