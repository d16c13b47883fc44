import assert from 'node:assert/strict'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  CUSTODIAN,
  GEM_BUDGET,
  GEMS,
  HOUR,
  key,
  MERCHANT,
  NEXT_ACCOUNT,
  Q,
  RATE,
  REGISTRAR,
  ROOT,
  SHOP,
  START,
  TAKEOVER,
  TREASURY,
  WARD,
} from '../beginning.ts'
import { keys, owner, recovery } from '../rehearsal.ts'
import { batch, grouped, type Play, redeem, told } from './play.ts'

type SetCustody = Extract<Draft, { kind: 'set-custody' }>

/** What a custodian does with one bit of a unit's policy, and cannot do with the others. */
function withBit(custody: number): Play {
  return {
    wanted: { coins: { custody }, gems: { custody: 1 } },
    tell: p => {
      const may = (bit: number) => (custody === bit ? 'accepted' : 'not-entitled')
      p.issue(100, {}, WARD)
      const gems = p.ward(CUSTODIAN, { unit: GEMS })
      const held: Draft = { kind: 'hold', debit: WARD, credit: SHOP, amount: 2, until: START + HOUR }
      const rated = { rate: RATE, budget: GEM_BUDGET, account: gems, gained: 5, expires: Q + 2 }
      told(
        p,
        keys(CUSTODIAN),
        [redeem(2, WARD), may(1)],
        [held, may(1)],
        [{ kind: 'convert', debit: WARD, credit: TREASURY, amount: 2, ...rated }, may(2)],
        [{ kind: 'transfer', debit: WARD, credit: BERT, amount: 2 }, may(8)],
        [{ kind: 'close', account: WARD }, 'not-entitled'],
      )
      const granted = p.entry({ kind: 'grant', account: WARD, to: MERCHANT, terms: key(1) })
      const withdraw: Draft = { kind: 'withdraw', account: WARD, grant: decodeTransaction(granted).id }
      batch(p, keys(CUSTODIAN), [granted, withdraw], [may(4), may(4)])
      // To give an account to its owner takes no bit.
      told(p, keys(CUSTODIAN), [{ kind: 'set-custody', account: WARD, owner: key(3), custodian: null }, 'accepted'])
    },
  }
}

