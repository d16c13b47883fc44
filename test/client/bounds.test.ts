import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { keepAlive } from '../../src/audit/read/keep-alive.ts'
import { type Carry, carryByFetch, TallyClient } from '../../src/client/index.ts'
import { NOTE_BYTES_MAX } from '../../src/core/note/note.ts'
import type { Policy } from '../../src/core/note/policy.ts'
import { keyNumber } from '../world.ts'
import { type Listening, stub } from './proxy.ts'

const POLICY: Policy = { logs: [], witnesses: [], groups: [], quorum: 'none' }
const CARRIERS: readonly (readonly [name: string, carry: Carry])[] = [
  ['fetch', carryByFetch],
  ['connections that stay open', keepAlive(2)],
]

describe.each(CARRIERS)('bytes read by %s have a bound', (name, carry) => {
  const open: Listening[] = []
  afterEach(() => Promise.all(open.splice(0).map(one => one.close())))

  const client = async (answer: RequestListener, timeoutMs = 5000) => {
    const server = await stub(answer)
    open.push(server)
    return new TallyClient({ url: server.url, policy: POLICY, retries: 3, pauseMs: 1, timeoutMs, carry })
  }

  test('a body without end is cut off, and not asked for again', async () => {
    let [asked, sent] = [0, 0]
    const asking = await client(async (_, response) => {
      asked++
      const gone = once(response, 'close')
      while (!response.destroyed) {
        sent += 65_536
        if (!response.write(Buffer.alloc(65_536, 65))) await Promise.race([once(response, 'drain'), gone])
      }
    })
    await expect(asking.checkpoint()).rejects.toMatchObject({
      code: 'http',
      message: expect.stringContaining(`more than ${NOTE_BYTES_MAX} bytes`),
    })
    expect(asked).toBe(1)
    // What is on the way between the two is more than what is read.
    expect(sent).toBeLessThan(20 * 1024 * 1024)
  })

  test('a body that is longer than it says, or exactly as long as it may be', async () => {
    const whole = await client((_, response) => response.end(Buffer.alloc(NOTE_BYTES_MAX)))
    expect(await whole.checkpoint()).toHaveLength(NOTE_BYTES_MAX)
    const over = await client((_, response) => response.end(Buffer.alloc(NOTE_BYTES_MAX + 1)))
    await expect(over.checkpoint()).rejects.toMatchObject({ code: 'http' })
  })

  test('one that unpacks to a quarter of a gigabyte is cut off while it is unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(2 ** 28), { level: 1 })
    const asking = await client((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    const before = process.memoryUsage().rss
    const taken = await asking.checkpoint().catch((error: unknown) => error)
    // Anyone who does not unpack has the packed bytes, which are more than a note has as well.
    expect(taken).toMatchObject({ code: 'http' })
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })

  test('one that trickles is waited for no longer than an answer', async () => {
    let asked = 0
    const asking = await client(async (_, response) => {
      asked++
      for (; !response.destroyed; await pause(20)) response.write('a')
    }, 200)
    await expect(asking.checkpoint()).rejects.toMatchObject({ code: 'unreachable' })
    // Four times, as nobody answered.
    expect(asked).toBe(4)
  })

  test('a redirect is followed where it stays with the server, three times and in the time of one answer', async () => {
    const steps =
      (count: number, waitMs = 0): RequestListener =>
      async (request, response) => {
        const step = Number(/(\d+)$/.exec(request.url!)?.[1] ?? 0)
        await pause(waitMs)
        if (step >= count) response.end('a note')
        else response.writeHead(302, { location: `/moved/${step + 1}` }).end()
      }
    expect(Buffer.from(await (await client(steps(3))).checkpoint()).toString()).toBe('a note')
    for (const count of [4, Number.POSITIVE_INFINITY])
      await expect((await client(steps(count))).checkpoint()).rejects.toMatchObject({ code: 'http' })
    const slow = await client(steps(3, 150), 300)
    await expect(slow.checkpoint()).rejects.toMatchObject({ code: 'unreachable' })
    const nowhere = await client((_, response) => response.writeHead(302).end())
    await expect(nowhere.checkpoint()).rejects.toMatchObject({ code: 'http' })
  })

  test('and to no other server, which would be sent what is for the first', async () => {
    const taken: IncomingMessage[] = []
    const thief = await stub((request, response) => {
      taken.push(request)
      response.end('{}')
    })
    open.push(thief)
    const { port } = new URL(thief.url)
    for (const location of [
      `${thief.url}/x`,
      `//127.0.0.1:${port}/x`,
      `http://localhost:${port}/x`,
      'file:///etc/passwd',
    ])
      for (const status of [301, 302, 303, 307, 308]) {
        const asking = await client((_, response) => response.writeHead(status, { location }).end())
        await expect(asking.checkpoint()).rejects.toMatchObject({ code: 'http' })
      }
    // A batch is posted once, to whom it is for.
    const moved = await client((request, response) => {
      if (request.method === 'POST') response.writeHead(307, { location: '/elsewhere' }).end()
      else response.writeHead(404).end()
    })
    const key = { holder: { record: 1 }, seed: keyNumber(1).seed }
    await expect(moved.submit([Uint8Array.of(2)], [key])).rejects.toMatchObject({ code: 'http' })
    expect([name, taken.length]).toEqual([name, 0])
  })
})
