import type { Draft } from '../../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  COINS,
  CUSTODIAN,
  HOUR,
  ISSUER,
  key,
  MERCHANT,
  OPERATOR,
  REGISTRAR,
  ROOT,
  RULE,
  SHOP,
  START,
  TREASURER,
  WARD,
} from '../beginning.ts'
import { keys, owner, recovery } from '../rehearsal.ts'
import {
  AUDITOR,
  CLOSED,
  FROZEN,
  type Ladder,
  memberDoor,
  NO_ID,
  NOBODY,
  OTHER_MERCHANT,
  REVOKED,
  type Step,
  step,
  timeDoor,
} from './ladder.ts'

const KEY = key(5)
const freeze = (account: number): Draft => ({ kind: 'freeze', account })
const unfreeze = (account: number): Draft => ({ kind: 'unfreeze', account })
const close = (account: number): Draft => ({ kind: 'close', account })
const reopen = (account: number): Draft => ({ kind: 'reopen', account })
const recover = (account: number): Draft => ({ kind: 'recover', account, key: KEY })
const veto = (account: number): Draft => ({ kind: 'veto', account })
const finish = (account: number): Draft => ({ kind: 'finish-recovery', account })
const erase = (account: number): Draft => ({ kind: 'erase', account, details: KEY })
const release = (account: number, hold = NO_ID): Draft => ({ kind: 'release', account, hold })
const withdraw = (account: number, grant = NO_ID): Draft => ({ kind: 'withdraw', account, grant })
const disclose = (account: number, grant = NO_ID): Draft => ({ kind: 'disclose', account, grant, details: KEY })
const grant = (account: number, to = AUDITOR, until = 0): Draft => ({ kind: 'grant', account, to, until, terms: KEY })

const DELAY = HOUR
const FINISH = 30 * 24 * HOUR

/** Anyone who may do nothing is told so first; of those who may, the times. `others`: who may not, each alone. */
function ownDoor(draft: Draft, by: Step['by'], others: readonly Step['by'][]): Step[] {
  return [...others.map(other => step('not-entitled', draft, other)), ...timeDoor(draft, by)]
}

