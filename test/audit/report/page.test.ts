import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audit } from '../../../src/audit/audit.ts'
import { type DayFlows, Figures } from '../../../src/audit/figures.ts'
import { columnsOf, dayText } from '../../../src/audit/report/chart.ts'
import { auditPage, type PageParts } from '../../../src/audit/report/page.ts'
import { TallyClient } from '../../../src/client/index.ts'
import { utf8Encode } from '../../../src/core/bytes.ts'
import { formatPolicy, openCheckpoint } from '../../../src/core/note/policy.ts'
import { tally } from '../../cli/run.ts'
import { ServedWorld } from '../../http/server.ts'
import { BUDGET, COINS, EVERY_BUDGET, FIRST_MEMBER, FUNDED, keyNumber } from '../../world.ts'

/** The cells of a table of the page, row by row, tags taken away. */
function rowsOf(page: string, id: string): string[][] {
  const [, table] = new RegExp(`<table id="${id}">(.*?)</table>`, 's').exec(page)!
  return [...table!.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) =>
    [...row!.matchAll(/<t[dh][^>]*>(.*?)<\/t[dh]>/gs)].map(([, cell]) => cell!.replace(/<[^>]*>/g, '').trim()),
  )
}

/** What a day's titles in a chart say. */
function titlesOf(page: string, chart: string): string[] {
  const [, svg] = new RegExp(`aria-label="${chart}">(.*?)</svg>`, 's').exec(page)!
  return [...svg!.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title!)
}

