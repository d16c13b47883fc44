import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openLevelStore } from '../../src/store/index.ts'

/** Entries in the folder, and the bytes of each: a rule, so that none is kept twice. */
const SIZE = 559
const entryAt = (n: number) => Uint8Array.from({ length: 20 + (n % 50) }, (_, k) => (n * 31 + k * 7) & 255)

// `layout-4.tar.gz` is a store as commit 4ee5b9b8 wrote it, the last before layout 5.
describe('a store of the layout before', () => {
  let folder: string
  let path: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-layout-'))
    execFileSync('tar', ['xzf', join(import.meta.dirname, 'layout-4.tar.gz'), '-C', folder])
    path = join(folder, 'layout-4')
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test('is opened with all that is in it, goes on, and is of this layout then', async () => {
    for (const size of [SIZE, SIZE + 1]) {
      const store = await openLevelStore(path)
      expect(store.size).toBe(size)
      const entries = await store.readEntries(Array.from({ length: SIZE }, (_, n) => n))
      expect(entries.map(entry => Buffer.from(entry).toString('hex'))).toEqual(
        Array.from({ length: SIZE }, (_, n) => Buffer.from(entryAt(n)).toString('hex')),
      )
      expect(String(Buffer.from((await store.readDocument('checkpoint'))!))).toBe('a checkpoint')
      expect(String(Buffer.from((await store.readDetails(new Uint8Array(32).fill(5)))!))).toBe('details')
      // Layout 4 knew of no commands: the first that is not in the log has the first position.
      expect(store.next).toBe(size - SIZE)
      if (size === SIZE) await store.append([{ firstIndex: SIZE, count: 1, bytes: Uint8Array.of(0, 1, 9) }], 1)
      await store.close()
    }
  })
})
