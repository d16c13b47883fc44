import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OUTCOMES, type Outcome } from '../../src/core/entry/outcome.ts'
import type { Role } from '../../src/core/entry/transaction.ts'
import { AMOUNT_MAX } from '../../src/core/limits.ts'
import type { Draft } from '../world.ts'
import { ANNA, BERT, BUDGET, COINS, GEM_BUDGET, MERCHANT, ROOT, RULE, SHOP, TREASURER, TREASURY } from './commands.ts'
import { CONVERSION } from './ladders/conversion.ts'
import { HOLDERS } from './ladders/holders.ts'
import { climb, type Ladder, ladderProgramme, NOBODY, step } from './ladders/ladder.ts'
import { POINTS } from './ladders/points.ts'
import { REVERSALS } from './ladders/reversals.ts'
import { key, keys, owner, Programme } from './programme.ts'

const met = new Set<string>()

async function run(p: Programme, ladder: Ladder): Promise<void> {
  for (const outcome of climb(p, ladder(p))) met.add(outcome)
  await p.check()
}

describe('outcomes in order of precedence (SPEC §8)', () => {
  test.each(Object.entries({ ...POINTS, ...REVERSALS, ...CONVERSION, ...HOLDERS }))('%s', async (_, ladder) => {
    await run(ladderProgramme(), ladder)
  })
})

describe('two of the root keys (SPEC §7)', () => {
  const [SECOND, THIRD] = [11, 12]
  const register = (role: Role): Draft => ({ kind: 'register-key', key: key(4), role })
  const revoke = (record: number): Draft => ({ kind: 'revoke', record })

  /** Three root keys of which two must sign. While there is but one, it signs alone. */
  function threeRoots(): Programme {
    const p = new Programme({ roots: 2 })
    p.ok(keys(ROOT), register('root'))
    p.ok(keys(ROOT, SECOND), register('root'))
    return p
  }

  const both = keys(ROOT, SECOND)
  const others = keys(TREASURER, MERCHANT)
  const ROOT_KINDS: Readonly<Record<string, (name: string) => Draft>> = {
    'register-key': () => register('auditor'),
    'define-unit': name => ({ kind: 'define-unit', name, cap: 1 }),
    'publish-rule': name => ({ kind: 'publish-rule', name, digest: key(1) }),
    'publish-rate': name => ({ kind: 'publish-rate', name, unit: COINS, budget: GEM_BUDGET, give: 1, get: 5 }),
  }
  test.each(Object.entries(ROOT_KINDS))('%s takes two of three', async (kind, draft) => {
    const taken = { 'register-key': 'any', 'define-unit': 'coins', 'publish-rule': 'rule', 'publish-rate': 'rate' }
    const [again, fresh] = [draft(taken[kind as keyof typeof taken]), draft('fresh')]
    await run(threeRoots(), () => [
      step('time-ahead', again, others, 1001),
      step('time-behind', again, others, -1001),
      step('not-entitled', again, others),
      step('not-entitled', again, keys(THIRD)),
      ...(kind === 'register-key' ? [] : [step('name-taken', again, both)]),
      step('accepted', fresh, keys(SECOND, THIRD)),
      step('accepted', draft('other'), keys(ROOT, SECOND, THIRD)),
    ])
  })

  test('revoke takes two of three, and leaves two', async () => {
    await run(threeRoots(), () => [
      step('time-ahead', revoke(NOBODY), others, 1001),
      step('time-behind', revoke(NOBODY), others, -1001),
      step('record-unknown', revoke(NOBODY), keys(ROOT)),
      step('record-not-revocable', revoke(COINS), keys(ROOT)),
      step('not-entitled', revoke(THIRD), keys(ROOT)),
      step('not-entitled', revoke(THIRD), keys(THIRD, TREASURER)),
      step('accepted', revoke(THIRD), both),
      step('record-revoked', revoke(THIRD), keys(ROOT)),
      step('not-entitled', revoke(SECOND), keys(ROOT)),
      step('last-root', revoke(SECOND), both),
      step('accepted', revoke(RULE), both),
    ])
  })

  test('a root key that was revoked does not count', () => {
    const p = threeRoots()
    p.ok(both, revoke(THIRD))
    expect(p.submit(keys(ROOT, THIRD), p.entry(register('auditor')))).toBe('signer-revoked')
    expect(p.try(keys(ROOT), register('auditor'))).toBe('not-entitled')
    expect(p.try(both, register('auditor'))).toBe('accepted')
  })
})

describe('running totals end at 2^53 - 1 (SPEC §8)', () => {
  test('for issues, gifts, refunds and captures; a hold moves nothing', async () => {
    const p = new Programme({ coins: { cap: AMOUNT_MAX, giftEach: AMOUNT_MAX, giftDay: AMOUNT_MAX } })
    p.issue(20, {}, BERT)
    p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: AMOUNT_MAX - 1500 })
    // All that the budget will ever give is given, and Anna has room for 20 more.
    p.issue(AMOUNT_MAX - 20)
    const spent = p.ok(owner(ANNA), { kind: 'redeem', debit: ANNA, credit: SHOP, amount: 30 })
    const refund: Draft = { kind: 'reverse', debit: SHOP, credit: ANNA, amount: 21, original: spent }
    const gift: Draft = { kind: 'transfer', debit: BERT, credit: ANNA, amount: 1 }
    await run(p, () => [
      step('total-overflow', refund, keys(MERCHANT)),
      step('accepted', { ...refund, amount: 20 }, keys(MERCHANT)),
      step('total-overflow', gift, owner(BERT)),
      step('accepted', { kind: 'hold', debit: ANNA, credit: SHOP, amount: 100, until: 2 ** 48 - 1 }, owner(ANNA)),
      step('accepted', { kind: 'redeem', debit: ANNA, credit: TREASURY, amount: AMOUNT_MAX - 130 }, owner(ANNA)),
    ])
  })
})

/** Outcomes that no ladder ends at, and why: a test of their own in `outcomes.test.ts` does. */
const ASIDE: Readonly<Partial<Record<Outcome, string>>> = {
  exists: 'the same bytes again: there is nothing of the transaction to put right',
  'id-taken': 'the id is spent: no other transaction can put it right',
  'registry-full': 'takes 65,536 records',
  'accounts-full': 'takes 2^32 accounts',
}

test('every outcome is met by a ladder here or in outcomes.test.ts, or it says why not', () => {
  const text = readFileSync(new URL('./outcomes.test.ts', import.meta.url), 'utf8')
  const there = [...text.matchAll(/outcome: '([a-z-]+)'/g)].map(match => match[1]!)
  const laddered = new Set([...met, ...there])
  expect(OUTCOMES.filter(outcome => !laddered.has(outcome))).toEqual(Object.keys(ASIDE))
  for (const outcome of Object.keys(ASIDE)) expect(text).toContain(`'${outcome}'`)
})
