import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { makeTransaction } from '../../../src/client/index.ts'
import { equalBytes, fromHex } from '../../../src/core/bytes.ts'
import type { CborValue } from '../../../src/core/cbor.ts'
import { encodeCbor } from '../../../src/core/cbor-writer.ts'
import { publicKeyFromSeed } from '../../../src/core/crypto/ed25519.ts'
import {
  type BatchEntry,
  decodeBatch,
  encodeBatch,
  type Signature,
  transactionsFrom,
} from '../../../src/core/entry/batch.ts'
import type { Group } from '../../../src/core/entry/group.ts'
import { makeId } from '../../../src/core/entry/id.ts'
import { OUTCOMES } from '../../../src/core/entry/outcome.ts'
import { decodeSeal, encodeSeal, type Seal } from '../../../src/core/entry/seal.ts'
import { decodeSubmission, encodeSubmission } from '../../../src/core/entry/submission.ts'
import {
  ACCOUNT_KINDS,
  checkKeys,
  decodeTransaction,
  encodeTransaction,
  KINDS,
  ROLES,
  type Role,
  type Transaction,
  type TransactionOf,
  TransactionView,
} from '../../../src/core/entry/transaction.ts'
import { FORMS } from '../../../src/core/entry/transaction-forms.ts'
import { CodedError, FormatError } from '../../../src/core/failure.ts'
import {
  ACCOUNTS_MAX,
  AMOUNT_MAX,
  BATCH_SIGNATURES_MAX,
  BATCH_TRANSACTIONS_MAX,
  BEAT_MS_MAX,
  BEAT_MS_MIN,
  DAY_QUARTERS,
  ENTRY_BYTES_MAX,
  GROUP_TRANSACTIONS_MAX,
  GROUPS_MAX,
  HOLD_MS_MAX,
  OFFSET_MAX,
  ORIGIN_BYTES_MAX,
  PROMISE_MS_MAX,
  PROMISE_MS_MIN,
  QUARTERS_MAX,
  RECORDS_MAX,
  RECOVERY_KEYS_MAX,
  ROOTS_MAX,
  SCOPE_MAX,
  SKEW_MS_MAX,
  SKEW_MS_MIN,
  SUBMISSION_BYTES_MAX,
  TAKEOVER_MS_MIN,
  TIME_MS_MAX,
  TRANSACTION_BYTES_MAX,
} from '../../../src/core/limits.ts'
import { type BatchAnswer, decodeAnswer, encodeAnswer } from '../../../src/verify/batch-answer.ts'
import { runs } from '../../runs.ts'

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
/** Keys that can sign: not all bytes are such. */
const KEYS = Array.from({ length: 8 }, (_, n) => publicKeyFromSeed(new Uint8Array(32).fill(n)))
const publicKey = fc.constantFrom(...KEYS)
const publicKeys = (max: number) => fc.subarray(KEYS, { minLength: 1, maxLength: max })
const id = fc
  .tuple(fc.integer({ min: 0, max: TIME_MS_MAX }), fc.uint8Array({ minLength: 10, maxLength: 10 }))
  .map(([time, random]) => makeId(time, random))
const time = fc.integer({ min: 0, max: TIME_MS_MAX })
const account = fc.integer({ min: 0, max: ACCOUNTS_MAX - 1 })
const record = fc.integer({ min: 0, max: RECORDS_MAX - 1 })
const amount = fc.integer({ min: 1, max: AMOUNT_MAX })
const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/)
const dates = fc.oneof(
  fc.constant({ matures: 0, expires: 0 }),
  fc
    .tuple(fc.nat(QUARTERS_MAX - 1), fc.nat(QUARTERS_MAX - 1))
    .map(([a, b]) => ({ matures: Math.min(a, b), expires: Math.max(a, b) + 1 })),
)
const scope = fc
  .uniqueArray(account, { minLength: 1, maxLength: SCOPE_MAX })
  .map(list => list.toSorted((a, b) => a - b))
const recovery = publicKeys(RECOVERY_KEYS_MAX).chain(keys =>
  fc.record({ keys: fc.constant(keys), need: fc.integer({ min: 1, max: keys.length }), delayMs: time }),
)

