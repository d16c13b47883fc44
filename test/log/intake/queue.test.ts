import { expect, test } from 'vitest'
import { Queue } from '../../../src/log/intake/queue.ts'
import { QueuedBatch } from '../../../src/log/intake/queued-batch.ts'

const waiting = (isLight: boolean) =>
  new QueuedBatch({
    owner: undefined as never,
    count: 1,
    signatureCount: 1,
    weight: 1,
    mayOvertake: isLight,
    resolve: () => {},
    reject: () => {},
  })

test('light batches go before heavy ones that came earlier; each kind in its order; none waits for ever', () => {
  const queue = new Queue()
  const heavy = Array.from({ length: 3 }, () => waiting(false))
  const light = Array.from({ length: 3000 }, () => waiting(true))
  for (const one of [...heavy, ...light]) queue.push(one)
  const taken: QueuedBatch[] = []
  while (queue.length > 0) {
    expect(queue.isUrgent).toBe(taken.filter(({ isLight }) => isLight).length < light.length)
    taken.push(queue.take())
  }
  expect(taken.slice(0, 64)).toEqual(light.slice(0, 64))
  expect(taken.filter(({ isLight }) => isLight).every((one, i) => one === light[i])).toBe(true)
  expect(heavy.map(one => taken.indexOf(one))).toEqual([64, 129, 194])
  queue.push(heavy[0]!)
  expect([queue.isUrgent, queue.take(), queue.length]).toEqual([false, heavy[0], 0])
})
