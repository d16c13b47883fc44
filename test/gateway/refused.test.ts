import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ServedGateway, ServedShop } from './shop.ts'

describe('the refusals of a member', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway()
    await gateway.post('/v1/earn', { member: 'mei', points: 100 })
    expect((await gateway.post('/v1/orders/o-1/hold', { member: 'mei', points: 640 })).body.code).toBe('insufficient')
    await gateway.post('/v1/orders/o-2/hold', { member: 'mei', points: 30 })
    await gateway.post('/v1/earn', { member: 'mei', points: 50 })
    expect((await gateway.post('/v1/orders/o-3/hold', { member: 'mei', points: 640 })).body.code).toBe('insufficient')
    await gateway.post('/v1/earn', { member: 'anna', points: 7 })
    await shop.world.log.publisher.publish()
  })
  afterAll(() => shop.destroy())

  test('stand in the log, the newest first, with what she had at each', async () => {
    const { body } = await gateway.get('/v1/members/mei/refused')
    expect(body.from).toBe(0)
    expect(body.refused).toMatchObject([
      {
        kind: 'hold',
        outcome: 'insufficient',
        points: 640,
        order: 'o-3',
        had: { balance: 150, available: 120, held: 30 },
      },
      {
        kind: 'hold',
        outcome: 'insufficient',
        points: 640,
        order: 'o-1',
        had: { balance: 100, available: 100, held: 0 },
      },
    ])
    const { entry, proof } = body.refused[0]
    expect(proof).toBe(`/v1/proofs/${entry}`)
    expect((await gateway.get('/v1/members/anna/refused')).body.refused).toEqual([])
  })

  test('come a page at a time, each once', async () => {
    const first = (await gateway.get('/v1/members/mei/refused?limit=1')).body
    expect(first.refused).toHaveLength(1)
    const second = (await gateway.get(`/v1/members/mei/refused?limit=1&before=${first.from}`)).body
    expect(second.refused.map(({ order }: { order: string }) => order)).toEqual(['o-1'])
    const last = (await gateway.get(`/v1/members/mei/refused?limit=1&before=${second.from}`)).body
    expect(last).toEqual({ refused: [], from: 0 })
    expect((await gateway.get('/v1/members/nobody/refused')).body.code).toBe('member-unknown')
    expect((await gateway.get('/v1/members/mei/refused?before=-1')).status).toBe(400)
  })
})
