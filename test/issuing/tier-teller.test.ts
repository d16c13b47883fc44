import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import { Rewards } from '../../src/audit/rewards.ts'
import { ruleTexts } from '../../src/audit/rule-texts.ts'
import { fromHex } from '../../src/core/bytes.ts'
import { ACCEPTED } from '../../src/core/entry/outcome.ts'
import { keyOf } from '../../src/files/details-file.ts'
import { Chance } from '../programmes/random.ts'
import { BUDGET } from '../world.ts'
import { DAY, IssuingWorld } from './issuing-world.ts'

// Tiers that an issuing service sets, and an auditor computes again.

const SEED = 37
const START = Date.parse('2027-01-15T08:00:00Z')
const CLUB = {
  ...{ format: 'tallystick/programme/v1', name: 'club', version: 1, unit: 'coins' },
  ...{ from: '2026-01-01T00:00Z', day: '+00:00', late: '10d' },
  events: { order: { order: 'text', count: 'int' }, return: { order: 'text', count: 'int' } },
  rules: [
    { id: 'grow', on: 'order', points: { per: 1, of: 'event.count', give: 1 } },
    { id: 'thanks', on: 'order', points: 7, times: { gold: [2, 1] } },
  ],
  reversals: [{ on: 'return', of: 'order', match: 'order', share: ['event.count', 'was.count'], within: '30d' }],
  tiers: {
    ...{ by: ['grow'], over: { rolling: 3 } },
    levels: [
      { id: 'silver', from: 100 },
      { id: 'gold', from: 500 },
    ],
  },
}

describe('tiers that a service sets', () => {
  let shop: IssuingWorld
  beforeEach(async () => {
    shop = await IssuingWorld.create([CLUB], [], { nowMs: START })
    await shop.open('club')
  })
  afterEach(() => shop.destroy())

  let made = 0
  const event = (member: string, type: 'order' | 'return', order: string, count: number) => {
    return { id: `e${made++}`, type, time: shop.world.nowMs, member, data: { order, count } }
  }
  const audited = async () => {
    await shop.seal()
    const client = shop.served.client(shop.served.keys.auditor)
    const { texts } = await ruleTexts(client, undefined)
    const held = new Map([...shop.details].map(([commitment, { text }]) => [keyOf(fromHex(commitment)), text]))
    const { policy } = shop.world
    const tuning = { thread: false, markMs: 0 }
    return audit({ client, policy, rewards: new Rewards(held, texts), tuning, onProgress() {} })
  }
  const tierOf = async (member: string) => {
    await shop.seal()
    const { statuses } = await shop.statement((await shop.account(member))!)
    return statuses.map(({ tier }) => tier)
  }

  test('are what stands on the log, however many events are on their way at once', async () => {
    const chance = new Chance(SEED)
    const members = Array.from({ length: 12 }, (_, i) => `m${i}`)
    const orders = new Map<string, number>()
    for (let round = 0; round < 4; round++) {
      const lanes = Array.from({ length: 5 }, async () => {
        for (let i = 0; i < 4; i++) {
          const events = Array.from({ length: 6 }, () => {
            const member = chance.of(members)
            const n = orders.get(member) ?? 0
            if (n > 0 && chance.odds(0.3))
              return event(member, 'return', `o${chance.int(0, n - 1)}`, chance.int(1, 300))
            orders.set(member, n + 1)
            return event(member, 'order', `o${n}`, chance.int(1, 300))
          })
          await shop.take(...events)
        }
      })
      await Promise.all(lanes)
      await shop.service.tellTiers()
      shop.world.nowMs += DAY
    }
    const { faults, rewards } = await audited()
    expect([SEED, faults]).toEqual([SEED, []])
    expect(rewards!.tiers.all).toBeGreaterThan(30)
    expect(rewards!.tiers).toEqual({ all: rewards!.tiers.all, evaluated: rewards!.tiers.all, wrong: 0 })
  })

  test('count nothing that the ledger refused, and that when it is given after all', async () => {
    const { treasurer } = shop.world
    /** What the budget may give a member in a day. */
    const capped = async (memberDay: number) => {
      const draft = { kind: 'set-budget', account: BUDGET, memberDay } as const
      expect((await shop.world.submit([treasurer], shop.world.bytes(draft))).statuses[0]).toBe(ACCEPTED)
    }
    await shop.take(event('ann', 'order', 'a', 60))
    await capped(70)
    const [answer] = await shop.take(event('ann', 'order', 'b', 90))
    await shop.service.tellTiers()
    expect(answer).toMatchObject({ status: 'refused', code: 'over-member-cap' })
    expect(shop.service.tierOf('ann', shop.world.nowMs).id).toBe('silver')
    expect(await tierOf('ann')).toEqual([])
    await capped(1000)
    await shop.service.retry()
    await shop.service.tellTiers()
    expect(await tierOf('ann')).toEqual([1])
    expect((await audited()).faults).toEqual([])
  })

  test('are set after a crash, and by a service that lost what it kept; and end with time', async () => {
    await shop.take(event('ann', 'order', 'a', 600), event('bob', 'order', 'b', 400), event('ann', 'return', 'a', 200))
    await shop.service.tellTiers()
    expect([await tierOf('ann'), await tierOf('bob')]).toEqual([[1], [1]])
    const folder = await mkdtemp(join(tmpdir(), 'tally-issuing-'))
    try {
      await shop.open('club', { folder })
      await shop.take(event('ann', 'order', 'c', 150))
      await shop.service.tellTiers()
      expect(await tierOf('ann')).toEqual([2])
      // Three days later nothing counts any more.
      shop.world.nowMs += 3 * DAY
      await shop.service.tellTiers()
      await shop.take(event('bob', 'order', 'd', 1))
      await shop.service.tellTiers()
      expect([await tierOf('ann'), await tierOf('bob')]).toEqual([[], []])
      const { faults, rewards } = await audited()
      expect([faults, rewards!.tiers.wrong]).toEqual([[], 0])
    } finally {
      await shop.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
