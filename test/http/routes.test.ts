import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { decodeTransaction } from '../../src/core/entry/transaction.ts'
import { parsePolicy } from '../../src/core/note/policy.ts'
import { verifyReceipt } from '../../src/verify/receipt.ts'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { FIRST_MEMBER, keyNumber } from '../world.ts'
import { OTHER_MEMBER, problemOf, ServedWorld } from './server.ts'

describe('the answers of the ledger (SPEC §11)', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await ServedWorld.create()
  })
  afterAll(() => served.destroy())

  const get: ServedWorld['get'] = (...request) => served.get(...request)
  const own = `account/${FIRST_MEMBER}`
  const [first, other] = [`/v1/accounts/${FIRST_MEMBER}`, `/v1/accounts/${OTHER_MEMBER}`]

  test.each<[path: string, type: string, cache: string]>([
    ['/checkpoint', 'text/plain; charset=utf-8', 'public, max-age=1'],
    ['/tile/0/000.p/20', 'application/octet-stream', 'public, max-age=31536000, immutable'],
    ['/policy', 'text/plain; charset=utf-8', 'public, max-age=60'],
    ['/v1/ledger', 'application/json; charset=utf-8', 'private, no-store'],
    ['/v1/registry', 'application/json; charset=utf-8', 'private, no-store'],
    ['/healthz', 'application/json; charset=utf-8', 'private, no-store'],
    ['/openapi.json', 'application/json; charset=utf-8', 'private, no-store'],
    ['/docs', 'text/html; charset=utf-8', 'private, no-store'],
    ['/docs/', 'text/html; charset=utf-8', 'private, no-store'],
  ])('%s is public, with its type and for how long it may be kept', async (path, type, cache) => {
    const response = await get(path)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type])
    expect(response.headers.get('cache-control')).toBe(cache)
  })

  test('the policy is one that accepts the checkpoint, and the ledger says who it is', async () => {
    const policy = parsePolicy(new Uint8Array(await (await get('/policy')).arrayBuffer()))
    expect(policy.logs[0]!.key.name).toBe(served.world.origin)
    const ledger = (await (await get('/v1/ledger')).json()) as Record<string, unknown>
    expect(ledger).toMatchObject({
      origin: served.world.origin,
      ledgerId: toHex(served.world.ledgerId),
      units: [{ name: 'coins', treasury: 0 }],
    })
    expect(await (await get('/healthz')).json()).toMatchObject({ status: 'ok', size: served.world.log.size })
  })

  test('the registry is listed a page at a time', async () => {
    const page = async (after: number) =>
      ((await (await get(`/v1/registry?after=${after}`)).json()) as { records: { number: number; entry: string }[] })
        .records
    const records = await page(-1)
    expect(records.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(decodeTransaction(Buffer.from(records[3]!.entry, 'base64')).kind).toBe('define-unit')
    expect((await page(4)).map(({ number }) => number)).toEqual([5, 6])
    expect(await page(6)).toEqual([])
  })

  test('entries and salts are for auditors', async () => {
    for (const path of ['/tile/entries/000.p/10', '/v1/salts']) {
      expect((await get(path, 'auditor')).status).toBe(200)
      expect(await problemOf(await get(path))).toMatchObject({ status: 401, code: 'token-missing' })
      for (const who of ['issuer', 'registrar'] as const)
        expect(await problemOf(await get(path, who))).toMatchObject({ status: 403, code: 'not-allowed' })
      expect(await problemOf(await get(path, 'owner', own))).toMatchObject({ status: 403, code: 'not-allowed' })
      expect(await problemOf(await get(path, 'auditor', own))).toMatchObject({ status: 403, code: 'not-allowed' })
    }
    const { salts } = (await (await get('/v1/salts?from=0&count=1', 'auditor')).json()) as { salts: string[] }
    expect(salts).toEqual([toHex(served.world.log.salt(0)!)])
    expect(await (await get('/v1/salts?from=9', 'auditor')).json()).toMatchObject({ salts: [] })
    const bundle = await get('/tile/entries/000.p/10', 'auditor')
    expect(bundle.headers.get('content-type')).toBe('application/octet-stream')
    expect(bundle.headers.get('cache-control')).toMatch(/^private/)
  })

  test('an owner gets receipts of the entries that name the account, and of no others', async () => {
    const { world } = served
    const { size } = world.log.publisher.published!
    const mine: number[] = []
    for (let index = 0; index < size; index++) {
      const response = await get(`/v1/receipts/${index}`, 'owner', own)
      // Which ledger it is, and what it seals, is for all.
      const isForAll = index === 1 || (await world.log.readEntry(index))[0] === 3
      expect((await get(`/v1/receipts/${index}`)).status).toBe(isForAll ? 200 : 401)
      if (isForAll) continue
      if (response.status !== 200) expect(await problemOf(response)).toMatchObject({ status: 403, code: 'not-allowed' })
      else mine.push(index)
      expect((await get(`/v1/receipts/${index}`, 'auditor')).status).toBe(200)
    }
    expect(mine).toHaveLength(2)
    const entries = await Promise.all(
      mine.map(async index => {
        const receipt = new Uint8Array(await (await get(`/v1/receipts/${index}`, 'owner', own)).arrayBuffer())
        return decodeTransaction(verifyReceipt(receipt, world.policy).entry)
      }),
    )
    expect(entries).toMatchObject([
      { kind: 'open-account', accountKind: 'member', owner: world.keys.member.publicKey },
      { kind: 'issue', credit: FIRST_MEMBER, amount: 100 },
    ])
    // A key of the platform with a token for one account sees no more than that account does.
    expect((await get(`/v1/receipts/${mine[0]}`, 'registrar', own)).status).toBe(200)
    expect((await get('/v1/receipts/0', 'registrar', own)).status).toBe(403)
  })

  test('a key that is no key of the platform gets receipts of what it signed, and of nothing else', async () => {
    const shop = await ServedWorld.create()
    try {
      const { world } = shop
      const key = keyNumber(70)
      await world.submit([world.root], world.bytes(world.registerKey('custodian', key)))
      const record = world.log.ledger.state.registry.records.length - 1
      const custodian = { record, key }
      const before = world.log.size
      await world.submit([world.issuer, custodian], world.bytes(world.issue(FIRST_MEMBER, 5)))
      await world.log.publisher.publish()
      const token = await makeToken({ holder: { record }, seed: key.seed }, world.ledgerId, 'ledger')
      const status = async (index: number) =>
        (await fetch(`${shop.url}/v1/receipts/${index}`, { headers: { authorization: `Bearer ${token}` } })).status
      const size = world.log.publisher.published!.size
      const statuses = await Promise.all(Array.from({ length: size }, (_, index) => status(index)))
      // The batch and its transaction; and, as anyone, the genesis and the seals.
      const entries = await world.log.readEntries(statuses.map((_, index) => index))
      const isRead = (index: number) =>
        index === before || index === before + 1 || index === 1 || entries[index]![0] === 3
      expect(statuses).toEqual(statuses.map((_, index) => (isRead(index) ? 200 : 403)))
      expect(size).toBe(before + 3)
    } finally {
      await shop.destroy()
    }
  })

  test('accounts, statements and receipts are for their owner, the platform and auditors', async () => {
    const opening = served.world.log.ledger.state.accounts.get(FIRST_MEMBER)
    const issued = served.world.log.size - 2
    for (const [path, type] of [
      [first, 'application/json; charset=utf-8'],
      [`${first}/statement`, 'application/cbor'],
      [`${first}/statement?signatures=all`, 'application/cbor'],
      [`/v1/receipts/${issued}`, 'text/plain; charset=utf-8'],
    ] as const) {
      for (const [who, subject] of [
        ['owner', own],
        ['registrar', 'ledger'],
        ['auditor', 'ledger'],
      ] as const) {
        const response = await get(path, who, subject)
        expect([path, who, response.status]).toEqual([path, who, 200])
        expect(response.headers.get('content-type')).toBe(type)
        expect(response.headers.get('cache-control')).toBe('private, no-store')
      }
      expect(await problemOf(await get(path))).toMatchObject({ status: 401, code: 'token-missing' })
      // An issuer may be a partner, who reads of members what it signed.
      expect((await get(path, 'issuer')).status).toBe(path.includes('receipts') ? 200 : 403)
      const stranger = await get(path, 'other', `account/${OTHER_MEMBER}`)
      expect(await problemOf(stranger)).toMatchObject({ status: 403, code: 'not-allowed' })
    }
    expect(await problemOf(await get(first, 'registrar', `account/${OTHER_MEMBER}`))).toMatchObject({
      code: 'not-allowed',
    })
    expect(await (await get(first, 'owner', own)).json()).toMatchObject({
      number: FIRST_MEMBER,
      kind: 'member',
      unit: 'coins',
      balance: 100,
      entries: opening.entries,
      sealed: { balance: 100 },
    })
    const { policy } = served.world
    const statement = new Uint8Array(await (await get(`${first}/statement`, 'owner', own)).arrayBuffer())
    expect(verifyStatement(statement, { policy }).balance).toBe(100)
    const receipt = new Uint8Array(await (await get(`/v1/receipts/${issued}`, 'owner', own)).arrayBuffer())
    expect(verifyReceipt(receipt, policy).index).toBe(issued)
  })

  test.each<[path: string, status: number, code: string]>([
    ['/v1/accounts/99', 404, 'no-such-account'],
    ['/v1/accounts/99/statement', 404, 'no-such-account'],
    ['/v1/accounts/0/statement', 409, 'no-statement'],
    [`${first}/statement?since=99`, 409, 'since-beyond'],
    ['/v1/receipts/99999', 404, 'not-published'],
    ['/v1/accounts/x', 400, 'request-invalid'],
    ['/v1/accounts/-1', 400, 'request-invalid'],
    ['/v1/accounts/4294967296', 400, 'request-invalid'],
    [`${first}/statement?since=-1`, 400, 'request-invalid'],
    [`${first}/statement?lines=0`, 400, 'request-invalid'],
    [`${first}/statement?lines=8193`, 400, 'request-invalid'],
    [`${first}/statement?lines=1&grown=9999999`, 404, 'not-published'],
    [`${first}/statement?lines=1&since=99`, 409, 'since-beyond'],
    [`${first}/statement?signatures=some`, 400, 'request-invalid'],
    ['/v1/registry?after=x', 400, 'request-invalid'],
    ['/v1/salts?count=0', 400, 'request-invalid'],
    ['/tile/0/0', 400, 'tile-path'],
    ['/tile/0/000', 404, 'not-published'],
    ['/tile/0/001', 404, 'not-published'],
    ['/tile/0/000.p/0', 400, 'tile-path'],
    ['/tile/0/000.p/256', 400, 'tile-path'],
    ['/tile/0/x000/000', 400, 'tile-path'],
    ['/tile/00/000', 400, 'tile-path'],
    ['/tile/', 400, 'tile-path'],
    ['/tile/0/000.p/255', 404, 'not-published'],
    ['/tile/1/000.p/1', 404, 'not-published'],
    ['/nothing', 404, 'not-found'],
    ['/v1/batches', 405, 'method'],
    [`/${'x'.repeat(300)}`, 404, 'not-found'],
  ])('%s: %i %s', async (path, status, code) => {
    expect(await problemOf(await get(path, 'registrar'))).toMatchObject({ status, code })
  })

  test('an account that is not sealed yet says so, and has no statement', async () => {
    const { world } = served
    await world.submit([world.registrar], world.bytes(world.openMember()))
    const fresh = world.log.ledger.state.accounts.count - 1
    expect(await (await get(`/v1/accounts/${fresh}`, 'registrar')).json()).toMatchObject({ balance: 0, sealed: null })
    const response = await get(`/v1/accounts/${fresh}/statement`, 'registrar')
    expect(await problemOf(response)).toMatchObject({ status: 404, code: 'no-such-account' })
  })

  test('an account of another is not there for its neighbour', async () => {
    expect((await get(other, 'other', `account/${OTHER_MEMBER}`)).status).toBe(200)
    expect((await get(other, 'owner', own)).status).toBe(403)
  })
})
