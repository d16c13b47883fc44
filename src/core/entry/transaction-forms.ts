import type { CborReader, CborValue } from '../cbor.ts'
import {
  ACCOUNTS_MAX,
  AMOUNT_MAX,
  BEAT_MS_MAX,
  BEAT_MS_MIN,
  DAY_QUARTERS,
  HOLD_MS_MAX,
  MERGE_PARTS_MAX,
  OFFSET_MAX,
  ORIGIN_BYTES_MAX,
  POOLS_MAX,
  PROMISE_MS_MAX,
  PROMISE_MS_MIN,
  QUARTERS_MAX,
  RECORDS_MAX,
  REF_BYTES,
  ROOTS_MAX,
  RULE_BUDGETS_MAX,
  SCOPE_MAX,
  SKEW_MS_MAX,
  SKEW_MS_MIN,
  TAKEOVER_MS_MIN,
  TIER_MAX,
  TIME_MS_MAX,
} from '../limits.ts'
import { accountList, bytes, distinctKeys, type Field, matching, oneOf, optional, refuse, uint } from './fields.ts'
import { ID_BYTES } from './id.ts'
import { isKeyOf, type RecoveryTerms, recovery } from './recovery-terms.ts'

/** What a registered key may do (SPEC §5, §7). */
export const ROLES = {
  root: 0,
  registrar: 1,
  treasurer: 2,
  issuer: 3,
  merchant: 4,
  custodian: 5,
  operator: 6,
  auditor: 7,
  source: 8,
} as const
export type Role = keyof typeof ROLES

/** What an account is for (SPEC §5). */
export const ACCOUNT_KINDS = { treasury: 1, budget: 2, member: 3, merchant: 4, expired: 5, series: 6 } as const
export type AccountKind = keyof typeof ACCOUNT_KINDS

/**
 * Who has the custody of an account: a custodian's record, and the leaf hash of the transaction that made it (SPEC §5).
 */
export interface Custodian {
  readonly record: number
  /** 32 bytes. */
  readonly leaf: Uint8Array
}

/** Points that a merge moves together (SPEC §5). */
interface MergedPart {
  readonly matures: number
  readonly expires: number
  readonly amount: number
}

/** What a unit lets members take of each other's lots (SPEC §5). */
export interface TakePolicy {
  /** Per cent of a lot that one of them may take, and the most points. */
  readonly each: number
  readonly most: number
  /** Per cent of a lot that nobody takes. */
  readonly keep: number
  /** The most that one of them may take on a day of the unit. */
  readonly day: number
  /** 1 where no consent is needed. */
  readonly open: number
}

const scope = accountList(SCOPE_MAX)
const pools = accountList(POOLS_MAX)
const roots = distinctKeys(ROOTS_MAX, 'root keys')
const custodian: Field<Custodian> = {
  read(reader) {
    if (reader.array() !== 2) refuse(`a custodian is named by 2 fields (before byte ${reader.offset})`)
    return { record: reader.uint(RECORDS_MAX - 1, 'custodian'), leaf: reader.bytes(32, 'custodian').slice() }
  },
  write: value => [value.record, value.leaf],
}

const takePolicy: Field<TakePolicy> = {
  read(reader) {
    if (reader.array() !== 5) refuse(`a policy of takes has 5 fields (before byte ${reader.offset})`)
    return {
      each: uint(100, 1).read(reader, 'each'),
      most: uint(AMOUNT_MAX, 1).read(reader, 'most'),
      keep: uint(100).read(reader, 'keep'),
      day: uint(AMOUNT_MAX, 1).read(reader, 'day'),
      open: uint(1).read(reader, 'open'),
    }
  },
  write: ({ each, most, keep, day, open }) => [each, most, keep, day, open],
}

