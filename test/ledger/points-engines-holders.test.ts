import { describe, expect } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import type { Draft } from '../world.ts'
import {
  ANNA,
  ANNAS_GEMS,
  BERT,
  BUDGET,
  CUSTODIAN,
  GEM_BUDGET,
  GEMS,
  HOUR,
  ISSUER,
  key,
  MERCHANT,
  OPERATOR,
  Q,
  QUARTER,
  RATE,
  REGISTRAR,
  ROOT,
  START,
  TREASURER,
  TREASURY,
  WARD,
} from './beginning.ts'
import { keys, owner, recovery } from './programme.ts'
import { capture, clawBack, convert, expire, gift, hold, never, redeem, refund, release } from './stories.ts'

describe('points that are not there yet, or belong elsewhere', () => {
  never('are not spent, held, given or converted while they are pending', p => {
    p.issue(100, { matures: Q + 1, expires: Q + 9 })
    expect(p.shares(ANNA)).toEqual({ available: 0, pending: 100, held: 0, overdue: 0 })
    for (const draft of [redeem(1), hold(1), gift(1, { matures: Q + 1, expires: Q + 9 }), convert(2)])
      expect(p.try(owner(ANNA), draft), draft.kind).toBe('insufficient')
    p.time = START + QUARTER
    expect(p.try(owner(ANNA), redeem(1))).toBe('accepted')
  })

  never('do not get a later expiry by being given away', p => {
    p.issue(20, { expires: Q + 1 })
    for (const dates of [{}, { expires: Q + 2 }, { matures: Q, expires: Q + 1 }])
      expect(p.try(owner(ANNA), gift(10, dates))).toBe('insufficient')
    p.ok(owner(ANNA), gift(10, { expires: Q + 1 }))
    expect(p.lots(BERT)).toEqual([[0, Q + 1, 10]])
    p.time = START + QUARTER
    expect(p.try(owner(BERT), redeem(10, BERT))).toBe('insufficient')
  })

  never('are not taken back as a purchase when they were given', p => {
    p.issue(20)
    const given = p.ok(owner(ANNA), gift(20))
    const undo: Draft = { kind: 'reverse', debit: BERT, credit: ANNA, amount: 20, original: given }
    for (const by of [keys(ISSUER, MERCHANT), owner(ANNA)]) expect(p.try(by, undo)).toBe('not-entitled')
    expect(p.try(keys(TREASURER), undo)).toBe('original-unknown')
  })

  never('do not come from a budget beyond what is in it, not even within one batch', p => {
    p.issue(1400, {}, BERT)
    const list = [60, 60, 40, 1].map(amount => p.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount }))
    expect(p.submit(keys(ISSUER), ...list)).toEqual(['accepted', 'insufficient', 'accepted', 'insufficient'])
    expect(p.balance(BUDGET)).toBe(0)
  })

  never('do not come again under a member’s cap because some were taken back', p => {
    p.ok(keys(TREASURER), { kind: 'set-budget', account: BUDGET, memberTotal: 50 })
    p.ok(keys(ISSUER), clawBack(50, p.issue(50)))
    expect(p.try(keys(ISSUER), { kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 })).toBe('over-member-cap')
  })
})