/** Stories about custodians, their chains and what they may do. */
export const CUSTODY_PLAYS: Readonly<Record<string, Play>> = {
  'custody: another key of the chain is the same custodian, also where it was revoked': {
    tell: p => {
      const set = (account: number, record: number, ownerKey?: number): Draft => ({
        kind: 'set-custody',
        account,
        owner: ownerKey === undefined ? null : key(ownerKey),
        custodian: p.custodian(record),
      })
      p.issue(10)
      p.ok([...keys(CUSTODIAN), ...owner(ANNA)], set(ANNA, CUSTODIAN, 1))
      const next = p.custodianKey(21, { succeeds: CUSTODIAN, with: keys(CUSTODIAN) })
      // No new custodian has to sign, as there is none.
      told(p, owner(ANNA), [set(ANNA, next, 1), 'accepted'])
      told(p, keys(CUSTODIAN), [redeem(1), 'accepted'], [set(WARD, next), 'accepted'])
      p.ok(keys(ROOT), { kind: 'revoke', record: CUSTODIAN })
      told(p, owner(ANNA), [set(ANNA, CUSTODIAN, 1), 'record-unknown'])
      told(p, keys(REGISTRAR), [{ ...p.opening(0), owner: null, custodian: p.custodian(CUSTODIAN) }, 'record-unknown'])
      told(p, keys(next), [set(WARD, CUSTODIAN), 'record-unknown'], [redeem(1), 'accepted'])
    },
  },
  'custody: recovery terms stay, and a recovery under way ends': {
    tell: p => {
      const both = recovery(ANNA, 0, 1)
      const recover: Draft = { kind: 'recover', account: ANNA, key: key(5) }
      const set = (n: number): Draft => ({ kind: 'set-custody', account: ANNA, owner: key(n), custodian: null })
      told(p, both, [recover, 'accepted'])
      told(p, owner(ANNA), [set(6), 'accepted'])
      p.time = START + HOUR
      told(p, both, [{ kind: 'finish-recovery', account: ANNA }, 'recovery-state'], [recover, 'accepted'])
      p.time = START + 2 * HOUR
      told(p, both, [{ kind: 'finish-recovery', account: ANNA }, 'accepted'])
    },
  },
  'custody: recovery terms are an owner’s, and end where a custodian alone had the account': {
    tell: p => {
      const house = { keys: [key(5)], need: 1, delayMs: 0 }
      const opened = { ...p.opening(0), owner: null, custodian: p.custodian(CUSTODIAN), recovery: house } as Draft
      p.ok(keys(REGISTRAR), opened, opened, opened)
      const [hers, left, moved] = [NEXT_ACCOUNT, NEXT_ACCOUNT + 1, NEXT_ACCOUNT + 2]
      const set = (account: number, n: number | null, more: Partial<SetCustody> = {}): Draft => {
        return {
          kind: 'set-custody',
          account,
          owner: n === null ? null : key(n),
          custodian: null,
          recovery: null,
          ...more,
        }
      }
      const recover = (account: number): Draft => ({ kind: 'recover', account, key: key(6) })
      const finish = (account: number): Draft => ({ kind: 'finish-recovery', account })
      const own = { keys: [key(9)], need: 1, delayMs: 0 }
      told(p, keys(CUSTODIAN), [set(hers, 3, { recovery: house }), 'recovery-state'], [set(hers, 3), 'accepted'])
      // The house has no key to it any more; and she names her own, with the key that she has.
      assert.equal(p.submit(recovery(hers, 0), p.entry(recover(hers))), 'signer-unknown')
      told(p, owner(hers), [set(hers, 3, { recovery: own }), 'accepted'])
      told(p, owner(hers), [set(hers, 4, { recovery: house }), 'not-entitled'])
      // What was signed under terms counts no more behind others, in one batch.
      const both = [...owner(hers), ...recovery(hers, 0)]
      const again = { keys: [key(8)], need: 1, delayMs: 0 }
      told(p, both, [set(hers, 3, { recovery: again }), 'accepted'], [recover(hers), 'not-entitled'])
      grouped(p, both, [[0, 2]], [set(hers, 3, { recovery: own }), 'group-undone'], [recover(hers), 'not-entitled'])
      told(p, both, [recover(hers), 'accepted'])
      // Whom the terms of the custodian bring in has none; nor has the next custodian those of the last.
      told(p, recovery(left, 0), [recover(left), 'accepted'], [finish(left), 'accepted'])
      assert.equal(p.submit(recovery(left, 0), p.entry(recover(left))), 'signer-unknown')
      const other = p.custodianKey(21)
      told(p, keys(CUSTODIAN, other), [set(moved, null, { custodian: p.custodian(other) }), 'accepted'])
      assert.equal(p.submit(recovery(moved, 0), p.entry(recover(moved))), 'signer-unknown')
    },
  },
  'custody: a key that waits for one unit vouches for no other': {
    wanted: { coins: { takeoverMs: 2 * TAKEOVER } },
    tell: p => {
      const next = p.custodianKey(21, { succeeds: CUSTODIAN })
      p.time = START + TAKEOVER
      // It is due for gems, and not for coins: whom it brings in waits for both.
      const third = p.custodianKey(22, { succeeds: next, with: keys(next) })
      told(p, keys(next, third), [redeem(1, WARD), 'not-entitled'])
      p.time = START + 2 * TAKEOVER
      told(p, keys(third), [redeem(1, WARD), 'not-entitled'])
      told(p, keys(next), [redeem(1, WARD), 'insufficient'])
      p.time = START + 3 * TAKEOVER
      told(p, keys(third), [redeem(1, WARD), 'insufficient'])
    },
  },
  'custody: points are converted within one custody, and one owner': {
    wanted: { coins: { custody: 2 }, gems: { custody: 2 } },
    tell: p => {
      const other = p.custodianKey(21)
      const next = p.custodianKey(22, { succeeds: CUSTODIAN, with: keys(CUSTODIAN) })
      const [theirs, owned, mine] = [
        p.ward(other, { unit: GEMS }),
        p.ward(CUSTODIAN, { unit: GEMS, owner: 3 }),
        p.ward(next, { unit: GEMS }),
      ]
      p.issue(10, {}, WARD)
      const into = (account: number): Draft => ({
        kind: 'convert',
        debit: WARD,
        credit: TREASURY,
        amount: 2,
        rate: RATE,
        budget: GEM_BUDGET,
        account,
        gained: 5,
        expires: Q + 2,
      })
      for (const account of [theirs, owned, ANNAS_GEMS])
        told(p, keys(CUSTODIAN, other), [into(account), 'rate-mismatch'])
      told(p, keys(CUSTODIAN), [into(mine), 'accepted'], [redeem(1, WARD), 'not-entitled'])
      // A member of her own is nobody's ward.
      p.issue(10)
      told(p, owner(ANNA), [{ ...into(mine), debit: ANNA } as Draft, 'rate-mismatch'])
    },
  },
  'custody: bit 1': withBit(1),
  'custody: bit 2': withBit(2),
  'custody: bit 4': withBit(4),
  'custody: bit 8': withBit(8),
}
