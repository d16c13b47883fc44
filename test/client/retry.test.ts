import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { ClientError, TallyClient } from '../../src/client/index.ts'
import { INSUFFICIENT } from '../../src/core/entry/outcome.ts'
import { verifyPromise } from '../../src/verify/promise.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER } from '../world.ts'
import { type Listening, lossyProxy, stub } from './proxy.ts'

describe('a client whose answers are lost', () => {
  let served: ServedWorld
  const open: Listening[] = []
  const opened = async <T extends Listening>(listening: Promise<T>): Promise<T> => {
    open.push(await listening)
    return listening
  }
  beforeAll(async () => {
    served = await ServedWorld.create()
  })
  afterEach(() => Promise.all(open.splice(0).map(one => one.close())))
  afterAll(() => served.destroy())

  const bodyOf = (request: Buffer) => request.subarray(request.indexOf('\r\n\r\n') + 4)

  test.each([1, 3])('sends the very same bytes again, and they count once (%i lost)', async losses => {
    const { world, keys } = served
    const proxy = await opened(lossyProxy(served.url, losses, 'POST'))
    const client = new TallyClient({ ...served.options, url: proxy.url, pauseMs: 1 })
    const list = [world.bytes(world.issue(FIRST_MEMBER, 11)), world.bytes(world.redeem(FIRST_MEMBER, 1_000_000))]
    const [size, before] = [world.log.size, world.log.ledger.state.accounts.balance(FIRST_MEMBER)]
    const answer = await client.submit(list, [keys.issuer, keys.owner])
    expect([proxy.lost(), proxy.posts.length]).toEqual([losses, losses + 1])
    const [first, ...more] = proxy.posts.map(bodyOf)
    expect(first!.length).toBeGreaterThan(150)
    for (const body of more) expect(body).toEqual(first)
    // The ledger has them from the first time, says so, and promises the batch of then.
    expect(world.log.size).toBe(size + 3)
    expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER) - before).toBe(11)
    expect(answer).toMatchObject({
      index: null,
      existed: [
        [0, size + 1],
        [1, size + 2],
      ],
      promise: { index: size },
    })
    expect([...answer.statuses]).toEqual([0, INSUFFICIENT])
    verifyPromise({ ...answer.promise!, transactions: list }, world.keys.log.publicKey)
  })

  test('gives up after as many tries as it was told, and the same transactions can be submitted again', async () => {
    const { world, keys } = served
    const proxy = await opened(lossyProxy(served.url, Number.POSITIVE_INFINITY, 'POST'))
    const list = [world.bytes(world.issue(FIRST_MEMBER, 2))]
    const size = world.log.size
    const lost = new TallyClient({ ...served.options, url: proxy.url, retries: 2, pauseMs: 1 }).submit(list, [
      keys.issuer,
    ])
    await expect(lost).rejects.toThrow(
      expect.objectContaining({ code: 'unreachable', status: 0, message: expect.stringContaining(proxy.url) }),
    )
    expect([proxy.lost(), world.log.size]).toEqual([3, size + 2])
    expect((await served.client().submit(list, [keys.issuer])).existed).toEqual([[0, size + 1]])
    expect(world.log.size).toBe(size + 2)
  })

  test('reads again what it did not get', async () => {
    const proxy = await opened(lossyProxy(served.url, 2, 'GET'))
    const client = new TallyClient({ ...served.options, url: proxy.url, pauseMs: 1, caller: served.keys.owner })
    expect((await client.account(FIRST_MEMBER)).kind).toBe('member')
    expect(proxy.lost()).toBe(2)
  })

  test('says that nobody answers where nobody listens, and where the answer does not come in time', async () => {
    const gone = await stub(() => undefined)
    await gone.close()
    const silent = await opened(stub(() => undefined))
    for (const { url } of [gone, silent]) {
      const client = new TallyClient({ ...served.options, url, retries: 1, pauseMs: 1, timeoutMs: 100 })
      await expect(client.checkpoint()).rejects.toThrow(
        expect.objectContaining({ name: 'ClientError', code: 'unreachable', status: 0 }),
      )
    }
  })

  test.each([
    [503, 'busy', 3],
    [429, 'too-many', 3],
    [503, 'ledger-stopped', 1],
    [500, 'internal', 1],
    [422, 'signer-revoked', 1],
    [404, 'not-published', 1],
  ])('%i %s is asked for %i times', async (status, code, times) => {
    let asked = 0
    const ledger = await opened(
      stub((_, response) => {
        asked++
        response.writeHead(status, { 'content-type': 'application/problem+json' })
        response.end(JSON.stringify({ type: 'about:blank', status, code, detail: 'why' }))
      }),
    )
    const client = new TallyClient({ ...served.options, url: ledger.url, retries: 2, pauseMs: 1 })
    await expect(client.checkpoint()).rejects.toThrow(expect.objectContaining({ code, status, message: 'why' }))
    expect(asked).toBe(times)
  })

  test('goes on when a busy ledger has time again', async () => {
    let asked = 0
    const ledger = await opened(
      stub((_, response) => {
        if (++asked < 4) response.writeHead(503).end('{"code":"busy","detail":"later"}')
        else response.end('a checkpoint')
      }),
    )
    const client = new TallyClient({ ...served.options, url: ledger.url, pauseMs: 1 })
    expect(Buffer.from(await client.checkpoint()).toString()).toBe('a checkpoint')
    expect(asked).toBe(4)
  })

  test('an answer that is no ledger’s is an error with a code', async () => {
    const page = await opened(stub((_, response) => response.end('<html>hello')))
    await expect(new TallyClient({ ...served.options, url: page.url }).ledger()).rejects.toThrow(
      expect.objectContaining({ code: 'answer' }),
    )
    for (const body of ['<html>not here', '{"error":"no"}', 'null', '{"code":404}', '']) {
      const missing = await opened(stub((_, response) => response.writeHead(404).end(body)))
      const refused = new TallyClient({ ...served.options, url: missing.url }).checkpoint()
      await expect(refused).rejects.toBeInstanceOf(ClientError)
      await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'http', status: 404 }))
    }
  })
})
