import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { receiver as exampleReceiver } from '../../../examples/webhook.ts'
import { makeEntry } from '../../../src/client/index.ts'
import { whyNoUrl } from '../../../src/gateway/webhooks/endpoint.ts'
import { type Answer, type ServedGateway, ServedShop } from '../shop.ts'

const codeOf = ({ status, body }: Answer) => [status, body.code]

/** An endpoint of a shop: what came, and what it answers to it. */
class Receiver {
  readonly came: { readonly id: string; readonly body: string; readonly headers: Record<string, string> }[] = []
  /** The status of each answer; 204 where nothing else is said. */
  answer: (id: string, times: number) => number = () => 204
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async start(): Promise<Receiver> {
    const server = createServer((request, response) => {
      void receiver.#take(request).then(status => response.writeHead(status).end())
    })
    const receiver = new Receiver(server)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hooks`
  }

  async #take(request: IncomingMessage): Promise<number> {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const headers = request.headers as Record<string, string>
    const id = headers['webhook-id']!
    this.came.push({ id, body: Buffer.concat(parts).toString(), headers })
    return this.answer(id, this.came.filter(one => one.id === id).length)
  }

  /** What came, each event once, as its data has it. */
  get events() {
    const seen = new Map(this.came.map(({ id, body }) => [id, JSON.parse(body).data]))
    return [...seen.values()]
  }

  close(): Promise<void> {
    this.#server.closeAllConnections()
    return new Promise(resolve => this.#server.close(() => resolve()))
  }
}

/** Waits until something holds. */
async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = Date.now() + 20_000
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`${what} did not come`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}

describe('webhooks', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  let receiver: Receiver
  /** Ids of what was told of mei. */
  let told: string[]
  const begin = () => shop.gateway('told', { webhookPausesMs: [20, 20, 20] })

  beforeAll(async () => {
    shop = await ServedShop.create({ expiresDays: 3 })
    gateway = await begin()
    receiver = await Receiver.start()
  })
  afterAll(async () => {
    await receiver.close()
    await shop.destroy()
  })

  afterEach(async () => {
    for (const { id } of (await gateway.get('/v1/webhooks')).body.webhooks) await remove(id)
    receiver.came.length = 0
    receiver.answer = () => 204
  })

  const add = async (body: object = {}) => {
    // It is told of what is published from now on.
    await shop.world.log.publisher.publish()
    const answer = await gateway.post('/v1/webhooks', { url: receiver.url, ...body })
    expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    return answer.body as { id: string; secret: string; after: number }
  }
  const remove = (id: string) => gateway.ask('DELETE', `/v1/webhooks/${id}`)
  const typesOf = (member: string) => receiver.events.filter(one => one.member === member).map(one => one.type)

  test('events of a member come signed and decoded, with the ids of the shop', async () => {
    const { secret } = await add()
    await gateway.post('/v1/earn', { member: 'mei', points: 100, order: 'o-1', reason: 'first order' })
    await gateway.post('/v1/orders/o-2/hold', { member: 'mei', points: 40 })
    await gateway.post('/v1/orders/o-2/capture', { points: 30 })
    await gateway.post('/v1/orders/o-2/refund', { points: 10, id: 'r-1' })
    await gateway.post('/v1/orders/o-3/hold', { member: 'mei', points: 5 })
    await gateway.post('/v1/orders/o-3/release', {})
    await gateway.post('/v1/members/mei/adjust', { points: -3, reason: 'a mistake' })
    await until(() => typesOf('mei').length >= 10, 'what happened to mei')
    expect(typesOf('mei').sort()).toEqual(
      [
        // The points that came, and those that came back, expire within a week.
        ...['member.opened', 'points.earned', 'points.expiring', 'points.held', 'points.captured', 'points.expiring'],
        ...['points.refunded', 'points.held', 'points.released', 'points.spent'],
      ].sort(),
    )
    const earned = receiver.events.find(one => one.type === 'points.earned')
    expect(earned).toMatchObject({ unit: 'stars', movement: { points: 100, balance: 100, order: 'o-1' } })
    expect(receiver.events.find(one => one.type === 'points.captured').movement).toMatchObject({ order: 'o-2' })
    told = receiver.events.filter(one => one.type !== 'points.expiring').map(one => one.id)
    // A library that is not ours verifies each of them, and none of another secret.
    for (const { body, headers } of receiver.came) new Webhook(secret).verify(body, headers)
    const [{ body, headers }] = receiver.came as [(typeof receiver.came)[0]]
    expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, headers)).toThrow()
    expect(() => new Webhook(secret).verify(body.replace('mei', 'eve'), headers)).toThrow()
    expect(JSON.parse(body)).toMatchObject({ type: expect.any(String), timestamp: expect.any(String) })
  })

  test('the activity has the same, page by page: nothing is left out and nothing comes twice', async () => {
    const pages = async (limit: number) => {
      const ids: string[] = []
      for (let after = -1; ; ) {
        const { body } = await gateway.get(`/v1/activity?after=${after}&limit=${limit}`)
        ids.push(
          ...body.activities
            .filter((one: { member: string }) => one.member === 'mei')
            .map((one: { id: string }) => one.id),
        )
        if (body.next === after) return ids
        after = body.next
      }
    }
    const all = await pages(1000)
    expect(new Set(all).size).toBe(all.length)
    expect(await pages(3)).toEqual(all)
    expect(told.sort()).toEqual(all.sort())
    const { body } = await gateway.get('/v1/activity?limit=1000')
    expect(body.activities.some((one: { type: string }) => one.type === 'ledger.sealed')).toBe(true)
  })

  test('an event that fails is sent again under its id, then kept as dead, and replayed', async () => {
    receiver.answer = (id, times) => (id.startsWith('expiring') ? 204 : times < 3 ? 500 : 204)
    const { id } = await add({ types: ['points.earned'] })
    await gateway.post('/v1/earn', { member: 'anna', points: 7 })
    await until(() => receiver.came.length === 3, 'the third time')
    expect(new Set(receiver.came.map(one => one.id)).size).toBe(1)
    receiver.answer = () => 503
    await gateway.post('/v1/earn', { member: 'anna', points: 8 })
    const state = async () =>
      (await gateway.get('/v1/webhooks')).body.webhooks.find((one: { id: string }) => one.id === id)
    await until(async () => (await state()).dead === 1, 'what is dead')
    const { body } = await gateway.get(`/v1/webhooks/${id}/dead`)
    expect(body.dead).toMatchObject([{ tries: 4, last: 'HTTP 503', event: { type: 'points.earned', member: 'anna' } }])
    receiver.answer = () => 204
    const before = receiver.came.length
    expect((await gateway.post(`/v1/webhooks/${id}/replay`, {})).status).toBe(200)
    await until(() => receiver.came.length === before + 1, 'what was dead')
    expect(receiver.came.at(-1)!.id).toBe(body.dead[0].event.id)
    await until(async () => (await state()).waiting === 0, 'the end of what waits')
    expect((await state()).dead).toBe(0)
  })

  test('a gateway that ends and begins again leaves nothing out', async () => {
    receiver.answer = () => 500
    await add({ types: ['points.earned'] })
    await gateway.post('/v1/earn', { member: 'li', points: 1, id: 'li-1' })
    await until(() => receiver.came.length > 0, 'the first time')
    await gateway.close()
    receiver.answer = () => 204
    // What happens while it is away is the ledger's to tell.
    gateway = await begin()
    await gateway.post('/v1/earn', { member: 'li', points: 2, id: 'li-2' })
    await until(() => receiver.events.length === 2, 'both earnings')
    expect(receiver.events.map(one => one.movement.points).sort()).toEqual([1, 2])
  })

  test('all after a log index comes again, also to an endpoint that wanted no more', async () => {
    receiver.answer = () => 410
    const { id, after } = await add({ types: ['points.earned'] })
    await gateway.post('/v1/earn', { member: 'wei', points: 3 })
    await until(async () => (await gateway.get('/v1/webhooks')).body.webhooks[0].ended !== null, 'the end')
    receiver.answer = () => 204
    const { body } = await gateway.post(`/v1/webhooks/${id}/replay`, { after })
    expect(body.ended).toBe(null)
    await until(() => receiver.came.length === 2, 'the event again')
    expect(receiver.came[0]!.id).toBe(receiver.came[1]!.id)
  })

  test('after another secret both sign for a day', async () => {
    receiver.came.length = 0
    const { id, secret } = await add({ types: ['points.earned'] })
    const { body } = await gateway.ask('POST', `/v1/webhooks/${id}/rotate`)
    expect(body.secret).not.toBe(secret)
    await gateway.post('/v1/earn', { member: 'mei', points: 1, id: 'rotated' })
    await until(() => receiver.came.length === 1, 'the event')
    for (const one of [secret, body.secret]) new Webhook(one).verify(receiver.came[0]!.body, receiver.came[0]!.headers)
  })

  test('points that expire soon are told once, those that came before and those that come', async () => {
    receiver.came.length = 0
    await add({ types: ['points.expiring'], within: '10d' })
    const ofMei = () => receiver.events.filter(one => one.member === 'mei')
    await until(() => ofMei().length > 0, 'what expires')
    expect(ofMei()).toMatchObject([{ unit: 'stars', points: expect.any(Number), expires: expect.any(String) }])
    await gateway.post('/v1/earn', { member: 'mei', points: 9, id: 'late' })
    await until(() => ofMei().length > 1, 'what came')
    expect(ofMei()[1]).toMatchObject({ points: 9 })
  })

  test('a tier and a frozen account are told in their own words', async () => {
    receiver.came.length = 0
    await add({ types: ['member.frozen', 'member.unfrozen'] })
    const { account } = (await gateway.get('/v1/members/mei')).body.units.stars
    const {
      client,
      shop: { keys },
    } = gateway.gateway
    await client.submit([makeEntry('freeze', { account, reason: 1 })], [keys.registrar])
    await client.submit([makeEntry('unfreeze', { account })], [keys.registrar])
    await until(() => receiver.events.length === 2, 'both')
    expect(receiver.events.map(one => one.type).sort()).toEqual(['member.frozen', 'member.unfrozen'])
  })

  test('the receiver of the examples does each event once, also where it failed before', async () => {
    const done: string[] = []
    let isFirst = true
    let example: Server | undefined
    const server = createServer((request, response) => example?.emit('request', request, response))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { secret } = await add({ url, types: ['points.earned'] })
    example = exampleReceiver(secret, new Set(), async ({ data }) => {
      const fails = isFirst
      isFirst = false
      if (fails) throw new Error('the database is away')
      done.push(data.id)
    })
    await gateway.post('/v1/earn', { member: 'anna', points: 1, id: 'example' })
    await until(() => done.length === 1, 'the event')
    const forged = await fetch(url, { method: 'POST', body: '{}' })
    expect(forged.status).toBe(401)
    server.closeAllConnections()
    server.close()
  })

  test('URLs that are no endpoint are refused, and keys that are not for webhooks', async () => {
    for (const url of ['ftp://x', 'http://shop.example/hooks', 'https://a:b@shop.example/', 'no url', 'https://x/#y'])
      expect(codeOf(await gateway.post('/v1/webhooks', { url })), url).toEqual([400, 'request-invalid'])
    expect(whyNoUrl('https://shop.example/hooks')).toBe(undefined)
    expect(whyNoUrl('http://[::1]:8080/hooks')).toBe(undefined)
    expect(codeOf(await gateway.post('/v1/webhooks', { url: receiver.url, types: ['all'] }))).toEqual([
      400,
      'request-invalid',
    ])
    expect(codeOf(await gateway.post('/v1/webhooks/wh_none/replay', {}))).toEqual([404, 'webhook-unknown'])
    expect(codeOf(await remove('wh_none'))).toEqual([404, 'webhook-unknown'])
    const key = await gateway.gateway.apiKeys.add('reads only', ['read'], 1000)
    const asked = await gateway.ask('GET', '/v1/webhooks', undefined, { authorization: `Bearer ${key}` })
    expect(codeOf(asked)).toEqual([403, 'key-scope'])
    for (let n = 0; n < 16; n++) await add()
    expect(codeOf(await gateway.post('/v1/webhooks', { url: receiver.url }))).toEqual([409, 'webhooks-full'])
  })
})