const parts: Field<readonly MergedPart[]> = {
  read(reader) {
    const count = reader.array()
    if (count > MERGE_PARTS_MAX) refuse(`a merge has at most ${MERGE_PARTS_MAX} parts, this one ${count}`)
    return Array.from({ length: count }, () => {
      if (reader.array() !== 3) refuse(`a part has 3 fields (before byte ${reader.offset})`)
      return {
        matures: reader.uint(QUARTERS_MAX, 'matures'),
        expires: reader.uint(QUARTERS_MAX, 'expires'),
        amount: uint(AMOUNT_MAX, 1).read(reader, 'amount'),
      }
    })
  },
  write: value => value.map(({ matures, expires, amount }) => [matures, expires, amount]),
}

const account = uint(ACCOUNTS_MAX - 1)
const record = uint(RECORDS_MAX - 1)
const amount = uint(AMOUNT_MAX, 1)
const bound = uint(AMOUNT_MAX)
const caps = { day: bound, week: bound, month: bound, total: bound }
const timeMs = uint(TIME_MS_MAX)
const quarter = uint(QUARTERS_MAX)
const bytes32 = bytes(32)
const id = bytes(ID_BYTES)
const details = optional(bytes32)
/**
 * What every movement ends in: a commitment to what stands off the log, and the id of an entry that it goes back to.
 */
const tail = { details, cites: optional(id) }
/** What a movement begins with. */
const moved = { debit: account, credit: account, amount }
const name = matching(/^[a-z][a-z0-9-]{0,31}$/, 32, "is a small letter and up to 31 small letters, digits or '-'")
const origin = matching(/^[^\s+\u0000-\u001f\u007f]+$/u, ORIGIN_BYTES_MAX, "has no spaces, '+' or control characters")

/**
 * The kinds of transaction and the fields of each, in the order of their bytes, after the kind's number and the id. A
 * kind's place is its number. SPEC §5.
 */
export const FORMS = {
  genesis: {
    origin,
    logKey: bytes32,
    roots,
    need: uint(ROOTS_MAX, 1),
    skewMs: uint(SKEW_MS_MAX, SKEW_MS_MIN),
    beatMs: uint(BEAT_MS_MAX, BEAT_MS_MIN),
    promiseMs: uint(PROMISE_MS_MAX, PROMISE_MS_MIN),
  },
  'register-key': {
    key: bytes32,
    role: oneOf(ROLES),
    scope,
    backdateMs: timeMs,
    rate: bound,
    succeeds: optional(record),
  },
  revoke: { record, reason: uint(255), strand: uint(1) },
  'define-unit': {
    name,
    cap: amount,
    step: amount,
    giftEach: bound,
    giftDay: bound,
    debtMax: bound,
    custody: uint(15),
    windowMs: timeMs,
    holdMaxMs: uint(TIME_MS_MAX, 1),
    offset: uint(OFFSET_MAX),
    grain: uint(DAY_QUARTERS, 1),
    take: optional(takePolicy),
    collect: optional(quarter),
    takeoverMs: uint(TIME_MS_MAX, TAKEOVER_MS_MIN),
    balanceMax: bound,
    noticeMs: timeMs,
    memberRate: bound,
  },
  'publish-rule': { name, digest: bytes32, budgets: accountList(RULE_BUDGETS_MAX) },
  'open-account': {
    accountKind: oneOf(ACCOUNT_KINDS),
    unit: record,
    terms: bytes32,
    owner: optional(bytes32),
    custodian: optional(custodian),
    recovery: optional(recovery),
    sponsor: optional(account),
    ref: optional(bytes(REF_BYTES)),
    nonce: bytes32,
  },
  fund: { debit: account, credit: account, amount, ...tail },
  issue: { debit: account, credit: account, amount, matures: quarter, expires: quarter, rule: record, ...tail },
  redeem: { debit: account, credit: account, amount, ...tail },
  expire: { debit: account, credit: account, amount, ...tail },
  hold: { debit: account, credit: account, amount, until: timeMs, ...tail },
  capture: { debit: account, credit: account, amount, hold: id, ...tail },
  release: { account, hold: id },
  reverse: { debit: account, credit: account, amount, original: id, ...tail },
  transfer: { debit: account, credit: account, amount, matures: quarter, expires: quarter, ...tail },
  settle: { debit: account, credit: account, amount, original: optional(id), ...tail },
  'publish-rate': { name, unit: record, budget: account, give: amount, get: amount, life: quarter },
  convert: {
    debit: account,
    credit: account,
    amount,
    rate: record,
    budget: account,
    account,
    gained: amount,
    expires: quarter,
    ...tail,
  },
  'set-budget': {
    account,
    from: timeMs,
    until: timeMs,
    memberDay: bound,
    memberWeek: bound,
    memberMonth: bound,
    memberTotal: bound,
    ...caps,
    pools,
  },
  freeze: { account, reason: uint(255) },
  unfreeze: { account },
  close: { account },
  'set-custody': { account, owner: optional(bytes32), custodian: optional(custodian), recovery: optional(recovery) },
  recover: { account, key: bytes32 },
  veto: { account },
  'finish-recovery': { account },
  grant: { account, to: account, until: timeMs, terms: bytes32, may: uint(1) },
  withdraw: { account, grant: id },
  disclose: { account, grant: id, details: bytes32 },
  erase: { account, details: bytes32 },
  'continue-log': { origin, logKey: bytes32, size: bound, root: bytes32, seen: optional(bound) },
  take: { debit: account, credit: account, amount, matures: quarter, expires: quarter, ...tail },
  collect: { account, matures: uint(QUARTERS_MAX, 1), expires: quarter },
  reopen: { account },
  'ask-settle': { account, amount, ...tail },
  'opening-balance': { ...moved, matures: quarter, expires: quarter, source: record, ref: bytes(REF_BYTES), ...tail },
  claim: {
    ...moved,
    series: account,
    ref: optional(bytes(REF_BYTES)),
    round: uint(1),
    ...tail,
  },
  'set-status': {
    account,
    budget: account,
    rule: uint(RECORDS_MAX - 1, 1),
    tier: uint(TIER_MAX),
    until: timeMs,
    details,
  },
  reinstate: { ...moved, expires: uint(QUARTERS_MAX, 1), original: id, ...tail },
  merge: { debit: account, credit: account, amount: bound, parts, ...tail },
} as const

