import { describe, expect, test } from 'vitest'
import { makeId } from '../../src/core/entry/id.ts'
import { OUTCOMES, type Outcome } from '../../src/core/entry/outcome.ts'
import { encodeTransaction, type Role } from '../../src/core/entry/transaction.ts'
import { AMOUNT_MAX, BATCH_TRANSACTIONS_MAX, RECORDS_MAX, UNITS_MAX } from '../../src/core/limits.ts'
import { type Draft, fromDraft } from '../world.ts'
import { Driver } from './driver.ts'
import type { NaiveSigner } from './naive.ts'

const T = 1_800_000_000_000
const SKEW = 1000
const BACKDATE = 5000
const KEY = new Uint8Array(32).fill(7)

// What `Table` sets up. Records: 0 root, 1 registrar, 2 treasurer, 3 coins, 4 gems, 5 a rule, 6 issuer of budget 1, 7 revoked.
const [ROOT, REGISTRAR, TREASURER, COINS, GEMS, RULE, ISSUER, REVOKED] = [0, 1, 2, 3, 4, 5, 6, 7]
// Accounts: 0 treasury, 1 budget, 2 member, all of coins; 3 treasury, 4 budget, both of gems; 5 member of coins, 6 of gems.
const [TREASURY, BUDGET, MEMBER, GEM_TREASURY, GEM_BUDGET, OTHER, GEM_MEMBER] = [0, 1, 2, 3, 4, 5, 6]
const NOBODY = 99
const CAP = 500
const FUNDED = 300
const HELD = 100

const key = (role: Role, scope: number[] = [], backdateMs = 0): Draft => ({
  kind: 'register-key',
  key: KEY,
  role,
  scope,
  backdateMs,
})
const open = (accountKind: 'treasury' | 'budget' | 'member', unit: number): Draft => ({
  kind: 'open-account',
  accountKind,
  unit,
  owner: accountKind === 'member' ? KEY : null,
  nonce: KEY,
})
const unit = (name: string, cap = CAP): Draft => ({ kind: 'define-unit', name, cap })
const rule = (name: string): Draft => ({ kind: 'publish-rule', name, digest: KEY })
const revoke = (record: number): Draft => ({ kind: 'revoke', record, reason: 0 })
const fund = (debit: number, credit: number, amount = 1): Draft => ({ kind: 'fund', debit, credit, amount })
const issue = (debit: number, credit: number, amount = 1, rule = 0): Draft => ({
  kind: 'issue',
  debit,
  credit,
  amount,
  rule,
  details: null,
})
const redeem = (debit: number, credit: number, amount = 1): Draft => ({
  kind: 'redeem',
  debit,
  credit,
  amount,
  details: null,
})

/** A ledger that has one of everything, on which a row of the table is tried. */
class Table {
  readonly driver = new Driver()
  #count = 0

  constructor() {
    const genesis: Draft = { kind: 'genesis', origin: 't', logKey: KEY, rootKey: KEY, skewMs: SKEW, promiseMs: 1 }
    this.all([ROOT], genesis)
    this.all([ROOT], key('registrar'), key('treasurer'), unit('coins'), unit('gems'), rule('welcome'))
    this.all([TREASURER], open('treasury', COINS), open('budget', COINS))
    this.all([REGISTRAR], open('member', COINS))
    this.all([TREASURER], open('treasury', GEMS), open('budget', GEMS))
    this.all([REGISTRAR], open('member', COINS), open('member', GEMS))
    this.all([ROOT], key('issuer', [BUDGET], BACKDATE), key('auditor'), revoke(REVOKED))
    this.all([TREASURER], fund(TREASURY, BUDGET, FUNDED))
    this.all([ISSUER], issue(BUDGET, MEMBER, HELD))
  }

