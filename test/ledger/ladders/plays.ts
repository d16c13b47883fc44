import assert from 'node:assert/strict'
import { makeId } from '../../../src/core/entry/id.ts'
import { encodeTransaction } from '../../../src/core/entry/transaction.ts'
import { type Draft, fromDraft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  type Beginning,
  BUDGET,
  COINS,
  CUSTODIAN,
  EXPIRED,
  GEM_BUDGET,
  GEM_TREASURY,
  GEMS,
  HOUR,
  ISSUER,
  key,
  MERCHANT,
  NEXT_RECORD,
  OPERATOR,
  Q,
  QUARTER,
  RATE,
  REGISTRAR,
  ROOT,
  ROOT_2,
  ROOT_3,
  RULE,
  SHOP,
  SKEW,
  START,
  TREASURER,
  TREASURY,
  WARD,
} from '../beginning.ts'
import { keys, owner, type Rehearsal, recovery, type Signers } from '../rehearsal.ts'

/** A story in several batches, of which every outcome is said beforehand. */
export interface Play {
  readonly wanted?: Beginning
  readonly tell: (p: Rehearsal) => void
}

const redeem = (amount: number, debit = ANNA, credit = SHOP): Draft => ({ kind: 'redeem', debit, credit, amount })
const issue = (amount: number, dates: { matures?: number; expires?: number } = {}, credit = ANNA): Draft => {
  return { kind: 'issue', debit: BUDGET, credit, amount, ...dates }
}
const hold = (amount: number, until: number): Draft => ({ kind: 'hold', debit: ANNA, credit: SHOP, amount, until })
const capture = (amount: number, held: Uint8Array): Draft => {
  return { kind: 'capture', debit: ANNA, credit: SHOP, amount, hold: held }
}
const gift = (amount: number, dates: { matures?: number; expires?: number } = {}): Draft => {
  return { kind: 'transfer', debit: ANNA, credit: BERT, amount, ...dates }
}
const refund = (amount: number, original: Uint8Array, credit = ANNA): Draft => {
  return { kind: 'reverse', debit: SHOP, credit, amount, original }
}
const clawBack = (amount: number, original: Uint8Array): Draft => {
  return { kind: 'reverse', debit: ANNA, credit: BUDGET, amount, original }
}
const expire = (amount: number): Draft => ({ kind: 'expire', debit: ANNA, credit: EXPIRED, amount })
const ID = makeId(START, new Uint8Array(10).fill(7))
const under = (draft: Draft, id = ID) => encodeTransaction(fromDraft(draft, id))

/** Submits a batch whose outcomes, or whose refusal, are these. */
function batch(p: Rehearsal, by: Signers, list: readonly (Draft | Uint8Array)[], outcomes: string[] | string): void {
  const entries = list.map(one => (one instanceof Uint8Array ? one : p.entry(one)))
  assert.deepEqual(p.submit(by, ...entries), outcomes)
}

