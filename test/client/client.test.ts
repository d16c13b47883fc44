import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ClientError, TallyClient } from '../../src/client/index.ts'
import { verifyStatement } from '../../src/core/verify.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER } from '../world.ts'

/** A proxy on a port of its own that lets requests through and loses the first `losses` answers. */
async function lossyProxy(
  target: string,
  losses: number,
): Promise<{ server: Server; url: string; lost: () => number }> {
  let lost = 0
  const port = Number(new URL(target).port)
  const server = createServer((caller: Socket) => {
    const ledger = connect(port, '127.0.0.1')
    caller.pipe(ledger)
    ledger.on('data', data => {
      if (lost < losses) {
        lost++
        caller.destroy()
        ledger.destroy()
      } else caller.write(data)
    })
    for (const [one, another] of [
      [caller, ledger],
      [ledger, caller],
    ] as const) {
      one.on('error', () => another.destroy())
      one.on('close', () => another.destroy())
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, lost: () => lost }
}

describe('the client', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create({ periodMs: 100 })
  })
  afterAll(() => served.destroy())

  test('submits, reads accounts, statements, receipts, tiles and salts', async () => {
    const { world, keys } = served
    const client = served.client(keys.issuer)
    const answer = await client.submit([world.bytes(world.issue(FIRST_MEMBER, 5))], [keys.issuer], { wait: 'sealed' })
    expect([...answer.statuses]).toEqual([0])
    expect(await client.account(FIRST_MEMBER)).toMatchObject({ balance: 105, sealed: { balance: 105 } })
    expect(await served.client(keys.owner).account(FIRST_MEMBER)).toMatchObject({ balance: 105 })
    const statement = await served.client(keys.owner).statement(FIRST_MEMBER, { allSignatures: true })
    expect(verifyStatement(statement, { policy: world.policy }).lines.every(line => line.isAuthorised)).toBe(true)
    expect((await client.receipt(answer.index!)).length).toBeGreaterThan(100)
    expect((await served.client(keys.auditor).salts(0, 1)).length).toBe(1)
    expect((await client.tile({ level: 0, index: 0, width: 10 })).length).toBe(320)
    expect((await client.registry()).length).toBe(7)
    expect((await client.ledger()).origin).toBe(world.origin)
  })

  test('sends the same bytes again when an answer is lost, and they count once', async () => {
    const { world, keys } = served
    const proxy = await lossyProxy(served.url, 3)
    try {
      const client = new TallyClient({ url: proxy.url, caller: keys.issuer, pauseMs: 5 })
      const before = world.log.ledger.state.accounts.balance(FIRST_MEMBER)
      const answer = await client.submit([world.bytes(world.issue(FIRST_MEMBER, 11))], [keys.issuer])
      expect([...answer.statuses]).toEqual([0])
      expect(proxy.lost()).toBe(3)
      expect(world.log.ledger.state.accounts.balance(FIRST_MEMBER) - before).toBe(11)
    } finally {
      proxy.server.close()
    }
  })

  test('gives up in the end, and says who does not answer', async () => {
    const proxy = await lossyProxy(served.url, Number.POSITIVE_INFINITY)
    try {
      const client = new TallyClient({ url: proxy.url, retries: 2, pauseMs: 1 })
      await expect(client.checkpoint()).rejects.toThrow(
        expect.objectContaining({ code: 'unreachable', status: 0, message: expect.stringContaining(proxy.url) }),
      )
      expect(proxy.lost()).toBe(3)
    } finally {
      proxy.server.close()
    }
  })

  test('passes on what the ledger says is wrong, and does not try that again', async () => {
    const { world, keys } = served
    const client = served.client(keys.other)
    const refused = client.account(FIRST_MEMBER)
    await expect(refused).rejects.toBeInstanceOf(ClientError)
    await expect(refused).rejects.toThrow(expect.objectContaining({ code: 'token-invalid', status: 401 }))
    const unknown = client.submit([world.bytes(world.issue(FIRST_MEMBER, 1))], [keys.revoked])
    await expect(unknown).rejects.toThrow(expect.objectContaining({ code: 'signer-revoked', status: 422 }))
  })

  test('an answer that is no ledger’s is an error with a code', async () => {
    const server = createServer(socket => {
      socket.once('data', () => {
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello')
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const client = new TallyClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
      await expect(client.ledger()).rejects.toThrow(expect.objectContaining({ code: 'answer' }))
    } finally {
      server.close()
    }
  })
})