/** A value for each field, by its name; fields of one name have one form. */
const FIELDS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  origin: fc.stringMatching(/^[a-z0-9./-]{1,60}$/),
  name,
  role: fc.constantFrom(...(Object.keys(ROLES) as Role[])),
  scope: fc.constant([]),
  pools: fc.uniqueArray(fc.nat(2 ** 32 - 1), { maxLength: 4 }).map(list => list.sort((a, b) => a - b)),
  recovery: fc.option(recovery, { nil: null }),
  sponsor: fc.option(account, { nil: null }),
  ref: fc.option(fc.uint8Array({ minLength: 16, maxLength: 16 }), { nil: null }),
  accountKind: fc.constantFrom(...Object.keys(ACCOUNT_KINDS)),
  roots: publicKeys(ROOTS_MAX),
  need: fc.constant(1),
  skewMs: fc.integer({ min: SKEW_MS_MIN, max: SKEW_MS_MAX }),
  beatMs: fc.integer({ min: BEAT_MS_MIN, max: BEAT_MS_MAX }),
  promiseMs: fc.integer({ min: PROMISE_MS_MIN, max: PROMISE_MS_MAX }),
  size: fc.nat(1000),
  root: bytes32,
  seen: fc.option(fc.integer({ min: 1001, max: 2 ** 53 - 1 }), { nil: null }),
  backdateMs: fc.constant(0),
  succeeds: fc.constant(null),
  strand: fc.nat(1),
  holdMaxMs: fc.integer({ min: 1, max: HOLD_MS_MAX }),
  offset: fc.nat(OFFSET_MAX),
  grain: fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 96),
  takeoverMs: fc.integer({ min: TAKEOVER_MS_MIN, max: TIME_MS_MAX }),
  reason: fc.nat(255),
  custody: fc.nat(15),
  take: fc.option(
    fc.record({
      each: fc.integer({ min: 1, max: 100 }),
      most: amount,
      keep: fc.nat(100),
      day: amount,
      open: fc.nat(1),
    }),
    { nil: null },
  ),
  collect: fc.option(fc.nat(QUARTERS_MAX), { nil: null }),
  may: fc.nat(1),
  round: fc.constant(0),
  tier: fc.integer({ min: 1, max: 255 }),
  budgets: fc.uniqueArray(account, { minLength: 1, maxLength: 64 }).map(list => list.sort((a, b) => a - b)),
  owner: fc.option(publicKey, { nil: null }),
  custodian: fc.option(fc.record({ record, leaf: bytes32 }), { nil: null }),
  details: bytes32,
  life: fc.nat(QUARTERS_MAX),
  matures: fc.nat(QUARTERS_MAX),
  expires: fc.integer({ min: 1, max: QUARTERS_MAX }),
  hold: id,
  original: id,
  parts: fc.constant([]),
  cites: fc.option(id, { nil: null }),
  grant: id,
  until: fc.integer({ min: 2, max: TIME_MS_MAX }),
  from: fc.nat(1),
  ...Object.fromEntries(['logKey', 'key'].map(field => [field, publicKey])),
  ...Object.fromEntries(['digest', 'nonce', 'terms'].map(field => [field, bytes32])),
  windowMs: time,
  noticeMs: time,
  rule: fc.integer({ min: 1, max: RECORDS_MAX - 1 }),
  ...Object.fromEntries(['record', 'unit', 'rate', 'to', 'source'].map(field => [field, record])),
  ...Object.fromEntries(['debit', 'credit', 'account', 'budget', 'series'].map(field => [field, account])),
  ...Object.fromEntries(
    [
      'amount',
      'cap',
      'step',
      'give',
      'get',
      'gained',
      'giftEach',
      'giftDay',
      'debtMax',
      'memberDay',
      'memberWeek',
      'memberMonth',
      'memberTotal',
      'day',
      'week',
      'month',
      'total',
      'balanceMax',
      'memberRate',
    ].map(field => [field, amount]),
  ),
}

interface Dates {
  readonly matures: number
  readonly expires: number
}

const lotOf = (dates: Dates) => (dates.expires === 0 ? { matures: 1, expires: 0 } : dates)

/** An owner, or the first of the keys where nobody else acts; and recovery terms of which her key is none. */
const ownerOf = ({ owner, custodian, recovery }: Record<string, unknown>) => {
  const own = owner === null && custodian === null ? KEYS[0]! : (owner as Uint8Array | null)
  const terms = recovery as { readonly keys: readonly Uint8Array[] } | null
  return { owner: own, recovery: terms?.keys.some(key => own !== null && equalBytes(key, own)) ? null : terms }
}

/** What makes the fields of some kinds fit each other. */
const FITTING: Readonly<
  Record<string, (tx: Record<string, unknown>, more: { scope: number[]; dates: Dates }) => object>
