import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryRows, openRow, rowKey, sealRow } from '../../src/lookup/index.ts'
import { runs } from '../runs.ts'

const bytes = fc.uint8Array({ maxLength: 90 })

test('a row opens under its key; with any byte changed, cut off or moved to another key it does not', () => {
  fc.assert(
    fc.property(bytes, bytes, fc.nat(), fc.integer({ min: 1, max: 255 }), (key, payload, at, flip) => {
      const { value } = sealRow(key, payload)
      expect(openRow(key, value)).toEqual(payload)
      // Wherever in its memory it stands.
      expect(openRow(key, new Uint8Array([1, ...value]).subarray(1))).toEqual(payload)
      const index = at % value.length
      expect(openRow(key, value.with(index, value[index]! ^ flip))).toBeUndefined()
      expect(openRow(key, value.subarray(0, index))).toBeUndefined()
      expect(openRow(Uint8Array.from([...key, flip]), value)).toBeUndefined()
    }),
    { numRuns: runs(2000, 400) },
  )
  expect(openRow(rowKey('x'), undefined)).toBeUndefined()
})

test('keys sort by their letters, then by their numbers; rows are read in that order', async () => {
  const rows = new MemoryRows()
  const keys = [rowKey('iA', 0), rowKey('iA', 255, 7), rowKey('iA', 256), rowKey('iA', 2 ** 32 - 1), rowKey('iB', 3)]
  const puts = keys.map((key, i) => ({ key, value: Uint8Array.of(i) }))
  await rows.writeRows({ puts: puts.toReversed() })
  const read = async (from: Uint8Array, to: Uint8Array) => {
    const values: number[] = []
    for await (const { value } of rows.readRows(from, to)) values.push(value[0]!)
    return values
  }
  expect(await read(rowKey('i'), rowKey('j'))).toEqual([0, 1, 2, 3, 4])
  expect(await read(rowKey('iA', 255), rowKey('iA', 2 ** 32 - 1))).toEqual([1, 2])
  await rows.deleteRows(rowKey('iA', 1), rowKey('iB'))
  expect(await read(rowKey('i'), rowKey('j'))).toEqual([0, 4])
})
