import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Page } from 'playwright-core'
import encodeQR from 'qr'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeEntry, type SigningKey, TallyClient } from '../../src/client/index.ts'
import { toBase64, toHex, utf8Decode, utf8Encode } from '../../src/core/bytes.ts'
import { formatAddCheckpoint } from '../../src/core/note/add-checkpoint.ts'
import { formatCheckpoint } from '../../src/core/note/checkpoint.ts'
import { COSIGNATURE_KEY, formatNote, signNote, verifierKey } from '../../src/core/note/note.ts'
import { formatPolicy } from '../../src/core/note/policy.ts'
import { openSigned } from '../../src/core/note/signed.ts'
import { convict } from '../../src/verify/evidence/convict.ts'
import { parseEvidence } from '../../src/verify/evidence/evidence-file.ts'
import { decodePromise, verifyPromise } from '../../src/verify/promise.ts'
import { verifyReceipt } from '../../src/verify/receipt.ts'
import { lockKey } from '../../src/web/wallet/own/locked-key.ts'
import { en } from '../../src/web/wallet/own/words-en.ts'
import { zh } from '../../src/web/wallet/own/words-zh.ts'
import { buildWitnessServer, Register, Witness } from '../../src/witness/index.ts'
import { type ServedGateway, ServedShop } from '../gateway/shop.ts'
import { keyNumber, REGISTRAR, type TestKey } from '../world.ts'
import { BuiltPages, CHROMIUM, Visitor, violations } from './browser.ts'

const PHONE = { viewport: { width: 390, height: 844 } } as const
const FIRST_LOAD_MAX = 100_000
const LONG = 10_000
const mei = keyNumber(70)
const li = keyNumber(71)
const recovering = keyNumber(72)
const long = keyNumber(73)
const witnessKey = keyNumber(74)
const NONCE = new Uint8Array(32).fill(7)

