import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Store } from '../../src/store/index.ts'
import { runs } from '../runs.ts'
import { entriesFrom, entryFor, grow, piecesOf, scanned, wireOf } from './entries.ts'

/** Stands around the writes of a store. */
type Fault = (write: () => Promise<void>) => Promise<void>

/** A place where a store lives, that outlasts its being closed. */
export interface Place {
  open(fault?: Fault): Promise<Store>
  remove(): Promise<void>
}

/** What every implementation of `Store` has to do. */
export function storeContract(name: string, makePlace: () => Promise<Place>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let place: Place
    const opened: Store[] = []
    const open = async (fault?: Fault) => {
      const store = await place.open(fault)
      opened.push(store)
      return store
    }

    beforeEach(async () => {
      place = await makePlace()
    })

    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
      await place.remove()
    })

    it('is empty at first', async () => {
      const store = await open()
      expect(store.size).toBe(0)
      expect(await scanned(store)).toHaveLength(0)
      expect(await store.readDocument('checkpoint')).toBeUndefined()
      await expect(store.readBundle(0)).rejects.toMatchObject({ code: 'store-range' })
    })

    it.each([1, 255, 256, 257, 512, 700])('gives back %i entries, also after it was opened again', async count => {
      const store = await open()
      await grow(store, count)
      const check = async (one: Store) => {
        expect(one.size).toBe(count)
        for (let n = 0; n * 256 < count; n++)
          expect(await one.readBundle(n)).toEqual(wireOf(entriesFrom(256 * n, Math.min(256, count - 256 * n))))
        for (const index of [0, count >> 1, count - 1]) expect(await one.readEntry(index)).toEqual(entryFor(index))
        // From both ends, so that bundles come in no order, some twice; again when they are in the cache.
        const some = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? i : count - i))
        for (let round = 0; round < 2; round++)
          expect(await one.readEntries(some)).toEqual(some.map(index => entryFor(index)))
        expect(await one.readEntries([])).toEqual([])
        await expect(one.readEntries([0, count])).rejects.toMatchObject({ code: 'store-range' })
        await expect(one.readBundle(Math.ceil(count / 256))).rejects.toMatchObject({ code: 'store-range' })
        await expect(one.readEntry(count)).rejects.toMatchObject({ code: 'store-range' })
      }
      await check(store)
      await store.close()
      await check(await open())
    })

    it('takes entries of 1 and of 65,535 bytes', async () => {
      const entries = [Uint8Array.of(1), new Uint8Array(65_535).fill(7), Uint8Array.of(3)]
      const store = await open()
      await store.append([{ firstIndex: 0, count: 3, bytes: new Uint8Array(Buffer.from(wireOf(entries))) }])
      await store.close()
      const again = await open()
      for (const [i, entry] of entries.entries()) expect(Buffer.compare(await again.readEntry(i), entry)).toBe(0)
    })

    it('refuses numbers that are no bundle and no entry', async () => {
      const store = await open()
      await grow(store, 300)
      for (const n of [-1, 0.5, Number.NaN, 2, 2 ** 53, Number.POSITIVE_INFINITY]) {
        await expect(store.readBundle(n)).rejects.toMatchObject({ code: 'store-range' })
        await expect(store.readEntry(n === 2 ? 300 : n)).rejects.toMatchObject({ code: 'store-range' })
      }
    })

    it.each([
      { what: 'a gap', pieces: piecesOf(4, entriesFrom(4, 1)) },
      { what: 'an overlap', pieces: piecesOf(2, entriesFrom(2, 1)) },
      { what: 'a piece across bundles', pieces: [{ firstIndex: 3, count: 256, bytes: wireOf(entriesFrom(3, 256)) }] },
      { what: 'no entries', pieces: [{ firstIndex: 3, count: 0, bytes: new Uint8Array() }] },
      { what: 'a wrong count', pieces: [{ firstIndex: 3, count: 2, bytes: wireOf(entriesFrom(3, 1)) }] },
      {
        what: 'bytes cut off',
        pieces: [{ firstIndex: 3, count: 1, bytes: wireOf(entriesFrom(3, 1)).subarray(0, -1) }],
      },
      { what: 'an empty entry', pieces: [{ firstIndex: 3, count: 1, bytes: new Uint8Array(2) }] },
      { what: 'a gap within', pieces: [...piecesOf(3, entriesFrom(3, 1)), ...piecesOf(5, entriesFrom(5, 1))] },
    ])('takes $what as a bug, and nothing of it', async ({ pieces }) => {
      const store = await open()
      await grow(store, 3)
      await expect(store.append(pieces)).rejects.toThrow(expect.objectContaining({ name: 'AssertionError' }))
      expect(store.size).toBe(3)
      await grow(store, 2)
      expect(await store.readBundle(0)).toEqual(wireOf(entriesFrom(0, 5)))
    })

    it('takes a second append during one as a bug', async () => {
      const store = await open()
      const first = grow(store, 1)
      await expect(grow(store, 1)).rejects.toThrow('one append at a time')
      await first
      expect(store.size).toBe(1)
    })

    it('is not changed by what callers do to bytes they gave or got', async () => {
      const store = await open()
      for (const count of [10, 246]) {
        const pieces = piecesOf(store.size, entriesFrom(store.size, count))
        const done = store.append(pieces)
        for (const { bytes } of pieces) bytes.fill(0xff)
        await done
        const expected = wireOf(entriesFrom(0, store.size))
        for (let i = 0; i < 3; i++) {
          const bytes = await store.readBundle(0)
          expect(bytes.constructor).toBe(Uint8Array)
          expect(bytes).toEqual(expected)
          expect(await store.viewBundle(0)).toEqual(expected)
          bytes.fill(0)
          ;(await store.readEntry(0)).fill(0)
        }
        for await (const { bytes } of store.scan(0)) bytes.fill(0)
        expect(await store.readBundle(0)).toEqual(expected)
      }
    })

    it('keeps documents', async () => {
      const store = await open()
      await store.writeDocument('checkpoint', Uint8Array.of(1, 2))
      expect(await store.readDocument('checkpoint')).toEqual(Uint8Array.of(1, 2))
      await grow(store, 1)
      await store.writeDocument('checkpoint', Uint8Array.of(3))
      expect((await store.readDocument('checkpoint'))!.constructor).toBe(Uint8Array)
      await store.close()
      const again = await open()
      expect(await again.readDocument('checkpoint')).toEqual(Uint8Array.of(3))
      await again.writeDocument('checkpoint', new Uint8Array())
      expect(await again.readDocument('checkpoint')).toEqual(new Uint8Array())
      expect(again.size).toBe(1)
    })

    const rowsOf = async (store: Store, from: number[], to: number[]) => {
      const rows: number[][] = []
      for await (const { key, value } of store.readRows(Uint8Array.from(from), Uint8Array.from(to)))
        rows.push([...key, -1, ...value])
      return rows
    }
    const row = (...key: number[]) => ({ key: Uint8Array.from(key), value: Uint8Array.of(key.length) })

    it('keeps rows in order, changes them all or nothing, and leaves the log alone', async () => {
      const store = await open()
      await grow(store, 3)
      const puts = [row(7, 255), row(7), row(6, 1), row(7, 0, 0), row(8)]
      const done = store.writeRows({ puts }, { sync: false })
      for (const { key, value } of puts) for (const bytes of [key, value]) bytes.fill(9)
      await done
      expect(await rowsOf(store, [7], [8])).toEqual([
        [7, -1, 1],
        [7, 0, 0, -1, 3],
        [7, 255, -1, 2],
      ])
      const before = store.readRows(Uint8Array.of(7), Uint8Array.of(8))
      const deletes = [Uint8Array.of(7), Uint8Array.of(99)]
      await store.writeRows(
        { puts: [{ key: Uint8Array.of(7, 255), value: new Uint8Array() }], deletes },
        { sync: true },
      )
      let count = 0
      for await (const _ of before) count++
      expect(count).toBe(3)
      await store.close()
      const again = await open()
      expect(again.size).toBe(3)
      expect(await rowsOf(again, [7], [8])).toEqual([
        [7, 0, 0, -1, 3],
        [7, 255, -1],
      ])
      expect(await again.readRow(Uint8Array.of(6, 1))).toEqual(Uint8Array.of(2))
      expect(await again.readRow(Uint8Array.of(7))).toBeUndefined()
      const keys = [[7, 0, 0], [7], [6, 1], [7, 255]].map(key => Uint8Array.from(key))
      expect(await again.readMany(keys)).toEqual([Uint8Array.of(3), undefined, Uint8Array.of(2), new Uint8Array()])
      expect(await again.readMany([])).toEqual([])
      await again.deleteRows(Uint8Array.of(6), Uint8Array.of(7, 1))
      expect(await rowsOf(again, [0], [255])).toEqual([
        [7, 255, -1],
        [8, -1, 1],
      ])
      expect(await scanned(again)).toEqual(wireOf(entriesFrom(0, 3)))
    })

    it('takes rows beside appends, thousands of them, and gives them back in large reads', async () => {
      const store = await open()
      const rows = Array.from({ length: 1500 }, (_, i) => row(1, i >> 8, i & 255))
      await Promise.all([
        store.writeRows({ puts: rows.slice(0, 700) }, { sync: false }),
        grow(store, 300),
        store.writeRows({ puts: rows.slice(700) }, { sync: false }),
      ])
      const found = await rowsOf(store, [1], [2])
      expect(found).toEqual(rows.map(({ key, value }) => [...key, -1, ...value]))
      for await (const _ of store.readRows(Uint8Array.of(1), Uint8Array.of(2))) break
      expect(await scanned(store)).toEqual(wireOf(entriesFrom(0, 300)))
    })

    it.each(['rows', 'a deletion'])('refuses writes after %s failed', async what => {
      let failing = false
      const store = await open(async write => {
        if (failing) throw new Error('the disk is gone')
        await write()
      })
      await store.writeRows({ puts: [row(1)] }, { sync: true })
      failing = true
      const failed =
        what === 'rows'
          ? store.writeRows({ puts: [row(2)] }, { sync: false })
          : store.deleteRows(Uint8Array.of(0), Uint8Array.of(255))
      await expect(failed).rejects.toMatchObject({ code: 'store-write' })
      failing = false
      await expect(grow(store, 1)).rejects.toMatchObject({ code: 'store-write' })
      await expect(store.writeRows({ puts: [row(2)] }, { sync: true })).rejects.toMatchObject({ code: 'store-write' })
      expect(await rowsOf(store, [0], [255])).toEqual([[1, -1, 1]])
    })

    it('scans from any bundle, and what was durable when it was asked', async () => {
      const store = await open()
      await grow(store, 1100)
      for (const from of [0, 1, 3, 4, 5, 100])
        expect(await scanned(store, from)).toEqual(wireOf(entriesFrom(256 * from, Math.max(0, 1100 - 256 * from))))
      const scan = store.scan(0)
      await grow(store, 700)
      let count = 0
      for await (const { bytes } of scan)
        for (let at = 0; at < bytes.length; count++) at += 2 + bytes[at]! * 256 + bytes[at + 1]!
      expect(count).toBe(1100)
      for await (const { index } of store.scan(0)) if (index === 1) break
      expect(store.size).toBe(1800)
    })

    it('gives whole prefixes to readers while it grows', async () => {
      const store = await open()
      await grow(store, 1)
      let growing = true
      const read = async () => {
        while (growing) {
          const size = store.size
          const n = Math.floor((size - 1) / 256)
          const bundle = await store.readBundle(n)
          // What was durable when it was asked for is in it, and nothing but a prefix of the bundle.
          expect(bundle.length).toBeGreaterThanOrEqual(wireOf(entriesFrom(256 * n, size - 256 * n)).length)
          expect(bundle).toEqual(wireOf(entriesFrom(256 * n, 256)).subarray(0, bundle.length))
          await new Promise(setImmediate)
        }
      }
      const readers = [read(), read(), read()]
      while (store.size < 800) await grow(store, 1 + (store.size % 37))
      growing = false
      await Promise.all(readers)
      const all = await Promise.all(Array.from({ length: 60 }, (_, i) => store.readBundle(i % 3)))
      for (const [i, bytes] of all.entries()) expect(bytes).toEqual(wireOf(entriesFrom(256 * (i % 3), 256)))
    })

    describe.each([
      { what: 'not persisted', isPersisted: false },
      { what: 'persisted', isPersisted: true },
    ])('after a write that failed and was $what', ({ isPersisted }) => {
      it.each([
        { before: 0, added: 1 },
        { before: 250, added: 6 },
        { before: 250, added: 300 },
      ])('refuses writes, serves what it had, and is whole when opened again: $before + $added', async sizes => {
        let failing = false
        const store = await open(async write => {
          if (!failing || isPersisted) await write()
          if (failing) throw new Error('the disk is gone')
        })
        if (sizes.before > 0) for (const count of [sizes.before - 1, 1]) await grow(store, count)
        await store.writeDocument('checkpoint', Uint8Array.of(1))
        failing = true
        const pieces = piecesOf(sizes.before, entriesFrom(sizes.before, sizes.added))
        await expect(store.append(pieces)).rejects.toMatchObject({ code: 'store-write' })
        failing = false
        await expect(store.append(pieces)).rejects.toMatchObject({ code: 'store-write' })
        await expect(store.writeDocument('checkpoint', Uint8Array.of(3))).rejects.toMatchObject({ code: 'store-write' })
        expect(store.size).toBe(sizes.before)
        expect(await scanned(store)).toEqual(wireOf(entriesFrom(0, sizes.before)))
        await store.close()

        const again = await open()
        expect(again.size).toBe(sizes.before + (isPersisted ? sizes.added : 0))
        expect(await again.readDocument('checkpoint')).toEqual(Uint8Array.of(1))
        await grow(again, 10)
        expect(await scanned(again)).toEqual(wireOf(entriesFrom(0, again.size)))
      })
    })

    it('refuses appends after a document failed', async () => {
      const store = await open(() => Promise.reject(new Error('the disk is gone')))
      await expect(store.writeDocument('checkpoint', Uint8Array.of(1))).rejects.toMatchObject({ code: 'store-write' })
      await expect(grow(store, 1)).rejects.toMatchObject({ code: 'store-write' })
    })

    it('says that it was closed, and finishes what was under way', async () => {
      const store = await open()
      const last = grow(store, 300)
      await Promise.all([store.close(), store.close()])
      await last
      for (const call of [() => store.readBundle(0), () => store.readEntry(0), () => store.readDocument('checkpoint')])
        await expect(call()).rejects.toMatchObject({ code: 'store-closed' })
      await expect(grow(store, 1)).rejects.toMatchObject({ code: 'store-closed' })
      await expect(store.writeDocument('checkpoint', Uint8Array.of(1))).rejects.toMatchObject({ code: 'store-closed' })
      await expect(store.writeRows({ puts: [row(1)] }, { sync: true })).rejects.toMatchObject({ code: 'store-closed' })
      await expect(store.readRow(Uint8Array.of(1))).rejects.toMatchObject({ code: 'store-closed' })
      await expect(store.readMany([Uint8Array.of(1)])).rejects.toMatchObject({ code: 'store-closed' })
      expect(() => store.readRows(Uint8Array.of(0), Uint8Array.of(1))).toThrow(
        expect.objectContaining({ code: 'store-closed' }),
      )
      expect(() => store.scan(0)).toThrow(expect.objectContaining({ code: 'store-closed' }))
      expect((await open()).size).toBe(300)
    })

    it('is a plain list of entries, however it is appended to, read and opened again', async () => {
      const step = fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('append' as const),
            count: fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 600 })),
          }),
        },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), at: fc.nat() }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('scan' as const), at: fc.nat() }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), at: fc.nat() }) },
      )
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 25 }),
          fc.integer({ min: 1, max: 300 }),
          async (steps, lengthMax) => {
            const own = await makePlace()
            let store = await own.open()
            try {
              const model: Uint8Array[] = []
              for (const one of steps) {
                if (one.do === 'append') {
                  const entries = Array.from({ length: one.count }, (_, i) => entryFor(model.length + i, lengthMax))
                  await store.append(piecesOf(model.length, entries))
                  model.push(...entries)
                } else if (one.do === 'open') {
                  await store.close()
                  store = await own.open()
                } else if (model.length > 0) {
                  const index = one.at % model.length
                  const n = Math.floor(index / 256)
                  if (one.do === 'scan') expect(await scanned(store, n)).toEqual(wireOf(model.slice(256 * n)))
                  else expect(await store.readBundle(n)).toEqual(wireOf(model.slice(256 * n, 256 * n + 256)))
                  expect(await store.readEntry(index)).toEqual(model[index])
                }
                expect(store.size).toBe(model.length)
              }
              expect(await scanned(store)).toEqual(wireOf(model))
            } finally {
              await store.close()
              await own.remove()
            }
          },
        ),
        { numRuns: runs(25, 8) },
      )
    })
  })
}
