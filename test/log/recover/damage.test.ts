import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { checkStore, saltFrom } from '../../../src/log/index.ts'
import { openLevelStore, StoreError } from '../../../src/store/index.ts'
import { FIRST_MEMBER, keyNumber, SALT_SECRET, World } from '../../world.ts'

/** Changes the value of a row of a store that is closed, and leaves its sum as it was. */
async function damage(world: World, database: string, key: Uint8Array, change: (value: Uint8Array) => void) {
  const folder = join(world.directory, 'store', database)
  const db = new Level<Uint8Array, Uint8Array>(folder, { keyEncoding: 'view', valueEncoding: 'view' })
  await db.open()
  const value = Uint8Array.from((await db.get(key))!)
  change(value)
  await db.put(key, value)
  await db.close()
}

const bundleKey = (n: number) => Uint8Array.of(0x7a, 0, 0, 0, 0, 0, 0, n, 0)
const corrupt = (promise: Promise<unknown>) =>
  expect(promise).rejects.toThrow(expect.objectContaining({ name: 'StoreError', code: 'store-corrupt' }))

describe('an old entry of which a bit flipped, below the state that is kept', () => {
  /** The world that is damaged and closed, of which each test has a copy. */
  let damaged: World
  let world: World
  let old: Uint8Array
  const other = FIRST_MEMBER + 1
  beforeAll(async () => {
    const world = await World.create({ runBits: 12 })
    damaged = world
    await world.submit([world.registrar], world.bytes(world.openMember(keyNumber(7))))
    const fill = (length: number) =>
      world.submit([world.issuer], ...Array.from({ length }, () => world.bytes(world.issue(other, 1))))
    await fill(600)
    old = world.bytes(world.issue(FIRST_MEMBER, 1000))
    const { index } = await world.submit([world.issuer], old)
    expect(index).toBeGreaterThan(512)
    // What comes after the last whole row of the tree, and the last run, is read on every start.
    for (let n = 0; n < 10; n++) await fill(8192)
    await world.log.publisher.publish()
    await world.log.close()
    await damage(world, 'log', bundleKey(Math.floor(index! / 256)), value => {
      const at = Buffer.from(value).indexOf(old)
      value[at + 12]! ^= 1
    })
  })
  afterAll(() => rm(damaged.directory, { recursive: true, force: true }))
  beforeEach(async () => {
    const copy = await mkdtemp(join(tmpdir(), 'tally-damaged-'))
    await cp(damaged.directory, copy, { recursive: true })
    world = await World.at(copy, { runBits: 12 })
  })
  afterEach(() => world.destroy())

  test('is not believed: what was acknowledged is not taken a second time, and all else goes on', async () => {
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(1000)
    await corrupt(world.submit([world.issuer], old))
    await corrupt(world.submit([world.issuer], old, world.bytes(world.issue(FIRST_MEMBER, 1))))
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(1000)
    await corrupt(world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: false }))
    await corrupt(world.log.entryBundle(2, 256) as Promise<unknown>)
    await corrupt(world.log.tile(0, 2, 256))
    const fresh = world.bytes(world.issue(FIRST_MEMBER, 1))
    expect((await world.submit([world.issuer], fresh)).statuses[0]).toBe(0)
    expect((await world.submit([world.issuer], fresh)).existed).toHaveLength(1)
    await world.log.publisher.publish()
    expect([world.log.stopped, world.failure]).toEqual([undefined, undefined])
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER)).toBe(1001)
  })

  test('is named by a check of the store, with all else that is damaged', async () => {
    const details = { account: FIRST_MEMBER, salt: new Uint8Array(32).fill(1), text: 'paid 1000' }
    const commitment = (await world.log.details.put(details)) as Uint8Array
    await world.log.close()
    const check = async () => {
      const store = await openLevelStore(join(world.directory, 'store'))
      const saltOf = (epoch: number) => saltFrom(SALT_SECRET, epoch)
      return checkStore({ store, logKey: world.log.logKey, saltOf }).finally(() => store.close())
    }
    const one = await check()
    expect(one).toMatchObject({ details: 1, madeAgain: [], published: one.entries })
    expect(one.faults).toEqual([{ code: 'store-corrupt', message: expect.stringContaining('key z/512') }])
    await damage(world, 'log', bundleKey(2), value => {
      // As it was: the id of the old transaction is made whole again.
      const at = Buffer.from(value).indexOf(old.subarray(13))
      value[at - 1]! ^= 1
    })
    await damage(world, 'beside', Uint8Array.of(0x78, ...commitment), value => {
      value[value.length - 5]! ^= 1
    })
    await damage(world, 'index', Uint8Array.of(...Buffer.from('miT'), 0, 0, 0, 0), value => {
      value[9]! ^= 1
    })
    const two = await check()
    expect(two.faults).toEqual([{ code: 'store-corrupt', message: expect.stringContaining('key 0x78') }])
    expect(two).toMatchObject({ details: 1, madeAgain: ['1 rows of the index are damaged.'], published: two.entries })
    expect(two.seals).toBeGreaterThan(0)
    await world.open()
    await corrupt(world.log.details.get(commitment))
  })
})

describe('a disk that does not answer', () => {
  test('fails who asks for what it has, and nobody else; and answers again when it does', async () => {
    let failing = false
    const read = new Set<PropertyKey>([
      'readEntry',
      'readEntries',
      'readBundle',
      'viewBundle',
      'readDetails',
      'readMany',
    ])
    const world = await World.create({
      beforeStore: store =>
        new Proxy(store, {
          get: (target, name) => {
            if (failing && read.has(name)) return () => Promise.reject(new StoreError('store-read', 'EIO'))
            const value: unknown = Reflect.get(target, name)
            return typeof value === 'function' ? value.bind(target) : value
          },
        }),
    })
    try {
      const old = world.bytes(world.issue(FIRST_MEMBER, 5))
      await world.submit([world.issuer], old)
      const fill = Array.from({ length: 3000 }, () => world.bytes(world.issue(FIRST_MEMBER, 1)))
      await world.submit([world.issuer], ...fill)
      await world.log.publisher.publish()
      failing = true
      const unread = (promise: Promise<unknown>) =>
        expect(promise).rejects.toThrow(expect.objectContaining({ code: 'store-read' }))
      await unread(world.submit([world.issuer], old))
      await unread(world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: true }))
      expect((await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1)))).statuses[0]).toBe(0)
      failing = false
      expect((await world.submit([world.issuer], old)).existed).toHaveLength(1)
      await world.log.publisher.publish()
      expect([world.log.stopped, world.failure]).toEqual([undefined, undefined])
    } finally {
      await world.destroy()
    }
  })
})