> = {
  'register-key': ({ role, id }, { scope }) => ({
    ...(role === 'issuer' || role === 'merchant' ? { scope } : {}),
    ...(role === 'custodian' ? { succeeds: 7 } : {}),
    ...(role === 'registrar' ? { backdateMs: (id as Uint8Array)[15] } : {}),
  }),
  'define-unit': ({ windowMs, holdMaxMs }) => ({
    holdMaxMs: windowMs === 0 ? holdMaxMs : Math.min(Number(windowMs), Number(holdMaxMs)),
  }),
  'set-custody': ownerOf,
  'open-account': tx => {
    const { accountKind } = tx
    if (accountKind !== 'member') {
      const none = { owner: null, custodian: null, recovery: null, ref: null }
      return accountKind === 'budget' || accountKind === 'series' ? none : { ...none, sponsor: null }
    }
    return ownerOf(tx)
  },
  issue: (_, { dates }) => dates,
  // Every opening balance has a reference.
  'opening-balance': ({ ref }, { dates }) => ({ ...dates, ref: ref ?? new Uint8Array(16) }),
  settle: ({ id, amount }) => (Number(amount) % 2 === 0 ? { original: null } : { original: id }),
  transfer: (_, { dates }) => dates,
  merge: ({ amount }, { dates }) => {
    const part = { ...dates, amount }
    return Number(amount) % 7 === 0 ? { amount: 0 } : { parts: [part] }
  },
  take: (_, { dates }) => lotOf(dates),
  // Only a lot that matures is collected.
  collect: (_, { dates: { matures, expires } }) => ({
    matures: Math.max(1, matures),
    expires: expires === 0 ? 0 : Math.max(2, expires),
  }),
  claim: ({ ref, id }) => (ref === null ? {} : { round: (id as Uint8Array)[15]! & 1 }),
}

const transaction: fc.Arbitrary<Transaction> = fc.oneof(
  ...KINDS.map(kind =>
    fc
      .tuple(
        fc.record({
          kind: fc.constant(kind),
          id,
          ...Object.fromEntries(Object.keys(FORMS[kind]).map(field => [field, FIELDS[field]!])),
        }),
        fc.record({ scope, dates }),
      )
      .map(([fields, more]) => ({ ...fields, ...FITTING[kind]?.(fields, more) }) as unknown as Transaction),
  ),
)

const signatures = fc
  .uniqueArray(
    fc.record({
      class: fc.constantFrom(0 as const, 1 as const),
      number: fc.nat(RECORDS_MAX - 1),
      ed25519: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    }),
    { minLength: 1, maxLength: BATCH_SIGNATURES_MAX, selector: one => `${one.class} ${one.number}` },
  )
  .map((list): Signature[] => list.toSorted((a, b) => a.class - b.class || a.number - b.number))

/** Groups of one outcome: of every run of two to four statuses that are all 0, or of which none is. */
function groupsIn(statuses: Uint8Array): Group[] {
  const groups: Group[] = []
  for (let first = 0; first < statuses.length; ) {
    let count = 1
    while (count < 4 && (statuses[first] === 0) === (statuses[first + count] === 0) && first + count < statuses.length)
      count++
    if (count > 1) groups.push({ first, count })
    first += count
  }
  return groups
}

const batch: fc.Arbitrary<BatchEntry> = fc
  .record({
    time,
    signatures,
    root: bytes32,
    statuses: fc.uint8Array({ minLength: 1, maxLength: 50, max: OUTCOMES.length - 1 }),
  })
  .map(one => ({ ...one, version: 1, groups: groupsIn(one.statuses), count: one.statuses.length }))

const seal: fc.Arbitrary<Seal> = fc.record({
  version: fc.constant(1),
  epoch: fc.nat(),
  time,
  accounts: fc.integer({ min: 0, max: ACCOUNTS_MAX }),
  stateRoot: bytes32,
  records: fc.integer({ min: 0, max: RECORDS_MAX }),
  registryRoot: bytes32,
  totalsRoot: bytes32,
})

/** Only FormatErrors come out of what was changed; and what is still read is spelled the way it was read. */
function strict<T>(bytes: Uint8Array, read: (bytes: Uint8Array) => T, write: (value: T) => Uint8Array): void {
  let value: T
  try {
    value = read(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError)
    return
  }
  expect(write(value)).toEqual(Uint8Array.from(bytes))
}

const edit = fc.record({ at: fc.nat(), remove: fc.nat(3), insert: fc.uint8Array({ maxLength: 3 }) })
const edited = (bytes: Uint8Array, { at, remove, insert }: { at: number; remove: number; insert: Uint8Array }) => {
  const start = at % (bytes.length + 1)
  return Uint8Array.of(...bytes.subarray(0, start), ...insert, ...bytes.subarray(start + remove))
}

