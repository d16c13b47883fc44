import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decodeSeal, encodeSeal } from '../../../src/core/entry/seal.ts'
import { formatCheckpoint } from '../../../src/core/note/checkpoint.ts'
import { formatNote, signNote } from '../../../src/core/note/note.ts'
import { openCheckpoint } from '../../../src/core/note/policy.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { FatalError } from '../../../src/log/index.ts'
import { openLevelStore } from '../../../src/store/index.ts'
import { runs } from '../../runs.ts'
import { FIRST_MEMBER, keyNumber, World } from '../../world.ts'

/** A seam in the store's writes: fails the next one, or one after it, before or after it is on disk. */
class Fault {
  next: 'none' | 'before' | 'after' = 'none'
  /** How many are let through first. */
  passing = 0
  readonly store = {
    aroundWrite: async (write: () => Promise<void>) => {
      if (this.next !== 'none' && this.passing-- > 0) return write()
      const now = this.next
      this.next = 'none'
      if (now === 'before') throw new Error('the disk is gone')
      await write()
      if (now === 'after') throw new Error('the disk is gone')
    },
  }
}

describe('a log whose disk fails', () => {
  let world: World
  let fault: Fault
  beforeEach(async () => {
    fault = new Fault()
    world = await World.create({ store: fault.store, runBits: 18 })
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 50)))
    await world.log.publisher.publish()
  })
  afterEach(() => world.destroy())

  const balance = () => world.log.ledger.state.accounts.balance(FIRST_MEMBER)
  const stopped = (promise: Promise<unknown>) =>
    expect(promise).rejects.toThrow(expect.objectContaining({ code: 'ledger-stopped' }))

  test.each(['before', 'after'] as const)(
    'stops without an answer when a write fails (%s it is on disk), and goes on after a restart; sent again, it counts once',
    async when => {
      const bytes = world.bytes(world.issue(FIRST_MEMBER, 7))
      const published = world.log.publisher.published!
      fault.next = when
      await stopped(world.submit([world.issuer], bytes))
      // Nothing is taken, sealed or signed any more: nobody knows what is on disk.
      await stopped(world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1))))
      await stopped(world.log.publisher.publish())
      expect(world.log.stopped).toBeInstanceOf(FatalError)
      expect(world.log.publisher.published).toBe(published)
      await world.reopen()
      expect(balance()).toBe(when === 'after' ? 57 : 50)
      const answer = await world.submit([world.issuer], bytes)
      expect([answer.statuses[0], answer.existed.length, balance()]).toEqual([0, when === 'after' ? 1 : 0, 57])
      await world.log.publisher.publish()
      expect(world.log.publisher.published!.size).toBeGreaterThan(published.size)
    },
  )

  test.each(['before', 'after'] as const)(
    'a seal whose write fails (%s it is on disk) is never signed twice',
    async when => {
      await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 7)))
      fault.next = when
      await stopped(world.log.publisher.publish())
      const before = world.log.publisher.published!
      await world.reopen()
      // What is on disk is published on the next start; what is not is sealed again.
      expect(world.log.publisher.published!.size > before.size).toBe(when === 'after')
      await world.log.publisher.publish()
      const { size, root } = world.log.publisher.published!
      expect(await world.log.tree.rootAt(size)).toEqual(root)
    },
  )

  test.each(['before', 'after'] as const)(
    'a checkpoint that was seen is that of the next start, though its own write fails (%s it is on disk)',
    async when => {
      await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 7)))
      const { size } = world.log.publisher.published!
      // The seal's write, and then the checkpoint's.
      Object.assign(fault, { next: when, passing: 1 })
      const failed = world.log.publisher.publish().catch(error => error.code)
      const seen = (await world.log.publisher.reached(size + 1))!.checkpoint
      expect(await failed).toBe('store-write')
      await world.reopen()
      expect(world.log.publisher.published!.checkpoint).toEqual(seen)
    },
  )

  test('all of a group is durable, or nothing of it', async () => {
    const list = Array.from({ length: 40 }, (_, i) => world.bytes(world.issue(FIRST_MEMBER, 1 + i)))
    fault.next = 'before'
    const answers = await Promise.allSettled(list.map(bytes => world.submit([world.issuer], bytes)))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['rejected']))
    await world.reopen()
    expect(balance()).toBe(50)
    for (const bytes of list) await world.submit([world.issuer], bytes)
    expect(balance()).toBe(50 + (40 * 41) / 2)
  })
})

