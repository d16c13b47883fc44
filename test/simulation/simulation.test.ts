import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { useEngine } from '../../src/core/crypto/engine.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { runs } from '../runs.ts'
import { remembering } from './engine.ts'
import { type Plan, planOf, withSteps } from './plan.ts'
import { shrunk } from './shrink.ts'
import { simulate } from './simulate.ts'

/** The same each time, among them those that do much. */
const FIXED = Array.from({ length: runs(10, 5) }, (_, i) => i + 1)
/** How many others are drawn. */
const DRAWN = runs(40, 10)

const ROOT = join(import.meta.dirname, '../..')

describe('the simulation', () => {
  beforeAll(async () => {
    useEngine(remembering(await loadEngine('native')))
  })

  const hold = async (seeds: readonly number[]) => {
    for (const seed of seeds) {
      const { violation } = await simulate(planOf(seed))
      expect(violation?.message, `npm run simulate -- --from ${seed} --seeds 1`).toBeUndefined()
    }
  }

  test('no seed of those that are always run breaks a promise', () => hold(FIXED))

  test('no seed of some that nobody chose breaks a promise', async () => {
    const from = randomInt(2 ** 31)
    console.log(`simulated seeds from ${from}`)
    await hold(Array.from({ length: DRAWN }, (_, i) => from + i))
  })

  test('a seed does the same each time, and another does something else', async () => {
    const digests: string[] = []
    for (const seed of [5, 5, 6]) digests.push((await simulate(planOf(seed))).digest)
    expect(digests[1]).toBe(digests[0])
    expect(digests[2]).not.toBe(digests[0])
  })

  test('a run that breaks a promise is shrunk to its least steps', async () => {
    const setting = { ...planOf(1).setting, isForgetful: true }
    // A disk that forgets what it synced: the loss of power after a batch shows it, and the rest does not matter.
    const call = { do: 'call', seed: 1, pauseMs: 300, count: 2 } as const
    const kill = { do: 'kill', seed: 1, pauseMs: 3000, node: 'ledger', downMs: 0 } as const
    const power = { ...kill, do: 'power' } as const
    const steps = [call, kill, call, call, power, call, power, call, power, call]
    const forgetful: Plan = { seed: 1, setting, steps, places: steps.map((_, i) => i) }
    const failed = await simulate(forgetful)
    expect(failed.violation?.promise).toBe('lost')
    const least = await shrunk(failed)
    expect(least.violation?.promise).toBe('lost')
    expect(least.plan.steps.length).toBeLessThan(4)
    const { digest } = await simulate(withSteps(forgetful, least.plan.places))
    expect(digest).toBe(least.digest)
  })

  test('nothing that it runs imports its timers: it goes by those of the platform', () => {
    for (const room of ['log', 'ledger', 'journal', 'store', 'witness', 'lookup', 'core', 'account'])
      for (const path of readdirSync(join(ROOT, 'src', room), { recursive: true, encoding: 'utf8' }))
        if (path.endsWith('.ts'))
          expect(readFileSync(join(ROOT, 'src', room, path), 'utf8'), path).not.toMatch(
            /from 'node:(timers|perf_hooks)/,
          )
  })
})
