import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { toHex } from '../../../src/core/bytes.ts'
import { encodeEntryBundle } from '../../../src/core/tree/tile.ts'
import { LogTree } from '../../../src/log/tree/log-tree.ts'
import { Head } from '../../../src/log/tree/tree-head.ts'
import { naivePath, naiveRoot } from '../../core/tree/naive-tree.ts'

const leafOf = (entry: Uint8Array) => createHash('sha256').update(Uint8Array.of(0)).update(entry).digest()
const hex = (hashes: readonly Uint8Array[] | undefined) => hashes?.map(toHex)

test('root and paths of the log at any size are those of RFC 6962, also when it has grown since', () => {
  const entries: Uint8Array[] = []
  const tree = new LogTree(() => Promise.reject(new Error('not to be read')))
  const grow = () => {
    const entry = randomBytes(5)
    entries.push(entry)
    tree.append(leafOf(entry))
  }
  for (let size = 0; size <= 70; size++) {
    const head = new Head(tree)
    grow()
    const then = entries.slice(0, size)
    expect([head.size, toHex(head.root)]).toEqual([size, toHex(naiveRoot(then))])
    for (let index = 0; index < size; index++) expect(hex(head.pathNow(index))).toEqual(hex(naivePath(index, then)))
  }
  while (entries.length < 1100) grow()
  for (const size of [1100, 1101, 1280, 1281]) {
    while (entries.length < size) grow()
    const head = new Head(tree)
    expect(toHex(head.root)).toBe(toHex(naiveRoot(entries)))
    for (const index of [0, 255, 256, 1023, 1024, size - 2, size - 1])
      expect(hex(head.pathNow(index)), `${index} of ${size}`).toEqual(hex(naivePath(index, entries)))
  }
})

test('a path that has to be read is left to the tree, which finds the same', async () => {
  const entries = Array.from({ length: 256 * 80 }, (_, i) => Uint8Array.of(i >> 8, i & 255))
  const tree = new LogTree(async n => encodeEntryBundle(entries.slice(256 * n, 256 * n + 256)))
  for (const entry of entries) tree.append(leafOf(entry))
  const head = new Head(tree)
  expect(head.pathNow(3)).toBeUndefined()
  const path = await tree.proveInclusion(3, tree.size)
  expect(hex(head.pathNow(3))).toEqual(hex(path))
})