export type Kind = keyof typeof FORMS

type FieldsOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** The transaction of a kind: the kind, its id of 16 bytes, and its fields (SPEC §5). */
export type TransactionOf<K extends Kind> = K extends Kind
  ? { readonly kind: K; readonly id: Uint8Array } & FieldsOf<(typeof FORMS)[K]>
  : never

/** The names of the kinds by their numbers. */
export const KINDS: readonly Kind[] = Object.keys(FORMS) as Kind[]

type Fields = Readonly<Record<string, Field<unknown>>>

/** How many items the array of each kind has, the kind's number and the id included. */
export const FIELD_COUNTS: readonly number[] = KINDS.map(kind => Object.keys(FORMS[kind]).length + 2)

/** What must hold between the fields of a kind, as the reason why it does not. SPEC §5. */
const RELATIONS: { readonly [K in Kind]?: (tx: TransactionOf<K>) => string | undefined } = {
  genesis: ({ roots, need }) => (need <= roots.length ? undefined : 'no more root keys are needed than there are'),
  'register-key': ({ role, scope, backdateMs, succeeds }) => {
    if ((role === 'issuer' || role === 'merchant') !== scope.length > 0)
      return 'the scope of an issuer or a merchant names 1 to 16 accounts, every other scope is empty'
    if (backdateMs > 0 && role !== 'issuer' && role !== 'registrar' && role !== 'treasurer')
      return 'only an issuer, a registrar or a treasurer reaches into the past'
    return succeeds === null || role === 'custodian' ? undefined : 'only a custodian succeeds another'
  },
  'define-unit': ({ windowMs, holdMaxMs, grain }) => {
    if (holdMaxMs > (windowMs === 0 ? HOLD_MS_MAX : windowMs))
      return 'a hold ends within the window, or within a year where there is none'
    return DAY_QUARTERS % grain === 0 ? undefined : 'the grain of dates divides a day of 96 quarter hours'
  },
  'publish-rule': ({ budgets }) => (budgets.length > 0 ? undefined : 'some budget may name it'),
  'open-account': ({ accountKind, owner, custodian, recovery, sponsor, ref }) => {
    if (sponsor !== null && accountKind !== 'member' && accountKind !== 'budget' && accountKind !== 'series')
      return 'a member account, a budget or a series has a sponsor, no other account'
    if (ref !== null && accountKind !== 'member') return 'only a member account has a reference'
    if (accountKind === 'member')
      return owner === null && custodian === null
        ? 'a member account has an owner key, a custodian, or both'
        : ownKeyAmong(owner, recovery)
    return owner === null && custodian === null && recovery === null
      ? undefined
      : 'only a member account has an owner key, a custodian or recovery keys'
  },
  issue: datesHold,
  'opening-balance': datesHold,
  transfer: datesHold,
  merge: ({ amount, parts }) => {
    if (parts.some((part, i) => i > 0 && !isSpentBefore(parts[i - 1]!, part)))
      return 'its parts stand in the order of spending, one for equal dates'
    const sum = parts.reduce((total, part) => total + BigInt(part.amount), 0n)
    return sum === BigInt(amount)
      ? parts.map(datesHold).find(fault => fault !== undefined)
      : 'its amount is that of its parts'
  },
  take: tx => (tx.matures + tx.expires === 0 ? OF_A_LOT : datesHold(tx)),
  collect: datesHold,
  grant: ({ to, may }) => (may === 1 || to < RECORDS_MAX ? undefined : 'details are shown to a record'),
  claim: ({ ref, round }) => (ref !== null || round === 0 ? undefined : 'what has no reference is claimed in round 0'),
  'set-status': ({ tier, until }) => (tier > 0 || until === 0 ? undefined : 'no tier has no end'),
  hold: ({ until }) => (until > 0 ? undefined : 'a hold has a time until which it stands'),
  'set-custody': ({ owner, custodian, recovery }) =>
    owner === null && custodian === null
      ? 'an account stays under an owner key, a custodian, or both'
      : ownKeyAmong(owner, recovery),
  'continue-log': ({ size, seen }) =>
    seen === null || seen > size ? undefined : 'more entries were seen than the ledger goes on from',
  'set-budget': ({ from, until }) => (until === 0 || until > from ? undefined : 'a budget opens before it closes'),
}