describe('the page of an audit shows what was done', () => {
  const DAY = 86_400_000
  let served: ServedWorld
  let figures: Figures
  let page: string
  const made = (options: Partial<PageParts> = {}) => ({ hasEarlier: false, madeMs: 0, ...options })

  const auditedPage = async (client: TallyClient, options: Partial<PageParts> = {}, pairsMax?: number) => {
    figures = new Figures(pairsMax)
    const { policy } = served.world
    const report = await audit({ client, policy, figures, onProgress: () => {} })
    const checkpoint = openCheckpoint(utf8Encode(report.checkpoint), policy)
    return auditPage({ report, figures, checkpoint, url: 'http://ledger.example', ...made(options) })
  }

  beforeAll(async () => {
    served = await ServedWorld.create({ nowMs: 1_736_928_000_000 })
    const { world } = served
    // Two units, two issuers, two rules: records one after another.
    const second = keyNumber(9)
    const first = world.log.ledger.state.registry.records.length
    await world.submit(
      [world.root],
      world.bytes({ kind: 'define-unit', name: 'stars', cap: FUNDED }),
      world.bytes({ kind: 'publish-rule', name: 'welcome', digest: new Uint8Array(32), budgets: EVERY_BUDGET }),
      world.bytes({ kind: 'publish-rule', name: 'purchase', digest: new Uint8Array(32), budgets: EVERY_BUDGET }),
    )
    const [STARS, WELCOME, PURCHASE, SECOND] = [first, first + 1, first + 2, first + 3]
    const plain = { unit: STARS, owner: null, nonce: new Uint8Array(32) }
    await world.submit(
      [world.treasurer],
      world.bytes({ kind: 'open-account', accountKind: 'treasury', ...plain }),
      world.bytes({ kind: 'open-account', accountKind: 'budget', ...plain }),
      world.bytes({ kind: 'fund', debit: FIRST_MEMBER + 2, credit: FIRST_MEMBER + 3, amount: 5000 }),
    )
    const starBudget = FIRST_MEMBER + 3
    await world.submit([world.root], world.bytes(world.registerKey('issuer', second, [BUDGET, starBudget])))
    await world.submit(
      [world.registrar],
      world.bytes({ ...world.openMember(), unit: STARS, terms: world.leaf(STARS) } as never),
    )
    const starMember = FIRST_MEMBER + 4
    const other = { record: SECOND, key: second }
    const issue = (debit: number, credit: number, amount: number, rule: number) =>
      world.bytes({ kind: 'issue', debit, credit, amount, rule, details: null })
    // The first day, on which the served world issued 100 coins without naming a rule.
    await world.submit(
      [world.issuer],
      issue(BUDGET, FIRST_MEMBER, 1000, WELCOME),
      issue(BUDGET, FIRST_MEMBER, 20, PURCHASE),
      // Refused, for want of a rule, and for want of funds: they count for nothing.
      issue(BUDGET, FIRST_MEMBER, 7777, COINS),
      issue(BUDGET, FIRST_MEMBER, 2 * FUNDED, WELCOME),
    )
    // Both keys sign; the first that is entitled is the issuer, and only the second is for stars.
    await world.submit(
      [world.issuer, other],
      issue(BUDGET, FIRST_MEMBER, 3, WELCOME),
      issue(starBudget, starMember, 50, 0),
    )
    // The next day only spending, then a day of nothing, then the last.
    world.nowMs += DAY
    await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 400)))
    await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 100)))
    await world.log.publisher.publish()
    world.nowMs += 2 * DAY
    await world.submit([other], issue(BUDGET, FIRST_MEMBER, 5, PURCHASE), issue(BUDGET, FIRST_MEMBER, 6, PURCHASE))
    const back = { kind: 'redeem', debit: starMember, credit: FIRST_MEMBER + 2, amount: 8, details: null } as const
    await world.submit([world.owner(starMember)], world.bytes(back))
    await world.log.publisher.publish()
    page = await auditedPage(served.client(served.keys.auditor))
  })
  afterAll(() => served.destroy())

  test('a row for every day and unit on which anything was moved', () => {
    const head = ['day', 'issued', 'redeemed', 'expired', 'reversed', 'outstanding']
    expect(rowsOf(page, 'days-coins')).toEqual([
      head,
      ['2025-01-15', '1,123', '0', '0', '0', '1,123'],
      ['2025-01-16', '0', '500', '0', '0', '623'],
      ['2025-01-18', '11', '0', '0', '0', '634'],
    ])
    expect(rowsOf(page, 'days-stars')).toEqual([
      head,
      ['2025-01-15', '50', '0', '0', '0', '50'],
      ['2025-01-18', '0', '8', '0', '0', '42'],
    ])
    expect(rowsOf(page, 'totals').slice(1)).toEqual([
      ['coins', '1,134', '0', '500', '0', '0', '0', '634'],
      ['stars', '50', '0', '8', '0', '0', '0', '42'],
    ])
  })

  test('the charts have the same figures, and the day of nothing in its place', () => {
    const days = [
      '2025-01-15: issued 1,123, redeemed 0, expired 0, reversed 0; outstanding 1,123 coins',
      '2025-01-16: issued 0, redeemed 500, expired 0, reversed 0; outstanding 623 coins',
      '2025-01-17: issued 0, redeemed 0, expired 0, reversed 0; outstanding 623 coins',
      '2025-01-18: issued 11, redeemed 0, expired 0, reversed 0; outstanding 634 coins',
    ]
    expect(titlesOf(page, 'coins: issued, redeemed and expired')).toEqual(days)
    expect(titlesOf(page, 'coins: outstanding')).toEqual(days)
    const [, svg] = /aria-label="coins: issued[^"]*">(.*?)<\/svg>/s.exec(page)!
    const heights = (flow: string) =>
      [...svg!.matchAll(new RegExp(`class="${flow}"[^>]* height="([0-9.]+)"`, 'g'))].map(match => Number(match[1]))
    const [first, last] = heights('issued')
    expect(heights('redeemed')).toHaveLength(1)
    expect(first! / heights('redeemed')[0]!).toBeCloseTo(1123 / 500, 1)
    expect(first! / last!).toBeGreaterThan(50)
  })

  test('it says which issuer issued how much under which rule', () => {
    const rows = rowsOf(page, 'rules').slice(1)
    expect(rows.map(row => row.slice(0, 5).map(cell => cell.replace(/ [0-9a-f]{8}$/, '')))).toEqual([
      ['coins', 'record 4', 'welcome (record 8)', '2', '1,003'],
      ['coins', 'record 4', 'none named', '1', '100'],
      ['coins', 'record 4', 'purchase (record 9)', '1', '20'],
      ['coins', 'record 10', 'purchase (record 9)', '2', '11'],
      ['stars', 'record 10', 'none named', '1', '50'],
    ])
    expect(rows[0]![1]).toContain(Buffer.from(served.world.keys.issuer.publicKey).toString('hex').slice(0, 8))
  })

  test('more pairs of issuer and rule than are told apart are one row a unit, and add up', async () => {
    const client = served.client(served.keys.auditor)
    const cut = await auditedPage(client, {}, 2)
    expect(
      rowsOf(cut, 'rules')
        .slice(1)
        .map(row => [...row.slice(0, 1), ...row.slice(2, 5)]),
    ).toEqual([
      ['coins', 'welcome (record 8)', '2', '1,003'],
      ['coins', 'none named', '1', '100'],
      ['coins', 'all others', '3', '31'],
      ['stars', 'all others', '1', '50'],
    ])
  })

  test('says what was checked and what was not', () => {
    expect(page).toContain(`<h1>${served.world.origin}: everything holds</h1>`)
    expect(page).toMatch(/<ul id="checked">.*Each of the \d+ entries follows.*Every hash tile/s)
    expect(page).toMatch(/<ul id="unchecked">.*split views.*--state.*platform’s word/s)
  })

  test('needs nothing but itself, and what is not ours is escaped', async () => {
    const client = served.client(served.keys.auditor)
    const odd = await auditedPage(client, { url: 'http://x/"><script>alert(1)</script>&', hasEarlier: true })
    expect(odd).toContain('&#60;script&#62;')
    expect(odd).toContain('The log grew out of the checkpoint that was audited before')
    for (const text of [page, odd]) {
      expect(text).not.toMatch(/<script|<link|<img|<iframe|\ssrc=|\shref=|url\(|@import|\son[a-z]+=/i)
      expect(text).toContain("default-src 'none'")
      // Every element that is opened is closed, in order.
      const open: string[] = []
      for (const [tag, slash, name] of text.replace('<!doctype html>', '').matchAll(/<(\/?)([a-z0-9]+)[^>]*>/g)) {
        if (slash === '/') expect(open.pop(), tag).toBe(name)
        else if (!tag.endsWith('/>') && name !== 'meta') open.push(name!)
      }
      expect(open).toEqual([])
    }
  })

  test('with a fault it says so, and claims no more than was replayed', async () => {
    class Lying extends TallyClient {
      override async tile(address: Parameters<TallyClient['tile']>[0]): Promise<Uint8Array> {
        const bytes = (await super.tile(address)).slice()
        if (address.level === 'entries') bytes[bytes.length - 3]! ^= 1
        return bytes
      }
    }
    const faulty = await auditedPage(new Lying({ ...served.options, caller: served.keys.auditor }))
    expect(faulty).toMatch(/<h1>\S+: 1 fault<\/h1>/)
    expect(faulty).toMatch(/<section class="faults">.*<b>seal-[a-z]+<\/b>: entry \d+/s)
    expect(faulty).not.toContain('Each of the')
    expect(faulty).toContain('Up to the first fault only')
  })

  test('`tally audit --html` writes it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tally-page-'))
    try {
      const { seed, publicKey } = keyNumber(50)
      const { writeKey } = await import('../../../src/files/key-files.ts')
      await writeKey(join(folder, 'auditor.json'), { name: 'auditor', seed, publicKey })
      await writeFile(join(folder, 'policy'), formatPolicy(served.world.policy))
      const args = ['--policy', 'policy', '--key', 'auditor.json', '--html', 'out/audit.html']
      const { status, out } = await tally(folder, 'audit', served.url, ...args)
      expect([status, out]).toEqual([0, expect.stringContaining('everything holds')])
      const written = await readFile(join(folder, 'out/audit.html'), 'utf8')
      expect(rowsOf(written, 'days-coins')).toEqual(rowsOf(page, 'days-coins'))
      expect((await stat(join(folder, 'out/audit.html'))).size).toBeLessThan(50_000)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

test('a chart has at most 366 columns, and loses nothing for it', () => {
  const day = (n: number): DayFlows => ({ day: n, issued: 2, redeemed: 1, expired: 0, reversed: 0, owed: n + 1 })
  for (const span of [1, 2, 365, 366, 367, 1000, 100_000]) {
    const days = Array.from({ length: Math.min(span, 3000) }, (_, i) =>
      day(Math.floor((i * span) / Math.min(span, 3000))),
    )
    const columns = columnsOf(days, 0, span - 1)
    expect(columns.length).toBeLessThanOrEqual(366)
    expect(columns.reduce((sum, { issued }) => sum + issued, 0)).toBe(2 * days.length)
    expect([columns[0]!.day, columns.at(-1)!.last]).toEqual([0, span - 1])
    expect(columns.at(-1)!.owed).toBe(days.at(-1)!.owed)
  }
  expect(dayText(20_468)).toBe('2026-01-15')
})
