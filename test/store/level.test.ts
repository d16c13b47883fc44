import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Level } from 'level'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LevelStoreOptions, openLevelStore, type Store } from '../../src/store/index.ts'
import { withSum } from '../../src/store/sum.ts'
import { runs } from '../runs.ts'
import { storeContract } from './contract.ts'
import { entriesFrom, grow, scanned, wireOf } from './entries.ts'

const removal = { recursive: true, force: true, maxRetries: 5 }

storeContract('LevelDB', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tallystick-store-'))
  return {
    open: aroundWrite =>
      openLevelStore(
        join(parent, 'deep', 'store'),
        aroundWrite === undefined ? {} : { aroundWrite, bundleCacheBytes: 9000 },
      ),
    remove: () => rm(parent, removal),
  }
})

let parent: string
let directory: string
const opened: Store[] = []

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tallystick-store-'))
  directory = join(parent, 'store')
})

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await rm(parent, removal)
})

async function open(options?: LevelStoreOptions): Promise<Store> {
  const store = await openLevelStore(directory, options)
  opened.push(store)
  return store
}

/** Makes a store whose log has grown in these steps. */
async function made(...counts: number[]): Promise<void> {
  const store = await openLevelStore(directory)
  for (const count of counts) await grow(store, count)
  await store.close()
}

type Raw = Level<Uint8Array, Uint8Array>

/** The folder of one of the store's databases. */
const of = (name: 'log' | 'beside' | 'index') => join(directory, name)

async function withRaw<T>(look: (db: Raw) => Promise<T>, path = of('log')): Promise<T> {
  await mkdir(path, { recursive: true })
  const db: Raw = new Level<Uint8Array, Uint8Array>(path, { keyEncoding: 'view', valueEncoding: 'view' })
  await db.open()
  try {
    return await look(db)
  } finally {
    await db.close()
  }
}

function key(index: number): Uint8Array {
  return Uint8Array.of(0x7a, 0, 0, 0, 0, 0, 0, index >> 8, index & 0xff)
}

const ascii = (text: string) => Uint8Array.from(text, c => c.charCodeAt(0))

describe('the rows of the log', () => {
  const rows = () => withRaw(async db => (await db.keys({ gt: ascii('e') }).all()).map(k => k[7]! * 256 + k[8]!))

  it('are what an append brings, and one a bundle once that is whole', async () => {
    await made(1, 1, 3)
    expect(await rows()).toEqual([0, 1, 2])
    const store = await open()
    await grow(store, 260)
    await store.close()
    expect(await rows()).toEqual([0, 256])
    const stored = (await withRaw(db => db.get(key(0))))!
    expect(stored.subarray(0, -4)).toEqual(Buffer.from(wireOf(entriesFrom(0, 256))))
    // CRC-32 of the key and the value, made here by the bit and not by the code under test.
    let sum = 0xffffffff
    for (const byte of [...key(0), ...wireOf(entriesFrom(0, 256))]) {
      sum ^= byte
      for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
    }
    expect(new DataView(stored.buffer, stored.byteOffset).getUint32(stored.length - 4)).toBe(~sum >>> 0)
  })
})

