import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tilesOf } from '../../src/client/index.ts'
import { openCheckpoint, type Policy } from '../../src/core/note/policy.ts'
import { Memory, type Seen } from '../../src/files/accepted-checkpoint.ts'
import { WalletState } from '../../src/files/wallet-folder.ts'
import { type Trouble, Watcher } from '../../src/monitor/watcher.ts'
import { grow, signedCheckpoint, TwoHistories } from '../cli/two-histories.ts'

const START = 1_000_000_000

describe('the checkpoint that a watch and a wallet share', () => {
  let two: TwoHistories
  let folder: string
  let policy: Policy
  beforeEach(async () => {
    two = await TwoHistories.create()
    policy = two.honest.world.policy
    folder = await mkdtemp(join(tmpdir(), 'tally-accepted-'))
  })
  afterEach(async () => {
    await two.destroy()
    await rm(folder, { recursive: true })
  })

  const seen = (note: Uint8Array): Seen => ({ note, checkpoint: openCheckpoint(note, policy), seenMs: START })
  const codes = (troubles: readonly Trouble[]) => troubles.map(({ code }) => code)
  const watcherAt = (kept: Seen) =>
    new Watcher({ policy, tileAt: tilesOf(two.client), maxAgeMs: 1e12, startedMs: START, kept })
  const keptSize = async () => (await new Memory(folder, policy).read())?.checkpoint.size

  test('a watch that is one step behind rolls no wallet back, and learns what the wallet accepted', async () => {
    const ten = seen(await grow(two.honest, 30))
    const memory = new Memory(folder, policy)
    expect(await memory.keep(ten, undefined)).toBe(true)
    const watcher = watcherAt(ten)
    const wallet = await WalletState.open(folder)
    await wallet.seen(policy)
    const between = await grow(two.honest, 40)
    const twenty = seen(await grow(two.honest, 60))
    await wallet.keepCheckpoint(policy, twenty.note, twenty.checkpoint)
    expect(await keptSize()).toBe(60)

    // The log shows the watch, which does not know that yet, a common beginning of many histories.
    two.showCheckpoint(between)
    expect(codes(await watcher.look(between, START))).toEqual([])
    expect(await memory.keep(watcher.last!, ten)).toBe(false)
    expect(await keptSize()).toBe(60)
    // At its next look it goes on from what stands there.
    const kept = await memory.read()
    expect(await watcher.goOnFrom(kept!)).toEqual([])
    expect(watcher.last!.checkpoint.size).toBe(60)
    expect(codes(await watcher.look(between, START))).toEqual(['rolled-back'])
    await grow(two.other, 70)
    two.repent()
    two.shown = 'other'
    expect(codes(await watcher.look(await two.client.checkpoint(), START))).toEqual(['forked'])
    await wallet.close()
  })

  test('what another process accepted of another history is a fork, and nothing is written over it', async () => {
    const first = seen(await grow(two.honest, 60))
    const other = seen(await grow(two.other, 80))
    const memory = new Memory(folder, policy)
    await memory.keep(other, undefined)
    two.shown = 'other'
    const watcher = watcherAt(first)
    const [trouble] = await watcher.goOnFrom((await memory.read())!)
    expect([trouble!.code, trouble!.evidence!.proof!.length > 0]).toEqual(['forked', true])
    expect(watcher.last!.checkpoint.size).toBe(60)
    // Nor where the tiles that would show it are withheld.
    two.isGone = path => path.startsWith('/tile/')
    expect(codes(await watcher.goOnFrom((await memory.read())!))).toEqual(['withheld'])
    expect(watcher.last!.checkpoint.size).toBe(60)
  })

  test('a wallet keeps nothing that was not compared with what stands there, and says so', async () => {
    const [ten, twenty] = [seen(await grow(two.honest, 30)), seen(await grow(two.honest, 60))]
    const wallet = await WalletState.open(folder)
    await wallet.seen(policy)
    await new Memory(folder, policy).keep(ten, undefined)
    await expect(wallet.keepCheckpoint(policy, twenty.note, twenty.checkpoint)).rejects.toMatchObject({ code: 'state' })
    expect(await keptSize()).toBe(30)
    expect(await wallet.seen(policy)).toHaveLength(1)
    await wallet.keepCheckpoint(policy, twenty.note, twenty.checkpoint)
    expect(await keptSize()).toBe(60)
    await wallet.close()
  })

  test('among any number of processes it only moves forward, over what each has read', async () => {
    const { world } = two.honest
    await grow(two.honest, 90)
    const notes = await Promise.all(
      [17, 24, 31, 40, 55, 68, 90].map(async size =>
        seen(signedCheckpoint(world, size, await world.log.tree.rootAt(size))),
      ),
    )
    const step = fc.record({ process: fc.nat(3), note: fc.nat(notes.length - 1), isRead: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
        await rm(folder, { recursive: true, force: true })
        const processes = Array.from({ length: 4 }, () => ({
          memory: new Memory(folder, policy),
          read: undefined as Seen | undefined,
        }))
        let now: Seen | undefined
        for (const { process, note, isRead } of steps) {
          const one = processes[process]!
          if (isRead) one.read = await one.memory.read()
          const next = notes[note]!
          const isSame = one.read?.checkpoint.size === now?.checkpoint.size
          const isKept = await one.memory.keep(next, one.read)
          const isLarger = next.checkpoint.size > (now?.checkpoint.size ?? 0)
          if (isKept && isSame && isLarger) now = next
          // What a process had read is all that it may say it went on from.
          else if (isKept) expect(isSame || next.checkpoint.size === one.read!.checkpoint.size).toBe(true)
          expect(await keptSize()).toBe(now?.checkpoint.size)
        }
      }),
      { numRuns: 30 },
    )
  })
})
