import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex } from '../../../src/core/bytes.ts'
import { ENTRY_TRANSACTION } from '../../../src/core/entry/entry-type.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { Replay, SNAPSHOT_FROM, SNAPSHOT_TO } from '../../../src/ledger/index.ts'
import { saltFrom } from '../../../src/log/index.ts'
import { type Row, rowKey } from '../../../src/lookup/index.ts'
import { openLevelStore, type Store } from '../../../src/store/index.ts'
import { dump } from '../../ledger/dump.ts'
import { runs } from '../../runs.ts'
import { BUDGET, type Draft, FIRST_MEMBER, SALT_SECRET, World } from '../../world.ts'

/** Fails the write that is that many away, before or after it is on disk, and every later one. */
class Fault {
  left = Number.POSITIVE_INFINITY
  isAfter = false
  writes = 0
  readonly store = {
    aroundWrite: async (write: () => Promise<void>) => {
      this.writes++
      const isNow = this.left-- === 0
      if (isNow && !this.isAfter) throw new Error('the disk is gone')
      await write()
      if (isNow) throw new Error('the disk is gone')
    },
  }
}

async function entriesIn(store: { readEntry(n: number): Promise<Uint8Array>; readonly size: number }) {
  return Promise.all(Array.from({ length: store.size }, (_, n) => store.readEntry(n)))
}

/**
 * The state that all entries of a log make, from the first on, without any snapshot; and which entries name each
 * member.
 */
async function replayed(entries: readonly Uint8Array[]) {
  const named: number[][] = []
  const replay = new Replay({
    saltOf: epoch => saltFrom(SALT_SECRET, epoch),
    entryAt: async index => entries[index]!,
    verifySignatures: false,
    postings: {
      open(account) {
        named[account] = []
      },
      post(account, index) {
        named[account]!.push(index)
      },
    },
  })
  await replay.feed(entries)
  return { state: replay.ledger.state, named }
}

async function expectWhole(world: World): Promise<void> {
  const entries = await entriesIn(world.log)
  const { state, named } = await replayed(entries)
  // What was sealed last is sealed in both, whether or not entries stand after it.
  expect(dump(world.log.ledger.state, entries)).toEqual(dump(state, entries))
  for (const [account, indexes] of named.entries()) expect(await world.log.prover.entriesOf(account)).toEqual(indexes)
  await expectOnce(world, entries)
}

/** Whatever stands in the log existed before, when it is sent again, at the first place that its id has. */
async function expectOnce(world: World, entries: readonly Uint8Array[]): Promise<void> {
  const first = new Map<string, number>()
  entries.forEach((entry, index) => {
    const id = toHex(entry.subarray(entry[2]! < 24 ? 4 : 5).subarray(0, 16))
    if (entry[0] === ENTRY_TRANSACTION && !first.has(id)) first.set(id, index)
  })
  // A genesis is refused with the batch that it is in, wherever that is not the first.
  const indexes = [...first.values()].filter(index => index > 1).slice(-8000)
  const { index, existed } = await world.submit([world.issuer], ...indexes.map(index => entries[index]!))
  expect([index, existed]).toEqual([null, indexes.map((index, position) => [position, index])])
}

async function work(world: World, rounds: number): Promise<void> {
  for (let n = 0; n < rounds; n++) {
    const hour = Math.ceil(world.nowMs / 3_600_000)
    const dated = { ...world.issue(FIRST_MEMBER, 20 + n), matures: 0, expires: 4 * (hour + 2 + n) }
    const issued = world.id()
    await world.submit([world.issuer], world.bytes(dated, issued), world.bytes(world.issue(FIRST_MEMBER, 5)))
    await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, n % 2 === 0 ? 7 : 10 ** 6)))
    const back = { kind: 'reverse', debit: FIRST_MEMBER, credit: BUDGET, amount: 3, original: issued } as const
    await world.submit([world.issuer], world.bytes(back))
    if (n === 1) {
      // A pool counts what the budget gives, and no entry of that names the pool.
      const pool = world.log.ledger.state.accounts.count
      const budget = { ...world.openMember(), accountKind: 'budget', owner: null, recovery: null } as const
      await world.submit([world.treasurer], world.bytes(budget as Draft))
      const terms = { kind: 'set-budget', memberDay: 10 ** 6, memberTotal: 10 ** 6 } as const
      await world.submit([world.treasurer], world.bytes({ ...terms, account: pool }))
      await world.submit([world.treasurer], world.bytes({ ...terms, account: BUDGET, pools: [pool] }))
    }
    if (n % 3 === 0) await world.submit([world.registrar], world.bytes(world.openMember()))
    world.nowMs += 1000
    await world.log.publisher.publish()
  }
}

