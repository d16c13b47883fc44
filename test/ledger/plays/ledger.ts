import assert from 'node:assert/strict'
import { makeId } from '../../../src/core/entry/id.ts'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  BACKDATE,
  BERT,
  BUDGET,
  COINS,
  CUSTODIAN,
  EXPIRED,
  GEM_BUDGET,
  HOUR,
  ISSUER,
  key,
  MERCHANT,
  NEXT_ACCOUNT,
  NEXT_RECORD,
  OPERATOR,
  QUARTER,
  REGISTRAR,
  ROOT,
  ROOT_2,
  ROOT_3,
  ROOT_4,
  RULE,
  SHOP,
  SKEW,
  START,
  TREASURER,
  TREASURY,
  WARD,
} from '../beginning.ts'
import { keys, owner, recovery } from '../rehearsal.ts'
import {
  batch,
  capture,
  clawBack,
  expire,
  gift,
  hold,
  ID,
  issue,
  type Play,
  redeem,
  refund,
  told,
  under,
} from './play.ts'

/** Stories about ids, keys, budgets and accounts as a whole. */
export const LEDGER_PLAYS: Readonly<Record<string, Play>> = {
  'issues under a rule, until it is revoked': {
    tell: p => {
      p.ok(keys(ROOT), { kind: 'publish-rule', name: 'x', digest: key(1), budgets: [BUDGET] })
      const under = (): Draft => ({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 10, rule: NEXT_RECORD })
      batch(p, keys(ISSUER), [under()], ['accepted'])
      batch(p, keys(ROOT), [{ kind: 'revoke', record: NEXT_RECORD }], ['accepted'])
      batch(p, keys(ISSUER), [under()], ['rule-unknown'])
    },
  },
  'keys: one that its batch revokes is good to the end of that batch, and no longer': {
    wanted: { need: 2 },
    tell: p => {
      p.issue(100)
      p.issue(100, {}, WARD)
      const rule = (name: string): Draft => ({ kind: 'publish-rule', name, digest: key(1), budgets: [BUDGET] })
      const revoke = (record: number): Draft => ({ kind: 'revoke', record, strand: 1 })
      const opened = { ...p.opening(5), nonce: key(6) }
      told(
        p,
        [...keys(ROOT, ROOT_2, REGISTRAR, TREASURER, CUSTODIAN, OPERATOR, ISSUER, MERCHANT), ...owner(ANNA)],
        [revoke(ROOT), 'accepted'],
        [rule('behind-one-root'), 'accepted'],
        [revoke(CUSTODIAN), 'accepted'],
        [redeem(5, WARD), 'accepted'],
        [revoke(ISSUER), 'accepted'],
        [issue(7), 'accepted'],
        [revoke(REGISTRAR), 'accepted'],
        [opened, 'accepted'],
        [revoke(TREASURER), 'accepted'],
        [{ kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 9 }, 'accepted'],
        [revoke(OPERATOR), 'accepted'],
        [{ kind: 'erase', account: ANNA, details: key(4) }, 'accepted'],
        [redeem(11), 'accepted'],
        [revoke(MERCHANT), 'accepted'],
        [rule('behind-them-all'), 'accepted'],
      )
      for (const record of [ROOT, REGISTRAR, TREASURER, CUSTODIAN, OPERATOR, ISSUER, MERCHANT])
        batch(p, keys(record), [rule('afterwards')], 'signer-revoked')
      batch(p, keys(ROOT_2), [rule('by-one-of-two')], ['not-entitled'])
      batch(p, keys(ROOT_2, ROOT_3), [rule('by-two')], ['accepted'])
    },
  },
  'keys: a custodian that its batch revokes is none for an opening or a consent behind that': {
    tell: p => {
      const named = p.custodian(CUSTODIAN)
      told(
        p,
        keys(ROOT, REGISTRAR, CUSTODIAN),
        [{ ...p.opening(5), custodian: named, nonce: key(6) }, 'accepted'],
        [{ kind: 'revoke', record: CUSTODIAN, strand: 1 }, 'accepted'],
        [{ ...p.opening(5), custodian: named, nonce: key(7) }, 'record-unknown'],
        [{ kind: 'set-custody', account: WARD, owner: key(3), custodian: named }, 'record-unknown'],
        [{ kind: 'set-custody', account: WARD, owner: key(3), custodian: null }, 'accepted'],
      )
    },
  },
  'ids: the first that somebody was entitled to uses one': {
    tell: p => {
      const set: Draft = { kind: 'set-custody', account: ANNA, owner: key(5), custodian: null }
      batch(p, owner(BERT), [under(redeem(40)), under(redeem(1))], ['not-entitled', 'not-entitled'])
      batch(p, owner(ANNA), [under(redeem(40)), under(redeem(40))], ['insufficient', 'exists'])
      p.issue(100)
      p.time += 10 * SKEW
      const mine = p.entry(redeem(1))
      batch(p, owner(BERT), [under(redeem(40)), under(redeem(1)), mine], ['exists', 'id-taken', 'not-entitled'])
      batch(
        p,
        owner(ANNA),
        [mine, set, under(redeem(40)), p.entry(redeem(2))],
        ['accepted', 'accepted', 'exists', 'not-entitled'],
      )
      batch(p, owner(ANNA), [mine, p.entry(redeem(3))], ['exists', 'accepted'])
    },
  },
  'ids: what is named by one is what used it': {
    tell: p => {
      batch(p, keys(TREASURER), [under(issue(70))], ['not-entitled'])
      batch(p, keys(ISSUER), [clawBack(1, ID)], ['original-unknown'])
      batch(
        p,
        keys(ISSUER),
        [under(issue(30)), clawBack(10, ID), under(issue(70))],
        ['accepted', 'accepted', 'id-taken'],
      )
      batch(
        p,
        keys(TREASURER),
        [under(issue(70)), under(issue(30)), p.entry(issue(1))],
        ['id-taken', 'exists', 'not-entitled'],
      )
      batch(p, keys(ISSUER), [clawBack(21, ID), clawBack(20, ID)], ['over-original', 'accepted'])
    },
  },
  'cites: what was accepted before, and nothing else': {
    tell: p => {
      const citing = (draft: Draft, cites: Uint8Array): Draft => ({ ...draft, cites }) as Draft
      const own = p.entry(issue(1)).slice(4, 20)
      // Not what is nowhere, is refused, comes later in the batch, or is the very transaction.
      batch(
        p,
        keys(ISSUER),
        [citing(issue(10), ID), citing(issue(10), new Uint8Array(16))],
        ['cites-unknown', 'cites-unknown'],
      )
      batch(p, owner(BERT), [under(redeem(40))], ['not-entitled'])
      batch(
        p,
        keys(ISSUER),
        [citing(issue(10), ID), under(citing(issue(10), own), own)],
        ['cites-unknown', 'cites-unknown'],
      )
      batch(
        p,
        [...owner(ANNA), ...keys(ISSUER)],
        [citing(issue(10), ID), under(redeem(40)), citing(issue(10), ID)],
        ['cites-unknown', 'insufficient', 'cites-unknown'],
      )
      // What was accepted, in the same batch or long before, of any kind, by anyone, and often.
      const [spent, opened] = [1, 2].map(n => makeId(p.time, new Uint8Array(10).fill(n))) as [Uint8Array, Uint8Array]
      p.issue(100)
      batch(
        p,
        [...owner(ANNA), ...keys(ISSUER, REGISTRAR)],
        [
          under(redeem(40), spent),
          citing(issue(4), spent),
          under(p.opening(5), opened),
          citing(issue(1, {}, BERT), opened),
        ],
        ['accepted', 'accepted', 'accepted', 'accepted'],
      )
      const genesis = decodeTransaction(p.told[0]!.entries[0]!).id
      p.time += HOUR
      const all = [spent, opened, genesis].flatMap(id => [citing(redeem(1), id), citing(refund(1, spent), id)])
      batch(p, [...owner(ANNA), ...keys(MERCHANT)], all, Array(6).fill('accepted'))
      // A stranger's use of an id is none, and what used it afterwards is what is cited.
      const other = makeId(p.time, new Uint8Array(10).fill(3))
      batch(
        p,
        [...owner(ANNA), ...keys(MERCHANT)],
        [under(issue(5), other), under(redeem(1), other), under(redeem(2), other), citing(redeem(3), other)],
        ['not-entitled', 'accepted', 'id-taken', 'accepted'],
      )
    },
  },
  'batches refused whole': {
    tell: p => {
      const rule: Draft = { kind: 'publish-rule', name: 'x', digest: key(1), budgets: [BUDGET] }
      const revoke: Draft = { kind: 'revoke', record: NEXT_RECORD }
      const fund: Draft = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 1 }
      batch(p, keys(ROOT, NEXT_RECORD), [rule], 'signer-unknown')
      p.ok(keys(ROOT), { kind: 'register-key', key: key(21), role: 'treasurer' })
      batch(p, keys(ROOT, NEXT_RECORD), [fund, revoke, fund], ['accepted', 'accepted', 'accepted'])
      batch(p, keys(NEXT_RECORD), [fund], 'signer-revoked')
      batch(p, keys(ROOT, NEXT_RECORD), [rule], 'signer-revoked')
      for (const by of [keys(RULE), keys(COINS), owner(BUDGET), owner(WARD), owner(99), recovery(WARD, 0)])
        batch(p, by, [rule], 'signer-unknown')
      batch(p, recovery(ANNA, 2), [rule], 'signer-unknown')
      batch(p, keys(ROOT), [p.genesis()], 'batch-genesis')
      batch(p, keys(ROOT), [rule, p.genesis()], 'batch-genesis')
    },
  },
  'budgets: a day of the unit, and ever': {
    wanted: { coins: { offset: 78 } },
    tell: p => {
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberDay: 10, memberTotal: 25 })
      batch(p, keys(ISSUER), [issue(10), issue(1), issue(10, {}, BERT)], ['accepted', 'over-member-cap', 'accepted'])
      p.time = START + 10 * HOUR + 2 * QUARTER - 1
      batch(p, keys(ISSUER), [issue(1)], ['over-member-cap'])
      p.time += 1
      const issued = p.issue(10)
      batch(p, keys(ISSUER), [clawBack(10, issued), issue(1)], ['accepted', 'over-member-cap'])
      p.time += 24 * HOUR
      batch(p, keys(ISSUER), [issue(6), issue(5), issue(1)], ['over-member-cap', 'accepted', 'over-member-cap'])
      p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberTotal: 26 })
      batch(p, keys(ISSUER), [issue(2), issue(1)], ['over-member-cap', 'accepted'])
    },
  },
  'accounts: frozen, recovered, shown and closed': {
    tell: p => {
      const both = recovery(ANNA, 0, 1)
      p.issue(10)
      batch(p, keys(REGISTRAR), [{ kind: 'freeze', account: ANNA }], ['accepted'])
      batch(
        p,
        owner(ANNA),
        [redeem(1), gift(1), hold(1, START + 1)],
        ['account-frozen', 'account-frozen', 'account-frozen'],
      )
      p.issue(5)
      batch(p, both, [{ kind: 'recover', account: ANNA, key: key(5) }], ['accepted'])
      batch(p, owner(ANNA), [{ kind: 'veto', account: ANNA }], ['accepted'])
      batch(p, both, [{ kind: 'recover', account: ANNA, key: key(5) }], ['accepted'])
      p.time = START + HOUR
      const list: Draft[] = [
        { kind: 'unfreeze', account: ANNA },
        redeem(1),
        { kind: 'finish-recovery', account: ANNA },
        redeem(1),
      ]
      batch(p, [...keys(REGISTRAR), ...owner(ANNA)], list, ['accepted', 'accepted', 'accepted', 'not-entitled'])
      const granted = p.ok(owner(ANNA), {
        kind: 'grant',
        account: ANNA,
        to: MERCHANT,
        until: START + 2 * HOUR,
        terms: key(1),
      })
      const shown: Draft = { kind: 'disclose', account: ANNA, grant: granted, details: key(1) }
      batch(p, keys(OPERATOR), [shown, { kind: 'erase', account: ANNA, details: key(1) }], ['accepted', 'accepted'])
      batch(p, owner(ANNA), [{ kind: 'withdraw', account: ANNA, grant: granted }, redeem(14)], ['accepted', 'accepted'])
      batch(p, owner(ANNA), [{ kind: 'close', account: ANNA }, issue(1)], ['accepted', 'not-entitled'])
      batch(p, keys(ISSUER), [issue(1)], ['account-closed'])
    },
  },
  'roots: two of four, replaced one by one': {
    wanted: { need: 2 },
    tell: p => {
      const register: Draft = { kind: 'register-key', key: key(95), role: 'root' }
      batch(p, keys(ROOT), [register], ['not-entitled'])
      batch(p, keys(ROOT, ROOT_2), [register, register], ['accepted', 'key-stands'])
      batch(p, keys(ROOT_2, NEXT_RECORD), [{ kind: 'revoke', record: ROOT }], ['accepted'])
      const more = [ROOT_3, 3, ROOT_2].map((record): Draft => ({ kind: 'revoke', record }))
      batch(p, keys(ROOT_2, NEXT_RECORD), more, ['accepted', 'accepted', 'last-root'])
      batch(p, keys(NEXT_RECORD), [{ kind: 'define-unit', name: 'stars', cap: 1 }], ['not-entitled'])
    },
  },
  'all of a batch names one account, or some of it': {
    tell: p => {
      const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })
      batch(p, keys(TREASURER), [fund(1), fund(2), fund(3)], ['accepted', 'accepted', 'accepted'])
      batch(
        p,
        keys(TREASURER, ISSUER),
        [fund(1), issue(1), fund(9999), issue(2, {}, BERT)],
        ['accepted', 'accepted', 'over-cap', 'accepted'],
      )
      batch(p, owner(ANNA), [redeem(1), redeem(1)], ['accepted', 'insufficient'])
    },
  },
  'ids: anyone who becomes entitled within a batch uses one there': {
    tell: p => {
      // The account is opened behind the first two: nobody is entitled to what is not there.
      const mine = under(redeem(1, NEXT_ACCOUNT))
      const opening = p.entry({ ...p.opening(0), owner: null, custodian: p.custodian(CUSTODIAN) })
      const list = [mine, mine, opening, mine, mine, under(redeem(2, NEXT_ACCOUNT))]
      const outcomes = ['not-entitled', 'not-entitled', 'accepted', 'insufficient', 'exists', 'id-taken']
      batch(p, keys(REGISTRAR, CUSTODIAN), list, outcomes)
    },
  },
  'a ledger is founded by as many of its root keys as it names': {
    wanted: { need: 2 },
    begun: 0,
    tell: p => {
      const rule: Draft = { kind: 'publish-rule', name: 'x', digest: key(1), budgets: [BUDGET] }
      for (const by of [keys(ROOT), keys(ROOT, 4), keys(ROOT, ROOT_2, 4), owner(ANNA)])
        batch(p, by, [p.genesis()], 'signer-unknown')
      batch(p, keys(ROOT, ROOT_2), [rule], 'batch-genesis')
      batch(p, keys(ROOT, ROOT_2), [p.genesis(), rule], 'batch-genesis')
      batch(p, keys(ROOT_2, ROOT_3), [p.genesis()], ['accepted'])
      batch(p, keys(ROOT, ROOT_2), [p.genesis()], 'batch-genesis')
      batch(p, keys(ROOT, ROOT_2), [rule], ['accepted'])
    },
  },
  'clocks: as fast and as slow as the skew, and no more': {
    tell: p => {
      const fund: Draft = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 1 }
      told(
        p,
        keys(TREASURER),
        [fund, 'time-ahead', SKEW + 1],
        [fund, 'accepted', SKEW],
        [fund, 'accepted', -SKEW],
        [fund, 'time-behind', -SKEW - 1],
      )
      // What an issuer may reach back is not for what others do with its budget.
      const odd: Draft = { kind: 'fund', debit: BUDGET, credit: TREASURY, amount: 1 }
      told(p, keys(TREASURER, ISSUER), [odd, 'time-behind', -SKEW - 1], [odd, 'debit-kind', -SKEW])
    },
  },
  'backdates: the greatest of those who may': {
    tell: p => {
      const issuer = (n: number, scope: number[], backdateMs: number): Draft => {
        return { kind: 'register-key', key: key(n), role: 'issuer', scope, backdateMs }
      }
      p.ok(keys(ROOT), issuer(21, [BUDGET], 0), issuer(22, [GEM_BUDGET], 2 * BACKDATE), issuer(23, [BUDGET], 100))
      const [none, others, some] = [NEXT_RECORD, NEXT_RECORD + 1, NEXT_RECORD + 2]
      const at = -SKEW - BACKDATE
      told(p, keys(none, others), [issue(1), 'time-behind', -SKEW - 1], [issue(1), 'accepted', -SKEW])
      told(p, keys(none, some), [issue(1), 'time-behind', -SKEW - 101], [issue(1), 'accepted', -SKEW - 100])
      told(p, keys(ISSUER, none, some), [issue(1), 'time-behind', at - 1], [issue(1), 'accepted', at])
    },
  },
  'kinds of account: from where to where each goes': {
    tell: p => {
      p.issue(100)
      const held = p.ok(owner(ANNA), hold(10, START + HOUR))
      const wrong = (draft: Draft, ...credits: number[]): [Draft, string][] =>
        credits.map(credit => [{ ...draft, credit } as Draft, 'credit-kind'])
      const all = [TREASURY, BUDGET, BERT, EXPIRED, SHOP]
      const but = (...right: number[]) => all.filter(account => !right.includes(account))
      const fund: Draft = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 1 }
      const settle: Draft = { kind: 'settle', debit: SHOP, credit: TREASURY, amount: 1, original: ID }
      told(p, keys(TREASURER), ...wrong(fund, ...but(TREASURY, BUDGET)), ...wrong(settle, ...but(SHOP, TREASURY)))
      told(p, keys(MERCHANT), ...wrong({ ...fund, debit: SHOP }, ...but(SHOP, BUDGET)))
      told(p, keys(ISSUER), ...wrong(issue(1), ...but(BUDGET, BERT)))
      told(
        p,
        owner(ANNA),
        ...wrong(redeem(1), ...but(TREASURY, SHOP)),
        ...wrong(hold(1, START + 1), ...but(TREASURY, SHOP)),
      )
      told(p, owner(ANNA), ...wrong(gift(1), ...but(BERT)))
      told(p, keys(OPERATOR), ...wrong(expire(1), ...but(EXPIRED)))
      const debits = (draft: Draft, ...list: number[]): [Draft, string][] =>
        list.map(debit => [{ ...draft, debit } as Draft, 'debit-kind'])
      told(p, keys(TREASURER), ...debits(fund, ANNA, EXPIRED), ...debits(settle, BUDGET, ANNA, EXPIRED))
      told(p, keys(MERCHANT), ...debits(capture(1, held), TREASURY, BUDGET, EXPIRED), [capture(1, held), 'accepted'])
      told(p, keys(OPERATOR), ...debits(expire(1), TREASURY, BUDGET, SHOP))
    },
  },
  'a ledger goes on in another log: from right behind a seal, by root keys, under a name and a key of its own': {
    wanted: { need: 2 },
    tell: p => {
      const next = { origin: 'model/1', logKey: key(201) }
      const roots = keys(ROOT, ROOT_2)
      const wrong = { ...next, root: key(9) }
      p.issue(100)
      for (const offset of [SKEW + 1, 0, -SKEW - 1])
        assert.equal(p.goOn(keys(REGISTRAR), wrong, offset), 'not-entitled')
      assert.equal(p.goOn(keys(ROOT), next), 'not-entitled')
      assert.equal(p.goOn(roots, wrong, SKEW + 1), 'time-ahead')
      assert.equal(p.goOn(roots, wrong, -SKEW - 1), 'time-behind')
      for (const more of [{ root: key(9) }, { size: 7 }, { origin: 'model' }, { logKey: key(90) }])
        assert.equal(p.goOn(roots, { ...next, ...more }), 'log-mismatch')
      // From before what somebody has seen: as many as stand have to sign.
      const back = { ...next, seen: 1_000_000 }
      assert.equal(p.goOn(keys(ROOT, ROOT_2, ROOT_3), back), 'not-entitled')
      assert.equal(p.goOn(keys(ROOT, ROOT_2, ROOT_3, ROOT_4), back), 'accepted')
      // All is as it was, and goes on as it did.
      told(p, owner(ANNA), [redeem(101), 'insufficient'], [redeem(40), 'accepted'])
      assert.equal(p.goOn(roots, { ...next, logKey: key(202) }), 'log-mismatch')
      assert.equal(p.goOn(roots, { origin: 'model/2', logKey: key(201) }), 'log-mismatch')
      assert.equal(p.goOn(roots, { origin: 'model/2', logKey: key(202) }), 'accepted')
      // Nor under that of any log before.
      for (const old of [{ origin: 'model' }, { logKey: key(90) }])
        assert.equal(p.goOn(roots, { origin: 'model/3', logKey: key(203), ...old }), 'log-mismatch')
      const [first] = p.naive.logs.slice(1)
      told(p, roots, [{ kind: 'revoke', record: first! }, 'record-not-revocable'])
      p.issue(7)
    },
  },
  'accounts: who may do what to them': {
    tell: p => {
      const freeze: Draft = { kind: 'freeze', account: ANNA }
      for (const by of [keys(OPERATOR), keys(ISSUER, TREASURER), owner(ANNA), keys(CUSTODIAN)])
        told(p, by, [freeze, 'not-entitled'])
      told(p, keys(REGISTRAR), [freeze, 'accepted'], [freeze, 'account-frozen'])
      for (const by of [keys(OPERATOR), owner(ANNA)]) told(p, by, [{ kind: 'unfreeze', account: ANNA }, 'not-entitled'])
      // What comes to a frozen account comes, gifts too.
      p.issue(10, {}, BERT)
      told(p, owner(BERT), [{ kind: 'transfer', debit: BERT, credit: ANNA, amount: 5 }, 'accepted'])
      told(p, keys(REGISTRAR), [{ kind: 'unfreeze', account: ANNA }, 'accepted'])
      told(p, owner(ANNA), [redeem(5), 'accepted'])
    },
  },
}
