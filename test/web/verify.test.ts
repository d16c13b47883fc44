import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import encodeQR from 'qr'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildOneFile, weightOf } from '../../build/pages.ts'
import { fromBase64, utf8Encode } from '../../src/core/bytes.ts'
import { decodeTransaction, type OpenAccount } from '../../src/core/entry/transaction.ts'
import { formatCard } from '../../src/verify/card.ts'
import { decodeStatement } from '../../src/verify/statement.ts'
import { headOf } from '../../src/web/words/codes.ts'
import { ServedWorld } from '../http/server.ts'
import type { Lie, Shown } from '../lies/lie.ts'
import { fileOf, filesThere } from '../lies/make/make.ts'
import { runs } from '../runs.ts'
import { BUDGET, FIRST_MEMBER } from '../world.ts'
import { BuiltPages, CHROMIUM, Visitor, violations } from './browser.ts'

/** What a first visit may load, and what the one file may weigh: compressed. */
const FIRST_LOAD_MAX = 100_000
const ALONE_MAX = 113_100
/** A time after that of the corpus, whose clock stands still. */
const AFTER_CORPUS = 1_800_000_000_000 + 30 * 86_400_000

const file = (name: string, bytes: Uint8Array | string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(bytes),
})

const input = 'input[type=file]'
const headline = (page: Page) => page.locator('h1').innerText()

/** Waits for a verdict other than the one before, and returns its sentence. */
async function verdictOf(page: Page): Promise<string> {
  await page.waitForSelector('.fileline + .verdict h1, .fileline + .broken h1')
  return headline(page)
}

describe('the weight of the verify page', () => {
  let built: BuiltPages
  beforeAll(async () => {
    built = await BuiltPages.build()
  })

  test(`a first visit loads at most ${FIRST_LOAD_MAX} bytes, and the one file has ${ALONE_MAX}`, async () => {
    const first = weightOf(built.folder, 'pages/verify.html')
    const alone = gzipSync(await readFile(join(built.folder, 'verify.html')), { level: 9 }).length
    console.log(`/verify: ${first} bytes to load; the one file: ${alone} bytes compressed`)
    expect(first).toBeLessThanOrEqual(FIRST_LOAD_MAX)
    expect(alone).toBeLessThanOrEqual(ALONE_MAX)
    expect(first, 'it is counted whole').toBeGreaterThan(50_000)
  })

  test('the one file is the same in each build, and names nothing from elsewhere', async () => {
    const one = await readFile(join(built.folder, 'verify.html'), 'utf8')
    expect(await buildOneFile()).toBe(one)
    const outside = [...one.matchAll(/https?:\/\/[\w.-]+/g)].map(([url]) => url)
    expect([...new Set(outside)].filter(url => !/^https?:\/\/(?:www\.)?w3\.org$/.test(url))).toEqual([])
  })
})

