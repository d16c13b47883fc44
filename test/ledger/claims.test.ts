import { expect, test } from 'vitest'
import type { Draft } from '../world.ts'
import { ANNA, MERCHANT, SERIES, TREASURY } from './beginning.ts'
import { Follower } from './follower.ts'
import { keys, owner, Programme } from './programme.ts'

const thing = (n: number) => new Uint8Array(16).fill(n)
const claim = (n: number, round = 0): Draft => ({
  kind: 'claim',
  debit: ANNA,
  credit: TREASURY,
  amount: 1,
  series: SERIES,
  ref: n === 0 ? null : thing(n),
  round,
})

const BOTH = [...keys(MERCHANT), ...owner(ANNA)]

test('claims are found again after a snapshot, and made again from the log without one (SPEC §6)', async () => {
  const p = new Programme()
  p.issue(500)
  const ids = [1, 2, 3].map(n => p.ok(BOTH, claim(n)))
  p.ok(BOTH, claim(0))
  const back = (original: Uint8Array): Draft => ({
    kind: 'reverse',
    debit: TREASURY,
    credit: ANNA,
    amount: 1,
    original,
  })
  p.ok(keys(MERCHANT), back(ids[0]!), back(ids[1]!))
  p.ok(BOTH, claim(2, 1))
  p.driver.seal(p.time)
  const follower = new Follower()
  await follower.follow(p.driver.entries, true)
  const rest = async (n: number, round: number, isKept: boolean) => {
    p.ok(BOTH, claim(n, round))
    p.driver.seal(p.time)
    await follower.follow(p.driver.entries, isKept)
  }
  await rest(4, 0, true)
  expect(await follower.crash(0, p.driver.entries)).toBeGreaterThan(0)
  const { claims, accounts } = follower.ledger.state
  expect(accounts.series.count(SERIES)).toBe(6)
  expect([1, 2, 3, 4].map(n => claims.serialOf(SERIES, thing(n), 0))).toEqual([0, 1, 2, 5])
  expect([1, 2, 3, 4].map(n => claims.serialOf(SERIES, thing(n), 1))).toEqual([undefined, 4, undefined, undefined])
  expect(accounts.series.serialOf(SERIES, accounts.series.claim(SERIES, 4).index)).toBe(4)
  // What comes after the snapshot is judged by it.
  await rest(1, 1, false)
  expect(p.try(BOTH, claim(3, 1))).toBe('claimed-before')
  expect(p.try(BOTH, claim(2, 1))).toBe('claimed-before')
  await rest(5, 0, false)
})
