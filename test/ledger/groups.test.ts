import { expect, test } from 'vitest'
import type { Holdings } from '../../src/account/holdings.ts'
import type { Draft } from '../world.ts'
import { ANNA, BERT, BUDGET, EXPIRED, ISSUER, MERCHANT, OPERATOR, Q, QUARTER, SHOP, START } from './beginning.ts'
import { keys, owner, Programme } from './programme.ts'

const redeem = (amount: number): Draft => ({ kind: 'redeem', debit: ANNA, credit: SHOP, amount })
const BY = [...keys(ISSUER, MERCHANT, OPERATOR), ...owner(ANNA)]

/** What those that watch a state are told: of lots and holds, and of reversals. */
function told(p: Programme): string[] {
  const list: string[] = []
  const { accounts, originals } = p.driver.ledger.state
  accounts.onHoldings = (account, before: Holdings, after: Holdings) =>
    list.push(`${account}: ${before.lots.length} lots, then ${after.lots.length}`)
  originals.onReversal = (_, amount) => list.push(`${amount} reversed`)
  return list
}

test('those that watch are told of a group once it stands, in order, and of none that is undone (SPEC §7)', async () => {
  const p = new Programme()
  const spent = p.ok(BY, { kind: 'issue', debit: BUDGET, credit: ANNA, amount: 9 }, redeem(5))
  p.issue(10, { expires: Q + 1 })
  p.time = START + QUARTER
  const list = told(p)
  const expire: Draft = { kind: 'expire', debit: ANNA, credit: EXPIRED, amount: 10 }
  const refund: Draft = { kind: 'reverse', debit: SHOP, credit: ANNA, amount: 5, original: spent }
  const group = [{ first: 0, count: 3 }]
  // Points that are put back where a group is undone did not arrive: how long they have been past is not forgotten.
  expect(p.submitGrouped(BY, group, p.entry(expire), p.entry(refund), p.entry(redeem(99)))).toEqual([
    'group-undone',
    'group-undone',
    'insufficient',
  ])
  expect(list).toEqual([])
  expect(p.submitGrouped(BY, group, p.entry(expire), p.entry(refund), p.entry(redeem(9)))).toEqual([
    'accepted',
    'accepted',
    'accepted',
  ])
  expect(list).toEqual([`${ANNA}: 1 lots, then 0`, '5 reversed'])
  await p.check()
})

test('a group of 64 with four accounts each is undone, and what it takes is bounded', async () => {
  const p = new Programme()
  p.issue(100)
  const issue = (n: number): Draft => ({
    kind: 'issue',
    debit: BUDGET,
    credit: n % 2 === 0 ? ANNA : BERT,
    amount: 1,
    expires: Q + 1 + n,
  })
  const list = Array.from({ length: 63 }, (_, n) => p.entry(issue(n)))
  const outcomes = p.submitGrouped(BY, [{ first: 0, count: 64 }], ...list, p.entry(redeem(101 + 32)))
  expect(outcomes).toEqual([...list.map(() => 'group-undone'), 'insufficient'])
  expect(p.lots(ANNA)).toEqual([])
  await p.check()
})
