import { describe, expect, test } from 'vitest'
import { FairQueue } from '../../../src/log/intake/fair-queue.ts'

interface Item {
  readonly caller: string
  readonly signer: string
  readonly cost: number
  readonly at: number
}

const queueOf = (share: number) =>
  new FairQueue<Item>(
    ({ cost }) => cost,
    share,
    ({ caller }) => caller,
    ({ signer }) => signer,
  )

/** A small generator: the same numbers for a seed. */
function numbers(seed: number) {
  let at = seed
  return (below: number) => {
    at = (Math.imul(at, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((at / 2 ** 32) * below)
  }
}

describe('a fair queue', () => {
  test('a flood of one costs another no more than its turn, whatever it costs, and from however many signers', () => {
    for (const [signers, cost] of [
      [1, 1],
      [1, 500],
      [300, 1],
      [300, 90],
    ] as const) {
      const queue = queueOf(100)
      for (let at = 0; at < 3000; at++) queue.push({ caller: 'flood', signer: `${at % signers}`, cost, at })
      for (let at = 0; at < 10; at++) queue.take()
      queue.push({ caller: 'other', signer: 'x', cost: 1, at: 0 })
      let before = 0
      for (let item = queue.take(); item.caller === 'flood'; item = queue.take()) before += item.cost
      expect(before, `${signers} signers, ${cost} each`).toBeLessThanOrEqual(100 + 2 * cost)
    }
  })

  test('at one address a signer waits for a turn of each other, and not for all that those have', () => {
    const queue = queueOf(10)
    for (let at = 0; at < 5000; at++) queue.push({ caller: 'a', signer: `${at % 4}`, cost: 1, at })
    queue.push({ caller: 'a', signer: 'late', cost: 1, at: 0 })
    let before = 0
    while (queue.take().signer !== 'late') before++
    expect(before).toBeLessThanOrEqual(4 * 10)
  })

  test.each([1, 2, 3, 4])('all comes out once, of each signer in order, and callers share evenly (seed %i)', seed => {
    const next = numbers(seed)
    const queue = queueOf(50)
    const [given, taken]: [Item[], Item[]] = [[], []]
    for (let round = 0; round < 5000; round++) {
      if (next(5) < 3 || queue.length === 0) {
        const item = { caller: `${next(4)}`, signer: `${next(3)}`, cost: 1 + next(120), at: round }
        given.push(item)
        queue.push(item)
      } else taken.push(queue.take())
      expect(queue.length).toBe(given.length - taken.length)
    }
    while (queue.length > 0) taken.push(queue.take())
    expect(new Set(taken)).toEqual(new Set(given))
    const orders = new Map<string, number>()
    for (const { caller, signer, at } of taken) {
      expect(at).toBeGreaterThan(orders.get(`${caller}/${signer}`) ?? -1)
      orders.set(`${caller}/${signer}`, at)
    }
    // While all of them have something, none is ahead of another by more than two turns and the largest cost.
    const busy = queueOf(50)
    for (let at = 0; at < 4000; at++) busy.push({ caller: `${at % 4}`, signer: '', cost: 1 + next(120), at })
    const sums = [0, 0, 0, 0]
    for (let i = 0; i < 2000; i++) {
      const { caller, cost } = busy.take()
      sums[Number(caller)]! += cost
      expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(2 * 50 + 2 * 120)
    }
  })
})
