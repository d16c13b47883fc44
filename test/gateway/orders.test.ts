import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runs } from '../runs.ts'
import { type ServedGateway, ServedShop } from './shop.ts'

const MEMBERS = 2
const ORDERS = 3
const KEYS = 6

const amount = fc.integer({ min: 1, max: 8 })
const earned = fc.integer({ min: 20, max: 60 })
const maybe = fc.option(amount, { nil: undefined, freq: 2 })
const [member, order, key] = [MEMBERS, ORDERS, KEYS].map(n => fc.nat(n - 1)) as [
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
]
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('earn' as const), member, points: earned, key }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('hold' as const), order, member, points: amount }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('capture' as const), order, points: maybe }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('release' as const), order }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('refund' as const), order, points: maybe, key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

interface NaiveOrder {
  readonly member: number
  readonly held: number
  state: 'held' | 'captured' | 'released'
  captured: number
  readonly refunds: Map<number, number>
}

/** What a shop would expect, in two maps and without a ledger. */
class NaiveShop {
  readonly available = new Map<number, number>()
  readonly orders = new Map<number, NaiveOrder>()
  readonly #earned = new Map<number, string>()

  /** The status that a step is answered with. */
  take(step: Step): number {
    switch (step.do) {
      case 'earn': {
        const said = `${step.member} ${step.points}`
        const before = this.#earned.get(step.key)
        if (before !== undefined) return before === said ? 200 : 409
        this.#earned.set(step.key, said)
        this.#add(step.member, step.points)
        return 201
      }
      case 'hold': {
        const before = this.orders.get(step.order)
        if (!this.available.has(step.member)) return 404
        if (before !== undefined) {
          const isSame = before.member === step.member && before.held === step.points
          return isSame && before.state !== 'released' ? 200 : 409
        }
        if (step.points > this.available.get(step.member)!) return 422
        this.#add(step.member, -step.points)
        const { member, points: held } = step
        this.orders.set(step.order, { member, held, state: 'held', captured: 0, refunds: new Map() })
        return 201
      }
      case 'capture': {
        const one = this.orders.get(step.order)
        if (one === undefined) return 404
        const points = step.points ?? one.held
        if (one.state === 'captured') return step.points === undefined || points === one.captured ? 200 : 409
        if (one.state === 'released') return 409
        if (points > one.held) return 422
        one.state = 'captured'
        one.captured = points
        this.#add(one.member, one.held - points)
        return 201
      }
      case 'release': {
        const one = this.orders.get(step.order)
        if (one === undefined) return 404
        if (one.state === 'captured') return 409
        if (one.state === 'released') return 200
        one.state = 'released'
        this.#add(one.member, one.held)
        return 201
      }
      case 'refund': {
        const one = this.orders.get(step.order)
        if (one === undefined) return 404
        if (one.state !== 'captured') return 409
        const before = one.refunds.get(step.key)
        if (before !== undefined) return step.points === undefined || step.points === before ? 200 : 409
        const left = one.captured - this.refunded(one)
        const points = step.points ?? left
        if (points === 0) return 409
        if (points > left) return 422
        one.refunds.set(step.key, points)
        this.#add(one.member, points)
        return 201
      }
      case 'forget':
        return 200
    }
  }

  refunded({ refunds }: NaiveOrder): number {
    return [...refunds.values()].reduce((sum, points) => sum + points, 0)
  }

  held(member: number): number {
    return [...this.orders.values()]
      .filter(one => one.member === member && one.state === 'held')
      .reduce((sum, { held }) => sum + held, 0)
  }

  #add(member: number, points: number): void {
    this.available.set(member, (this.available.get(member) ?? 0) + points)
  }
}

describe('orders beside a naive shop', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway('memory-0')
  })
  afterAll(() => shop.destroy())

  let made = 0
  /** A gateway with an empty memory, made again from the ledger. */
  const forget = async (ids: readonly string[]) => {
    await gateway.gateway.details.bringOnce()
    await gateway.close()
    await rm(join(shop.folder, `memory-${made}`), { recursive: true })
    gateway = await shop.gateway(`memory-${++made}`)
    await gateway.gateway.follower.rebuild(ids)
  }

  const ask = (run: number, step: Exclude<Step, { do: 'forget' }>) => {
    if (step.do === 'earn') {
      const { member, points, key } = step
      return gateway.post('/v1/earn', { member: `${run}-m${member}`, points, id: `${run}-k${key}` })
    }
    const path = `/v1/orders/${run}-o${step.order}/${step.do}`
    if (step.do === 'hold') return gateway.post(path, { member: `${run}-m${step.member}`, points: step.points })
    if (step.do === 'release') return gateway.post(path, {})
    return gateway.post(
      path,
      step.do === 'refund' ? { points: step.points, id: `${step.key}` } : { points: step.points },
    )
  }

  test('every answer, balance and order is what it expects, also of a memory that was made again', async () => {
    let run = 0
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40, size: 'max' }), async steps => {
        run++
        const naive = new NaiveShop()
        const ids = () => [...naive.available.keys()].map(member => `${run}-m${member}`)
        for (const step of steps) {
          if (step.do === 'forget') await forget(ids())
          else {
            const { status, body } = await ask(run, step)
            expect(status, `${JSON.stringify(step)}: ${JSON.stringify(body)}`).toBe(naive.take(step))
            statuses.add(status)
          }
        }
        for (const [member, available] of naive.available) {
          const { stars } = (await gateway.get(`/v1/members/${run}-m${member}`)).body.units
          const held = naive.held(member)
          expect(stars).toMatchObject({ available, held, balance: available + held })
          const { movements } = (await gateway.get(`/v1/members/${run}-m${member}/movements?limit=1000`)).body
          const sum = movements.reduce((total: number, { points }: { points: number }) => total + points, 0)
          expect([sum, movements[0].balance]).toEqual([stars.balance, stars.balance])
        }
        for (const [order, one] of naive.orders) {
          const { state, captured } = one
          const view = (await gateway.get(`/v1/orders/${run}-o${order}`)).body
          expect(view).toMatchObject({ state, captured, held: one.held, refunded: naive.refunded(one) })
        }
      }),
      { numRuns: runs(12, 4), endOnFailure: true },
    )
    expect(statuses.size).toBeGreaterThan(2)
  })
})
