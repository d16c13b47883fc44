import { afterAll, beforeAll, expect, test } from 'vitest'
import { accountUnder, memberRef, readAs, type SigningKey } from '../../../src/client/index.ts'
import { toHex } from '../../../src/core/bytes.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import { BUDGET, COINS, FIRST_MEMBER, ISSUER, keyNumber, TREASURY, type World } from '../../world.ts'
import { codeOf, ServedWorld } from '../server.ts'

const SECRET = new Uint8Array(32).fill(9)
const shopKey = keyNumber(63)
const otherKey = keyNumber(64)
let served: ServedWorld
let world: World
/** Merchant accounts, and the records of their keys. */
let [shop, other, record] = [0, 0, 0]

beforeAll(async () => {
  served = await ServedWorld.create()
  world = served.world
  const merchant = () =>
    world.bytes({ kind: 'open-account', accountKind: 'merchant', unit: COINS, nonce: new Uint8Array(32) })
  const { accounts } = await world.submit([world.treasurer], merchant(), merchant())
  ;[shop, other] = accounts.map(([, account]) => account) as [number, number]
  record = world.log.ledger.state.registry.records.length
  await world.submit(
    [world.root],
    world.bytes(world.registerKey('merchant', shopKey, [shop])),
    world.bytes(world.registerKey('merchant', otherKey, [other])),
  )
})
afterAll(() => served.destroy())

/** Opens an account for a name, unless there is one; returns its number. Knows nothing but the secret and the name. */
async function opened(name: string): Promise<number> {
  const ref = memberRef(SECRET, COINS, name)
  const client = served.client().as({ holder: { record }, seed: shopKey.seed } satisfies SigningKey)
  const before = await accountUnder(client, { unit: COINS, sponsor: shop }, ref)
  if (before !== undefined) return before
  const { statuses, accounts } = await world.submit(
    [world.registrar],
    world.bytes({ ...world.openMember(), ref, sponsor: shop } as Parameters<World['bytes']>[0]),
  )
  expect([...statuses]).toEqual([0])
  return accounts[0]![1]
}

test('a shop opens one account a name, in any order of its files, after it lost all that it knew', async () => {
  const names = ['cust_1', 'cust_2', 'cust_3']
  const numbers = new Map<string, number>()
  for (const name of [...names, ...names.toReversed(), 'cust_2']) {
    const account = await opened(name)
    expect(numbers.get(name) ?? account).toBe(account)
    numbers.set(name, account)
  }
  expect(new Set(numbers.values()).size).toBe(3)
  // Two that open at once: the ledger takes one.
  const ref = memberRef(SECRET, COINS, 'cust_4')
  const both = await Promise.all(
    [1, 2].map(() =>
      world.submit(
        [world.registrar],
        world.bytes({ ...world.openMember(), ref, sponsor: shop } as Parameters<World['bytes']>[0]),
      ),
    ),
  )
  expect(both.filter(({ statuses }) => statuses[0] === 0)).toHaveLength(1)
})

test('a reference is looked up by its sponsor, the platform and auditors', async () => {
  const account = await opened('cust_1')
  const ref = memberRef(SECRET, COINS, 'cust_1')
  const place = { unit: COINS, sponsor: shop }
  const by = (key: SigningKey) => served.client().as(key)
  const merchant = (n: number, { seed }: typeof shopKey): SigningKey => ({ holder: { record: n }, seed })
  for (const key of [served.keys.registrar, served.keys.auditor, merchant(record, shopKey)])
    expect(await accountUnder(by(key), place, ref)).toBe(account)
  expect(await accountUnder(by(served.keys.registrar), { unit: COINS }, ref)).toBeUndefined()
  expect(await accountUnder(by(served.keys.registrar), { unit: COINS, sponsor: other }, ref)).toBeUndefined()
  const refused = expect.objectContaining({ code: 'not-allowed', status: 403 })
  for (const key of [merchant(record + 1, otherKey), served.keys.issuer, served.keys.owner])
    await expect(accountUnder(by(key), place, ref)).rejects.toEqual(refused)
  await expect(accountUnder(by(merchant(record, shopKey)), { unit: COINS }, ref)).rejects.toEqual(refused)
  expect(await codeOf(await served.get(`/v1/refs/${toHex(ref)}?unit=${COINS}`))).toEqual([401, 'token-missing'])
  expect(await codeOf(await served.get(`/v1/refs/${toHex(ref).slice(2)}?unit=${COINS}`, 'registrar'))).toEqual([
    400,
    'request-invalid',
  ])
})

