import { execFile } from 'node:child_process'
import { scryptSync } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES_OF_ROLE, STAFF_ROLES } from '../../../src/gateway/staff/roles.ts'
import { environment, TALLY } from '../../cli/run.ts'
import { type Answer, type ServedGateway, ServedShop } from '../shop.ts'

const codeOf = ({ status, body }: Answer) => [status, body.code]
const PASSWORD = 'a long password'

/** A browser, as far as sign-in goes: it keeps the cookies that it is given. */
class Browser {
  readonly #gateway: ServedGateway
  cookie = ''
  csrf = ''

  constructor(gateway: ServedGateway) {
    this.#gateway = gateway
  }

  async ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.#gateway.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(this.cookie === '' ? {} : { cookie: this.cookie }),
        ...(this.csrf === '' ? {} : { 'x-tally-csrf': this.csrf }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const set = response.headers.getSetCookie()[0]
    if (set !== undefined) this.cookie = set.split(';')[0]!
    const text = await response.text()
    return { status: response.status, body: text === '' ? null : JSON.parse(text), headers: response.headers }
  }

  async signIn(name: string, password = PASSWORD): Promise<Answer> {
    const answer = await this.ask('POST', '/v1/session', { name, password })
    this.csrf = answer.body.csrf ?? ''
    return answer
  }
}

/** Gives everyone in a file that password under a cost of scrypt that is small: so many sign in here. */
async function guessedFast(path: string): Promise<void> {
  const [N, r, p, salt] = [1024, 8, 1, Buffer.alloc(16, 7)]
  const hash = scryptSync(PASSWORD, salt, 32, { N, r, p })
  const password = ['scrypt', N, r, p, salt.toString('base64url'), hash.toString('base64url')].join('$')
  const { people, ...rest } = JSON.parse(await readFile(path, 'utf8')) as { people: object[] }
  await writeFile(path, JSON.stringify({ ...rest, people: people.map(one => ({ ...one, password })) }))
}

