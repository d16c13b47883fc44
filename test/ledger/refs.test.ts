import { expect, test } from 'vitest'
import type { Draft } from '../world.ts'
import { COINS, key, NEXT_ACCOUNT, REGISTRAR, SHOP } from './beginning.ts'
import { Follower } from './follower.ts'
import { keys, Programme } from './programme.ts'

const refOf = (n: number) => Uint8Array.from({ length: 16 }, (_, i) => (i < 2 ? n >> (8 * i) : i))

test('references are found again after a snapshot, and made again from the log without one (SPEC §6)', async () => {
  const p = new Programme()
  const open = (n: number, sponsor: number | null): Draft => ({ ...p.opening(4), ref: refOf(n), sponsor })
  for (let n = 0; n < 100; n += 10)
    p.ok(keys(REGISTRAR), ...Array.from({ length: 10 }, (_, i) => open(n + i, (n + i) % 2 === 0 ? SHOP : null)))
  p.driver.seal(p.time)
  const follower = new Follower()
  await follower.follow(p.driver.entries, true)
  const rest = async (n: number, isKept: boolean) => {
    p.ok(keys(REGISTRAR), open(n, null))
    p.driver.seal(p.time)
    await follower.follow(p.driver.entries, isKept)
  }
  await rest(100, true)
  expect(await follower.crash(0, p.driver.entries)).toBeGreaterThan(0)
  const { refs } = follower.ledger.state
  expect(refs.count).toBe(101)
  for (let n = 0; n <= 100; n++) {
    const [sponsor, other] = n % 2 === 0 && n < 100 ? [SHOP, null] : [null, SHOP]
    expect(refs.find(COINS, sponsor, refOf(n))).toBe(NEXT_ACCOUNT + n)
    expect(refs.find(COINS, other, refOf(n))).toBeUndefined()
    expect(refs.find(COINS + 1, sponsor, refOf(n))).toBeUndefined()
  }
  expect(refs.find(COINS, null, key(1).subarray(0, 16))).toBeUndefined()
  // What comes after the snapshot is judged by it.
  await rest(101, false)
  expect(p.try(keys(REGISTRAR), open(0, SHOP))).toBe('ref-taken')
  p.driver.seal(p.time)
  await follower.follow(p.driver.entries, false)
  expect(key(1)).toHaveLength(32)
})
