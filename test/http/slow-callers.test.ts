import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OPEN_BODY_BYTES_EACH, UNSIGNED_BODY_BYTES_MAX } from '../../src/core/limits.ts'
import { ServedWorld } from './server.ts'

// Callers that announce bodies and keep them back: what they may hold is bounded, and given back.

describe('bodies that do not come', () => {
  let served: ServedWorld
  const open: Socket[] = []
  beforeAll(async () => {
    served = await ServedWorld.create()
  })
  afterAll(async () => {
    for (const socket of open) socket.destroy()
    await served.destroy()
  })

  const announce = async (path: string, bytes: number): Promise<Socket> => {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1')
    await once(socket, 'connect')
    open.push(socket)
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/cbor\r\ncontent-length: ${bytes}\r\n\r\nx`
    await new Promise<void>(resolve => socket.write(head, () => resolve()))
    return socket
  }
  const statusOf = async (socket: Socket) => {
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    return /^HTTP\/1\.1 (\d+)/.exec(bytes.toString())?.[1]
  }

  test('one address holds its share and no more; what it gives up, others take', async () => {
    const most = OPEN_BODY_BYTES_EACH / UNSIGNED_BODY_BYTES_MAX
    for (let i = 0; i < most; i++) await announce('/v1/batches', UNSIGNED_BODY_BYTES_MAX)
    expect(await statusOf(await announce('/v1/batches', UNSIGNED_BODY_BYTES_MAX))).toBe('503')
    const small = await served.post(new Uint8Array(1), 'application/cbor')
    expect([small.status, small.headers.get('retry-after')]).toEqual([503, '1'])
    // Reads have no body, and wait for nobody's.
    expect((await served.get('/v1/ledger')).status).toBe(200)
    for (const socket of open.splice(0)) socket.destroy()
    await expect.poll(async () => (await served.post(new Uint8Array(1), 'application/cbor')).status).toBe(400)
  })

  test('a caller who is cut off and reads nothing holds no connection', async () => {
    const socket = connect({ port: Number(new URL(served.url).port), host: '127.0.0.1', allowHalfOpen: true })
    await once(socket, 'connect')
    open.push(socket.pause())
    socket.on('error', () => {})
    const connections = () => promisify(served.server.server.getConnections.bind(served.server.server))()
    const before = await connections()
    socket.write('no request\r\n\r\n')
    await expect.poll(connections, { timeout: 10_000 }).toBe(before - 1)
  })

  test('a large one without a key, and one for a path that there is not, is answered before it is sent', async () => {
    expect(await statusOf(await announce('/v1/batches', 4_000_000))).toBe('401')
    expect(await statusOf(await announce('/v1/details', 4_000))).toBe('401')
    expect(await statusOf(await announce('/nothing', 4_000_000))).toBe('404')
  })

  test('a request has an end, and so has its header', () => {
    expect([served.server.server.headersTimeout, served.server.server.requestTimeout]).toEqual([10_000, 30_000])
  })
})