describe('opening', () => {
  it.skipIf(process.platform === 'win32')('makes a directory for its owner only', async () => {
    await made(1)
    expect((await stat(directory)).mode & 0o777).toBe(0o700)
  })

  it('refuses a store that is open, says where, and does not disturb it', async () => {
    const store = await open()
    await expect(openLevelStore(directory)).rejects.toMatchObject({
      code: 'store-locked',
      message: expect.stringContaining(directory),
    })
    await grow(store, 1)
    expect(store.size).toBe(1)
  })

  it('finishes what a crash left while the store was being made', async () => {
    await mkdir(of('log'), { recursive: true })
    for (const name of ['LOCK', 'LOG', 'MANIFEST-000001', '000001.dbtmp']) await writeFile(join(of('log'), name), '')
    await made(1)
    expect((await open()).size).toBe(1)
  })

  it.each<{ what: string; says: string; lie: () => Promise<unknown> }>([
    { what: 'a file', says: 'EEXIST', lie: () => writeFile(directory, 'x') },
    {
      what: 'a directory of something else',
      says: 'notes.txt',
      lie: async () => {
        await mkdir(directory)
        await writeFile(join(directory, 'notes.txt'), 'x')
      },
    },
    { what: 'a LevelDB of something else', says: 'key alien', lie: () => put(ascii('alien'), ascii('x'), 'beside') },
  ])('refuses $what', async ({ says, lie }) => {
    await lie()
    for (let i = 0; i < 2; i++)
      await expect(openLevelStore(directory)).rejects.toMatchObject({
        name: 'StoreError',
        code: 'store-open',
        message: expect.stringContaining(says),
      })
    if (says === 'notes.txt') expect(await readdir(directory)).toEqual(['notes.txt'])
  })

  // Each lie is told of a log with whole bundles at 0 and 256, and pieces of 2, 3 and 4 entries at 512, 514 and 517.
  it.each<{ what: string; says: string; lie: () => Promise<unknown>; code?: string }>([
    {
      what: 'an earlier layout',
      code: 'store-format',
      says: 'layout 1,',
      lie: () => putRaw(ascii('dformat'), ascii('1')),
    },
    {
      what: 'a layout of one database',
      code: 'store-format',
      says: 'before layout 3',
      lie: () => withRaw(async () => {}, directory),
    },
    { what: 'a later layout', code: 'store-format', says: 'layout 9,', lie: () => put(ascii('dformat'), ascii('9')) },
    {
      what: 'a later layout of the index',
      code: 'store-format',
      says: 'layout 9,',
      lie: () => put(ascii('dformat'), ascii('9'), 'index'),
    },
    { what: 'a row of something else', says: 'key zoo', lie: () => put(ascii('zoo'), ascii('x')) },
    { what: 'a document of something else', says: 'key dnote', lie: () => put(ascii('dnote'), ascii('x'), 'beside') },
    { what: 'a document in the log', says: 'key dcheckpoint1', lie: () => put(ascii('dcheckpoint1'), ascii('x')) },
    {
      what: 'a document in a third turn',
      says: 'key dcheckpoint2',
      lie: () => put(ascii('dcheckpoint2'), ascii('x'), 'beside'),
    },
    { what: 'an entry beside the log', says: 'key z/0', lie: () => put(key(0), ascii('x'), 'beside') },
    { what: 'nothing beside the log', says: 'folder beside', lie: () => rm(of('beside'), removal) },
    { what: 'a key too short', says: 'key 0x7a00', lie: () => put(Uint8Array.of(0x7a, 0), ascii('x')) },
    {
      what: 'a log index beyond all',
      says: 'key z/18446744073709551615',
      lie: () => put(new Uint8Array(9).fill(255).fill(0x7a, 0, 1), ascii('x')),
    },
    { what: 'no first bundle', says: 'Entries 0 to 255 are missing', lie: () => del(0) },
    { what: 'no second bundle', says: 'Entries 256 to 511 are missing', lie: () => del(256) },
    { what: 'no first piece', says: 'Entries 512 to 513 are missing', lie: () => del(512) },
    { what: 'no middle piece', says: 'Entries 514 to 516 are missing', lie: () => del(514) },
    {
      what: 'an entry twice',
      says: 'Entry 513 is there twice: the row under key z/513',
      lie: () => put(key(513), wireOf(entriesFrom(513, 1))),
    },
    { what: 'a piece without its sum', says: 'key z/517', lie: () => putRaw(key(517), wireOf(entriesFrom(517, 4))) },
    {
      what: "a piece with another row's sum",
      says: 'key z/517',
      lie: () => putRaw(key(517), withSum(key(518), wireOf(entriesFrom(517, 4)))),
    },
    {
      what: 'a damaged bundle in which a piece is left',
      says: 'key z/256',
      lie: async () => {
        await put(key(300), wireOf(entriesFrom(300, 1)))
        await putRaw(key(256), wireOf(entriesFrom(256, 256)))
      },
    },
    { what: 'an empty piece', says: 'key z/517', lie: () => put(key(517), new Uint8Array()) },
    {
      what: 'a piece cut off',
      says: 'key z/517',
      lie: () => put(key(517), wireOf(entriesFrom(517, 4)).subarray(0, -1)),
    },
    {
      what: 'a byte after a piece',
      says: 'key z/517',
      lie: () => put(key(517), Uint8Array.of(...wireOf(entriesFrom(517, 4)), 0)),
    },
    {
      what: 'a piece beyond its bundle',
      says: 'key z/517 goes beyond',
      lie: () => put(key(517), wireOf(entriesFrom(517, 252))),
    },
    {
      what: 'a whole bundle in pieces',
      says: 'key z/512 should be one row',
      lie: () => put(key(517), wireOf(entriesFrom(517, 251))),
    },
    {
      what: 'a manifest that is damaged beside a log file that is',
      says: 'log is damaged: at byte 0, a record does not have its checksum',
      lie: async () => {
        await flip(/^MANIFEST/, () => 0)
        await flip(/\.log$/, () => 0)
      },
    },
    {
      what: 'a log file with a damaged record',
      says: 'checksum',
      lie: () => flip(/\.log$/, bytes => bytes.length - 3),
    },
    { what: 'a log file with a damaged length', says: 'length', lie: () => flip(/\.log$/, () => 5, 128) },
  ])('refuses $what, and does so again', async ({ code = 'store-corrupt', says, lie }) => {
    await made(512, 2, 3, 4)
    await lie()
    for (let i = 0; i < 2; i++)
      await expect(openLevelStore(directory)).rejects.toMatchObject({
        name: 'StoreError',
        code,
        message: expect.stringContaining(says),
      })
  })
})

