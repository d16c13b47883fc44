import { randomInt } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { equalBytes } from '../../../src/core/bytes.ts'
import { decodeBatch } from '../../../src/core/entry/batch.ts'
import { ENTRY_BATCH } from '../../../src/core/entry/entry-type.ts'
import { decodeSubmission } from '../../../src/core/entry/submission.ts'
import { type Command, type Journal, LocalJournal, type PlacedCommand } from '../../../src/journal/index.ts'
import { FatalError } from '../../../src/log/index.ts'
import { randomFrom } from '../../ledger/cut-rows.ts'
import { FIRST_MEMBER, World } from '../../world.ts'

/** A journal that outlives those who follow it, and forgets nothing. */
class KeptJournal implements Journal {
  readonly isShared = false
  readonly #kept: LocalJournal
  readonly #closed = new AbortController()

  constructor(kept: LocalJournal) {
    this.#kept = kept
  }

  get end(): number {
    return this.#kept.end
  }

  set onGrowth(onGrowth: () => void) {
    this.#kept.onGrowth = onGrowth
  }

  append(command: Command): number | Promise<number> {
    return this.#kept.append(command)
  }

  latest(): Promise<number> {
    return this.#kept.latest()
  }

  get hasRoom(): boolean {
    return this.#kept.hasRoom
  }

  set onRoom(onRoom: () => void) {
    this.#kept.onRoom = onRoom
  }

  read(from: number, signal?: AbortSignal): AsyncIterableIterator<PlacedCommand> {
    const either = signal === undefined ? this.#closed.signal : AbortSignal.any([signal, this.#closed.signal])
    return this.#kept.read(from, either)
  }

  forget(): void {}

  async close(): Promise<void> {
    this.#kept.onGrowth = () => {}
    this.#kept.onRoom = () => {}
    this.#closed.abort(new Error('the process has ended'))
  }
}

/** Stands around the writes of a store, and ends it at one: before what is written is on disk, or after that. */
class Disk {
  endsAt: 'never' | 'before' | 'after' = 'never'
  readonly store = { aroundWrite: (write: () => Promise<void>) => this.#around(write) }

  async #around(write: () => Promise<void>): Promise<void> {
    const { endsAt } = this
    if (endsAt !== 'before') await write()
    if (endsAt !== 'never') throw new Error('the disk is gone')
  }
}

const immediate = () => new Promise(resolve => setImmediate(resolve))

/** Resolves when a log has applied all that is in its journal, and has it on disk. */
async function caughtUp(world: World, kept: LocalJournal, next: () => number): Promise<void> {
  const endMs = performance.now() + 10_000
  while (next() < kept.end && performance.now() < endMs) await immediate()
  await world.log.durable()
}

async function entriesOf({ log }: World): Promise<readonly Uint8Array[]> {
  return log.readEntries(Array.from({ length: log.size }, (_, i) => i))
}

