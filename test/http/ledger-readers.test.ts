import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeToken, type SigningKey } from '../../src/client/index.ts'
import { toHex } from '../../src/core/bytes.ts'
import { BUDGET, COINS, FIRST_MEMBER, keyNumber, OPERATOR_KEY, TREASURER } from '../world.ts'
import { OTHER_MEMBER, ServedWorld } from './server.ts'

const [CUSTODY, CUSTODIAN, MERCHANT, OPERATOR, SOURCE] = [7, 8, 9, 10, 11]
const [SHOP, OTHER_BUDGET, CHILD] = [4, 5, 6]
const [custodian, merchant, source] = [keyNumber(71), keyNumber(72), keyNumber(73)]
const REF = new Uint8Array(16).fill(6)

/** For everyone. */
const PUBLIC = [
  '/healthz',
  '/readyz',
  '/v1/registry?after=-1',
  '/v1/units',
  '/checkpoint',
  '/seal',
  '/v1/ledger',
  '/policy',
  '/tile/0/000.p/1',
]
/** Asked by tests of their own. */
const ELSEWHERE = [
  '/archive/{n}',
  '/totals/{n}',
  '/v1/accounts/{number}/consents/{id}',
  '/v1/details/{commitment}',
  '/v1/rules/{digest}',
]

/** What of the table of SPEC §11 is asked, by the words of its rows. */
type Asked = Readonly<Record<string, () => string>>

