import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  COINS,
  CUSTODIAN,
  GEMS,
  ISSUER,
  MERCHANT,
  OPERATOR,
  REGISTRAR,
  RULE,
  SHOP,
  TREASURER,
  WARD,
} from '../commands.ts'
import { HOUR, key, keys, owner, recovery, START } from '../programme.ts'
import {
  AUDITOR,
  FROZEN,
  type Ladder,
  memberDoor,
  NO_ID,
  NOBODY,
  OTHER_MERCHANT,
  OUTSIDER,
  REVOKED,
  step,
} from './ladder.ts'

const KEY = key(5)
const freeze = (account: number): Draft => ({ kind: 'freeze', account })
const unfreeze = (account: number): Draft => ({ kind: 'unfreeze', account })
const close = (account: number): Draft => ({ kind: 'close', account })
const rotate = (account: number): Draft => ({ kind: 'rotate-owner', account, key: KEY })
const recover = (account: number): Draft => ({ kind: 'recover', account, key: KEY })
const veto = (account: number): Draft => ({ kind: 'veto', account })
const finish = (account: number): Draft => ({ kind: 'finish-recovery', account })
const erase = (account: number): Draft => ({ kind: 'erase', account, details: KEY })
const release = (account: number, hold = NO_ID): Draft => ({ kind: 'release', account, hold })
const withdraw = (account: number, grant = NO_ID): Draft => ({ kind: 'withdraw', account, grant })
const disclose = (account: number, grant = NO_ID): Draft => ({ kind: 'disclose', account, grant, details: KEY })
const grant = (account: number, to = AUDITOR, until = 0): Draft => ({ kind: 'grant', account, to, until, terms: KEY })

