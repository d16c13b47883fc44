import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { weightOf } from '../../build/pages.ts'
import { decodeStatement } from '../../src/verify/index.ts'
import { bookOf } from '../../src/web/tamper/book.ts'
import { LIES, type Lie, SIGNED_AGAIN, serve } from '../../src/web/tamper/lies.ts'
import { lookAt, PARTIES, type Party } from '../../src/web/tamper/parties.ts'
import { zh } from '../../src/web/tamper/words-zh.ts'
import { hasHead } from '../../src/web/words/codes.ts'
import { ServedWorld } from '../http/server.ts'
import { BuiltPages, CHROMIUM, Visitor, violations } from './browser.ts'

type Caught = Partial<Record<Party, string>>

/** Who catches each lie, by which check; the others find that everything fits. */
const CAUGHT: Readonly<Record<Lie, Caught>> = {
  none: {},
  change: { phone: 'totals', auditor: 'batch-root', receipt: 'inclusion-proof' },
  drop: { phone: 'line-count', auditor: 'entry-order', receipt: 'inclusion-proof' },
  balance: { phone: 'totals', auditor: 'seal-state' },
  spend: { phone: 'evidence-signature', auditor: 'batch-refused' },
  back: {
    phone: 'consistency-proof',
    witness: 'consistency-proof',
    auditor: 'rolled-back',
    receipt: 'inclusion-proof',
  },
  fork: { phone: 'quorum', friend: 'forked' },
  issue: { auditor: 'batch-refused' },
  expire: { phone: 'line-rule', auditor: 'batch-statuses' },
  silent: {},
}
/** Signed again, a lie is another history, which everyone who remembers the first one sees. */
const ANOTHER: Caught = {
  phone: 'consistency-proof',
  witness: 'consistency-proof',
  auditor: 'forked',
  receipt: 'inclusion-proof',
}

const TELLINGS = LIES.flatMap(lie => [
  { lie, isAgain: false, caught: CAUGHT[lie] },
  ...(SIGNED_AGAIN.has(lie) ? [{ lie, isAgain: true, caught: ANOTHER }] : []),
])

describe('the lies of the tamper room', () => {
  test.each(TELLINGS)('$lie, signed again: $isAgain', async ({ lie, isAgain, caught }) => {
    const seen = await lookAt({ lie, entry: 5, coins: 40, isAgain })
    expect(seen.map(({ party }) => party)).toEqual(lie === 'silent' ? [] : PARTIES)
    const codes = seen.flatMap(({ party, code }) => (code === undefined ? [] : [[party, code]]))
    expect(Object.fromEntries(codes)).toEqual(caught)
    for (const code of Object.values(caught)) expect(hasHead(code) || code in zh.codes, code).toBe(true)
  })

  test.each([2, 3, 4, 7, 8])('an amount that is changed is caught in entry %i, too', async entry => {
    const seen = await lookAt({ lie: 'change', entry, coins: 999, isAgain: false })
    expect(seen.find(({ party }) => party === 'phone')!.code).toBe('totals')
    expect(seen.find(({ party }) => party === 'auditor')!.code).toBe('batch-root')
  })

  test('an amount that is as it was is no lie, and everyone finds that', async () => {
    const seen = await lookAt({ lie: 'change', entry: 5, coins: 140, isAgain: false })
    expect(seen.every(({ holds }) => holds)).toBe(true)
  })

  test.each(TELLINGS)('the book that is drawn has the lines that are served: $lie, $isAgain', ({ lie, isAgain }) => {
    const telling = { lie, entry: 5, coins: 40, isAgain }
    const { lines, account } = decodeStatement(serve(telling).statement)
    const rows = bookOf(telling).filter(({ mark, name }) => mark !== 'gone' && name !== 'issued')
    expect(rows).toHaveLength(lines.length)
    // An amount that was changed without a new signature leaves the balance as it was signed.
    if (lie !== 'change' && lie !== 'drop') expect(rows.at(-1)!.balance).toBe(account.credit)
  })
})

describe.skipIf(CHROMIUM === undefined)('the tamper room, in Chromium', () => {
  let built: BuiltPages
  let served: ServedWorld
  let visitor: Visitor
  beforeAll(async () => {
    built = await BuiltPages.build()
    served = await ServedWorld.create({}, built.pages)
    visitor = await Visitor.start()
  })
  afterAll(async () => {
    await visitor?.close()
    await served?.destroy()
  })

  test('a visitor cheats, by keyboard, and sees who notices', async () => {
    const page = await visitor.open(`${served.url}/tamper?lie=none`)
    await page.getByText('All five have looked.').waitFor()
    expect(await page.locator('.caught').innerText()).toBe('Both halves fit. Nobody has anything to say.')
    await page.getByRole('radio', { name: 'Nothing' }).focus()
    await page.keyboard.press('ArrowDown')
    await page.getByText('3 of 5 notice.').waitFor()
    expect(await page.locator('.parties').innerText()).toContain('totals')
    await page.getByLabel('How many coins').fill('7')
    await page.getByText('Entry 5 was 140, and is 7.').waitFor()
    await page.getByRole('checkbox', { name: 'sign everything again' }).check()
    await page.getByText('4 of 5 notice.').waitFor()
    expect(await page.locator('.parties').innerText()).toContain('forked')
    expect(await violations(page)).toEqual([])
    await page.context().close()
  })

  test('in Chinese, dark and narrow, it is whole; loaded once, it needs no server', async () => {
    const options = { viewport: { width: 360, height: 740 }, colorScheme: 'dark' as const }
    const page = await visitor.open(`${served.url}/tamper?lang=zh&lie=expire`, options)
    await page.getByText('五方中有 2 方发现了。').waitFor()
    const [wide, shown] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[]
    expect(wide).toBeLessThanOrEqual(shown!)
    expect(await violations(page)).toEqual([])
    await page.context().setOffline(true)
    await page.getByRole('radio', { name: '给小梅看另一份账本' }).check()
    await page.locator('.parties code', { hasText: 'quorum' }).waitFor()
    expect(visitor.complaints).toEqual([])
    await page.context().close()
  })

  test('it loads at most 100 kB', () => {
    const bytes = weightOf(built.folder, 'pages/tamper.html')
    console.log(`/tamper: ${bytes} bytes to load`)
    expect(bytes).toBeLessThanOrEqual(100_000)
  })
})