describe('a store that is not what the ledger wrote', () => {
  let world: World
  beforeEach(async () => {
    world = await World.create()
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 50)))
    await world.log.publisher.publish()
  })
  afterEach(async () => {
    await world.log.close().catch(() => {})
    await rm(world.directory, { recursive: true, force: true })
  })

  /** Writes the log again, its entries changed, with a checkpoint that may be the one of before. */
  const rewrite = async (change: (entries: Uint8Array[]) => Uint8Array[], checkpoint?: Uint8Array) => {
    const { size } = world.log
    const bundle = (await world.log.entryBundle(0, size))!
    const kept = checkpoint ?? world.log.publisher.published!.checkpoint
    const entries: Uint8Array[] = []
    for (let at = 0; at < bundle.length; ) {
      const length = bundle[at]! * 256 + bundle[at + 1]!
      entries.push(bundle.slice(at + 2, at + 2 + length))
      at += 2 + length
    }
    await world.log.close()
    await rm(join(world.directory, 'store'), { recursive: true })
    const store = await openLevelStore(join(world.directory, 'store'))
    const made = change(entries)
    await store.append([{ firstIndex: 0, count: made.length, bytes: encodeEntryBundle(made) }])
    await store.writeDocument('checkpoint', kept)
    await store.close()
  }
  const mismatch = () => expect(world.open()).rejects.toThrow(expect.objectContaining({ code: 'ledger-mismatch' }))

  test('opens when nothing was changed', async () => {
    await rewrite(entries => entries)
    await world.open()
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(50)
  })

  test('one byte of one entry changed: it is not opened, and nothing is signed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, at, flip) => {
        await rewrite(entries => {
          const entry = entries[which % entries.length]!
          entry[at % entry.length]! ^= flip
          return entries
        })
        await mismatch()
        await world.destroy().catch(() => {})
        world = await World.create()
        await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 50)))
        await world.log.publisher.publish()
      }),
      { numRuns: runs(12, 4) },
    )
  })

  test('entries that are missing at the end: the checkpoint tells', async () => {
    await rewrite(entries => entries.slice(0, -3))
    await mismatch()
  })

  test('a log that ends inside a batch', async () => {
    await rewrite(entries => [...entries, entries.at(-3)!])
    await mismatch()
  })

  test('a seal over another state', async () => {
    await rewrite(entries => {
      const seal = decodeSeal(entries.at(-1)!)
      return entries.with(-1, encodeSeal({ ...seal, stateRoot: new Uint8Array(32) }))
    })
    await mismatch()
  })

  test('a checkpoint of another log, of another key, or of no form', async () => {
    const { logKey, publisher } = world.log
    const { size } = publisher.published!
    const text = formatCheckpoint({ origin: world.origin, size, root: new Uint8Array(32) })
    const forged = formatNote({ text, signatures: [signNote(text, logKey, world.keys.log.seed)] })
    await rewrite(entries => entries, forged)
    await mismatch()
    const store = await openLevelStore(join(world.directory, 'store'))
    await store.writeDocument('checkpoint', new TextEncoder().encode('no checkpoint\n'))
    await store.close()
    await mismatch()
  })

  test('another key, or another name, than genesis says', async () => {
    await world.log.close()
    const { log } = world.keys
    Object.assign(world.keys, { log: keyNumber(99) })
    await mismatch()
    Object.assign(world.keys, { log })
    Object.assign(world, { origin: 'other.example' })
    await mismatch()
  })
})

test('publications follow each other: sizes grow, the root is that of the log, the last entry is a seal', async () => {
  const world = await World.create()
  try {
    let last = 0
    for (let round = 0; round < 5; round++) {
      await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
      world.nowMs += round === 3 ? -5000 : 1000
      await Promise.all([world.log.publisher.publish(), world.log.publisher.publish()])
      const { checkpoint, seal } = world.log.publisher.published!
      const trusted = openCheckpoint(checkpoint, world.policy)
      expect(trusted.size).toBeGreaterThan(last)
      expect(trusted.root).toEqual(await world.log.tree.rootAt(trusted.size))
      expect(seal.time).toBe(world.log.ledger.state.time)
      last = trusted.size
    }
    // A clock that went back did not take ledger time with it.
    expect(world.log.ledger.state.time).toBeGreaterThan(world.nowMs)
  } finally {
    await world.destroy()
  }
})
