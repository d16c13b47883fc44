import { afterAll, beforeAll, expect, test } from 'vitest'
import { verifyStatement } from '../../src/verify/verify-statement.ts'
import { BUDGET, COINS, FIRST_MEMBER, keyNumber, TREASURY, World, type WorldDraft } from '../world.ts'

const [SHOP, OWN, SECOND, MILES, MILES_TREASURY, MILES_BUDGET] = [3, 4, 5, 6, 6, 7]
const [MERCHANT_KEY, ISSUER_KEY] = [keyNumber(20), keyNumber(21)]

let world: World
const merchant = () => ({ record: 5, key: MERCHANT_KEY })
const issuer = () => ({ record: 8, key: ISSUER_KEY })

/** Takes a batch, all of whose transactions the ledger accepts; returns their ids. */
async function tell(signers: Parameters<World['submit']>[0], ...drafts: readonly WorldDraft[]): Promise<Uint8Array[]> {
  const ids = drafts.map(() => world.id())
  const { statuses } = await world.submit(signers, ...drafts.map((draft, i) => world.bytes(draft, ids[i])))
  expect([...statuses]).toEqual(drafts.map(() => 0))
  world.nowMs += 1000
  return ids
}

async function statement(account: number, since = 0, allSignatures = false): Promise<Uint8Array> {
  const made = await world.log.prover.statement(account, { since, allSignatures })
  if (typeof made === 'string') throw new Error(made)
  return made
}

/** A shop that is paid, refunds, funds its own budget and is settled; budgets that give, in batches of all forms. */
beforeAll(async () => {
  world = await World.create()
  const opening = (accountKind: 'merchant' | 'budget' | 'treasury', more: object = {}): WorldDraft =>
    ({ kind: 'open-account', accountKind, unit: COINS, nonce: new Uint8Array(32).fill(7), ...more }) as WorldDraft
  await tell([world.treasurer], opening('merchant'), opening('budget', { sponsor: SHOP }))
  await tell([world.registrar], world.openMember())
  await tell([world.root], world.registerKey('merchant', MERCHANT_KEY, [SHOP]), {
    kind: 'define-unit',
    name: 'miles',
    cap: 1000,
  })
  await tell([world.treasurer], opening('treasury', { unit: MILES }), opening('budget', { unit: MILES }), {
    kind: 'fund',
    debit: MILES_TREASURY,
    credit: MILES_BUDGET,
    amount: 500,
  })
  await tell([world.root], {
    ...{ kind: 'publish-rate', name: 'to-miles', unit: COINS, budget: MILES_BUDGET, give: 10, get: 1, life: 0 },
  })
  await tell([world.root], world.registerKey('issuer', ISSUER_KEY, [BUDGET, OWN]))
  await tell([world.registrar], { ...world.openMember(), unit: MILES, terms: world.terms(MILES) } as WorldDraft)
  await tell([world.treasurer], {
    ...{ kind: 'set-budget', account: OWN, from: 0, until: 0, memberDay: 50, memberTotal: 60, total: 200 },
  } as WorldDraft)
  const give = (debit: number, credit: number, amount: number): WorldDraft => ({ kind: 'issue', debit, credit, amount })
  // All of the batch is the budget's; then some of it; then a refused one among them.
  await tell([issuer()], ...Array.from({ length: 40 }, () => give(BUDGET, FIRST_MEMBER, 10)))
  const pay = (amount: number): WorldDraft => ({ kind: 'redeem', debit: FIRST_MEMBER, credit: SHOP, amount })
  const [first] = await tell([world.owner(FIRST_MEMBER)], pay(30), { ...world.redeem(FIRST_MEMBER, 5) }, pay(40))
  await tell([world.owner(FIRST_MEMBER)], pay(50))
  await world.submit([world.owner(FIRST_MEMBER)], world.bytes(pay(20)), world.bytes(pay(100_000)))
  const [fund] = await tell([merchant()], { kind: 'fund', debit: SHOP, credit: OWN, amount: 80 })
  await tell([issuer()], give(OWN, FIRST_MEMBER, 10), give(BUDGET, SECOND, 1), give(OWN, SECOND, 50))
  await tell([merchant()], { kind: 'reverse', debit: OWN, credit: SHOP, amount: 15, original: fund! })
  await tell([merchant()], { kind: 'reverse', debit: SHOP, credit: FIRST_MEMBER, amount: 30, original: first! })
  const [asked] = await tell([merchant()], { kind: 'ask-settle', account: SHOP, amount: 25 })
  await tell([world.treasurer], { kind: 'settle', debit: SHOP, credit: TREASURY, amount: 20, original: asked! })
  await tell([world.treasurer, merchant()], {
    kind: 'settle',
    debit: SHOP,
    credit: TREASURY,
    amount: 1,
    original: null,
  })
  await tell([world.owner(FIRST_MEMBER)], {
    ...{ kind: 'convert', debit: FIRST_MEMBER, credit: TREASURY, amount: 20, rate: 7, budget: MILES_BUDGET },
    ...{ account: 8, gained: 2, expires: 0 },
  })
  await world.log.publisher.publish()
})
afterAll(() => world.destroy())

