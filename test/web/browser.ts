import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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

/** The pages, built into a folder of their own. */
export class BuiltPages {
  readonly folder: string
  readonly pages: Pages

  private constructor(folder: string, pages: Pages) {
    this.folder = folder
    this.pages = pages
  }

  static async build(): Promise<BuiltPages> {
    const folder = await mkdtemp(join(tmpdir(), 'tally-pages-'))
    await buildPages(folder)
    return new BuiltPages(folder, (await readPages(folder))!)
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true })
  }
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
