import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consentOf, detailsBehind, type ListedAccount } from '../../../src/client/index.ts'
import { fromHex, toHex, utf8Encode } from '../../../src/core/bytes.ts'
import { commitmentOf } from '../../../src/core/entry/details.ts'
import { decodeTransaction } from '../../../src/core/entry/transaction.ts'
import { DETAILS_BYTES_MAX } from '../../../src/core/limits.ts'
import { verifyReceipt } from '../../../src/verify/receipt.ts'
import { verifyStatement } from '../../../src/verify/verify-statement.ts'
import { BUDGET, COINS, FIRST_MEMBER, keyNumber, OPERATOR_KEY, type Signer, TREASURY } from '../../world.ts'
import { codeOf, OTHER_MEMBER, ServedWorld } from '../server.ts'

const HOUR_MS = 3_600_000

const merchantKey = keyNumber(61)
const MERCHANT = 7
const EXPIRED = OTHER_MEMBER + 1
const merchant: Signer = { record: MERCHANT, key: merchantKey }

async function servedProgramme(): Promise<ServedWorld> {
  const served = await ServedWorld.create()
  const { world } = served
  await world.submit(
    [world.root],
    world.bytes(world.registerKey('merchant', merchantKey, [TREASURY])),
    world.bytes(world.registerKey('operator', OPERATOR_KEY)),
  )
  const nonce = new Uint8Array(32)
  await world.submit(
    [world.treasurer],
    world.bytes({ kind: 'open-account', accountKind: 'expired', unit: COINS, nonce }),
  )
  await world.log.publisher.publish()
  return served
}

const shown = async (served: ServedWorld, query = ''): Promise<ListedAccount> =>
  (await (await served.get(`/v1/accounts/${FIRST_MEMBER}${query}`, 'registrar')).json()) as ListedAccount

