import { describe, expect, test } from 'vitest'
import { makeId } from '../../src/core/entry/id.ts'
import { encodeTransaction } from '../../src/core/entry/transaction.ts'
import { type Draft, fromDraft } from '../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  CUSTODIAN,
  genesisDraft,
  ISSUER,
  key,
  NEXT_RECORD,
  REGISTRAR,
  ROOT,
  RULE,
  SERIES,
  SHOP,
  SKEW,
  START,
  TREASURER,
  TREASURY,
  WARD,
} from './beginning.ts'
import { Driver } from './driver.ts'
import type { NaiveSigner } from './naive/index.ts'
import { CAP_PLAYS } from './plays/caps.ts'
import { keys, owner, Programme, recovery } from './programme.ts'

const redeem = (amount: number, debit = ANNA): Draft => ({ kind: 'redeem', debit, credit: TREASURY, amount })
const rule = (name: string): Draft => ({ kind: 'publish-rule', name, digest: key(1), budgets: [BUDGET] })
const ID = makeId(START, new Uint8Array(10).fill(7))
const under = (draft: Draft, id = ID) => encodeTransaction(fromDraft(draft, id))

describe('ids (SPEC §7)', () => {
  test('exists and id-taken come before everything, also before the time', () => {
    const p = new Programme()
    p.issue(100)
    expect(p.submit(owner(ANNA), under(redeem(101)))).toEqual(['insufficient'])
    p.time = START + 10 * SKEW
    const fresh = p.entry(redeem(1))
    // Nor does it matter who asks.
    expect(p.submit(owner(BERT), under(redeem(101)), under(redeem(1)), fresh)).toEqual([
      'exists',
      'id-taken',
      'not-entitled',
    ])
    expect(p.submit(owner(ANNA), fresh, under(redeem(101)))).toEqual(['accepted', 'exists'])
    expect(p.submit(owner(ANNA), fresh, under(redeem(101)))).toBeUndefined()
    // One batch can meet its own ids.
    const twice = p.entry(redeem(1))
    expect(p.submit(owner(ANNA), twice, twice)).toEqual(['accepted', 'exists'])
  })

  test('an id of a group that is undone is used, where somebody was entitled to it', () => {
    const p = new Programme()
    const [hers, his] = [p.entry(redeem(1)), p.entry(redeem(1, BERT))]
    const entries = [p.entry(redeem(2)), hers, his]
    expect(p.submitGrouped(owner(ANNA), [{ first: 0, count: 3 }], ...entries)).toEqual([
      'insufficient',
      'group-undone',
      'not-entitled',
    ])
    p.issue(10)
    expect(p.submit(owner(ANNA), hers, p.entry(redeem(1)))).toEqual(['exists', 'accepted'])
    expect(p.submit(owner(BERT), his)).toEqual(['insufficient'])
  })

  test('a transaction is compared with the one that used its id, whatever came between', () => {
    const p = new Programme()
    p.issue(100)
    const [first, other] = [under(redeem(1)), under(redeem(2))]
    expect(p.submit(owner(ANNA), first, other, other, first)).toEqual(['accepted', 'id-taken', 'id-taken', 'exists'])
    expect(p.submit(owner(ANNA), other)).toEqual(['id-taken'])
    expect(p.submit(owner(ANNA), other, first)).toEqual(['id-taken', 'exists'])
    expect(p.submit(owner(ANNA), first)).toBeUndefined()
  })

  test('a stranger burns nothing, with the same bytes or with others', () => {
    const p = new Programme()
    p.issue(100)
    const mine = under(redeem(40))
    for (const [by, bytes] of [
      [owner(BERT), mine],
      [keys(ISSUER, TREASURER, REGISTRAR), mine],
      [keys(CUSTODIAN), mine],
      [recovery(ANNA, 0, 1), mine],
      [owner(BERT), under(redeem(1))],
      [owner(BERT), under({ kind: 'close', account: ANNA })],
      [keys(TREASURER), under(rule('x'))],
    ] as const) {
      expect(p.submit(by, bytes)).toEqual(['not-entitled'])
      expect(p.submit(by, bytes, bytes)).toEqual(['not-entitled', 'not-entitled'])
    }
    expect(
      p.submit([...keys(ISSUER), ...owner(ANNA)], under(redeem(40), makeId(START, new Uint8Array(10))), mine),
    ).toEqual(['accepted', 'accepted'])
    expect(p.submit(owner(BERT), mine)).toBeUndefined()
    expect(p.balance(ANNA)).toBe(20)
  })

  test('a refusal of somebody who was entitled is final, whatever the reason', async () => {
    const p = new Programme()
    const early = makeId(START + SKEW + 1, new Uint8Array(10))
    const late = makeId(START - SKEW - 1, new Uint8Array(10))
    const refused: [string, Draft, Uint8Array][] = [
      ['time-ahead', redeem(1), early],
      ['time-behind', redeem(1), late],
      ['insufficient', redeem(1), ID],
    ]
    for (const [outcome, draft, id] of refused) expect(p.submit(owner(ANNA), under(draft, id))).toEqual([outcome])
    p.issue(100)
    p.time = START + SKEW + 1
    for (const [, draft, id] of refused) expect(p.submit(owner(ANNA), under(draft, id))).toBeUndefined()
    for (const [, , id] of refused) expect(p.submit(owner(ANNA), under(redeem(2), id))).toEqual(['id-taken'])
    expect(p.balance(ANNA)).toBe(100)
    await p.check()
  })

  test('an id that an entitled signer uses within a batch is used for the transactions after it', () => {
    const p = new Programme()
    p.issue(100)
    const set: Draft = { kind: 'set-custody', account: ANNA, owner: key(5), custodian: null }
    const list = [redeem(10), set, redeem(10)].map(draft => p.entry(draft))
    expect(p.submit(owner(ANNA), ...list)).toEqual(['accepted', 'accepted', 'not-entitled'])
    // The new owner takes what the old one was not entitled to any more.
    expect(p.submit(owner(ANNA), list[2]!)).toEqual(['accepted'])
  })

  test('in one batch, too, an id is used by the first that somebody was entitled to', () => {
    const p = new Programme()
    p.issue(100, {}, WARD)
    const other = p.custodianKey(21)
    const set: Draft = { kind: 'set-custody', account: WARD, owner: null, custodian: p.custodian(other) }
    p.ok(keys(CUSTODIAN), redeem(1, WARD))
    const [mine, taken] = [under(redeem(10, WARD)), under(redeem(20, WARD))]
    const moved = p.entry(set)
    // Who comes by `moved` is entitled from there on.
    p.ok(keys(other, CUSTODIAN), set)
    const back: Draft = { ...set, custodian: p.custodian(CUSTODIAN) }
    expect(p.submit(keys(CUSTODIAN), mine, taken)).toEqual(['not-entitled', 'not-entitled'])
    expect(p.submit(keys(CUSTODIAN, other), p.entry(back), mine, taken, mine)).toEqual([
      'accepted',
      'accepted',
      'id-taken',
      'exists',
    ])
    expect(p.submit(keys(other, CUSTODIAN), moved)).toEqual(['accepted'])
    const id = makeId(START, new Uint8Array(10).fill(9))
    const draft: Draft = { kind: 'set-custody', account: WARD, owner: key(3), custodian: null }
    const hers = [under(redeem(1, WARD), id), under(redeem(2, WARD), id)]
    const list = [p.entry(draft), ...hers, p.entry({ ...redeem(3, ANNA) } as Draft)]
    expect(p.submit(keys(other), ...list)).toEqual(['accepted', 'not-entitled', 'not-entitled', 'not-entitled'])
    expect(p.submit(owner(WARD), hers[1]!, hers[0]!, hers[1]!)).toEqual(['accepted', 'id-taken', 'exists'])
  })

  test('an id names the entry that used it', () => {
    const p = new Programme()
    const issue = (amount: number): Draft => ({ kind: 'issue', debit: BUDGET, credit: ANNA, amount })
    const back = (amount: number): Draft => ({ kind: 'reverse', debit: ANNA, credit: BUDGET, amount, original: ID })
    expect(p.submit(keys(TREASURER), under(issue(70)))).toEqual(['not-entitled'])
    expect(p.try(keys(ISSUER), back(1))).toBe('original-unknown')
    expect(p.submit(keys(ISSUER), under(issue(30)), under(issue(70)))).toEqual(['accepted', 'id-taken'])
    expect(p.try(keys(ISSUER), back(31))).toBe('over-original')
    expect(p.try(keys(ISSUER), back(30))).toBe('accepted')
  })
})

