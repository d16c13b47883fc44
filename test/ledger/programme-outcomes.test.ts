import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { OUTCOMES, type Outcome } from '../../src/core/entry/outcome.ts'
import type { Role } from '../../src/core/entry/transaction.ts'
import { AMOUNT_MAX } from '../../src/core/limits.ts'
import type { Draft } from '../world.ts'
import {
  ANNA,
  BERT,
  BUDGET,
  COINS,
  GEM_BUDGET,
  ISSUER,
  key,
  MERCHANT,
  NEXT_RECORD,
  ROOT,
  ROOT_2,
  ROOT_3,
  ROOT_4,
  RULE,
  SHOP,
  TREASURER,
  TREASURY,
} from './beginning.ts'
import { climb, type Ladder, NOBODY, onLadder, step, timeDoor } from './ladders/ladder.ts'
import { LADDERS } from './ladders/ladders.ts'
import { PLAYS } from './plays/plays.ts'
import { keys, owner, Programme } from './programme.ts'

const met = new Set<string>()

async function run(p: Programme, ladder: Ladder): Promise<void> {
  for (const outcome of climb(p, ladder(p))) met.add(outcome)
  await p.check()
}

describe('outcomes in order of precedence (SPEC §8)', () => {
  test.each(Object.entries(LADDERS))('%s', async (_, ladder) => {
    await run(
      onLadder(wanted => new Programme(wanted)),
      ladder,
    )
  })
})

describe('plays', () => {
  test.each(Object.entries(PLAYS))('%s', async (_, { wanted, begun, tell }) => {
    const p = new Programme(wanted, begun)
    tell(p)
    await p.check()
  })
})

describe('two of the root keys (SPEC §7)', () => {
  const register = (role: Role, n = 4): Draft => ({ kind: 'register-key', key: key(n), role })
  const revoke = (record: number): Draft => ({ kind: 'revoke', record })
  const twoOfFour = () => new Programme({ need: 2 })
  const both = keys(ROOT, ROOT_2)
  const others = keys(TREASURER, MERCHANT)

  const ROOT_KINDS: Readonly<Record<string, (name: string) => Draft>> = {
    'register-key': () => register('auditor'),
    'define-unit': name => ({ kind: 'define-unit', name, cap: 1 }),
    'publish-rule': name => ({ kind: 'publish-rule', name, digest: key(1), budgets: [BUDGET] }),
    'publish-rate': name => ({ kind: 'publish-rate', name, unit: COINS, budget: GEM_BUDGET, give: 1, get: 5 }),
  }
  test.each(Object.entries(ROOT_KINDS))('%s takes two of four', async (kind, draft) => {
    const taken = { 'register-key': 'any', 'define-unit': 'coins', 'publish-rule': 'rule', 'publish-rate': 'rate' }
    const [again, fresh] = [draft(taken[kind as keyof typeof taken]), draft('fresh')]
    await run(twoOfFour(), () => [
      step('not-entitled', again, others),
      step('not-entitled', again, keys(ROOT_3)),
      ...timeDoor(again, both).slice(2),
      ...(kind === 'register-key' ? [] : [step('name-taken', again, both)]),
      step('accepted', fresh, keys(ROOT_2, ROOT_4)),
      step('accepted', draft('other'), keys(ROOT, ROOT_2, ROOT_3)),
    ])
  })

  test('revoke takes two of four, and leaves two', async () => {
    await run(twoOfFour(), () => [
      step('not-entitled', revoke(NOBODY), keys(ROOT)),
      step('not-entitled', revoke(ROOT_3), keys(ROOT_3, TREASURER)),
      ...timeDoor(revoke(NOBODY), both).slice(2),
      step('record-unknown', revoke(NOBODY), both),
      step('record-not-revocable', revoke(COINS), both),
      step('accepted', revoke(ROOT_3), both),
      step('record-revoked', revoke(ROOT_3), both),
      step('accepted', revoke(ROOT_4), both),
      step('last-root', revoke(ROOT_2), both),
      step('accepted', revoke(RULE), both),
      // Another takes the place of one that is to go.
      step('accepted', register('root', 95), both),
      step('accepted', revoke(ROOT), both),
      step('last-root', revoke(ROOT_2), keys(ROOT_2, NEXT_RECORD)),
    ])
  })

  test('a root key that was revoked does not count, and one key is one, however often it is registered', () => {
    const p = twoOfFour()
    p.ok(both, revoke(ROOT_3))
    expect(p.submit(keys(ROOT, ROOT_3), p.entry(register('auditor')))).toBe('signer-revoked')
    expect(p.try(keys(ROOT), register('auditor'))).toBe('not-entitled')
    expect(p.try(both, register('auditor'))).toBe('accepted')
    expect(p.try(both, register('root', 91))).toBe('key-stands')
    expect(p.try(both, register('root', 93))).toBe('accepted')
    expect(p.try(both, register('root', 93))).toBe('key-stands')
    // Within a batch a key that goes makes room for itself, and the batch that makes it is not signed by it.
    expect(p.submit(both, p.entry(revoke(ROOT_2)), p.entry(register('root', 92)))).toEqual(['accepted', 'accepted'])
    expect(p.submit(both, p.entry(register('auditor')))).toBe('signer-revoked')
  })

  test('the first batch is signed by as many of the root keys of genesis, and by nobody else', () => {
    const fresh = () => new Programme({ need: 2 }, 0)
    const genesis = (p: Programme) => p.entry(p.genesis())
    for (const signers of [[], keys(ROOT), keys(ROOT, TREASURER), keys(ROOT, ROOT_2, 4), owner(0)]) {
      const p = fresh()
      expect(p.submit(signers, genesis(p))).toBe('signer-unknown')
    }
    for (const signers of [keys(ROOT, ROOT_2), keys(ROOT_2, ROOT_4), keys(ROOT, ROOT_2, ROOT_3, ROOT_4)]) {
      const p = fresh()
      expect(p.submit(signers, genesis(p))).toEqual(['accepted'])
      expect(p.naive.records.length).toBe(4)
    }
  })
})

