import { ID_RANDOM_BYTES, makeId } from '../core/entry/id.ts'
import { encodeTransaction, type Kind, type Transaction, type TransactionOf } from '../core/entry/transaction.ts'
import { BEAT_MS_MAX, TAKEOVER_MS_MIN } from '../core/limits.ts'
import { leafHash } from '../core/tree/merkle.ts'

/** Days of UTC, dates on full hours. */
const UTC_OFFSET = 56
const HOUR_GRAIN = 4
/** A hold stands for 30 days at most where nothing else is said, or for as long as its unit's window allows. */
const HOLD_MS = 30 * 86_400_000

/** What every movement ends in. */
const TAIL = { details: null, cites: null } as const

/** What fields of a kind may be left out, and what they are then. */
const DEFAULTS = {
  fund: TAIL,
  issue: { matures: 0, expires: 0, rule: 0, ...TAIL },
  'opening-balance': { matures: 0, expires: 0, ...TAIL },
  redeem: TAIL,
  expire: TAIL,
  hold: TAIL,
  capture: TAIL,
  reverse: TAIL,
  transfer: { matures: 0, expires: 0, ...TAIL },
  take: { matures: 0, expires: 0, ...TAIL },
  collect: { expires: 0 },
  settle: { original: null, ...TAIL },
  'ask-settle': TAIL,
  reinstate: TAIL,
  merge: TAIL,
  'set-status': { until: 0, details: null },
  claim: { ref: null, round: 0, ...TAIL },
  convert: { expires: 0, ...TAIL },
  'open-account': { owner: null, custodian: null, recovery: null, sponsor: null, ref: null },
  'set-custody': { recovery: null },
  'define-unit': {
    step: 1,
    giftEach: 0,
    giftDay: 0,
    debtMax: 0,
    custody: 0,
    windowMs: 0,
    // For `makeTransaction` to say, by the window.
    holdMaxMs: 0,
    offset: UTC_OFFSET,
    grain: HOUR_GRAIN,
    take: null,
    collect: null,
    takeoverMs: TAKEOVER_MS_MIN,
    balanceMax: 0,
    noticeMs: 0,
    memberRate: 0,
  },
  'publish-rate': { life: 0 },
  'set-budget': {
    from: 0,
    until: 0,
    memberDay: 0,
    memberWeek: 0,
    memberMonth: 0,
    memberTotal: 0,
    day: 0,
    week: 0,
    month: 0,
    total: 0,
    pools: [],
  },
  'register-key': { scope: [], backdateMs: 0, rate: 0, succeeds: null },
  revoke: { reason: 0, strand: 0 },
  freeze: { reason: 0 },
  grant: { until: 0, may: 0 },
  genesis: { need: 1, beatMs: BEAT_MS_MAX },
} as const satisfies { readonly [K in Kind]?: Partial<TransactionOf<K>> }

type Defaulted<K extends Kind> = K extends keyof typeof DEFAULTS ? keyof (typeof DEFAULTS)[K] : never

/** The fields of a kind, of which those that have a default may be left out, and so may the id. */
export type FieldsFor<K extends Kind> = K extends Kind
  ? Omit<TransactionOf<K>, 'kind' | 'id' | Defaulted<K>> &
      Partial<Pick<TransactionOf<K>, Extract<Defaulted<K> | 'id', keyof TransactionOf<K>>>>
  : never

/** A transaction of its fields, with a fresh id of now unless one is given (SPEC §5). */
export function makeTransaction<K extends Kind>(kind: K, fields: FieldsFor<K>): TransactionOf<K> {
  const defaults: Readonly<Record<string, object>> = DEFAULTS
  const id = (fields as { readonly id?: Uint8Array }).id ?? freshId()
  const made = { kind, ...defaults[kind], ...fields, id } as unknown as TransactionOf<K>
  return made.kind === 'define-unit' ? ({ ...made, holdMaxMs: holdMaxOf(made) } as TransactionOf<K>) : made
}

function holdMaxOf({ windowMs, holdMaxMs }: TransactionOf<'define-unit'>): number {
  return holdMaxMs || Math.min(HOLD_MS, windowMs || HOLD_MS)
}

/**
 * The longest hold to let a unit of that window have: 30 days, or half of the window where that is less. What is held
 * cannot be clawed back, so a window that one hold could fill would leave no time for that. SPEC §14.
 *
 * @param windowMs - 0 where movements cannot be reversed.
 */
export function heldAtMost(windowMs: number): number {
  return windowMs === 0 ? HOLD_MS : Math.max(1, Math.min(HOLD_MS, Math.floor(windowMs / 2)))
}

/** A transaction without its id, as one object. Fields that have a default may be left out. */
export type Draft = { [K in Kind]: { readonly kind: K } & Omit<FieldsFor<K>, 'id'> }[Kind]

/** The transaction of a draft. */
export function fromDraft({ kind, ...fields }: Draft, id: Uint8Array): Transaction {
  return makeTransaction(kind, { ...fields, id } as unknown as FieldsFor<typeof kind>) as Transaction
}

/** The entry of `makeTransaction`. @throws FormatError where a field is outside what SPEC §5 allows. */
export function makeEntry<K extends Kind>(kind: K, fields: FieldsFor<K>): Uint8Array {
  return encodeTransaction(makeTransaction(kind, fields) as Transaction)
}

/** The leaf hash of a transaction, by which an opening names what makes its unit and its custodian (SPEC §5). */
export function leafOf(transaction: Transaction): Uint8Array {
  return leafHash(encodeTransaction(transaction))
}

/** An id of a time, by default of now, with random bits from the system. */
export function freshId(timeMs: number = Date.now()): Uint8Array {
  return makeId(timeMs, crypto.getRandomValues(new Uint8Array(ID_RANDOM_BYTES)))
}