describe('mending', () => {
  const notices: string[] = []
  const isWhole = async () => {
    notices.length = 0
    const store = await open({ onNotice: what => notices.push(what) })
    expect(await scanned(store)).toEqual(wireOf(entriesFrom(0, 521)))
    await store.writeRows({ puts: [{ key: ascii('iX'), value: ascii('x') }] }, { sync: true })
    expect(await store.readRow(ascii('iX'))).toEqual(ascii('x'))
    await grow(store, 300)
    await store.close()
    const again = await open()
    expect(await scanned(again)).toEqual(wireOf(entriesFrom(0, 821)))
  }
  // As above, of which part is in a table.
  const made521 = async () => {
    await made(512, 2, 3)
    const store = await openLevelStore(directory)
    await store.writeDocument('checkpoint', ascii('one'))
    await store.writeDocument('checkpoint', ascii('two'))
    await grow(store, 4)
    await store.close()
  }

  it.each<{ what: string; says: RegExp | undefined; lie: () => Promise<unknown> }>([
    { what: 'no CURRENT', says: /CURRENT was damaged/, lie: () => rm(join(of('log'), 'CURRENT')) },
    { what: 'an empty CURRENT', says: /CURRENT was damaged/, lie: () => writeFile(join(of('log'), 'CURRENT'), '') },
    { what: 'a flipped CURRENT', says: /CURRENT was damaged/, lie: () => flip(/^CURRENT$/, () => 12) },
    {
      what: 'a manifest that is none',
      says: /MANIFEST-\d+ was damaged/,
      lie: async () => writeFile(join(of('log'), await fileLike(/^MANIFEST/)), 'x'.repeat(50)),
    },
    // LevelDB takes it for one that a crash cut off, forgets the tables that it names, and deletes them.
    {
      what: 'a manifest with a length too long',
      says: /MANIFEST-\d+ was damaged/,
      lie: () => flip(/^MANIFEST/, () => 5, 128),
    },
    {
      what: 'a manifest with a damaged record',
      says: /MANIFEST-\d+ was damaged/,
      lie: () => flip(/^MANIFEST/, bytes => bytes.length - 1),
    },
    {
      what: 'a piece left over in a whole bundle',
      says: undefined,
      lie: () => put(key(300), wireOf(entriesFrom(300, 1))),
    },
    { what: 'no layout', says: undefined, lie: () => withRaw(db => db.del(ascii('dformat'))) },
    { what: 'a damaged layout', says: undefined, lie: () => putRaw(ascii('dformat'), ascii('5sums')) },
    { what: 'no index', says: undefined, lie: () => rm(of('index'), removal) },
    {
      what: 'an index with nothing in it',
      says: undefined,
      lie: async () => {
        await rm(of('index'), removal)
        await mkdir(of('index'))
      },
    },
    {
      what: 'an index with another layout row',
      says: undefined,
      lie: () => putRaw(ascii('dformat'), ascii('0sums'), 'index'),
    },
    {
      what: 'an index with a document',
      says: /index .* made again/,
      lie: () => put(ascii('dcheckpoint1'), ascii('x'), 'index'),
    },
    {
      what: 'an index that lost its manifest',
      says: /index .* made again/,
      lie: async () => {
        for (const name of await readdir(of('index')))
          if (name.startsWith('MANIFEST')) await rm(join(of('index'), name))
      },
    },
    {
      what: 'an index with a damaged log file',
      says: /index .* made again/,
      lie: async () => {
        await put(ascii('miY'), ascii('y'), 'index')
        await flip(/\.log$/, () => 20, 1, 'index')
      },
    },
    { what: 'a lock that is damaged', says: undefined, lie: () => writeFile(join(directory, 'lock', 'CURRENT'), 'x') },
  ])('$what', async ({ says, lie }) => {
    await made521()
    await lie()
    await isWhole()
    if (says === undefined) expect(notices).toEqual([])
    else expect(notices).toEqual([expect.stringMatching(says)])
  })

  it('a checkpoint that is damaged: the one before stands for it, and where both are, that is said', async () => {
    await made521()
    const twice = async () => {
      const store = await openLevelStore(directory)
      return store.readDocument('checkpoint').finally(() => store.close())
    }
    expect(await twice()).toEqual(ascii('two'))
    await putRaw(ascii('dcheckpoint1'), ascii('damaged bytes'), 'beside')
    expect(await twice()).toEqual(ascii('one'))
    const store = await openLevelStore(directory)
    await store.writeDocument('checkpoint', ascii('three'))
    await store.close()
    expect(await twice()).toEqual(ascii('three'))
    for (const n of [0, 1]) await putRaw(ascii(`dcheckpoint${n}`), ascii('damaged bytes'), 'beside')
    await expect(twice()).rejects.toMatchObject({ code: 'store-corrupt' })
  })

  it('not while another process has the store: its files are left alone', async () => {
    await made(512, 2, 3)
    const store = await open()
    await rm(join(of('log'), 'CURRENT'))
    await expect(openLevelStore(directory)).rejects.toMatchObject({ code: 'store-locked' })
    expect((await readdir(of('log'))).includes('CURRENT')).toBe(false)
    await grow(store, 1)
  })
})