const OF_A_LOT = 'points without dates stand in no lot'

function ownKeyAmong(owner: Uint8Array | null, recovery: RecoveryTerms | null): string | undefined {
  return isKeyOf(recovery, owner) ? "no recovery key is the owner's: who loses the one would lose the other" : undefined
}

/** The order of spending: soonest expiry first, none last; then soonest maturity. SPEC §6. */
function isSpentBefore(a: MergedPart, b: MergedPart): boolean {
  if (a.expires !== b.expires) return b.expires === 0 || (a.expires !== 0 && a.expires < b.expires)
  return a.matures < b.matures
}

function datesHold({ matures, expires }: { readonly matures: number; readonly expires: number }): string | undefined {
  return expires === 0 || expires > matures ? undefined : 'points mature before they expire'
}

/**
 * The rest of a transaction from the reader as it stands after the id. Its byte strings are copies.
 *
 * @throws FormatError `transaction`, or a code of `CborReader`. SPEC §5.
 */
export function readFields<K extends Kind>(kind: K, id: Uint8Array, reader: CborReader): TransactionOf<K> {
  const transaction: Record<string, unknown> = { kind, id }
  const fields: Fields = FORMS[kind]
  for (const field in fields) transaction[field] = fields[field]!.read(reader, field)
  const made = transaction as unknown as TransactionOf<K>
  const fault = (RELATIONS[kind] as ((tx: TransactionOf<K>) => string | undefined) | undefined)?.(made)
  return fault === undefined ? made : refuse(`${kind}: ${fault}`)
}

/** The fields of a transaction after its id, as CBOR. */
export function writeFields(transaction: { readonly kind: Kind }): CborValue[] {
  const fields: Fields = FORMS[transaction.kind]
  const values = transaction as unknown as Readonly<Record<string, unknown>>
  return Object.keys(fields).map(field => fields[field]!.write(values[field]))
}