describe('numbers end at 2^53 - 1 (SPEC §8)', () => {
  test('a balance does, where debts make room for more; totals of a unit go on', async () => {
    const p = new Programme({
      coins: { cap: AMOUNT_MAX, debtMax: AMOUNT_MAX, giftEach: AMOUNT_MAX, giftDay: AMOUNT_MAX },
    })
    p.ok(keys(TREASURER), { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: AMOUNT_MAX - 1500 })
    // Anna owes all there is: it was issued to her, she spent it, and it was taken back.
    const issued = p.issue(AMOUNT_MAX)
    const redeem = (amount: number, debit = ANNA): Draft => ({ kind: 'redeem', debit, credit: TREASURY, amount })
    const spent = p.ok(owner(ANNA), redeem(AMOUNT_MAX))
    p.ok(keys(ISSUER), { kind: 'reverse', debit: ANNA, credit: BUDGET, amount: AMOUNT_MAX, original: issued })
    expect([p.balance(ANNA), p.balance(BUDGET), p.balance(TREASURY)]).toEqual([-AMOUNT_MAX, AMOUNT_MAX, 0])
    const fund = (amount: number): Draft => ({ kind: 'fund', debit: TREASURY, credit: BUDGET, amount })
    const issue = (amount: number, credit = BERT): Draft => ({ kind: 'issue', debit: BUDGET, credit, amount })
    const carl = p.member(3)
    const gift = (amount: number): Draft => ({ kind: 'transfer', debit: carl, credit: BERT, amount })
    await run(p, () => [
      step('total-overflow', fund(1), keys(TREASURER)),
      step('accepted', issue(AMOUNT_MAX - 10), keys(ISSUER)),
      step('accepted', fund(AMOUNT_MAX - 10), keys(TREASURER)),
      step('total-overflow', issue(11), keys(ISSUER)),
      step('accepted', issue(10), keys(ISSUER)),
      step('total-overflow', issue(1), keys(ISSUER)),
      step('accepted', issue(100, carl), keys(ISSUER)),
      step('total-overflow', gift(1), owner(carl)),
      // What is held moves nothing, and what comes to Anna pays her debt.
      step('accepted', { kind: 'hold', debit: carl, credit: SHOP, amount: 1, until: p.time + 1 }, owner(carl)),
      step('accepted', { kind: 'reverse', debit: TREASURY, credit: ANNA, amount: 10, original: spent }, keys(MERCHANT)),
      step('accepted', redeem(AMOUNT_MAX, BERT), owner(BERT)),
      step('accepted', gift(99), owner(carl)),
    ])
    const berts = [...p.naive.ids.values()].findLast(({ tx }) => tx.kind === 'redeem')!.tx.id
    p.ok(keys(ISSUER), issue(AMOUNT_MAX - 110))
    await run(p, () => [
      step(
        'total-overflow',
        { kind: 'reverse', debit: TREASURY, credit: BERT, amount: 12, original: berts },
        keys(MERCHANT),
      ),
      step('accepted', { kind: 'reverse', debit: TREASURY, credit: BERT, amount: 11, original: berts }, keys(MERCHANT)),
    ])
    expect(p.naive.totals.get(COINS)!.issued).toBeGreaterThan(BigInt(AMOUNT_MAX))
  })
})

/** Outcomes that no ladder ends at, and why: a test of their own in `outcomes.test.ts` does. */
const ASIDE: Readonly<Partial<Record<Outcome, string>>> = {
  exists: 'the same bytes again: there is nothing of the transaction to put right',
  'id-taken': 'the id is spent: no other transaction can put it right',
  'group-undone': 'another transaction of its group is to be put right',
  'accounts-full': 'takes 2^32 accounts',
  'series-full': 'takes 2^32 claims of a series',
  'over-budget-cap': 'takes a budget with terms',
  'over-balance-max': 'takes a unit with a greatest balance',
  'log-mismatch': 'it names where it stands, which is another place at each step',
}

test('every outcome is met by a ladder, or it says why not', () => {
  expect(OUTCOMES.filter(outcome => !met.has(outcome))).toEqual(Object.keys(ASIDE))
  const text = readFileSync(new URL('./outcomes.test.ts', import.meta.url), 'utf8')
  for (const outcome of Object.keys(ASIDE)) expect(text).toContain(`'${outcome}'`)
})
