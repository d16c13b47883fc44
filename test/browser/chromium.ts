import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'

/** Where a Chromium usually is; `TALLY_CHROMIUM` names another. */
const PLACES = [
  process.env['TALLY_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** The Chromium of this machine that says its version, or undefined. What only stands in for one does not. */
export function findChromium(): string | undefined {
  return PLACES.find(path => {
    if (path === undefined || path === '') return false
    const { status, stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 60_000 })
    return status === 0 && /Chrom(e|ium)/.test(stdout)
  })
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/** How long a browser may take to start, load the page and answer. */
const ANSWER_MS = 180_000

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>tallystick</title><script type="module" src="page.js"></script>'

/**
 * What a page says, in a browser that was just started and knows nothing of it: `files` are served over localhost, and
 * `page.js` among them is run as a module and ends with `POST /answer`, or with what went wrong at `POST /error`.
 */
export async function askPage<T>(chromium: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<T> {
  let resolve: (answer: string) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const answered = new Promise<string>((...both) => {
    ;[resolve, reject] = both
  })
  answered.catch(() => {})
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      const body = (await request.toArray()).join('')
      response.end()
      if (request.url === '/answer') resolve(body)
      else reject(new Error(`the page failed: ${body}`))
    } else serve(request, response, files)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const profile = await mkdtemp(join(tmpdir(), 'tally-chromium-'))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  // A group of its own, for a browser is many processes.
  const browser = spawn(chromium, [...FLAGS, `--user-data-dir=${profile}`, url], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  browser.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2000)
  })
  const gone = new Promise<void>(resolve => {
    browser.on('error', error => reject(error)).on('exit', () => resolve())
  })
  void gone.then(() => reject(new Error(`${chromium} ended before it answered: ${said}`)))
  const late = new AbortController()
  after(ANSWER_MS, undefined, { signal: late.signal }).then(
    () => reject(new Error(`${chromium} gave no answer within ${ANSWER_MS / 1000} s: ${said}`)),
    () => {},
  )
  try {
    return JSON.parse(await answered) as T
  } finally {
    late.abort()
    if (browser.pid !== undefined && browser.exitCode === null) {
      process.kill(-browser.pid, 'SIGKILL')
      await gone
    }
    server.closeAllConnections()
    server.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

function serve(
  { url }: IncomingMessage,
  response: ServerResponse,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  const name = url!.slice(1)
  const body = name === '' ? PAGE : files[name]
  if (body === undefined) response.writeHead(404).end()
  else {
    const type = name === '' ? 'text/html' : name.endsWith('.js') ? 'text/javascript' : 'application/octet-stream'
    response.writeHead(200, { 'content-type': type }).end(body)
  }
}
