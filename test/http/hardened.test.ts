import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ServedWorld } from './server.ts'

// What a server answers to requests that reach no route of it, and what it says to browsers with every answer.

describe('answers beside the routes', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create()
  })
  afterAll(() => served.destroy())

  const url = (path: string) => `${served.url}${path}`
  const problem = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const { status, code, detail } = (await response.json()) as { status: number; code: string; detail: string }
    expect(status).toBe(response.status)
    expect(detail).toMatch(/\.$/)
    return [status, code]
  }
  const raw = async (text: string) => {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1')
    let answer = ''
    socket.setEncoding('utf8').on('data', chunk => {
      answer += chunk
    })
    socket.write(text)
    await once(socket, 'close')
    const [head, body] = answer.split('\r\n\r\n')
    expect(head).toContain('content-type: application/problem+json')
    const { status, code } = JSON.parse(body!) as { status: number; code: string }
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    return [status, code]
  }

  test('another method of a known path: 405, and the list of its methods', async () => {
    for (const [method, path, allow] of [
      ['GET', '/v1/batches', 'POST'],
      ['POST', '/checkpoint', 'GET, HEAD'],
      ['DELETE', '/v1/accounts/1', 'GET, HEAD'],
      ['PUT', '/v1/details', 'POST'],
    ] as const) {
      const response = await fetch(url(path), { method })
      expect(response.headers.get('allow'), path).toBe(allow)
      expect(await problem(response)).toEqual([405, 'method'])
    }
  })

  test('a path that is unknown, unreadable or too long', async () => {
    expect(await problem(await fetch(url('/v2/x')))).toEqual([404, 'not-found'])
    expect(await raw('GET /%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toEqual([400, 'request-invalid'])
    const long = `GET /v1/accounts/${'1'.repeat(500)} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`
    expect(await raw(long)).toEqual([414, 'request-invalid'])
  })

  test('bytes that are no HTTP, and a header that is too long', async () => {
    expect(await raw('WHAT\r\n\r\n')).toEqual([400, 'request-invalid'])
    expect(await raw(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toEqual([431, 'request-invalid'])
  })

  test('every answer has an id of its own, and says to browsers that it is no page', async () => {
    const ids = new Set<string | null>()
    for (const path of ['/checkpoint', '/v1/ledger', '/nothing', '/openapi.json']) {
      const { headers } = await fetch(url(path))
      expect(headers.get('x-content-type-options'), path).toBe('nosniff')
      expect(headers.get('content-security-policy'), path).toBe("default-src 'none'; frame-ancestors 'none'")
      expect(headers.get('referrer-policy'), path).toBe('no-referrer')
      ids.add(headers.get('x-request-id'))
    }
    expect(ids.size).toBe(4)
    expect(ids.has(null)).toBe(false)
    const docs = await fetch(url('/docs/'))
    expect(docs.headers.get('content-security-policy')).toContain("default-src 'self'")
  })

  test('readiness and health', async () => {
    expect(await (await fetch(url('/readyz'))).json()).toEqual({ status: 'ok' })
    expect(await (await fetch(url('/healthz'))).json()).toMatchObject({ status: 'ok', witnesses: [] })
  })
})
