import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BalanceReport } from '../../../src/issuing/index.ts'
import { Chance } from '../../programmes/random.ts'
import { runs } from '../../runs.ts'
import { Served, tally } from '../run.ts'

const SEED = Number(process.env['TALLY_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
const ROWS = runs(3000, 1200)
/** Of them in the part that comes first. */
const PART = ROWS / 3
const BUDGET = '1'

interface Balance {
  readonly member: string
  readonly points: number
  readonly until: string
}

/** Balances as an old system writes them down: with semicolons, a byte order mark, and points with a comma. */
function fileOf(balances: readonly Balance[]): string {
  const rows = balances.map(({ member, points, until }, i) => {
    const note = i % 10 === 0 ? '"moved;\r\nsee ""old""' + '"' : ''
    return `"${member}";${note};${points},00;${until}`
  })
  return `\ufeff${['Kunde;Notiz;Punkte;bis', ...rows].join('\r\n')}\r\n`
}

describe(`balances of an old system, from its file to an audit (TALLY_SEED=${SEED})`, () => {
  const chance = new Chance(SEED)
  const year = new Date().getUTCFullYear() + 1
  const balances: readonly Balance[] = Array.from({ length: ROWS }, (_, i) => ({
    member: i % 10 === 0 ? `Kundin ${i}; Filiale 2` : `K-${i}`,
    points: chance.int(1, 5000),
    until: chance.of(['', `31.12.${year}`, `${year}-06-30`]),
  }))
  const sum = (of: readonly Balance[]) => of.reduce((total, { points }) => total + points, 0)
  let served: Served
  beforeAll(async () => {
    served = await Served.start()
    mkdirSync(join(served.directory, 'old'), { recursive: true })
    const made = JSON.parse((await tally(served.directory, 'keygen', '--out', 'old/key.json', '--json')).out)
    expect((await served.run('key', 'register', '--public', made.public, '--role', 'source')).status).toBe(0)
  })
  afterAll(() => served.destroy())

  const put = (name: string, of: readonly Balance[] | string | Uint8Array) => {
    const content = typeof of === 'string' || of instanceof Uint8Array ? of : fileOf(of as readonly Balance[])
    writeFileSync(join(served.directory, name), content)
    return name
  }
  const MAP = 'member=Kunde,points=Punkte,expires=bis'
  async function imported(
    file: string,
    ...more: readonly string[]
  ): Promise<BalanceReport & { status: number | null }> {
    const args = ['import', file, '--format', 'balances', '--source', 'old/key.json', '--map', MAP, '--json']
    const { status, out, err } = await served.run(...args, ...more)
    expect(out, err).not.toBe('')
    return { ...(JSON.parse(out) as BalanceReport), status }
  }
  test('a dry run says what would be, and leaves no trace', async () => {
    const few = balances.slice(0, 200)
    expect(await imported(put('few.csv', few), '--dry-run')).toMatchObject({
      ...{ status: 0, rows: 200, members: 200, newMembers: 200, faults: [], isComplete: true },
      brought: { rows: 200, points: sum(few) },
      before: { rows: 0 },
    })
    expect((await served.run('account', 'list', '--json')).out).not.toContain('"member"')
    expect(() => readFileSync(join(served.directory, 'data/keys/import-secret.json'))).toThrow()
  })

  test('rows that are none: nothing is sent, and each is named by its line; or they are left out', async () => {
    const rows = ['K-1;1.200;', 'K-2;-5;', 'K-3;7;12/31/2030', ';7;', 'K-4;0;"x', 'y"', 'K-5;5;', 'K-5;6;', 'K-6;5']
    const file = put('bad.csv', `Kunde;Punkte;bis\n${rows.join('\n')}\n`)
    const said = await imported(file)
    expect(said).toMatchObject({ status: 2, rows: 8, badRows: 6, empty: 1, sum: { rows: 1 }, brought: { rows: 0 } })
    expect(said.faults.map(({ line, code }) => [line, code])).toEqual([
      [2, 'balance-amount'],
      [3, 'balance-negative'],
      [4, 'balance-date'],
      [5, 'balance-member'],
      [9, 'balance-twice'],
      [10, 'csv-line'],
    ])
    const words = await served.run('import', file, '--format', 'balances', '--source', 'old/key.json', '--map', MAP)
    expect(words.out).toMatch(/nothing is imported[\s\S]*line 3: balance-negative: "-5" is below zero[\s\S]*--skip-bad/)
    const refused = async (...args: string[]) => {
      const { status, err } = await served.run('import', ...args)
      return [status, /^tally: ([a-z-]+):/.exec(err)?.[1]]
    }
    const of = ['--format', 'balances', '--source', 'old/key.json']
    expect(await refused(put('latin.csv', Buffer.from('Kunde;Punkte\nzoë;1\n', 'latin1')), ...of)).toEqual([
      2,
      'csv-encoding',
    ])
    expect(await refused(file, ...of)).toEqual([2, 'csv-header'])
    expect(await refused(file, '--format', 'balances')).toEqual([2, 'settings'])
    expect(await refused(file, '--format', 'taobao', '--dry-run')).toEqual([2, 'settings'])
  })

  test('a file in parts, in another order, and again: each balance comes once', async () => {
    const shuffled = balances
      .map(one => [chance.int(0, 2 ** 30), one] as const)
      .sort(([a], [b]) => a - b)
      .map(([, one]) => one)
    const part = shuffled.slice(0, PART)
    expect(await imported(put('part.csv', part))).toMatchObject({
      ...{ status: 0, newMembers: PART, brought: { rows: PART, points: sum(part) }, before: { rows: 0 }, faults: [] },
    })
    // The rest with the first half of it again, as UTF-16 from a spreadsheet.
    const rest = shuffled.slice(PART / 2)
    const utf16 = Buffer.from(fileOf(rest), 'utf16le')
    expect(await imported(put('rest.csv', utf16))).toMatchObject({
      ...{ status: 0, newMembers: 2 * PART, brought: { rows: 2 * PART, points: sum(shuffled.slice(PART)) } },
      before: { rows: PART / 2, points: sum(shuffled.slice(PART / 2, PART)) },
    })
    const again = await imported(put('all.csv', balances))
    expect(again).toMatchObject({
      ...{ status: 0, newMembers: 0, brought: { rows: 0 }, before: { rows: ROWS, points: sum(balances) }, faults: [] },
    })
    const changed = balances.slice(0, 3).map(one => ({ ...one, points: one.points + 1 }))
    const said = await imported(put('changed.csv', changed))
    expect(said).toMatchObject({ status: 1, brought: { rows: 0 }, before: { rows: 0 }, refused: { rows: 3 } })
    expect(said.faults.map(({ code }) => code)).toEqual(Array.from({ length: 3 }, () => 'balance-changed'))
  })

  test('the accounts add up to the file, their entries are marked, and the audit says the sum', async () => {
    const accounts: { number: number; kind: string; balance: number }[] = []
    for (let after = 0; ; after = accounts.at(-1)!.number) {
      const { out } = await served.run('account', 'list', '--after', `${after}`, '--limit', '1000', '--json')
      const page = JSON.parse(out)
      accounts.push(...page)
      if (page.length < 1000) break
    }
    const members = accounts.filter(({ kind }) => kind === 'member')
    expect(members).toHaveLength(ROWS)
    expect(members.reduce((total, { balance }) => total + balance, 0)).toBe(sum(balances))
    const last = balances.findLast(({ until }) => until === '')!
    const { account } = JSON.parse((await served.run('account', 'find', '--ref', last.member, '--json')).out)
    expect(JSON.parse((await served.run('account', 'show', `${account}`, '--json')).out)).toMatchObject({
      available: last.points,
    })
    const entries = JSON.parse((await served.run('account', 'entries', `${account}`, '--json')).out)
    expect(entries.map(({ kind }: { kind: string }) => kind)).toEqual(['open-account', 'opening-balance'])
    const report = JSON.parse((await tally(served.directory, 'audit', served.url, '--json')).out)
    expect(report).toMatchObject({ faults: [], totals: { coins: { opened: `${sum(balances)}`, issued: '0' } } })
  })

  test('members of a shop: by its file, with its keys and out of its budget, as its gateway knows them', async () => {
    expect((await served.run('setup', 'shop')).status).toBe(0)
    const shop = JSON.parse(readFileSync(join(served.directory, 'shop.json'), 'utf8'))
    const few = balances.slice(0, 3)
    const of = ['--ref-secret', 'shop.json']
    const brought = { rows: 3, points: sum(few) }
    expect(await imported(put('shop.csv', few), ...of)).toMatchObject({ status: 0, newMembers: 3, brought })
    expect(await imported('shop.csv', ...of)).toMatchObject({ status: 0, newMembers: 0, before: brought })
    const [unit] = shop.units
    const find = ['account', 'find', '--ref', few[1]!.member, '--unit', `${unit.record}`, ...of, '--json']
    const { account, sponsor } = JSON.parse((await served.run(...find)).out)
    expect(sponsor).toBe(unit.merchant)
    const shown = JSON.parse((await served.run('account', 'show', `${account}`, '--json')).out)
    expect(shown).toMatchObject({
      unit: 'stars',
      balance: few[1]!.points,
      custodian: shop.keys.custodian.record,
      owner: null,
    })
  })

  test('a budget that is dry, and then filled: the same file brings the rest', async () => {
    const budget = JSON.parse((await served.run('budget', 'list', '--json')).out)[0]
    const more = Array.from({ length: 4 }, (_, i) => ({ member: `N-${i}`, points: budget.left - 10, until: '' }))
    const dry = await imported(put('more.csv', more), '--dry-run')
    expect(dry).toMatchObject({ status: 1, left: budget.left, brought: { rows: 4 } })
    const said = await imported('more.csv')
    expect(said).toMatchObject({ status: 1, newMembers: 4, brought: { rows: 1 }, refused: { rows: 3 }, left: 10 })
    expect(said.faults.map(({ line, code }) => [line, code])).toEqual([4, 5, 6].map(line => [line, 'insufficient']))
    const points = String(3 * budget.left)
    expect((await served.run('budget', 'fund', '--from', '0', '--to', BUDGET, '--amount', points)).status).toBe(0)
    expect(await imported('more.csv')).toMatchObject({
      status: 0,
      brought: { rows: 3 },
      before: { rows: 1 },
      faults: [],
    })
    expect((await tally(served.directory, 'audit', served.url, '--json')).status).toBe(0)
  })
})