describe.skipIf(CHROMIUM === undefined)('the verify page, in Chromium', () => {
  let built: BuiltPages
  let served: ServedWorld
  let visitor: Visitor
  let statement: Uint8Array
  let card: Uint8Array
  beforeAll(async () => {
    built = await BuiltPages.build()
    // As late as it is, for a page has the clock of its device.
    served = await ServedWorld.create({ nowMs: Date.now() - 60_000 }, built.pages)
    visitor = await Visitor.start()
    const { world } = served
    statement = (await world.log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: false })) as Uint8Array
    const { account, lines } = decodeStatement(statement)
    const { nonce } = decodeTransaction(lines[0]!) as OpenAccount
    const { origin, ledgerId } = world
    const owners = [world.keys.member.publicKey]
    card = formatCard({ origin, ledgerId, account: account.number, opening: account.opening, nonce, owners })
  })
  afterAll(async () => {
    await visitor?.close()
    await served?.destroy()
  })

  const open = (query = '', options = {}) => visitor.open(`${served.url}/verify${query}`, options)

  test('a first visit says what to do, and by whose policy; nothing is complained of', async () => {
    const page = await open()
    expect(await headline(page)).toBe('Drop a file. See whether it holds.')
    await page.getByText('the one that this ledger proposes for itself').waitFor()
    expect(await page.title()).toBe('Verify · Tallystick')
    expect(await page.locator('footer').innerText()).toContain('Where trust starts on this page')
    expect(await violations(page)).toEqual([])
    expect(visitor.complaints).toEqual([])
    await page.context().close()
  })

  test('a code of a checkpoint is read from a picture, and holds', async () => {
    const page = await open()
    await page.getByText('the one that this ledger proposes').waitFor()
    await page.getByText('Scan a code').click()
    const note = await (await fetch(`${served.url}/checkpoint`)).text()
    const picture = Buffer.from(encodeQR(note, 'gif', { ecc: 'low', scale: 4 }))
    await page.locator('.scan input').setInputFiles([{ name: 'code.gif', mimeType: 'image/gif', buffer: picture }])
    expect(await verdictOf(page)).toMatch(/^It holds: the log has [\d,]+ entries\.$/)
    await page.context().close()
  })

  test('a budget of this ledger holds: what is left in it, and what its entries came to', async () => {
    const { world } = served
    const budget = (await world.log.prover.statement(BUDGET, { since: 0, allSignatures: false })) as Uint8Array
    const page = await open()
    await page.getByText('the one that this ledger proposes').waitFor()
    await page
      .locator(input)
      .first()
      .setInputFiles([file('1.statement', budget)])
    expect(await verdictOf(page)).toBe(`It holds: 999,900 coins are left in budget ${BUDGET}.`)
    const rows = await page.locator('table tbody tr').allInnerTexts()
    expect(rows.map(row => row.split(/\s+/).join(' ').trim())).toContain('Budget funded 1 +1,000,000')
    await page.context().close()
  })

  test('a statement of this ledger holds, with its card; every step, every line and what is open stand there', async () => {
    const page = await open()
    await page.getByText('the one that this ledger proposes').waitFor()
    await page
      .locator(input)
      .first()
      .setInputFiles([file('2.card.json', card), file('2.statement', statement)])
    expect(await verdictOf(page)).toBe(`It holds: account ${FIRST_MEMBER} has 100 coins.`)
    const text = await page.locator('main').innerText()
    for (const words of ['both halves fit', 'Not checked', 'That there is nothing newer', 'those of your card'])
      expect(text).toContain(words)
    expect(text).not.toContain('Drop your card with it.')
    expect(await page.locator('.tally > .row').count()).toBe(2)
    expect(await page.getByRole('img', { name: /The path up through/ }).count()).toBe(1)
    expect(await page.locator('[role=status] h1').count(), 'it is announced').toBe(1)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  test('every kind of lie that a page can meet is found, with its sentence', async () => {
    const lies = new Map<string, Lie>()
    for (const path of await filesThere()) {
      const lie = JSON.parse(await readFile(fileOf(path), 'utf8')) as Lie
      const { kept, seen, freshness, nowMs } = lie.trust
      if ([kept, seen, freshness, nowMs, (lie.shown as { growth?: unknown }).growth].some(one => one !== undefined))
        continue
      if (!['statement', 'receipt', 'promise', 'refusal', 'totals', 'evidence'].includes(lie.verifier)) continue
      if (lie.expect !== 'holds') lies.set(`${lie.verifier} ${lie.expect}`, lie)
    }
    expect(lies.size).toBeGreaterThan(60)
    const page = await open('', { locale: 'en-GB' })
    await page.clock.setFixedTime(AFTER_CORPUS)
    const odd: string[] = []
    // A card that was shown stays: those without one come first.
    // All in a night, else one of three: `check-file.test.ts` checks each file without a browser.
    const [step, first] = [runs(1, 3), randomInt(3)]
    const some = [...lies].filter((_, i) => (i + first) % step === 0)
    const inTurn = some.sort(([, a], [, b]) => Number('card' in a.trust) - Number('card' in b.trust))
    for (const [name, { trust, shown, expect: code, verifier }] of inTurn) {
      const { bytes, text } = shown as unknown as Shown
      await page
        .locator(input)
        .first()
        .setInputFiles([
          file('policy', trust['policy'] as string),
          ...(trust['card'] === undefined ? [] : [file('card', trust['card'] as string)]),
          file(`${name}.file`, bytes === undefined ? utf8Encode(text!) : fromBase64(bytes)),
        ])
      await page.locator('.fileline', { hasText: `${name}.file` }).waitFor()
      await page.waitForSelector('.broken h1')
      const said = await headline(page)
      // Which byte is tripped over first may differ where it is no file of that kind at all.
      const isNamed = said.endsWith(headOf(code, 'en')) || /cannot be read|no file that it reads/.test(said)
      const isReplay = verifier === 'evidence' && said.endsWith(headOf('needs-replay', 'en'))
      if (!isNamed && !isReplay) odd.push(`${name}: ${said}`)
      await page.getByRole('button', { name: 'Another file' }).click()
    }
    expect(odd).toEqual([])
    await page.context().close()
  })

  test('a lie is announced, in red, with the promise that it breaks and what to do; in Chinese, dark, on a phone', async () => {
    const page = await open('?lang=zh&theme=dark', { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
    await page.getByRole('button', { name: '不成立的' }).click()
    expect(await verdictOf(page)).toBe('不成立：记录的条数与签署的不同。')
    const alert = page.getByRole('alert')
    expect(await alert.innerText()).toContain('对账单包含你账户的每一条记录，从开户起，次序不变。')
    expect(await page.locator('.do > li').count()).toBe(3)
    expect(await page.locator('main').innerText()).toContain('没有核对的')
    expect(await page.evaluate('[document.documentElement.lang, document.documentElement.dataset.theme]')).toEqual([
      'zh-Hans',
      'dark',
    ])
    const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
    expect(wide, 'nothing is wider than the phone').toBeLessThanOrEqual(shown!)
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  test('language and theme are switched, and remembered', async () => {
    const page = await open()
    await page.getByRole('button', { name: '中文' }).click()
    await page.getByRole('heading', { name: '把文件放进来，看它是否成立。' }).waitFor()
    await page.getByRole('button', { name: '深色' }).click()
    await page.reload()
    await page.waitForSelector('h1')
    expect(await headline(page)).toBe('把文件放进来，看它是否成立。')
    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  test('a keyboard is enough', async () => {
    const page = await open()
    const reach = async (name: string) => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press('Tab')
        const at = await page.evaluate<string>('document.activeElement.textContent')
        if (at.includes(name)) return
      }
      throw new Error(`no way to ${name} with Tab`)
    }
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Skip to content')
    await reach('shows a refusal')
    await page.keyboard.press('Enter')
    expect(await verdictOf(page)).toBe('The receipt holds: the ledger refused this, and signed why.')
    await reach('Another file')
    await page.keyboard.press('Enter')
    await reach('Paste a text')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('not a file')
    await reach('Check it')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.broken h1')
    await page.context().close()
  })

  test('once loaded, it needs no network', async () => {
    const page = await open()
    await page.getByText('the one that this ledger proposes').waitFor()
    await page.waitForLoadState('networkidle')
    await page.context().setOffline(true)
    await page
      .locator(input)
      .first()
      .setInputFiles([file('2.statement', statement)])
    expect(await verdictOf(page)).toBe(`It holds: account ${FIRST_MEMBER} has 100 coins.`)
    await page.context().close()
  })

  test('it opens again without a network, and says even then what does not hold', async () => {
    const page = await open('', { serviceWorkers: 'allow' })
    await page.clock.setFixedTime(AFTER_CORPUS)
    const parts = ['broken-', 'failed-view-', 'verify-worker-']
    await page.waitForFunction(`(async () => {
      const keys = await Promise.all((await caches.keys()).map(async name => (await caches.open(name)).keys()))
      const kept = keys.flat().map(({ url }) => new URL(url).pathname)
      return kept.includes('/verify') && ${JSON.stringify(parts)}.every(name => kept.some(one => one.includes(name)))
    })()`)
    await page.context().setOffline(true)
    await page.reload()
    const lie = JSON.parse(await readFile(fileOf('statement/line-left-out'), 'utf8')) as Lie
    const [bytes, policy] = [Buffer.from(lie.shown['bytes'] as string, 'base64'), lie.trust['policy'] as string]
    await page
      .locator(input)
      .first()
      .setInputFiles([file('a.policy', policy), file('a.statement', bytes)])
    expect(await verdictOf(page)).toContain('It does not hold: ')
    await page.locator('blockquote').waitFor()
    await page.context().close()
  })

  test('hostile text runs nowhere', async () => {
    const page = await open()
    await page.clock.setFixedTime(AFTER_CORPUS)
    const attack = '"><img src=x onerror="document.title=\'taken\'"><script>document.title="taken"</script>'
    const honest = JSON.parse(await readFile(fileOf('evidence/honest-forked'), 'utf8')) as Lie
    const evidence = JSON.parse(honest.shown['text'] as string) as Record<string, unknown>
    const hostile = JSON.stringify({ ...evidence, url: attack, message: attack })
    const shown = [file(`${attack}.policy`, `# ${attack}\n${honest.trust['policy'] as string}`), file(attack, hostile)]
    await page.locator(input).first().setInputFiles(shown)
    const said = await verdictOf(page)
    expect(said).toBe('It holds: the operator of this log broke its word.')
    await page.locator('summary').first().click()
    expect(await page.locator('main').innerText()).toContain('onerror')
    for (const text of [
      attack,
      `{"format":"tallystick/evidence/v1","code":"${attack}"}`,
      `log ${attack}`,
      `[${attack}`,
    ]) {
      await page
        .locator(input)
        .first()
        .setInputFiles([file(attack, text)])
      await page.waitForTimeout(30)
    }
    expect(await page.title()).toBe('Verify · Tallystick')
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(visitor.complaints).toEqual([])
    await page.context().close()
  })

  test('the one file works from a disk, without a network, and loads nothing', async () => {
    const asked: string[] = []
    const context = await visitor.browser.newContext({ offline: true, viewport: { width: 1280, height: 900 } })
    const page = await context.newPage()
    page.on('request', request => asked.push(request.url()))
    page.on('pageerror', error => visitor.complaints.push(error.message))
    page.on('console', message => message.type() === 'error' && visitor.complaints.push(message.text()))
    await page.goto(pathToFileURL(join(built.folder, 'verify.html')).href)
    await page.getByRole('button', { name: 'holds', exact: true }).click()
    expect(await verdictOf(page)).toBe('It holds: account 7 has 240 coins.')
    expect(asked.filter(url => !/^(?:file|blob):/.test(url))).toEqual([])
    expect(await violations(page)).toEqual([])
    expect(visitor.complaints).toEqual([])
    await context.close()
  })
})
