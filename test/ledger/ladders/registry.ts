import type { Role } from '../../../src/core/entry/transaction.ts'
import type { Draft } from '../../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BACKDATE,
  BUDGET,
  COINS,
  CUSTODIAN,
  GEM_BUDGET,
  GEMS,
  HOUR,
  ISSUER,
  key,
  NEXT_ACCOUNT,
  Q,
  REGISTRAR,
  ROOT,
  ROOT_2,
  ROOT_3,
  ROOT_4,
  RULE,
  SHOP,
  START,
  TREASURER,
  TREASURY,
} from '../beginning.ts'
import { keys, owner, type Rehearsal, recovery } from '../rehearsal.ts'
import {
  AUDITOR,
  hour,
  type Ladder,
  NOBODY,
  OTHER_MERCHANT,
  PAST,
  REVOKED,
  STRANGER,
  type Step,
  step,
  timeDoor,
} from './ladder.ts'

const register = (role: Role, scope: number[] = [], more: { key?: number; succeeds?: number } = {}): Draft => ({
  kind: 'register-key',
  key: key(more.key ?? 1),
  role,
  scope,
  succeeds: more.succeeds ?? null,
})
const revoke = (record: number, strand = 0): Draft => ({ kind: 'revoke', record, strand })
const unit = (name: string): Draft => ({ kind: 'define-unit', name, cap: 1 })
const rule = (name: string): Draft => ({ kind: 'publish-rule', name, digest: key(1), budgets: [BUDGET] })
const open = (p: Rehearsal, change: Partial<Extract<Draft, { kind: 'open-account' }>>): Draft => ({
  ...p.opening(1),
  ...change,
})
const others = keys(TREASURER, ISSUER, REGISTRAR)
const root = keys(ROOT)

const REF = key(1).subarray(0, 16)

