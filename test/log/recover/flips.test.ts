import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { runs } from '../../runs.ts'
import { tryFlips } from '../../try/flips.ts'

test('bits that flip in the folder of a ledger: none is believed', async () => {
  const seed = randomInt(2 ** 32)
  console.log(`seed ${seed}`)
  const flips = runs(30, 8)
  const { counts, believed } = await tryFlips({ flips, seed, transactions: 9000, say: () => {} })
  expect(believed).toEqual([])
  expect([...counts.values()].reduce((sum, n) => sum + n, 0)).toBeGreaterThanOrEqual(flips)
})