describe.skipIf(CHROMIUM === undefined)('the wallet with a key, in Chromium', () => {
  let built: BuiltPages
  let shop: ServedShop
  let gateway: ServedGateway
  let visitor: Visitor
  let folder: string
  let witness: FastifyInstance
  let registrar: SigningKey
  let issuer: SigningKey
  let client: TallyClient
  let unit: { record: number; treasury: number; terms: Uint8Array }
  const accounts = new Map<TestKey, number>()

  beforeAll(async () => {
    built = await BuiltPages.build()
    shop = await ServedShop.create({ giftEach: 50, giftDay: 100 }, built.pages)
    gateway = await shop.gateway()
    folder = await mkdtemp(join(tmpdir(), 'tally-own-'))
    client = new TallyClient({ url: shop.url, policy: shop.world.policy })
    registrar = { holder: { record: REGISTRAR }, seed: shop.world.keys.registrar.seed }
    issuer = shop.shop.keys.issuer
    const found = (await client.ledger()).units.find(({ name }) => name === 'stars')!
    unit = { record: found.record, treasury: found.treasury!, terms: found.terms }
    for (const key of [mei, li, long]) await openFor(key)
    await issue(mei, [300, 40])
    const register = await Register.open(join(folder, 'witness'))
    const { logKey } = shop.world.log
    const key = verifierKey('witness.example/w', COSIGNATURE_KEY, witnessKey.publicKey)
    witness = buildWitnessServer(
      new Witness({ key, seed: witnessKey.seed, logs: [logKey], register, nowMs: () => Date.now() }),
    )
    await witness.listen({ host: '127.0.0.1', port: 0 })
    visitor = await Visitor.start()
  })
  afterAll(async () => {
    await visitor?.close()
    await witness?.close()
    await shop?.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  async function openFor(key: TestKey): Promise<void> {
    const entry = makeEntry('open-account', {
      accountKind: 'member',
      unit: unit.record,
      terms: unit.terms,
      owner: key.publicKey,
      recovery: { keys: [recovering.publicKey], need: 1, delayMs: 86_400_000 },
      nonce: NONCE,
    })
    const { accounts: opened } = await client.submit([entry], [registrar], { wait: 'sealed' })
    accounts.set(key, opened[0]![1])
  }

  async function issue(key: TestKey, amounts: readonly number[]): Promise<void> {
    const debit = shop.shop.units[0]!.budget
    const credit = accounts.get(key)!
    const expires = Math.ceil((Date.now() + 60 * 86_400_000) / 900_000 / 96) * 96
    const entries = amounts.map(amount => makeEntry('issue', { debit, credit, amount, expires }))
    await client.submit(entries, [issuer], { wait: 'sealed' })
  }

  const keyFile = (
    key: TestKey,
    more: object = { account: accounts.get(key) },
    secret: object = { seed: toBase64(key.seed) },
  ) => ({
    name: 'owner.key.json',
    mimeType: 'application/json',
    buffer: Buffer.from(
      JSON.stringify(
        {
          format: 'tallystick/key/v1',
          name: 'owner',
          public: toHex(key.publicKey),
          nonce: toHex(NONCE),
          ledger: toHex(shop.world.ledgerId),
          ...more,
          ...secret,
        },
        undefined,
        2,
      ),
    ),
  })
  const picked = (name: string, bytes: Uint8Array) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(bytes),
  })
  const openPage = (query = '', options = {}) => visitor.open(`${shop.url}/wallet${query}`, { ...PHONE, ...options })
  const fileInput = (page: Page) => page.locator('input[type=file]').first()
  const openWith = async (page: Page, ...files: ReturnType<typeof picked>[]) => {
    await fileInput(page).setInputFiles(files)
    await page.waitForSelector('.spend')
  }
  const isNarrow = async (page: Page) => {
    const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
    expect(wide, 'nothing is wider than the phone').toBeLessThanOrEqual(shown!)
  }
  const savedBy = async (page: Page, press: () => Promise<void>) => {
    const download = page.waitForEvent('download')
    await press()
    return readFile(await (await download).path())
  }
  const spendable = async (page: Page) => Number((await page.locator('.spend b').innerText()).replace(/\D/g, ''))
  const actOf = (page: Page, name: string) =>
    page.locator('details.more[name=act]', { has: page.locator('summary', { hasText: name }) }).first()
  const sendOf = async (page: Page, name: string, fields: readonly [label: string, value: string][]) => {
    const act = actOf(page, name)
    if ((await act.getAttribute('open')) === null) await act.locator('summary').first().click()
    const another = act.getByRole('button', { name: en.again })
    if ((await another.count()) > 0) await another.first().click()
    for (const [label, value] of fields) await act.getByLabel(label, { exact: true }).first().fill(value)
    await act.getByRole('button', { name: en.read }).first().click()
    const shown = act.locator('.signs').first()
    await shown.waitFor()
    const said = await shown.innerText()
    await act.getByRole('button', { name: en.sign }).click()
    await act.locator('.became, .refused, .broken').first().waitFor({ timeout: 60_000 })
    return { said, became: await act.locator('.became, .refused, .broken').first().innerText() }
  }

  let page: Page
  test('a first visit says how a wallet is opened, loads little, and makes a key', async () => {
    page = await openPage()
    expect(await page.locator('h1').innerText()).toBe(en.start)
    expect(await violations(page)).toEqual([])
    const loaded = (await page.evaluate(
      'performance.getEntriesByType("resource").reduce((sum, one) => sum + one.encodedBodySize, 0)',
    )) as number
    console.log(`/wallet without a link: ${loaded} bytes loaded`)
    expect(loaded).toBeGreaterThan(20_000)
    expect(loaded).toBeLessThanOrEqual(FIRST_LOAD_MAX)
    await page.getByText(en.makeHead).click()
    await page.getByRole('button', { name: en.make, exact: true }).click()
    await page.locator('.keylines').waitFor()
    const bytes = await savedBy(page, () => page.getByRole('link', { name: en.save, exact: true }).click())
    const made = JSON.parse(utf8Decode(bytes)) as Record<string, string>
    expect(await page.locator('.keylines').innerText()).toContain(made['public'])
    expect(await page.locator('.keylines').innerText()).toContain(made['nonce'])
    expect(made['seed']).toHaveLength(44)
    await page.locator('svg.qr').waitFor()
    await isNarrow(page)
  })

  test('a key that is none, or of another ledger, is told from one that opens', async () => {
    await fileInput(page).setInputFiles([picked('x', utf8Encode('{"format":"tallystick/key/v1"}'))])
    await page.getByText(en.errors['key-file']!).waitFor()
    await fileInput(page).setInputFiles([keyFile(mei, { account: undefined })])
    await page.getByText(en.errors['card-missing']!).waitFor()
    await fileInput(page).setInputFiles([keyFile(mei, { account: accounts.get(mei), ledger: '00'.repeat(32) })])
    await page.getByText(en.errors['wrong-ledger']!).waitFor()
    await page.getByRole('button', { name: en.cancel }).click()
  })

  test('shows what is hers, verified; no request has the key in it', async () => {
    const secret = toBase64(mei.seed)
    const asked: string[] = []
    page.on('request', request =>
      asked.push(`${request.url()} ${request.postData() ?? ''} ${JSON.stringify(request.headers())}`),
    )
    await openWith(page, keyFile(mei))
    expect(await page.locator('h1').innerText()).toMatch(/^340\s+stars to spend$/)
    expect(await page.locator('details.seam > summary').innerText()).toContain('Both halves fit. You need do nothing.')
    await page.locator('.tally > .row').first().waitFor()
    expect(await page.locator('.tally .mark.fits').count()).toBe(3)
    await page.locator('.month-names').waitFor()
    await page.getByRole('heading', { name: en.acts }).waitFor()
    expect(await violations(page)).toEqual([])
    await isNarrow(page)
    expect(asked.length).toBeGreaterThan(3)
    expect(asked.filter(one => one.includes(secret) || one.includes(toHex(mei.seed)))).toEqual([])
    const kept = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])')
    expect(kept).not.toContain(secret)
  })

  test('spends, sets aside and gives: in words first; what the ledger signs is kept, and verifies elsewhere', async () => {
    const { policy } = shop.world
    const { said, became } = await sendOf(page, en.actNames.redeem, [
      [en.to, String(unit.treasury)],
      [en.amount, '30'],
    ])
    expect(said).toContain(`Spend 30 stars, paid to account ${unit.treasury}.`)
    expect(said).toContain(`From your account, ${accounts.get(mei)}.`)
    expect(became).toMatch(/^Done\. It is entry [\d,]+ of the log/)
    await expect.poll(() => spendable(page)).toBe(310)
    const save = (name: string) =>
      page.locator('.papers > li', { hasText: name }).first().getByRole('link', { name: en.save })
    const promise = await savedBy(page, () => save(`${en.paperNames.promise} · Spent`).click())
    verifyPromise(decodePromise(new Uint8Array(promise)), policy.logs[0]!.key.publicKey)
    const receipt = await savedBy(page, () => save(`${en.paperNames.receipt} · Spent`).click())
    expect(verifyReceipt(new Uint8Array(receipt), policy).status).toBe(0)

    const held = await sendOf(page, en.actNames.hold, [
      [en.to, String(unit.treasury)],
      [en.amount, '20'],
    ])
    expect(held.said).toContain('Set 20 stars aside')
    await expect.poll(() => spendable(page)).toBe(290)
    expect(await page.locator('.rest').innerText()).toMatch(/Held[\s\S]*20 set aside/)

    const given = await sendOf(page, en.actNames.transfer, [
      [en.to, String(accounts.get(li))],
      [en.amount, '10'],
    ])
    expect(given.said).toContain(`Give 10 stars to the member of account ${accounts.get(li)}`)
    await expect.poll(() => spendable(page)).toBe(280)
    expect(await violations(page)).toEqual([])
  })

  test('a refusal says why and what to do; handed in, it gets a signed answer that is checked', async () => {
    const { became } = await sendOf(page, en.actNames.redeem, [
      [en.to, String(unit.treasury)],
      [en.amount, '999999'],
    ])
    expect(became).toContain('The ledger refused it')
    expect(became).toContain(en.todo['insufficient'])
    expect(became).toContain('insufficient')
    expect(await spendable(page)).toBe(280)
    const paper = page.locator('.papers > li', { hasText: 'too little' }).filter({ hasText: en.paperNames.receipt })
    await paper.getByText(en.handIn, { exact: true }).click()
    await paper.getByLabel(en.handInWords).fill('I had enough')
    await paper.getByRole('button', { name: en.handInSend }).click()
    await paper.getByText(en.handedProven).waitFor()
    const { complaints } = (await gateway.get('/v1/complaints')).body as { complaints: { id: string; about: string }[] }
    expect(complaints.map(({ about }) => about)).toEqual(['I had enough'])
    await gateway.post(`/v1/complaints/${complaints[0]!.id}/answer`, { text: 'You had 280.', upheld: false })
    await paper.getByRole('button', { name: en.askAgain }).click()
    await paper.getByText('You had 280.').waitFor()
    expect(await paper.innerText()).toContain(en.handedProven)
    const note = await savedBy(page, () => paper.getByRole('link', { name: en.saveReply }).click())
    expect(utf8Decode(note)).toContain('tallystick/complaint-answer/v1')
  })

  test('a lost answer: the same is sent again, and counts once', async () => {
    await page.route('**/v1/batches*', async route => {
      await route.fetch()
      await route.abort()
    })
    const { became } = await sendOf(page, en.actNames.redeem, [
      [en.to, String(unit.treasury)],
      [en.amount, '5'],
    ])
    expect(became).toContain(en.lost)
    await page.unroute('**/v1/batches*')
    await actOf(page, en.actNames.redeem).getByRole('button', { name: en.sendAgain }).click()
    await actOf(page, en.actNames.redeem).locator('.became').waitFor()
    await expect.poll(() => spendable(page)).toBe(275)
  })

  test('a consent is given and withdrawn; a recovery that somebody began is stopped', async () => {
    const auditor = 'record' in issuer.holder ? issuer.holder.record : 0
    const consent = await sendOf(page, en.consents, [
      [en.consentTo, String(auditor)],
      [en.consentTerms, 'my orders, for a survey'],
    ])
    expect(consent.said).toContain(`Let the key of record ${auditor} (issuer) see details`)
    await page.locator('.consents > li').waitFor()
    const row = page.locator('.consents > li')
    await row.getByText(en.withdraw, { exact: true }).click()
    await row.getByRole('button', { name: en.read }).click()
    await row.getByRole('button', { name: en.sign }).click()
    await row.waitFor({ state: 'detached' })

    const account = accounts.get(mei)!
    const begun = makeEntry('recover', { account, key: li.publicKey })
    await client.submit([begun], [{ holder: { account, recovery: 0 }, seed: recovering.seed }], { wait: 'sealed' })
    await page.getByRole('button', { name: 'Look again' }).click()
    const alarm = page.getByRole('alert', { name: '' }).filter({ hasText: en.actNames.veto })
    await alarm.waitFor()
    expect(await alarm.innerText()).toContain(toHex(li.publicKey).slice(0, 8))
    await alarm.getByRole('button', { name: en.read }).click()
    await alarm.getByRole('button', { name: en.sign }).click()
    await alarm.waitFor({ state: 'detached' })
  })

  test('a friend’s code: the same ledger, or two of them, which the file proves to anyone', async () => {
    const { policy, log, keys, origin } = shop.world
    await page.getByText(en.showCode).click()
    await page.locator('.qr').waitFor()
    const picture = await page.locator('.qr').screenshot()
    await page.getByText(en.scan).click()
    const scan = page.locator('.scan input[type=file]')
    await scan.setInputFiles([{ name: 'code.png', mimeType: 'image/png', buffer: picture }])
    await page.getByText(en.friend.same).waitFor()
    const { size } = log.publisher.published!
    const text = formatCheckpoint({ origin, size: size - 1, root: new Uint8Array(32).fill(3) })
    const forged = formatNote({ text, signatures: [signNote(text, log.logKey, keys.log.seed)] })
    openSigned(forged, policy)
    const gif = encodeQR(utf8Decode(forged), 'gif', { ecc: 'low', scale: 4 })
    await scan.setInputFiles([{ name: 'code.gif', mimeType: 'image/gif', buffer: Buffer.from(gif) }])
    await page.getByText(en.friend.apart).waitFor()
    // Nothing above it says that all is well, and nothing is spent on such a ledger.
    await page.getByRole('heading', { name: en.apart }).waitFor()
    expect(await page.locator('.spend').count()).toBe(0)
    const file = await savedBy(page, () => page.getByRole('link', { name: en.saveEvidence }).click())
    expect(convict(parseEvidence(new Uint8Array(file)), policy).code).toBe('forked')
    expect(await violations(page)).toEqual([])
    await scan.setInputFiles([
      { name: 'code.png', mimeType: 'image/png', buffer: await page.locator('.brand').screenshot() },
    ])
    await page.getByText('There is no code to be read').waitFor()
    await page.context().close()
  })

  test('a locked key of the command line; kept here, it opens without a network; witnesses of her own policy', async () => {
    const { policy } = shop.world
    const key = verifierKey('witness.example/w', COSIGNATURE_KEY, witnessKey.publicKey)
    const { port } = witness.server.address() as { port: number }
    const url = `http://127.0.0.1:${port}`
    const hers = { ...policy, witnesses: [{ name: 'library', key, url }] }
    const locked = await lockKey(li.seed, li.publicKey, 'eight words are better', 10)
    const phone = await openPage('', { serviceWorkers: 'allow' })
    await fileInput(phone).setInputFiles([
      keyFile(li, { account: accounts.get(li) }, { locked }),
      picked('policy', utf8Encode(formatPolicy(hers))),
    ])
    await phone.getByLabel(en.passphrase).fill('another one')
    await phone.getByRole('button', { name: en.open, exact: true }).click()
    await phone.getByText(en.errors['key-locked']!).waitFor()
    await phone.getByLabel(en.passphrase).fill('eight words are better')
    await phone.getByRole('button', { name: en.open, exact: true }).click()
    await phone.waitForSelector('.spend')
    expect(await phone.locator('footer').innerText()).toContain('the policy is the one that you brought')

    const shown = await (await fetch(`${shop.url}/checkpoint`)).arrayBuffer()
    const body = formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: new Uint8Array(shown) })
    expect(
      (await fetch(`${url}/add-checkpoint`, { method: 'POST', body: body as Uint8Array<ArrayBuffer> })).status,
    ).toBe(200)
    await phone.getByRole('button', { name: en.witnesses }).click()
    await phone.locator('.witnesses > li').waitFor()
    expect(await phone.locator('.witnesses').innerText()).toMatch(/library\s+has seen/)
    expect(await phone.locator('.witnesses .mark.fits').count()).toBe(1)

    await phone.getByText(en.keepKey, { exact: true }).click()
    await phone.getByLabel(en.passphrase).fill('long enough')
    await phone.getByRole('button', { name: en.keep, exact: true }).click()
    await phone.getByText(en.keyKept).waitFor({ timeout: 60_000 })
    await phone.evaluate('navigator.serviceWorker.ready.then(() => new Promise(done => setTimeout(done, 500)))')
    await phone.context().setOffline(true)
    await phone.reload()
    await phone.getByRole('button', { name: en.lookKept }).click()
    await phone.waitForSelector('.spend')
    expect(await phone.locator('.told-away').innerText()).toMatch(/not open.*Verified .*ago/s)
    expect(await phone.locator('.seam').first().getAttribute('class')).toBe('seam away')
    await phone.context().setOffline(false)
    await phone.getByRole('button', { name: en.close }).click()
    await phone.getByLabel(en.passphrase).fill('long enough')
    await phone.getByRole('button', { name: en.open, exact: true }).click()
    await phone.getByRole('heading', { name: en.acts }).waitFor({ timeout: 60_000 })
    await phone.getByText(en.forget, { exact: true }).click()
    await phone.getByRole('button', { name: en.forgetSure }).click()
    await phone.getByRole('heading', { name: en.start }).waitFor()
    expect(await phone.getByRole('button', { name: en.lookKept }).count()).toBe(0)
    await phone.context().close()
  })

  test('a lost key: recovery is begun with the recovery key and the card; the owner is told of it', async () => {
    const phone = await openPage()
    await openWith(phone, keyFile(li))
    const card = await savedBy(phone, () => phone.getByRole('link', { name: 'Save your card' }).click())
    await phone.getByRole('button', { name: en.close }).click()
    await phone.getByText(en.recoverHead).click()
    const [cards, next] = [phone.getByLabel(en.recoverFiles), phone.getByLabel(en.recoverNew)]
    await cards.setInputFiles([picked('card', card), keyFile(recovering, { account: undefined, nonce: undefined })])
    await next.setInputFiles([keyFile(mei, { account: undefined })])
    await phone.getByRole('button', { name: en.recoverBegin }).click()
    await phone.getByText(en.recoverBegun).waitFor()
    expect(await violations(phone)).toEqual([])
    await phone.reload()
    await openWith(phone, keyFile(li))
    const alarm = phone.getByRole('alert').filter({ hasText: en.actNames.veto })
    await alarm.waitFor()
    expect(await alarm.innerText()).toContain(toHex(mei.publicKey).slice(0, 8))
    await phone.context().close()
  })

  test('a browser can install it', async () => {
    const phone = await openPage('', { serviceWorkers: 'allow' })
    await phone.evaluate('navigator.serviceWorker.ready.then(() => 1)')
    const session = await phone.context().newCDPSession(phone)
    const { data, errors } = (await session.send('Page.getAppManifest')) as { data?: string; errors: object[] }
    expect(errors).toEqual([])
    expect(JSON.parse(data!)).toMatchObject({ start_url: '/wallet', display: 'standalone' })
    const { installabilityErrors } = (await session.send('Page.getInstallabilityErrors')) as {
      installabilityErrors: { errorId: string }[]
    }
    // A window that leaves no trace installs nothing, whatever the page.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter(id => id !== 'in-incognito')).toEqual([])
    await phone.context().close()
  })

  test('a ledger that goes back is trouble at once, and what shows it can be saved', async () => {
    const phone = await openPage()
    let earlier: Buffer | undefined
    await phone.route('**/statement?*', async route => {
      const response = await route.fetch()
      earlier ??= await response.body()
      await route.fulfill({ response, body: earlier })
    })
    await openWith(phone, keyFile(li))
    const first = await spendable(phone)
    await phone.unroute('**/statement?*')
    await issue(li, [7])
    await phone.getByRole('button', { name: 'Look again' }).click()
    await expect.poll(() => spendable(phone)).toBe(first + 7)
    await phone.locator('details.seam > summary').click()
    await phone.getByText('The log only grew since you last looked').waitFor()
    await phone.route('**/statement?*', async route => {
      const response = await route.fetch()
      await route.fulfill({ response, body: earlier! })
    })
    await phone.getByRole('button', { name: 'Look again' }).click()
    await phone.getByRole('heading', { name: 'The ledger shows you less than it had signed before.' }).waitFor()
    expect(await phone.locator('.spend').count(), 'no balance is claimed').toBe(0)
    const file = await savedBy(phone, () => phone.getByRole('link', { name: /^Save · / }).click())
    expect(parseEvidence(new Uint8Array(file)).evidence.earlier).toContain(shop.world.origin)
    expect(await violations(phone)).toEqual([])
    await phone.context().close()
  })

  test(`${LONG} entries: verified beside the page, with progress; only rows that are seen are in the document`, async () => {
    for (let left = LONG; left > 0; left -= 5000) await issue(long, new Array(5000).fill(1))
    const phone = await openPage()
    await phone.evaluate(`
      globalThis.seen = new Set()
      globalThis.blocked = []
      new MutationObserver(() => {
        const bar = document.querySelector('progress')
        if (bar !== null) seen.add(bar.value)
      }).observe(document.body, { subtree: true, childList: true, attributes: true })
      new PerformanceObserver(list => blocked.push(...list.getEntries().map(one => one.duration))).observe({ type: 'longtask' })
    `)
    await fileInput(phone).setInputFiles([keyFile(long)])
    await phone.waitForSelector('.spend', { timeout: 120_000 })
    const [progress, blocked] = (await phone.evaluate('[[...seen], blocked]')) as [number[], number[]]
    console.log(`${LONG} entries: progress at ${progress.join(', ')}; long tasks of ${blocked.map(Math.round)} ms`)
    expect(progress.filter(one => one > 0).length).toBeGreaterThanOrEqual(3)
    expect(blocked.length, 'tasks that block the page').toBeLessThan(20)
    await phone.locator('.tally > .row').first().waitFor()
    const rows = () => phone.locator('.tally > .row').count()
    expect(await rows()).toBeLessThan(80)
    const last = phone.locator('.tally > .row', { hasText: 'Opening' })
    expect(await last.count(), 'the first entry is far below').toBe(0)
    await phone.evaluate(
      'scrollTo(0, document.querySelector(".tally").getBoundingClientRect().bottom + scrollY - innerHeight)',
    )
    await last.waitFor()
    expect(await rows()).toBeLessThan(80)
    expect(await phone.locator('.tally > .row').first().getAttribute('aria-setsize')).toBe(String(LONG + 2))
    await phone.context().close()
  })

  test('in Chinese, dark, by keyboard alone', async () => {
    const phone = await openPage('?lang=zh&theme=dark', { colorScheme: 'dark' })
    await openWith(phone, keyFile(mei))
    await phone.getByRole('heading', { name: zh.acts }).waitFor()
    const act = actOf(phone, zh.actNames.redeem)
    await act.locator('summary').focus()
    await phone.keyboard.press('Enter')
    await phone.keyboard.press('Tab')
    await phone.keyboard.type(String(unit.treasury))
    await phone.keyboard.press('Tab')
    await phone.keyboard.type('2')
    await phone.keyboard.press('Enter')
    await act.locator('.signs').waitFor()
    expect(await act.locator('.signs').innerText()).toContain(`花费 2 stars，付给账户 ${unit.treasury}。`)
    await phone.keyboard.press('Tab')
    await act.getByRole('button', { name: zh.sign }).press('Enter')
    await act.locator('.became').waitFor()
    expect(await violations(phone)).toEqual([])
    await isNarrow(phone)
    await phone.context().close()
    const words = Object.values(zh).flatMap((one): unknown[] => (typeof one === 'object' ? Object.values(one) : [one]))
    for (const one of words.flat(3)) if (typeof one === 'string') expect(one).toMatch(/\p{Script=Han}/u)
  })
})
