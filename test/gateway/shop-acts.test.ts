import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TREASURER } from '../world.ts'
import { type ServedGateway, ServedShop } from './shop.ts'

describe('acts of staff on accounts, budgets and keys', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create()
    const treasurer = { holder: { record: TREASURER }, seed: shop.world.keys.treasurer.seed }
    gateway = await shop.gateway('acts', { treasurer })
    await gateway.post('/v1/earn', { member: 'anna', points: 100 })
  })
  afterAll(() => shop.destroy())
  const status = async () => (await gateway.get('/v1/members/anna')).body.units.stars.status
  const entries = async () => (await gateway.get('/v1/members/anna/movements?limit=100')).body.movements.length

  test('an account is frozen once, spends nothing meanwhile, and is let go again', async () => {
    const frozen = await gateway.post('/v1/members/anna/freeze', { reason: 7 })
    expect(frozen).toMatchObject({ status: 200, body: { member: 'anna', unit: 'stars', status: 'frozen' } })
    expect(frozen.body.entry).toBeGreaterThan(0)
    expect((await gateway.post('/v1/members/anna/freeze', {})).body.entry).toBeNull()
    expect(await status()).toBe('frozen')
    const held = await gateway.post('/v1/orders/f-1/hold', { member: 'anna', points: 10 })
    expect(held).toMatchObject({ status: 422, body: { code: 'account-frozen', retryable: true } })
    expect((await gateway.post('/v1/members/anna/unfreeze', {})).body.entry).toBeGreaterThan(0)
    expect((await gateway.post('/v1/members/anna/unfreeze', {})).body.entry).toBeNull()
    expect(await status()).toBe('open')
    // It can be frozen again, which is another entry.
    expect((await gateway.post('/v1/members/anna/freeze', {})).body.entry).toBeGreaterThan(frozen.body.entry)
    expect((await gateway.post('/v1/members/anna/unfreeze', {})).status).toBe(200)
    expect((await gateway.post('/v1/members/nobody/freeze', {})).body.code).toBe('member-unknown')
    expect((await gateway.post('/v1/members/anna/freeze', { reason: 256 })).status).toBe(400)
  })

  test('a dry run says what the ledger would say of each act, and leaves nothing', async () => {
    const before = await entries()
    const dry = async (path: string, body: object, method = 'POST') => {
      const { status, body: said } = await gateway.ask(method, path.replace('/v1', '/v1/try'), body)
      return { status, ...said }
    }
    const fine = { status: 200, outcome: 'accepted', repeated: false, retryable: false }
    expect(await dry('/v1/earn', { member: 'anna', points: 5, reason: 'x' })).toEqual({ ...fine, kind: 'issue' })
    // Who has no account would be given one first.
    expect(await dry('/v1/earn', { member: 'new', points: 5 })).toEqual({ ...fine, kind: 'open-account' })
    expect(await dry('/v1/members/new', {}, 'PUT')).toEqual({ ...fine, kind: 'open-account' })
    expect(await dry('/v1/members/anna/adjust', { points: -5, reason: 'x' })).toEqual({ ...fine, kind: 'redeem' })
    expect(await dry('/v1/members/anna/freeze', {})).toEqual({ ...fine, kind: 'freeze' })
    expect(await dry('/v1/shop/budgets/stars/fund', { points: 5 })).toEqual({ ...fine, kind: 'fund' })
    expect(await dry('/v1/orders/d-1/hold', { member: 'anna', points: 40 })).toEqual({ ...fine, kind: 'hold' })
    expect(await dry('/v1/orders/d-1/hold', { member: 'anna', points: 4000 })).toMatchObject({
      ...{ status: 200, kind: 'hold', repeated: false, outcome: 'insufficient', retryable: true },
      detail: expect.stringContaining('too few points'),
    })
    expect(await dry('/v1/orders/d-1/capture', {})).toMatchObject({ status: 404, code: 'order-unknown' })
    expect(await dry('/v1/earn', { member: 'anna', points: 0 })).toMatchObject({ status: 400 })
    expect(await entries()).toBe(before)
    expect((await gateway.get('/v1/members/new')).status).toBe(404)
    // What was done says so, and what was tried out can be done under the same key.
    expect((await gateway.post('/v1/earn', { member: 'anna', points: 5, id: 'tried' })).status).toBe(201)
    expect(await dry('/v1/earn', { member: 'anna', points: 5, id: 'tried' })).toEqual({
      ...fine,
      kind: null,
      repeated: true,
    })
    expect((await gateway.post('/v1/orders/d-1/hold', { member: 'anna', points: 40 })).status).toBe(201)
    const held = await entries()
    expect(await dry('/v1/orders/d-1/capture', {})).toEqual({ ...fine, kind: 'capture' })
    expect(await dry('/v1/orders/d-1/release', {})).toEqual({ ...fine, kind: 'release' })
    expect(await entries()).toBe(held)
    expect((await gateway.post('/v1/orders/d-1/capture', {})).status).toBe(201)
    expect(await dry('/v1/orders/d-1/refund', { points: 3, id: 'r' })).toEqual({ ...fine, kind: 'reverse' })
    expect((await gateway.get('/v1/try/members/anna')).status).toBe(405)
    // What may not be done may not be tried out.
    expect(
      (await gateway.post('/v1/try/earn', { member: 'anna', points: 5 }, { authorization: 'Bearer tk_x' })).status,
    ).toBe(401)
  })

  test('a budget is filled once under a key, by the treasurer alone', async () => {
    const left = async () => (await gateway.get('/v1/shop/budgets')).body.budgets[0].left
    const before = await left()
    const fund = (on: ServedGateway) => on.post('/v1/shop/budgets/stars/fund', { points: 1000, id: 'monday' })
    expect(await fund(gateway)).toMatchObject({ status: 201, body: { unit: 'stars', points: 1000, repeated: false } })
    expect(await fund(gateway)).toMatchObject({ status: 200, body: { repeated: true } })
    expect(await left()).toBe(before + 1000)
    expect((await gateway.post('/v1/shop/budgets/none/fund', { points: 1 })).body.code).toBe('unit-unknown')
    const without = await shop.gateway('without')
    expect(await fund(without)).toMatchObject({ status: 409, body: { code: 'treasurer-missing', retryable: false } })
  })

  test('keys are listed, made within the scopes of their maker, and revoked; all of it is noted', async () => {
    const made = await gateway.post('/v1/shop/keys', { name: 'till', scopes: ['earn', 'keys'] })
    expect(made).toMatchObject({ status: 201, body: { name: 'till', scopes: ['earn', 'keys'] } })
    expect(made.headers.get('cache-control')).toContain('no-store')
    const again = await gateway.post('/v1/shop/keys', { name: 'till', scopes: ['read'] })
    expect(again).toMatchObject({ status: 409, body: { code: 'key-exists' } })
    expect((await gateway.post('/v1/shop/keys', { name: '@anna', scopes: ['read'] })).status).toBe(400)
    const authorization = `Bearer ${made.body.key}`
    await expect
      .poll(async () => (await gateway.ask('GET', '/v1/shop/keys', undefined, { authorization })).status)
      .toBe(200)
    const more = await gateway.post('/v1/shop/keys', { name: 'more', scopes: ['adjust'] }, { authorization })
    expect(more).toMatchObject({ status: 403, body: { code: 'key-scope' } })
    expect((await gateway.ask('GET', '/v1/members', undefined, { authorization })).status).toBe(403)
    const { keys, signing } = (await gateway.get('/v1/shop/keys')).body
    expect(keys.find(({ name }: { name: string }) => name === 'till')).toMatchObject({ scopes: ['earn', 'keys'] })
    expect(JSON.stringify(keys)).not.toMatch(/hash|tk_/)
    expect(signing.map(({ role }: { role: string }) => role).sort()).toEqual([
      'auditor',
      'custodian',
      'issuer',
      'merchant',
      'registrar',
    ])
    expect((await gateway.ask('DELETE', '/v1/shop/keys/till')).status).toBe(204)
    expect((await gateway.ask('DELETE', '/v1/shop/keys/till')).body.code).toBe('api-key-unknown')
    await expect
      .poll(async () => (await gateway.ask('GET', '/v1/shop/keys', undefined, { authorization })).status)
      .toBe(401)
    const looks = (await gateway.get('/v1/looks?limit=100')).body.looks.map(({ what }: { what: string }) => what)
    for (const what of ['POST /v1/shop/keys', 'DELETE /v1/shop/keys/:name', 'POST /v1/members/:member/freeze'])
      expect(looks).toContain(what)
  })
})
