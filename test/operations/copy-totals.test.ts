import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { linesOf } from '../../src/client/index.ts'
import { utf8Decode } from '../../src/core/bytes.ts'
import { OPENED_LINES } from '../../src/core/limits.ts'
import { ArchiveFolder } from '../../src/files/archive-folder.ts'
import { FolderObjects } from '../../src/files/folder-objects.ts'
import { copyTotals } from '../../src/operations/copy-totals.ts'
import { BranchingLog } from '../files/branching-log.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-copy-totals-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('opened totals are copied as far as the log goes, and then on from there', async () => {
  const log = new BranchingLog(256)
  const of = (size: number) => JSON.stringify({ checkpoint: utf8Decode(log.signed('A', size).note) })
  const sizes = Array.from({ length: OPENED_LINES + 8 }, (_, i) => 3 * i + 1)
  const [from, to] = ['from', 'to'].map(name => new FolderObjects(join(folder, name))) as [FolderObjects, FolderObjects]
  const totalsOf = (objects: FolderObjects) => ArchiveFolder.in(objects, 'totals', OPENED_LINES)
  await copyTotals(from, to, 200)
  const source = await totalsOf(from)
  for (const size of sizes) await source.add(`${of(size)}\n`)
  const copied = async () => {
    const there = await totalsOf(to)
    const files = await Promise.all([there.read(0), there.read(1)])
    return files.flatMap(file => (file === undefined ? [] : linesOf(file)))
  }
  for (const size of [50, 100, 100, 200]) {
    await copyTotals(from, to, size)
    expect([size, await copied()]).toEqual([size, sizes.filter(one => one <= size).map(of)])
  }
})