/** Stories of several transactions and batches, each of which is over when a mistake shows in the roots behind it. */
export const PLAYS: Readonly<Record<string, Play>> = {
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
  'batches refused whole': {
    tell: p => {
      const rule: Draft = { kind: 'publish-rule', name: 'x', digest: key(1) }
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
  'spending: soonest expiry first, points without dates last but those that mature': {
    tell: p => {
      p.issue(10)
      p.issue(10, { expires: Q + 8 })
      p.issue(10, { matures: Q - 4, expires: Q + 8 })
      p.issue(10, { matures: Q - 8 })
      p.issue(10, { expires: Q + 4 })
      p.issue(10, { matures: Q + 1, expires: Q + 2 })
      batch(
        p,
        owner(ANNA),
        [redeem(5), redeem(10), redeem(8), redeem(10), redeem(12)],
        ['accepted', 'accepted', 'accepted', 'accepted', 'accepted'],
      )
      batch(p, owner(ANNA), [redeem(6), redeem(5)], ['insufficient', 'accepted'])
      p.time = START + QUARTER
      batch(p, owner(ANNA), [redeem(11), redeem(10)], ['insufficient', 'accepted'])
    },
  },
  'reversals: what was taken last comes back first, and no more than was taken': {
    tell: p => {
      p.issue(10, { expires: Q + 4 })
      p.issue(10, { expires: Q + 8 })
      p.issue(30)
      const spent = p.ok(owner(ANNA), redeem(25))
      batch(p, keys(MERCHANT), [refund(7, spent)], ['accepted'])
      batch(p, keys(MERCHANT), [refund(10, spent)], ['accepted'])
      batch(p, keys(MERCHANT), [refund(9, spent), refund(8, spent)], ['over-original', 'accepted'])
    },
  },
  'holds: what is not captured comes back to its dates, past or not': {
    tell: p => {
      p.issue(10, { expires: Q + 1 })
      p.issue(10, { expires: Q + 8 })
      p.issue(10)
      const first = p.ok(owner(ANNA), hold(25, START + HOUR))
      const second = p.ok(owner(ANNA), hold(5, START + HOUR))
      batch(p, keys(OPERATOR), [expire(10)], ['not-due'])
      p.time = START + QUARTER
      batch(p, keys(MERCHANT), [capture(4, first)], ['accepted'])
      batch(p, owner(ANNA), [redeem(16), redeem(15)], ['insufficient', 'accepted'])
      batch(p, keys(MERCHANT), [{ kind: 'release', account: ANNA, hold: second }], ['accepted'])
      batch(p, keys(OPERATOR), [expire(6)], ['accepted'])
    },
  },
  'a capture is reversed to the lots that its hold had': {
    tell: p => {
      p.issue(10, { expires: Q + 4 })
      p.issue(10, { expires: Q + 8 })
      const held = p.ok(owner(ANNA), hold(15, START + HOUR))
      const captured = p.ok(keys(MERCHANT), capture(12, held))
      batch(p, keys(MERCHANT), [refund(1, captured)], ['accepted'])
      batch(
        p,
        keys(MERCHANT),
        [refund(5, captured), refund(7, captured), refund(6, captured)],
        ['accepted', 'over-original', 'accepted'],
      )
    },
  },
  'debts: a clawback takes its own lot, then others, then goes into debt; what comes pays it first': {
    tell: p => {
      const dated = p.issue(30, { expires: Q + 8 })
      const plain = p.issue(30)
      p.issue(10, { matures: Q + 4, expires: Q + 6 })
      p.issue(10, { expires: Q + 1 })
      const held = p.ok(owner(ANNA), hold(20, START + HOUR))
      p.time = START + QUARTER
      // Held points and points that are past are not touched.
      batch(p, keys(ISSUER), [clawBack(5, dated)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(25, plain)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(25, dated)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(5, plain)], ['accepted'])
      batch(p, keys(MERCHANT), [{ kind: 'release', account: ANNA, hold: held }], ['accepted'])
      batch(p, keys(ISSUER), [issue(7, { matures: Q + 9, expires: Q + 12 }), issue(20)], ['accepted', 'accepted'])
    },
  },
  'a debt beside lots that are past, and beside holds': {
    tell: p => {
      p.issue(20, { expires: Q + 1 })
      p.issue(10)
      const held = p.ok(owner(ANNA), hold(25, START + HOUR))
      const issued = p.issue(40)
      p.ok(owner(ANNA), redeem(40))
      p.time = START + QUARTER
      batch(p, keys(ISSUER), [clawBack(31, issued)], ['insufficient'])
      batch(p, keys(ISSUER), [clawBack(30, issued)], ['accepted'])
      batch(p, owner(ANNA), [{ kind: 'close', account: ANNA }], ['not-empty'])
      batch(p, keys(MERCHANT), [capture(5, held)], ['accepted'])
      batch(p, keys(OPERATOR), [expire(15)], ['not-due'])
    },
  },
  'gifts: dates go with them, and their day is the unit’s': {
    wanted: { coins: { offset: 78 } },
    tell: p => {
      p.issue(20, { expires: Q + 2000 })
      p.issue(40)
      batch(
        p,
        owner(ANNA),
        [gift(10, { expires: Q + 2000 }), gift(11, { expires: Q + 2000 })],
        ['accepted', 'insufficient'],
      )
      batch(p, owner(ANNA), [gift(20), gift(1)], ['accepted', 'over-gift-cap'])
      p.time = START + 10 * HOUR + 2 * QUARTER - 1
      batch(p, owner(ANNA), [gift(1)], ['over-gift-cap'])
      p.time += 1
      batch(p, owner(ANNA), [gift(12)], ['accepted'])
      batch(p, owner(BERT), [redeem(1, BERT), redeem(42, BERT)], ['accepted', 'insufficient'])
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
  'conversions: by the clock and the grain of what is gained': {
    wanted: { gems: { offset: 78, grain: 4, custody: 2 }, coins: { custody: 3 } },
    tell: p => {
      const convert = (expires: number, debit = ANNA, account = ANNAS_GEMS): Draft => {
        return {
          kind: 'convert',
          debit,
          credit: TREASURY,
          amount: 2,
          rate: RATE,
          budget: GEM_BUDGET,
          account,
          gained: 5,
          expires,
        }
      }
      p.issue(10)
      p.issue(10, {}, WARD)
      batch(
        p,
        owner(ANNA),
        [convert(Q + 2), convert(Q + 1), convert(Q + 6)],
        ['accepted', 'rate-mismatch', 'rate-mismatch'],
      )
      p.time = START + 1
      batch(
        p,
        owner(ANNA),
        [convert(Q + 6), convert(Q + 3), convert(Q + 2)],
        ['accepted', 'rate-mismatch', 'rate-mismatch'],
      )
      const wards = p.ward(CUSTODIAN, { unit: GEMS })
      batch(p, keys(CUSTODIAN), [convert(Q + 6, WARD, wards), convert(Q + 6, WARD)], ['accepted', 'rate-mismatch'])
      batch(p, keys(ISSUER), [{ kind: 'fund', debit: GEM_TREASURY, credit: GEM_BUDGET, amount: 5 }], ['not-entitled'])
    },
  },
  'dates: on the grain of the unit, or none': {
    wanted: { coins: { offset: 78, grain: 4 } },
    tell: p => {
      const dates = [
        { expires: Q + 2 },
        { expires: Q + 4 },
        { matures: Q + 2 },
        { matures: Q },
        { matures: Q - 2, expires: Q + 6 },
      ]
      const outcomes = ['accepted', 'off-grain', 'accepted', 'off-grain', 'accepted']
      batch(
        p,
        keys(ISSUER),
        dates.map(one => issue(10, one)),
        outcomes,
      )
      batch(p, keys(ISSUER), [issue(10, { matures: Q + 1, expires: Q + 6 }), issue(10)], ['off-grain', 'accepted'])
      p.ok(keys(ROOT), { kind: 'publish-rate', name: 'lasting', unit: COINS, budget: GEM_BUDGET, give: 2, get: 5 })
      const lasting = { kind: 'convert', debit: ANNA, credit: TREASURY, amount: 2, rate: NEXT_RECORD } as const
      const into = { budget: GEM_BUDGET, account: ANNAS_GEMS, gained: 5 } as const
      batch(
        p,
        owner(ANNA),
        [
          { ...lasting, ...into, expires: Q + 2 },
          { ...lasting, ...into, expires: 0 },
        ],
        ['rate-mismatch', 'accepted'],
      )
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
  'numbers: totals beyond 2^53, and a balance that ends there': {
    wanted: { coins: { cap: Number.MAX_SAFE_INTEGER, debtMax: Number.MAX_SAFE_INTEGER } },
    tell: p => {
      const most = Number.MAX_SAFE_INTEGER
      p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: most - 1500 })
      for (let i = 0; i < 3; i++) {
        const issued = p.issue(most)
        batch(p, keys(ISSUER), [clawBack(most, issued)], ['accepted'])
      }
      const issued = p.issue(most)
      batch(p, owner(ANNA), [redeem(most, ANNA, TREASURY)], ['accepted'])
      batch(p, keys(ISSUER), [clawBack(most, issued)], ['accepted'])
      const fund: Draft = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 1 }
      batch(p, keys(TREASURER), [fund], ['total-overflow'])
      batch(p, keys(ISSUER), [issue(1)], ['accepted'])
      batch(p, keys(TREASURER), [fund], ['accepted'])
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
}