describe('a start with a snapshot', () => {
  const notices: string[] = []
  let read = 0
  let world: World
  const options = {
    snapshotEntries: 1,
    onNotice: (what: string) => void notices.push(what),
    onProgress: () => void read++,
  }
  beforeEach(async () => {
    notices.length = 0
    read = 0
  })
  afterEach(() => world.destroy())

  test('replays nothing after a log was closed, and the state is that of the whole log', async () => {
    world = await World.create(options)
    await work(world, 4)
    await world.reopen()
    expect([read, notices]).toEqual([0, []])
    await expectWhole(world)
    await work(world, 2)
    await expectWhole(world)
  })

  test('a write that fails anywhere, before or after it is on disk, leaves a snapshot that holds, or none', async () => {
    const counted = new Fault()
    world = await World.create({ ...options, store: counted.store })
    const before = counted.writes
    await work(world, 3)
    await world.log.close()
    const writes = counted.writes - before
    expect(writes).toBeGreaterThan(20)
    await fc.assert(
      fc.asyncProperty(fc.nat(writes - 1), fc.boolean(), async (left, isAfter) => {
        await world.destroy()
        const fault = new Fault()
        world = await World.create({ ...options, store: fault.store })
        Object.assign(fault, { left, isAfter })
        await work(world, 3).catch(() => {})
        await world.log.close().catch(() => {})
        await world.open()
        expect(notices).toEqual([])
        await expectWhole(world)
        await work(world, 1)
        await expectWhole(world)
      }),
      { numRuns: runs(12, 3), endOnFailure: true },
    )
  })

  /** Changes what a store keeps of the state, or else beside the log, while nobody has it open. */
  const meddle = async (
    change: (rows: Row[], store: Store) => Promise<unknown>,
    [from, to]: [Uint8Array, Uint8Array] = [SNAPSHOT_FROM, SNAPSHOT_TO],
  ) => {
    await world.log.close()
    const store = await openLevelStore(join(world.directory, 'store'))
    const rows: Row[] = []
    for await (const row of store.readRows(from, to)) rows.push(row)
    await change(rows, store)
    await store.close()
    await world.open()
  }

  test('with any part of it damaged or missing the log is replayed, which is said; the next start is quick again', async () => {
    world = await World.create(options)
    await work(world, 4)
    let names: string[] = []
    await meddle(async rows => {
      names = [...new Set(rows.map(({ key }) => String.fromCharCode(...key.subarray(0, 2))))]
    })
    expect(names.sort()).toEqual(['sb', 'sd', 'sh', 'sj'])
    for (const name of names)
      for (const isGone of [false, true]) {
        notices.length = 0
        await meddle(async (rows, store) => {
          const { key, value } = rows.findLast(row => toHex(row.key).startsWith(toHex(new TextEncoder().encode(name))))!
          const changed = { key, value: value.with(value.length >> 1, value[value.length >> 1]! ^ 1) }
          await store.writeRows(isGone ? { deletes: [key] } : { puts: [changed] }, { sync: true })
        })
        // Without its head there is none; anything else is damage, and said.
        if (name === 'sh' && isGone) expect(notices).toEqual([])
        else expect(notices).toEqual([expect.stringContaining('replayed from its first entry')])
        await expectWhole(world)
        notices.length = read = 0
        await world.reopen()
        expect([read, notices]).toEqual([0, []])
        await work(world, 3)
      }
  })

  test('ids and postings, with any part of them damaged or missing, are made again, and nobody has to know', async () => {
    world = await World.create(options)
    await work(world, 12)
    const range: [Uint8Array, Uint8Array] = [rowKey('i'), rowKey('j')]
    for (const letters of ['iI', 'iF', 'iR', 'iQ', 'iP', 'iB', 'iO'])
      for (const isGone of [false, true]) {
        await meddle(async (rows, store) => {
          const some = rows.filter(({ key }) => toHex(key).startsWith(toHex(rowKey(letters))))
          expect(some.length).toBeGreaterThan(1)
          for (const { key, value } of some.filter((_, i) => i % 2 === 0)) {
            const changed = { key, value: value.with(value.length >> 1, value[value.length >> 1]! ^ 1) }
            await store.writeRows(isGone ? { deletes: [key] } : { puts: [changed] }, { sync: true })
          }
        }, range)
        await expectWhole(world)
        await work(world, 1)
      }
    expect([read, notices]).toEqual([0, []])
  })

  test('one byte of an entry below it changed: the log is not opened, whatever of it is read', async () => {
    world = await World.create(options)
    await work(world, 3)
    const entries = await entriesIn(world.log)
    const { checkpoint } = world.log.publisher.published!
    await world.log.close()
    const directory = join(world.directory, 'store')
    const old = await openLevelStore(directory)
    const rows: Row[] = []
    for await (const row of old.readRows(new Uint8Array(0), Uint8Array.of(255))) rows.push(row)
    await old.close()
    const remade = async (changed: readonly Uint8Array[]) => {
      await rm(directory, { recursive: true })
      const store = await openLevelStore(directory)
      await store.append([{ firstIndex: 0, count: changed.length, bytes: encodeEntryBundle(changed) }])
      await store.writeRows({ puts: rows }, { sync: true })
      await store.writeDocument('checkpoint', checkpoint)
      await store.close()
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (which, at, flip) => {
        const index = which % (entries.length - 1)
        const entry = entries[index]!.slice()
        entry[at % entry.length]! ^= flip
        await remade(entries.with(index, entry))
        await expect(world.open()).rejects.toThrow(expect.objectContaining({ code: 'ledger-mismatch' }))
      }),
      { numRuns: runs(20, 4), endOnFailure: true },
    )
    await remade(entries)
    await world.open()
    await expectWhole(world)
  })

  test('one of another log is found out by the seal that it should stand for', async () => {
    const other = await World.create(options)
    world = await World.create(options)
    try {
      await work(world, 2)
      await work(other, 2)
      await other.log.close()
      const store = await openLevelStore(join(other.directory, 'store'))
      const theirs: Row[] = []
      for await (const row of store.readRows(SNAPSHOT_FROM, SNAPSHOT_TO)) theirs.push(row)
      await store.close()
      await meddle(async (_, mine) => {
        await mine.deleteRows(SNAPSHOT_FROM, SNAPSHOT_TO)
        await mine.writeRows({ puts: theirs }, { sync: true })
      })
      expect(notices).toEqual([expect.stringContaining('differs from the sealed one')])
      await expectWhole(world)
    } finally {
      await other.open()
      await other.destroy()
    }
  })

  test('after kill -9, again and again, it holds with all that was acknowledged', async () => {
    world = await World.create(options)
    await world.log.close()
    let acknowledged = 0
    for (const round of runs(4, 2) === 4 ? [0, 1, 2, 3] : [0, 4]) {
      const child = spawn(process.execPath, [join(import.meta.dirname, 'kept-writer.ts'), world.directory], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const closed = once(child, 'close')
      let lines = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const [, size] = /^(\d+);$/.exec(line) ?? []
        if (size !== undefined) acknowledged = Number(size)
        if (++lines === 5 + 17 * round) child.kill('SIGKILL')
      }
      const [, signal] = await closed
      expect(signal).toBe('SIGKILL')
      await world.open()
      expect(world.log.size).toBeGreaterThanOrEqual(acknowledged)
      expect(notices).toEqual([])
      await expectWhole(world)
      await world.log.close()
    }
    expect(acknowledged).toBeGreaterThan(100)
    await world.open()
  })
})
