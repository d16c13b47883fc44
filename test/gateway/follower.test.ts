import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readShop } from '../../src/files/shop-file.ts'
import { type ServedGateway, ServedShop } from './shop.ts'

interface KeyHolder {
  readonly record: number
}

describe('a memory that is lost', () => {
  let shop: ServedShop
  beforeAll(async () => {
    shop = await ServedShop.create()
  })
  afterAll(() => shop.destroy())

  const MEMBERS = ['cust_1', 'cust_2', '客户 3']

  /** Everything that a shop can read. */
  const all = async (gateway: ServedGateway) => ({
    members: (await gateway.get('/v1/members?limit=1000')).body,
    each: await Promise.all(
      MEMBERS.map(async id => [
        (await gateway.get(`/v1/members/${encodeURIComponent(id)}`)).body,
        (await gateway.get(`/v1/members/${encodeURIComponent(id)}/movements?limit=1000`)).body,
      ]),
    ),
    orders: await Promise.all(['o1', 'o2', 'o3'].map(async id => (await gateway.get(`/v1/orders/${id}`)).body)),
    expiring: (await gateway.get('/v1/expiring?within=400d&limit=1000')).body,
  })

  test('is made again from the ledger and the list of ids: all that is read is the same', async () => {
    const first = await shop.gateway()
    const does: [path: string, body: object][] = [
      ['/v1/earn', { member: 'cust_1', points: 100, id: 'a', order: 'bought-1' }],
      ['/v1/earn', { member: 'cust_2', points: 60, id: 'b', reason: 'a birthday' }],
      ['/v1/earn', { member: '客户 3', points: 7, id: 'c' }],
      ['/v1/members/cust_2/adjust', { points: -3, reason: 'miscounted', id: 'd' }],
      ['/v1/orders/o1/hold', { member: 'cust_1', points: 50 }],
      ['/v1/orders/o1/capture', { points: 40 }],
      ['/v1/orders/o1/refund', { points: 15, id: 'part', reason: 'broken' }],
      ['/v1/orders/o2/hold', { member: 'cust_1', points: 5 }],
      ['/v1/orders/o2/release', {}],
      ['/v1/orders/o3/hold', { member: 'cust_2', points: 20 }],
    ]
    for (const [path, body] of does) expect((await first.post(path, body)).status, path).toBe(201)
    const refused = { member: 'cust_2', points: 5000 }
    expect((await first.post('/v1/orders/o4/hold', refused)).status).toBe(422)
    const before = await all(first)
    await first.close()

    const second = await shop.gateway()
    const rebuilt = await second.gateway.follower.rebuild([...MEMBERS, 'cust_4'])
    expect(rebuilt).toEqual({ accounts: 3, ids: 4, members: 3, nameless: 0, merged: 0, heirless: 0 })
    const after = await all(second)
    // The purpose of a hold is in the details of its entry, like everything else that is read.
    expect(after).toEqual(before)
    // All was done; the points of the second order went back, which is known again, too.
    for (const [path, body] of does)
      expect((await second.post(path, body)).status, path).toBe(path === '/v1/orders/o2/hold' ? 409 : 200)
    expect((await second.post('/v1/earn', { member: 'cust_1', points: 99, id: 'a' })).status).toBe(409)
    // That something was refused is not known again, and has moved nothing.
    expect((await second.post('/v1/orders/o4/hold', { ...refused, points: 1 })).status).toBe(201)
  })

  test('and is never taken for that of a new shop: what was done is known before anything is asked', async () => {
    const gateway = await shop.gateway()
    const again = await gateway.post('/v1/earn', { member: 'cust_1', points: 100, id: 'a', order: 'bought-1' })
    expect([again.status, again.body.repeated]).toEqual([200, true])
    expect((await gateway.post('/v1/orders/o3/capture', {})).status).toBe(404)
    expect((await gateway.get('/v1/members/cust_2')).status).toBe(200)
    expect((await gateway.get('/v1/orders/o3')).body).toMatchObject({ state: 'held', member: 'cust_2' })
  })

  test('settings of the shop that change change nothing of what was done', async () => {
    const units = shop.shop.units.map(unit => ({ ...unit, expiresDays: 30, holdMs: 60_000 }))
    const gateway = await shop.gateway('changed', { shop: { ...shop.shop, units } })
    const again = await gateway.post('/v1/earn', { member: 'cust_2', points: 60, id: 'b', reason: 'a birthday' })
    expect([again.status, again.body.repeated]).toEqual([200, true])
    expect((await gateway.post('/v1/orders/o3/hold', { member: 'cust_2', points: 20 })).status).toBe(200)
    expect(
      (await gateway.post('/v1/earn', { member: 'cust_2', points: 61, id: 'b', reason: 'a birthday' })).status,
    ).toBe(409)
    expect(await gateway.ask('PUT', '/v1/members/cust_2', {})).toMatchObject({ status: 200 })
  })

  test('without a list of ids, each member is found when her id is asked for', async () => {
    const gateway = await shop.gateway()
    expect(await gateway.gateway.follower.rebuild([])).toMatchObject({ accounts: 3, members: 0, nameless: 3 })
    expect((await gateway.get('/v1/members')).body.members).toEqual([])
    expect((await gateway.get('/v1/members/cust_1')).body.units.stars.balance).toBe(75)
    expect((await gateway.get('/v1/members')).body.members).toMatchObject([{ id: 'cust_1' }])
  })

  test('a unit that is added is one more of the same members', async () => {
    const more = await shop.addUnit('miles')
    expect(await readShop(join(shop.folder, 'shop.json'))).toEqual(more)
    const gateway = await shop.gateway('units', { shop: more })
    const earn = { member: 'cust_1', points: 9, unit: 'miles', id: 'flight' }
    expect((await gateway.post('/v1/earn', earn)).status).toBe(201)
    expect((await gateway.post('/v1/earn', { ...earn, unit: 'stars', id: 'visit' })).status).toBe(201)
    const held = await gateway.post('/v1/orders/trip/hold', { member: 'cust_1', points: 4, unit: 'miles' })
    expect([held.status, (await gateway.post('/v1/orders/trip/capture', {})).body.unit]).toEqual([201, 'miles'])
    const { units } = (await gateway.get('/v1/members/cust_1')).body
    expect(units).toMatchObject({ stars: { balance: 84 }, miles: { balance: 5 } })
    // The keys of before stand until they are revoked, and are needed by nobody.
    const { world } = shop
    for (const { holder } of [shop.shop.keys.issuer, shop.shop.keys.merchant])
      await world.submit([world.root], world.bytes({ kind: 'revoke', record: (holder as KeyHolder).record, reason: 3 }))
    expect((await gateway.post('/v1/earn', { ...earn, unit: 'stars', id: 'visit 2' })).status).toBe(201)
    for (const [order, unit] of [
      ['train', 'stars'],
      ['trip 2', 'miles'],
    ] as const) {
      const path = `/v1/orders/${encodeURIComponent(order)}`
      const asked = await gateway.post(`${path}/hold`, { member: 'cust_1', points: 4, unit })
      const done = [asked, await gateway.post(`${path}/capture`, {}), await gateway.post(`${path}/refund`, {})]
      expect(done.map(({ status, body }) => [status, body.unit])).toEqual(Array(3).fill([201, unit]))
    }
    const list = (await gateway.get('/v1/members/cust_1/movements?unit=miles')).body.movements
    const kinds = ['refund', 'capture', 'hold', 'capture', 'hold', 'earn', 'open']
    expect(list.map(({ kind }: { kind: string }) => kind)).toEqual(kinds)
  })
})