/** Kinds that change one member account. */
export const HOLDERS: Readonly<Record<string, Ladder>> = {
  release: p => {
    p.issue(100)
    const held = { kind: 'hold', debit: ANNA, credit: SHOP, amount: 50 } as const
    const stands = p.ok(owner(ANNA), { ...held, until: START + HOUR })
    const ended = p.ok(owner(ANNA), { ...held, until: START + 1 })
    p.time = START + 1
    return [
      ...memberDoor(release),
      step('hold-unknown', release(ANNA)),
      step('hold-unknown', release(BERT, stands)),
      step('not-entitled', release(ANNA, stands), owner(ANNA)),
      step('not-entitled', release(ANNA, stands), keys(OTHER_MERCHANT)),
      step('not-due', release(ANNA, stands), keys(OPERATOR)),
      step('not-due', release(ANNA, ended), keys(OPERATOR), -1),
      step('not-due', release(ANNA, ended), keys(OPERATOR), 1),
      step('accepted', release(ANNA, ended), keys(OPERATOR)),
      step('hold-unknown', release(ANNA, ended), keys(OPERATOR)),
      step('accepted', release(ANNA, stands), keys(MERCHANT)),
    ]
  },
  freeze: () => [
    ...memberDoor(freeze),
    step('not-entitled', freeze(FROZEN), owner(FROZEN)),
    step('account-frozen', freeze(FROZEN), keys(REGISTRAR)),
    step('accepted', freeze(ANNA), keys(REGISTRAR)),
  ],
  unfreeze: () => [
    ...memberDoor(unfreeze),
    step('not-entitled', unfreeze(ANNA), owner(ANNA)),
    step('not-frozen', unfreeze(ANNA), keys(REGISTRAR)),
    step('accepted', unfreeze(FROZEN), keys(REGISTRAR)),
    step('not-frozen', unfreeze(FROZEN), keys(REGISTRAR)),
  ],
  close: p => {
    // Bert owes what is held of his: nothing in sum, and yet he is not done.
    const clawed = p.issue(50, {}, BERT)
    const held = p.ok(owner(BERT), { kind: 'hold', debit: BERT, credit: SHOP, amount: 50, until: START + HOUR })
    p.ok(keys(ISSUER), { kind: 'reverse', debit: BERT, credit: 1, amount: 50, original: clawed })
    return [
      ...memberDoor(close),
      step('not-entitled', close(FROZEN), owner(ANNA)),
      step('not-entitled', close(FROZEN), keys(OPERATOR, CUSTODIAN)),
      step('not-empty', close(FROZEN), owner(FROZEN)),
      step('not-empty', close(BERT), keys(REGISTRAR)),
      { ...step('accepted', close(BERT), owner(BERT)), before: () => p.ok(keys(MERCHANT), release(BERT, held)) },
      step('account-closed', close(BERT), owner(BERT)),
      step('accepted', close(WARD), keys(REGISTRAR)),
    ]
  },
  'rotate-owner': () => [
    ...memberDoor(rotate),
    step('not-entitled', rotate(ANNA), owner(BERT)),
    step('not-entitled', rotate(ANNA), keys(REGISTRAR)),
    step('not-entitled', rotate(ANNA), recovery(ANNA, 0, 1)),
    step('not-entitled', rotate(WARD), keys(CUSTODIAN)),
    step('accepted', rotate(ANNA), owner(ANNA)),
    step('accepted', rotate(FROZEN), owner(FROZEN)),
  ],
  recover: p => {
    p.ok(recovery(ANNA, 0, 1), recover(ANNA))
    return [
      ...memberDoor(recover),
      step('not-entitled', recover(ANNA), owner(ANNA)),
      step('not-entitled', recover(ANNA), keys(REGISTRAR)),
      step('not-entitled', recover(ANNA), recovery(ANNA, 1)),
      step('not-entitled', recover(ANNA), recovery(BERT, 0, 1)),
      step('not-entitled', recover(WARD), recovery(ANNA, 0, 1)),
      step('recovery-state', recover(ANNA), recovery(ANNA, 0, 1)),
      step('accepted', recover(BERT), recovery(BERT, 0, 1)),
    ]
  },
  veto: p => {
    p.ok(recovery(BERT, 0, 1), recover(BERT))
    return [
      ...memberDoor(veto),
      step('not-entitled', veto(ANNA), keys(REGISTRAR)),
      step('not-entitled', veto(BERT), recovery(BERT, 0, 1)),
      step('recovery-state', veto(ANNA), owner(ANNA)),
      step('accepted', veto(BERT), owner(BERT)),
      step('recovery-state', veto(BERT), owner(BERT)),
    ]
  },
  'finish-recovery': p => {
    p.ok(recovery(ANNA, 0, 1), recover(ANNA))
    p.ok(recovery(BERT, 0, 1), recover(BERT))
    const due = START + HOUR
    return [
      ...memberDoor(finish),
      step('not-entitled', finish(FROZEN), owner(FROZEN)),
      step('not-entitled', finish(ANNA), recovery(ANNA, 0)),
      step('recovery-state', finish(FROZEN), keys(REGISTRAR)),
      step('not-due', finish(ANNA), recovery(ANNA, 0, 1)),
      { ...step('not-due', finish(ANNA), keys(REGISTRAR)), at: due - 1 },
      step('not-due', finish(ANNA), keys(REGISTRAR), 1),
      { ...step('not-due', finish(ANNA), keys(REGISTRAR), -1), at: due },
      step('accepted', finish(ANNA), recovery(ANNA, 0, 1)),
      step('recovery-state', finish(ANNA), keys(REGISTRAR)),
      step('accepted', finish(BERT), keys(REGISTRAR)),
    ]
  },
  grant: p => {
    for (let i = 0; i < 32; i++) p.ok(owner(ANNA), grant(ANNA))
    return [
      step('time-ahead', grant(NOBODY, COINS), OUTSIDER, 1001),
      step('time-behind', grant(NOBODY, COINS), OUTSIDER, -1001),
      ...[NOBODY, COINS, RULE, REVOKED].map(to => step('record-unknown', grant(NOBODY, to, 1))),
      ...memberDoor(account => grant(account, AUDITOR, 1)).slice(2),
      step('not-entitled', grant(ANNA, AUDITOR, START), owner(BERT)),
      step('not-entitled', grant(WARD, AUDITOR, START), keys(CUSTODIAN)),
      step('dates', grant(ANNA, AUDITOR, START), owner(ANNA)),
      step('grants-full', grant(ANNA, AUDITOR, START + 1), owner(ANNA)),
      step('accepted', grant(BERT, AUDITOR, START + 1), owner(BERT)),
    ]
  },
  withdraw: p => {
    const given = p.ok(owner(ANNA), grant(ANNA))
    return [
      ...memberDoor(withdraw),
      step('grant-unknown', withdraw(ANNA)),
      step('grant-unknown', withdraw(BERT, given)),
      step('not-entitled', withdraw(ANNA, given), owner(BERT)),
      step('not-entitled', withdraw(ANNA, given), keys(AUDITOR)),
      step('accepted', withdraw(ANNA, given), owner(ANNA)),
      step('grant-unknown', withdraw(ANNA, given), owner(ANNA)),
    ]
  },
  disclose: p => {
    const [given, short] = [p.ok(owner(ANNA), grant(ANNA)), p.ok(owner(ANNA), grant(ANNA, AUDITOR, START + 1))]
    const gone = p.ok(owner(ANNA), grant(ANNA))
    p.ok(owner(ANNA), withdraw(ANNA, gone))
    return [
      ...memberDoor(disclose),
      step('grant-unknown', disclose(ANNA)),
      step('grant-unknown', disclose(ANNA, gone)),
      step('grant-unknown', disclose(BERT, given)),
      { ...step('grant-unknown', disclose(ANNA, short)), at: START + 1 },
      step('not-entitled', disclose(ANNA, given), keys(AUDITOR)),
      step('not-entitled', disclose(ANNA, given), owner(ANNA)),
      step('accepted', disclose(ANNA, given), keys(OPERATOR)),
    ]
  },
  erase: () => [
    ...memberDoor(erase),
    step('not-entitled', erase(ANNA), owner(ANNA)),
    step('not-entitled', erase(ANNA), keys(REGISTRAR, TREASURER, ISSUER, MERCHANT)),
    step('accepted', erase(ANNA), keys(OPERATOR)),
  ],
  'open-account in custody, and with recovery keys': () => {
    const open = (custodian: number, unit: number): Draft => ({
      kind: 'open-account',
      accountKind: 'member',
      unit,
      custodian,
      recovery: { keys: [KEY], need: 1, delayMs: 0 },
      nonce: KEY,
    })
    return [
      step('time-ahead', open(NOBODY, RULE), OUTSIDER, 1001),
      step('time-behind', open(NOBODY, RULE), OUTSIDER, -1001),
      ...[NOBODY, COINS, AUDITOR, REVOKED].map(custodian => step('record-unknown', open(custodian, RULE))),
      step('unit-unknown', open(CUSTODIAN, RULE)),
      step('not-entitled', open(CUSTODIAN, GEMS), keys(CUSTODIAN, TREASURER)),
      step('no-custody', open(CUSTODIAN, GEMS), keys(REGISTRAR)),
      step('accepted', open(CUSTODIAN, COINS), keys(REGISTRAR)),
      // The new account is the last: its one recovery key starts and ends a recovery at once, without any delay.
      step('accepted', recover(15), recovery(15, 0)),
      step('accepted', finish(15), recovery(15, 0)),
      step('accepted', rotate(15), owner(15)),
    ]
  },
}
