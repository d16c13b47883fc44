import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { weightOf } from '../../build/pages.ts'
import { makeEntry, TallyClient } from '../../src/client/index.ts'
import { fromHex, utf8Encode } from '../../src/core/bytes.ts'
import { parseProgramme } from '../../src/programmes/index.ts'
import { decodePage, encodePage } from '../../src/verify/page.ts'
import { decodeStatement, encodeStatement } from '../../src/verify/statement.ts'
import { zh as headsZh } from '../../src/web/wallet/head-words-zh.ts'
import { en } from '../../src/web/wallet/words-en.ts'
import { zh } from '../../src/web/wallet/words-zh.ts'
import { type ServedGateway, ServedShop } from '../gateway/shop.ts'
import { type Draft, small } from '../programmes/shop.ts'
import { EVERY_BUDGET } from '../world.ts'
import { BuiltPages, CHROMIUM, Visitor, violations } from './browser.ts'

const FIRST_LOAD_MAX = 100_000
const PHONE = { viewport: { width: 360, height: 740 } } as const

describe.skipIf(CHROMIUM === undefined)('the wallet page, in Chromium', () => {
  let built: BuiltPages
  let shop: ServedShop
  let gateway: ServedGateway
  let visitor: Visitor
  beforeAll(async () => {
    built = await BuiltPages.build()
    shop = await ServedShop.create({}, built.pages)
    await publish(small({ unit: 'stars', name: 'visits', rules: RULES }))
    gateway = await shop.gateway()
    await gateway.post('/v1/events', {
      id: 'walk',
      type: 'act',
      time: Date.now(),
      member: 'li',
      data: { item: 'i', count: 160 },
    })
    for (let i = 1; i <= 6; i++)
      await gateway.post('/v1/earn', { member: 'mei', points: 30 * i, order: `o${i}`, id: `${i}` })
    await gateway.post('/v1/orders/a/hold', { member: 'mei', points: 100, for: '10m' })
    await gateway.post('/v1/orders/b/hold', { member: 'mei', points: 40 })
    await gateway.post('/v1/orders/b/capture', {})
    await gateway.ask('PUT', '/v1/members/new', {})
    await shop.world.log.publisher.publish()
    visitor = await Visitor.start()
  })
  afterAll(async () => {
    await visitor?.close()
    await shop?.destroy()
  })

  /** A point for each step, and no more than 100 a day. */
  const RULES = [{ id: 'act', on: 'act', points: { per: 1, of: 'event.count', give: 1 }, cap: { 'member/day': 100 } }]

  async function publish(document: Draft): Promise<void> {
    const { text, digest, name, version } = parseProgramme(JSON.stringify(document))
    const root = { holder: { record: 0 }, seed: shop.world.keys.root.seed }
    const client = new TallyClient({ url: shop.url, policy: shop.world.policy, caller: root })
    await client.keepRuleText(utf8Encode(text))
    const entry = makeEntry('publish-rule', {
      name: `${name}-v${version}`,
      digest: fromHex(digest),
      budgets: EVERY_BUDGET,
    })
    await client.submit([entry], [root], { wait: 'sealed' })
  }

  const tokenFor = async (member: string) => (await gateway.post(`/v1/members/${member}/link`, {})).body.token as string
  const open = async (member: string, query = '', options: BrowserContextOptions = PHONE) =>
    visitor.open(`${shop.url}/wallet${query}#${await tokenFor(member)}`, options)
  /** A page that is opened before what it asks is answered otherwise. */
  const openBehind = async (path: string, answer: (bytes: Buffer) => { status?: number; body: Buffer | string }) => {
    const page = await visitor.open(`${shop.url}/wallet`, PHONE)
    await page.route(path, async route => {
      const response = await route.fetch()
      await route.fulfill({ response, ...answer(await response.body()) })
    })
    await page.evaluate(`location.hash = '${await tokenFor('mei')}'`)
    return page
  }
  const isNarrow = async (page: Page) => {
    const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
    expect(wide, 'nothing is wider than the phone').toBeLessThanOrEqual(shown!)
  }

  test('says why a reward is what it is, and not more; a shop that says otherwise is told', async () => {
    const page = await open('li')
    await page.waitForSelector('.spend')
    expect(await page.locator('h1').innerText()).toMatch(/^100\s+stars/)
    await page.getByText('Why 100?').click()
    await page.getByText('computed in this browser').waitFor()
    const why = await page.locator('.why-so').innerText()
    for (const words of [
      'Rule act of visits, version 1',
      'For walk',
      /The rule gives\s+160/,
      /at most 100\s+−60/,
      /So it is\s+100/,
    ])
      expect(why).toMatch(words)
    expect(await violations(page)).toEqual([])
    await page.route('**/v1/mine/details/*', async route => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('walk', 'talk') })
    })
    await page.reload()
    await page.getByText('Why 100?').click()
    await page.getByText('This is not what the entry commits to.').waitFor()
    await isNarrow(page)
    await page.context().close()
  })

  test(`a first visit loads at most ${FIRST_LOAD_MAX} bytes`, () => {
    const first = weightOf(built.folder, 'pages/wallet.html')
    console.log(`/wallet: ${first} bytes to load`)
    expect(first).toBeLessThanOrEqual(FIRST_LOAD_MAX)
  })

  test('shows what can be spent, verified here, and every step; the token goes into no address', async () => {
    const asked: string[] = []
    const page = await visitor.open(`${shop.url}/wallet`, PHONE)
    page.on('request', request => asked.push(request.url()))
    const token = await tokenFor('mei')
    await page.evaluate(`location.hash = '${token}'`)
    await page.waitForSelector('.spend')
    expect(await page.locator('h1').innerText()).toMatch(/^490\s+stars to spend$/)
    const line = page.locator('details.seam > summary')
    expect(await line.innerText()).toContain('Both halves fit. You need do nothing.')
    expect(await line.innerText()).toContain('All 10 entries checked in this browser')
    await line.focus()
    await page.keyboard.press('Enter')
    const inside = await page.locator('details.seam').innerText()
    for (const words of ['Ledger, account and opening are those of your card', 'Not checked', en.cardFromShop[0]!])
      expect(inside).toContain(words)
    expect(inside).toContain('the one that this ledger proposes for itself')
    expect(await page.locator('.rest').innerText()).toMatch(/Held[\s\S]*100 set aside, until[\s\S]*All together\s+590/)
    expect(await page.locator('.dates > li').count()).toBe(1)
    await page.locator('.tally > .row').first().waitFor()
    expect(await page.locator('.tally > .row').count()).toBe(10)
    expect(await page.locator('.tally .mark.fits').count()).toBe(10)
    expect(await page.locator('footer').innerText()).toContain('Where trust starts on this page')
    const saved = page.waitForEvent('download')
    await page.getByText('Save your statement').click()
    expect((await saved).suggestedFilename()).toBe('stars.statement')
    expect(asked.filter(url => url.includes('/v1/mine')).length).toBeGreaterThanOrEqual(3)
    expect(asked.filter(url => url.includes(token))).toEqual([])
    expect(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])'),
    ).not.toContain(token)
    expect(await violations(page)).toEqual([])
    await isNarrow(page)
    expect(visitor.complaints).toEqual([])
    await page.context().close()
  })

  test('a ledger that goes back is trouble at once: what it had signed before can be saved', async () => {
    const page = await visitor.open(`${shop.url}/wallet`, PHONE)
    let earlier: Buffer | undefined
    await page.route('**/v1/mine/statement*', async route => {
      const response = await route.fetch()
      earlier ??= await response.body()
      await route.fulfill({ response, ...(page.url().includes('back') ? { body: earlier } : {}) })
    })
    await page.evaluate(`location.hash = '${await tokenFor('new')}'`)
    await page.waitForSelector('.spend')
    await page.locator('details.seam > summary').click()
    await page.getByText('This is the first look of this device').waitFor()
    await gateway.post('/v1/earn', { member: 'li', points: 1, order: 'later', id: 'later' })
    await shop.world.log.publisher.publish()
    await page.getByRole('button', { name: en.again }).click()
    await page.getByText('The log only grew since you last looked').waitFor()
    await page.evaluate("history.replaceState(null, '', '?back' + location.hash)")
    await page.getByRole('button', { name: en.again }).click()
    await page.getByRole('heading', { name: 'The ledger shows you less than it had signed before.' }).waitFor()
    expect(await page.locator('.spend').count(), 'no balance is claimed').toBe(0)
    const saved = page.waitForEvent('download')
    await page.getByRole('link', { name: /^Save · / }).click()
    expect((await saved).suggestedFilename()).toMatch(/^evidence-\d+\.json$/)
    expect(await violations(page)).toEqual([])
    await isNarrow(page)
    await page.context().close()
  })

  test('a statement that was changed on the way is caught, and said above all else', async () => {
    const page = await openBehind('**/v1/mine/statement*', bytes => {
      const shown = decodePage(new Uint8Array(bytes))
      const statement = decodeStatement(shown.statement)
      const lines = statement.lines.toSpliced(3, 1)
      const places = statement.places.map(place => ({ ...place, line: place.line > 4 ? place.line - 1 : place.line }))
      const told = encodeStatement({ ...statement, lines, places })
      return { body: Buffer.from(encodePage({ ...shown, statement: told })) }
    })
    await page.waitForSelector('.broken h1')
    expect(await page.getByRole('alert').innerText()).toContain('It does not hold: ')
    expect(await page.locator('h1').count()).toBe(1)
    expect(await page.locator('.spend').count(), 'no balance is claimed').toBe(0)
    expect(await page.locator('.do > li').count()).toBe(3)
    expect(await page.locator('main').innerText()).toContain('Save your statement')
    expect(await violations(page)).toEqual([])
    await isNarrow(page)
    await page.context().close()
  })

  test('a card of another account is caught, too', async () => {
    const other = await tokenFor('new')
    const answer = await fetch(`${gateway.url}/v1/mine/card`, { headers: { authorization: `Bearer ${other}` } })
    const card = Buffer.from(await answer.arrayBuffer())
    const page = await openBehind('**/v1/mine/card*', () => ({ body: card }))
    await page.waitForSelector('.broken h1')
    expect(await page.locator('.spend').count()).toBe(0)
    await page.context().close()
  })

  test('without a card, or with another file for a statement, nothing more is said than is known', async () => {
    const page = await openBehind('**/v1/mine/card*', () => ({ status: 502, body: '{}' }))
    await page.waitForSelector('.spend')
    expect(await page.locator('details.seam').getAttribute('class')).toBe('seam half')
    expect(await page.locator('summary').first().innerText()).toContain(en.noCard)
    await page.context().close()
    const checkpoint = await (await fetch(`${shop.url}/checkpoint`)).text()
    const other = await openBehind('**/v1/mine/statement*', () => ({ body: checkpoint }))
    await other.getByText(en.trouble['refused']![0]).waitFor()
    expect(await other.locator('.spend').count()).toBe(0)
    await other.context().close()
  })

  test('hostile text of a server runs nowhere', async () => {
    const attack = '"><img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>'
    const hostile = [
      ['**/v1/mine', { status: 500, body: JSON.stringify({ code: attack, detail: attack }) }],
      ['**/v1/mine', { body: JSON.stringify({ units: { [attack]: {}, stars: {} } }) }],
      ['**/v1/mine/card*', { body: `{"format":"tallystick/card/v1","origin":"${attack}"}` }],
      ['**/policy', { body: `log ${attack}` }],
    ] as const
    for (const [path, answer] of hostile) {
      const page = await openBehind(path, () => answer)
      await page.waitForSelector('[role=alert] h1')
      expect(await page.locator('main img, main script').count()).toBe(0)
      expect(await page.title()).toBe('Wallet · Tallystick')
      await page.context().close()
    }
  })

  test('no link, a link that was taken back, no answer, and an empty account say what to do', async () => {
    const none = await visitor.open(`${shop.url}/wallet`, PHONE)
    expect(await none.locator('h1').innerText()).toBe('Open your wallet')
    expect(await none.locator('main').innerText()).toContain('A link of your shop works, too')
    expect(await violations(none)).toEqual([])
    await none.context().close()

    const page = await open('mei')
    await page.waitForSelector('.spend')
    await page.context().setOffline(true)
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByText('No answer now. Both halves fitted as of').waitFor()
    expect(await page.locator('h1').innerText()).toMatch(/^490/)
    await page.context().setOffline(false)
    await page.getByText('Both halves fit. You need do nothing.').waitFor()
    await gateway.ask('DELETE', '/v1/members/mei/link')
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByText(en.trouble['revoked']![0]).waitFor()
    expect(await page.locator('.spend').count()).toBe(0)
    await page.context().close()

    const first = await open('new')
    await first.waitForSelector('.spend')
    expect(await first.locator('main').innerText()).toContain('One notch so far: your opening.')
    expect(await first.getByRole('link', { name: 'All rules, in plain words' }).count()).toBe(1)
    expect(await violations(first)).toEqual([])
    await first.context().close()
  })

  test('in Chinese, dark, on a phone', async () => {
    const page = await open('mei', '?lang=zh&theme=dark', { ...PHONE, colorScheme: 'dark' })
    await page.waitForSelector('.spend')
    expect(await page.locator('h1').innerText()).toMatch(/^490\s+stars 可用$/)
    await page.locator('.tally > .row', { hasText: '获得' }).first().waitFor()
    await page.locator('details.seam > summary').click()
    expect(await page.locator('details.seam').innerText()).toContain('没有核对的')
    expect(await violations(page)).toEqual([])
    await isNarrow(page)
    await page.context().close()
    for (const words of [...Object.values(zh), ...Object.values(headsZh)].flat(3))
      if (typeof words === 'string') expect(words).toMatch(/\p{Script=Han}/u)
  })
})
