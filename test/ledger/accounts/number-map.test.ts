import fc from 'fast-check'
import { expect, test } from 'vitest'
import { NumberMap } from '../../../src/ledger/accounts/number-map.ts'

test('a map in parts is one map', () => {
  // Around the ends of parts, and far apart.
  const key = fc.oneof(
    fc.nat(20),
    fc.integer({ min: 2 ** 16 - 5, max: 2 ** 16 + 5 }),
    fc.integer({ min: 10 ** 9, max: 10 ** 9 + 3 }),
  )
  const step = fc.tuple(fc.constantFrom('set', 'set', 'delete'), key, fc.nat())
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const [one, parts] = [new Map<number, number>(), new NumberMap<number>()]
      for (const [what, at, value] of steps) {
        if (what === 'set') {
          one.set(at, value)
          parts.set(at, value)
        } else {
          one.delete(at)
          parts.delete(at)
        }
        expect([parts.size, parts.has(at), parts.get(at)]).toEqual([one.size, one.has(at), one.get(at)])
      }
      const byKey = (a: readonly [number, number], b: readonly [number, number]) => a[0] - b[0]
      expect([...parts].sort(byKey)).toEqual([...one].sort(byKey))
    }),
  )
})