describe('a programme over HTTP', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await servedProgramme()
  })
  afterAll(() => served.destroy())

  test('an account shows what is available, pending, held and expires next; also as it was', async () => {
    const { world } = served
    const hour = Math.ceil(world.nowMs / HOUR_MS)
    const before = world.log.publisher.published!.size
    const dated = { ...world.issue(FIRST_MEMBER, 30), matures: 4 * (hour + 1), expires: 4 * (hour + 5) }
    const soon = { ...world.issue(FIRST_MEMBER, 20), matures: 0, expires: 4 * (hour + 2) }
    await world.submit([world.issuer], world.bytes(dated as never), world.bytes(soon as never))
    const until = world.nowMs + HOUR_MS
    const hold = world.bytes({ kind: 'hold', debit: FIRST_MEMBER, credit: TREASURY, amount: 25, until })
    await world.submit([world.owner(FIRST_MEMBER)], hold)
    await world.log.publisher.publish()
    expect(await shown(served)).toMatchObject({
      status: 'open',
      balance: 150,
      available: 95,
      pending: 30,
      held: 25,
      overdue: 0,
      expiringNext: { amount: 30, at: (hour + 5) * HOUR_MS },
      holds: [{ id: toHex(decodeTransaction(hold).id), amount: 25, credit: TREASURY, until }],
    })
    expect(await shown(served, `?size=${before}`)).toMatchObject({
      balance: 100,
      available: 100,
      held: 0,
      sealed: null,
    })
    expect(await codeOf(await served.get(`/v1/accounts/${FIRST_MEMBER}?size=99999`, 'registrar'))).toEqual([
      404,
      'not-published',
    ])
    expect(await codeOf(await served.get(`/v1/accounts/${BUDGET}?size=5`, 'registrar'))).toEqual([409, 'no-statement'])
  })

  test('a due entry is written when it is due, and not before', async () => {
    const { world } = served
    const { log } = world
    expect(await log.operator.endWhatIsDue()).toBe(0)
    world.nowMs += HOUR_MS - 1
    expect(await log.operator.endWhatIsDue()).toBe(0)
    const due = async () =>
      ((await (await served.get('/v1/due', 'registrar')).json()) as { accounts: number[] }).accounts
    expect(await due()).toEqual([])
    world.nowMs += 1
    expect(await due()).toEqual([FIRST_MEMBER])
    // The hold is over: its points come back, 20 of them to the lot that expires next.
    expect(await log.operator.endWhatIsDue()).toBe(1)
    expect(await shown(served)).toMatchObject({ held: 0, balance: 150, expiringNext: { amount: 20 } })
    world.nowMs += 2 * HOUR_MS
    expect(await shown(served)).toMatchObject({ balance: 150, overdue: 20, available: 130 })
    expect(await log.operator.endWhatIsDue()).toBe(1)
    expect(await shown(served)).toMatchObject({ balance: 130, overdue: 0, available: 130 })
    expect(await due()).toEqual([])
    await log.publisher.publish()
    const statement = await log.prover.statement(FIRST_MEMBER, { since: 0, allSignatures: true })
    const { shares, lines } = verifyStatement(statement as Uint8Array, { policy: world.policy })
    expect([shares.available, lines.at(-1)!.transaction.kind, lines.every(line => line.signers.length > 0)]).toEqual([
      130,
      'expire',
      true,
    ])
    expect(log.ledger.state.accounts.balance(EXPIRED)).toBe(20)
  })

  test('lists come a page at a time, and only to those whom they concern', async () => {
    const page = async (path: string) => (await served.get(path, 'registrar')).json()
    const { accounts } = (await page('/v1/accounts?after=0&limit=2')) as {
      accounts: { number: number; kind: string }[]
    }
    expect(accounts).toMatchObject([
      { number: 1, kind: 'budget' },
      { number: 2, kind: 'member' },
    ])
    const { entries } = (await page(`/v1/accounts/${FIRST_MEMBER}/entries?after=1&limit=2`)) as { entries: object[] }
    expect(entries).toMatchObject([
      { number: 2, kind: 'issue' },
      { number: 3, kind: 'issue' },
    ])
    expect(await page('/v1/budgets')).toMatchObject({
      budgets: [{ account: BUDGET, unit: 'coins', terms: null, issuers: [4] }],
    })
    expect(await (await served.get('/v1/units')).json()).toMatchObject({
      units: [{ name: 'coins', step: 1, expiredAccount: EXPIRED }],
    })
    for (const path of ['/v1/accounts', '/v1/budgets', '/v1/due']) {
      expect(await codeOf(await served.get(path))).toEqual([401, 'token-missing'])
      expect(await codeOf(await served.get(path, 'owner', `account/${FIRST_MEMBER}`))).toEqual([403, 'not-allowed'])
    }
    expect(
      await codeOf(await served.get(`/v1/accounts/${FIRST_MEMBER}/entries`, 'other', `account/${OTHER_MEMBER}`)),
    ).toEqual([403, 'not-allowed'])
    expect(await codeOf(await served.get('/v1/accounts?limit=1001', 'registrar'))).toEqual([400, 'request-invalid'])
  })

  test('a member reverses nothing herself; a merchant gives back what was taken', async () => {
    const { world } = served
    const redeem = world.bytes(world.redeem(FIRST_MEMBER, 40))
    await world.submit([world.owner(FIRST_MEMBER)], redeem)
    const back = { debit: TREASURY, credit: FIRST_MEMBER, amount: 15, original: decodeTransaction(redeem).id }
    const refund = () => world.bytes({ kind: 'reverse', ...back })
    expect((await world.submit([world.owner(FIRST_MEMBER)], refund())).statuses[0]).not.toBe(0)
    expect((await world.submit([merchant], refund(), refund(), refund())).statuses.slice(0, 2)).toEqual(
      Uint8Array.of(0, 0),
    )
    expect(await shown(served)).toMatchObject({ balance: 120 })
  })
})

