import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { weightOf } from '../../build/pages.ts'
import { MOVEMENT_KINDS } from '../../src/gateway/movement.ts'
import { en } from '../../src/web/console/words-en.ts'
import { zh } from '../../src/web/console/words-zh.ts'
import { type ServedGateway, ServedShop } from '../gateway/shop.ts'
import { BuiltPages, CHROMIUM, Visitor, violations } from './browser.ts'

test('each kind of movement has its words in both languages', () => {
  expect(Object.keys(en.kinds).sort()).toEqual([...MOVEMENT_KINDS].sort())
  for (const kind of MOVEMENT_KINDS) expect(zh.kinds[kind]).toMatch(/\p{Script=Han}/u)
})

describe.skipIf(CHROMIUM === undefined)('the console, in Chromium', () => {
  let built: BuiltPages
  let shop: ServedShop
  let gateway: ServedGateway
  let visitor: Visitor
  /** An id that would do harm, were it not text. */
  const PASSWORD = 'a long password'
  const HOSTILE = '<img src=x onerror=alert(1)>'
  beforeAll(async () => {
    built = await BuiltPages.build()
    shop = await ServedShop.create({}, built.pages)
    gateway = await shop.gateway()
    await gateway.post('/v1/earn', { member: 'mei', points: 100, order: 'o-1', id: '1' })
    await gateway.post('/v1/orders/o-2/hold', { member: 'mei', points: 30 })
    await gateway.post('/v1/orders/o-3/hold', { member: 'mei', points: 640 })
    await gateway.post('/v1/earn', { member: HOSTILE, points: 1, order: HOSTILE, id: '2' })
    await shop.world.log.publisher.publish()
    await gateway.gateway.staff.add('anna', 'manager', { password: PASSWORD })
    visitor = await Visitor.start()
  })
  afterAll(async () => {
    await visitor?.close()
    await shop?.destroy()
  })

  /** Opens where signing in with a key stands below that of people. */
  const openKey = async (page: Page, name = en.withKey) => {
    await page.locator('summary', { hasText: name }).click()
  }
  const signIn = async (page: Page) => {
    await openKey(page)
    await page.getByLabel('Key').fill(gateway.key)
    await page.keyboard.press('Enter')
  }

  test('says why a member was refused, with the sum, and replays her statement here', async () => {
    const page = await visitor.open(`${shop.url}/console`)
    expect(await violations(page)).toEqual([])
    await signIn(page)
    await page.getByRole('link', { name: 'mei' }).first().waitFor()
    expect(await page.locator('table').innerText()).toContain(HOSTILE)
    expect(await violations(page)).toEqual([])
    await page.getByLabel(en.find).fill('mei')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'mei' }).waitFor()
    await page.locator('.person .mark.fits').waitFor()
    expect(await page.locator('.person').innerText()).toContain('replayed here, 3 entries')
    const told = await page.locator('.case').innerText()
    for (const words of ['insufficient', 'Held 640, order o-3: 70 could be spent.', 'Short by'])
      expect(told).toContain(words)
    expect(await page.locator('.sums .res').last().innerText()).toMatch(/570/)
    expect(await page.locator('.console-story > .row').count()).toBe(3)
    expect(await violations(page)).toEqual([])
    await page.reload()
    await page.getByRole('heading', { name: 'mei' }).waitFor()
    await page.getByRole('button', { name: en.leave }).click()
    await page.getByRole('heading', { name: en.signInPerson }).waitFor()
    expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])')).not.toContain(
      gateway.key,
    )
    await page.context().close()
  })

  test('a member whose id is a script is a text; one that is unknown, and a wrong key, are said so', async () => {
    const page = await visitor.open(`${shop.url}/console#member=${encodeURIComponent(HOSTILE)}`)
    await signIn(page)
    await page.locator('.console-story > .row').first().waitFor()
    expect(await page.locator('h1').innerText()).toBe(HOSTILE)
    expect(await page.locator('main img').count()).toBe(0)
    await page.evaluate("location.hash = 'member=nobody'")
    await page.getByText(en.troubles.unknown).waitFor()
    await page.getByRole('button', { name: en.leave }).click()
    await openKey(page)
    await page.getByLabel('Key').fill('tk_wrong')
    await page.keyboard.press('Enter')
    await page.getByText(en.troubles.key).waitFor()
    await page.context().close()
  })

  test('in Chinese, dark and narrow, it is whole', async () => {
    const options = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const }
    const page = await visitor.open(`${shop.url}/console?lang=zh#member=mei`, options)
    await openKey(page, zh.withKey)
    await page.getByLabel('密钥').fill(gateway.key)
    await page.keyboard.press('Enter')
    await page.locator('.case').waitFor()
    const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
    expect(wide).toBeLessThanOrEqual(shown!)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  test('a person signs in, corrects what a member has for a reason, once, and sees it in the log', async () => {
    const page = await visitor.open(`${shop.url}/console#member=mei`)
    await page.getByLabel(en.name, { exact: true }).fill('anna')
    await page.getByLabel(en.password).fill('not this one')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').waitFor()
    await page.getByLabel(en.password).fill(PASSWORD)
    await page.keyboard.press('Enter')
    await page.getByText('anna, manager').waitFor()
    await page.getByText(en.acts.open).click()
    await page.getByRole('combobox', { name: en.acts.kind }).selectOption('adjust')
    await page.getByRole('spinbutton').fill('-7')
    await page.getByLabel(en.acts.reason).fill(HOSTILE)
    await page.getByRole('button', { name: en.acts.look }).click()
    await page.getByText(`Take 7 stars from mei, for: ${HOSTILE}`).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: en.acts.confirm }).click()
    await page.getByText('Done: −7.').waitFor()
    await page.locator('.console-story > .row', { hasText: HOSTILE }).waitFor()
    expect(await page.locator('main img').count()).toBe(0)
    expect((await gateway.get('/v1/members/mei')).body.units.stars.balance).toBe(93)
    const status = async () => (await gateway.get('/v1/members/mei')).body.units.stars.status
    await page.getByRole('button', { name: en.freeze.freeze }).click()
    await page.getByText(en.freeze.stop('mei', 'stars')).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: en.acts.confirm }).click()
    await page.getByRole('button', { name: en.freeze.unfreeze }).click()
    expect(await status()).toBe('frozen')
    await page.getByRole('button', { name: en.acts.confirm }).click()
    await page.getByRole('button', { name: en.freeze.freeze }).waitFor()
    expect(await status()).toBe('open')
    await page.reload()
    await page.getByText('anna, manager').waitFor()
    await page.getByRole('button', { name: en.leave }).click()
    await page.getByRole('heading', { name: en.signInPerson }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: en.signInPerson }).waitFor()
    await page.context().close()
  })

  test('reports with a chart, health, complaints and a draft: none is against axe, nor wider than a phone', async () => {
    const page = await visitor.open(`${shop.url}/console`, { viewport: { width: 360, height: 740 } })
    await signIn(page)
    const isWhole = async () => {
      expect(await violations(page)).toEqual([])
      const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
      expect(wide).toBeLessThanOrEqual(shown!)
    }
    const open = (name: string) => page.getByRole('navigation', { name: en.views }).getByRole('link', { name }).click()
    await open(en.viewNames.reports)
    await page.getByRole('img', { name: en.reports.chart('issued', 'month') }).waitFor()
    expect(await page.locator('main table').innerText()).toMatch(/issued[\s\S]*101/)
    await isWhole()
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: en.reports.save }).click()
    expect((await saved).suggestedFilename()).toBe('movements.csv')
    await open(en.viewNames.health)
    await page.getByText(en.health.takes).waitFor()
    await isWhole()
    await open(en.viewNames.complaints)
    await page.getByText(en.complaints.none).waitFor()
    await isWhole()
    await open(en.viewNames.draft)
    await page.getByLabel(en.draft.document).fill('{"format": 1}')
    await page.getByText(en.draft.wrong).waitFor()
    await page.getByLabel(en.draft.from).selectOption('coins')
    await page.getByText(en.draft.right).waitFor()
    const event = { id: 'e', type: 'sign-in', time: Date.now() + 96 * 3_600_000, member: 'm', data: {} }
    await page.getByLabel(en.draft.events).fill(JSON.stringify(event))
    await page.getByRole('button', { name: en.draft.run }).click()
    expect(await page.getByRole('row', { name: /sign-in/ }).innerText()).toMatch(/sign-in\s+5/)
    await isWhole()
    await page.context().close()
  })

  test('a merchant sees its own figures, and is told what it may not see', async () => {
    const { merchant } = Object.values(shop.shop.units)[0]!
    const key = await gateway.gateway.apiKeys.add('shop-7', ['reports'], 100, [merchant])
    const page = await visitor.open(`${shop.url}/console#view=reports&name=shops`)
    await openKey(page)
    await page.getByLabel('Key').fill(key)
    await page.keyboard.press('Enter')
    await page.locator('main table, main .soft').first().waitFor()
    await page.evaluate("location.hash = 'view=reports&name=liability'")
    await page.getByRole('alert').waitFor()
    await page.context().close()
  })

  test('it loads at most 100 kB', () => {
    const bytes = weightOf(built.folder, 'pages/console.html')
    console.log(`/console: ${bytes} bytes to load`)
    expect(bytes).toBeLessThanOrEqual(100_000)
  })
})
