import { ROLES } from '../../../src/core/entry/transaction.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  COINS,
  CUSTODIAN,
  GEMS,
  key,
  NEXT_RECORD,
  REGISTRAR,
  ROOT,
  START,
  TAKEOVER,
  WARD,
} from '../beginning.ts'
import { keys, owner, type Rehearsal, recovery } from '../rehearsal.ts'
import { AUDITOR, FROZEN, type Ladder, NOBODY, REVOKED, STRANGER, step, timeDoor } from './ladder.ts'

type SetCustody = Extract<Draft, { kind: 'set-custody' }>
const CUSTODIANS_KEY = 30 + ROLES.custodian

const redeem = (debit: number, amount = 10): Draft => ({ kind: 'redeem', debit, credit: 0, amount })
const revoke = (record: number): Draft => ({ kind: 'revoke', record, strand: 0 })

/** A draft that sets custody: of what is left out, it names nobody. */
const set = (
  p: Rehearsal,
  account: number,
  change: { owner?: number; custodian?: number; leafOf?: number; terms?: true | number },
) => {
  const { owner: ownerKey, custodian, leafOf = custodian, terms } = change
  const draft: SetCustody = {
    kind: 'set-custody',
    account,
    owner: ownerKey === undefined ? null : key(ownerKey),
    custodian: custodian === undefined ? null : { record: custodian, leaf: p.leafOf(leafOf!) },
    recovery: terms ? { keys: [key(terms === true ? 9 : terms)], need: 1, delayMs: 0 } : null,
  }
  return draft
}

/** The record that a ladder makes first. */
const RECORD = NEXT_RECORD + 4

