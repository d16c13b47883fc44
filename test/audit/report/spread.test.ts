import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gini, topShare } from '../../../src/audit/report/spread.ts'

const balances = fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 60 })

test('the Gini coefficient is half the mean difference in parts of the mean', () => {
  fc.assert(
    fc.property(balances, list => {
      const rising = [...list].sort((a, b) => a - b)
      let differences = 0
      for (const a of list) for (const b of list) differences += Math.abs(a - b)
      const mean = list.reduce((sum, one) => sum + one, 0) / list.length
      const expected = differences / (2 * list.length ** 2 * mean)
      expect(Math.abs(Number(gini(rising)) - expected)).toBeLessThan(0.0002)
    }),
  )
  expect([gini([]), gini([5]), gini([5, 5, 5]), gini([1, 999_999_999])]).toEqual([
    '0.0000',
    '0.0000',
    '0.0000',
    '0.4999',
  ])
})

test('the largest tenth is counted up, and has all where it is one', () => {
  expect(topShare([7], 0.1)).toBe('1.0000')
  expect(topShare([1, 1, 1, 1, 1, 1, 1, 1, 1, 91], 0.1)).toBe('0.9100')
  expect(topShare([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 45], 0.1)).toBe('0.5500')
  expect(topShare([], 0.1)).toBe('0.0000')
})
