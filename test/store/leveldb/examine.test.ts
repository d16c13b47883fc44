import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Level } from 'level'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { crc32cOver, maskedCrc32c } from '../../../src/store/leveldb/crc32c.ts'
import { examine } from '../../../src/store/leveldb/examine.ts'
import { readRecords } from '../../../src/store/leveldb/leveldb-log.ts'
import { versionFrom } from '../../../src/store/leveldb/manifest.ts'
import { faultOfTable } from '../../../src/store/leveldb/table.ts'

/** A real LevelDB with a log file of several blocks, some tables, and a manifest of some edits. */
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-leveldb-'))
  const options = { keyEncoding: 'view', valueEncoding: 'view', compression: false, writeBufferSize: 65_536 } as const
  const db = new Level<Uint8Array, Uint8Array>(folder, options)
  await db.open()
  const put = (n: number, length: number) =>
    db.put(Uint8Array.of(n >> 8, n), new Uint8Array(length).fill(n), { sync: true })
  for (let n = 0; n < 60; n++) await put(n, 5000)
  await db.close()
  await db.open()
  for (let n = 0; n < 12; n++) await put(n, 1 + 700 * n)
  await db.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const named = async (pattern: RegExp) => {
  const names = (await readdir(folder)).filter(name => pattern.test(name)).sort()
  return names.map(name => join(folder, name))
}

test('CRC-32C is that of RFC 3720 §B.4', () => {
  const sum = (bytes: Uint8Array) => (crc32cOver(bytes, 0, bytes.length) ^ 0xffffffff) >>> 0
  expect(sum(new Uint8Array(32))).toBe(0x8a9136aa)
  expect(sum(new Uint8Array(32).fill(255))).toBe(0x62a8ab43)
  expect(sum(Uint8Array.from({ length: 32 }, (_, i) => i))).toBe(0x46dd794e)
  expect(maskedCrc32c(0xffffffff)).toBe(0xa282ead8)
})

describe('the files that LevelDB wrote', () => {
  test('are whole, and name each other', async () => {
    expect(await examine(folder)).toBeUndefined()
    const [manifest] = await named(/^MANIFEST/)
    const { records, damage } = readRecords(await readFile(manifest!))
    expect([records.length > 1, damage]).toEqual([true, undefined])
    const tables = await named(/\.ldb$/)
    expect(tables.length).toBeGreaterThan(2)
    const sizes = await Promise.all(
      tables.map(async path => [Number.parseInt(path.slice(folder.length + 1), 10), (await stat(path)).size]),
    )
    expect([...versionFrom(records)!.tables].sort(([a], [b]) => a - b)).toEqual(sizes)
  })

  test('every bit of a log file that flips is found, but what cannot be told from none of it', async () => {
    const bytes = await readFile((await named(/\.log$/)).at(-1)!)
    const whole = readRecords(bytes)
    expect([whole.records.length, whole.damage, bytes.length > 40_000]).toEqual([12, undefined, true])
    // All bits of the headers of the first records, and every 97th of the rest.
    for (let bit = 0; bit < 8 * bytes.length; bit += bit < 8 * 1600 ? 1 : 97) {
      bytes[bit >>> 3]! ^= 1 << (bit & 7)
      const { records, damage } = readRecords(bytes)
      bytes[bit >>> 3]! ^= 1 << (bit & 7)
      if (damage === undefined) expect(records, `bit ${bit}`).toEqual(whole.records)
    }
  })

  test('every bit of the last record that flips is found', async () => {
    const bytes = await readFile((await named(/\.log$/)).at(-1)!)
    const from = bytes.length - 7000
    for (let bit = 8 * from; bit < 8 * bytes.length; bit += bit % 800 < 80 ? 1 : 31) {
      bytes[bit >>> 3]! ^= 1 << (bit & 7)
      const { damage } = readRecords(bytes)
      bytes[bit >>> 3]! ^= 1 << (bit & 7)
      expect(damage, `bit ${bit}`).toBeDefined()
    }
  })

  test('a log file that ends anywhere is cut off, and not damaged', async () => {
    const bytes = await readFile((await named(/\.log$/)).at(-1)!)
    for (let length = 0; length < bytes.length; length += 61) {
      const { records, damage } = readRecords(bytes.subarray(0, length))
      // A block that is full and lacks the rest of a record is none that a crash leaves of what was written.
      if (length % 32_768 !== 0) expect([length, damage]).toEqual([length, undefined])
      expect(records.length).toBeLessThanOrEqual(12)
    }
  })

  test('a table whose end or index is damaged is found, and so is one that is cut off', async () => {
    const path = (await named(/\.ldb$/))[0]!
    const bytes = await readFile(path)
    expect(await faultOfTable(path, bytes.length)).toBeUndefined()
    expect(await faultOfTable(path, bytes.length - 1)).toBeDefined()
    const copy = join(folder, 'copy')
    let found = 0
    for (let at = bytes.length - 400; at < bytes.length; at++) {
      bytes[at]! ^= 1 << (at & 7)
      await writeFile(copy, bytes)
      bytes[at]! ^= 1 << (at & 7)
      if ((await faultOfTable(copy, bytes.length)) !== undefined) found++
    }
    // All but the bytes between the places and the number at the end, which nobody reads.
    expect(found).toBeGreaterThan(400 - 40)
    await rm(copy)
  })
})