describe('bounds of a ledger', () => {
  test('a record more than there may be is refused', () => {
    const p = new Programme()
    const { registry } = p.driver.ledger.state
    // Forced: a million real ones would take minutes.
    Object.defineProperty(registry.records, 'length', { value: 2 ** 20 })
    const outcomes = [rule('x'), { kind: 'set-budget', account: BUDGET } as Draft].map(draft =>
      p.driver.submit(keys(ROOT, TREASURER), [p.entry(draft)], p.time),
    )
    expect(outcomes).toEqual([['registry-full'], ['registry-full']])
  })

  test('an account more than there may be is refused', () => {
    const p = new Programme()
    // Forced: four thousand million real ones would take a day.
    Object.defineProperty(p.driver.ledger.state.accounts, 'count', { get: () => 2 ** 32 })
    expect(p.driver.submit(keys(REGISTRAR), [p.entry(p.opening(1))], p.time)).toEqual(['accounts-full'])
  })

  test('a series has so many claims and no more', () => {
    const p = new Programme()
    p.issue(10)
    // Forced: four thousand million real ones would take a day.
    Object.defineProperty(p.driver.ledger.state.accounts.series, 'count', { value: () => 2 ** 32 })
    const claim: Draft = { kind: 'claim', debit: ANNA, credit: TREASURY, amount: 1, series: SERIES, ref: null }
    expect(p.driver.submit(owner(ANNA), [p.entry(claim)], p.time)).toEqual(['series-full'])
  })

  test('a log goes on from where it says, and nowhere else', () => {
    const p = new Programme()
    const next = { origin: 'model/1', logKey: key(201) }
    expect(p.goOn(keys(ROOT), { ...next, root: key(9) })).toBe('log-mismatch')
    expect(p.goOn(keys(ROOT), next)).toBe('accepted')
    expect(p.goOn(keys(ROOT), next)).toBe('log-mismatch')
  })

  test('a refused transaction changes nothing, and later positions see what earlier ones did', () => {
    const p = new Programme()
    p.issue(100)
    const before = p.driver.ledger.state.accounts.get(ANNA)
    const list = [100, 1, 100].map(amount => p.entry(redeem(amount)))
    expect(p.submit(owner(ANNA), ...list)).toEqual(['accepted', 'insufficient', 'insufficient'])
    expect(p.driver.ledger.state.accounts.get(ANNA).entries).toBe(before.entries + 1)
    expect(p.balance(ANNA)).toBe(0)
  })
})

