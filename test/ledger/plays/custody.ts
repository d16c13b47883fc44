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
import { batch, type Play, redeem, told } from './play.ts'

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
