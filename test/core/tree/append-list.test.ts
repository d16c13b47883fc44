import { describe, expect, test } from 'vitest'
import { concatBytes, toHex } from '../../../src/core/bytes.ts'
import { AppendList } from '../../../src/core/tree/append-list.ts'
import { listPath, listRootOfHashes } from '../../../src/core/tree/ssz.ts'

const DEPTH = 32
const item = (n: number): Uint8Array => new Uint8Array(32).fill(n)
const hex = (hashes: readonly Uint8Array[]): string[] => hashes.map(toHex)

describe('a list that only grows (SPEC §2)', () => {
  const list = new AppendList(DEPTH)
  const items: Uint8Array[] = []
  for (let n = 0; n < 70; n++) {
    list.push(item(n))
    items.push(item(n))
  }

  test('has the root of a list, at every length that it had', () => {
    for (let length = 0; length <= items.length; length++)
      expect(toHex(list.root(length)), `${length}`).toBe(
        toHex(listRootOfHashes(concatBytes(...items.slice(0, length)), DEPTH)),
      )
    expect(list.length).toBe(70)
    expect(toHex(list.item(69))).toBe(toHex(item(69)))
  })

  test('has the paths of a list, at every length that it had', () => {
    for (let length = 1; length <= items.length; length++)
      for (let index = 0; index < length; index++)
        expect(hex(list.path(index, length)), `${index} of ${length}`).toEqual(
          hex(listPath(concatBytes(...items.slice(0, length)), index)),
        )
  })

  test('takes items back', () => {
    list.truncate(33)
    for (let n = 0; n < 9; n++) list.push(item(100 + n))
    const now = [...items.slice(0, 33), ...Array.from({ length: 9 }, (_, n) => item(100 + n))]
    expect(toHex(list.root())).toBe(toHex(listRootOfHashes(concatBytes(...now), DEPTH)))
    expect(hex(list.path(41, 42))).toEqual(hex(listPath(concatBytes(...now), 41)))
  })
})
