import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Memory, ordered } from '../../src/gateway/memory.ts'

test('a row is read as it was written last, also while it is written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tally-memory-'))
  const memory = await Memory.open(folder)
  try {
    const writes = [1, 2, undefined, 3].map(value => memory.write([['facts', 'a', value]]))
    expect(await memory.get('facts', 'a')).toBe(3)
    await Promise.all(writes)
    expect(await memory.get('facts', 'a')).toBe(3)
    const deleted = memory.write([['facts', 'a', undefined]], { sync: true })
    expect(await memory.get('facts', 'a')).toBeUndefined()
    await deleted
    expect(await memory.get('facts', 'a')).toBeUndefined()
    await expect(Memory.open(folder)).rejects.toMatchObject({ code: 'state' })
  } finally {
    await memory.close()
    await rm(folder, { recursive: true })
  }
})

test('numbers in keys stand in their order', () => {
  const numbers = [0, 1, 35, 36, 1000, 2 ** 32, Number.MAX_SAFE_INTEGER]
  expect(numbers.map(ordered)).toEqual(numbers.map(ordered).sort())
})
