import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { buildPages } from '../../build/pages.ts'
import { type Pages, readPages } from '../../src/serving/index.ts'
import { findChromium } from '../browser/chromium.ts'

/** The Chromium of this machine; without one, what is here is skipped, and says so. */
export const CHROMIUM: string | undefined = findChromium()
if (CHROMIUM === undefined)
  console.log('No Chromium here, so no page is looked at: install one, or name it in TALLY_CHROMIUM.')

const ROOT = join(import.meta.dirname, '../..')
const KEPT = join(ROOT, 'node_modules/.cache/tallystick')

/** The pages in a folder, as they are built from these sources. */
export class BuiltPages {
  readonly folder: string
  readonly pages: Pages

  private constructor(folder: string, pages: Pages) {
    this.folder = folder
    this.pages = pages
  }

  /** Builds them, or takes what an earlier test built from the very same sources. */
  static async build(): Promise<BuiltPages> {
    const folder = join(KEPT, `pages-${await hashOfSources()}`)
    await mkdir(KEPT, { recursive: true })
    while (!existsSync(folder)) await oneAtATime(`${folder}.lock`, () => make(folder))
    await utimes(folder, new Date(), new Date())
    return new BuiltPages(folder, (await readPages(folder))!)
  }
}

async function make(folder: string): Promise<void> {
  if (existsSync(folder)) return
  await forgetOld()
  const fresh = await mkdtemp(join(KEPT, 'pages-'))
  await buildPages(fresh)
  // Another test may have taken the lock for one that nobody has: its pages are the same.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }))
}

/** Builds while no other process does, or waits until it has: a build takes all of a core for seconds. */
async function oneAtATime(lock: string, work: () => Promise<void>): Promise<void> {
  try {
    await mkdir(lock)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const { mtimeMs = Date.now() } = await stat(lock).catch(() => ({ mtimeMs: undefined }))
    if (mtimeMs < Date.now() - LEFT_MS) await rm(lock, { recursive: true, force: true })
    await new Promise(resolve => setTimeout(resolve, 100))
    return
  }
  try {
    await work()
  } finally {
    await rm(lock, { recursive: true, force: true })
  }
}

/** A lock that is older was left by a process that ended. */
const LEFT_MS = 120_000

/** Deletes pages that no test of this hour has built. */
async function forgetOld(): Promise<void> {
  for (const name of await readdir(KEPT)) {
    const path = join(KEPT, name)
    const { mtimeMs = Date.now() } = await stat(path).catch(() => ({ mtimeMs: undefined }))
    if (name.startsWith('pages-') && mtimeMs < Date.now() - 3_600_000) await rm(path, { recursive: true, force: true })
  }
}

/** Of all that pages are made from: sources, samples, the build, and the versions of packages. */
async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256')
  for (const place of ['src', 'build', 'test/lies/statement', 'test/lies/receipt', 'package-lock.json']) {
    const names = place.includes('.') ? [''] : await readdir(join(ROOT, place), { recursive: true })
    for (const name of names.sort()) {
      const bytes = await readFile(join(ROOT, place, name)).catch(() => '')
      hash.update(`${place}/${name} ${bytes.length}\n`).update(bytes)
    }
  }
  return hash.digest('hex').slice(0, 32)
}

/** A browser, and what its pages complained of: errors of scripts, and what their policy kept them from. */
export class Visitor {
  readonly browser: Browser
  readonly complaints: string[] = []

  private constructor(browser: Browser) {
    this.browser = browser
  }

  static async start(): Promise<Visitor> {
    const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
    return new Visitor(await chromium.launch({ executablePath: CHROMIUM!, args }))
  }

  /** A page that was just opened, by somebody who was never here. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 900 },
      locale: 'en-GB',
      // What a worker of the page asks for, a test cannot answer in place of the server.
      serviceWorkers: 'block',
      ...options,
    })
    const page = await context.newPage()
    page.on('pageerror', error => this.complaints.push(error.message))
    page.on('console', message => {
      if (message.type() === 'error') this.complaints.push(message.text())
    })
    await page.goto(url)
    await page.waitForSelector('h1')
    return page
  }

  close(): Promise<void> {
    return this.browser.close()
  }
}

/** What axe finds wrong with a page: rule and place. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    return (await axe.run()).violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`),
    )
  })
}