/** Kinds that make records and accounts. */
export const REGISTRY: Readonly<Record<string, Ladder>> = {
  'register-key of an issuer': () => [
    step('not-entitled', register('issuer', [ANNA]), others),
    ...timeDoor(register('issuer', [ANNA]), root),
    step('scope-unknown', register('issuer', [ANNA]), root),
    step('scope-unknown', register('issuer', [BUDGET, SHOP]), root),
    step('scope-unknown', register('issuer', [BUDGET, NOBODY]), root),
    step('accepted', register('issuer', [BUDGET]), root),
  ],
  'register-key of a merchant': () => [
    ...timeDoor(register('merchant', [BUDGET]), root),
    step('scope-unknown', register('merchant', [BUDGET]), root),
    step('scope-unknown', register('merchant', [TREASURY, NOBODY]), root),
    step('scope-unknown', register('merchant', [ANNA, SHOP]), root),
    step('accepted', register('merchant', [TREASURY, SHOP]), root),
  ],
  'register-key of a custodian that succeeds another': () => [
    ...timeDoor(register('custodian', [], { succeeds: NOBODY }), root),
    ...[NOBODY, ROOT, COINS, AUDITOR, OTHER_MERCHANT].map(succeeds =>
      step('record-unknown', register('custodian', [], { succeeds }), root),
    ),
    step('accepted', register('custodian', [], { succeeds: CUSTODIAN }), root),
    step('accepted', register('custodian', [], { succeeds: CUSTODIAN }), root),
  ],
  'register-key of a root key': p => {
    const again = register('root', [], { key: 93 })
    return [
      ...timeDoor(again, root),
      step('key-stands', again, root),
      { ...step('accepted', again, root), before: () => p.ok(root, revoke(ROOT_3)) },
      step('key-stands', again, root),
      // Of other roles one key may be many.
      step('accepted', register('auditor', [], { key: 93 }), root),
    ]
  },
  revoke: p => {
    p.ok(root, revoke(ROOT_2), revoke(ROOT_3), revoke(ROOT_4))
    return [
      step('not-entitled', revoke(NOBODY), others),
      step('not-entitled', revoke(CUSTODIAN), keys(CUSTODIAN)),
      ...timeDoor(revoke(NOBODY), root),
      step('record-unknown', revoke(NOBODY), root),
      step('record-not-revocable', revoke(COINS), root),
      step('record-revoked', revoke(REVOKED), root),
      step('record-revoked', revoke(ROOT_2), root),
      step('last-root', revoke(ROOT), root),
      step('strands-accounts', revoke(CUSTODIAN), root),
      step('accepted', revoke(CUSTODIAN, 1), root),
      step('record-revoked', revoke(CUSTODIAN), root),
      step('accepted', revoke(STRANGER), root),
      step('accepted', revoke(ISSUER), root),
      step('accepted', revoke(RULE), root),
    ]
  },
  'revoke of the terms of a budget': p => {
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET })
    const terms = p.naive.records.length - 1
    return [
      step('not-entitled', revoke(terms), keys(TREASURER)),
      step('record-not-revocable', revoke(terms), root),
      step('accepted', revoke(AUDITOR), root),
    ]
  },
  'define-unit': () => [
    step('not-entitled', unit('coins'), others),
    ...timeDoor(unit('coins'), root),
    step('name-taken', unit('coins'), root),
    step('accepted', unit('rule'), root),
    step('name-taken', unit('rule'), root),
  ],
  'define-unit when there are 256': p => {
    p.ok(root, ...Array.from({ length: 254 }, (_, i) => unit(`u${i}`)))
    return [
      step('name-taken', unit('coins'), root),
      step('registry-full', unit('one-more'), root),
      step('accepted', rule('one-more'), root),
    ]
  },
  'publish-rule': p => [
    step('not-entitled', rule('rule'), others),
    ...timeDoor(rule('rule'), root),
    step('name-taken', rule('rule'), root),
    // A name stays taken.
    { ...step('name-taken', rule('rule'), root), before: () => p.ok(root, revoke(RULE)) },
    step('accepted', rule('coins'), root),
  ],
  'open-account of a treasury': p => {
    const draft = (n: number, terms = n) =>
      open(p, { accountKind: 'treasury', owner: null, unit: n, terms: p.leafOf(terms) })
    const by = keys(TREASURER)
    return [
      step('not-entitled', draft(RULE), keys(ROOT, REGISTRAR, ISSUER)),
      ...timeDoor(draft(RULE), by),
      step('unit-unknown', draft(RULE), by),
      step('unit-unknown', draft(NOBODY), by),
      step('unit-unknown', draft(COINS, GEMS), by),
      step('treasury-exists', draft(COINS), by),
      step('accepted', open(p, { accountKind: 'budget', owner: null }), by),
    ]
  },
  'open-account in custody, and with recovery keys': p => {
    const by = keys(REGISTRAR)
    const draft = (record: number, n: number, leafOf = record, by = 5): Draft =>
      open(p, {
        unit: n,
        terms: p.leafOf(n),
        owner: null,
        custodian: { record, leaf: p.leafOf(leafOf) },
        recovery: { keys: [key(by)], need: 1, delayMs: 0 },
      })
    p.ok(by, open(p, { unit: GEMS, terms: p.leafOf(GEMS), ref: REF }))
    const account = NEXT_ACCOUNT + 6
    return [
      step('not-entitled', draft(NOBODY, RULE), keys(CUSTODIAN, TREASURER)),
      ...timeDoor(draft(NOBODY, RULE), by),
      ...[NOBODY, COINS, AUDITOR, REVOKED].map(record => step('record-unknown', draft(record, RULE), by)),
      step('record-unknown', draft(CUSTODIAN, RULE, STRANGER), by),
      step('unit-unknown', draft(CUSTODIAN, RULE), by),
      step('unit-unknown', { ...draft(CUSTODIAN, GEMS), terms: p.leafOf(COINS) } as Draft, by),
      ...sponsored(draft(CUSTODIAN, RULE), 'unit-unknown', NOBODY),
      ...sponsored(draft(CUSTODIAN, GEMS), 'account-unknown', NOBODY),
      ...sponsored(draft(CUSTODIAN, GEMS), 'unit-mismatch', SHOP),
      ...sponsored(draft(CUSTODIAN, GEMS), 'unit-mismatch', BUDGET),
      ...sponsored(draft(CUSTODIAN, GEMS), 'account-kind', GEM_BUDGET),
      ...sponsored(draft(CUSTODIAN, GEMS, CUSTODIAN, 35), 'account-kind', ANNAS_GEMS),
      step('recovery-state', { ...draft(CUSTODIAN, GEMS, CUSTODIAN, 35), ref: REF } as Draft, by),
      step('no-custody', { ...draft(CUSTODIAN, GEMS), ref: REF } as Draft, by),
      step('ref-taken', open(p, { unit: GEMS, terms: p.leafOf(GEMS), ref: REF }), by),
      step('accepted', draft(CUSTODIAN, COINS), by),
      // The new account is the last: its one recovery key starts and ends a recovery at once, without any delay.
      step('accepted', { kind: 'recover', account, key: key(6) }, recovery(account, 0)),
      step('accepted', { kind: 'finish-recovery', account }, recovery(account, 0)),
      // Its terms were not those of an owner.
      step('not-entitled', { kind: 'recover', account, key: key(4) }, keys(REGISTRAR)),
      step('accepted', { kind: 'close', account }, owner(account)),
    ]
  },
}

