import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeEntry, type SigningKey, TallyClient } from '../../src/client/index.ts'
import { equalBytes } from '../../src/core/bytes.ts'
import { keyNumber } from '../world.ts'
import { type Answer, type ServedGateway, ServedShop } from './shop.ts'

const ROWS = 700
const OLD = keyNumber(77)

/** Balances as an old system writes them down, with semicolons, a byte order mark and a decimal comma. */
function fileOf(from: number, to: number): string {
  const rows = Array.from({ length: to - from }, (_, i) => `"K ${from + i};${i}";${((from + i) % 97) + 1},00`)
  return `\ufeff${['Kunde;Punkte', ...rows, ''].join('\r\n')}\r\n`
}
const pointsOf = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ((from + i) % 97) + 1).reduce((a, b) => a + b, 0)
const QUERY = `map=${encodeURIComponent('member=Kunde,points=Punkte')}&decimal=comma`

describe('balances of an old system, as jobs of a gateway', () => {
  let shop: ServedShop
  let gateway: ServedGateway
  let source: SigningKey
  beforeAll(async () => {
    shop = await ServedShop.create()
    const client = new TallyClient({ url: shop.url, policy: shop.world.policy })
    const root = { holder: { record: 0 }, seed: shop.world.keys.root.seed }
    await client.submit([makeEntry('register-key', { key: OLD.publicKey, role: 'source' })], [root], { wait: 'sealed' })
    const record = (await client.registry()).findIndex(
      ({ transaction }) => transaction.kind === 'register-key' && equalBytes(transaction.key, OLD.publicKey),
    )
    source = { holder: { record }, seed: OLD.seed }
    gateway = await shop.gateway('importing', { source })
  })
  afterAll(() => shop.destroy())

  async function send(body: string | Uint8Array, query: string, at = gateway): Promise<Answer> {
    const response = await fetch(`${at.url}/v1/imports?${query}`, {
      ...{ method: 'POST', body: body as string },
      headers: { authorization: `Bearer ${at.key}`, 'content-type': 'text/csv' },
    })
    return { status: response.status, body: await response.json(), headers: response.headers }
  }
  async function ended(id: string, at = gateway) {
    for (;;) {
      const { body } = await at.get(`/v1/imports/${id}`)
      if (body.state !== 'waiting' && body.state !== 'running') return body
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  test('a dry run says what would be; run, it is; again it is the same job, and another counts nothing twice', async () => {
    const file = fileOf(0, 50)
    const dry = await send(file, `${QUERY}&id=a&dryRun=true`)
    expect([dry.status, dry.headers.get('location')]).toEqual([202, '/v1/imports/a'])
    const seen = await ended('a')
    expect(seen).toMatchObject({ state: 'done', dryRun: true, failure: null, unit: 'stars' })
    expect(seen.report).toMatchObject({ rows: 50, newMembers: 50, brought: { rows: 50, points: pointsOf(0, 50) } })
    expect((await gateway.get(`/v1/members/${encodeURIComponent('K 0;0')}`)).status).toBe(404)
    expect(await gateway.post('/v1/imports/a/run', { dryRun: false })).toMatchObject({ status: 202 })
    expect((await ended('a')).report).toMatchObject({ newMembers: 50, brought: { rows: 50 }, before: { rows: 0 } })
    const member = await gateway.get(`/v1/members/${encodeURIComponent('K 0;0')}`)
    expect(member.body.units.stars).toMatchObject({ balance: 1 })
    expect(await send(file, `${QUERY}&id=b`)).toMatchObject({ status: 202 })
    expect((await ended('b')).report).toMatchObject({ brought: { rows: 0 }, before: { rows: 50 } })
    expect(await send(file, `${QUERY}&id=b`)).toMatchObject({ status: 200, body: { id: 'b', state: 'done' } })
    expect(await send(fileOf(0, 51), `${QUERY}&id=b`)).toMatchObject({ status: 409, body: { code: 'key-reused' } })
    const listed = await gateway.get('/v1/imports')
    expect(listed.body.imports.map(({ id }: { id: string }) => id).sort()).toEqual(['a', 'b'])
  })

  test('rows that are none are named, and nothing is brought, unless they are left out', async () => {
    const file = 'member;points\nx 1;5\nx 2;-5\nx 3;\n'
    await send(file, 'id=bad')
    const faulty = await ended('bad')
    expect(faulty).toMatchObject({ state: 'faulty', report: { badRows: 2, brought: { rows: 0 } } })
    expect(faulty.report.faults.map(({ line, code }: { line: number; code: string }) => [line, code])).toEqual([
      [3, 'balance-negative'],
      [4, 'balance-amount'],
    ])
    await gateway.post('/v1/imports/bad/run', { skipBad: true })
    expect(await ended('bad')).toMatchObject({ state: 'done', report: { brought: { rows: 1, points: 5 } } })
  })

  test.each([
    ['a workbook', new Uint8Array([0x50, 0x4b, 3, 4, 0, 0]), '', 'csv-encoding'],
    ['a file without the column', 'name,points\nx,1\n', '', 'csv-header'],
    ['a map of no columns', 'member,points\nx,1\n', 'map=colour', 'settings'],
  ])('%s fails by the name of what it is', async (what, file, query, code) => {
    await send(file, `${query}&id=${encodeURIComponent(what)}`)
    expect(await ended(encodeURIComponent(what))).toMatchObject({ state: 'failed', failure: { code } })
  })

  test('without the key of the old system only a dry run is done', async () => {
    const other = await shop.gateway('without a source')
    expect(await send(fileOf(0, 1), `${QUERY}&id=c`, other)).toMatchObject({
      ...{ status: 409, body: { code: 'source-missing', retryable: true } },
    })
    expect(await send(fileOf(0, 1), `${QUERY}&id=c&dryRun=true`, other)).toMatchObject({ status: 202 })
    expect(await ended('c', other)).toMatchObject({ state: 'done' })
    expect(await other.get('/v1/imports/none')).toMatchObject({ status: 404, body: { code: 'import-unknown' } })
  })

  test('a job that is cut off goes on at the next start, and each balance came once', async () => {
    const cut = await shop.gateway('cut off', { source })
    await send(fileOf(100, 100 + ROWS), `${QUERY}&id=long`, cut)
    await cut.close()
    const again = await shop.gateway('cut off', { source })
    const { state, report } = await ended('long', again)
    expect(state).toBe('done')
    expect(report.sum).toEqual({ rows: ROWS, points: pointsOf(100, 100 + ROWS) })
    expect(report.brought.rows + report.before.rows).toBe(ROWS)
    let [members, points] = [0, 0]
    for (let i = 100; i < 100 + ROWS; i += 50) {
      const { body } = await again.get(`/v1/members/${encodeURIComponent(`K ${i};${i - 100}`)}`)
      members++
      points += body.units.stars.balance - ((i % 97) + 1)
    }
    expect([members, points]).toEqual([ROWS / 50, 0])
  })
})
