import { toHex } from '../../src/core/bytes.ts'
import { type AccountKind, type Custodian, ROLES, type Role } from '../../src/core/entry/transaction.ts'
import { type Draft, keyNumber, type TestKey } from '../world.ts'
import type { NaiveSigner } from './naive/index.ts'
import { DAY, QUARTER } from './naive/index.ts'

/** Times of programmes are around this, the beginning of an hour. */
export const START: number = 1_800_000_000_000
export { DAY, QUARTER }
export const HOUR: number = 4 * QUARTER
/** The quarter hour in which every programme begins, as the dates of lots count. */
export const Q: number = START / QUARTER
export const SKEW = 1000
/** How far the issuer of `beginning` may reach back. */
export const BACKDATE = 5000
export const WINDOW: number = 5 * HOUR
export const HOLD_MAX: number = 4 * HOUR
export const TAKEOVER: number = 7 * DAY

// What `beginning` makes.
export const [ROOT, ROOT_2, ROOT_3, ROOT_4] = [0, 1, 2, 3]
export const [REGISTRAR, TREASURER, COINS, GEMS, RULE, CUSTODIAN, OPERATOR, ISSUER, MERCHANT, RATE, SOURCE] = [
  4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
]
/** The first record and the first account after the beginning. */
export const [NEXT_RECORD, NEXT_ACCOUNT] = [15, 11]
export const [TREASURY, BUDGET, ANNA, BERT, EXPIRED, SHOP, GEM_TREASURY, GEM_BUDGET, ANNAS_GEMS, WARD, SERIES] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
]

const keys = new Map<number, TestKey>()
/** By public key in hex. */
const seeds = new Map<string, Uint8Array>()

/**
 * A public key made of a number, always the same. Anna's is 1, Bert's 2, the recovery keys 7 and 8, the root keys 91 to
 * 94, that of a role 30 more than the role's number.
 */
export function key(n: number): Uint8Array {
  const made = keys.get(n) ?? keyNumber(n)
  keys.set(n, made)
  seeds.set(toHex(made.publicKey), made.seed)
  return made.publicKey
}

/** The seed of a public key that `key` made. */
export function seedOf(publicKey: string): Uint8Array {
  return seeds.get(publicKey)!
}

const ROLE_KEYS = 30

type UnitDraft = Extract<Draft, { kind: 'define-unit' }>

/** What a test may ask of the coins, of the gems or of the ledger, instead of what `beginning` says. */
export interface Beginning {
  readonly coins?: Partial<Omit<UnitDraft, 'kind' | 'name'>>
  readonly gems?: Partial<Omit<UnitDraft, 'kind' | 'name'>>
  /** How many of the four root keys sign. */
  readonly need?: number
  readonly skewMs?: number
}

export interface Begun {
  readonly signers: NaiveSigner[]
  readonly drafts: Draft[]
}

/**
 * What every run begins with, so that random commands have something to act on. Each batch is made when the one before
 * it was taken.
 *
 * @param leafOf - the leaf hash of the entry that made a record.
 */
export function* beginning(
  { coins = {}, gems = {}, need = 1, skewMs = SKEW }: Beginning,
  leafOf: (record: number) => Uint8Array,
): Generator<Begun> {
  const keyed = (role: Role, scope: number[] = [], backdateMs = 0): Draft => {
    return { kind: 'register-key', key: key(ROLE_KEYS + ROLES[role]), role, scope, backdateMs }
  }
  const roots = Array.from({ length: need }, (_, record) => ({ record }))
  const opened = (accountKind: AccountKind, unit: number, owner: number | null = null): Draft => ({
    kind: 'open-account',
    accountKind,
    unit,
    terms: leafOf(unit),
    owner: owner === null ? null : key(owner),
    nonce: key(9),
    recovery: owner === null ? null : { keys: [key(7), key(8)], need: 2, delayMs: HOUR },
  })
  const named = (record: number): Custodian => ({ record, leaf: leafOf(record) })
  yield { signers: roots, drafts: [genesisDraft({ need, skewMs })] }
  yield {
    signers: roots,
    drafts: [
      keyed('registrar'),
      keyed('treasurer'),
      {
        kind: 'define-unit',
        name: 'coins',
        cap: 2000,
        step: 1,
        giftEach: 20,
        giftDay: 30,
        debtMax: 25,
        custody: 1,
        windowMs: WINDOW,
        holdMaxMs: HOLD_MAX,
        grain: 1,
        take: { each: 50, most: 20, keep: 20, day: 30, open: 1 },
        collect: 5,
        ...coins,
      },
      // Their days begin at 18:30 UTC, and their dates stand on half hours of that clock.
      { kind: 'define-unit', name: 'gems', cap: 500, step: 5, offset: 78, grain: 2, ...gems },
      { kind: 'publish-rule', name: 'rule', digest: key(1), budgets: [BUDGET, GEM_BUDGET] },
      keyed('custodian'),
      keyed('operator'),
    ],
  }
  yield {
    signers: [{ record: REGISTRAR }, { record: TREASURER }],
    drafts: [
      opened('treasury', COINS),
      opened('budget', COINS),
      opened('member', COINS, 1),
      opened('member', COINS, 2),
      opened('expired', COINS),
      opened('merchant', COINS),
      opened('treasury', GEMS),
      opened('budget', GEMS),
      opened('member', GEMS, 1),
      coins.custody === 0
        ? opened('member', COINS, 9)
        : {
            kind: 'open-account',
            accountKind: 'member',
            unit: COINS,
            terms: leafOf(COINS),
            custodian: named(CUSTODIAN),
            nonce: key(9),
          },
      opened('series', COINS),
      { kind: 'fund', debit: TREASURY, credit: BUDGET, amount: 1500 },
      { kind: 'fund', debit: GEM_TREASURY, credit: GEM_BUDGET, amount: 300 },
    ],
  }
  yield {
    signers: roots,
    drafts: [
      keyed('issuer', [BUDGET, GEM_BUDGET], BACKDATE),
      keyed('merchant', [TREASURY, SHOP]),
      { kind: 'publish-rate', name: 'rate', unit: COINS, budget: GEM_BUDGET, give: 2, get: 5, life: 2 },
      keyed('source'),
    ],
  }
}

export function genesisDraft({ need = 1, skewMs = SKEW, roots = 4 } = {}): Draft {
  return {
    kind: 'genesis',
    origin: 'model',
    logKey: key(90),
    roots: Array.from({ length: roots }, (_, i) => key(91 + i)),
    need,
    skewMs,
    promiseMs: 1000,
  }
}
