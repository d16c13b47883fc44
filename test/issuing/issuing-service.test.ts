import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toHex } from '../../src/core/bytes.ts'
import { type Draft, small } from '../programmes/shop.ts'
import { FIRST_MEMBER } from '../world.ts'
import { DAY, IssuingWorld } from './issuing-world.ts'

/** What the tests of a service are about: an act earns, a capped one a day, and an undo takes back in parts. */
const DOCUMENT = small({
  unit: 'coins',
  grain: 4,
  late: '30d',
  rules: [
    { id: 'act', on: 'act', points: { per: 1, of: 'event.count', give: 1 }, cap: { 'member/day': 100 } },
    { id: 'first', on: 'act', once: 'member/ever', points: 7 },
  ],
  reversals: [
    { on: 'undo', of: 'act', match: 'item', share: ['event.count', 'was.count'], within: '90d', round: 'up' },
  ],
})

describe('an issuing service beside a ledger', () => {
  let shop: IssuingWorld
  let made = 0
  beforeAll(async () => {
    shop = await IssuingWorld.create([DOCUMENT])
    await shop.open('small')
  })
  afterAll(() => shop.destroy())

  const event = (member: string, type: string, data: Draft, more: Draft = {}) => ({
    id: `e${made++}`,
    type,
    time: shop.world.nowMs,
    member,
    data,
    ...more,
  })
  const act = (member: string, count: number, more: Draft = {}, item = `i${made}`) =>
    event(member, 'act', { item, count }, more)

  test('an event earns, is capped, and pays once', async () => {
    const first = act('ann', 60)
    const [earned, capped, none] = await shop.take(first, act('ann', 60), act('ann', 60))
    expect(earned).toMatchObject({ status: 'earned', earned: 67, rule: 'act', version: 1, n: 1, retryable: false })
    expect(capped).toMatchObject({ status: 'capped', earned: 40, cuts: [{ cap: 'act member/day', cut: 20 }] })
    expect(none).toMatchObject({ status: 'capped', earned: 0, entry: null, rewards: [] })
    expect(none!.answer).toMatchObject({ record: expect.any(Number), signature: expect.any(String) })
    const [again] = await shop.take(first)
    expect(again).toMatchObject({ status: 'duplicate', was: 'earned', earned: 67, entry: earned!.entry })
    expect(await shop.balance('ann')).toBe(107)
  })

  test('an event of no type of the programme is invalid, and counts nothing', async () => {
    const late = act('bob', 1, { time: shop.world.nowMs - 31 * DAY })
    const answers = await shop.take(
      act('bob', 5),
      late,
      act('bob', 1, { time: shop.world.nowMs + DAY }),
      { id: 'x', member: 'bob' },
      event('bob', 'act', { item: 'i', count: 'many' }),
    )
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      ['earned', undefined],
      ['late', undefined],
      ['invalid', 'event-ahead'],
      ['invalid', 'event'],
      ['invalid', 'event'],
    ])
    expect(answers.map(({ retryable }) => retryable)).toEqual([false, false, true, false, false])
    expect(answers[4]).toMatchObject({
      id: expect.stringMatching(/^e/),
      message: expect.stringContaining('/data/count'),
    })
    expect(await shop.balance('bob')).toBe(12)
  })

  test('a hundred articles that come back one by one leave nothing', async () => {
    await shop.take(act('cat', 1))
    await shop.take(act('cat', 99, {}, 'mugs'))
    const before = await shop.balance('cat')
    expect(before).toBe(7 + 100)
    const backs = await shop.take(...Array.from({ length: 99 }, () => event('cat', 'undo', { item: 'mugs', count: 1 })))
    expect(new Set(backs.map(({ status }) => status))).toEqual(new Set(['reversed']))
    expect(await shop.balance('cat')).toBe(before - 99)
    const [more] = await shop.take(event('cat', 'undo', { item: 'mugs', count: 1 }))
    expect(more).toMatchObject({ status: 'nothing', earned: 0 })
  })

  test('an original and what takes it back may come in one go', async () => {
    const answers = await shop.take(act('dan', 10, {}, 'x'), event('dan', 'undo', { item: 'x', count: 10 }))
    expect(answers.map(({ status, earned }) => [status, earned])).toEqual([
      ['earned', 17],
      ['reversed', -17],
    ])
    expect(await shop.balance('dan')).toBe(0)
  })

  test('a reward that was refused is paid when the cause is gone', async () => {
    const { world, places } = shop
    const { budget, treasury } = places.get('coins')!
    const accounts = world.log.ledger.state.accounts
    const left = accounts.balance(budget)
    await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, left)))
    const [one, other] = [act('eve', 30), act('fay', 5)]
    const refused = await shop.take(one, other)
    expect(refused.map(({ status, code, earned, retryable }) => [status, code, earned, retryable])).toEqual([
      ['refused', 'insufficient', 0, true],
      ['refused', 'insufficient', 0, true],
    ])
    const [still] = await shop.take(one)
    expect(still).toMatchObject({ status: 'refused', code: 'insufficient' })
    await world.submit([world.treasurer], world.bytes({ kind: 'fund', debit: treasury, credit: budget, amount: 1000 }))
    const [paid] = await shop.take(one)
    expect(paid).toMatchObject({ status: 'duplicate', was: 'earned', earned: 37 })
    const retried = await shop.service.retry()
    expect(retried.map(({ id, status }) => [id, status])).toEqual([[other.id, 'earned']])
    expect(await shop.service.retry()).toEqual([])
    expect([await shop.balance('eve'), await shop.balance('fay')]).toEqual([37, 12])
  })

  test('an evaluation without an answer is handed over again, the very same', async () => {
    const sent = act('gus', 20)
    const broken = shop.served.client(shop.issuer)
    const entries: Uint8Array[] = []
    // The ledger takes the batch, and its answer is lost.
    broken.submit = async (transactions, keys) => {
      entries.push(...transactions)
      await shop.served.client(shop.issuer).submit(transactions, keys)
      throw new Error('no answer')
    }
    await shop.open('small', { client: broken })
    await expect(shop.take(sent)).rejects.toThrow('no answer')
    expect(await shop.balance('gus')).toBe(27)
    const again: Uint8Array[] = []
    const whole = shop.served.client(shop.issuer)
    const submit = whole.submit.bind(whole)
    whole.submit = (transactions, keys) => {
      again.push(...transactions)
      return submit(transactions, keys)
    }
    await shop.seal()
    await shop.open('small', { client: whole })
    const [answer] = await shop.take(sent)
    expect(answer).toMatchObject({ status: 'duplicate', earned: 27 })
    expect(again.map(toHex)).toEqual(entries.map(toHex))
    expect(await shop.balance('gus')).toBe(27)
  })

  test('a service that lost its folder goes on where the ledger is', async () => {
    // Of the 67 for 60 articles, half is ⌈33.5⌉, one rule at a time: 30 and 4; then 30 and 3.
    const before = [act('hal', 60, {}, 'p'), act('hal', 60, {}, 'q'), event('hal', 'undo', { item: 'p', count: 30 })]
    await shop.take(...before)
    expect(await shop.balance('hal')).toBe(67 + 40 - 34)
    await shop.seal()
    await shop.close()
    await rm(shop.folder, { recursive: true })
    await expect(shop.open('small', { history: { ...shop.history!, textOf: async () => undefined } })).rejects.toThrow(
      /details-missing|not at hand/,
    )
    await shop.open('small')
    const answers = await shop.take(
      ...before,
      act('hal', 50),
      event('hal', 'undo', { item: 'p', count: 30 }),
      event('hal', 'undo', { item: 'q', count: 60 }),
    )
    expect(answers.map(({ status, earned }) => [status, earned])).toEqual([
      ['duplicate', 67],
      ['duplicate', 40],
      ['duplicate', -34],
      ['capped', 0],
      ['reversed', -33],
      ['reversed', -40],
    ])
    expect(answers.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6])
    expect(await shop.balance('hal')).toBe(0)
  })
})
