import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csvOf } from '../../../src/audit/report/table.ts'
import { parseNote, parseVerifierKey, verifyNote } from '../../../src/core/note/note.ts'
import { formatPolicy } from '../../../src/core/note/policy.ts'
import { writeKey } from '../../../src/files/key-files.ts'
import { tally } from '../../cli/run.ts'
import { ServedWorld } from '../../http/server.ts'
import { BUDGET, COINS, FIRST_MEMBER, FUNDED, keyNumber } from '../../world.ts'

const DAY = 86_400_000
const QUARTER = 900_000
/** 15 January 2025. */
const BEGIN = 1_736_928_000_000
const quarters = (date: string) => Date.parse(`${date}T00:00:00Z`) / QUARTER

/** Rows of a CSV file in which nothing is quoted, without the row of names. */
const rowsOf = (csv: string) =>
  csv
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map(row => row.split(','))

describe('tables for accountants', () => {
  let served: ServedWorld
  let folder: string
  const merchant = FIRST_MEMBER + 2
  const second = FIRST_MEMBER + 1

  const audit = (...more: readonly string[]) =>
    tally(folder, 'audit', served.url, '--policy', 'policy', '--key', 'auditor.json', ...more)
  const table = async (name: string) => rowsOf(await readFile(join(folder, 'books', `${name}.csv`), 'utf8'))

  beforeAll(async () => {
    // The served world issues 100 coins to the first member, and opens a second.
    served = await ServedWorld.create({ nowMs: BEGIN })
    const { world } = served
    const issue = (credit: number, amount: number, matures = 0, expires = 0) =>
      world.bytes({ kind: 'issue', debit: BUDGET, credit, amount, matures, expires } as never)
    const plain = { unit: COINS, owner: null, nonce: new Uint8Array(32) }
    await world.submit([world.treasurer], world.bytes({ kind: 'open-account', accountKind: 'merchant', ...plain }))
    await world.submit(
      [world.issuer],
      issue(FIRST_MEMBER, 40, 0, quarters('2025-03-01')),
      issue(FIRST_MEMBER, 60, quarters('2025-04-01'), quarters('2025-06-01')),
      issue(second, 800, 0, quarters('2025-03-20')),
      // Refused: more than there is.
      issue(second, 2 * FUNDED),
    )
    world.nowMs += 20 * DAY
    const pay = { kind: 'redeem', debit: FIRST_MEMBER, credit: merchant, amount: 30, details: null } as const
    await world.submit([world.owner(FIRST_MEMBER)], world.bytes(pay))
    await world.submit(
      [world.owner(FIRST_MEMBER)],
      world.bytes({ kind: 'hold', debit: FIRST_MEMBER, credit: merchant, amount: 20, until: world.nowMs + DAY }),
    )
    await world.submit([world.owner(FIRST_MEMBER)], world.bytes(world.redeem(FIRST_MEMBER, 10)))
    await world.log.publisher.publish()
    folder = await mkdtemp(join(tmpdir(), 'tally-books-'))
    await writeKey(join(folder, 'auditor.json'), { name: 'auditor', ...keyNumber(50) })
    await writeFile(join(folder, 'policy'), formatPolicy(world.policy))
    expect(await audit('--reports', 'books')).toMatchObject({ status: 0 })
  })
  afterAll(async () => {
    await served.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  test('opening balance, movements and closing balance follow from month to month', async () => {
    expect(await table('movements')).toEqual([
      ['coins', '2025-01', '0', '1000', '0', '0', '0', '0', '0', '0', '1000'],
      // What a merchant was paid is owed to the merchant until it is settled: 30 of the 40 are still held.
      ['coins', '2025-02', '1000', '0', '0', '40', '0', '0', '0', '30', '990'],
    ])
  })

  test('the points of members are told by the month of their end, and add up with what merchants are owed', async () => {
    const liability = await table('liability')
    expect(liability).toEqual([
      // The first to end is spent and held first: of 40 points 30 were paid and 10 are held, with 10 that never end.
      ['coins', '2025-03', 'held', '10'],
      ['coins', '2025-03', 'spendable', '800'],
      ['coins', '2025-06', 'maturing', '60'],
      ['coins', 'never', 'held', '10'],
      ['coins', 'never', 'spendable', '80'],
    ])
    expect(await table('merchants')).toEqual([['coins', String(merchant), '30']])
    expect(await table('shops')).toEqual([['coins', String(merchant), '2025-02', '30', '0', '0', '0']])
    // All that is left was given in January: it is the only month in which anything was.
    expect(await table('ages')).toEqual([['coins', '2025-01', '960']])
    expect(await table('breakage')).toEqual([
      ['coins', '2025-03', '840', '0', '810', '30', 'no', '', ''],
      ['coins', '2025-06', '60', '0', '60', '0', 'no', '', ''],
      ['coins', 'never', '100', '0', '90', '10', 'no', '', ''],
    ])
    expect(await table('backdated')).toEqual([])
    expect(await table('tiers')).toEqual([])
  })

  test('members, rules, outcomes, keys and duties are those of the ledger', async () => {
    expect(await table('members')).toEqual([
      ['coins', '2', '960', '800', '800', '0.8333', '0.8333', '0.3333', '0', '0'],
    ])
    const rules = (await table('rules')).map(row => [...row.slice(0, 3), ...row.slice(6)])
    expect(rules).toEqual([['coins', '2025-01', '0', '4', '1000']])
    expect((await table('no-rule')).map(row => [row[1], row[5], row[6]])).toEqual([['2025-01', '1000', '1.0000']])
    expect(await table('budgets')).toEqual([['coins', '2025-01', String(BUDGET), '4', '1000']])
    expect(await table('outcomes')).toContainEqual(['2025-01', 'insufficient', '1'])
    const keys = await table('keys')
    expect(keys.map(row => row[1])).toContain('auditor')
    expect(keys.filter(row => row[6] !== '')).toHaveLength(1)
    expect(await table('duties')).toEqual([])
  })

  test('two audits of one checkpoint write the same files', async () => {
    expect(await audit('--reports', 'again', '--html', 'page.html')).toMatchObject({ status: 0 })
    for (const name of await readdir(join(folder, 'books')))
      expect(await readFile(join(folder, 'again', name)), name).toEqual(await readFile(join(folder, 'books', name)))
    const { format, tables } = JSON.parse(await readFile(join(folder, 'books/reports.json'), 'utf8'))
    expect([format, tables.length]).toEqual(['tallystick/reports/v1', 15])
    expect(tables[0].rows[1]).toMatchObject({ month: '2025-02', opening: '1000', closing: '990' })
  })

  test('workpapers have a receipt of each transaction drawn, and a signed list of all files', async () => {
    const { status, out } = await audit('--workpapers', 'papers', '--sample', '5', '--json')
    expect(status).toBe(0)
    const { workpapers } = JSON.parse(out)
    const note = parseNote(await readFile(join(folder, 'papers/workpapers.note')))
    const key = parseVerifierKey(workpapers.key)
    expect(verifyNote(note, [key])).toEqual([{ key }])
    const lines = note.text.trimEnd().split('\n')
    expect(lines.slice(0, 2)).toEqual(['tallystick/workpapers/v1', served.world.origin])
    const listed = lines.slice(4).map(line => line.split('  ') as [string, string])
    expect([...listed.map(([, name]) => name), 'workpapers.note']).toEqual(workpapers.files)
    for (const [sum, name] of listed)
      expect(
        createHash('sha256')
          .update(await readFile(join(folder, 'papers', name)))
          .digest('hex'),
        name,
      ).toBe(sum)
    const drawn = rowsOf(await readFile(join(folder, 'papers/sample.csv'), 'utf8'))
    expect(drawn).toHaveLength(5)
    for (const [index, , kind, outcome, receipt] of drawn) {
      const verified = await tally(folder, 'verify', join('papers', receipt!), '--policy', 'policy', '--json')
      expect(verified.status, verified.err).toBe(0)
      expect(JSON.parse(verified.out)).toMatchObject({ holds: true, facts: { index: Number(index), kind } })
      expect(JSON.parse(verified.out).facts.outcome).toContain(outcome)
    }
  })

  test('a sample of more than there are is all of them', async () => {
    const { status, out } = await audit('--workpapers', 'all', '--sample', '1000')
    expect(status).toBe(0)
    expect(out).toMatch(/\nWorkpapers: \d+ files in all, signed by \S+\n$/)
    const kinds = rowsOf(await readFile(join(folder, 'all/sample.csv'), 'utf8')).map(row => row[2])
    expect(kinds.filter(kind => kind === 'redeem')).toHaveLength(2)
    expect(kinds).toContain('hold')
  })
})

test('a cell of CSV is quoted where it has to be, and none is a formula', () => {
  const rows = [
    ['=1+1', 'a,b', 'say "no"'],
    ['two\nlines', -5, 12n],
  ]
  expect(csvOf({ name: 'x', says: '', columns: ['a', 'b', 'c'], rows })).toBe(
    'a,b,c\r\n\'=1+1,"a,b","say ""no"""\r\n"two\nlines",-5,12\r\n',
  )
})