test('a shop reads its own accounts and the budgets that it sponsors, funds these, and reads nobody else', async () => {
  const { accounts, records } = { accounts: world.log.ledger.state.accounts, records: world.log.ledger.state.registry }
  const own = accounts.count
  await world.submit(
    [world.treasurer],
    world.bytes({ kind: 'open-account', accountKind: 'budget', unit: COINS, sponsor: shop, nonce: new Uint8Array(32) }),
  )
  const cashier = records.records.length
  await world.submit([world.root], world.bytes(world.registerKey('merchant', keyNumber(65), [TREASURY, shop])))
  const paid = (amount: number) => ({ ...world.redeem(FIRST_MEMBER, amount), credit: shop }) as never
  await world.submit([world.owner(FIRST_MEMBER)], world.bytes(paid(30)), world.bytes(paid(10)))
  const fund = world.bytes({ kind: 'fund', debit: shop, credit: own, amount: 25 })
  expect((await world.submit([{ record, key: shopKey }], fund)).statuses[0]).toBe(0)
  await world.log.publisher.publish()

  const rows = readAs.list(readAs.object({ number: readAs.int }), 100)
  const list = async (path: string, what: 'accounts' | 'entries', key: SigningKey) =>
    (await served.client(key).read(path, readAs.object({ [what]: rows })))[what]!.map(({ number }) => number)
  const by = (n: number, { seed }: typeof shopKey): SigningKey => ({ holder: { record: n }, seed })
  expect(await list('/v1/accounts', 'accounts', by(record, shopKey))).toEqual([shop, own])
  expect(await list('/v1/accounts', 'accounts', by(record + 1, otherKey))).toEqual([other])
  // A cashier of the treasury reads what is the shop's, and not what all members pay there.
  expect(await list('/v1/accounts', 'accounts', by(cashier, keyNumber(65)))).toEqual([shop, own])
  expect(await list(`/v1/accounts/${shop}/entries?after=1`, 'entries', by(record, shopKey))).toEqual([2, 3, 4])
  const budgets = readAs.object({
    budgets: readAs.list(readAs.object({ account: readAs.int, left: readAs.int, sponsor: readAs.int }), 9),
  })
  expect(await served.client(by(record, shopKey)).read('/v1/budgets', budgets)).toEqual({
    budgets: [{ account: own, left: 25, sponsor: shop }],
  })
  const balance = readAs.object({ balance: readAs.int })
  expect(await served.client(by(record, shopKey)).read(`/v1/accounts/${shop}`, balance)).toEqual({ balance: 15 })

  const { size } = world.log.publisher.published!
  const entry = (await world.log.prover.entriesOf(shop)).at(-1)!
  expect(entry).toBeLessThan(size)
  expect((await served.client(by(cashier, keyNumber(65))).receipt(entry)).length).toBeGreaterThan(100)
  for (const account of [TREASURY, BUDGET, FIRST_MEMBER, other])
    await expect(served.client(by(cashier, keyNumber(65))).read(`/v1/accounts/${account}`, balance)).rejects.toEqual(
      expect.objectContaining({ code: 'not-allowed', status: 403 }),
    )
  await expect(served.client(by(record, shopKey)).read(`/v1/accounts/${own}/entries`, balance)).rejects.toEqual(
    expect.objectContaining({ code: 'no-list', status: 409 }),
  )
  // What each may read of it is proven, too: a shop its account and budget, an issuer a budget of his scope.
  const proven = async (n: number, key: SigningKey) =>
    verifyStatement(await served.client(key).statement(n), { policy: world.policy })
  const mine = await proven(shop, by(record, shopKey))
  expect(mine.balance).toBe(15)
  expect(mine.book!.sums.map(({ kind, change }) => [kind, change])).toEqual([
    ['open-account', 0n],
    ['redeem', 40n],
    ['fund', -25n],
  ])
  expect((await proven(own, by(record, shopKey))).book).toMatchObject({ sponsor: shop })
  const issuer = by(ISSUER, world.keys.issuer)
  expect((await proven(BUDGET, issuer)).lines.length).toBe(accounts.get(BUDGET).entries)
  for (const [account, key] of [
    [own, issuer],
    [shop, issuer],
    [FIRST_MEMBER, issuer],
    [own, by(record + 1, otherKey)],
    [BUDGET, by(record, shopKey)],
  ] as const)
    await expect(proven(account, key)).rejects.toEqual(expect.objectContaining({ code: 'not-allowed', status: 403 }))
})
