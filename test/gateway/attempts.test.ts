import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Carry, carryByFetch } from '../../src/client/index.ts'
import { API_SCOPES, ApiKeys } from '../../src/gateway/index.ts'
import { start } from '../cli/run.ts'
import { ServedShop } from './shop.ts'

/** A proxy that holds back the first answer to a batch, and says when the ledger has answered it. */
async function holdingProxy(target: string) {
  let isHeld = false
  let told = () => {}
  const answered = new Promise<void>(resolve => {
    told = resolve
  })
  const server = createServer((request, response) => {
    const { method, url, headers } = request
    const asked = send(target + url, { method: method!, headers }, answer => {
      const isBatch = url!.startsWith('/v1/batches') && isArmed
      if (isBatch && !isHeld) {
        isHeld = true
        answer.resume().once('end', told)
        return
      }
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    })
    request.pipe(asked)
  })
  let isArmed = false
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arm: () => {
      isArmed = true
    },
    answered,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

describe('an answer that is lost', () => {
  let shop: ServedShop
  beforeAll(async () => {
    shop = await ServedShop.create()
  })
  afterAll(() => shop.destroy())

  test('is told as such, and asked again it is found to be done', async () => {
    let isLossy = false
    const carry: Carry = async asked => {
      const answer = await carryByFetch(asked)
      if (isLossy && asked.url.endsWith('/v1/batches')) throw new Error('the line broke')
      return answer
    }
    const gateway = await shop.gateway('lossy', { client: { retries: 0, carry } })
    const ask = (points = 50) => gateway.post('/v1/earn', { member: 'lost', points, id: 'visit' })
    const unanswered = { status: 503, body: { code: 'unanswered', retryable: true } }
    isLossy = true
    // The opening.
    expect(await ask()).toMatchObject(unanswered)
    isLossy = false
    expect(await gateway.ask('PUT', '/v1/members/lost', {})).toMatchObject({ status: 200 })
    isLossy = true
    expect(await ask()).toMatchObject(unanswered)
    isLossy = false
    // While nobody knows, nothing else goes under this key.
    expect(await ask(51)).toMatchObject({ status: 409, body: { code: 'key-reused' } })
    expect(await ask()).toMatchObject({ status: 200, body: { points: 50, repeated: true } })
    expect((await gateway.get('/v1/members/lost')).body.units.stars.balance).toBe(50)
  })

  test('by a gateway that is killed between the two: the next one pays once', async () => {
    const proxy = await holdingProxy(shop.url)
    const state = join(shop.folder, 'killed')
    const key = await new ApiKeys(join(state, 'api-keys.json')).add('till', API_SCOPES, 1000)
    const run = async () => {
      const args = ['gateway', '--port', '0', '--state', state, '--shop', 'shop.json', '--ledger', proxy.url]
      const child = start(shop.folder, args)
      const url = await new Promise<string>((resolve, reject) => {
        let out = ''
        child.stdout!.setEncoding('utf8').on('data', (text: string) => {
          out += text
          const found = /listens on (http:\S+)/.exec(out)?.[1]
          if (found !== undefined) resolve(found)
        })
        child.stderr!.setEncoding('utf8').on('data', (text: string) => {
          out += text
        })
        child.once('close', status => reject(new Error(`the gateway ended with ${status}: ${out}`)))
      })
      const ask = (body?: object, path = '/v1/earn') =>
        fetch(url + path, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
      return { child, ask }
    }
    const first = await run()
    expect((await first.ask({ member: 'killed', points: 1, id: 'before' })).status).toBe(201)
    proxy.arm()
    const earning = { member: 'killed', points: 70, id: 'then' }
    const lost = first.ask(earning).catch((error: Error) => error.message)
    await proxy.answered
    const ended = once(first.child, 'close')
    first.child.kill('SIGKILL')
    await ended
    expect(await lost).toMatch(/fetch failed/)
    const second = await run()
    const again = await second.ask(earning)
    expect([again.status, await again.json()]).toMatchObject([200, { points: 70, repeated: true }])
    const shown = (await (await second.ask(undefined, '/v1/members/killed')).json()) as { units: { stars: object } }
    expect(shown.units.stars).toMatchObject({ balance: 71 })
    second.child.kill('SIGKILL')
    proxy.close()
  })

  test('comes too late to be done: it is done now, under another time', async () => {
    const down = await shop
      .gateway('late', { client: { url: 'http://127.0.0.1:9', retries: 0 } })
      .catch(() => undefined)
    expect(down).toBeUndefined()
    await rm(join(shop.folder, 'late'), { recursive: true, force: true })
    let isDown = false
    const gateway = await shop.gateway('late', {
      client: {
        retries: 0,
        carry: async asked => {
          if (isDown) throw new Error('nobody there')
          return carryByFetch(asked)
        },
      },
    })
    const ask = () => gateway.post('/v1/earn', { member: 'late', points: 5, id: 'a visit' })
    await gateway.ask('PUT', '/v1/members/late', {})
    isDown = true
    expect((await ask()).body.code).toBe('unanswered')
    isDown = false
    shop.aheadMs = 3_600_000
    expect(await ask()).toMatchObject({ status: 201, body: { points: 5, repeated: false } })
    expect((await ask()).status).toBe(200)
    expect((await gateway.get('/v1/members/late')).body.units.stars.balance).toBe(5)
  })
})
