import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { weightOf } from '../../build/pages.ts'
import { OPENED_LINES } from '../../src/core/limits.ts'
import { ArchiveFolder } from '../../src/files/archive-folder.ts'
import { buildServer } from '../../src/http/index.ts'
import { ServedWorld } from '../http/server.ts'
import { FIRST_MEMBER, World } from '../world.ts'
import { BuiltPages, CHROMIUM, Visitor, violations } from './browser.ts'

const DAY_MS = 86_400_000
/** Days of which the totals are opened. */
const DAYS = 5

describe.skipIf(CHROMIUM === undefined)('the page of what anyone can see, in Chromium', () => {
  let built: BuiltPages
  let served: ServedWorld
  let visitor: Visitor
  let folder: string
  beforeAll(async () => {
    built = await BuiltPages.build()
    folder = await mkdtemp(join(tmpdir(), 'tally-opened-'))
    // Totals are opened from noon on; the last of these days is the one before today.
    const nowMs = (Math.floor(Date.now() / DAY_MS) - DAYS) * DAY_MS + DAY_MS / 2
    served = await ServedWorld.create({ nowMs, opened: await ArchiveFolder.open(folder, OPENED_LINES) }, built.pages)
    const { world } = served
    for (let i = 0; i < DAYS; i++) {
      await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 1000 + i)))
      await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 200)))
      await world.log.publisher.publish()
      world.nowMs += DAY_MS
    }
    world.nowMs = Date.now()
    await world.log.publisher.publish()
    visitor = await Visitor.start()
  })
  afterAll(async () => {
    await visitor?.close()
    await served?.destroy()
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  /** A path that has nothing yet is answered 404, which a browser notes; everything else is a complaint. */
  const complaints = () => visitor.complaints.filter(text => !/404 \(Not Found\)/.test(text))

  test('says how large the log is, who sees the same, and the figures of each day, which it checked', async () => {
    const page = await visitor.open(`${served.url}/`)
    await page.waitForSelector('.owed')
    const { size } = served.world.log
    expect(await page.locator('h1').innerText()).toBe(`${size} entries. No witness is asked.`)
    // Today's are opened from noon on, too.
    await page.getByText(new RegExp(`^(?:${DAYS}|${DAYS + 1}) days$`)).waitFor()
    expect(await page.locator('.owed b').innerText()).toMatch(/^\d,\d{3}$/)
    expect(await page.locator('.sums').innerText()).toContain('Redeemed')
    const text = await page.locator('main').innerText()
    for (const words of ['Not checked', 'That what was rewarded happened', 'It is your first visit', 'npx tally watch'])
      expect(text).toContain(words)
    expect(await page.getByRole('img', { name: /Coins in the hands of members/ }).count()).toBe(1)
    await page.locator('summary', { hasText: 'The same as a table' }).click()
    expect(await page.locator('.same tbody tr').count()).toBeGreaterThanOrEqual(DAYS)
    expect(await violations(page)).toEqual([])
    expect(complaints()).toEqual([])
    await page.reload()
    await page.getByText('It grew out of the one that this browser saw last').waitFor()
    await page.context().close()
  })

  test('a log that is another than this browser saw is told in red, at once', async () => {
    const page = await visitor.open(`${served.url}/`)
    await page.waitForSelector('.owed')
    const origin = served.world.origin
    const remembered = (seen: object) =>
      page.evaluate(
        ([name, value]) =>
          (globalThis as unknown as { localStorage: { setItem(n: string, v: string): void } }).localStorage.setItem(
            name!,
            value!,
          ),
        [`tallystick.seen.${origin}`, JSON.stringify(seen)],
      )
    await remembered({ size: 20, root: Buffer.alloc(32, 7).toString('base64') })
    await page.reload()
    await page.getByRole('alert').waitFor()
    expect(await page.locator('h1').innerText()).toMatch(/^The first 20 of these \d+ entries are not those/)
    expect(await page.getByRole('alert').innerText()).toContain('There is one history')
    expect(await violations(page)).toEqual([])
    await remembered({ size: 1_000_000, root: Buffer.alloc(32, 7).toString('base64') })
    await page.reload()
    await page.getByRole('alert').waitFor()
    expect(await page.locator('h1').innerText()).toContain('this browser has seen 1,000,000')
    await page.context().close()
  })

  test('in Chinese, dark and narrow, it is whole; without a network it says so', async () => {
    const options = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const }
    const page = await visitor.open(`${served.url}/?lang=zh&theme=dark`, options)
    await page.waitForSelector('.owed')
    expect(await page.locator('main').innerText()).toContain('没有核对的')
    const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
    expect(wide).toBeLessThanOrEqual(shown!)
    expect(await violations(page)).toEqual([])
    await page.context().setOffline(true)
    await page.getByRole('heading', { name: '账本没有答复。' }).waitFor({ timeout: 20_000 })
    await page.context().setOffline(false)
    await page.getByRole('button', { name: '再看一次' }).click()
    await page.waitForSelector('.owed')
    await page.context().close()
  })

  test('a server that lies about its seal or its figures is not believed', async () => {
    const page = await visitor.open(`${served.url}/verify`)
    await page.route('**/seal', async route => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, body: (await answer.text()).replace(/"seal":"(...)./, '"seal":"$1x') })
    })
    await page.goto(`${served.url}/`)
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toMatch(/seal/)
    await page.unroute('**/seal')
    await page.route('**/totals/0', async route => {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, body: (await answer.text()).replaceAll('"issued":"1', '"issued":"2') })
    })
    await page.goto(`${served.url}/`)
    await page.waitForSelector('.who')
    await page.waitForTimeout(500)
    expect(await page.locator('.owed').count(), 'no figure is shown that does not hold').toBe(0)
    await page.context().close()
  })

  test('a ledger in which nothing was issued says what to do next', async () => {
    const world = await World.create({ nowMs: Date.now() - 1000 })
    await world.log.publisher.publish()
    const server = await buildServer({ log: world.log, logger: undefined, version: 'test', pages: built.pages })
    try {
      const page = await visitor.open(await server.listen({ host: '127.0.0.1', port: 0 }))
      await page.getByRole('heading', { name: 'An uncut stick.' }).waitFor()
      expect(await page.locator('main').innerText()).toContain('npx tally account open')
      expect(await violations(page)).toEqual([])
      await page.context().close()
    } finally {
      await server.close()
      await world.destroy()
    }
  })

  test('before the first figures are opened it says when they come', async () => {
    const fresh = await ServedWorld.create({ nowMs: Date.now() - 1000 }, built.pages)
    try {
      const page = await visitor.open(`${fresh.url}/`)
      await page.getByText('The figures come each day').waitFor()
      await page.context().close()
    } finally {
      await fresh.destroy()
    }
  })

  test('a path that there is not is a page with ways to the others', async () => {
    const page = await visitor.open(`${served.url}/nowhere/at/all`)
    expect(await page.locator('h1').innerText()).toBe('There is no page here.')
    await page.getByRole('link', { name: 'Verify' }).first().click()
    await page.waitForSelector('.drop')
    await page.context().close()
  })

  test('it loads at most 100 kB', () => {
    const bytes = weightOf(built.folder, 'pages/index.html')
    console.log(`/: ${bytes} bytes to load`)
    expect(bytes).toBeLessThanOrEqual(100_000)
  })
})
