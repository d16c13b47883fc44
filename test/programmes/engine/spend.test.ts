import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src/core/bytes.ts'
import {
  canonicalText,
  checkExchange,
  checkSpend,
  mostSpendable,
  RewardSecret,
  settlementOf,
  takeable,
  worthOf,
} from '../../../src/programmes/index.ts'
import { codeOf } from '../codes.ts'
import { programmeOf, small, template } from '../shop.ts'

describe('spending', () => {
  const coins = programmeOf(template('coins'))
  const spend = coins.spend!

  test('share, least and step of an order', () => {
    expect(mostSpendable(spend, 10_000, 1234)).toBe(1230)
    expect(mostSpendable(spend, 10_000, 100_000)).toBe(3000)
    expect(mostSpendable(spend, 100, 100_000)).toBe(0)
    expect(mostSpendable(spend, 166, 100_000)).toBe(0)
    expect(mostSpendable(spend, 167, 100_000)).toBe(50)
    expect(mostSpendable(spend, 0, 100_000)).toBe(0)
    expect(mostSpendable(spend, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBe(2_702_159_776_422_290)
    expect(worthOf(spend, 1230)).toBe(1230)
  })

  test('anyone who sees the details of a hold checks its amount', () => {
    const details = (total: number) => canonicalText({ programme: coins.digest, spend: 'o1', total })
    expect(checkSpend(coins, details(10_000), 3000)).toEqual({ order: 'o1', total: 10_000, cents: 3000 })
    for (const amount of [3010, 3005, 40, 10])
      expect(codeOf(() => checkSpend(coins, details(10_000), amount))).toBe('reward')
    const forest = programmeOf(template('forest'))
    expect(codeOf(() => checkSpend(forest, details(10_000), 3000))).toBe('reward-details')
    expect(
      codeOf(() => checkSpend(forest, canonicalText({ programme: forest.digest, spend: 'o1', total: 9 }), 3)),
    ).toBe('reward')
    expect(codeOf(() => checkSpend(coins, `${details(10_000)} `, 3000))).toBe('reward-details')
  })

  test('settlement, exchange, friends', () => {
    expect(settlementOf(programmeOf(template('merchants')), 12_345)).toBe(12_098)
    expect(settlementOf(coins, 12_345)).toBe(0)
    const forest = programmeOf(template('forest'))
    const details = (exchange: string, times: number) => canonicalText({ exchange, programme: forest.digest, times })
    expect(checkExchange(forest, details('saxaul', 1), 17_900)).toEqual({ id: 'saxaul', times: 1, unit: 'energy' })
    expect(codeOf(() => checkExchange(forest, details('saxaul', 2), 17_900))).toBe('reward')
    expect(codeOf(() => checkExchange(forest, details('oak', 1), 17_900))).toBe('reward')
    let [taken, today] = [0, 0]
    const friends = Array.from({ length: 7 }, () => {
      const some = takeable(forest.friends!, 200, taken, today)
      taken += some
      return some
    })
    expect(friends).toEqual([15, 15, 15, 15, 15, 5, 0])
    today = 195
    expect(takeable(forest.friends!, 200, 0, today)).toBe(5)
    expect(takeable(forest.friends!, 200, 0, 200)).toBe(0)
    expect(takeable(forest.friends!, 9, 0, 0)).toBe(0)
  })

  test('a step is worth whole cents', () => {
    const worth = { points: 3, cents: 1 }
    expect(codeOf(() => programmeOf(small({ spend: { worth } })))).toBe('programme')
    expect(programmeOf(small({ spend: { worth, step: 3 } })).spend?.step).toBe(3)
  })
})

describe('ids', () => {
  const secret = new Uint8Array(32).fill(7)
  const name = { programme: 'coins', rule: 'order', event: 'e1', isReversal: false, attempt: 0 }
  const id = (more: object = {}, key = secret) =>
    toHex(new RewardSecret(key).id(1_800_000_000_000, { ...name, ...more }))

  test('are the same for the same, and others for another event, rule, attempt, direction or secret', () => {
    expect(id()).toBe(id())
    expect(id().slice(0, 12)).toBe((1_800_000_000_000).toString(16).padStart(12, '0'))
    const others = [{ event: 'e2' }, { rule: 'view' }, { programme: 'farm' }, { attempt: 1 }, { isReversal: true }]
    const all = [id(), ...others.map(more => id(more)), id({}, new Uint8Array(32))]
    expect(new Set(all).size).toBe(all.length)
    // HMAC-SHA-256 by another hand.
    const message = '["id","coins","issue","order","e1",0]'
    const mac = createHmac('sha256', secret).update(message).digest('hex')
    expect(id().slice(-15)).toBe(mac.slice(5, 20))
    const salt = createHmac('sha256', secret).update(message.replace('id', 'salt')).digest('hex')
    expect(toHex(new RewardSecret(secret).salt(name))).toBe(salt)
    const long = new Uint8Array(100).fill(9)
    for (const [key, event] of [
      [secret, '积'.repeat(60)],
      [long, 'e'],
      [long, '\u{1F600}"\\'.repeat(20)],
    ] as const) {
      const text = JSON.stringify(['salt', 'coins', 'issue', 'order', event, 0])
      const wanted = createHmac('sha256', key).update(text).digest('hex')
      const made = new RewardSecret(key)
      expect([toHex(made.salt({ ...name, event })), toHex(made.salt({ ...name, event }))]).toEqual([wanted, wanted])
    }
    expect(id({ rule: 'reverse', event: 'e1' })).not.toBe(id({ isReversal: true, rule: 'reverse' }))
  })
})
