import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  addressOf,
  CBOR,
  type Front,
  HttpError,
  makeServer,
  problems,
  type Server,
  sendBytes,
  takeBytes,
} from '../../src/serving/index.ts'

// A server of a shop that knows no ledger: a few lines, and it answers as a ledger's does.

class TooMany extends Error {}

const POINTS = new Map([['7', 12]])

describe('a second server', () => {
  let server: Server
  let url: string
  const answered: [method: string, route: string, status: number][] = []
  beforeAll(async () => {
    server = await makeServer({
      title: 'Shop',
      version: '1',
      description: 'Points for orders.',
      tokens: 'a shop token',
      limits: { bodyBytes: 1000, openBytes: 2000, openBytesEach: 1500 },
      observer: { answered: (method, route, status) => void answered.push([method, route, status]) },
      explain: error =>
        error instanceof TooMany ? { status: 422, code: 'too-many', detail: error.message } : undefined,
      routes: server => {
        takeBytes(server, CBOR)
        server.get(
          '/v1/points/:order',
          {
            schema: {
              params: z.object({ order: z.string().max(4) }),
              response: { 200: z.object({ points: z.int() }), ...problems(404) },
            },
          },
          async ({ params }) => {
            const points = POINTS.get(params.order)
            if (points === undefined) throw new HttpError(404, 'order-unknown', 'No order has this number.')
            return { points }
          },
        )
        server.post('/v1/orders', { schema: { body: z.strictObject({ order: z.int() }) } }, async ({ body }) => {
          if (body.order === 0) throw new HttpError(401, 'token-missing', 'Send a token.')
          if (body.order === 1) throw new TooMany('There are too many orders.')
          throw new Error('a secret of the inside')
        })
        server.put('/v1/echo', (request, reply) =>
          sendBytes(reply, (request.body as Uint8Array).slice(0, 1), CBOR, 'public, max-age=60'),
        )
      },
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
    url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  const send = (method: string, path: string, body?: string, type = 'application/json') =>
    fetch(url + path, { method, ...(body === undefined ? {} : { body, headers: { 'content-type': type } }) })
  const problem = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const { type, status, title, code, detail } = (await response.json()) as Record<string, unknown>
    expect([type, status]).toEqual(['about:blank', response.status])
    expect(title).not.toBe('Error')
    expect(detail).not.toContain('secret')
    return [status, code]
  }

  test('an answer has its headers, and the observer is told of it', async () => {
    const response = await send('GET', '/v1/points/7')
    expect(await response.json()).toEqual({ points: 12 })
    expect(response.headers.get('cache-control')).toBe('private, no-store')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    expect(response.headers.get('x-request-id')).not.toBe(null)
    expect(answered).toContainEqual(['GET', '/v1/points/:order', 200])
    const bytes = await send('PUT', '/v1/echo', 'ab', CBOR)
    expect([await bytes.text(), bytes.headers.get('cache-control')]).toEqual(['a', 'public, max-age=60'])
  })

  test('every error is a problem document', async () => {
    for (const [method, path, body, expected] of [
      ['GET', '/v1/points/8', undefined, [404, 'order-unknown']],
      ['GET', '/v1/points/12345', undefined, [400, 'request-invalid']],
      ['GET', '/v2', undefined, [404, 'not-found']],
      ['POST', '/v1/orders', '{"order":"x"}', [400, 'request-invalid']],
      ['POST', '/v1/orders', '[[[[[[[[[1]]]]]]]]]', [400, 'request-invalid']],
      ['POST', '/v1/orders', '{"order":0}', [401, 'token-missing']],
      ['POST', '/v1/orders', '{"order":1}', [422, 'too-many']],
      ['POST', '/v1/orders', '{"order":2}', [500, 'internal']],
      ['POST', '/v1/orders', ' '.repeat(1001), [413, 'body-size']],
      ['PATCH', '/v1/orders', '{}', [405, 'method']],
    ] as const)
      expect(await problem(await send(method, path, body)), `${method} ${path} ${body}`).toEqual(expected)
    expect(await problem(await send('POST', '/v1/orders', 'x', 'text/csv'))).toEqual([415, 'media-type'])
  })

  test('401 names the scheme, and 405 the methods', async () => {
    const unknown = await send('POST', '/v1/orders', '{"order":0}')
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer')
    expect((await send('DELETE', '/v1/points/7')).headers.get('allow')).toBe('GET, HEAD')
  })

  test('open bodies have their limits', async () => {
    const sockets = []
    const head = 'POST /v1/orders HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n'
    for (let i = 0; i < 2; i++) {
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      sockets.push(socket)
      socket.write(head)
      if (i === 0) await expect.poll(async () => (await send('POST', '/v1/orders', ' '.repeat(600))).status).toBe(503)
      else expect(((await once(socket, 'data')) as [Buffer])[0].toString()).toMatch(/^HTTP\/1\.1 503 /)
    }
    for (const socket of sockets) socket.destroy()
  })

  test('the document names the routes, and how callers prove a key', async () => {
    const document = (await (await send('GET', '/openapi.json')).json()) as {
      info: object
      paths: object
      components: { securitySchemes: object }
    }
    expect(document.info).toMatchObject({ title: 'Shop', version: '1', description: 'Points for orders.' })
    expect(Object.keys(document.paths)).toEqual(['/v1/points/{order}', '/v1/orders', '/v1/echo'])
    expect(document.components.securitySchemes).toMatchObject({ key: { bearerFormat: 'a shop token' } })
  })
})

describe('behind a proxy', () => {
  const behind = async (front: Front, path: string, headers: Record<string, string> = {}) => {
    const server = await makeServer({
      ...{ title: 'Shop', version: '1', description: 'Who calls.', front },
      limits: { bodyBytes: 1000, openBytes: 2000, openBytesEach: 1500 },
      routes: server => void server.get('/v1/me', async request => ({ ip: request.ip, by: addressOf(request) })),
    })
    try {
      await server.listen({ host: '127.0.0.1', port: 0 })
      const response = await fetch(`http://127.0.0.1:${(server.server.address() as AddressInfo).port}${path}`, {
        headers,
      })
      return [response.status, (await response.json()) as Record<string, unknown>] as const
    } finally {
      await server.close()
    }
  }

  test('the proxy is believed who calls, where it is named, and nobody else is', async () => {
    const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }
    const told = async (...proxies: string[]) => (await behind({ proxies }, '/v1/me', forwarded))[1]['by']
    expect(await told()).toBe('127.0.0.1')
    expect(await told('10.0.0.0/8')).toBe('127.0.0.1')
    expect(await told('127.0.0.1')).toBe('198.51.100.7')
    expect(await told('127.0.0.0/8', '198.51.100.7')).toBe('203.0.113.9')
  })

  test('routes are found below the base path, and nowhere else', async () => {
    const front = { basePath: '/points' }
    expect((await behind(front, '/points/v1/me?a=1'))[0]).toBe(200)
    for (const path of ['/v1/me', '/pointsv1/me', '/points', '/point/v1/me', '/points/points/v1/me'])
      expect((await behind(front, path))[0], path).toBe(404)
    const [, document] = await behind(front, '/points/openapi.json')
    expect(document).toMatchObject({ servers: [{ url: '/points' }], paths: { '/v1/me': {} } })
  })

  test('an address of IPv4 is one caller, and a network of IPv6', () => {
    for (const [ip, address] of [
      ['192.0.2.1', '192.0.2.1'],
      ['::ffff:192.0.2.1', '192.0.2.1'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['2001:0DB8:0001:2::6', '2001:db8:1:2::/64'],
      ['2001:db8::', '2001:db8:0:0::/64'],
      ['::1', '0:0:0:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ])
      expect(addressOf({ ip: ip! })).toBe(address)
  })
})