describe('a clawback', () => {
  never('does not leave a debt beside points that come: the next credit, of whatever kind, pays it first', p => {
    const issued = p.issue(25)
    const spent = p.ok(owner(ANNA), redeem(25))
    p.ok(keys(ISSUER), clawBack(25, issued))
    expect(p.shares(ANNA)).toEqual({ available: -25, pending: 0, held: 0, overdue: 0 })
    p.issue(10, { matures: Q + 5, expires: Q + 9 })
    expect(p.lots(ANNA)).toEqual([])
    expect(p.balance(ANNA)).toBe(-15)
    p.issue(20, {}, BERT)
    p.ok(owner(BERT), { kind: 'transfer', debit: BERT, credit: ANNA, amount: 6 })
    expect(p.balance(ANNA)).toBe(-9)
    p.ok(keys(MERCHANT), refund(4, spent))
    expect(p.try(owner(ANNA), redeem(1))).toBe('insufficient')
    p.issue(8, { expires: Q + 9 })
    expect(p.lots(ANNA)).toEqual([[0, Q + 9, 3]])
    expect(p.shares(ANNA)).toEqual({ available: 3, pending: 0, held: 0, overdue: 0 })
  })

  never('does not touch points that are held', p => {
    const issued = p.issue(100, { expires: Q + 9 })
    const held = p.ok(owner(ANNA), hold(80))
    expect(p.try(keys(ISSUER), clawBack(46, issued))).toBe('insufficient')
    p.ok(keys(ISSUER), clawBack(45, issued))
    expect(p.shares(ANNA)).toEqual({ available: -25, pending: 0, held: 80, overdue: 0 })
    p.ok(keys(MERCHANT), release(held))
    expect(p.lots(ANNA)).toEqual([[0, Q + 9, 55]])
    p.ok(keys(ISSUER), clawBack(55, issued))
    expect(p.balance(ANNA)).toBe(0)
  })

  never('does not take other points while its own are there, and takes pending ones too', p => {
    p.issue(30, { expires: Q + 2 })
    const issued = p.issue(30, { matures: Q + 1, expires: Q + 3 })
    p.ok(keys(ISSUER), clawBack(30, issued))
    expect(p.lots(ANNA)).toEqual([[0, Q + 2, 30]])
  })

  never('does not take points that expired, or are about to be', p => {
    const issued = p.issue(30, { expires: Q + 1 })
    p.issue(30)
    p.time = START + QUARTER
    expect(p.try(keys(ISSUER), clawBack(1, issued))).toBe('dates')
    p.ok(keys(OPERATOR), expire(30))
    expect(p.try(keys(ISSUER), clawBack(1, issued))).toBe('dates')
    expect(p.balance(ANNA)).toBe(30)
  })

  never('does not follow points to whom they were given', p => {
    const issued = p.issue(20, { expires: Q + 2 })
    p.ok(owner(ANNA), gift(20, { expires: Q + 2 }))
    expect(p.try(keys(ISSUER), { ...clawBack(20, issued), debit: BERT } as Draft)).toBe('original-unknown')
    p.ok(keys(ISSUER), clawBack(20, issued))
    expect([p.balance(ANNA), p.balance(BERT)]).toEqual([-20, 20])
  })

  never('is not escaped by closing the account while points past their time hide the debt', p => {
    p.issue(20, { expires: Q + 1 })
    const issued = p.issue(20)
    p.time = START + QUARTER
    p.ok(owner(ANNA), redeem(20))
    p.ok(keys(ISSUER), clawBack(20, issued))
    expect(p.balance(ANNA)).toBe(0)
    expect(p.shares(ANNA)).toEqual({ available: -20, pending: 0, held: 0, overdue: 20 })
    expect(p.try(owner(ANNA), { kind: 'close', account: ANNA })).toBe('not-empty')
    // Nor could what is due ever be expired: the operator would try for good.
    p.ok(keys(OPERATOR), expire(20))
    expect(p.balance(ANNA)).toBe(-20)
  })
})

describe('a key', () => {
  const rotate = (n: number, account = ANNA): Draft => {
    return { kind: 'set-custody', account, owner: key(n), custodian: null }
  }
  const recover: Draft = { kind: 'recover', account: ANNA, key: key(5) }
  const veto: Draft = { kind: 'veto', account: ANNA }
  const finish: Draft = { kind: 'finish-recovery', account: ANNA }
  const both = recovery(ANNA, 0, 1)

  never('that was rotated away does not spend any more, not even behind it in the same batch', p => {
    p.issue(100)
    const list = [redeem(10), rotate(5), redeem(10), rotate(1), redeem(10)].map(draft => p.entry(draft))
    expect(p.submit(owner(ANNA), ...list)).toEqual([
      'accepted',
      'accepted',
      'not-entitled',
      'not-entitled',
      'not-entitled',
    ])
    expect(p.try(owner(ANNA), redeem(10))).toBe('accepted')
  })

  never('that was not rotated away is not lost: a refused rotation, or one to itself, changes nothing', p => {
    p.issue(100)
    const list = [rotate(5, BERT), redeem(10), rotate(1), redeem(10)].map(draft => p.entry(draft))
    expect(p.submit(owner(ANNA), ...list)).toEqual(['not-entitled', 'accepted', 'accepted', 'accepted'])
  })

  never('does not come by a recovery that was vetoed', p => {
    p.ok(both, recover)
    p.time = START + HOUR - 1
    p.ok(owner(ANNA), veto)
    p.time = START + 9 * HOUR
    expect(p.try(both, finish)).toBe('recovery-state')
    expect(p.try(keys(REGISTRAR), finish)).toBe('recovery-state')
    expect(p.naive.accounts[ANNA]!.owner).toBe(toHex(key(1)))
    // Nor does the veto save the delay: anyone who begins again waits again.
    p.ok(both, recover)
    expect(p.try(both, finish)).toBe('not-due')
  })

  never('does not come by a recovery that the owner ended with a rotation', p => {
    p.ok(both, recover)
    p.ok(owner(ANNA), rotate(6))
    p.time = START + 9 * HOUR
    expect(p.try(both, finish)).toBe('recovery-state')
  })

  never('that a recovery replaced does not spend behind it in the same batch', p => {
    p.issue(100)
    p.ok(both, recover)
    p.time = START + HOUR
    const list = [redeem(10), finish, redeem(10), veto].map(draft => p.entry(draft))
    expect(p.submit([...keys(REGISTRAR), ...owner(ANNA)], ...list)).toEqual([
      'accepted',
      'accepted',
      'not-entitled',
      'not-entitled',
    ])
  })

  never('of recovery does not spend by itself, nor shorten the delay by a fast clock', p => {
    p.issue(100)
    expect(p.try(both, redeem(1))).toBe('not-entitled')
    expect(p.try(both, rotate(5))).toBe('not-entitled')
    p.ok(both, recover)
    p.time = START + HOUR - 1
    expect(p.try(both, finish, 1)).toBe('not-due')
  })

  never('that was revoked does not sign for what it could before', p => {
    p.issue(1)
    p.ok(keys(ROOT), { kind: 'revoke', record: ISSUER }, { kind: 'revoke', record: CUSTODIAN, strand: 1 })
    expect(p.submit(keys(ISSUER), p.entry({ kind: 'issue', debit: BUDGET, credit: ANNA, amount: 1 }))).toBe(
      'signer-revoked',
    )
    expect(p.submit(keys(CUSTODIAN), p.entry(redeem(1, WARD)))).toBe('signer-revoked')
  })

  never('does not spend from a frozen account; what it set aside before, and what comes, still goes its way', p => {
    p.issue(100)
    const [first, second] = [p.ok(owner(ANNA), hold(10)), p.ok(owner(ANNA), hold(10))]
    p.ok(keys(REGISTRAR), { kind: 'freeze', account: ANNA })
    for (const draft of [redeem(1), hold(1), gift(1), convert(2)])
      expect(p.try(owner(ANNA), draft), draft.kind).toBe('account-frozen')
    p.issue(5)
    p.ok(keys(MERCHANT), capture(10, first), release(second))
    p.ok(keys(REGISTRAR), { kind: 'unfreeze', account: ANNA })
    expect(p.try(owner(ANNA), redeem(95))).toBe('accepted')
  })
})

