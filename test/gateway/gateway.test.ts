import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ClientError, makeEntry, TallyClient } from '../../src/client/index.ts'
import { utf8Encode } from '../../src/core/bytes.ts'
import { OUTCOMES } from '../../src/core/entry/outcome.ts'
import { parsePolicy } from '../../src/core/note/policy.ts'
import { readShop } from '../../src/files/shop-file.ts'
import { explain } from '../../src/gateway/explain.ts'
import { parseCard } from '../../src/verify/card.ts'
import { parseReceipt, verifyReceipt } from '../../src/verify/receipt.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { type Answer, type ServedGateway, ServedShop } from './shop.ts'

/** Of a route in the OpenAPI document, what it takes. */
interface Operation {
  readonly requestBody?: { readonly content: Record<string, { readonly example?: unknown }> }
}

const codeOf = ({ status, body }: Answer) => [status, body.code]

describe('a gateway over a ledger', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway()
  })
  afterAll(() => shop.destroy())

  const earn = (member: string, points: number, more: object = {}, headers: Record<string, string> = {}) =>
    gateway.post('/v1/earn', { member, points, ...more }, headers)
  const balance = async (member: string) => (await gateway.get(`/v1/members/${member}`)).body.units.stars
  const movements = async (member: string, query = '') =>
    (await gateway.get(`/v1/members/${member}/movements${query}`)).body

  test('the file of a shop is its owner’s alone, and is read as it was written', async () => {
    const path = join(shop.folder, 'shop.json')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await readShop(path)).toEqual(shop.shop)
    expect(parsePolicy(utf8Encode(JSON.parse(readFileSync(path, 'utf8')).policy))).toEqual(shop.world.policy)
  })

  test('the first thing to paste works: a member is opened and given points', async () => {
    const { status, body } = await earn('cust_8842', 50)
    expect([status, body]).toMatchObject([201, { status: 'earned', member: 'cust_8842', unit: 'stars', points: 50 }])
    const shown = await gateway.get('/v1/members/cust_8842')
    expect(shown.body).toMatchObject({
      id: 'cust_8842',
      units: { stars: { balance: 50, available: 50, pending: 0, held: 0, status: 'open', holds: [] } },
    })
    const [expiring] = shown.body.units.stars.expiring
    expect(expiring.points).toBe(50)
    expect(Date.parse(expiring.at) - Date.now()).toBeGreaterThan(364 * 86_400_000)
    const page = await movements('cust_8842')
    expect(page).toMatchObject({
      movements: [
        { kind: 'earn', points: 50, balance: 50, order: null, number: 2 },
        { kind: 'open', points: 0, balance: 0, number: 1 },
      ],
      next: null,
    })
  })

  test('a member is opened once, by whatever id', async () => {
    for (const id of ['cust_1', 'über/straße 7', '客户', '..', "it's", 'a%2Fb']) {
      const path = `/v1/members/${encodeURIComponent(id)}`
      // A dot segment is tidied up by clients.
      if (id === '..') continue
      const first = await gateway.ask('PUT', path, {})
      expect([first.status, first.body], id).toMatchObject([201, { id, unit: 'stars' }])
      expect(await gateway.ask('PUT', path, {})).toMatchObject({ status: 200, body: first.body })
      expect((await gateway.get(path)).body).toMatchObject({ id, units: { stars: { balance: 0 } } })
    }
    expect(codeOf(await gateway.get('/v1/members/nobody'))).toEqual([404, 'member-unknown'])
    const listed = await gateway.get('/v1/members?limit=2')
    expect(listed.body.members).toHaveLength(2)
    const rest = await gateway.get(`/v1/members?limit=1000&cursor=${listed.body.next}`)
    const ids = [...listed.body.members, ...rest.body.members].map(({ id }) => id)
    expect(ids).toEqual([...new Set(ids)])
    expect(ids).toEqual(expect.arrayContaining(['cust_1', '客户', 'cust_8842']))
  })

  test('under one key it counts once, in the header or in the body, also when all come at once', async () => {
    const key = 'any text, 任意, with "quotes" and more'
    const all = await Promise.all(Array.from({ length: 20 }, () => earn('once', 7, { id: key })))
    expect(all.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
    expect(new Set(all.map(({ body }) => body.entry)).size).toBe(1)
    expect(await balance('once')).toMatchObject({ balance: 7 })
    const other = await earn('once', 7, {}, { 'idempotency-key': 'an ascii one' })
    expect(other).toMatchObject({ status: 201, body: { key: 'an ascii one', repeated: false } })
    expect(codeOf(await earn('once', 8, { id: key }))).toEqual([409, 'key-reused'])
    expect(codeOf(await earn('other', 7, { id: key }))).toEqual([409, 'key-reused'])
    expect(codeOf(await earn('once', 7, { id: 'a' }, { 'idempotency-key': 'b' }))).toEqual([400, 'request-invalid'])
    expect(await balance('once')).toMatchObject({ balance: 14 })
  })

  test('every route refuses a parameter that it does not have', async () => {
    const { paths } = (await gateway.get('/openapi.json')).body
    const link = await gateway.gateway.links.make('cust_8842')
    await gateway.gateway.staff.add('anna', 'reader', { password: 'a long password' })
    const signIn = { name: 'anna', password: 'a long password' }
    const session = await gateway.ask('POST', '/v1/session', signIn)
    const asSession = { cookie: session.headers.getSetCookie()[0]!, 'x-tally-csrf': session.body.csrf }
    const asked: string[] = []
    for (const [path, methods] of Object.entries<Record<string, Operation>>(paths))
      for (const [method, { requestBody }] of Object.entries(methods)) {
        const example = requestBody?.content['application/json']?.example ?? {}
        const given = path === '/v1/webhooks' ? { url: 'https://shop.example/hooks' } : example
        const body = requestBody === undefined ? undefined : given
        const to = path.replace('{commitment}', '0'.repeat(64)).replaceAll(/\{[a-z]+\}/g, '1')
        const isMine = path.startsWith('/v1/mine')
        const headers = isMine ? { authorization: `Bearer ${link}` } : path.startsWith('/v1/session') ? asSession : {}
        const { status, body: answer } = await gateway.ask(method.toUpperCase(), `${to}?unasked=1`, body, headers)
        expect([status, answer.code, answer.detail], `${method} ${path}`).toEqual([
          ...[400, 'request-invalid'],
          expect.stringContaining('unasked'),
        ])
        asked.push(`${method} ${path}`)
      }
    expect(asked).toEqual(expect.arrayContaining(['put /v1/members/{member}', 'post /v1/orders/{order}/hold']))
  })

  test('a list of earnings is done one by one: each has its key, and its answer', async () => {
    const earnings = Array.from({ length: 300 }, (_, i) => ({
      member: `many-${i % 7}`,
      points: 1 + (i % 3),
      id: `n${i}`,
    }))
    const { status, body } = await gateway.post('/v1/earnings', { earnings })
    expect(status).toBe(200)
    expect(body.results.map(({ status }: { status: string }) => status)).toEqual(Array(300).fill('earned'))
    const again = (
      await gateway.post('/v1/earnings', {
        earnings: [
          earnings[0],
          { ...earnings[1], points: 9 },
          { member: 'many-0', points: 1, id: 'new', rule: 'none' },
        ],
      })
    ).body.results
    expect(again).toMatchObject([
      { id: 'n0', status: 'earned', repeated: true },
      { id: 'n1', status: 'refused', code: 'key-reused', retryable: false },
      { id: 'new', status: 'refused', code: 'rule-unknown' },
    ])
    const hers = earnings.filter(({ member }) => member === 'many-0').reduce((sum, { points }) => sum + points, 0)
    expect((await balance('many-0')).balance).toBe(hers)
    expect(codeOf(await gateway.post('/v1/earnings', { earnings: [{ member: 'a', points: 1 }] }))).toEqual([
      ...[400, 'request-invalid'],
    ])
  })

  test('two gateways with memories of their own pay once what both are asked at once', async () => {
    const second = await shop.gateway()
    const ask = (one: ServedGateway) => one.post('/v1/earn', { member: 'twice', points: 9, id: 'both' })
    const answers = await Promise.all([gateway, second, gateway, second].map(ask))
    expect(answers.map(({ status, body }) => (status < 300 ? 'done' : body))).toEqual(Array(4).fill('done'))
    expect(new Set(answers.map(({ body }) => body.entry)).size).toBe(1)
    expect(await balance('twice')).toMatchObject({ balance: 9 })
    expect((await second.get('/v1/members/twice')).body.units.stars).toMatchObject({ balance: 9 })
  })

  test('an order holds, captures a part, and is refunded part by part, never more than was taken', async () => {
    await earn('buyer', 300)
    const asked = { member: 'buyer', points: 100, for: '10m' }
    expect((await gateway.post('/v1/orders/o1/quote', { member: 'buyer' })).body).toMatchObject({ points: 300 })
    const held = await gateway.post('/v1/orders/o1/hold', asked)
    expect([held.status, held.body]).toMatchObject([201, { state: 'held', points: 100, order: 'o1' }])
    expect(Date.parse(held.body.until) - Date.now()).toBeGreaterThan(9 * 60_000)
    expect(await gateway.post('/v1/orders/o1/hold', asked)).toMatchObject({ status: 200, body: { repeated: true } })
    expect(codeOf(await gateway.post('/v1/orders/o1/hold', { ...asked, points: 99 }))).toEqual([409, 'key-reused'])
    expect(await balance('buyer')).toMatchObject({
      ...{ balance: 300, available: 200, held: 100 },
      holds: [{ order: 'o1', points: 100 }],
    })
    expect(codeOf(await gateway.post('/v1/orders/o1/refund', {}))).toEqual([409, 'order-not-captured'])
    const long = await gateway.post('/v1/orders/long/hold', { ...asked, for: '4000d' })
    expect(codeOf(long)).toEqual([422, 'hold-too-long'])
    const captured = await gateway.post('/v1/orders/o1/capture', { points: 80 })
    expect(captured).toMatchObject({ status: 201, body: { state: 'captured', points: 80 } })
    expect(await gateway.post('/v1/orders/o1/capture', {})).toMatchObject({ status: 200, body: { points: 80 } })
    expect(codeOf(await gateway.post('/v1/orders/o1/capture', { points: 70 }))).toEqual([409, 'key-reused'])
    expect(codeOf(await gateway.post('/v1/orders/o1/release', {}))).toEqual([409, 'order-captured'])
    const refund = (points: number | undefined, id?: string) => gateway.post('/v1/orders/o1/refund', { points, id })
    expect((await refund(30, 'part 1')).status).toBe(201)
    expect((await refund(30, 'part 1')).status).toBe(200)
    expect((await refund(20, 'part 2')).status).toBe(201)
    expect(codeOf(await refund(31, 'part 3'))).toEqual([422, 'over-original'])
    expect(await refund(undefined, 'the rest')).toMatchObject({ status: 201, body: { points: 30 } })
    expect(await refund(undefined, 'the rest')).toMatchObject({ status: 200, body: { points: 30 } })
    expect(codeOf(await refund(undefined, 'more'))).toEqual([409, 'order-refunded'])
    expect((await gateway.get('/v1/orders/o1')).body).toMatchObject({ state: 'captured', captured: 80, refunded: 80 })
    expect(await balance('buyer')).toMatchObject({ balance: 300, available: 300, held: 0, holds: [] })
    const { movements: list } = await movements('buyer', '?kind=refund,capture,hold')
    expect(list.map(({ kind, points, order }: never) => [kind, points, order])).toEqual([
      ['refund', 30, 'o1'],
      ['refund', 20, 'o1'],
      ['refund', 30, 'o1'],
      ['capture', -80, 'o1'],
      ['hold', 0, 'o1'],
    ])
    expect(list[0].lots).toHaveLength(1)
    expect(list[4]).toMatchObject({ held: 100 })
  })

  test('parts that are refunded without a key are each another one, with a key that was drawn', async () => {
    await earn('parts', 100)
    await gateway.post('/v1/orders/o-parts/hold', { member: 'parts', points: 60 })
    await gateway.post('/v1/orders/o-parts/capture', {})
    const part = () => gateway.post('/v1/orders/o-parts/refund', { points: 20 })
    const [first, second] = [await part(), await part()]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(first.body.key).not.toBe(second.body.key)
    const again = await gateway.post('/v1/orders/o-parts/refund', { points: 20, id: first.body.key })
    expect(again).toMatchObject({ status: 200, body: { repeated: true } })
    const rest = () => gateway.post('/v1/orders/o-parts/refund', {})
    expect([(await rest()).status, (await rest()).status]).toEqual([201, 200])
    expect((await gateway.get('/v1/orders/o-parts')).body).toMatchObject({ captured: 60, refunded: 60 })
  })

  test('every problem says whether to ask again', async () => {
    for (const answer of [
      await gateway.post('/v1/earn', { member: 'a', points: 'many' }),
      await gateway.get('/v1/members?limt=5'),
      await gateway.ask('POST', '/v1/earn', undefined, { 'content-type': 'text/plain' }),
    ])
      expect([answer.status >= 400, answer.body.retryable], JSON.stringify(answer.body)).toEqual([true, false])
  })

  test('a hold that is refused can be asked again, for less; one that is released ends', async () => {
    await earn('poor', 40)
    const hold = (points: number) => gateway.post('/v1/orders/o2/hold', { member: 'poor', points })
    const refused = await hold(50)
    expect(refused).toMatchObject({ status: 422, body: { code: 'insufficient', retryable: true } })
    expect((await hold(50)).body.entry).toBeGreaterThan(refused.body.entry)
    expect((await hold(40)).status).toBe(201)
    expect((await gateway.post('/v1/orders/o2/release', {})).status).toBe(201)
    expect((await gateway.post('/v1/orders/o2/release', {})).status).toBe(200)
    expect(codeOf(await gateway.post('/v1/orders/o2/capture', {}))).toEqual([409, 'order-released'])
    // Who pays again is not told that the points are held.
    expect(codeOf(await hold(40))).toEqual([409, 'order-released'])
    expect((await gateway.get('/v1/orders/o2')).body).toMatchObject({ state: 'released', captured: 0 })
    expect(await balance('poor')).toMatchObject({ available: 40, held: 0 })
    expect(codeOf(await gateway.post('/v1/orders/o3/capture', {}))).toEqual([404, 'order-unknown'])
    expect(codeOf(await gateway.get('/v1/orders/o3'))).toEqual([404, 'order-unknown'])
    expect(codeOf(await gateway.post('/v1/orders/o3/hold', { member: 'ghost', points: 1 }))).toEqual([
      404,
      'member-unknown',
    ])
  })

  test('a member who is frozen earns, and spends under the same order when she is frozen no more', async () => {
    const { account } = (await earn('frozen', 100, { id: 'frozen-1' })).body
    const { url, world } = shop
    const client = new TallyClient({ url, policy: world.policy })
    const act = (kind: 'freeze' | 'unfreeze') =>
      client.submit([makeEntry(kind, { account })], [shop.shop.keys.registrar], { wait: 'sealed' })
    const hold = () => gateway.post('/v1/orders/frozen-1/hold', { member: 'frozen', points: 60 })
    await act('freeze')
    expect((await earn('frozen', 20, { id: 'frozen-2' })).status).toBe(201)
    expect(await hold()).toMatchObject({ status: 422, body: { code: 'account-frozen', retryable: true } })
    expect(codeOf(await hold())).toEqual([422, 'account-frozen'])
    await act('unfreeze')
    expect((await hold()).status).toBe(201)
    expect(await hold()).toMatchObject({ status: 200, body: { repeated: true } })
    expect(await balance('frozen')).toMatchObject({ available: 60, held: 60 })
  })

  test('a refusal and a movement are proved by their receipts', async () => {
    const { body } = await gateway.post('/v1/orders/o4/hold', { member: 'poor', points: 4000 })
    expect(body).toMatchObject({ code: 'insufficient', receipt: `/v1/proofs/${body.entry}` })
    expect(body.detail).toMatch(/Ask for fewer/)
    const early = await gateway.get('/v1/proofs/1000000')
    expect(early).toMatchObject({ status: 503, body: { code: 'not-published', retryable: true } })
    await shop.world.log.publisher.publish()
    const refused = verifyReceipt(utf8Encode((await gateway.get(body.receipt)).body), shop.world.policy)
    expect([refused.index, OUTCOMES[refused.status!]]).toEqual([body.entry, 'insufficient'])
    const [{ proof, entry }] = (await movements('poor')).movements
    const receipt = await gateway.get(proof)
    expect(parseReceipt(utf8Encode(receipt.body)).index).toBe(entry)
    // Others' entries are not shown: the first member of this ledger is no member of the shop.
    expect(codeOf(await gateway.get('/v1/proofs/12'))).toEqual([404, 'entry-unknown'])
  })

  test('a member takes card and statement away, and verifies them without the shop', async () => {
    await shop.world.log.publisher.publish()
    const raw = async (path: string) => {
      const answer = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${gateway.key}` } })
      expect(answer.status, path).toBe(200)
      return new Uint8Array(await answer.arrayBuffer())
    }
    const card = parseCard(await raw('/v1/members/buyer/card'))
    const statement = await raw('/v1/members/buyer/statement')
    const proven = verifyStatement(statement, { policy: shop.world.policy, card })
    const { account, balance: points } = await balance('buyer')
    expect([proven.account.number, proven.balance]).toEqual([account, points])
    const other = parseCard(await raw('/v1/members/poor/card'))
    expect(() => verifyStatement(statement, { policy: shop.world.policy, card: other })).toThrow(/account/)
    expect(codeOf(await gateway.get('/v1/members/nobody/card'))).toEqual([404, 'member-unknown'])
    // Of one who was opened after the last seal there is none yet.
    const early = explain(new ClientError('no-such-account', 'None.', 404))
    expect(early).toMatchObject({ status: 503, code: 'not-published', members: { retryable: true } })
  })

  test('a correction has its reason; what is taken is never more than can be spent', async () => {
    await earn('wrong', 10)
    const adjust = (points: number, id: string) =>
      gateway.post('/v1/members/wrong/adjust', { points, reason: 'counted twice', id })
    expect(await adjust(-4, 'a')).toMatchObject({ status: 201, body: { status: 'adjusted', points: -4 } })
    expect((await adjust(-4, 'a')).status).toBe(200)
    expect((await adjust(5, 'b')).status).toBe(201)
    expect(codeOf(await adjust(-12, 'c'))).toEqual([422, 'insufficient'])
    expect((await movements('wrong')).movements.slice(0, 2)).toMatchObject([
      { kind: 'earn', points: 5, balance: 11, reason: 'counted twice' },
      { kind: 'spend', points: -4, balance: 6, reason: 'counted twice' },
    ])
  })

  test('any text of 255 characters is an id, in a body as in a path, and nothing else is', async () => {
    for (const id of ['空格 店/ü🎉', '...', 'x'.repeat(255)]) {
      expect((await earn(id, 3)).status).toBe(201)
      expect((await gateway.get(`/v1/members/${encodeURIComponent(id)}`)).body, id).toMatchObject({ id })
    }
    for (const id of ['', '.', '..', 'x'.repeat(256), 'a\u0000', '\ud800'])
      expect(codeOf(await earn(id, 3))).toEqual([400, 'request-invalid'])
    expect((await gateway.get(`/v1/members/${'x'.repeat(256)}`)).status).toBe(414)
  })

  test('an answer names a missing or wrong field as its caller spelled it', async () => {
    const { detail } = (await gateway.post('/v1/earn', { member: 'm' })).body
    expect(detail).toBe('body/points: it is missing (number)')
    const { body } = await gateway.post('/v1/earn', { member: 'm', points: 1, coins: 1 })
    expect(body.detail).toBe('body: Unrecognized key: "coins"')
    for (const list of ['members', 'expiring', 'members/buyer/movements'])
      expect(codeOf(await gateway.get(`/v1/${list}?cursor=zzz`))).toEqual([400, 'request-invalid'])
    const bare = (method: string, path: string) =>
      fetch(gateway.url + path, { method, headers: { authorization: `Bearer ${gateway.key}` } })
    expect((await bare('PUT', '/v1/members/bare')).status).toBe(201)
    expect((await bare('POST', '/v1/earn')).status).toBe(400)
    const huge = await gateway.post('/v1/earn', { member: 'bare', points: 2 ** 40 })
    expect(huge.body).toMatchObject({ code: 'insufficient', detail: expect.stringMatching(/budget/) })
  })

  test('movements are paged from the newest on, by kind and time', async () => {
    for (let i = 1; i <= 5; i++) await earn('pages', i, { order: `p${i}` })
    const seen: number[] = []
    let next: string | null = ''
    for (; next !== null; ) {
      const page = await movements('pages', `?limit=2${next === '' ? '' : `&cursor=${next}`}`)
      seen.push(...page.movements.map(({ number }: { number: number }) => number))
      next = page.next
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1])
    const { movements: last } = await movements('pages', '?kind=earn&limit=1')
    expect(last).toMatchObject([{ points: 5, balance: 15, order: 'p5' }])
    expect((await movements('pages', `?until=${last[0].at}`)).movements).toHaveLength(5)
    expect((await movements('pages', '?from=2999-01-01')).movements).toEqual([])
    expect(codeOf(await gateway.get('/v1/members/pages/movements?kind=earnings'))).toEqual([400, 'request-invalid'])
    expect(codeOf(await gateway.get('/v1/members/pages/movements?from=2026-02-31'))).toEqual([400, 'request-invalid'])
  })

  test('members whose points expire within a time are listed', async () => {
    await earn('late', 33)
    // What was looked at within the last second is not looked at again.
    shop.aheadMs = 2000
    const { body } = await gateway.get('/v1/expiring?within=366d&limit=1000')
    expect(body.expiring).toContainEqual(expect.objectContaining({ member: 'late', unit: 'stars', points: 33 }))
    expect((await gateway.get('/v1/expiring')).body).toEqual({ expiring: [], next: null })
    const first = await gateway.get('/v1/expiring?within=366d&limit=1')
    const second = await gateway.get(`/v1/expiring?within=366d&limit=1&cursor=${first.body.next}`)
    expect(second.body.expiring[0].member).not.toBe(first.body.expiring[0].member)
  })

  test('unknown fields, parameters and routes are refused', async () => {
    expect(codeOf(await earn('x', 5, { pionts: 7 }))).toEqual([400, 'request-invalid'])
    expect(codeOf(await gateway.get('/v1/members?limt=1'))).toEqual([400, 'request-invalid'])
    expect(codeOf(await earn('x', 0))).toEqual([400, 'request-invalid'])
    expect(codeOf(await earn('x', 1.5))).toEqual([400, 'request-invalid'])
    expect(codeOf(await earn('x\u0007', 5))).toEqual([400, 'request-invalid'])
    expect(codeOf(await earn('x', 5, { unit: 'moons' }))).toEqual([404, 'unit-unknown'])
    expect(codeOf(await earn('x', 5, { rule: 'no-such-rule' }))).toEqual([404, 'rule-unknown'])
    expect(codeOf(await gateway.ask('DELETE', '/v1/members/x'))).toEqual([405, 'method'])
    expect(codeOf(await gateway.ask('GET', '/v1/nothing'))).toEqual([404, 'not-found'])
  })

  test('a key is for its scopes, as often as its rate, until it is revoked', async () => {
    const { apiKeys } = gateway.gateway
    const full = gateway.key
    const as = async (key: string, run: () => Promise<Answer>) => {
      gateway.key = key
      try {
        return codeOf(await run())
      } finally {
        gateway.key = full
      }
    }
    const reader = await apiKeys.add('reader', ['read'], 2)
    const read = () => gateway.get('/v1/members?limit=1')
    expect(await as('tk_nothing', read)).toEqual([401, 'key-unknown'])
    expect(await as('', read)).toEqual([401, 'key-missing'])
    expect(await as(reader, () => earn('x', 5))).toEqual([403, 'key-scope'])
    expect(await as(reader, read)).toEqual([200, undefined])
    expect(await as(reader, read)).toEqual([200, undefined])
    expect(await as(reader, read)).toEqual([429, 'too-many'])
    await apiKeys.revoke('reader')
    expect(await as(reader, read)).toEqual([401, 'key-unknown'])
    expect(readFileSync(join(shop.folder, 'gateway-0', 'api-keys.json'), 'utf8')).not.toContain(reader)
    expect((await apiKeys.list()).find(({ name }) => name === 'reader')?.revoked).toBeDefined()
  })
})