describe('people who sign in', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  beforeAll(async () => {
    shop = await ServedShop.create()
    gateway = await shop.gateway()
    for (const role of STAFF_ROLES) await gateway.gateway.staff.add(role, role, { password: PASSWORD })
    await guessedFast(join(shop.folder, 'gateway-0', 'staff.json'))
    shop.aheadMs += 60_000
    await gateway.post('/v1/earn', { member: 'mei', points: 100 })
  })
  afterAll(() => shop.destroy())
  const signedIn = async (name: string) => {
    const browser = new Browser(gateway)
    expect((await browser.signIn(name)).status).toBe(201)
    // So many tests sign in at one address that the rate would end them.
    shop.aheadMs += 60_000
    return browser
  }

  test('the cookie is for this site and no script, the answer says who and what for; it ends by DELETE', async () => {
    const browser = new Browser(gateway)
    const answer = await browser.signIn('Clerk')
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^tally_session=ts_[\w-]{43}\.\w{11}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
    )
    expect(answer.body).toMatchObject({ name: 'clerk', role: 'clerk', scopes: SCOPES_OF_ROLE.clerk, hasPassword: true })
    expect((await browser.ask('GET', '/v1/session')).body).toEqual(answer.body)
    expect((await browser.ask('GET', '/v1/session/ways')).body).toEqual({ password: true, openid: null })
    const { cookie } = browser
    expect((await browser.ask('DELETE', '/v1/session')).status).toBe(204)
    expect(browser.cookie).toBe('tally_session=')
    browser.cookie = cookie
    expect(codeOf(await browser.ask('GET', '/v1/session'))).toEqual([401, 'session'])
  })

  test('behind TLS the cookie is sent by TLS alone', async () => {
    const { buildGateway } = await import('../../../src/gateway/index.ts')
    const server = await buildGateway({
      ...{ gateway: gateway.gateway, logger: undefined, version: 'test' },
      front: { proxies: ['127.0.0.1'] },
    })
    const answer = await server.inject({
      ...{ method: 'POST', url: '/v1/session', payload: { name: 'reader', password: PASSWORD } },
      headers: { 'x-forwarded-proto': 'https' },
    })
    expect(answer.headers['set-cookie']).toContain('; Secure')
    await server.close()
    shop.aheadMs += 60_000
  })

  test('each role does what its scopes say, and nothing else; each look and act names the person', async () => {
    const acts = [
      ['GET', '/v1/members/mei', undefined, 'read'],
      ['POST', '/v1/earn', { member: 'mei', points: 1 }, 'earn'],
      ['POST', '/v1/members/mei/adjust', { points: -1, reason: 'counted twice' }, 'adjust'],
      ['GET', '/v1/webhooks', undefined, 'webhooks'],
    ] as const
    for (const role of STAFF_ROLES) {
      const browser = await signedIn(role)
      for (const [method, path, body, scope] of acts) {
        const answer = await browser.ask(method, path, body)
        if (SCOPES_OF_ROLE[role].includes(scope)) expect(answer.status, `${role} ${path}`).toBeLessThan(300)
        else expect(codeOf(answer), `${role} ${path}`).toEqual([403, 'key-scope'])
      }
    }
    const { looks } = (await gateway.get('/v1/looks?key=@manager&limit=100')).body
    expect(looks.map((look: { what: string }) => look.what)).toEqual([
      'POST /v1/members/:member/adjust',
      'POST /v1/earn',
      'GET /v1/members/:member',
      'POST /v1/session',
    ])
    await expect(gateway.gateway.apiKeys.add('@manager', ['read'], 1)).rejects.toMatchObject({ code: 'settings' })
  })

  test('a page of another site does nothing in their name', async () => {
    const browser = await signedIn('owner')
    const { csrf } = browser
    browser.csrf = ''
    const earn = { member: 'mei', points: 5 }
    expect(codeOf(await browser.ask('POST', '/v1/earn', earn))).toEqual([403, 'csrf'])
    expect(codeOf(await browser.ask('DELETE', '/v1/session'))).toEqual([403, 'csrf'])
    expect(codeOf(await browser.ask('POST', '/v1/earn', earn, { 'x-tally-csrf': `${csrf}x` }))).toEqual([403, 'csrf'])
    expect((await browser.ask('POST', '/v1/earn', earn, { 'x-tally-csrf': csrf })).status).toBe(201)
    const other = { name: 'owner', password: PASSWORD }
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }])
      expect(codeOf(await browser.ask('POST', '/v1/session', other, headers as Record<string, string>))).toEqual([
        ...[403, 'csrf'],
      ])
  })

  test('a header goes before a cookie; what is no session is none', async () => {
    const browser = await signedIn('reader')
    const authorization = `Bearer ${gateway.key}`
    const earned = await browser.ask('POST', '/v1/earn', { member: 'mei', points: 1 }, { authorization })
    expect(earned.status).toBe(201)
    const { cookie } = browser
    for (const value of ['', 'x', 'ts_x', `${cookie}x`.slice(14), cookie.slice(14).replace('ts_', 'tk_')]) {
      browser.cookie = `tally_session=${value}`
      expect(codeOf(await browser.ask('GET', '/v1/members/mei')), value).toEqual([401, 'session'])
    }
    browser.cookie = `other=1; ${cookie}; tally_sessio=2`
    expect((await browser.ask('GET', '/v1/members/mei')).status).toBe(200)
    expect((await browser.ask('GET', '/v1/mine')).body.code).toBe('key-missing')
  })

  test('a session ends when nobody uses it, after half a day, and when person, role or password go', async () => {
    const minutes = (n: number) => {
      shop.aheadMs += n * 60_000
    }
    const browser = await signedIn('reader')
    for (let i = 0; i < 6; i++) {
      minutes(110)
      expect((await browser.ask('GET', '/v1/session')).status).toBe(200)
    }
    minutes(70)
    expect(codeOf(await browser.ask('GET', '/v1/session'))).toEqual([401, 'session'])
    const idle = await signedIn('reader')
    minutes(121)
    expect(codeOf(await idle.ask('GET', '/v1/session'))).toEqual([401, 'session'])
  })

  test('guesses are counted by name and by address, and a name that is none takes as long as one', async () => {
    const browser = new Browser(gateway)
    const codes: string[] = []
    for (let i = 0; i < 7; i++) codes.push((await browser.signIn('owner', 'not the password')).body.code)
    expect(codes).toEqual([...Array(5).fill('sign-in'), 'too-many', 'too-many'])
    const refused = await browser.signIn('owner')
    expect([refused.status, Number(refused.headers.get('retry-after')) > 0]).toEqual([429, true])
    expect((await browser.signIn('nobody')).body).toMatchObject({ code: 'sign-in', retryable: false })
    shop.aheadMs += 3_600_000
    expect((await browser.signIn('owner')).status).toBe(201)
  })

  test('from the command line: added, listed, another password, revoked; a gateway that runs knows', async () => {
    const state = join(shop.folder, 'gateway-0')
    const run = promisify(execFile)
    const tally = async (...args: string[]) => {
      const env = { ...environment(), ...TALLY.env }
      const { stdout } = await run(process.execPath, [TALLY.file, 'user', ...args, '--state', state], { env })
      return stdout
    }
    const made = (await tally('add', 'anna', '--role', 'clerk')).trim()
    expect(made).toMatch(/^[a-z0-9]{5}(?:-[a-z0-9]{5}){2}$/)
    await expect(tally('add', 'Anna')).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('person-exists'),
    })
    shop.aheadMs += 60_000
    const browser = new Browser(gateway)
    expect((await browser.signIn('anna', made)).status).toBe(201)
    const file = join(shop.folder, 'password')
    await writeFile(file, 'short\r\n')
    await expect(tally('password', 'anna', '--password-file', file)).rejects.toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('at least 10 characters') },
    })
    await writeFile(file, 'her own password\r\n')
    expect(await tally('password', 'anna', '--password-file', file)).toBe('Done: anna.\n')
    shop.aheadMs += 60_000
    expect(codeOf(await browser.ask('GET', '/v1/session'))).toEqual([401, 'session'])
    expect((await browser.signIn('anna', 'her own password')).status).toBe(201)
    const changed = await browser.ask('PUT', '/v1/session/password', { old: 'her own password', new: 'a better one' })
    expect(changed.body.name).toBe('anna')
    browser.csrf = changed.body.csrf
    expect((await browser.ask('GET', '/v1/members/mei')).status).toBe(200)
    const { people } = JSON.parse(await tally('list', '--json'))
    expect(people.at(-1)).toMatchObject({ name: 'anna', role: 'clerk', hasPassword: true })
    expect(JSON.stringify(people)).not.toContain('scrypt')
    await tally('revoke', 'anna')
    shop.aheadMs += 60_000
    expect(codeOf(await browser.ask('GET', '/v1/members/mei'))).toEqual([401, 'session'])
    expect(codeOf(await browser.signIn('anna', 'a better one'))).toEqual([401, 'sign-in'])
  })
})
