import { execFile } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../examples/checkout.ts'
import { ShopClient, ShopError } from '../../src/client/index.ts'
import { verifyReceipt } from '../../src/verify/receipt.ts'
import { stub } from '../client/proxy.ts'
import { type ServedGateway, ServedShop } from './shop.ts'

const run = promisify(execFile)
const python = await run('python3', ['--version']).then(
  () => 'python3',
  () => undefined,
)
if (python === undefined) console.log('There is no python3 here: examples/shop.py is not run.')

describe('the client of a gateway', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  let client: ShopClient
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway()
    client = new ShopClient({ url: gateway.url, key: gateway.key, pauseMs: 5 })
  })
  afterAll(() => shop.destroy())

  test('the client: earns once, pays, refunds, and reads on after the first page', async () => {
    const first = await client.members.earn('cust_8842', { points: 50, once: 'visit-1' })
    expect(first).toMatchObject({ member: 'cust_8842', points: 50, key: 'visit-1', repeated: false })
    expect(await client.members.earn('cust_8842', { points: 50, once: 'visit-1' })).toMatchObject({ repeated: true })
    await client.members.earn('cust_8842', { points: 10 })
    await client.members.earn('cust_8842', { points: 10, order: 'o' })
    await client.members.adjust('cust_8842', { points: -5, reason: 'a test' })
    expect(await client.members.open('cust_8842')).toMatchObject({ id: 'cust_8842', account: first.account })
    expect(await client.orders.quote('o1', { member: 'cust_8842' })).toEqual({ available: 65, points: 65 })
    await client.orders.hold('o1', { member: 'cust_8842', points: 40 })
    expect(await client.orders.capture('o1')).toMatchObject({ state: 'captured', points: 40 })
    await client.orders.refund('o1', { points: 15, once: 'r1' })
    await client.orders.hold('o2', { member: 'cust_8842', points: 1 })
    await client.orders.release('o2')
    expect((await client.members.get('cust_8842'))['stars']).toMatchObject({ balance: 40, available: 40, held: 0 })
    const kinds: string[] = []
    for await (const { kind } of client.members.movements('cust_8842', { limit: '2' })) kinds.push(kind)
    expect(kinds).toEqual(['release', 'hold', 'refund', 'capture', 'hold', 'spend', 'earn', 'earn', 'earn', 'open'])
  })

  test('a refusal is thrown, with its word, whether to ask again, and its proof', async () => {
    const error = await client.orders.hold('o3', { member: 'cust_8842', points: 9999 }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ShopError)
    const refused = error as ShopError
    expect(refused).toMatchObject({ code: 'insufficient', status: 422, retryable: true })
    await shop.world.log.publisher.publish()
    const receipt = verifyReceipt((await refused.receipt())!, shop.world.policy)
    expect(receipt.index).toBe(refused.entry)
    const unknown = await client.orders.capture('o3').catch((error: unknown) => error)
    expect(unknown).toMatchObject({ code: 'order-unknown', status: 404, retryable: false, entry: undefined })
    expect(await (unknown as ShopError).receipt()).toBeUndefined()
  })

  test('a request without an answer is sent again, and counts once', async () => {
    let isFirst = true
    const flaky = new ShopClient({
      ...{ url: gateway.url, key: gateway.key, pauseMs: 5 },
      carry: async asked => {
        const { method, headers, body } = asked
        const sent = body as Uint8Array<ArrayBuffer>
        const response = await fetch(asked.url, { method, headers, ...(body === undefined ? {} : { body: sent }) })
        const bytes = new Uint8Array(await response.arrayBuffer())
        if (isFirst) {
          isFirst = false
          throw new Error('the line broke')
        }
        return { status: response.status, bytes }
      },
    })
    expect(await flaky.members.earn('flaky', { points: 3 })).toMatchObject({ repeated: true })
    expect((await client.members.get('flaky'))['stars']!.balance).toBe(3)
    const other = await stub((_, response) => response.end('{"member": 5}'))
    const lied = new ShopClient({ url: other.url, key: 'tk_x' })
    await expect(lied.members.earn('x', { points: 1 })).rejects.toMatchObject({ code: 'answer' })
    await other.close()
  })

  test('the checkout of examples/ takes points, and pays once who presses twice', async () => {
    await client.members.earn('buyer', { points: 500 })
    const charged: string[] = []
    const server = checkout(client, async (order, cents) => {
      charged.push(order)
      return cents < 100_000
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    const url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    const post = async (path: string, body: object) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: response.status, body: await response.json() }
    }
    const cart = { customer: 'buyer', cents: 2590, points: 200 }
    const [once, twice] = await Promise.all([post('/checkout/1', cart), post('/checkout/1', cart)])
    expect([once.status, twice.body]).toEqual([200, once.body])
    expect(await post('/checkout/2', { ...cart, points: 5000 })).toMatchObject({
      ...{ status: 409, body: { why: 'insufficient', retry: true } },
    })
    expect((await post('/checkout/3', { ...cart, cents: 1_000_000 })).status).toBe(402)
    expect((await post('/checkout/1/return', { return: 'a', points: 50 })).body).toEqual({ order: '1', refunded: 50 })
    // 500 - 200 + 50, and 23 for the money.
    expect((await client.members.get('buyer'))['stars']).toMatchObject({ balance: 373, held: 0 })
    expect(charged).toEqual(expect.arrayContaining(['1', '3']))
    await server.close()
  })

  test.skipIf(python === undefined)('a script with nothing but the standard library of Python', async () => {
    const script = join(import.meta.dirname, '../../examples/shop.py')
    const { stdout } = await run('python3', [script, gateway.url, gateway.key])
    expect(stdout.trim().split('\n')).toEqual([
      'refused: insufficient',
      'balance: 70',
      'refund 30 70 py-order-1',
      'capture -80 40 py-order-1',
      'hold 0 120 py-order-1',
      'earn 120 120 py-order-0',
      'open 0 0 None',
    ])
  })

  test('its OpenAPI document has a name for every route, and a linter has nothing to say', async () => {
    const source = JSON.stringify((await gateway.get('/openapi.json')).body)
    const config = await createConfig({ extends: ['recommended'] })
    const problems = await lintFromString({ source, config, absoluteRef: 'openapi.json' })
    const said = problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)
    expect(said.filter(text => !text.includes('"Problem405"'))).toEqual([])
    const { paths, openapi } = JSON.parse(source) as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string; requestBody?: object }>>
    }
    expect(openapi).toBe('3.1.0')
    const operations = Object.values(paths).flatMap(methods => Object.entries(methods))
    const names = operations.map(([, { operationId }]) => operationId)
    expect([...new Set(names)]).toEqual(names)
    expect(names).toEqual(expect.arrayContaining(['earn', 'putMember', 'getMember', 'listMovements', 'holdOrder']))
    for (const [method, { operationId, requestBody }] of operations)
      expect([operationId, requestBody !== undefined]).toEqual([operationId, method === 'post' || method === 'put'])
  })
})
