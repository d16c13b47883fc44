import { expect, test } from 'vitest'
import { leafHash } from '../../../src/core/tree/merkle.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { LogTree } from '../../../src/log/tree/log-tree.ts'
import { MemoryRows } from '../../../src/lookup/index.ts'
import { naiveRoot } from '../../core/tree/naive-tree.ts'
import { damage, randomFrom, rowsOf } from '../../ledger/cut-rows.ts'

/** Two rows of the tree's hashes, and some more. */
const SIZE = 2 * 65_536 + 3 * 256 + 77
const entries = Array.from({ length: SIZE }, (_, i) => Uint8Array.of(2, i >> 16, i >> 8, i))
const bundle = async (n: number) => encodeEntryBundle(entries.slice(256 * n, 256 * n + 256))

/** Appends the entries up to a size, told now and then that they are durable. */
async function grow(tree: LogTree, size: number): Promise<void> {
  while (tree.size < size) {
    const end = Math.min(size, tree.size + 5000)
    const leaves = entries.slice(tree.size, end).map(leafHash)
    const bytes = new Uint8Array(32 * leaves.length)
    leaves.forEach((leaf, i) => {
      bytes.set(leaf, 32 * i)
    })
    tree.append(bytes)
    await tree.flush(tree.size)
  }
}

test('a tree that is opened from rows is the one that grew, whatever of them is lost or damaged', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  console.log(`seed ${seed}`)
  const random = randomFrom(seed)
  const below = (n: number) => Math.floor(random() * n)
  const rows = new MemoryRows()
  const grown = new LogTree(bundle, rows)
  await grow(grown, SIZE)
  const root = naiveRoot(entries)
  expect(await grown.rootAt(SIZE)).toEqual(root)
  const written = await rowsOf(rows)
  expect(written.length).toBe(2)
  const read: number[] = []
  const counted = (n: number) => {
    read.push(n)
    return bundle(n)
  }
  const opened = await LogTree.open(counted, rows, SIZE)
  expect(read).toEqual([512, 513, 514, 515])
  const same = async (tree: LogTree) => {
    expect(await tree.rootAt(tree.size)).toEqual(await grown.rootAt(tree.size))
    // The first of the log and of every row, and some others.
    for (let tries = 0; tries < 8; tries++) {
      const index = tries < 3 ? Math.min(tries * 65_536, tree.size - 1) : below(tree.size)
      expect(await tree.proveInclusion(index, tree.size)).toEqual(await grown.proveInclusion(index, tree.size))
      expect(await tree.proveConsistency(index + 1, tree.size)).toEqual(
        await grown.proveConsistency(index + 1, tree.size),
      )
    }
    for (const level of [0, 1]) {
      const whole = Math.floor(tree.size / 256 ** (level + 1))
      const tile = below(whole)
      expect(await tree.tile(level, tile, 256)).toEqual(await grown.tile(level, tile, 256))
    }
  }
  await same(opened)
  for (let round = 0; round < 4; round++) {
    await damage(rows, below)
    // A shorter log too: what stands for more of it is gone, and it grows again.
    const size = round % 2 === 0 ? SIZE : 65_536 + below(65_536)
    const tree = await LogTree.open(bundle, rows, size)
    await same(tree)
    expect((await rowsOf(rows)).length).toBe(Math.floor(size / 65_536))
    await grow(tree, SIZE)
    expect(await tree.rootAt(SIZE)).toEqual(root)
    expect(await rowsOf(rows)).toEqual(written)
  }
})
