import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { fromBase64, toHex } from '../../src/core/bytes.ts'
import { commitmentOf } from '../../src/core/entry/details.ts'
import { parseCard } from '../../src/verify/card.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { type Answer, type ServedGateway, ServedShop } from './shop.ts'

const codeOf = ({ status, body }: Answer) => [status, body.code]

describe('a link of a member', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway()
    for (const [member, points] of [
      ['mei', 120],
      ['anna', 7],
    ] as const)
      await gateway.post('/v1/earn', { member, points })
    await shop.world.log.publisher.publish()
  })
  afterAll(() => shop.destroy())

  const make = async (member: string, body?: object) => {
    const answer = await gateway.ask('POST', `/v1/members/${member}/link`, body)
    expect(answer.status).toBe(201)
    return answer.body as { link: string; token: string }
  }
  const as = (token: string, path: string, method = 'GET', body?: object) =>
    gateway.ask(method, path, body, { authorization: `Bearer ${token}` })
  const bytes = async (token: string, path: string) => {
    const answer = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(200)
    return new Uint8Array(await answer.arrayBuffer())
  }

  test('reads what she has, her card and her statement, and they verify; of hers alone', async () => {
    const { link, token } = await make('mei')
    expect(link).toBe(`${gateway.url}/wallet#${token}`)
    const mine = await as(token, '/v1/mine')
    expect(mine).toMatchObject({ status: 200, body: { units: { stars: { balance: 120, available: 120, holds: [] } } } })
    expect(mine.headers.get('cache-control')).toBe('private, no-store')
    const card = parseCard(await bytes(token, '/v1/mine/card?unit=stars'))
    const statement = await bytes(token, '/v1/mine/statement?unit=stars')
    expect(verifyStatement(statement, { policy: shop.world.policy, card }).balance).toBe(120)
    const { token: other } = await make('anna', {})
    expect((await as(other, '/v1/mine')).body.units.stars.balance).toBe(7)
    expect(codeOf(await as(token, '/v1/mine/card?unit=moons'))).toEqual([404, 'unit-unknown'])
    expect(codeOf(await as(token, '/v1/mine?member=anna'))).toEqual([400, 'request-invalid'])
    expect(codeOf(await as(token, '/v1/mine/statement?member=anna'))).toEqual([400, 'request-invalid'])
  })

  test('reads the details under the commitments of her own entries, and of nobody else’s', async () => {
    await gateway.post('/v1/earn', { member: 'lin', points: 5, order: 'o-77' })
    await shop.world.log.publisher.publish()
    const [{ token }, { token: other }] = [await make('lin'), await make('anna')]
    const { lines } = verifyStatement(await bytes(token, '/v1/mine/statement'), { policy: shop.world.policy })
    const { transaction } = lines.at(-1)!
    const commitment = 'details' in transaction ? toHex(transaction.details!) : ''
    const { body } = await as(token, `/v1/mine/details/${commitment}`)
    expect(body.text).toContain('o-77')
    expect(toHex(commitmentOf({ salt: fromBase64(body.salt), text: body.text }))).toBe(commitment)
    expect(codeOf(await as(other, `/v1/mine/details/${commitment}`))).toEqual([404, 'details-unknown'])
    expect(codeOf(await as(token, `/v1/mine/details/${'0'.repeat(64)}`))).toEqual([404, 'details-unknown'])
    expect((await as(token, '/v1/mine/details/x')).status).toBe(400)
  })

  test('is refused at every other path and method, and a key of the API is refused at its own', async () => {
    const { token } = await make('mei')
    const paths = (await gateway.get('/openapi.json')).body.paths as Record<string, Record<string, unknown>>
    const asked: string[] = []
    for (const [path, operations] of Object.entries(paths))
      for (const method of Object.keys(operations)) {
        // These are for anyone, with a key or a link or without.
        const isOpen = ['post /v1/complaints', 'get /v1/complaints/{id}'].includes(`${method} ${path}`)
        if (/^\/v1\/(?:mine|session)/.test(path) || path === '/healthz' || isOpen) continue
        const at = path.replace('{member}', 'mei').replace(/\{\w+\}/g, '1')
        const answer = await as(token, at, method.toUpperCase(), method === 'get' ? undefined : {})
        expect(codeOf(answer), `${method} ${path}`).toEqual([403, 'key-scope'])
        asked.push(path)
      }
    expect(asked.length).toBeGreaterThan(15)
    for (const path of ['/v1/mine', '/v1/mine/card', '/v1/mine/statement']) {
      expect(codeOf(await gateway.get(path))).toEqual([401, 'link-unknown'])
      expect(codeOf(await as('', path))).toEqual([401, 'key-missing'])
      expect(codeOf(await as(token, path, 'DELETE'))).toEqual([405, 'method'])
    }
    expect((await gateway.get('/v1/members/mei')).body.units.stars.balance, 'nothing moved').toBe(120)
  })

  test('is taken back with all others of hers, and of nobody else; it is never on the disk', async () => {
    const [first, second, other] = [await make('mei'), await make('mei'), await make('anna')]
    expect(first.token).not.toBe(second.token)
    const { body } = await gateway.ask('DELETE', '/v1/members/mei/link')
    expect(body.revoked).toBeGreaterThanOrEqual(2)
    for (const { token } of [first, second]) expect(codeOf(await as(token, '/v1/mine'))).toEqual([401, 'link-unknown'])
    expect((await as(other.token, '/v1/mine')).status).toBe(200)
    expect((await gateway.ask('DELETE', '/v1/members/mei/link')).body).toEqual({ revoked: 0 })
    expect(codeOf(await as(`tl_${'A'.repeat(32)}`, '/v1/mine'))).toEqual([401, 'link-unknown'])
    const memory = join(shop.folder, 'gateway-0', 'memory')
    const kept = readdirSync(memory).map(name => readFileSync(join(memory, name), 'latin1'))
    expect(kept.join('')).not.toContain(other.token)
  })

  test('is made for a member that there is, by a key for links, and leads where the shop says', async () => {
    expect(codeOf(await gateway.post('/v1/members/nobody/link', {}))).toEqual([404, 'member-unknown'])
    const reader = await gateway.gateway.apiKeys.add('members', ['members', 'read'], 100)
    expect(codeOf(await as(reader, '/v1/members/mei/link', 'POST', {}))).toEqual([403, 'key-scope'])
    expect(codeOf(await as(reader, '/v1/members/mei/link', 'DELETE'))).toEqual([403, 'key-scope'])
    expect((await make('mei', { origin: 'https://points.example' })).link).toMatch(
      /^https:\/\/points\.example\/wallet#tl_/,
    )
    for (const origin of ['javascript:alert(1)', 'https://a.example/b', 'https://u@a.example', 'a.example', ''])
      expect(codeOf(await gateway.post('/v1/members/mei/link', { origin })), origin).toEqual([400, 'request-invalid'])
  })

  test('may ask so often, and no more', async () => {
    const { token } = await make('anna')
    // What is used up comes back with time, which stands still here.
    const still = Date.now()
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => still)
    try {
      const answers = await Promise.all(Array.from({ length: 30 }, () => as(token, '/v1/mine')))
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(10)
      expect(answers.map(codeOf)).toContainEqual([429, 'too-many'])
    } finally {
      clock.mockRestore()
    }
  })
})