/** A step of an opening under a sponsor. */
function sponsored(draft: Draft, outcome: Step['outcome'], sponsor: number): Step[] {
  return [step(outcome, { ...draft, sponsor } as Draft, keys(REGISTRAR))]
}

/** Who may reach how far into the past, and for what: each with one millisecond more. */
export const BACKDATES: Ladder = p => {
  p.ok(root, { kind: 'register-key', key: key(45), role: 'registrar', backdateMs: 2 * BACKDATE })
  p.ok(root, { kind: 'register-key', key: key(46), role: 'treasurer', backdateMs: 3 * BACKDATE })
  const [registrar, treasurer] = [p.naive.records.length - 2, p.naive.records.length - 1]
  const issue: Draft = { kind: 'issue', debit: BUDGET, credit: ANNA, amount: 10 }
  const fund: Draft = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 10 }
  const member = open(p, {})
  const budget = open(p, { accountKind: 'budget', owner: null })
  const reach = (offset: number, draft: Draft, by: Step['by']) => [
    step('time-behind', draft, by, offset - 1),
    step('accepted', draft, by, offset),
  ]
  const back = PAST + 1
  return [
    ...reach(back - BACKDATE, issue, keys(ISSUER)),
    // Nobody's reach is another's.
    ...reach(back - BACKDATE, issue, keys(ISSUER, registrar, treasurer)),
    ...reach(back, fund, keys(treasurer, ISSUER)),
    ...reach(back, member, keys(REGISTRAR, ISSUER, treasurer)),
    ...reach(back - 2 * BACKDATE, member, keys(REGISTRAR, ISSUER, registrar, treasurer)),
    ...reach(back - 3 * BACKDATE, budget, keys(TREASURER, registrar, treasurer)),
    ...reach(back, { kind: 'freeze', account: ANNA }, keys(registrar)),
    // Points may be past when they come, but not when they were earned: at START the quarter hour Q begins.
    { ...step('dates', { ...issue, expires: Q } as Draft, keys(ISSUER)), at: START + 1 },
    step('dates', { ...issue, expires: Q } as Draft, keys(ISSUER), -1),
    step('accepted', { ...issue, expires: Q } as Draft, keys(ISSUER), -2),
    { ...step('accepted', { ...issue, expires: hour(1) } as Draft, keys(ISSUER), -BACKDATE), at: START + HOUR + 99 },
  ]
}
