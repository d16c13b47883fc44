import { expect, it } from 'vitest'
import { Turns } from '../../src/node/turns.ts'

const immediate = () => new Promise(resolve => setImmediate(resolve))

it('gives turns one at a time, in the order of asking, and none while it is held', async () => {
  const turns = new Turns()
  const had: number[] = []
  const ask = (n: number) => void turns.turn().then(() => had.push(n))
  for (const n of [1, 2, 3]) ask(n)
  const seen: number[] = []
  for (let i = 0; i < 4; i++) {
    await immediate()
    seen.push(had.length)
  }
  expect(had).toEqual([1, 2, 3])
  // Never two between two turns of the loop.
  expect(seen.every((count, i) => count - (seen[i - 1] ?? 0) <= 1)).toBe(true)
  turns.hold()
  ask(4)
  for (let i = 0; i < 3; i++) await immediate()
  expect(had).toHaveLength(3)
  turns.release()
  for (let i = 0; i < 2; i++) await immediate()
  expect(had).toEqual([1, 2, 3, 4])
})