describe('a ledger that follows a journal', () => {
  const worlds: World[] = []
  afterEach(async () => {
    for (const world of worlds.splice(0)) await world.destroy()
  })

  async function follow(kept: LocalJournal, empty: boolean) {
    const disk = new Disk()
    let next = () => 0
    const world = await World.create({
      empty,
      journal: () => new KeptJournal(kept),
      store: disk.store,
      beforeStore: store => {
        next = () => store.next
        return store
      },
    })
    worlds.push(world)
    const reopen = async () => {
      disk.endsAt = 'never'
      await world.log.close().catch(() => {})
      await world.open(disk.store)
      await caughtUp(world, kept, next)
    }
    return { world, disk, reopen, caughtUp: () => caughtUp(world, kept, next), next: () => next() }
  }

  test.each(['before', 'after'] as const)(
    'goes on right after what it has when its process ends %s a write: misses nothing, repeats nothing',
    async endsAt => {
      const kept = new LocalJournal()
      const { world, disk, reopen, next } = await follow(kept, false)
      await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
      const size = world.log.size
      expect(next()).toBe(kept.end)
      disk.endsAt = endsAt
      const issues = [8, 9].map(amount => world.bytes(world.issue(FIRST_MEMBER, amount)))
      const answers = issues.map(bytes => world.submit([world.issuer], bytes))
      for (const { reason } of (await Promise.allSettled(answers)) as PromiseRejectedResult[])
        expect(reason).toBeInstanceOf(FatalError)
      await reopen()
      expect([world.log.size, world.log.ledger.state.accounts.balance(FIRST_MEMBER)]).toEqual([size + 4, 18])
      expect(next()).toBe(kept.end)
      // Sent again, they are there, with their first outcomes.
      const again = await world.submit([world.issuer], ...issues)
      expect([again.index, [...again.statuses], again.existed.length]).toEqual([null, [0, 0], 2])
      await world.log.publisher.publish()
      expect(await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: false })).toBeInstanceOf(
        Uint8Array,
      )
    },
  )

  test('seals what was ordered to be sealed when its process ended, and publishes it', async () => {
    const kept = new LocalJournal()
    const { world, disk, reopen } = await follow(kept, false)
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    const { epoch } = world.log.ledger.state
    disk.endsAt = 'before'
    await expect(world.log.publisher.publish()).rejects.toBeInstanceOf(FatalError)
    await reopen()
    expect(world.log.ledger.state.epoch).toBe(epoch + 1)
    expect(world.log.publisher.published?.size ?? 0).toBeLessThan(world.log.size)
    await world.log.publisher.publish()
    expect(world.log.publisher.published?.size).toBe(world.log.size)
  })

  test('takes what others appended, whom it answers nothing; its time does not go back with theirs', async () => {
    const kept = new LocalJournal()
    const { world, caughtUp } = await follow(kept, false)
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))
    const { time } = world.log.ledger.state
    const batchOf = (amount: number) =>
      decodeSubmission(world.submission([world.issuer], world.bytes(world.issue(FIRST_MEMBER, amount))))
    await kept.append({ kind: 'batch', time: time - 5000, waitMs: 0, batch: batchOf(2) })
    await kept.append({ kind: 'batch', time: time + 5000, waitMs: 0, batch: batchOf(3) })
    await kept.append({ kind: 'seal', time: time + 4000, epoch: world.log.ledger.state.epoch })
    await kept.append({ kind: 'batch', time: time + 6000, waitMs: 0, batch: batchOf(4) })
    await caughtUp()
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(10)
    expect(world.log.ledger.state.time).toBe(time + 6000)
    const times = (await entriesOf(world))
      .filter(entry => entry[0] === ENTRY_BATCH)
      .map(entry => decodeBatch(entry).time)
    expect(times.slice(-3)).toEqual([time, time + 5000, time + 6000])
    // Its own are answered as before.
    const answer = await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 5)))
    expect([...answer.statuses]).toEqual([0])
  })

  test('has the same log as any other that follows it, byte by byte, wherever its process ended', async () => {
    const seed = randomInt(2 ** 32)
    console.log(`seed ${seed}`)
    const random = randomFrom(seed)
    const below = (n: number) => Math.floor(random() * n)
    const kept = new LocalJournal()
    const one = await follow(kept, false)
    const { world, disk, reopen } = one
    let ends = 0
    for (let step = 0; step < 60; step++) {
      world.nowMs += below(2000) - 500
      if (random() < 0.2) {
        disk.endsAt = random() < 0.5 ? 'before' : 'after'
        ends++
      }
      const submitted = Array.from({ length: 1 + below(4) }, () =>
        world.submit([world.issuer], ...Array.from({ length: 1 + below(3) }, () => world.bytes(draft()))),
      )
      if (random() < 0.3) submitted.push(world.log.publisher.publish() as never)
      const answers = await Promise.allSettled(submitted)
      if (answers.some(({ status }) => status === 'rejected')) await reopen()
    }
    await reopen()
    expect(ends).toBeGreaterThan(2)
    const entries = await entriesOf(world)
    await world.log.close()
    const other = await follow(kept, true)
    await other.caughtUp()
    const others = await entriesOf(other.world)
    expect(others.findIndex((entry, i) => !equalBytes(entry, entries[i] ?? new Uint8Array(0)))).toBe(-1)
    expect(others).toHaveLength(entries.length)
    expect(other.next()).toBe(kept.end)

    function draft() {
      return random() < 0.5 ? world.issue(FIRST_MEMBER, 1 + below(9)) : world.redeem(FIRST_MEMBER, 1 + below(9))
    }
  })
})
