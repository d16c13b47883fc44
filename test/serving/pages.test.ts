import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeServer, readPages, type Server } from '../../src/serving/index.ts'

// Pages that the test writes: what they show is no matter of a server.

const SCRIPT = `console.log(${'1'.repeat(600)})`
const FILES: Readonly<Record<string, string | Buffer>> = {
  'pages/front.html': '<!doctype html><title>front</title>',
  'pages/deep.html': '<!doctype html><title>deep</title>',
  'pages/gone.html': '<!doctype html><title>gone</title>',
  'assets/front-AbCd1234.js': SCRIPT,
  'assets/front-AbCd1234.js.br': brotliCompressSync(SCRIPT),
  'assets/front-AbCd1234.js.gz': gzipSync(SCRIPT),
  'alone.html': '<!doctype html><title>alone</title>',
  'pages.json': JSON.stringify({
    pages: {
      '/': 'pages/front.html',
      '/deep': 'pages/deep.html',
      '/deep/*': 'pages/deep.html',
      '/no': 'pages/no.html',
    },
    notFound: 'pages/gone.html',
    policy: "default-src 'self'",
    policies: { 'alone.html': "script-src 'sha256-x'" },
  }),
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly bytes: Buffer
}

describe('pages that were built', () => {
  let folder: string
  let server: Server
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-built-'))
    for (const part of ['pages', 'assets']) await mkdir(join(folder, part))
    for (const [name, text] of Object.entries(FILES)) await writeFile(join(folder, name), text)
    server = await makeServer({
      title: 'Shop',
      version: '1',
      description: 'Points for orders.',
      limits: { bodyBytes: 1000, openBytes: 2000, openBytesEach: 1500, anonymousBytes: 1000 },
      pages: await readPages(folder),
      routes: () => {},
    })
    await server.listen({ host: '127.0.0.1', port: 0 })
  })
  afterAll(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })

  /** By the bare client: `fetch` decompresses, and asks for what it likes. */
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<Answer>((resolve, reject) => {
      const { port } = server.server.address() as AddressInfo
      request({ host: '127.0.0.1', port, path, headers, method }, async response => {
        const bytes = Buffer.concat(await response.toArray())
        resolve({ status: response.statusCode!, headers: response.headers, bytes })
      })
        .on('error', reject)
        .end()
    })

  test('each path has its page, and those below it where the build says so', async () => {
    for (const [path, title] of [
      ['/', 'front'],
      ['/deep', 'deep'],
      ['/deep/er/still?x=1', 'deep'],
      ['/alone.html', 'alone'],
    ] as const) {
      const { status, headers, bytes } = await get(path)
      expect([status, headers['content-type'], bytes.toString()]).toEqual([
        200,
        'text/html; charset=utf-8',
        `<!doctype html><title>${title}</title>`,
      ])
      expect(headers['cache-control']).toBe('public, no-cache')
    }
    expect((await get('/no')).status, 'a page that was not built').toBe(404)
    for (const path of ['/pages.json', '/pages/front.html', '/..%2fpages.json', '/assets/..%2falone.html'])
      expect((await get(path)).status, path).toBe(404)
  })

  test('pages may do what the build allows, and what is no page may do nothing', async () => {
    expect((await get('/')).headers['content-security-policy']).toBe("default-src 'self'")
    expect((await get('/alone.html')).headers['content-security-policy']).toBe("script-src 'sha256-x'")
    expect((await get('/openapi.json')).headers['content-security-policy']).toContain("default-src 'none'")
    expect((await get('/')).headers['x-content-type-options']).toBe('nosniff')
  })

  test('a part with its hash in its name is kept for ever, and comes compressed to those who take that', async () => {
    const script = '/assets/front-AbCd1234.js'
    const plain = await get(script)
    expect([plain.headers['content-encoding'], plain.bytes.toString()]).toEqual([undefined, SCRIPT])
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    const gzip = await get(script, { 'accept-encoding': 'gzip, deflate' })
    expect([gzip.headers['content-encoding'], gunzipSync(gzip.bytes).toString()]).toEqual(['gzip', SCRIPT])
    expect(gzip.headers['vary']).toBe('accept-encoding')
    expect((await get(script, { 'accept-encoding': 'gzip, br' })).headers['content-encoding']).toBe('br')
    expect((await get(script, { 'accept-encoding': 'br;q=0, gzip' })).headers['content-encoding']).toBe('gzip')
    expect((await get(script, { 'accept-encoding': 'identity' })).headers['content-encoding']).toBe(undefined)
  })

  test('a page that did not change is not sent again', async () => {
    const { headers } = await get('/')
    const again = await get('/', { 'if-none-match': `"other", W/${headers['etag']}` })
    expect([again.status, again.bytes.length]).toEqual([304, 0])
    expect((await get('/', { 'if-none-match': '"other"' })).status).toBe(200)
    const head = await get('/', {}, 'HEAD')
    expect([head.status, head.bytes.length, head.headers['etag']]).toEqual([200, 0, headers['etag']])
  })

  test('a path that there is not is a page for a browser, and a problem document for a program', async () => {
    const browser = await get('/nowhere', { accept: 'text/html,application/xhtml+xml' })
    expect([browser.status, browser.bytes.toString()]).toEqual([404, '<!doctype html><title>gone</title>'])
    const program = await get('/nowhere', { accept: 'application/json' })
    expect(JSON.parse(program.bytes.toString())).toMatchObject({ status: 404, code: 'not-found' })
    const api = await get('/v1/nowhere', { accept: 'text/html' })
    expect(api.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect((await get('/', { accept: 'text/html' }, 'POST')).status).toBe(405)
  })

  test('a folder in which nothing was built has no pages', async () => {
    expect(await readPages(join(folder, 'assets'))).toBe(undefined)
    expect(await readPages(join(folder, 'nowhere'))).toBe(undefined)
  })
})
