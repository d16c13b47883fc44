import { createHmac, createPublicKey } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { makeToken } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { signEd25519 } from '../../src/core/crypto/ed25519.ts'
import { runs } from '../runs.ts'
import { FIRST_MEMBER, keyNumber } from '../world.ts'
import { OTHER_MEMBER, problemOf, ServedWorld } from './server.ts'

const own = `account/${FIRST_MEMBER}`
const path = `/v1/accounts/${FIRST_MEMBER}`

describe('the tokens of callers (SPEC §11)', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create()
  })
  afterAll(() => served.destroy())

  const ask = async (authorization: string) => {
    const response = await fetch(served.url + path, { headers: { authorization } })
    if (response.status === 200) return 'ok'
    const { status, code } = await problemOf(response)
    return `${status} ${code}`
  }
  const bearer = (token: string) => ask(`Bearer ${token}`)

  /**
   * Claims of a token of now, in seconds. The clock is read once: between two looks it may go from one second to the
   * next.
   */
  type Claims = object | ((now: number) => object)
  const claimsOf = (claims: Claims, now = Math.floor(Date.now() / 1000)) => ({
    iss: own,
    aud: toHex(served.world.ledgerId),
    sub: own,
    iat: now,
    exp: now + 300,
    ...(typeof claims === 'function' ? claims(now) : claims),
  })
  /** In place of LEDGER stands the ledger id, which is not known where the cases are listed. */
  const base64url = (value: unknown) =>
    Buffer.from(JSON.stringify(value).replaceAll('LEDGER', toHex(served.world.ledgerId))).toString('base64url')
  /** What is signed of a token with claims and header of one's choosing. */
  const textOf = (claims: Claims, header: object = {}) =>
    `${base64url({ alg: 'EdDSA', typ: 'tally+jwt', ...header })}.${base64url(claimsOf(claims))}`
  /** Such a token, signed by a key as it should be. */
  const crafted = (claims: Claims, header: object = {}, who: 'owner' | 'registrar' = 'owner') => {
    const text = textOf(claims, header)
    return `${text}.${Buffer.from(signEd25519(served.keys[who].seed, Buffer.from(text))).toString('base64url')}`
  }

  test('hold when they are as they should be, up to 300 seconds and some error of the clock', async () => {
    expect(await bearer(crafted({}))).toBe('ok')
    expect(await bearer(crafted(now => ({ iat: now - 299, exp: now + 1 })))).toBe('ok')
    // The clock of a caller may be off by as much as that of the one who signs a batch: ten minutes in this ledger.
    expect(await bearer(crafted(now => ({ iat: now + 590, exp: now + 890 })))).toBe('ok')
    expect(await bearer(crafted(now => ({ iat: now - 890, exp: now - 590 })))).toBe('ok')
    for (const sub of ['ledger', own])
      expect(await bearer(crafted({ iss: 'record/1', sub }, {}, 'registrar'))).toBe('ok')
  })

  test.each<[string, Claims, object?]>([
    ['of another ledger', { aud: '00'.repeat(32) }],
    ['without a ledger', { aud: undefined }],
    ['for two ledgers', { aud: [toHex(new Uint8Array(32)), 'LEDGER'] }],
    ['whose ledger is a list of one', { aud: ['LEDGER'] }],
    ['that say more', { admin: true }],
    ['that say when they begin to hold', now => ({ nbf: now - 10 })],
    ['that have a number', { jti: '1' }],
    ['that have expired', now => ({ iat: now - 950, exp: now - 650 })],
    ['that end when they begin', now => ({ exp: now })],
    ['that end before they begin', now => ({ exp: now - 1 })],
    ['whose beginning is no whole second', now => ({ iat: now - 0.5 })],
    ['whose end is no whole second', now => ({ exp: now + 299.5 })],
    ['whose beginning is before 1970', now => ({ iat: -1, exp: now })],
    ['that live 301 seconds', now => ({ exp: now + 301 })],
    ['that live 301 seconds, most of them gone', now => ({ iat: now - 290, exp: now + 11 })],
    ['that live for ever', { exp: 10 ** 10 }],
    ['of the future', now => ({ iat: now + 3600, exp: now + 3900 })],
    ['without an end', { exp: undefined }],
    ['whose end is no number', now => ({ exp: String(now + 300) })],
    ['without a beginning', { iat: undefined }],
    ['without a subject', { sub: undefined }],
    ["of another's account", { sub: `account/${OTHER_MEMBER}` }],
    ['of an owner for the whole ledger', { sub: 'ledger' }],
    ['with a subject of no kind', { sub: 'everything' }],
    ['with a subject of another spelling', { sub: `account/0${FIRST_MEMBER}` }],
    ['of an account that there is not', { iss: 'account/99' }],
    ['of an account without an owner', { iss: 'account/0' }],
    ['of a record that is no key', { iss: 'record/3' }],
    ['of a record that there is not', { iss: 'record/99' }],
    ['in the name of another', { iss: `account/${OTHER_MEMBER}` }],
    ['in the name of a key of the registry', { iss: 'record/4', sub: 'ledger' }],
    ['without a name', { iss: undefined }],
    ['of another type', {}, { typ: 'JWT' }],
    ['without a type', {}, { typ: undefined }],
    ['of another algorithm', {}, { alg: 'ES256' }],
    ['of no algorithm, although signed', {}, { alg: 'none' }],
    ['with critical headers', {}, { crit: ['x'], x: 1 }],
  ])('%s are refused', async (_, claims, header) => {
    expect(await bearer(crafted(claims, header))).toBe('401 token-invalid')
  })

  test('with no signature, or with one made with the public key as a secret, are refused', async () => {
    const { publicKey } = served.world.keys.member
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    const pem = key.export({ format: 'pem', type: 'spki' })
    const jwk = JSON.stringify(key.export({ format: 'jwk' }))
    for (const secret of [publicKey, pem, jwk, Buffer.from(publicKey).toString('base64url'), toHex(publicKey)]) {
      const text = textOf({}, { alg: 'HS256' })
      expect(await bearer(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`)).toBe(
        '401 token-invalid',
      )
    }
    for (const alg of ['none', 'None', 'HS256', 'EdDSA'])
      expect(await bearer(`${textOf({}, { alg })}.`)).toBe('401 token-invalid')
  })

  test('one that brings its own key is refused', async () => {
    const { other } = served.keys
    const x = Buffer.from(served.world.keys.root.publicKey).toString('base64url')
    const text = textOf({}, { jwk: { kty: 'OKP', crv: 'Ed25519', x } })
    const signature = Buffer.from(signEd25519(other.seed, Buffer.from(text))).toString('base64url')
    expect(await bearer(`${text}.${signature}`)).toBe('401 token-invalid')
  })

  test('of a revoked key are refused, on every private route', async () => {
    for (const private_ of [path, `${path}/statement`, '/v1/receipts/2', '/v1/salts', '/tile/entries/000.p/1'])
      expect(await problemOf(await served.get(private_, 'revoked'))).toMatchObject({
        status: 401,
        code: 'token-invalid',
      })
  })

  test('of a key that is revoked while it calls hold no longer', async () => {
    const { world, keys } = served
    const token = await makeToken(keys.registrar, world.ledgerId, 'ledger')
    expect(await bearer(token)).toBe('ok')
    await world.submit([world.root], world.bytes({ kind: 'revoke', record: 1, reason: 1 }))
    expect(await bearer(token)).toBe('401 token-invalid')
  })

  test('one that was verified before is checked again for its expiry and its key', async () => {
    const keyOfOther = await makeToken(served.keys.other, served.world.ledgerId, `account/${OTHER_MEMBER}`)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    try {
      const token = crafted({})
      for (const _ of [1, 2]) expect(await bearer(token)).toBe('ok')
      vi.setSystemTime(Date.now() + 890_000)
      expect(await bearer(token)).toBe('ok')
      vi.setSystemTime(Date.now() + 20_000)
      expect(await bearer(token)).toBe('401 token-invalid')
    } finally {
      vi.useRealTimers()
    }
    const otherPath = `/v1/accounts/${OTHER_MEMBER}`
    const asked = () => fetch(served.url + otherPath, { headers: { authorization: `Bearer ${keyOfOther}` } })
    for (const _ of [1, 2]) expect((await asked()).status).toBe(200)
    const { world } = served
    const rotate = { kind: 'set-custody', account: OTHER_MEMBER, owner: keyNumber(90).publicKey } as const
    await world.submit([world.owner(OTHER_MEMBER, keyNumber(52))], world.bytes(rotate))
    expect((await problemOf(await asked())).code).toBe('token-invalid')
  })

  test('one that a wrong clock made is refused, and the caller is told how wrong the clock is', async () => {
    const said = async (claims: Claims) => {
      const response = await fetch(served.url + path, { headers: { authorization: `Bearer ${crafted(claims)}` } })
      return (await problemOf(response)).detail
    }
    expect(await said(now => ({ iat: now + 3600, exp: now + 3900 }))).toMatch(/your clock is (3599|3600) s ahead/)
    expect(await said(now => ({ iat: now - 3600, exp: now - 3300 }))).toMatch(
      /it expired 330[01] s ago.* your clock is 360[01] s behind/,
    )
  })

  test('of no form are refused', async () => {
    const good = crafted({})
    for (const token of [good.slice(0, -4), 'a.b.c', 'abc', '...', `${good}.x`, 'x'.repeat(3000)])
      expect(await bearer(token)).toBe('401 token-invalid')
    for (const header of ['Basic YTpi', `Token ${good}`, good, 'Bearer', 'Bearer a b', `Bearer ${good},${good}`])
      expect(await ask(header)).toBe('401 token-missing')
  })

  test('one that was changed in one place is refused', async () => {
    const good = crafted({})
    expect(await bearer(good)).toBe('ok')
    // Not the last character: four of its bits are none of the signature's.
    const changed = fc
      .record({ at: fc.nat({ max: good.length - 2 }), to: fc.constantFrom(...'AZaz09-_.') })
      .map(({ at, to }) => good.slice(0, at) + to + good.slice(at + 1))
      .filter(token => token !== good)
    await fc.assert(
      fc.asyncProperty(changed, async token => {
        expect(await bearer(token)).toBe('401 token-invalid')
      }),
      { numRuns: runs(150, 40) },
    )
  })

  test('of any other content are refused', async () => {
    const anyClaims = fc.dictionary(fc.constantFrom('iss', 'aud', 'sub', 'iat', 'exp'), fc.jsonValue())
    await fc.assert(
      fc.asyncProperty(anyClaims, async claims => {
        const isWhole = Object.keys(claims).length === 0
        expect(await bearer(crafted(claims))).toBe(isWhole ? 'ok' : '401 token-invalid')
      }),
      { numRuns: runs(150, 40) },
    )
  })
})
