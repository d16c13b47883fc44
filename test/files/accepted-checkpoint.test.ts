import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { portableEngine, useEngine } from '../../src/core/crypto/engine.ts'
import { CheckpointKeeper } from '../../src/files/accepted-checkpoint.ts'
import { WalletState } from '../../src/files/wallet-folder.ts'
import { loadEngine } from '../../src/node/native-engine.ts'
import { convict } from '../../src/verify/evidence/convict.ts'
import { evidenceOf } from '../../src/verify/evidence/make-evidence.ts'
import { runs } from '../runs.ts'
import type { AcceptingAnswer, AcceptingTask } from './accepting-child.ts'
import { BranchingLog, POLICY } from './branching-log.ts'
import { type Shown, WalletReader, WatchReader } from './readers.ts'

const PROCESSES = 4

describe('checkpoints of one log that several processes accept', () => {
  let folder: string
  beforeAll(async () => useEngine(await loadEngine('native')))
  afterAll(() => useEngine(portableEngine))
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-accepted-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  const keptIn = async (directory: string) => (await new CheckpointKeeper(directory, POLICY).read())?.checkpoint

  test('a watch that is one step behind does not take a wallet back', async () => {
    const log = new BranchingLog(12)
    const watch = await WatchReader.start(log, folder)
    const wallet = new WalletReader(log, folder)
    expect(await watch.look({ branch: 'A', size: 10 })).toEqual([])
    expect(await wallet.look({ branch: 'A', size: 20 })).toEqual([])
    // Every history begins with these: nothing is wrong with them, but that the log was longer.
    expect(await watch.look({ branch: 'A', size: 12 })).toEqual([])
    expect((await keptIn(folder))?.size).toBe(20)
    expect(await watch.look({ branch: 'A', size: 13 })).toEqual(['rolled-back'])
    expect(await wallet.look({ branch: 'B', size: 25 })).toEqual(['consistency-proof'])
    expect(await watch.look({ branch: 'B', size: 25 })).toEqual(['forked'])
    expect((await keptIn(folder))?.size).toBe(20)
  })

  test('two that accepted two histories find the fork in each other, and both notes convict', async () => {
    const log = new BranchingLog(12)
    const watch = await WatchReader.start(log, folder)
    const wallet = new WalletReader(log, folder)
    expect(await watch.look({ branch: 'A', size: 10 })).toEqual([])
    expect(await wallet.look({ branch: 'B', size: 25 })).toEqual([])
    // The server of the smaller has no tiles of the larger; that does not make it go away.
    for (let again = 0; again < 2; again++) {
      expect(await watch.look({ branch: 'A', size: 20 })).toEqual(['tile'])
      expect((await keptIn(folder))?.size).toBe(25)
    }
    expect(await watch.look({ branch: 'A', size: 30 })).toEqual(['forked'])
    const { code, message, evidence } = watch.found.at(-1)!
    const file = evidenceOf({ origin: 'shop.example', code, message, evidence: evidence! }, POLICY)
    expect(convict(file, POLICY)).toMatchObject({ code: 'forked', facts: { 'one size': 25, 'other size': 30 } })
    expect((await keptIn(folder))?.size).toBe(25)
  })

  test('the largest is never lost, and no other history takes its place, in any order of looking and keeping', async () => {
    const readers = fc.array(fc.constantFrom<'watch' | 'wallet'>('watch', 'wallet'), { minLength: 2, maxLength: 4 })
    const looks = fc.array(
      fc.record({
        reader: fc.nat(3),
        branch: fc.constantFrom<'A' | 'B'>('A', 'A', 'A', 'B'),
        size: fc.integer({ min: 1, max: 60 }),
        restarts: fc.nat(9).map(n => n === 0),
      }),
      { minLength: 1, maxLength: 16 },
    )
    await fc.assert(
      fc.asyncProperty(readers, looks, fc.integer({ min: 1, max: 60 }), async (kinds, steps, common) => {
        const directory = await mkdtemp(join(folder, 'one-'))
        const log = new BranchingLog(common)
        const accepted: Shown[] = []
        const before: { size: number; root: Uint8Array }[] = []
        // Each goes on by itself; what they wait for decides who is first.
        const looking = kinds.map(async (kind, n) => {
          let reader = kind === 'watch' ? await WatchReader.start(log, directory) : new WalletReader(log, directory)
          for (const { branch, size, restarts } of steps.filter(({ reader }) => reader % kinds.length === n)) {
            if (restarts && kind === 'watch') reader = await WatchReader.start(log, directory)
            if ((await reader.look({ branch, size })).length === 0) accepted.push({ branch, size })
            const kept = await keptIn(directory)
            if (kept !== undefined) before.push(kept)
          }
        })
        await Promise.all(looking)
        const last = await keptIn(directory)
        for (const { branch, size } of accepted) {
          const { checkpoint } = log.signed(branch, size)
          expect(checkpoint.size).toBeLessThanOrEqual(last!.size)
          expect(log.areOne(checkpoint, last as typeof checkpoint)).toBe(true)
        }
        expect(last?.size ?? 0).toBe(Math.max(0, ...accepted.map(({ size }) => size)))
        const sizes = before.map(({ size }) => size)
        expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
        expect((await readdir(directory)).filter(name => !name.endsWith('.watched'))).toEqual([])
      }),
      { numRuns: runs(25, 8) },
    )
  })

  test('processes of their own, all at once', async () => {
    const common = 200
    const children = Array.from({ length: PROCESSES }, () => fork(join(import.meta.dirname, 'accepting-child.ts')))
    try {
      const answers = children.map(async (child, n) => {
        const shown = Array.from({ length: 20 }, (_, i) => ({
          branch: 'A' as const,
          size: 1 + ((i * 10 + n * 3) % 200),
        }))
        child.send({ folder, common, as: n % 2 === 0 ? 'watch' : 'wallet', shown } satisfies AcceptingTask)
        return ((await once(child, 'message')) as [AcceptingAnswer])[0]
      })
      let isOver = false
      const sizes: number[] = []
      const looking = (async () => {
        while (!isOver) {
          sizes.push((await keptIn(folder))?.size ?? 0)
          await setTimeout(1)
        }
      })()
      const accepted = (await Promise.all(answers)).flat()
      isOver = true
      await looking
      expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
      expect((await keptIn(folder))?.size).toBe(Math.max(...accepted.map(({ size }) => size)))
      expect(accepted.length).toBeGreaterThan(PROCESSES)
    } finally {
      for (const child of children) child.kill('SIGKILL')
    }
  })

  test('a process waits for another that has the folder, and names a file that is none of it', async () => {
    const log = new BranchingLog(12)
    const wallet = await WalletState.open(folder)
    const watch = await WatchReader.start(log, folder)
    const looking = watch.look({ branch: 'A', size: 10 })
    await setTimeout(100)
    expect(await keptIn(folder)).toBeUndefined()
    await wallet.close()
    expect(await looking).toEqual([])
    const [name] = await readdir(folder)
    await writeFile(join(folder, name!), 'x')
    await expect(watch.look({ branch: 'A', size: 11 })).rejects.toMatchObject({ code: 'state' })
  })
})