  bytes(draft: Draft, offset = 0, id = makeId(T + offset, this.#random())): Uint8Array {
    return encodeTransaction(fromDraft(draft, id))
  }

  #random(): Uint8Array {
    const random = new Uint8Array(10)
    new DataView(random.buffer).setUint32(4, ++this.#count)
    return random
  }

  /** The outcome of one transaction under those records and owners. */
  one(records: readonly number[], owners: readonly number[], bytes: Uint8Array): Outcome {
    const signers: NaiveSigner[] = [...records.map(record => ({ record })), ...owners.map(account => ({ account }))]
    const outcomes = this.driver.submit(signers, [bytes], T)
    if (!Array.isArray(outcomes)) throw new Error(`the batch is not taken: ${outcomes}`)
    return outcomes[0] as Outcome
  }

  /** Submits what has to be accepted. */
  all(records: readonly number[], ...drafts: Draft[]): void {
    const list = drafts.map(draft => this.bytes(draft))
    const outcomes = this.driver.submit(
      records.map(record => ({ record })),
      list,
      T,
    )
    expect(outcomes).toEqual(drafts.map(() => 'accepted'))
  }
}

/** A step of a ladder: the transaction, with one more thing put right than in the step above. */
interface Step {
  readonly outcome: Outcome
  readonly draft: Draft
  /** Registry keys that sign; by default everyone's but the revoked. */
  readonly by?: readonly number[]
  readonly owners?: readonly number[]
  readonly offset?: number
}

const EVERYONE = [ROOT, REGISTRAR, TREASURER, ISSUER]
const [NO_ONE_ENTITLED, PAST, FUTURE] = [[REGISTRAR], -SKEW - BACKDATE - 1, SKEW + 1]

/** From the first guard to the last: each step breaks its own rule and those of the steps below, and meets its own. */
const LADDERS: Readonly<Record<string, readonly Step[]>> = {
  'register-key': [
    { outcome: 'time-ahead', draft: key('issuer', [MEMBER]), by: NO_ONE_ENTITLED, offset: FUTURE },
    { outcome: 'time-behind', draft: key('issuer', [MEMBER]), by: NO_ONE_ENTITLED, offset: PAST },
    { outcome: 'scope-unknown', draft: key('issuer', [MEMBER]), by: NO_ONE_ENTITLED },
    { outcome: 'scope-unknown', draft: key('issuer', [BUDGET, NOBODY]), by: NO_ONE_ENTITLED },
    { outcome: 'not-entitled', draft: key('issuer', [BUDGET]), by: NO_ONE_ENTITLED },
    { outcome: 'accepted', draft: key('issuer', [BUDGET]), by: [ROOT] },
  ],
  revoke: [
    { outcome: 'time-ahead', draft: revoke(NOBODY), by: NO_ONE_ENTITLED, offset: FUTURE },
    { outcome: 'time-behind', draft: revoke(NOBODY), by: NO_ONE_ENTITLED, offset: PAST },
    { outcome: 'record-unknown', draft: revoke(NOBODY), by: NO_ONE_ENTITLED },
    { outcome: 'record-not-revocable', draft: revoke(COINS), by: NO_ONE_ENTITLED },
    { outcome: 'record-revoked', draft: revoke(REVOKED), by: NO_ONE_ENTITLED },
    { outcome: 'not-entitled', draft: revoke(ROOT), by: NO_ONE_ENTITLED },
    { outcome: 'last-root', draft: revoke(ROOT), by: [ROOT] },
    { outcome: 'accepted', draft: revoke(ISSUER), by: [ROOT] },
  ],
  'define-unit': [
    { outcome: 'time-ahead', draft: unit('coins'), by: NO_ONE_ENTITLED, offset: FUTURE },
    { outcome: 'time-behind', draft: unit('coins'), by: NO_ONE_ENTITLED, offset: PAST },
    { outcome: 'not-entitled', draft: unit('coins'), by: NO_ONE_ENTITLED },
    { outcome: 'name-taken', draft: unit('coins'), by: [ROOT] },
    { outcome: 'accepted', draft: unit('welcome'), by: [ROOT] },
  ],
  'publish-rule': [
    { outcome: 'time-ahead', draft: rule('welcome'), by: NO_ONE_ENTITLED, offset: FUTURE },
    { outcome: 'time-behind', draft: rule('welcome'), by: NO_ONE_ENTITLED, offset: PAST },
    { outcome: 'not-entitled', draft: rule('welcome'), by: NO_ONE_ENTITLED },
    { outcome: 'name-taken', draft: rule('welcome'), by: [ROOT] },
    { outcome: 'accepted', draft: rule('coins'), by: [ROOT] },
  ],
  'open-account of a treasury': [
    { outcome: 'time-ahead', draft: open('treasury', RULE), by: NO_ONE_ENTITLED, offset: FUTURE },
    { outcome: 'time-behind', draft: open('treasury', RULE), by: NO_ONE_ENTITLED, offset: PAST },
    { outcome: 'unit-unknown', draft: open('treasury', RULE), by: NO_ONE_ENTITLED },
    { outcome: 'not-entitled', draft: open('treasury', COINS), by: NO_ONE_ENTITLED },
    { outcome: 'treasury-exists', draft: open('treasury', COINS), by: [TREASURER] },
    { outcome: 'accepted', draft: open('budget', COINS), by: [TREASURER] },
  ],
  'open-account of a member': [
    { outcome: 'unit-unknown', draft: open('member', NOBODY), by: [TREASURER] },
    { outcome: 'not-entitled', draft: open('member', COINS), by: [ROOT, TREASURER, ISSUER] },
    { outcome: 'accepted', draft: open('member', COINS), by: [REGISTRAR] },
  ],
  fund: [
    { outcome: 'time-ahead', draft: fund(NOBODY, NOBODY), by: NO_ONE_ENTITLED, offset: FUTURE },
    { outcome: 'time-behind', draft: fund(NOBODY, NOBODY), by: NO_ONE_ENTITLED, offset: PAST },
    { outcome: 'debit-unknown', draft: fund(NOBODY, NOBODY), by: NO_ONE_ENTITLED },
    { outcome: 'credit-unknown', draft: fund(MEMBER, NOBODY), by: NO_ONE_ENTITLED },
    { outcome: 'same-account', draft: fund(MEMBER, MEMBER), by: NO_ONE_ENTITLED },
    { outcome: 'unit-mismatch', draft: fund(MEMBER, GEM_MEMBER), by: NO_ONE_ENTITLED },
    { outcome: 'debit-kind', draft: fund(MEMBER, OTHER), by: NO_ONE_ENTITLED },
    { outcome: 'credit-kind', draft: fund(TREASURY, MEMBER), by: NO_ONE_ENTITLED },
    { outcome: 'not-entitled', draft: fund(TREASURY, BUDGET, AMOUNT_MAX), by: [ROOT, REGISTRAR, ISSUER] },
    { outcome: 'over-cap', draft: fund(TREASURY, BUDGET, AMOUNT_MAX), by: [TREASURER] },
    { outcome: 'over-cap', draft: fund(TREASURY, BUDGET, CAP - FUNDED + 1), by: [TREASURER] },
    { outcome: 'accepted', draft: fund(TREASURY, BUDGET, CAP - FUNDED), by: [TREASURER] },
    { outcome: 'over-cap', draft: fund(TREASURY, BUDGET, 1), by: [TREASURER] },
  ],
  issue: [
    { outcome: 'time-ahead', draft: issue(NOBODY, NOBODY, 1, COINS), by: NO_ONE_ENTITLED, offset: FUTURE },
    { outcome: 'time-behind', draft: issue(NOBODY, NOBODY, 1, COINS), by: NO_ONE_ENTITLED, offset: PAST },
    { outcome: 'rule-unknown', draft: issue(NOBODY, NOBODY, 1, COINS), by: NO_ONE_ENTITLED },
    { outcome: 'rule-unknown', draft: issue(NOBODY, NOBODY, 1, NOBODY), by: NO_ONE_ENTITLED },
    { outcome: 'debit-unknown', draft: issue(NOBODY, NOBODY, 1, RULE), by: NO_ONE_ENTITLED },
    { outcome: 'credit-unknown', draft: issue(MEMBER, NOBODY), by: NO_ONE_ENTITLED },
    { outcome: 'same-account', draft: issue(MEMBER, MEMBER), by: NO_ONE_ENTITLED },
    { outcome: 'unit-mismatch', draft: issue(TREASURY, GEM_TREASURY), by: NO_ONE_ENTITLED },
    { outcome: 'debit-kind', draft: issue(TREASURY, BUDGET), by: NO_ONE_ENTITLED },
    { outcome: 'credit-kind', draft: issue(BUDGET, TREASURY), by: NO_ONE_ENTITLED },
    { outcome: 'not-entitled', draft: issue(BUDGET, MEMBER, AMOUNT_MAX), by: [ROOT, REGISTRAR, TREASURER] },
    { outcome: 'not-entitled', draft: issue(GEM_BUDGET, GEM_MEMBER, AMOUNT_MAX), by: [ISSUER] },
    { outcome: 'insufficient', draft: issue(BUDGET, MEMBER, FUNDED - HELD + 1), by: [ISSUER] },
    { outcome: 'accepted', draft: issue(BUDGET, MEMBER, FUNDED - HELD, RULE), by: [ISSUER] },
  ],
  redeem: [
    { outcome: 'time-ahead', draft: redeem(NOBODY, NOBODY), owners: [OTHER], offset: FUTURE },
    { outcome: 'time-behind', draft: redeem(NOBODY, NOBODY), owners: [OTHER], offset: PAST },
    { outcome: 'debit-unknown', draft: redeem(NOBODY, NOBODY), owners: [OTHER] },
    { outcome: 'credit-unknown', draft: redeem(BUDGET, NOBODY), owners: [OTHER] },
    { outcome: 'same-account', draft: redeem(BUDGET, BUDGET), owners: [OTHER] },
    { outcome: 'unit-mismatch', draft: redeem(BUDGET, GEM_BUDGET), owners: [OTHER] },
    { outcome: 'debit-kind', draft: redeem(BUDGET, MEMBER), owners: [OTHER] },
    { outcome: 'credit-kind', draft: redeem(MEMBER, OTHER), owners: [OTHER] },
    { outcome: 'not-entitled', draft: redeem(MEMBER, TREASURY, HELD + 1), by: EVERYONE, owners: [OTHER] },
    { outcome: 'insufficient', draft: redeem(MEMBER, TREASURY, HELD + 1), owners: [MEMBER] },
    { outcome: 'accepted', draft: redeem(MEMBER, TREASURY, HELD), owners: [MEMBER] },
  ],
}

describe('outcomes in order of precedence (SPEC §8)', () => {
  test.each(Object.entries(LADDERS))('%s', (_, steps) => {
    const table = new Table()
    let last = 0
    for (const { outcome, draft, by, owners = [], offset } of steps) {
      const records = by ?? (owners.length > 0 ? [] : EVERYONE)
      expect(table.one(records, owners, table.bytes(draft, offset)), JSON.stringify(draft)).toBe(outcome)
      // The ladder goes down the list; what is accepted stands at its end.
      const rank = outcome === 'accepted' ? OUTCOMES.length : OUTCOMES.indexOf(outcome)
      if (last < OUTCOMES.length) expect(rank).toBeGreaterThanOrEqual(last)
      last = rank
    }
  })

  test('exists and id-taken come before everything, also before the time', () => {
    const table = new Table()
    const id = makeId(T, new Uint8Array(10))
    const bytes = table.bytes(redeem(MEMBER, TREASURY, HELD + 1), 0, id)
    expect(table.one([], [MEMBER], bytes)).toBe('insufficient')
    const later = T + 10 * SKEW
    const fresh = table.bytes(redeem(MEMBER, TREASURY, 1), 10 * SKEW)
    const other = table.bytes(redeem(MEMBER, TREASURY, 1), 0, id)
    expect(table.driver.submit([{ account: MEMBER }], [bytes, other, fresh], later)).toEqual([
      'exists',
      'id-taken',
      'accepted',
    ])
    // A refused transaction uses up its id, and one batch can meet its own ids.
    const twice = table.bytes(redeem(MEMBER, TREASURY, 1), 10 * SKEW)
    expect(table.driver.submit([{ account: MEMBER }], [twice, twice], later)).toEqual(['accepted', 'exists'])
    expect(table.driver.submit([{ account: MEMBER }], [twice, bytes], later)).toBeUndefined()
  })

  test('times are allowed up to the skew, and into the past as far as a key of the batch may reach', () => {
    const table = new Table()
    const at = (offset: number, by: readonly number[]) =>
      table.one(by, [], table.bytes(issue(BUDGET, MEMBER, 1), offset))
    expect([at(SKEW, [ISSUER]), at(SKEW + 1, [ISSUER])]).toEqual(['accepted', 'time-ahead'])
    expect([at(-SKEW - BACKDATE, [ISSUER]), at(-SKEW - BACKDATE - 1, [ISSUER])]).toEqual(['accepted', 'time-behind'])
    const funded = (offset: number, by: readonly number[]) =>
      table.one(by, [], table.bytes(fund(TREASURY, BUDGET, 1), offset))
    expect([funded(-SKEW, [TREASURER]), funded(-SKEW - 1, [TREASURER])]).toEqual(['accepted', 'time-behind'])
    expect(funded(-SKEW - BACKDATE, [TREASURER, ISSUER])).toBe('accepted')
  })

  test('running totals end at 2^53 - 1', () => {
    const table = new Table()
    table.all([ROOT], unit('vast', AMOUNT_MAX))
    const vast = 8
    table.all([TREASURER], open('treasury', vast), open('budget', vast))
    table.all([REGISTRAR], open('member', vast))
    table.all([ROOT], key('issuer', [8]))
    const [treasury, budget, member, issuer] = [7, 8, 9, 9]
    table.all([TREASURER], fund(treasury, budget, AMOUNT_MAX))
    table.all([issuer], issue(budget, member, AMOUNT_MAX))
    expect(table.one([], [member], table.bytes(redeem(member, treasury, 1)))).toBe('accepted')
    // The treasury has room for one more by its cap, and none in the sum of its debits.
    expect(table.one([TREASURER], [], table.bytes(fund(treasury, budget, 1)))).toBe('total-overflow')
  })

  test('a unit more than there may be, and a record more than there may be, are refused', () => {
    const table = new Table()
    for (let i = 2; i < UNITS_MAX; i++) table.all([ROOT], unit(`u${i}`))
    expect(table.one([ROOT], [], table.bytes(unit('one-more')))).toBe('registry-full')
    expect(table.one([ROOT], [], table.bytes(unit('coins')))).toBe('name-taken')
    let left = RECORDS_MAX - table.driver.ledger.state.registry.records.length
    for (; left > 0; left -= Math.min(left, BATCH_TRANSACTIONS_MAX)) {
      const keys = Array.from({ length: Math.min(left, BATCH_TRANSACTIONS_MAX) }, () => key('auditor'))
      table.all([ROOT], ...keys)
    }
    expect(table.driver.ledger.state.registry.records.length).toBe(RECORDS_MAX)
    expect(table.one([ROOT], [], table.bytes(key('auditor')))).toBe('registry-full')
    expect(table.one([ROOT], [], table.bytes(rule('one-more')))).toBe('registry-full')
  })

  test('an account more than there may be is refused', () => {
    const table = new Table()
    const { accounts } = table.driver.ledger.state
    // Forced: four thousand million real ones would take a day.
    Object.defineProperty(accounts, 'count', { get: () => 2 ** 32 })
    expect(table.one([REGISTRAR], [], table.bytes(open('member', COINS)))).toBe('accounts-full')
  })

  test('a refused transaction changes nothing, and later positions see what earlier ones did', () => {
    const table = new Table()
    const { accounts } = table.driver.ledger.state
    const before = accounts.get(MEMBER)
    const list = [HELD, 1, HELD].map(amount => table.bytes(redeem(MEMBER, TREASURY, amount)))
    expect(table.driver.submit([{ account: MEMBER }], list, T)).toEqual(['accepted', 'insufficient', 'insufficient'])
    expect(accounts.get(MEMBER)).toMatchObject({ entries: before.entries + 1, debited: HELD, credited: HELD })
  })
})

describe('batches refused whole (SPEC §7)', () => {
  test.each<[string, NaiveSigner[], Draft]>([
    ['signer-unknown', [{ record: COINS }], rule('x')],
    ['signer-unknown', [{ record: NOBODY }], rule('x')],
    ['signer-unknown', [{ account: NOBODY }], rule('x')],
    ['signer-unknown', [{ account: BUDGET }], rule('x')],
    ['signer-unknown', [{ record: REVOKED }, { account: BUDGET }], rule('x')],
    ['signer-revoked', [{ record: ROOT }, { record: REVOKED }], rule('x')],
    [
      'batch-genesis',
      [{ record: NOBODY }],
      { kind: 'genesis', origin: 't', logKey: KEY, rootKey: KEY, skewMs: 1, promiseMs: 1 },
    ],
  ])('%s: %j', (code, signers, draft) => {
    const table = new Table()
    const size = table.driver.ledger.size
    expect(table.driver.submit(signers, [table.bytes(draft)], T)).toBe(code)
    expect(table.driver.ledger.size).toBe(size)
  })

  test('the first batch is genesis alone, signed by record 0', () => {
    const genesis = encodeTransaction({
      kind: 'genesis',
      id: makeId(T, new Uint8Array(10)),
      origin: 't',
      logKey: KEY,
      rootKey: KEY,
      roots: 1,
      skewMs: 1,
      promiseMs: 1,
    })
    const other = encodeTransaction(fromDraft(rule('x'), makeId(T, new Uint8Array(10))))
    const first = (signers: NaiveSigner[], ...list: Uint8Array[]) => new Driver().submit(signers, list, T)
    expect(first([{ record: 0 }], other)).toBe('batch-genesis')
    expect(first([{ record: 0 }], genesis, other)).toBe('batch-genesis')
    expect(first([{ record: 1 }], genesis)).toBe('signer-unknown')
    expect(first([{ record: 0 }, { record: 1 }], genesis)).toBe('signer-unknown')
    expect(first([{ account: 0 }], genesis)).toBe('signer-unknown')
    expect(first([{ record: 0 }], genesis)).toEqual(['accepted'])
  })
})
