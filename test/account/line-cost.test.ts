import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LOTS_MAX, LOTS_ROOM } from '../../src/core/limits.ts'

/** Blocks for one line beside those for lots, and for each lot and part of a hold that the account has (SPEC §13). */
const BLOCKS_EACH_LINE = 250
const BLOCKS_EACH_LOT = 3

describe('the cost of verifying one more line of an account, of any kind', () => {
  const counts = JSON.parse(
    execFileSync(process.execPath, [join(import.meta.dirname, 'count-blocks-child.ts')], { encoding: 'utf8' }),
  ) as Record<string, Record<string, number>>

  test.each(Object.entries(counts))('%s: some blocks, and so many for each lot', (_, of) => {
    const sizes = Object.keys(of).map(Number)
    expect(Math.max(...sizes)).toBe(LOTS_ROOM)
    for (const lots of sizes)
      expect([lots, of[lots]! <= BLOCKS_EACH_LINE + BLOCKS_EACH_LOT * lots]).toEqual([lots, true])
  })

  test('is bounded, so that the longest statement there can be is', () => {
    const most = Math.max(...Object.values(counts).flatMap(of => Object.values(of)))
    expect(Object.keys(counts).length).toBeGreaterThan(7)
    expect(most).toBeLessThanOrEqual(BLOCKS_EACH_LINE + BLOCKS_EACH_LOT * LOTS_MAX)
  })
})
