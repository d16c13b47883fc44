import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../../src/audit/audit.ts'
import { ShopClient, TallyClient } from '../../src/client/index.ts'
import { parseProgramme } from '../../src/programmes/index.ts'
import { small } from '../programmes/shop.ts'
import { runs } from '../runs.ts'
import { keyNumber } from '../world.ts'
import { type ServedGateway, ServedShop } from './shop.ts'

describe('two members who are one person', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create({ expiresDays: 0 })
    const rules = [{ id: 'act', on: 'act', points: { per: 1, of: 'event.count', give: 1 }, cap: { 'member/day': 100 } }]
    const reversals = [{ on: 'undo', of: 'act', match: 'item', share: ['event.count', 'was.count'], within: '30d' }]
    await shop.publish(parseProgramme(JSON.stringify(small({ unit: 'stars', name: 'visits', rules, reversals }))))
    gateway = await shop.gateway('merges')
  })
  afterAll(() => shop.destroy())

  const earn = async (member: string, points: number) =>
    expect((await gateway.post('/v1/earn', { member, points })).status).toBe(201)
  const merge = (member: string, into: string) => gateway.post(`/v1/members/${member}/merge`, { into })
  const undo = (member: string) => gateway.ask('DELETE', `/v1/members/${member}/merge`)
  const unitsOf = async (member: string, from = gateway) => {
    const { body } = await from.get(`/v1/members/${member}`)
    return [body.id, body.units.stars.balance]
  }
  const spend = async (order: string, member: string, points: number) => {
    expect((await gateway.post(`/v1/orders/${order}/hold`, { member, points })).status).toBe(201)
    expect((await gateway.post(`/v1/orders/${order}/capture`, {})).status).toBe(201)
  }

  test('all points move, and the old id finds the other in every request', async () => {
    await earn('old', 70)
    await earn('new', 5)
    await spend('before', 'old', 20)
    const merged = await merge('old', 'new')
    expect(merged).toMatchObject({
      status: 201,
      body: { id: 'old', into: 'new', units: [{ unit: 'stars', points: 50, short: 0 }] },
    })
    const [{ account, into, entry }] = merged.body.units
    expect([await unitsOf('old'), await unitsOf('new')]).toEqual(Array(2).fill(['new', 55]))
    await earn('old', 3)
    expect((await gateway.ask('PUT', '/v1/members/old', {})).body.account).toBe(into)
    await spend('after', 'old', 8)
    expect(await unitsOf('new')).toEqual(['new', 50])
    expect((await gateway.get('/v1/members')).body.members).toEqual([
      { id: 'new', unit: 'stars', account: into },
      { id: 'old', unit: 'stars', account, into: 'new' },
    ])
    const [moved] = (await gateway.get('/v1/members/old/movements?kind=merge')).body.movements
    expect(moved).toMatchObject({ kind: 'merge', points: 50, entry })
    // Asked again, nothing is left to do.
    expect(await merge('old', 'new')).toMatchObject({ status: 200, body: { units: [{ points: 0, entry: null }] } })
    // What was bought with the old account comes back to her.
    expect((await gateway.post('/v1/orders/before/refund', { points: 15 })).status).toBe(201)
    expect(await unitsOf('old')).toEqual(['new', 65])
  })

  test('a key that may not adjust points does not move them by a merge, either', async () => {
    const full = gateway.key
    gateway.key = await gateway.gateway.apiKeys.add('counter', ['read', 'members', 'earn', 'spend'], 10)
    try {
      for (const { status, body } of [await merge('new', 'clerk'), await undo('old')])
        expect([status, body.code]).toEqual([403, 'key-scope'])
    } finally {
      gateway.key = full
    }
  })

  test('a memory that is made again knows it, or says whose other id is not known', async () => {
    const again = await shop.gateway()
    expect(await again.gateway.follower.rebuild(['old'])).toMatchObject({ members: 1, merged: 0, heirless: 1 })
    expect((await again.get('/v1/members/old')).body.units.stars.balance).toBe(65)
    expect(await again.gateway.follower.rebuild(['old', 'new'])).toMatchObject({ merged: 1, heirless: 0 })
    expect(await unitsOf('old', again)).toEqual(['new', 65])
    expect((await again.post('/v1/members/old/merge', { into: 'new' })).status).toBe(200)
    await again.close()
    const unnamed = await shop.gateway()
    expect((await unnamed.get('/v1/members/old')).body.units.stars.balance).toBe(65)
  })

  test('events of the old id are those of the person, and what it was given is taken back under it', async () => {
    const event = (member: string, id: string, type: string, item: string, count: number) =>
      gateway.post('/v1/events', { id, type, time: Date.now(), member, data: { item, count } })
    expect((await event('was', 'w1', 'act', 'a', 60)).body).toMatchObject({ status: 'earned', n: 1 })
    expect((await event('is', 'i1', 'act', 'b', 70)).body).toMatchObject({ status: 'earned', n: 1 })
    await merge('was', 'is')
    // Counters are those of the person: 70 of 100 a day are used.
    expect((await event('was', 'w2', 'act', 'c', 60)).body).toMatchObject({ status: 'capped', earned: 30, n: 2 })
    expect((await event('is', 'w1', 'act', 'a', 60)).body).toMatchObject({ status: 'duplicate', was: 'earned' })
    expect(await unitsOf('was')).toEqual(['is', 160])
    const refused = await event('was', 'w3', 'undo', 'a', 60)
    expect(refused.body).toMatchObject({ status: 'refused', code: 'insufficient', retryable: true })
    // The points are in the other account: undone, taken back, and merged again.
    expect((await undo('was')).body).toMatchObject({ units: [{ points: 60, short: 0 }] })
    expect((await event('was', 'w3', 'undo', 'a', 60)).body).toMatchObject({ status: 'duplicate', was: 'reversed' })
    expect(await merge('was', 'is')).toMatchObject({ status: 201, body: { units: [{ points: 0 }] } })
    expect(await unitsOf('was')).toEqual(['is', 100])
  })

  test('undone, they are two again, as far as the points are still there', async () => {
    const client = new ShopClient({ url: gateway.url, key: gateway.key })
    await earn('one', 40)
    await earn('two', 1)
    await client.members.merge('one', 'two')
    await spend('spent', 'two', 30)
    const undone = await client.members.undoMerge('one')
    expect(undone).toMatchObject({ id: 'one', into: 'two', units: [{ unit: 'stars', points: 11, short: 29 }] })
    expect([await unitsOf('one'), await unitsOf('two')]).toEqual([
      ['one', 11],
      ['two', 0],
    ])
    expect(await undo('one')).toMatchObject({ status: 409, body: { code: 'member-alone' } })
    // And one again: the same two, another entry.
    expect((await merge('one', 'two')).body.units[0]).toMatchObject({ points: 11 })
    await spend('spent again', 'two', 11)
    expect(await undo('one')).toMatchObject({ status: 409, body: { code: 'merge-spent' } })
  })

  test('a merge that cannot be is told why, and nothing moves', async () => {
    await earn('a', 10)
    await earn('b', 10)
    await earn('c', 10)
    expect(await merge('nobody', 'a')).toMatchObject({ status: 404, body: { code: 'member-unknown' } })
    expect(await merge('a', 'a')).toMatchObject({ status: 409, body: { code: 'member-same' } })
    expect(await undo('a')).toMatchObject({ status: 409, body: { code: 'member-alone' } })
    expect(await gateway.post('/v1/members/a/merge', {})).toMatchObject({ status: 400 })
    await gateway.post('/v1/orders/open/hold', { member: 'a', points: 4 })
    expect(await merge('a', 'b')).toMatchObject({ status: 409, body: { code: 'member-holds' } })
    await gateway.post('/v1/orders/open/release', {})
    expect(await merge('a', 'b')).toMatchObject({ status: 201 })
    expect(await merge('b', 'a')).toMatchObject({ status: 409, body: { code: 'member-same' } })
    expect(await merge('a', 'c')).toMatchObject({ status: 409, body: { code: 'member-merged' } })
    expect(await merge('c', 'a')).toMatchObject({ status: 201, body: { into: 'b' } })
    expect(await unitsOf('c')).toEqual(['b', 30])
    // Of one without an account, one is opened.
    expect(await merge('b', 'd')).toMatchObject({ status: 201, body: { into: 'd' } })
    expect([await unitsOf('a'), await unitsOf('c'), await unitsOf('d')]).toEqual(Array(3).fill(['d', 30]))
  })

  test('two gateways that are asked the same merge once', async () => {
    await earn('p', 8)
    await earn('q', 8)
    const other = await shop.gateway('merges-beside')
    const answers = await Promise.all([gateway, other].map(one => one.post('/v1/members/p/merge', { into: 'q' })))
    for (const { status } of answers) expect([200, 201]).toContain(status)
    expect(await unitsOf('p')).toEqual(['q', 16])
  })

  test('any merges and undoings of any members: what an id is shown is the sum of those it stands with', async () => {
    const names = ['m0', 'm1', 'm2', 'm3']
    let made = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('merge', 'undo', 'earn'), fc.nat(3), fc.nat(3)), { maxLength: 8 }),
        async steps => {
          const run = `r${made++}`
          const own = names.map(name => `${run}-${name}`)
          const heir = new Map<string, string>()
          const person = (name: string): string => (heir.has(name) ? person(heir.get(name)!) : name)
          const points = new Map(own.map((name, i) => [name, i + 1]))
          const moved = new Map<string, number>()
          for (const [i, name] of own.entries()) await earn(name, i + 1)
          for (const [what, i, j] of steps) {
            const [one, other] = [own[i]!, own[j]!]
            if (what === 'earn') {
              await earn(one, 10)
              points.set(person(one), points.get(person(one))! + 10)
            } else if (what === 'merge') {
              const { status } = await merge(one, other)
              const isFree = one !== other && person(other) !== one && !heir.has(one)
              const isDone = one !== other && heir.has(one) && person(one) === person(other)
              expect([status, run, one, other]).toEqual([isFree ? 201 : isDone ? 200 : 409, run, one, other])
              if (!isFree) continue
              const into = person(other)
              moved.set(one, points.get(one)!)
              points.set(into, points.get(into)! + points.get(one)!)
              points.set(one, 0)
              heir.set(one, into)
            } else {
              const { status, body } = await undo(one)
              const into = heir.get(one)
              const back = into === undefined ? 0 : Math.min(moved.get(one)!, points.get(into)!)
              expect([status, run, one]).toEqual([back > 0 ? 200 : 409, run, one])
              if (back === 0) continue
              expect(body.units[0].points).toBe(back)
              points.set(into!, points.get(into!)! - back)
              points.set(one, back)
              heir.delete(one)
            }
          }
          for (const name of own) expect(await unitsOf(name)).toEqual([person(name), points.get(person(name))])
        },
      ),
      { numRuns: runs(12, 4) },
    )
  })

  test('an auditor finds nothing wrong with any of it', async () => {
    const { world, url } = shop
    const key = keyNumber(50)
    const record = world.log.ledger.state.registry.records.length
    await world.submit([world.root], world.bytes(world.registerKey('auditor', key)))
    await world.log.publisher.publish()
    const { policy } = world
    const client = new TallyClient({ url, policy, caller: { holder: { record }, seed: key.seed } })
    const { faults } = await audit({ client, policy, tuning: { thread: false, markMs: 0 }, onProgress() {} })
    expect(faults).toEqual([])
  })
})
