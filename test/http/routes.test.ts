import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { parsePolicy } from '../../src/core/policy.ts'
import { verifyReceipt } from '../../src/core/receipt.ts'
import { decodeTransaction } from '../../src/core/transaction.ts'
import { verifyStatement } from '../../src/core/verify.ts'
import { FIRST_MEMBER } from '../world.ts'
import { OTHER_MEMBER, ServedWorld } from './server.ts'

/** What every answer of an error has to be: RFC 9457. */
interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
}

describe('what the ledger answers (SPEC §11)', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create()
  })
  afterAll(() => served.destroy())

  type Who = keyof ServedWorld['keys']
  const get = async (path: string, who?: Who, subject = 'ledger') => {
    const { keys, world, url } = served
    const token = who && (await makeToken(keys[who], world.ledgerId, subject))
    return fetch(url + path, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
  }
  const problem = async (response: Response): Promise<Problem> => {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    const body = (await response.json()) as Problem
    expect(body).toMatchObject({ type: 'about:blank', status: response.status })
    expect(body.detail.length).toBeGreaterThan(10)
    expect(body.title).not.toBe('Error')
    return body
  }
  const own = `account/${FIRST_MEMBER}`
  const [first, other] = [`/v1/accounts/${FIRST_MEMBER}`, `/v1/accounts/${OTHER_MEMBER}`]

  test.each<[path: string, type: string, cache: string]>([
    ['/checkpoint', 'text/plain; charset=utf-8', 'public, max-age=1'],
    ['/tile/0/000.p/20', 'application/octet-stream', 'public, max-age=31536000, immutable'],
    ['/policy', 'text/plain; charset=utf-8', 'public, max-age=60'],
  ])('%s is public, with its type and for how long it may be kept', async (path, type, cache) => {
    const response = await get(path)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
    expect(response.headers.get('cache-control')).toBe(cache)
  })

  test('the policy is one that accepts the checkpoint, and the ledger says who it is', async () => {
    const policy = parsePolicy(new Uint8Array(await (await get('/policy')).arrayBuffer()))
    expect(policy.logs[0]!.key.name).toBe(served.world.origin)
    const ledger = (await (await get('/v1/ledger')).json()) as Record<string, unknown>
    expect(ledger).toMatchObject({
      origin: served.world.origin,
      ledgerId: toHex(served.world.ledgerId),
      units: [{ name: 'coins', treasury: 0 }],
    })
    expect(await (await get('/healthz')).json()).toMatchObject({ status: 'ok', size: served.world.log.size })
  })

  test('the registry is listed a page at a time', async () => {
    const page = async (after: number) =>
      ((await (await get(`/v1/registry?after=${after}`)).json()) as { records: { number: number; entry: string }[] })
        .records
    const records = await page(-1)
    expect(records.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(decodeTransaction(Buffer.from(records[3]!.entry, 'base64')).kind).toBe('define-unit')
    expect((await page(4)).map(({ number }) => number)).toEqual([5, 6])
    expect(await page(6)).toEqual([])
  })

  test('/openapi.json describes every route, and /docs shows it', async () => {
    const { paths } = (await (await get('/openapi.json')).json()) as { paths: Record<string, object> }
    expect(Object.keys(paths).sort()).toEqual(
      [
        '/checkpoint',
        '/healthz',
        '/policy',
        '/tile/{*}',
        '/v1/accounts/{number}',
        '/v1/accounts/{number}/statement',
        '/v1/batches',
        '/v1/ledger',
        '/v1/receipts/{index}',
        '/v1/registry',
        '/v1/salts',
      ].sort(),
    )
    const docs = await get('/docs/')
    expect([docs.status, docs.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
  })

  test('entries and salts are for auditors', async () => {
    for (const path of ['/tile/entries/000.p/10', '/v1/salts']) {
      expect((await get(path, 'auditor')).status).toBe(200)
      expect(await problem(await get(path))).toMatchObject({ status: 401, code: 'token-missing' })
      for (const who of ['issuer', 'registrar'] as const)
        expect(await problem(await get(path, who))).toMatchObject({ status: 403, code: 'not-allowed' })
      expect(await problem(await get(path, 'owner', own))).toMatchObject({ status: 403, code: 'not-allowed' })
      expect(await problem(await get(path, 'auditor', own))).toMatchObject({ status: 403, code: 'not-allowed' })
    }
    const { salts } = (await (await get('/v1/salts?from=0&count=1', 'auditor')).json()) as { salts: string[] }
    expect(salts).toEqual([toHex(served.world.log.salt(0)!)])
    expect((await get('/tile/entries/000.p/10', 'auditor')).headers.get('cache-control')).toMatch(/^private/)
  })

  test('accounts, statements and receipts are for their owner, the platform and auditors', async () => {
    const opening = served.world.log.ledger.state.accounts.get(FIRST_MEMBER)
    const issued = served.world.log.size - 2
    const paths = [first, `${first}/statement`, `${first}/statement?signatures=all`, `/v1/receipts/${issued}`]
    for (const path of paths) {
      for (const [who, subject] of [
        ['owner', own],
        ['issuer', 'ledger'],
        ['registrar', 'ledger'],
        ['auditor', 'ledger'],
      ] as const) {
        const response = await get(path, who, subject)
        expect([path, who, response.status]).toEqual([path, who, 200])
        expect(response.headers.get('cache-control')).toBe('private, no-store')
      }
      expect(await problem(await get(path))).toMatchObject({ status: 401, code: 'token-missing' })
      const stranger = await get(path, 'other', `account/${OTHER_MEMBER}`)
      expect(await problem(stranger)).toMatchObject({ status: 403, code: 'not-allowed' })
    }
    expect(await problem(await get(first, 'issuer', `account/${OTHER_MEMBER}`))).toMatchObject({ code: 'not-allowed' })
    expect(await (await get(first, 'owner', own)).json()).toMatchObject({
      number: FIRST_MEMBER,
      kind: 'member',
      unit: 'coins',
      balance: 100,
      entries: opening.entries,
      sealed: { balance: 100 },
    })
    const { policy } = served.world
    const statement = new Uint8Array(await (await get(`${first}/statement`, 'owner', own)).arrayBuffer())
    expect(verifyStatement(statement, { policy }).balance).toBe(100)
    const receipt = new Uint8Array(await (await get(`/v1/receipts/${issued}`, 'owner', own)).arrayBuffer())
    expect(verifyReceipt(receipt, policy).index).toBe(issued)
  })

  test.each<[path: string, status: number, code: string]>([
    ['/v1/accounts/99', 404, 'no-such-account'],
    ['/v1/accounts/99/statement', 404, 'no-such-account'],
    ['/v1/accounts/0/statement', 409, 'no-statement'],
    [`${first}/statement?since=99`, 409, 'since-beyond'],
    ['/v1/receipts/99999', 404, 'not-published'],
    ['/v1/accounts/x', 400, 'request-invalid'],
    ['/v1/accounts/-1', 400, 'request-invalid'],
    ['/v1/accounts/4294967296', 400, 'request-invalid'],
    [`${first}/statement?since=-1`, 400, 'request-invalid'],
    [`${first}/statement?signatures=some`, 400, 'request-invalid'],
    ['/v1/registry?after=x', 400, 'request-invalid'],
    ['/v1/salts?count=0', 400, 'request-invalid'],
    ['/tile/0/0', 400, 'tile-path'],
    ['/tile/0/000', 404, 'not-published'],
    ['/tile/0/001', 404, 'not-published'],
    ['/tile/1/000.p/1', 404, 'not-published'],
    ['/nothing', 404, 'not-found'],
    ['/v1/batches', 404, 'not-found'],
    [`/${'x'.repeat(300)}`, 404, 'not-found'],
  ])('%s: %i %s', async (path, status, code) => {
    expect(await problem(await get(path, 'issuer'))).toMatchObject({ status, code })
  })

  test('an account that is not sealed yet says so, and has no statement', async () => {
    const { world } = served
    await world.submit([world.registrar], world.bytes(world.openMember()))
    const fresh = world.log.ledger.state.accounts.count - 1
    expect(await (await get(`/v1/accounts/${fresh}`, 'issuer')).json()).toMatchObject({ balance: 0, sealed: null })
    const response = await get(`/v1/accounts/${fresh}/statement`, 'issuer')
    expect(await problem(response)).toMatchObject({ status: 404, code: 'no-such-account' })
  })

  describe('tokens', () => {
    const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const ask = async (token: string) => {
      const response = await fetch(served.url + first, { headers: { authorization: `Bearer ${token}` } })
      return response.status === 200 ? 'ok' : (await problem(response)).code
    }
    const now = () => Math.floor(Date.now() / 1000)

    /** A token with claims and header of one's choosing, signed by a key as it should be. */
    const crafted = async (claims: object, header: object = {}, who: Who = 'owner') => {
      const { signEd25519 } = await import('../../src/core/ed25519.ts')
      const iss = who === 'owner' ? `account/${FIRST_MEMBER}` : 'record/4'
      const all = { iss, aud: toHex(served.world.ledgerId), sub: own, iat: now(), exp: now() + 300, ...claims }
      const text = `${base64url({ alg: 'EdDSA', typ: 'tally+jwt', ...header })}.${base64url(all)}`
      const signature = signEd25519(served.keys[who].seed, Buffer.from(text))
      return `${text}.${Buffer.from(signature).toString('base64url')}`
    }

    test('hold when they are as SPEC §11 has them', async () => {
      expect(await ask(await crafted({}))).toBe('ok')
      expect(await ask(await crafted({ sub: 'ledger' }, {}, 'issuer'))).toBe('ok')
    })

    test.each<[string, object, object?]>([
      ['of another ledger', { aud: '00'.repeat(32) }],
      ['that has expired', { iat: 1000, exp: 1300 }],
      ['that lives too long', { exp: 10 ** 10 }],
      ['that lives 301 seconds', { iat: 2_000_000_000, exp: 2_000_000_301 }],
      ['of the future', { iat: 4_000_000_000, exp: 4_000_000_300 }],
      ['without an end', { exp: undefined }],
      ['without a beginning', { iat: undefined }],
      ['without a subject', { sub: undefined }],
      ["of another's account", { sub: `account/${OTHER_MEMBER}` }],
      ['of an owner for the whole ledger', { sub: 'ledger' }],
      ['with a subject of no kind', { sub: 'everything' }],
      ['of an account that there is not', { iss: 'account/99' }],
      ['of an account without an owner', { iss: 'account/0' }],
      ['of a record that is no key', { iss: 'record/3' }],
      ['of a record that there is not', { iss: 'record/99' }],
      ['in the name of another', { iss: `account/${OTHER_MEMBER}` }],
      ['without a name', { iss: undefined }],
      ['of another type', {}, { typ: 'JWT' }],
      ['without a type', {}, { typ: undefined }],
      ['of another algorithm', {}, { alg: 'ES256' }],
      ['of no algorithm', {}, { alg: 'none' }],
      ['with critical claims', {}, { crit: ['x'], x: 1 }],
    ])('%s are refused', async (_, claims, header) => {
      expect(await ask(await crafted(claims, header))).toBe('token-invalid')
    })

    test('of a revoked key, of no form, or signed with the public key as a secret, are refused', async () => {
      const { createHmac } = await import('node:crypto')
      const revoked = await makeToken(served.keys.revoked, served.world.ledgerId, 'ledger')
      expect(await ask(revoked)).toBe('token-invalid')
      const good = await crafted({})
      const text = `${base64url({ alg: 'HS256', typ: 'tally+jwt' })}.${good.split('.')[1]}`
      const confused = createHmac('sha256', served.world.keys.member.publicKey).update(text).digest('base64url')
      for (const token of [
        `${text}.${confused}`,
        `${text}.`,
        good.slice(0, -4),
        'a.b.c',
        'abc',
        `${good}.x`,
        'x'.repeat(3000),
      ])
        expect(await ask(token)).toBe('token-invalid')
      for (const authorization of ['Basic YTpi', `Token ${good}`, good, 'Bearer', 'Bearer a b']) {
        const response = await fetch(served.url + first, { headers: { authorization } })
        expect(await problem(response)).toMatchObject({ status: 401, code: 'token-missing' })
      }
    })
  })

  test('an account of another is not there for its neighbour', async () => {
    expect((await get(other, 'other', `account/${OTHER_MEMBER}`)).status).toBe(200)
    expect((await get(other, 'owner', own)).status).toBe(403)
  })
})