export const CUSTODY: Readonly<Record<string, Ladder>> = {
  'set-custody of an account with an owner and recovery terms': p => {
    const by = owner(ANNA)
    const both = [...by, ...recovery(ANNA, 0, 1)]
    const wrong = set(p, ANNA, { owner: 3, custodian: NOBODY, terms: true })
    return [
      ...[owner(BERT), keys(REGISTRAR), recovery(ANNA, 0, 1), keys(CUSTODIAN)].map(one =>
        step('not-entitled', wrong, one),
      ),
      // Neither a thief of her key nor those who keep the others put terms in the place of hers.
      step('not-entitled', wrong, by),
      step('not-entitled', wrong, [...by, ...recovery(ANNA, 1)]),
      step('not-entitled', wrong, [...by, ...recovery(BERT, 0, 1)]),
      // A key of the chain that comes has to sign as well; of what is no chain there is none.
      step('not-entitled', set(p, ANNA, { owner: 3, custodian: CUSTODIAN, terms: true }), both),
      ...timeDoor(wrong, both),
      ...[NOBODY, COINS, AUDITOR, REVOKED].map(custodian =>
        step('record-unknown', set(p, ANNA, { owner: 3, custodian, terms: true }), both),
      ),
      step('record-unknown', set(p, ANNA, { owner: 3, custodian: CUSTODIAN, leafOf: STRANGER, terms: true }), [
        ...keys(CUSTODIAN),
        ...both,
      ]),
      step('recovery-state', set(p, ANNA, { owner: 8 }), by),
      step('recovery-state', set(p, ANNA, { owner: 3, custodian: CUSTODIAN, terms: CUSTODIANS_KEY }), [
        ...keys(CUSTODIAN),
        ...both,
      ]),
      step('accepted', set(p, ANNA, { owner: 3, custodian: CUSTODIAN }), [...keys(CUSTODIAN), ...by]),
      step('accepted', set(p, ANNA, { owner: 4, custodian: CUSTODIAN }), by),
      step('not-entitled', set(p, ANNA, { owner: 4, custodian: STRANGER }), by),
      step('not-entitled', set(p, ANNA, { owner: 4, custodian: STRANGER }), [...keys(CUSTODIAN), ...by]),
      step('not-entitled', set(p, ANNA, { owner: 4, custodian: STRANGER }), keys(CUSTODIAN, STRANGER)),
      step('accepted', set(p, ANNA, { owner: 4, custodian: STRANGER }), [...keys(STRANGER), ...by]),
      step('accepted', set(p, ANNA, { owner: 5, terms: true }), both),
      step('accepted', set(p, ANNA, { owner: 5, terms: CUSTODIANS_KEY }), [...by, ...recovery(ANNA, 0)]),
      step('recovery-state', set(p, ANNA, { owner: 5, custodian: CUSTODIAN }), [...keys(CUSTODIAN), ...by]),
      step('accepted', set(p, ANNA, { owner: 6 }), by),
      step('accepted', set(p, FROZEN, { owner: 5 }), owner(FROZEN)),
    ]
  },
  'set-custody of an account without an owner': p => {
    const by = keys(CUSTODIAN)
    return [
      ...timeDoor(set(p, WARD, { custodian: NOBODY }), by),
      step('record-unknown', set(p, WARD, { custodian: NOBODY }), by),
      step('recovery-state', set(p, WARD, { custodian: CUSTODIAN, terms: true }), by),
      step('recovery-state', set(p, WARD, { owner: 3, terms: true }), by),
      step('accepted', set(p, WARD, { custodian: CUSTODIAN }), by),
      step('not-entitled', set(p, WARD, { custodian: STRANGER }), by),
      step('not-entitled', set(p, WARD, { custodian: STRANGER }), keys(STRANGER)),
      step('accepted', set(p, WARD, { custodian: STRANGER }), keys(CUSTODIAN, STRANGER)),
      step('not-entitled', set(p, WARD, { custodian: CUSTODIAN }), by),
      step('accepted', set(p, WARD, { owner: 3, custodian: STRANGER }), keys(STRANGER)),
      // From now on it is hers to say.
      step('not-entitled', set(p, WARD, { custodian: STRANGER }), keys(STRANGER)),
      step('accepted', set(p, WARD, { owner: 3, terms: true }), owner(WARD)),
      step('accepted', set(p, WARD, { custodian: STRANGER }), [...keys(STRANGER), ...owner(WARD)]),
    ]
  },
  'set-custody in a unit that allows none': p => {
    const gems = p.member(3, GEMS)
    return [
      step('recovery-state', set(p, ANNAS_GEMS, { owner: 7, custodian: CUSTODIAN }), [
        ...keys(CUSTODIAN),
        ...owner(ANNAS_GEMS),
      ]),
      step('no-custody', set(p, gems, { owner: 3, custodian: CUSTODIAN, terms: true }), [
        ...keys(CUSTODIAN),
        ...owner(gems),
      ]),
      step('accepted', set(p, gems, { owner: 4, terms: true }), owner(gems)),
      step('not-entitled', set(p, gems, { owner: 4, terms: true }), owner(gems)),
      step('accepted', set(p, gems, { owner: 4, terms: true }), [...owner(gems), ...recovery(gems, 0)]),
    ]
  },
  'set-custody of an account that is closed, or of nobody’s': p => {
    const account = p.member(3)
    p.ok(owner(account), set(p, account, { owner: 3, terms: true }))
    p.ok(keys(REGISTRAR), { kind: 'close', account })
    return [
      step('not-entitled', set(p, NOBODY, { owner: 3 }), owner(ANNA)),
      step('record-unknown', set(p, account, { owner: 9, custodian: NOBODY }), owner(account)),
      step('account-closed', set(p, account, { owner: 9 }), owner(account)),
      step('accepted', set(p, BERT, { owner: 3 }), owner(BERT)),
    ]
  },
  'a successor that the chain signed is due at once': p => {
    p.issue(100, {}, WARD)
    const next = p.custodianKey(21, { succeeds: CUSTODIAN, with: keys(CUSTODIAN) })
    return [
      step('not-entitled', redeem(WARD, 101), keys(STRANGER)),
      step('off-step', redeem(WARD, 101), keys(next)),
      step('accepted', redeem(WARD), keys(next)),
      step('accepted', redeem(WARD), keys(CUSTODIAN)),
      step('not-entitled', revoke(next), keys(CUSTODIAN)),
      step('accepted', revoke(CUSTODIAN), keys(ROOT)),
      step('accepted', redeem(WARD), keys(next)),
      step('strands-accounts', revoke(next), keys(ROOT)),
    ]
  },
  'a successor that root alone registered waits for the takeover': p => {
    p.issue(100, {}, WARD)
    const next = p.custodianKey(21, { succeeds: CUSTODIAN })
    const due = START + TAKEOVER
    // Whom it signs for waits as well: root and a key that is not due are root alone.
    const third = p.custodianKey(22, { succeeds: next, with: keys(next) })
    return [
      step('not-entitled', redeem(WARD), keys(next)),
      { ...step('not-entitled', redeem(WARD), keys(next, third), 1), at: due - 1 },
      step('not-entitled', set(p, WARD, { custodian: next }), keys(next)),
      step('not-entitled', revoke(third), keys(next)),
      { ...step('accepted', redeem(WARD), keys(next), -1), at: due },
      step('accepted', redeem(WARD), keys(third)),
      step('accepted', set(p, WARD, { custodian: next }), keys(third)),
      // All are of one chain, and the last of them is not given up by mistake.
      step('accepted', revoke(CUSTODIAN), keys(ROOT)),
      step('accepted', revoke(next), keys(third)),
      step('strands-accounts', revoke(third), keys(third)),
      step('strands-accounts', revoke(third), keys(ROOT)),
    ]
  },
  'a takeover that the chain sees is ended by it': p => {
    p.issue(100, {}, WARD)
    const next = p.custodianKey(21, { succeeds: CUSTODIAN })
    return [
      step('not-entitled', revoke(next), keys(STRANGER)),
      step('not-entitled', revoke(next), keys(next)),
      step('not-entitled', revoke(CUSTODIAN), keys(next)),
      ...timeDoor(revoke(next), keys(CUSTODIAN)),
      step('accepted', revoke(next), keys(CUSTODIAN)),
      step('record-revoked', revoke(next), keys(CUSTODIAN)),
      step('accepted', redeem(WARD), keys(CUSTODIAN)),
    ]
  },
  'the takeover of each unit is its own': p => {
    const slow: Draft = { kind: 'define-unit', name: 'slow', cap: 1000, custody: 15, takeoverMs: 2 * TAKEOVER }
    p.ok(keys(ROOT), slow)
    const ward = p.ward(CUSTODIAN, { unit: RECORD })
    const next = p.custodianKey(21, { succeeds: CUSTODIAN })
    p.issue(100, {}, WARD)
    const free: Draft = { kind: 'grant', account: ward, to: AUDITOR, terms: key(1) }
    return [
      step('not-entitled', redeem(WARD), keys(next)),
      { ...step('accepted', redeem(WARD), keys(next)), at: START + TAKEOVER },
      step('not-entitled', free, keys(next)),
      // Due for one unit is not due everywhere.
      step('not-entitled', revoke(next), keys(next)),
      { ...step('not-entitled', free, keys(next), 1), at: START + 2 * TAKEOVER - 1 },
      { ...step('accepted', free, keys(next), -1), at: START + 2 * TAKEOVER },
      step('accepted', revoke(next), keys(next)),
    ]
  },
  'a successor of a revoked key': p => {
    p.ok(keys(ROOT), { kind: 'revoke', record: CUSTODIAN, strand: 1 })
    const next = p.custodianKey(21, { succeeds: CUSTODIAN })
    const closed = () => p.ok(keys(REGISTRAR), { kind: 'close', account: WARD })
    return [
      step('not-entitled', redeem(WARD), keys(next)),
      step('strands-accounts', revoke(next), keys(ROOT)),
      { ...step('insufficient', redeem(WARD), keys(next)), at: START + TAKEOVER },
      // An account that is closed is nobody's care.
      { ...step('accepted', revoke(next), keys(ROOT)), before: closed },
    ]
  },
}
