import { expect, test } from 'vitest'
import { Rates } from '../../src/serving/index.ts'

test('a caller has what comes back each second, and at once what was saved up; others have their own', () => {
  const rates = new Rates({ rate: 2, burst: 6 })
  const taken = (caller: string, nowMs: number) => {
    let count = 0
    while (rates.take(caller, nowMs) === 0) count++
    return count
  }
  expect(taken('a', 1000)).toBe(6)
  expect(taken('b', 1000)).toBe(6)
  expect(rates.take('a', 1000)).toBe(1)
  expect(taken('a', 1499)).toBe(0)
  expect(taken('a', 2000)).toBe(2)
  expect(taken('a', 3_600_000)).toBe(6)
  // A clock that goes back gives nothing twice.
  expect(taken('a', 0)).toBe(0)
})

test('tokens that are charged afterwards have to come back first, and are forgotten when that is long ago', () => {
  const rates = new Rates({ rate: 10, burst: 20 })
  expect(rates.wait('a', 0)).toBe(0)
  rates.charge('a', 0, 1000)
  expect(rates.wait('a', 0)).toBe(3)
  expect(rates.wait('a', 2000)).toBe(1)
  expect(rates.wait('a', 2100)).toBe(0)
})

test('each caller may have a rate of its own, and those who came last are counted', () => {
  const rates = new Rates({ rate: 1, kept: 2 })
  expect([rates.take('a', 0, 3), rates.take('a', 0, 3), rates.take('a', 0, 3), rates.take('a', 0, 3)]).toEqual([
    0, 0, 0, 1,
  ])
  for (const other of ['b', 'c']) expect(rates.take(other, 0)).toBe(0)
  expect(rates.take('a', 0, 3)).toBe(0)
  expect(rates.take('c', 0)).toBe(1)
})