it('makes an index that is gone again', async () => {
  await made(300)
  await rm(of('index'), removal)
  const store = await open()
  expect(await scanned(store)).toEqual(wireOf(entriesFrom(0, 300)))
  await store.writeRows({ puts: [{ key: ascii('iX'), value: ascii('x') }] }, { sync: true })
  expect(await store.readRow(ascii('iX'))).toEqual(ascii('x'))
})

describe('damage that LevelDB passes over', () => {
  it('takes a log file that ends within a record for a crash: that append never resolved', async () => {
    await made(1, 1, 1)
    const file = join(of('log'), await fileLike(/\.log$/))
    await truncate(file, (await stat(file)).size - 3)
    const store = await open()
    expect(await scanned(store)).toEqual(wireOf(entriesFrom(0, 2)))
  })

  it.each<{ what: string; says: string; bytes: Uint8Array }>([
    {
      what: 'a bundle without its sum',
      says: 'key z/256 of the store is damaged',
      bytes: wireOf(entriesFrom(256, 256)),
    },
    { what: 'a bundle cut off', says: 'key z/256', bytes: wireOf(entriesFrom(256, 256)).subarray(0, -1) },
    { what: 'a bundle of 255', says: 'key z/256 has 255', bytes: wireOf(entriesFrom(256, 255)) },
    { what: 'a bundle of 257', says: 'key z/256', bytes: wireOf(entriesFrom(256, 257)) },
  ])('finds $what when it is read', async ({ what, says, bytes }) => {
    await made(800)
    await (what.endsWith('sum') ? putRaw : put)(key(256), bytes)
    const store = await open()
    const corrupt = { code: 'store-corrupt', message: expect.stringContaining(says) }
    await expect(store.readBundle(1)).rejects.toMatchObject(corrupt)
    await expect(store.readEntry(300)).rejects.toMatchObject(corrupt)
    await expect(scanned(store)).rejects.toMatchObject(corrupt)
    expect(await scanned(store, 2)).toEqual(wireOf(entriesFrom(512, 288)))
  })
})