/** What a reader of untrusted bytes makes of them: a value, or the code of its refusal. */
function resultOf(read: () => Transaction): unknown {
  try {
    return read()
  } catch (error) {
    return (error as CodedError).code
  }
}

/** As anyone who takes a transaction from outside has it, whose keys the view leaves to others. */
function checked(one: Transaction): Transaction {
  checkKeys(one)
  return one
}

describe('entries are read as they are written, and no other bytes are', () => {
  const view = new TransactionView()

  test('transactions', () => {
    fc.assert(
      fc.property(transaction, edit, (one, change) => {
        const bytes = encodeTransaction(one)
        expect(decodeTransaction(bytes)).toEqual(one)
        const other = edited(bytes, change)
        strict(other, decodeTransaction, encodeTransaction)
        expect(resultOf(() => checked(view.read(other).toTransaction()))).toEqual(
          resultOf(() => decodeTransaction(other)),
        )
      }),
      { numRuns: runs(1500, 300) },
    )
  })

  test('batches and seals', () => {
    fc.assert(
      fc.property(batch, seal, edit, (one, other, change) => {
        expect(decodeBatch(encodeBatch(one))).toEqual(one)
        expect(decodeSeal(encodeSeal(other))).toEqual(other)
        strict(edited(encodeBatch(one), change), decodeBatch, encodeBatch)
        strict(edited(encodeSeal(other), change), decodeSeal, encodeSeal)
      }),
      { numRuns: runs(500, 100) },
    )
  })

  test('submissions and answers', () => {
    const list = fc.array(transaction.map(encodeTransaction), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(signatures, list, edit, (signed, transactions, change) => {
        const bytes = encodeSubmission(signed, transactions)
        const read = decodeSubmission(bytes)
        expect(read.signatures).toEqual(signed)
        expect(read.transactions.root).toEqual(transactionsFrom(transactions).root)
        try {
          decodeSubmission(edited(bytes, change))
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError)
        }
      }),
      { numRuns: runs(300, 60) },
    )
    const promise: BatchAnswer['promise'] = {
      ledgerId: new Uint8Array(32),
      size: 9,
      root: new Uint8Array(32),
      deadline: 1,
      signature: new Uint8Array(64),
      index: 3,
      batch: Uint8Array.of(1, 2),
      path: [new Uint8Array(32)],
    }
    const answer: BatchAnswer = {
      index: 3,
      size: 9,
      statuses: Uint8Array.of(0, 1, 24),
      existed: [[1, 7]],
      accounts: [[0, 4]],
      promise,
      checkpoint: Uint8Array.of(65),
    }
    for (const one of [answer, { ...answer, index: null, promise: null, checkpoint: null }]) {
      expect(decodeAnswer(encodeAnswer(one))).toEqual(one)
      fc.assert(fc.property(edit, change => strict(edited(encodeAnswer(one), change), decodeAnswer, encodeAnswer)))
    }
  })

  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(1, 2, 3), (bytes, type) => {
        const entry = Uint8Array.of(type, ...bytes)
        strict(entry, decodeTransaction, encodeTransaction)
        strict(entry, decodeBatch, encodeBatch)
        strict(entry, decodeSeal, encodeSeal)
        expect(() => decodeSubmission(bytes)).toThrow(FormatError)
      }),
      { numRuns: runs(1000, 200) },
    )
  })
})

