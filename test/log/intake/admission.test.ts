import { expect, test } from 'vitest'
import { Admission } from '../../../src/log/intake/admission.ts'
import { OWN } from '../../../src/log/intake/queued-batch.ts'

const LIGHT = { weight: 1, isLight: true }
const HEAVY = { weight: 8192, isLight: false }

/** How many of these a caller can have under way. */
function fill(admission: Admission, caller: string, what: typeof LIGHT): number {
  for (let count = 0; ; count++)
    try {
      admission.admit({ caller, ...what })
    } catch (error) {
      expect((error as { code: string }).code).toBe('busy')
      return count
    }
}

test.each([
  ['payments', LIGHT],
  ['payouts', HEAVY],
])('of %s one caller has half of the room, the next of what is left, and all is given back', (_, what) => {
  const admission = new Admission()
  const counts = ['a', 'b', 'c', 'd'].map(caller => fill(admission, caller, what))
  expect(counts[3]).toBeGreaterThan(0)
  for (let i = 1; i < 4; i++) expect(Math.abs(counts[i - 1]! / 2 - counts[i]!)).toBeLessThanOrEqual(2)
  for (const [i, caller] of ['a', 'b', 'c', 'd'].entries())
    for (let n = 0; n < counts[i]!; n++) admission.leave({ caller, ...what })
  expect([admission.admitted, fill(admission, 'e', what)]).toEqual([0, counts[0]])
})

test('batches of this process itself are bounded in sum alone', () => {
  const admission = new Admission()
  expect(fill(admission, OWN, HEAVY)).toBeGreaterThan(32)
  const payments = new Admission()
  for (let i = 0; i < 10_000; i++) payments.admit({ caller: OWN, ...LIGHT })
  expect(payments.admitted).toBe(10_000)
})
