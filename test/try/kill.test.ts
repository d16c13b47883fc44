import { randomInt } from 'node:crypto'
import { expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { tryKills } from './kill.ts'

test('a ledger that is killed: nothing that it acknowledged is lost, and an audit finds nothing', async () => {
  const seed = randomInt(2 ** 32)
  console.log(`seed ${seed}`)
  const { wrong, acknowledged } = await tryKills({
    ...{ kills: runs(2, 1), seed, patienceMs: 400 },
    victims: ['serve'],
    say: () => {},
  })
  expect(wrong).toEqual([])
  expect(acknowledged).toBeGreaterThan(0)
}, 120_000)