describe('a process that is killed while it writes', () => {
  it('leaves all that it acknowledged, without a gap', async () => {
    let acknowledged = 0
    for (const round of runs(4, 2) === 4 ? [0, 1, 2, 3] : [0, 3]) {
      const writer = join(import.meta.dirname, 'writer.ts')
      const child = spawn(process.execPath, [writer, directory, String(round)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const closed = once(child, 'close')
      let lines = 0
      for await (const line of createInterface({ input: child.stdout })) {
        const [, size] = /^(\d+);$/.exec(line) ?? []
        // The last line may be cut off; all before it were acknowledged.
        if (size !== undefined) acknowledged = Number(size)
        if (++lines === 10 + 60 * round) child.kill('SIGKILL')
      }
      const [, signal] = await closed
      expect(signal).toBe('SIGKILL')
      const store = await openLevelStore(directory)
      expect(store.size).toBeGreaterThanOrEqual(acknowledged)
      expect(await scanned(store)).toEqual(wireOf(entriesFrom(0, store.size)))
      const document = new DataView((await store.readDocument('checkpoint'))!.buffer).getUint32(0)
      expect(document).toBeGreaterThanOrEqual(acknowledged)
      expect(document).toBeLessThanOrEqual(store.size)
      await store.close()
    }
    expect(acknowledged).toBeGreaterThan(500)
  })
})

async function fileLike(pattern: RegExp): Promise<string> {
  return (await readdir(of('log'))).find(name => pattern.test(name))!
}

/** Puts a value as the store itself would have, with its sum. */
function put(at: Uint8Array, value: Uint8Array, name: Parameters<typeof of>[0] = 'log'): Promise<void> {
  return putRaw(at, withSum(at, value), name)
}

function putRaw(at: Uint8Array, stored: Uint8Array, name: Parameters<typeof of>[0] = 'log'): Promise<void> {
  return withRaw(db => db.put(at, stored), of(name))
}

/** Changes bits of a byte of a file of a database, the last one of that kind. */
async function flip(pattern: RegExp, at: (bytes: Buffer) => number, bits = 1, name: Parameters<typeof of>[0] = 'log') {
  const path = join(of(name), (await readdir(of(name))).filter(one => pattern.test(one)).at(-1)!)
  const bytes = await readFile(path)
  bytes[at(bytes)]! ^= bits
  await writeFile(path, bytes)
}

function del(index: number): Promise<void> {
  return withRaw(db => db.del(key(index)))
}