describe('batches refused whole (SPEC §7)', () => {
  test.each<[string, NaiveSigner[], Draft]>([
    ['signer-unknown', [{ record: RULE }], rule('x')],
    ['signer-unknown', [{ record: 99 }], rule('x')],
    ['signer-unknown', [{ record: 2 ** 20 - 1 }], rule('x')],
    ['signer-unknown', [{ account: 99 }], rule('x')],
    ['signer-unknown', [{ account: BUDGET }], rule('x')],
    ['signer-unknown', [{ account: SHOP, recovery: 0 }], rule('x')],
    ['signer-unknown', [{ account: WARD }], rule('x')],
    ['signer-unknown', [{ account: ANNA, recovery: 2 }], rule('x')],
    ['signer-unknown', [{ record: NEXT_RECORD }, { account: BUDGET }], rule('x')],
    ['signer-revoked', [{ record: ROOT }, { record: NEXT_RECORD }], rule('x')],
    ['batch-genesis', [{ record: 99 }], genesisDraft()],
  ])('%s: %j', (code, signers, draft) => {
    const p = new Programme()
    p.ok(keys(ROOT), { kind: 'register-key', key: key(1), role: 'auditor' })
    p.ok(keys(ROOT), { kind: 'revoke', record: NEXT_RECORD })
    const { size } = p.driver.ledger
    expect(p.submit(signers, p.entry(draft))).toBe(code)
    expect(p.driver.ledger.size).toBe(size)
  })

  test('a key is good for batches after the one that registers it, up to and including the one that revokes it', () => {
    const p = new Programme()
    const register: Draft = { kind: 'register-key', key: key(1), role: 'treasurer' }
    const fund: Draft = { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 1 }
    expect(p.submit(keys(ROOT, NEXT_RECORD), p.entry(register), p.entry(fund))).toBe('signer-unknown')
    expect(p.submit(keys(ROOT), p.entry(register), p.entry(fund))).toEqual(['accepted', 'not-entitled'])
    const revoke: Draft = { kind: 'revoke', record: NEXT_RECORD }
    const list = [fund, revoke, fund].map(draft => p.entry(draft))
    expect(p.submit(keys(ROOT, NEXT_RECORD), ...list)).toEqual(['accepted', 'accepted', 'accepted'])
    expect(p.submit(keys(NEXT_RECORD), p.entry(fund))).toBe('signer-revoked')
  })

  test('the first batch is genesis alone', () => {
    const genesis = under(genesisDraft())
    const first = (signers: NaiveSigner[], ...list: Uint8Array[]) => new Driver().submit(signers, list, START)
    expect(first([{ record: 0 }], under(rule('x')))).toBe('batch-genesis')
    expect(first([{ record: 0 }], genesis, under(rule('x')))).toBe('batch-genesis')
    expect(first([{ account: 0 }], genesis)).toBe('signer-unknown')
    expect(first([{ record: 0 }], genesis)).toEqual(['accepted'])
    // Of all transactions it alone is measured by no clock.
    expect(new Driver().submit([{ record: 3 }], [genesis], START + 2 ** 40)).toEqual(['accepted'])
  })
})

test('stories meet what takes a unit or a budget of its own', () => {
  const met = new Set<string>()
  for (const { wanted, tell } of Object.values(CAP_PLAYS)) {
    const p = new Programme(wanted)
    tell(p)
    for (const { outcomes } of p.told) for (const outcome of outcomes ?? []) met.add(outcome)
  }
  for (const outcome of ['rule-early', 'over-budget-cap', 'over-balance-max']) expect(met).toContain(outcome)
})
