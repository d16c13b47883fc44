import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Front, makeServer, type Server } from '../../src/serving/index.ts'

const problem = { status: 503, code: 'busy', detail: 'Come again.', headers: { 'retry-after': '1' } }
const full = new Set<string>()
const answered: string[] = []
const servers: Server[] = []
let [plain, below, behind] = ['', '', '']

async function start(front: Front): Promise<string> {
  const server = await makeServer({
    title: 'Shop',
    version: '1',
    description: 'Points.',
    limits: { bodyBytes: 10_000, openBytes: 20_000, openBytesEach: 20_000 },
    front,
    observer: { answered: (method, route, status) => void answered.push(`${method} ${route} ${status}`) },
    turnAway: { method: 'POST', path: '/v1/orders', bytes: 100, problem, isFull: address => full.has(address) },
    routes: server => {
      server.post('/v1/orders', async () => ({ taken: true }))
      server.post('/v1/orders-of-others', async () => ({ taken: true }))
      server.get('/v1/orders', async () => [])
    },
  })
  servers.push(server)
  await server.listen({ host: '127.0.0.1', port: 0 })
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
}

beforeAll(async () => {
  plain = await start({})
  below = await start({ basePath: '/points' })
  behind = await start({ proxies: ['127.0.0.1'] })
  full.add('127.0.0.1')
})
afterAll(() => Promise.all(servers.map(server => server.close())))

const post = (url: string, body = '{}') =>
  fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })

test('one who finds no room is turned away with a problem document, as from any route', async () => {
  const answer = await post(`${plain}/v1/orders?wait=sealed`)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1'])
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('x-request-id')).toMatch(/^away-/)
  for (const name of ['x-content-type-options', 'referrer-policy', 'content-security-policy', 'cache-control'])
    expect(answer.headers.get(name), name).not.toBeNull()
  expect(await answer.json()).toMatchObject({ type: 'about:blank', status: 503, code: 'busy', detail: 'Come again.' })
  expect(answered.at(-1)).toBe('POST /v1/orders 503')
  // The body was not read, and the connection serves on.
  expect((await post(`${plain}/v1/orders`, `"${'x'.repeat(90)}"`)).status).toBe(503)
  expect((await fetch(`${plain}/v1/orders`)).status).toBe(200)
})

test('other paths, large bodies, other callers and what comes through a proxy go their way', async () => {
  expect((await post(`${plain}/v1/orders-of-others`)).status).toBe(200)
  expect((await post(`${plain}/v1/orders`, `"${'x'.repeat(200)}"`)).status).toBe(200)
  expect((await post(`${below}/v1/orders`)).status).toBe(404)
  expect((await post(`${below}/points/v1/orders`)).status).toBe(503)
  expect((await post(`${behind}/v1/orders`)).status).toBe(200)
  full.clear()
  expect((await post(`${plain}/v1/orders`)).status).toBe(200)
})
