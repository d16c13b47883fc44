import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { weightOf } from '../../build/pages.ts'
import { fromHex, utf8Encode } from '../../src/core/bytes.ts'
import { RuleFolder } from '../../src/files/rule-folder.ts'
import { canonicalText, type JsonObject, TEMPLATES } from '../../src/programmes/index.ts'
import { ServedWorld } from '../http/server.ts'
import { EVERY_BUDGET } from '../world.ts'
import { BuiltPages, CHROMIUM, Visitor, violations } from './browser.ts'

/** The page with its list and its words, and what computes rewards, which comes behind it: compressed. */
const FIRST_LOAD_MAX = 100_000

const ATTACK = '<img src=x onerror="document.title=\'taken\'">'

/** Two versions of a programme: a view gives 2 instead of 1, and points last a year longer. */
function versions(): JsonObject[] {
  const first = TEMPLATES['coins']!
  const rules = (first['rules'] as JsonObject[]).map(rule => (rule['id'] === 'view' ? { ...rule, points: 2 } : rule))
  return [first, { ...first, version: 2, rules, expires: { end: 'quarter', plus: '2y' } }]
}

describe.skipIf(CHROMIUM === undefined)('the page of rules, in Chromium', () => {
  let built: BuiltPages
  let served: ServedWorld
  let visitor: Visitor
  beforeAll(async () => {
    built = await BuiltPages.build()
    served = await ServedWorld.create({ nowMs: Date.now() - 60_000 }, built.pages)
    visitor = await Visitor.start()
    const empty = await visitor.open(`${served.url}/rules`)
    await empty.getByRole('heading', { name: 'No rules yet.' }).waitFor()
    expect(await violations(empty)).toEqual([])
    await empty.context().close()
    const { world } = served
    const folder = new RuleFolder(join(world.directory, 'rules'))
    const texts = [...versions().map(one => canonicalText(one)), `A text of no programme. ${ATTACK}`]
    for (const [i, text] of texts.entries()) {
      const digest = fromHex(await folder.write(utf8Encode(text)), 32)
      const name = i < 2 ? `coins-${i + 1}` : 'letter'
      await world.submit([world.root], world.bytes({ kind: 'publish-rule', name, digest, budgets: EVERY_BUDGET }))
    }
    await world.log.publisher.publish()
  })
  afterAll(async () => {
    await visitor?.close()
    await served?.destroy()
  })

  test('says the latest version in plain words, what changed, and what was checked; hostile texts are texts', async () => {
    const page = await visitor.open(`${served.url}/rules`)
    await page.getByRole('heading', { name: 'Coins · Version 2' }).waitFor()
    const text = await page.locator('main').innerText()
    for (const words of ['for each view where seconds is at least 15', '/rules/view/points', 'Not checked', 'onerror'])
      expect(text).toContain(words)
    expect(await page.locator('main img').count()).toBe(0)
    expect(await page.title()).toBe('Rules · Tallystick')
    expect(await violations(page)).toEqual([])
    await page.getByRole('link', { name: 'Version 1' }).first().click()
    await page.getByRole('heading', { name: 'Coins · Version 1' }).waitFor()
    expect(new URL(page.url()).pathname).toBe('/rules/coins/1')
    expect(visitor.complaints).toEqual([])
    await page.context().close()
  })

  test('computes a reward by the evaluator that auditors use', async () => {
    const page = await visitor.open(`${served.url}/rules/coins/2`)
    await page.getByLabel('cents').fill('258900')
    await page.getByRole('button', { name: 'Compute' }).click()
    await page.locator('output b').waitFor()
    expect(await page.locator('output b').innerText()).toBe('500')
    expect(await page.locator('output').innerText()).toContain('takes 2,089')
    await page.getByLabel('For').selectOption('sign-in')
    await page.getByRole('button', { name: 'Compute' }).click()
    expect(await page.locator('output b').innerText()).toBe('5')
    await page.context().close()
  })

  test('in Chinese, on a phone, and of a rule that there is not', async () => {
    const page = await visitor.open(`${served.url}/rules/coins/1?lang=zh`, { viewport: { width: 360, height: 740 } })
    await page.getByRole('heading', { name: '淘金币 · 第 1 版' }).waitFor()
    const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
    expect(wide).toBeLessThanOrEqual(shown!)
    expect(await violations(page)).toEqual([])
    await page.goto(`${served.url}/rules/coins/9?lang=zh`)
    await page.getByRole('heading', { name: '这里没有这条规则。' }).waitFor()
    await page.context().close()
  })

  test('a text that is not the one in the log, and a rule that is left out, are told', async () => {
    const page = await visitor.open(`${served.url}/verify`)
    await page.route('**/v1/rules/*', async route => {
      const answer = await route.fetch()
      await route.fulfill({
        response: answer,
        body: (await answer.text()).replace('"most":500', '"most":900').replace('5', '6'),
      })
    })
    await page.goto(`${served.url}/rules`)
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('rule-text')
    await page.unroute('**/v1/rules/*')
    await page.route('**/v1/registry*', async route => {
      const answer = await route.fetch()
      const { records, ...rest } = (await answer.json()) as { records: object[] }
      await route.fulfill({ response: answer, json: { ...rest, records: records.slice(0, -1) } })
    })
    await page.goto(`${served.url}/rules`)
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').innerText()).toContain('record-proof')
    await page.context().close()
  })

  test(`a first visit loads at most ${FIRST_LOAD_MAX} bytes`, () => {
    const bytes = weightOf(built.folder, 'pages/rules.html')
    console.log(`/rules: ${bytes} bytes to load`)
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_MAX)
  })
})
