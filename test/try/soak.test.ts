import { expect, test } from 'vitest'
import { drawSoak, growth, trySoak } from './soak.ts'

test('a ledger that runs for a while is looked at, and its curves are drawn', async () => {
  const { seen, failed, reasons } = await trySoak(0.02, 400, () => {})
  expect({ failed, reasons }).toEqual({ failed: 0, reasons: {} })
  expect(seen.length).toBeGreaterThan(1)
  expect(seen.every(({ rss, handles, entries }) => rss > 0 && handles > 0 && entries > 0)).toBe(true)
  const picture = drawSoak(seen)
  expect(picture.match(/<polyline/g)).toHaveLength(4)
  expect(picture).not.toContain('NaN')
}, 120_000)

test('growth is of the second half, and of its middle', () => {
  const seen = [9, 9, 9, 9, 10, 10, 11, 11].map((rss, seconds) => ({ seconds, rss, handles: 1, p99: 1, entries: 1 }))
  expect(growth(seen, ({ rss }) => rss)).toBeCloseTo(0.1)
  expect(growth(seen, ({ handles }) => handles)).toBe(0)
})