describe('consent and details', () => {
  let served: ServedWorld
  beforeAll(async () => {
    served = await servedProgramme()
  })
  afterAll(() => served.destroy())

  const third = () => served.client({ holder: { record: MERCHANT }, seed: merchantKey.seed })
  const consentsOf = async () =>
    (
      (await (
        await served.get(`/v1/accounts/${FIRST_MEMBER}/consents`, 'owner', `account/${FIRST_MEMBER}`)
      ).json()) as {
        consents: { id: string; isStanding: boolean }[]
      }
    ).consents

  test('a consent is given, listed, checked with its receipt, and withdrawn', async () => {
    const { world } = served
    const grant = world.bytes({ kind: 'grant', account: FIRST_MEMBER, to: MERCHANT, terms: new Uint8Array(32).fill(1) })
    await world.submit([world.owner(FIRST_MEMBER)], grant)
    await world.log.publisher.publish()
    const id = toHex(decodeTransaction(grant).id)
    expect(await consentsOf()).toMatchObject([{ id, to: MERCHANT, isStanding: true, withdrawnAt: null }])
    const check = () => consentOf(third(), FIRST_MEMBER, id)
    const checked = await check()
    expect(verifyReceipt(utf8Encode(checked.receipt!), world.policy).entry).toEqual(grant)
    await world.submit(
      [world.owner(FIRST_MEMBER)],
      world.bytes({ kind: 'withdraw', account: FIRST_MEMBER, grant: fromHex(id, 16) }),
    )
    await world.log.publisher.publish()
    const after_ = await check()
    expect([after_.isStanding, after_.withdrawal === null]).toEqual([false, false])
    expect(
      await codeOf(await served.get(`/v1/accounts/${FIRST_MEMBER}/consents/${id}`, 'other', `account/${OTHER_MEMBER}`)),
    ).toEqual([403, 'not-allowed'])
  })

  test('details are shown to a third party under a standing consent only, and each showing is an entry', async () => {
    const { world } = served
    const { commitment } = await served.client(served.keys.issuer).keepDetails(FIRST_MEMBER, 'two books')
    const path = `/v1/details/${commitment}`
    expect(await (await served.get(path, 'owner', `account/${FIRST_MEMBER}`)).json()).toMatchObject({
      text: 'two books',
    })
    expect(await codeOf(await served.get(path, 'other', `account/${OTHER_MEMBER}`))).toEqual([403, 'not-allowed'])
    expect(await codeOf(await served.get(path))).toEqual([401, 'token-missing'])
    await expect(detailsBehind(third(), commitment)).rejects.toMatchObject({ code: 'not-consented' })
    const [withdrawn] = await consentsOf()
    await expect(detailsBehind(third(), commitment, { consent: withdrawn!.id })).rejects.toMatchObject({
      code: 'not-consented',
    })
    const grant = world.bytes({
      kind: 'grant',
      account: FIRST_MEMBER,
      to: MERCHANT,
      until: world.nowMs + 1000,
      terms: new Uint8Array(32),
    })
    await world.submit([world.owner(FIRST_MEMBER)], grant)
    const { entries } = world.log.ledger.state.accounts.get(FIRST_MEMBER)
    const consent = toHex(decodeTransaction(grant).id)
    expect(await detailsBehind(third(), commitment, { consent })).toMatchObject({ text: 'two books' })
    expect(world.log.ledger.state.accounts.get(FIRST_MEMBER).entries).toBe(entries + 1)
    world.nowMs += 1000
    await expect(detailsBehind(third(), commitment, { consent })).rejects.toMatchObject({ code: 'not-consented' })
  })

  test('a commitment, salt or text of another form is refused with a code', async () => {
    const registrar = served.client(served.keys.registrar)
    await expect(detailsBehind(registrar, 'zz')).rejects.toMatchObject({ code: 'hex' })
    await expect(detailsBehind(registrar, '0'.repeat(64))).rejects.toMatchObject({
      code: 'details-unknown',
    })
    const { commitment } = await registrar.keepDetails(FIRST_MEMBER, 'x'.repeat(DETAILS_BYTES_MAX))
    expect(await detailsBehind(registrar, commitment)).toMatchObject({ account: FIRST_MEMBER })
    await expect(registrar.keepDetails(FIRST_MEMBER, 'x'.repeat(DETAILS_BYTES_MAX + 1))).rejects.toMatchObject({
      code: 'request-invalid',
    })
    await expect(registrar.keepDetails(FIRST_MEMBER, 'é'.repeat(DETAILS_BYTES_MAX / 2 + 1))).rejects.toMatchObject({
      code: 'details',
    })
  })

  test('erased details are gone from the disk, stay gone after a restore, and are shown as erased', async () => {
    const { world } = served
    const text = `a secret of ${'x'.repeat(200)}`
    const client = served.client(served.keys.registrar)
    const { commitment, salt } = await client.keepDetails(FIRST_MEMBER, text)
    await world.submit(
      [world.issuer],
      world.bytes({ ...world.issue(FIRST_MEMBER, 1), details: fromHex(commitment, 32) } as never),
    )
    const onDisk = () => {
      const folder = join(world.directory, 'store')
      return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
        file => file.isFile() && readFileSync(join(file.parentPath, file.name)).includes('a secret of'),
      )
    }
    expect(onDisk()).toBe(true)
    await client.eraseDetails(commitment)
    expect(onDisk()).toBe(false)
    expect(await codeOf(await served.get(`/v1/details/${commitment}`, 'registrar'))).toEqual([410, 'details-erased'])
    await expect(client.eraseDetails(commitment)).rejects.toMatchObject({ code: 'details-erased' })
    await world.log.publisher.publish()
    const statement = (await world.log.prover.statement(FIRST_MEMBER, {
      since: 0,
      allSignatures: false,
    })) as Uint8Array
    const { lines } = verifyStatement(statement, { policy: world.policy })
    expect(lines.map(({ transaction, isErased }) => [transaction.kind, isErased]).slice(-2)).toEqual([
      ['issue', true],
      ['erase', false],
    ])
    // As a restored copy would have them: there again, though the log says that they are erased.
    const details = { account: FIRST_MEMBER, salt: new Uint8Array(Buffer.from(salt, 'base64')), text }
    expect(toHex(commitmentOf(details))).toBe(commitment)
    await world.restoreDetails(fromHex(commitment, 32), utf8Encode(text), () => expect(onDisk()).toBe(true))
    expect(onDisk()).toBe(false)
  })
})
