import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Figures } from '../../src/audit/figures.ts'
import { auditLog } from '../../src/audit/index.ts'
import { reportsJson, reportsOf } from '../../src/audit/report/reports.ts'
import { csvOf } from '../../src/audit/report/table.ts'
import { TallyClient } from '../../src/client/index.ts'
import { parseNote, parseVerifierKey, verifyNote } from '../../src/core/note/note.ts'
import { tally } from '../cli/run.ts'
import { type Answer, type ServedGateway, ServedShop } from './shop.ts'

const codeOf = ({ status, body }: Answer) => [status, body.code]
const monthOf = (ms: number) => new Date(ms).toISOString().slice(0, 7)

describe('reports of a gateway', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-reports-'))
    shop = await ServedShop.create()
    // The tenth of the next month, so that no month ends while this runs.
    const today = new Date()
    shop.aheadMs = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + 1, 10) - today.getTime()
    gateway = await shop.gateway()
    for (const [member, points] of [
      ['mei', 120],
      ['anna', 70],
      ['li', 10],
    ] as const)
      await gateway.post('/v1/earn', { member, points, order: `o-${member}` })
    await gateway.post('/v1/orders/o-9/hold', { member: 'mei', points: 50 })
    await gateway.post('/v1/orders/o-9/capture', { points: 40 })
    await gateway.post('/v1/orders/o-9/refund', { points: 15, id: 'r-1' })
    await gateway.post('/v1/members/anna/adjust', { points: -5, reason: 'a mistake' })
    expect(codeOf(await gateway.post('/v1/members/li/adjust', { points: -500, reason: 'too much' }))).toEqual([
      422,
      'insufficient',
    ])
    await shop.world.log.publisher.publish()
  })
  afterAll(async () => {
    await shop.destroy()
    await rm(folder, { recursive: true, force: true })
  })

  const report = async (name: string, query = '') => (await gateway.get(`/v1/reports/${name}${query}`)).body
  const now = () => monthOf(Date.now() + shop.aheadMs)

  /** An audit by somebody else, of the checkpoint that is published. */
  const audited = async () => {
    const { policy, auditor } = shop.shop
    const client = new TallyClient({ url: shop.url, policy, caller: auditor!, nowMs: () => Date.now() + shop.aheadMs })
    const figures = new Figures()
    return reportsOf(await auditLog({ client, policy, figures, onProgress() {} }), figures)
  }

  test('are those that an auditor computes of the same checkpoint, to the point', async () => {
    // Seals come by themselves: both are asked until they are of one checkpoint.
    for (;;) {
      const theirs = await audited()
      const listed = await gateway.get('/v1/reports')
      expect(listed.status, JSON.stringify(listed.body)).toBe(200)
      if (listed.body.checkpoint !== theirs.checkpoint) continue
      const { tables } = reportsJson(theirs) as { tables: { name: string; rows: object[] }[] }
      expect(listed.body.reports.map(({ name }: { name: string }) => name)).toEqual([
        ...tables.map(({ name }) => name),
        'late',
      ])
      let isSame = true
      for (const [i, { name, rows }] of tables.entries()) {
        const shown = await report(name)
        isSame &&= shown.checkpoint === theirs.checkpoint
        if (!isSame) break
        expect(shown.rows, name).toEqual(rows)
        expect(shown.faults).toEqual([])
        const csv = await gateway.get(`/v1/reports/${name}?format=csv`)
        isSame &&= csv.headers.get('tally-tree-size') === String(theirs.treeSize)
        if (isSame) expect(csv.body).toBe(csvOf(theirs.tables[i]!))
      }
      if (isSame) return
    }
  })

  test('are what a naive sum of the calls makes', async () => {
    const { rows } = await report('movements', `?period=${now()}`)
    const [stars] = rows.filter(({ unit }: { unit: string }) => unit === 'stars')
    expect(stars).toMatchObject({ opening: '0', issued: '200', redeemed: '30', expired: '0', closing: '170' })
    const { rows: liability } = await report('liability')
    const held = liability.filter(({ unit }: { unit: string }) => unit === 'stars')
    expect(held.reduce((sum: bigint, { points }: { points: string }) => sum + BigInt(points), 0n)).toBe(170n)
    const { rows: members } = await report('members')
    expect(members.find(({ unit }: { unit: string }) => unit === 'stars')).toMatchObject({ members: 3, points: '170' })
    const { rows: outcomes } = await report('outcomes')
    expect(outcomes).toContainEqual({ month: now(), outcome: 'insufficient', transactions: 1 })
    const { rows: noRule } = await report('no-rule')
    expect(noRule.find(({ unit }: { unit: string }) => unit === 'stars')).toMatchObject({
      points: '200',
      share: '1.0000',
    })
    expect((await report('movements', '?period=2001-01')).rows).toEqual([])
  })

  test('are refused to keys without the scope, and by other names or periods', async () => {
    const till = await gateway.gateway.apiKeys.add('till', ['read', 'earn'], 100)
    const as = (path: string, key: string) => gateway.ask('GET', path, undefined, { authorization: `Bearer ${key}` })
    expect(codeOf(await as('/v1/reports/movements', till))).toEqual([403, 'key-scope'])
    expect(codeOf(await gateway.get('/v1/reports/everything'))).toEqual([404, 'report-unknown'])
    expect(codeOf(await gateway.get('/v1/reports/movements?period=2026-13'))).toEqual([400, 'request-invalid'])
    expect(codeOf(await gateway.get('/v1/reports/movements?month=2026-12'))).toEqual([400, 'request-invalid'])
  })

  test('show a merchant its own rows, and nothing of anybody else', async () => {
    const { merchant } = shop.shop.units[0]!
    const key = await gateway.gateway.apiKeys.add('merchant', ['reports'], 100, [merchant + 1000])
    const own = await gateway.gateway.apiKeys.add('own', ['reports'], 100, [merchant])
    const as = (path: string, which: string) =>
      gateway.ask('GET', path, undefined, { authorization: `Bearer ${which}` })
    const all = (await report('merchants')).rows
    expect(all.length).toBeGreaterThan(0)
    expect((await as('/v1/reports/merchants', key)).body.rows).toEqual([])
    expect((await as('/v1/reports/merchants', own)).body.rows).toEqual(
      all.filter(({ account }: { account: number }) => account === merchant),
    )
    for (const name of ['movements', 'members', 'keys', 'rules', 'outcomes', 'late', 'liability'])
      expect(codeOf(await as(`/v1/reports/${name}`, own)), name).toEqual([403, 'key-merchant'])
    expect(codeOf(await as('/v1/periods', own))).toEqual([403, 'key-merchant'])
    await expect(gateway.gateway.apiKeys.add('more', ['reports', 'read'], 100, [merchant])).rejects.toMatchObject({
      code: 'settings',
    })
  })

  test('orders are compared with what they earned', async () => {
    await gateway.post('/v1/earn', { member: 'mei', points: 30, order: 'o-twice', id: 'first' })
    await gateway.post('/v1/earn', { member: 'mei', points: 30, order: 'o-twice', id: 'second' })
    const day = new Date(Date.now() + shop.aheadMs).toISOString().slice(0, 10)
    const csv = [
      'Order_ID;total;created',
      `o-mei;120.00;${day}`,
      `"o-anna";60,50;${day}`,
      `o-twice;30.00;${day}`,
      `o-lost;9.99;${day}`,
      '',
    ].join('\r\n')
    const post = async (query: string, body = csv) => {
      const response = await fetch(`${gateway.url}/v1/reconciliations${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.key}`, 'content-type': 'text/csv' },
        body,
      })
      return { status: response.status, body: await response.json() } as Answer
    }
    const { status, body } = await post('?amounts=decimal&points=1&per=100')
    expect([status, body]).toMatchObject([200, { orders: 4, matched: 1 }])
    expect(body.counts).toEqual({ twice: 1, never: 1, 'too-much': 1, 'too-little': 0, unknown: 1 })
    const found = new Map<string, object>(body.mismatches.map((one: { order: string }) => [one.order, one]))
    expect(found.get('o-twice')).toMatchObject({ what: 'twice', points: 60, expected: 30, cents: 3000 })
    expect(found.get('o-lost')).toMatchObject({ what: 'never', points: 0, entries: [] })
    expect(found.get('o-anna')).toMatchObject({ what: 'too-much', points: 70, expected: 60 })
    expect(found.get('o-li')).toMatchObject({ what: 'unknown', points: 10 })
    expect(codeOf(await post('', csv))).toEqual([400, 'request-invalid'])
    for (const bad of [
      '',
      'order;amount;time\r\n',
      `order;amount;time\r\no;1;31-12-2026`,
      `order;amount;time\r\no;1;2026-02-30`,
    ])
      expect(codeOf(await post('', bad)), bad).toEqual([400, 'request-invalid'])
  })

  test('a month is closed once it is over, signed; and what comes into it later is named', async () => {
    const [year, month] = now().split('-').map(Number) as [number, number]
    const period = now()
    expect(codeOf(await gateway.ask('POST', `/v1/periods/${period}/close`))).toEqual([409, 'period-open'])
    // Five minutes into the next month, so that an id of the last one is no older than the skew.
    shop.aheadMs = Date.UTC(year, month, 1) + 5 * 60_000 - Date.now()
    await gateway.post('/v1/earn', { member: 'anna', points: 1 })
    await shop.world.log.publisher.publish()
    const closed = await gateway.ask('POST', `/v1/periods/${period}/close`)
    expect(closed.status, JSON.stringify(closed.body)).toBe(201)
    expect((await gateway.ask('POST', `/v1/periods/${period}/close`)).body).toEqual(closed.body)
    const { periods, key } = (await gateway.get('/v1/periods')).body
    expect(periods).toEqual([closed.body])
    const verifier = parseVerifierKey(key)
    const note = parseNote(Buffer.from(closed.body.note))
    expect(verifyNote(note, [verifier])).toHaveLength(1)
    expect(note.text.split('\n').slice(0, 2)).toEqual(['tallystick/closing/v1', shop.world.origin])
    expect(note.text.split('\n').slice(4, 5)).toEqual([period])
    expect((await report('late')).rows).toEqual([])

    const { account } = (await gateway.get('/v1/members/anna')).body.units.stars
    const { world } = shop
    const { unit, issuer } = { unit: shop.shop.units[0]!, issuer: shop.shop.keys.issuer }
    const id = world.id(Date.UTC(year, month, 1) - 60_000)
    const late = world.bytes({ kind: 'issue', debit: unit.budget, credit: account, amount: 17 } as never, id)
    const client = new TallyClient({ url: shop.url, policy: world.policy, nowMs: () => Date.now() + shop.aheadMs })
    const { statuses } = await client.submit([late], [issuer], { wait: 'sealed' })
    expect([...statuses]).toEqual([0])
    const { rows, late: sums } = await report('late')
    expect(rows).toMatchObject([{ period, unit: 'stars', made: period, transactions: 1, points: '17' }])
    expect(sums).toEqual([{ period, transactions: 1, points: '17' }])
    expect((await report('movements')).late).toEqual(sums)
    expect((await report('movements', `?period=${period}`)).rows).toHaveLength(1)
  })

  test('a shop without the key of an auditor is told how to get one', async () => {
    const { auditor: _, ...without } = shop.shop
    const other = await shop.gateway('without', { shop: without })
    expect(codeOf(await other.get('/v1/reports/movements'))).toEqual([409, 'no-auditor'])
  })

  test('`tally report` prints the same, and says where there is no such', async () => {
    const path = join(shop.folder, 'shop.json')
    shop.aheadMs = 0
    const printed = await tally(folder, 'report', 'keys', '--shop', path, '--state', 'audited', '--json')
    expect(printed.status, printed.err).toBe(0)
    const { rows, treeSize } = JSON.parse(printed.out)
    expect([rows, treeSize]).toEqual([(await report('keys')).rows, (await report('keys')).treeSize])
    const csv = await tally(folder, 'report', 'movements', '--shop', path, '--csv', '--period', '2001-01')
    expect(csv).toMatchObject({ status: 0, out: expect.stringMatching(/^unit,month,opening,.*closing\n$/) })
    expect(await tally(folder, 'report', 'everything', '--shop', path)).toMatchObject({ status: 2 })
    const orders = join(folder, 'orders.csv')
    await writeFile(orders, 'order,amount,time\no-none,100,2026-12-01\n')
    await writeFile(join(folder, 'api.key'), gateway.key)
    const place = ['--url', gateway.url, '--api-key', 'api.key']
    const told = await tally(folder, 'reconcile', 'orders.csv', ...place)
    expect(told).toMatchObject({ status: 1, out: expect.stringMatching(/never 1[\s\S]*o-none/) })
  })
})