test.each([
  ['a shop', SHOP, 24],
  ['its budget', OWN, 5],
  ['a budget', BUDGET, 999_599],
  ['a budget of conversions', MILES_BUDGET, 498],
])('%s has a statement of all that came and went', async (_, account, balance) => {
  for (const all of [false, true]) {
    const verified = verifyStatement(await statement(account, 0, all), { policy: world.policy })
    expect(verified.balance).toBe(balance)
    expect(verified.lines.length).toBe(world.log.ledger.state.accounts.get(account).entries)
    expect(verified.book!.sums.reduce((sum, { change }) => sum + change, 0n)).toBe(BigInt(balance))
    if (!all) continue
    const unsigned = verified.lines.filter(({ signers }) => signers.length === 0).map(one => one.transaction.kind)
    // Members signed these, whose keys stand in no statement but their own.
    expect(unsigned.every(kind => kind === 'redeem' || kind === 'convert')).toBe(true)
  }
})

test('a shop reads what it asked to be settled with, and a budget who sponsors it', async () => {
  const shop = verifyStatement(await statement(SHOP), { policy: world.policy })
  expect(shop.book).toMatchObject({ asked: 5, sponsor: null, terms: null })
  const own = verifyStatement(await statement(OWN), { policy: world.policy })
  expect(own.book).toMatchObject({ asked: 0, sponsor: SHOP, terms: { memberDay: 50 } })
})

test('batches that are all of a budget show no places line by line', async () => {
  const bytes = await statement(BUDGET)
  const { lines } = verifyStatement(bytes, { policy: world.policy })
  // Some 120 bytes a line, and nothing of 200 bytes for its path.
  expect(lines.length).toBe(43)
  expect(bytes.length).toBeLessThan(43 * 120 + 9000)
})

test('entries since the last visit are verified from there on, and nowhere else', async () => {
  const { kept } = verifyStatement(await statement(SHOP), { policy: world.policy })
  const spending = { kind: 'redeem', debit: FIRST_MEMBER, credit: SHOP, amount: 3 } as const
  await tell([world.owner(FIRST_MEMBER)], spending, spending)
  await tell([world.owner(FIRST_MEMBER)], spending)
  await world.log.publisher.publish()
  for (const account of [SHOP]) {
    const bytes = await statement(account, kept.entries.length)
    const verified = verifyStatement(bytes, { policy: world.policy, kept })
    expect(verified.lines.length).toBe(3)
    expect(verified.kept.links.reduce((sum, count) => sum + count, 0)).toBe(verified.account.entries)
    expect(() => verifyStatement(bytes, { policy: world.policy })).toThrow(
      expect.objectContaining({ code: 'kept-state' }),
    )
  }
  const amid = await world.log.prover.statement(SHOP, { since: kept.entries.length + 1, allSignatures: false })
  expect(amid).toBe('since-amid-batch')
})

test('a budget that came by since shows what came since, however much was before', async () => {
  const { kept } = verifyStatement(await statement(BUDGET), { policy: world.policy })
  await tell([issuer()], { kind: 'issue', debit: BUDGET, credit: SECOND, amount: 2 })
  await world.log.publisher.publish()
  const bytes = await statement(BUDGET, kept.entries.length)
  expect(verifyStatement(bytes, { policy: world.policy, kept }).balance).toBe(999_597)
})

test('the statements are the same after the ledger was opened again, and its index made again', async () => {
  const before = await Promise.all([SHOP, OWN, BUDGET, MILES_BUDGET].map(one => statement(one)))
  await world.reopen()
  await world.log.publisher.publish()
  for (const [i, account] of [SHOP, OWN, BUDGET, MILES_BUDGET].entries()) {
    const trust = { policy: world.policy }
    const now = verifyStatement(await statement(account), trust)
    expect(now.lines).toEqual(verifyStatement(before[i]!, trust).lines)
  }
})

test('a treasury has no statement', async () => {
  expect(await world.log.prover.statement(TREASURY, { since: 0, allSignatures: false })).toBe('no-statement')
})
