import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedGateway, ServedShop } from '../shop.ts'

let shop: ServedShop
let gateway: ServedGateway
let provider: Server
let issuer: string
/** Who is at the browser of the provider. */
let account = 'mei'

/** A real provider: it asks nothing, and signs in `account` at once. */
async function startProvider(callback: string): Promise<void> {
  provider = createServer()
  await new Promise<void>(resolve => provider.listen(0, '127.0.0.1', resolve))
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`
  const oidc = new Provider(issuer, {
    clients: [{ client_id: 'points', client_secret: 'the secret of the client', redirect_uris: [callback] }],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, email: `${id}@shop.example`, email_verified: id !== 'eve' }),
    }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    cookies: { keys: ['a key of cookies'] },
    features: { devInteractions: { enabled: false } },
    loadExistingGrant: async (ctx: {
      oidc: { client: { clientId: string }; session: { accountId: string }; provider: Provider }
    }) => {
      const { Grant } = ctx.oidc.provider
      const grant = new Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
  })
  const answer = oidc.callback()
  provider.on('request', (request, response) => {
    if (request.url!.startsWith('/interaction/'))
      void oidc.interactionFinished(request, response, { login: { accountId: account } })
    else void answer(request, response)
  })
}

beforeAll(async () => {
  shop = await ServedShop.create()
  gateway = await shop.gateway()
  await startProvider(`${gateway.url}/v1/session/callback`)
  await gateway.gateway.staff.add('mei', 'clerk', { openid: 'mei@shop.example' })
  await gateway.gateway.staff.add('lin', 'reader', { openid: 'lin' })
  await gateway.gateway.staff.add('eve', 'owner', { openid: 'eve@shop.example' })
})
afterAll(async () => {
  await shop.destroy()
  provider.closeAllConnections()
  provider.close()
})

/** A browser that goes where it is sent, with its cookies, until it is sent nowhere, or to the page at the end. */
async function visit(start: string, cookies = new Map<string, string>()) {
  let url = start
  for (let hops = 0; hops < 12; hops++) {
    const { host } = new URL(url)
    const own = [...cookies]
      .filter(([name]) => name.startsWith(`${host} `))
      .map(([name, value]) => `${name.split(' ')[1]}=${value}`)
    const response = await fetch(url, { redirect: 'manual', headers: { cookie: own.join('; ') } })
    for (const text of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(text)!
      cookies.set(`${host} ${name}`, value!)
    }
    const location = response.headers.get('location')
    if (location === null) return { url, response, cookies }
    url = new URL(location, url).href
    if (url.endsWith('/console')) return { url, response, cookies }
  }
  throw new Error(`sent on and on, at last to ${url}`)
}

test('a gateway without a provider says so', async () => {
  const { response } = await visit(`${gateway.url}/v1/session/openid`)
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'openid-unknown'])
})

test('people sign in at a real provider, by a verified email or a subject, and nobody else does', async () => {
  await gateway.gateway.openId.set({
    ...{ issuer, client: 'points', secret: 'the secret of the client', origin: gateway.url, title: 'Shop login' },
  })
  shop.aheadMs += 2000
  expect((await gateway.get('/v1/session/ways')).body).toEqual({
    ...{ password: false, openid: { title: 'Shop login', path: '/v1/session/openid' } },
  })
  for (const [who, role] of [
    ['mei', 'clerk'],
    ['lin', 'reader'],
  ]) {
    account = who!
    const { url, cookies } = await visit(`${gateway.url}/v1/session/openid?to=/console`)
    expect(url).toBe(`${gateway.url}/console`)
    const cookie = `tally_session=${cookies.get(`${new URL(gateway.url).host} tally_session`)}`
    const found = await fetch(`${gateway.url}/v1/session`, { headers: { cookie } })
    expect(await found.json()).toMatchObject({ name: who, role, hasPassword: false })
  }
  // Her email is not verified, and he is nobody of the shop.
  for (const who of ['eve', 'tom']) {
    account = who
    const { response } = await visit(`${gateway.url}/v1/session/openid`)
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, 'person-unknown'])
  }
})

test('an answer that was made for another browser, twice, or changed is refused', async () => {
  account = 'mei'
  const codeAt = async (url: string, cookie = '') => {
    const response = await fetch(url, { redirect: 'manual', headers: { cookie } })
    return [response.status, ((await response.json()) as { code: string }).code]
  }
  const callback = `${gateway.url}/v1/session/callback`
  expect(await codeAt(`${callback}?code=x&state=y`)).toEqual([401, 'openid-failed'])
  expect(await codeAt(`${callback}?code=x&state=y`, 'tally_away=y')).toEqual([401, 'openid-failed'])
  const begun = await fetch(`${gateway.url}/v1/session/openid`, { redirect: 'manual' })
  const state = new URL(begun.headers.get('location')!).searchParams.get('state')!
  expect(begun.headers.getSetCookie()[0]).toContain('SameSite=Lax')
  const away = `tally_away=${state}`
  expect(await codeAt(`${callback}?code=forged&state=${state}&iss=${issuer}`, away)).toEqual([401, 'openid-failed'])
  // What was used once is over.
  expect(await codeAt(`${callback}?code=forged&state=${state}&iss=${issuer}`, away)).toEqual([401, 'openid-failed'])
  for (const to of ['//evil.example', 'https://evil.example', '/console?x=1'])
    expect(await codeAt(`${gateway.url}/v1/session/openid?to=${encodeURIComponent(to)}`)).toEqual([
      400,
      'request-invalid',
    ])
})
