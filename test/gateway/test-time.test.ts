import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../examples/checkout.ts'
import { auditLog, ledgerTimeOf } from '../../src/audit/index.ts'
import { ShopClient, TallyClient } from '../../src/client/index.ts'
import { keyPath, readKey, signingKey } from '../../src/files/key-files.ts'
import { setupShop } from '../../src/gateway/index.ts'
import { buildServer } from '../../src/http/index.ts'
import { TimeWatch } from '../../src/monitor/time-watch.ts'
import { type OpenedLedger, openLedger } from '../../src/operations/index.ts'
import type { Server } from '../../src/serving/index.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { ServedGateway, ServedShop } from './shop.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const ORIGIN = 'test.points.shop.example'

describe('a test ledger, whose time its shop moves', () => {
  let folder: string
  let opened: OpenedLedger
  let ledger: Server
  let ledgerUrl: string
  let gateway: ServedGateway
  let hooks: HttpServer
  const told: { readonly type: string; readonly atMs: number }[] = []

  const open = () =>
    openLedger({ data: join(folder, 'data'), origin: ORIGIN, onFailure: error => console.error(String(error)) })
  const nowMs = async () => Date.parse((await gateway.get('/v1/test/clock')).body.time)
  const advance = async (span: string) => {
    const { status, body } = await gateway.post('/v1/test/clock', { advance: span })
    expect({ status, body }).toMatchObject({ status: 200 })
    return Date.parse(body.time)
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tally-test-time-'))
    opened = await open()
    ledger = await buildServer({ log: opened.log, logger: undefined, version: 'test', policy: opened.policy })
    await ledger.listen({ host: '127.0.0.1', port: 0 })
    ledgerUrl = `http://127.0.0.1:${(ledger.server.address() as AddressInfo).port}`
    const client = new TallyClient({ url: ledgerUrl, policy: opened.policy })
    const shop = await setupShop({
      client,
      roots: [await signingKey(await readKey(opened.rootKey!), client)],
      treasurer: await signingKey(await readKey(keyPath(join(folder, 'data'), 'treasurer')), client),
      plan: {
        ...{ name: 'stars', cap: 1_000_000, fund: 100_000 },
        ...{ windowMs: 90 * DAY_MS, expiresDays: 60, holdMs: 30 * MINUTE_MS },
      },
      path: join(folder, 'shop.json'),
    })
    gateway = await ServedGateway.start(shop, join(folder, 'gateway'))
    hooks = createServer((request, response) => {
      let text = ''
      request.on('data', piece => {
        text += piece
      })
      request.on('end', () => {
        const { type, timestamp } = JSON.parse(text) as { type: string; timestamp: string }
        told.push({ type, atMs: Date.parse(timestamp) })
        response.writeHead(204).end()
      })
    })
    await new Promise<void>(resolve => hooks.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    hooks?.close()
    await gateway?.close()
    await ledger?.close()
    await opened?.log.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('a checkout: a hold ends at its time, points expire at theirs, and who is to be told is told before', async () => {
    const shop = new ShopClient({ url: gateway.url, key: gateway.key })
    const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/`
    const types = ['points.expiring', 'points.expired', 'points.released']
    expect((await gateway.post('/v1/webhooks', { url, types })).status).toBe(201)
    const server = checkout(shop, async () => true)
    await server.listen({ host: '127.0.0.1', port: 0 })
    const till = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`
    const buy = async (order: string, points: number) => {
      const body = JSON.stringify({ customer: 'anna', cents: 5000, points })
      return (
        await fetch(`${till}/checkout/${order}`, {
          ...{ method: 'POST', body, headers: { 'content-type': 'application/json' } },
        })
      ).status
    }
    const beganMs = await nowMs()
    await shop.members.earn('anna', { points: 300 })
    expect(await buy('o-1', 100)).toBe(200)
    await shop.orders.hold('o-2', { member: 'anna', points: 100, for: '30m' })
    const hour = await advance('1h')
    expect(hour - beganMs).toBeGreaterThanOrEqual(60 * MINUTE_MS)
    expect(hour - beganMs).toBeLessThan(61 * MINUTE_MS)
    expect((await shop.members.get('anna'))['stars']).toMatchObject({ balance: 249, held: 0 })
    await expect(shop.orders.capture('o-2')).rejects.toMatchObject({ code: 'hold-unknown' })
    const released = (await gateway.get('/v1/members/anna/movements?kind=release')).body.movements
    const releasedMs = Date.parse(released[0].at) - beganMs
    // A full minute after the end of the hold.
    expect(releasedMs).toBeGreaterThanOrEqual(30 * MINUTE_MS)
    expect(releasedMs).toBeLessThan(32 * MINUTE_MS)

    await advance('70d')
    expect((await shop.members.get('anna'))['stars']).toMatchObject({ balance: 0, expiring: [] })
    const [expired] = (await gateway.get('/v1/members/anna/movements?kind=expire')).body.movements
    expect(expired.points).toBe(-249)
    const expiredMs = Date.parse(expired.at) - beganMs
    expect(expiredMs).toBeGreaterThanOrEqual(60 * DAY_MS)
    expect(expiredMs).toBeLessThan(61 * DAY_MS)
    await expect.poll(() => told.map(({ type }) => type)).toContain('points.expired')
    const [expiring, last] = ['points.expiring', 'points.expired'].map(name => told.find(({ type }) => type === name)!)
    expect(last!.atMs - expiring!.atMs).toBeGreaterThan(5 * DAY_MS)
    expect(last!.atMs - expiring!.atMs).toBeLessThanOrEqual(7 * DAY_MS + MINUTE_MS)
    // Points that are given now last from now.
    await shop.members.earn('anna', { points: 10 })
    const { at } = (await shop.members.get('anna'))['stars']!.expiring[0]!
    expect(Date.parse(at) - (await nowMs())).toBeGreaterThan(59 * DAY_MS)
    await server.close()
  })

  test('its audit is clean, and says what it is; so do a watch and a statement, by the policy alone', async () => {
    await opened.log.publisher.publish()
    const { policy } = opened
    const auditor = gateway.gateway.shop.auditor!
    const client = new TallyClient({ url: ledgerUrl, policy, caller: auditor })
    const audited = await auditLog({ client, policy, onProgress() {} })
    expect(audited.report.faults).toEqual([])
    expect(audited.opened).toMatchObject({ unopened: [], remarks: [] })
    const time = await ledgerTimeOf(audited, client, policy, Date.now())
    expect(time.sealMs).toBeGreaterThan(Date.now() + 70 * DAY_MS)
    expect(time.troubles).toEqual([])
    expect(time.remarks.map(({ code }) => code)).toEqual(['test-ledger'])
    const watch = new TimeWatch(client, policy)
    expect(await watch.look(Date.now())).toEqual([])
    expect(watch.remarks.map(({ code }) => code)).toEqual(['test-ledger'])
    const response = await fetch(`${gateway.url}/v1/members/anna/statement`, {
      headers: { authorization: `Bearer ${gateway.key}` },
    })
    const statement = new Uint8Array(await response.arrayBuffer())
    const freshness = { nowMs: Date.now(), maxAgeMs: 1000 }
    expect(verifyStatement(statement, { policy, nowMs: Date.now(), freshness }).balance).toBe(10)
    // Under a policy that names a real log beside it, its time is that of any other.
    const [{ key }] = policy.logs as [(typeof policy.logs)[number]]
    const mixed = { ...policy, logs: [...policy.logs, { key: { ...key, name: 'points.shop.example' } }] }
    expect(() => verifyStatement(statement, { policy: mixed, nowMs: Date.now() })).toThrow(/ahead of the clock here/)
  })

  test('its time moves only ahead, by a key of the platform, and so far at once', async () => {
    for (const span of ['-1d', '0d', '1', '', '732d', '1y'])
      expect((await gateway.post('/v1/test/clock', { advance: span })).status, span).toBe(400)
    const { policy } = opened
    const at = (caller: TallyClient['options']['caller']) =>
      new TallyClient({ url: ledgerUrl, policy, ...(caller === undefined ? {} : { caller }) }).read(
        '/v1/ledger/clock',
        value => value,
        undefined,
        { advance: '1d' },
      )
    await expect(at(gateway.gateway.shop.auditor)).rejects.toMatchObject({ code: 'not-allowed', status: 403 })
    await expect(at(undefined)).rejects.toMatchObject({ code: 'token-missing', status: 401 })
    const before = await nowMs()
    await at(gateway.gateway.shop.keys.registrar)
    // The gateway goes by it at once.
    expect(await nowMs()).toBeGreaterThanOrEqual(before + DAY_MS)
  })

  test('a ledger that is opened again goes on from its last entry, and no name is of two kinds', async () => {
    const before = await nowMs()
    await opened.log.publisher.publish()
    await opened.log.close()
    opened = await open()
    expect(opened.log.testTime!.nowMs).toBeGreaterThanOrEqual(before)
    const path = join(folder, 'data', 'ledger.json')
    const settings = JSON.parse(await readFile(path, 'utf8'))
    expect(settings.clock).toEqual({ kind: 'test' })
    await opened.log.close()
    for (const other of [{ origin: 'points.shop.example' }, { clock: undefined }]) {
      await writeFile(path, JSON.stringify({ ...settings, ...other }))
      await expect(open()).rejects.toMatchObject({ code: 'settings' })
    }
    await writeFile(path, JSON.stringify(settings))
    opened = await open()
  })
})

test('a real ledger and its gateway have no such clock', async () => {
  const shop = await ServedShop.create()
  try {
    const gateway = await shop.gateway()
    expect((await gateway.post('/v1/test/clock', { advance: '30d' })).status).toBe(404)
    expect((await gateway.get('/v1/test/clock')).status).toBe(404)
    expect((await fetch(`${shop.url}/v1/ledger/clock`)).status).toBe(404)
    const openapi = await (await fetch(`${shop.url}/openapi.json`)).text()
    expect(openapi).not.toContain('/v1/ledger/clock')
  } finally {
    await shop.destroy()
  }
})