describe('a conversion', () => {
  never('is not made at a rate that was revoked, nor behind its revocation in the same batch', p => {
    p.issue(100)
    const list = [convert(2), { kind: 'revoke', record: RATE } as const, convert(2)].map(draft => p.entry(draft))
    expect(p.submit([...keys(ROOT), ...owner(ANNA)], ...list)).toEqual(['accepted', 'accepted', 'rule-unknown'])
    expect(p.try(owner(ANNA), convert(2))).toBe('rule-unknown')
    expect([p.balance(ANNA), p.balance(ANNAS_GEMS)]).toEqual([98, 5])
  })

  never('is not rounded, to nobody’s gain', p => {
    p.issue(100)
    for (const [amount, gained] of [
      [3, 5],
      [2, 10],
      [4, 5],
      [1, 5],
    ] as const)
      expect(p.try(owner(ANNA), { ...convert(2), amount, gained } as Draft)).toBe('rate-mismatch')
    p.ok(owner(ANNA), convert(6))
    expect(p.balance(ANNAS_GEMS)).toBe(15)
  })

  never('does not pass points on to another member', p => {
    p.issue(100)
    const berts = p.member(2, GEMS)
    expect(p.try(owner(ANNA), { ...convert(2), account: berts } as Draft)).toBe('rate-mismatch')
    expect(p.try(owner(ANNA, berts), { ...convert(2), account: berts } as Draft)).toBe('rate-mismatch')
    // Once Anna's coins have another owner, they are not hers to convert into her gems either.
    p.ok(owner(ANNA), { kind: 'set-custody', account: ANNA, owner: key(2), custodian: null })
    expect(p.try(owner(ANNA), convert(2))).toBe('rate-mismatch')
    expect(p.try(owner(ANNA), { ...convert(2), account: berts } as Draft)).toBe('accepted')
  })

  never('does not live longer than the rate says, and is not undone by a reversal', p => {
    p.issue(100)
    for (const expires of [0, Q + 1, Q + 3]) expect(p.try(owner(ANNA), convert(2, expires))).toBe('rate-mismatch')
    const original = p.ok(owner(ANNA), convert(2))
    expect(p.lots(ANNAS_GEMS)).toEqual([[0, Q + 2, 5]])
    const undo: Draft = { kind: 'reverse', debit: TREASURY, credit: ANNA, amount: 2, original }
    expect(p.try(keys(MERCHANT, ISSUER), undo)).toBe('original-unknown')
    p.time = START + 2 * QUARTER
    expect(p.shares(ANNAS_GEMS)).toEqual({ available: 0, pending: 0, held: 0, overdue: 5 })
  })

  never('does not take more from the budget than is in it, and then takes nothing from the member', p => {
    p.issue(200)
    expect(p.try(owner(ANNA), convert(122))).toBe('insufficient')
    expect(p.balance(ANNA)).toBe(200)
    p.ok(owner(ANNA), convert(120))
    expect([p.balance(ANNA), p.balance(ANNAS_GEMS), p.balance(GEM_BUDGET)]).toEqual([80, 300, 0])
  })
})