describe('every bound holds at the bound, and not one past it', () => {
  const [key] = KEYS as [Uint8Array]
  const fixed = makeId(0, new Uint8Array(10))
  const GENESIS = { id: fixed, origin: 'o', logKey: key, roots: [key], skewMs: SKEW_MS_MIN, promiseMs: PROMISE_MS_MIN }
  const accepts = (one: Transaction) => expect(decodeTransaction(encodeTransaction(one))).toEqual(one)
  const refuses = (one: Transaction) => expect(() => encodeTransaction(one)).toThrow(CodedError)

  test('amounts and caps: 1 to AMOUNT_MAX', () => {
    const fund = (amount: number) => makeTransaction('fund', { id: fixed, debit: 0, credit: 1, amount })
    for (const amount of [1, AMOUNT_MAX]) accepts(fund(amount))
    refuses(fund(0))
    expect(() => encodeTransaction(fund(AMOUNT_MAX + 1))).toThrow(/not a whole number/)
    refuses(makeTransaction('define-unit', { id: fixed, name: 'a', cap: 0 }))
  })

  test('account numbers below ACCOUNTS_MAX, record numbers below RECORDS_MAX', () => {
    const fund = (debit: number) => makeTransaction('fund', { id: fixed, debit, credit: 1, amount: 1 })
    accepts(fund(ACCOUNTS_MAX - 1))
    refuses(fund(ACCOUNTS_MAX))
    const revoke = (record: number, more = {}) =>
      makeTransaction('revoke', { id: fixed, record, reason: 255, strand: 1, ...more })
    accepts(revoke(RECORDS_MAX - 1))
    refuses(revoke(RECORDS_MAX))
    refuses(revoke(0, { reason: 256 }))
    refuses(revoke(0, { strand: 2 }))
    const grant = (to: number, may: number) => makeTransaction('grant', { id: fixed, account: 1, to, may, terms: key })
    for (const good of [grant(RECORDS_MAX - 1, 0), grant(ACCOUNTS_MAX - 1, 1)]) accepts(good)
    for (const bad of [grant(RECORDS_MAX, 0), grant(ACCOUNTS_MAX, 1), grant(1, 2)]) refuses(bad)
  })

  test('scopes of up to SCOPE_MAX, for issuers and nobody else', () => {
    const register = (role: Role, scope: number[], more = {}) =>
      makeTransaction('register-key', { id: fixed, key, role, scope, ...more })
    const issuer = (count: number, role: Role = 'issuer') => register(role, Array.from(Array(count).keys()))
    accepts(issuer(SCOPE_MAX))
    for (const bad of [issuer(SCOPE_MAX + 1), issuer(0), issuer(1, 'root')]) refuses(bad)
    for (const scope of [
      [1, 1],
      [2, 1],
    ])
      refuses(register('issuer', scope))
    // Who issues and who opens accounts may reach into the past, and a custodian succeeds another.
    for (const role of ['issuer', 'registrar', 'treasurer'] as const) {
      accepts(register(role, role === 'issuer' ? [1] : [], { backdateMs: TIME_MS_MAX }))
      refuses(register(role, role === 'issuer' ? [1] : [], { backdateMs: TIME_MS_MAX + 1 }))
      refuses(register(role, role === 'issuer' ? [1] : [], { succeeds: 1 }))
    }
    for (const role of ['root', 'merchant', 'custodian', 'operator', 'auditor'] as const)
      refuses(register(role, role === 'merchant' ? [1] : [], { backdateMs: 1 }))
    accepts(register('custodian', [], { succeeds: RECORDS_MAX - 1, rate: AMOUNT_MAX }))
    refuses(register('custodian', [], { succeeds: RECORDS_MAX }))
  })

  test('origins of up to ORIGIN_BYTES_MAX bytes, names of up to 32', () => {
    const genesis = (origin: string) => makeTransaction('genesis', { ...GENESIS, origin })
    accepts(genesis('o'.repeat(ORIGIN_BYTES_MAX)))
    for (const bad of ['', 'o'.repeat(ORIGIN_BYTES_MAX + 1), 'a b', 'a+b', 'a\u0000', 'a\u007f', 'a\u2003b'])
      refuses(genesis(bad))
    const unit = (name: string) => makeTransaction('define-unit', { id: fixed, name, cap: 1 })
    accepts(unit('n'.repeat(32)))
    for (const bad of ['', 'n'.repeat(33), 'Coins', '1coin', 'co_ins', 'coins\n', 'münze']) refuses(unit(bad))
  })

  test('members, and nobody else, have an owner, a custodian or recovery keys', () => {
    const plain = { id: fixed, accountKind: 'member', unit: 0, terms: key, owner: key, nonce: key } as const
    const open = (fields: Partial<TransactionOf<'open-account'>>) =>
      makeTransaction('open-account', { ...plain, ...fields })
    const custodian = { record: RECORDS_MAX - 1, leaf: key }
    const terms = (keys: number, need = 1) => ({
      recovery: { keys: KEYS.slice(1, 1 + keys), need, delayMs: TIME_MS_MAX },
    })
    for (const good of [open({}), open({ owner: null, custodian }), open({ custodian })]) accepts(good)
    refuses(open({ custodian: { record: RECORDS_MAX, leaf: key } }))
    refuses(open({ custodian: { record: 1, leaf: new Uint8Array(31) } }))
    refuses(open({ owner: null }))
    for (const accountKind of ['treasury', 'budget', 'merchant', 'expired'] as const) {
      accepts(open({ accountKind, owner: null }))
      refuses(open({ accountKind }))
      refuses(open({ accountKind, owner: null, custodian }))
      refuses(open({ accountKind, owner: null, ...terms(1) }))
    }
    for (const good of [terms(1), terms(RECOVERY_KEYS_MAX, RECOVERY_KEYS_MAX)]) accepts(open(good))
    for (const bad of [terms(0), terms(RECOVERY_KEYS_MAX + 1), terms(2, 3), terms(2, 0)]) refuses(open(bad))
    const other = KEYS[1]!
    refuses(open({ recovery: { keys: [other, other], need: 1, delayMs: 0 } }))
    // A recovery key that is the owner's is lost with it.
    refuses(open({ recovery: { keys: [other, key], need: 1, delayMs: 0 } }))
    refuses(
      makeTransaction('set-custody', {
        id: fixed,
        account: 1,
        owner: key,
        custodian: null,
        recovery: { keys: [key], need: 1, delayMs: 0 },
      }),
    )
    const custody = (fields: Partial<TransactionOf<'set-custody'>>) =>
      makeTransaction('set-custody', { id: fixed, account: 1, owner: null, custodian: null, ...fields })
    for (const good of [custody({ owner: key }), custody({ custodian }), custody({ owner: key, ...terms(2) })])
      accepts(good)
    refuses(custody({}))
  })

  test('dates of points: quarter hours up to QUARTERS_MAX, maturing before they expire; a hold has an end; a budget opens before it closes', () => {
    const issue = (matures: number, expires: number) =>
      makeTransaction('issue', { id: fixed, debit: 0, credit: 1, amount: 1, matures, expires })
    for (const [matures, expires] of [
      [0, 0],
      [5, 0],
      [0, 1],
      [QUARTERS_MAX - 1, QUARTERS_MAX],
      [QUARTERS_MAX, 0],
    ] as const)
      accepts(issue(matures, expires))
    for (const [matures, expires] of [
      [1, 1],
      [2, 1],
      [0, QUARTERS_MAX + 1],
      [QUARTERS_MAX + 1, 0],
    ] as const)
      refuses(issue(matures, expires))
    const transfer = { id: fixed, debit: 0, credit: 1, amount: 1 }
    accepts(makeTransaction('transfer', { ...transfer, matures: 1, expires: 2 }))
    refuses(makeTransaction('transfer', { ...transfer, matures: 2, expires: 2 }))
    for (const [matures, expires] of [
      [1, 0],
      [0, 1],
    ] as const) {
      accepts(makeTransaction('take', { ...transfer, matures, expires }))
      // A lot without maturity is collected already.
      const collect = makeTransaction('collect', { id: fixed, account: 1, matures, expires })
      if (matures > 0) accepts(collect)
      else refuses(collect)
    }
    for (const [matures, expires] of [
      [0, 0],
      [2, 2],
    ] as const) {
      refuses(makeTransaction('take', { ...transfer, matures, expires }))
      refuses(makeTransaction('collect', { id: fixed, account: 1, matures, expires }))
    }
    accepts(makeTransaction('hold', { ...transfer, until: 1 }))
    refuses(makeTransaction('hold', { ...transfer, until: 0 }))
    accepts(makeTransaction('set-budget', { id: fixed, account: 1, from: 5, until: 6 }))
    refuses(makeTransaction('set-budget', { id: fixed, account: 1, from: 5, until: 5 }))
    for (const pools of [[], [0], [2, 3, 5, 2 ** 32 - 1]])
      accepts(makeTransaction('set-budget', { id: fixed, account: 1, pools }))
    for (const pools of [[2, 2], [3, 2], [2, 3, 5, 8, 13], [2 ** 32]])
      refuses(makeTransaction('set-budget', { id: fixed, account: 1, pools }))
  })

  test('root keys: 1 to ROOTS_MAX, no two the same, and no more needed than there are; spans within their bounds', () => {
    const genesis = (roots: Uint8Array[], need = 1, more = {}) =>
      makeTransaction('genesis', { ...GENESIS, roots, need, ...more })
    for (const good of [1, ROOTS_MAX]) accepts(genesis(KEYS.slice(0, good), good))
    for (const bad of [0, ROOTS_MAX + 1]) refuses(genesis(KEYS.slice(0, bad)))
    for (const need of [0, 3]) refuses(genesis(KEYS.slice(0, 2), need))
    refuses(genesis([key, key]))
    for (const [field, min, max] of [
      ['skewMs', SKEW_MS_MIN, SKEW_MS_MAX],
      ['beatMs', BEAT_MS_MIN, BEAT_MS_MAX],
      ['promiseMs', PROMISE_MS_MIN, PROMISE_MS_MAX],
    ] as const) {
      for (const good of [min, max]) accepts(genesis([key], 1, { [field]: good }))
      for (const bad of [min - 1, max + 1]) refuses(genesis([key], 1, { [field]: bad }))
    }
  })

  test('the policy of a unit: holds end within the window or a year, the grain divides a day, a takeover takes a week', () => {
    const unit = (more: object) => makeTransaction('define-unit', { id: fixed, name: 'a', cap: 1, ...more })
    for (const good of [
      { windowMs: 5, holdMaxMs: 5 },
      { holdMaxMs: HOLD_MS_MAX },
      { offset: OFFSET_MAX, grain: DAY_QUARTERS, custody: 15 },
      { grain: 1, takeoverMs: TIME_MS_MAX },
      { take: { each: 1, most: 1, keep: 0, day: 1, open: 0 }, collect: 0 },
      { take: { each: 100, most: AMOUNT_MAX, keep: 100, day: AMOUNT_MAX, open: 1 }, collect: QUARTERS_MAX },
    ])
      accepts(unit(good))
    for (const bad of [
      { windowMs: 5, holdMaxMs: 6 },
      { holdMaxMs: HOLD_MS_MAX + 1 },
      { offset: OFFSET_MAX + 1 },
      { grain: 0 },
      { grain: 5 },
      { grain: DAY_QUARTERS + 1 },
      { custody: 16 },
      { take: { each: 0, most: 1, keep: 0, day: 1, open: 0 } },
      { take: { each: 101, most: 1, keep: 0, day: 1, open: 0 } },
      { take: { each: 1, most: 0, keep: 0, day: 1, open: 0 } },
      { take: { each: 1, most: 1, keep: 101, day: 1, open: 0 } },
      { take: { each: 1, most: 1, keep: 0, day: 0, open: 0 } },
      { take: { each: 1, most: 1, keep: 0, day: 1, open: 2 } },
      { collect: QUARTERS_MAX + 1 },
      { takeoverMs: TAKEOVER_MS_MIN - 1 },
    ])
      refuses(unit(bad))
    // Without a word, as long as the window allows, and at most 30 days.
    expect([0, 5, 2 ** 40].map(windowMs => (unit({ windowMs }) as { holdMaxMs: number }).holdMaxMs)).toEqual([
      2_592_000_000, 5, 2_592_000_000,
    ])
  })

  test('keys that cannot sign are malformed: no point of the curve, another encoding, of small order', () => {
    const bad = [
      '0200000000000000000000000000000000000000000000000000000000000000',
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      '0100000000000000000000000000000000000000000000000000000000000000',
      '0000000000000000000000000000000000000000000000000000000000000000',
    ].map(hex => fromHex(hex))
    const opening = { id: fixed, accountKind: 'member', unit: 0, terms: key, nonce: key } as const
    const recovery = { keys: [key], need: 1, delayMs: 0 }
    const uses: ((key: Uint8Array) => Transaction)[] = [
      one => makeTransaction('genesis', { ...GENESIS, logKey: one }),
      one => makeTransaction('genesis', { ...GENESIS, roots: [one] }),
      one => makeTransaction('register-key', { id: fixed, key: one, role: 'root' }),
      one => makeTransaction('open-account', { ...opening, owner: one }),
      one =>
        makeTransaction('open-account', { ...opening, owner: key, recovery: { ...recovery, keys: [KEYS[2]!, one] } }),
      one => makeTransaction('set-custody', { id: fixed, account: 1, owner: one, custodian: null }),
      one =>
        makeTransaction('set-custody', {
          id: fixed,
          account: 1,
          owner: key,
          custodian: null,
          recovery: { ...recovery, keys: [one] },
        }),
      one => makeTransaction('recover', { id: fixed, account: 1, key: one }),
    ]
    for (const use of uses) {
      accepts(use(KEYS[1]!))
      for (const one of bad) refuses(use(one))
    }
  })

  test('transactions of up to TRANSACTION_BYTES_MAX bytes, entries of up to ENTRY_BYTES_MAX', () => {
    const long = (size: number) => Uint8Array.of(2, ...new Uint8Array(size - 1))
    expect(() => decodeTransaction(long(TRANSACTION_BYTES_MAX + 1))).toThrow(
      expect.objectContaining({ code: 'transaction-size' }),
    )
    expect(() => decodeTransaction(long(TRANSACTION_BYTES_MAX))).toThrow(expect.objectContaining({ code: 'cbor' }))
    expect(encodeBatch(largest()).length).toBeLessThan(ENTRY_BYTES_MAX)
  })

  const largest = (): BatchEntry => ({
    groups: Array.from({ length: GROUPS_MAX }, (_, i) => ({ first: 128 * i, count: GROUP_TRANSACTIONS_MAX })),
    version: 1,
    time: TIME_MS_MAX,
    signatures: Array.from({ length: BATCH_SIGNATURES_MAX }, (_, i) => ({
      class: 1,
      number: ACCOUNTS_MAX - 17 + i,
      ed25519: new Uint8Array(64),
    })),
    count: BATCH_TRANSACTIONS_MAX,
    root: key,
    statuses: new Uint8Array(BATCH_TRANSACTIONS_MAX).fill(4),
  })

  test('batches of up to BATCH_SIGNATURES_MAX signatures and BATCH_TRANSACTIONS_MAX transactions', () => {
    expect(decodeBatch(encodeBatch(largest()))).toEqual(largest())
    const refusesBatch = (one: BatchEntry) => expect(() => decodeBatch(encodeBatch(one))).toThrow(FormatError)
    refusesBatch({ ...largest(), signatures: [] })
    const onemore: Signature = { class: 1, number: ACCOUNTS_MAX - 1, ed25519: new Uint8Array(64) }
    refusesBatch({ ...largest(), signatures: [...largest().signatures, onemore] })
    refusesBatch({ ...largest(), signatures: [onemore, onemore] })
    refusesBatch({ ...largest(), count: 0, statuses: new Uint8Array(0) })
    const count = BATCH_TRANSACTIONS_MAX + 1
    refusesBatch({ ...largest(), count, statuses: new Uint8Array(count) })
    refusesBatch({ ...largest(), version: 2 })
    refusesBatch({ ...largest(), statuses: Uint8Array.of(1) })
    refusesBatch({ ...largest(), statuses: new Uint8Array(BATCH_TRANSACTIONS_MAX).fill(OUTCOMES.length) })
    const list = (count: number) => Array.from({ length: count }, () => Uint8Array.of(2))
    expect(transactionsFrom(list(BATCH_TRANSACTIONS_MAX)).count).toBe(BATCH_TRANSACTIONS_MAX)
    for (const bad of [0, BATCH_TRANSACTIONS_MAX + 1])
      expect(() => transactionsFrom(list(bad))).toThrow(expect.objectContaining({ code: 'batch-count' }))
  })

  test('statuses that are all 0 are no byte, and no other form of it; a version that is not known comes first', () => {
    const accepted = { ...largest(), statuses: new Uint8Array(BATCH_TRANSACTIONS_MAX) }
    const bytes = encodeBatch(accepted)
    expect(encodeBatch(largest()).length - bytes.length).toBe(BATCH_TRANSACTIONS_MAX + 2)
    expect(decodeBatch(bytes)).toEqual(accepted)
    const list = accepted.signatures.map(one => [one.class, one.number, one.ed25519])
    const long = [1, TIME_MS_MAX, list, [], BATCH_TRANSACTIONS_MAX, key, accepted.statuses]
    const read = (fields: CborValue) => () => decodeBatch(Uint8Array.of(1, ...encodeCbor(fields)))
    expect(read(long)).toThrow(expect.objectContaining({ code: 'batch' }))
    expect(read([...long.slice(0, 3), [[1]], ...long.slice(4)])).toThrow(expect.objectContaining({ code: 'batch' }))
    for (const fields of [[2], [2, ...long.slice(1)], [2, 'else']])
      expect(read(fields)).toThrow(expect.objectContaining({ code: 'batch-version' }))
    for (const fields of [[0], [2, 1, 2]])
      expect(() => decodeSeal(Uint8Array.of(3, ...encodeCbor(fields)))).toThrow(
        expect.objectContaining({ code: 'seal-version' }),
      )
  })

  test('submissions of up to SUBMISSION_BYTES_MAX bytes', () => {
    const signature: Signature = { class: 0, number: 0, ed25519: new Uint8Array(64) }
    const size = (count: number) =>
      encodeSubmission(
        [signature],
        Array.from({ length: count }, () => new Uint8Array(TRANSACTION_BYTES_MAX)),
      )
    const many = size(Math.ceil(SUBMISSION_BYTES_MAX / TRANSACTION_BYTES_MAX))
    expect(many.length).toBeGreaterThan(SUBMISSION_BYTES_MAX)
    expect(() => decodeSubmission(many)).toThrow(expect.objectContaining({ code: 'submission-size' }))
    expect(() => decodeSubmission(size(9))).toThrow(expect.objectContaining({ code: 'entry-type' }))
    const none = encodeCbor([[[0, 0, new Uint8Array(64)]], [], []])
    expect(() => decodeSubmission(none)).toThrow(expect.objectContaining({ code: 'batch-count' }))
  })
})