describe('the readers of a ledger (SPEC §11)', () => {
  let served: ServedWorld
  /** Those who call, by the columns of the table; each with the subject of its token. */
  let callers: readonly (readonly [who: string, key: SigningKey | undefined, subject: string])[]
  let asked: Asked

  beforeAll(async () => {
    served = await ServedWorld.create({ nowMs: Date.now() })
    const { world } = served
    const opens = { kind: 'open-account', unit: COINS, terms: world.terms(COINS) } as const
    await world.submit(
      [world.treasurer],
      world.bytes({ ...opens, accountKind: 'merchant', nonce: new Uint8Array(32).fill(4) }),
      world.bytes({ ...opens, accountKind: 'budget', nonce: new Uint8Array(32).fill(5) }),
    )
    await world.submit(
      [world.root],
      world.bytes({ kind: 'define-unit', name: 'miles', cap: 1000, windowMs: 86_400_000, custody: 15 }),
      world.bytes(world.registerKey('custodian', custodian)),
      world.bytes(world.registerKey('merchant', merchant, [SHOP])),
      world.bytes(world.registerKey('operator', OPERATOR_KEY)),
      world.bytes(world.registerKey('source', source)),
    )
    const inCustody = { unit: CUSTODY, terms: world.terms(CUSTODY), owner: null, ref: REF }
    const leaf = world.terms(CUSTODIAN)
    const opened = { ...world.openMember(), ...inCustody, custodian: { record: CUSTODIAN, leaf } }
    const openedAt = (await world.submit([world.registrar], world.bytes(opened as never))).index! + 1
    const issuedAt = (await world.submit([world.issuer], world.bytes(world.issue(FIRST_MEMBER, 3)))).index! + 1
    const redeem = world.bytes({ kind: 'redeem', debit: FIRST_MEMBER, credit: SHOP, amount: 2 })
    const paidAt = (await world.submit([world.owner(FIRST_MEMBER)], redeem)).index! + 1
    await world.log.publisher.publish()
    const of = (record: number, { seed }: { readonly seed: Uint8Array }): SigningKey => ({ holder: { record }, seed })
    const { keys } = served
    callers = [
      ['nobody', undefined, 'ledger'],
      ['holder', keys.owner, `account/${FIRST_MEMBER}`],
      ['another member', keys.other, `account/${OTHER_MEMBER}`],
      ['custodian', of(CUSTODIAN, custodian), 'ledger'],
      ['merchant', of(MERCHANT, merchant), 'ledger'],
      ['issuer', keys.issuer, 'ledger'],
      ['operator', of(OPERATOR, OPERATOR_KEY), 'ledger'],
      ['source', of(SOURCE, source), 'ledger'],
      ['auditor', keys.auditor, 'ledger'],
      ['platform', of(TREASURER, world.keys.treasurer), 'ledger'],
    ]
    const account = (number: number) => () => `/v1/accounts/${number}`
    asked = {
      'an account of a member, its entries, consents': account(FIRST_MEMBER),
      'its statement': () => `/v1/accounts/${FIRST_MEMBER}/statement`,
      'an account in custody': account(CHILD),
      'its statement, in custody': () => `/v1/accounts/${CHILD}/statement`,
      "a merchant's account": account(SHOP),
      "a merchant's statement": () => `/v1/accounts/${SHOP}/statement`,
      'a budget': account(BUDGET),
      "a budget's statement": () => `/v1/accounts/${BUDGET}/statement`,
      "another budget's statement": () => `/v1/accounts/${OTHER_BUDGET}/statement`,
      'the list of accounts': () => '/v1/accounts',
      'the list of budgets': () => '/v1/budgets',
      'a reference': () => `/v1/refs/${toHex(REF)}?unit=${CUSTODY}`,
      'what is due': () => '/v1/due',
      'the feed': () => '/v1/feed?after=-1&limit=1',
      'a receipt of an issue to her': () => `/v1/receipts/${issuedAt}`,
      'a receipt of her purchase': () => `/v1/receipts/${paidAt}`,
      'a receipt of the opening in custody': () => `/v1/receipts/${openedAt}`,
      'entries, salts': () => '/v1/salts?from=0&count=1',
      'units, the registry, the checkpoint, tiles': () => '/v1/registry?after=-1',
    }
  })
  afterAll(() => served.destroy())

  const reads = async (path: string, key: SigningKey | undefined, subject: string) => {
    const token = key && (await makeToken(key, served.world.ledgerId, subject))
    const { status } = await fetch(served.url + path, token ? { headers: { authorization: `Bearer ${token}` } } : {})
    return status
  }

  test('routes answer those whom the table has, and nobody else', async () => {
    const spec = readFileSync(join(import.meta.dirname, '../../SPEC.md'), 'utf8')
    const table = spec.split('**Readers.**')[1]!.split('\n\n')[1]!.split('\n')
    const cells = table.map(row =>
      row
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
    const [head, , ...rows] = cells as [string[], string[], ...string[][]]
    expect(head.slice(1)).toEqual(callers.map(([who]) => who))
    expect(rows.map(([what]) => what)).toEqual(Object.keys(asked))
    for (const [what, ...marks] of rows)
      for (const [i, [who, key, subject]] of callers.entries()) {
        const status = await reads(asked[what!]!(), key, subject)
        const expected = marks[i] === '' ? (key === undefined ? 401 : 403) : 200
        expect([what, who, status]).toEqual([what, who, expected])
      }
  })

  test('lists have no more than what each may read alone', async () => {
    const rows = async (path: string, name: string) => {
      const [, key, subject] = callers.find(([who]) => who === name)!
      const token = await makeToken(key!, served.world.ledgerId, subject)
      const answer = await fetch(served.url + path, { headers: { authorization: `Bearer ${token}` } })
      const { accounts, budgets } = (await answer.json()) as { accounts: object[]; budgets: object[] }
      return accounts ?? budgets
    }
    expect(await rows('/v1/accounts', 'custodian')).toMatchObject([{ number: CHILD }])
    expect(await rows('/v1/accounts', 'merchant')).toMatchObject([{ number: SHOP }])
    expect(await rows('/v1/accounts', 'platform')).toHaveLength(7)
    expect(await rows('/v1/budgets', 'issuer')).toMatchObject([{ account: BUDGET }])
    expect(await rows('/v1/budgets', 'merchant')).toEqual([])
    expect(await rows('/v1/budgets', 'auditor')).toHaveLength(2)
  })

  test('routes that read stand here, but for those that have tests of their own', async () => {
    const { paths } = (await (await fetch(`${served.url}/openapi.json`)).json()) as { paths: Record<string, object> }
    const reading = Object.keys(paths).filter(path => 'get' in paths[path]!)
    const here = [
      ...Object.values(asked).map(path => path()),
      ...PUBLIC,
      ...['entries', 'consents'].map(one => `/v1/accounts/${FIRST_MEMBER}/${one}`),
    ]
    const isHere = (path: string) => {
      const form = new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^?]+')}($|\\?)`)
      return here.some(one => form.test(one))
    }
    expect(reading.filter(path => !isHere(path)).sort()).toEqual(ELSEWHERE)
  })

  test('routes of one row are for the same callers', async () => {
    const member = `/v1/accounts/${FIRST_MEMBER}`
    for (const group of [
      [member, `${member}/entries`, `${member}/consents`],
      ['/v1/salts?from=0&count=1', '/tile/entries/000.p/1'],
      PUBLIC,
    ])
      for (const [who, key, subject] of callers) {
        const [first, ...others] = await Promise.all(group.map(path => reads(path, key, subject)))
        for (const [i, status] of others.entries())
          expect([group[i + 1], who, status]).toEqual([group[i + 1], who, first])
      }
  })
})