/** Kinds that change one member account. */
export const HOLDERS: Readonly<Record<string, Ladder>> = {
  release: p => {
    p.issue(100)
    const held = { kind: 'hold', debit: ANNA, credit: SHOP, amount: 50 } as const
    const stands = p.ok(owner(ANNA), { ...held, until: START + HOUR })
    const ended = p.ok(owner(ANNA), { ...held, until: START + 1 })
    const by = keys(OPERATOR)
    return [
      ...memberDoor(release, by),
      step('hold-unknown', release(ANNA), by),
      step('hold-unknown', release(BERT, stands), by),
      step('hold-unknown', release(ANNA), keys(OTHER_MERCHANT)),
      step('not-due', release(ANNA, stands), by),
      step('not-due', release(ANNA, ended), by, 1),
      { ...step('accepted', release(ANNA, ended), by, -1), at: START + 1 },
      step('hold-unknown', release(ANNA, ended), by),
      step('not-entitled', release(ANNA, stands), owner(ANNA)),
      step('not-entitled', release(ANNA, stands), keys(OTHER_MERCHANT)),
      step('accepted', release(ANNA, stands), keys(MERCHANT)),
    ]
  },
  freeze: () => {
    const by = keys(REGISTRAR)
    return [
      step('not-entitled', freeze(FROZEN), owner(FROZEN)),
      ...memberDoor(freeze, by),
      step('account-frozen', freeze(FROZEN), by),
      step('accepted', freeze(ANNA), by),
    ]
  },
  unfreeze: () => {
    const by = keys(REGISTRAR)
    return [
      step('not-entitled', unfreeze(FROZEN), owner(FROZEN)),
      ...memberDoor(unfreeze, by),
      step('not-frozen', unfreeze(ANNA), by),
      step('accepted', unfreeze(FROZEN), by),
      step('not-frozen', unfreeze(FROZEN), by),
    ]
  },
  close: p => {
    // Bert owes what is held of his: nothing in sum, and yet he is not done.
    const clawed = p.issue(50, {}, BERT)
    const held = p.ok(owner(BERT), { kind: 'hold', debit: BERT, credit: SHOP, amount: 50, until: START + HOUR })
    p.ok(keys(ISSUER), { kind: 'reverse', debit: BERT, credit: 1, amount: 50, original: clawed })
    const by = keys(REGISTRAR)
    return [
      step('not-entitled', close(FROZEN), owner(ANNA)),
      step('not-entitled', close(FROZEN), keys(OPERATOR, CUSTODIAN)),
      step('not-entitled', close(WARD), keys(CUSTODIAN)),
      ...memberDoor(close, by),
      step('not-empty', close(FROZEN), owner(FROZEN)),
      step('not-empty', close(BERT), by),
      { ...step('accepted', close(BERT), owner(BERT)), before: () => p.ok(keys(MERCHANT), release(BERT, held)) },
      step('account-closed', close(BERT), owner(BERT)),
      step('accepted', close(WARD), by),
    ]
  },
  reopen: p => {
    p.ok(keys(REGISTRAR), close(WARD))
    const by = keys(REGISTRAR)
    const left = p.issue(50, {}, BERT)
    const spent = p.ok(owner(BERT), { kind: 'redeem', debit: BERT, credit: SHOP, amount: 50 })
    p.ok(owner(BERT), close(BERT))
    const refund: Draft = { kind: 'reverse', debit: SHOP, credit: BERT, amount: 50, original: spent }
    return [
      step('not-entitled', reopen(CLOSED), owner(CLOSED)),
      step('not-entitled', reopen(WARD), keys(CUSTODIAN, OPERATOR)),
      ...memberDoor(reopen, by).filter(({ outcome }) => outcome !== 'account-closed'),
      step('not-closed', reopen(ANNA), by),
      step('not-closed', reopen(FROZEN), by),
      { ...step('accepted', reopen(BERT), by), before: () => p.try(keys(MERCHANT), refund) },
      step('not-closed', reopen(BERT), by),
      step('accepted', refund, keys(MERCHANT)),
      step('accepted', { kind: 'redeem', debit: BERT, credit: SHOP, amount: 50 }, owner(BERT)),
      step('accepted', { kind: 'reverse', debit: BERT, credit: BUDGET, amount: 50, original: left }, keys(ISSUER)),
      step('accepted', reopen(WARD), by),
      step('strands-accounts', { kind: 'revoke', record: CUSTODIAN }, keys(ROOT)),
    ]
  },
  recover: p => {
    p.ok(recovery(ANNA, 0, 1), recover(ANNA))
    const others = [owner(ANNA), keys(REGISTRAR), recovery(ANNA, 1), recovery(BERT, 0, 1)]
    const own: Draft = { kind: 'recover', account: BERT, key: key(8) }
    return [
      ...ownDoor(recover(ANNA), recovery(ANNA, 0, 1), others),
      step('recovery-state', recover(ANNA), recovery(ANNA, 0, 1)),
      { ...step('recovery-state', recover(ANNA), recovery(ANNA, 0, 1)), at: START + DELAY + FINISH },
      // What was begun and not finished is over.
      { ...step('accepted', recover(ANNA), recovery(ANNA, 0, 1), -1), at: START + DELAY + FINISH + 1 },
      step('recovery-state', own, recovery(BERT, 0, 1)),
      step('accepted', recover(BERT), recovery(BERT, 0, 1)),
      step('not-entitled', recover(WARD), recovery(ANNA, 0, 1)),
    ]
  },
  veto: p => {
    p.ok(recovery(BERT, 0, 1), recover(BERT))
    return [
      ...ownDoor(veto(ANNA), owner(ANNA), [keys(REGISTRAR), recovery(ANNA, 0, 1), owner(BERT)]),
      step('recovery-state', veto(ANNA), owner(ANNA)),
      step('accepted', veto(BERT), owner(BERT)),
      step('recovery-state', veto(BERT), owner(BERT)),
    ]
  },
  'veto of what is over': p => {
    p.ok(recovery(ANNA, 0, 1), recover(ANNA))
    p.ok(recovery(BERT, 0, 1), recover(BERT))
    return [
      { ...step('recovery-state', veto(FROZEN), owner(FROZEN)), at: START + DELAY + FINISH },
      step('accepted', veto(ANNA), owner(ANNA)),
      { ...step('recovery-state', veto(BERT), owner(BERT)), at: START + DELAY + FINISH + 1 },
    ]
  },
  'finish-recovery': p => {
    p.ok(recovery(ANNA, 0, 1), recover(ANNA))
    p.ok(recovery(BERT, 0, 1), recover(BERT))
    const by = keys(REGISTRAR)
    return [
      step('not-entitled', finish(FROZEN), owner(FROZEN)),
      step('not-entitled', finish(ANNA), recovery(ANNA, 0)),
      ...memberDoor(finish, by),
      step('recovery-state', finish(FROZEN), by),
      step('not-due', finish(ANNA), recovery(ANNA, 0, 1)),
      { ...step('not-due', finish(ANNA), by, 1), at: START + DELAY - 1 },
      { ...step('accepted', finish(ANNA), recovery(ANNA, 0, 1), -1), at: START + DELAY },
      step('recovery-state', finish(ANNA), by),
      { ...step('recovery-state', finish(BERT), by, -1), at: START + DELAY + FINISH + 1 },
    ]
  },
  'finish-recovery at the last moment': p => {
    p.ok(recovery(BERT, 0, 1), recover(BERT))
    return [
      { ...step('recovery-state', finish(ANNA), keys(REGISTRAR)), at: START + DELAY + FINISH },
      step('accepted', finish(BERT), keys(REGISTRAR), 1),
    ]
  },
  grant: p => {
    for (let i = 0; i < 32; i++) p.ok(owner(ANNA), grant(ANNA))
    const by = owner(ANNA)
    return [
      ...ownDoor(grant(ANNA, NOBODY, START), by, [owner(BERT)]),
      ...[NOBODY, COINS, RULE, REVOKED].map(to => step('record-unknown', grant(ANNA, to, START), by)),
      step('dates', grant(ANNA, AUDITOR, START), by, -1),
      step('grants-full', grant(ANNA, AUDITOR, START + 1), by, 1),
      step('accepted', grant(BERT, AUDITOR, START + 1), owner(BERT)),
      step('accepted', grant(BERT, 0, 0), owner(BERT)),
      // The unit lets no custodian do that.
      step('not-entitled', grant(WARD, AUDITOR, 0), keys(CUSTODIAN)),
    ]
  },
  withdraw: p => {
    const given = p.ok(owner(ANNA), grant(ANNA))
    return [
      ...ownDoor(withdraw(ANNA), owner(ANNA), [owner(BERT), keys(AUDITOR)]),
      step('grant-unknown', withdraw(ANNA), owner(ANNA)),
      step('grant-unknown', withdraw(BERT, given), owner(BERT)),
      step('accepted', withdraw(ANNA, given), owner(ANNA)),
      step('grant-unknown', withdraw(ANNA, given), owner(ANNA)),
    ]
  },
  disclose: p => {
    const [given, short] = [p.ok(owner(ANNA), grant(ANNA)), p.ok(owner(ANNA), grant(ANNA, AUDITOR, START + 1))]
    const gone = p.ok(owner(ANNA), grant(ANNA))
    p.ok(owner(ANNA), withdraw(ANNA, gone))
    const by = keys(OPERATOR)
    return [
      step('not-entitled', disclose(ANNA, given), owner(ANNA)),
      ...memberDoor(disclose, by),
      step('grant-unknown', disclose(ANNA), by),
      step('grant-unknown', disclose(ANNA, gone), by),
      step('grant-unknown', disclose(BERT, given), by),
      step('accepted', disclose(ANNA, short), by, 1),
      { ...step('grant-unknown', disclose(ANNA, short), by, -1), at: START + 1 },
      step('accepted', disclose(ANNA, given), by),
    ]
  },
  erase: () => [
    step('not-entitled', erase(ANNA), owner(ANNA)),
    step('not-entitled', erase(ANNA), keys(REGISTRAR, TREASURER, ISSUER, MERCHANT)),
    ...memberDoor(erase, keys(OPERATOR)),
    step('accepted', erase(ANNA), keys(OPERATOR)),
  ],
}
