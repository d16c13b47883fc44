import {
  ACCOUNTS_MAX,
  DETAILS_BYTES_MAX,
  GRANTS_MAX,
  HOLDS_MAX,
  POOLS_MAX,
  RECORDS_MAX,
  RECOVERY_KEYS_MAX,
  STATUSES_MAX,
  TRANSACTION_BYTES_MAX,
  UNITS_MAX,
} from '../core/limits.ts'
import {
  amount,
  base64,
  base64Of,
  base64Text,
  boolean,
  hex,
  hexText,
  int,
  type JsonReader,
  list,
  nullOr,
  object,
  oneOf,
  optional,
  text,
  uint,
} from './read-json.ts'

// A reader for each answer in JSON that a client reads. They accept what the OpenAPI document of a ledger allows and
// nothing else: test/client/readers.test.ts holds the two together.

/** What a ledger says of itself (`GET /v1/ledger`): its word. What of it is proven, `TallyClient.identity` has. */
export interface LedgerInfo {
  readonly origin: string
  readonly ledgerId: Uint8Array
  readonly logKey: string
  readonly size: number
  readonly time: number
  readonly skewMs: number
  readonly promiseMs: number
  readonly units: readonly {
    readonly name: string
    readonly record: number
    readonly treasury: number | null
    /** Leaf hash of what defines it: openings name it. */
    readonly terms: Uint8Array
  }[]
}

/** An account, as `GET /v1/accounts/{n}` shows it: the word of the ledger, which a statement proves. */
export interface ListedAccount {
  readonly number: number
  readonly kind: string
  readonly unit: string
  readonly status: 'open' | 'frozen' | 'closed' | 'merged'
  /** Who may act for it: the owner's public key; the record whose chain has the custody; the terms of recovery. */
  readonly owner: Uint8Array | null
  readonly custodian: number | null
  readonly recovery: { readonly keys: readonly Uint8Array[]; readonly need: number; readonly delayMs: number } | null
  readonly balance: number
  readonly available: number
  readonly pending: number
  readonly held: number
  readonly overdue: number
  readonly expiringNext: { readonly amount: number; readonly at: number } | null
  readonly holds: readonly {
    readonly id: string
    readonly amount: number
    readonly credit: number
    readonly until: number
  }[]
  /** Tiers that it has, each by the rule of a record. */
  readonly statuses: readonly { readonly rule: number; readonly tier: number; readonly until: number | null }[]
  readonly consents: readonly {
    readonly id: string
    readonly to: number
    readonly may: number
    readonly until: number | null
  }[]
  readonly entries: number
  readonly sealed: { readonly balance: number; readonly entries: number; readonly size: number } | null
}

/** A page of `GET /v1/registry`: records of the first `size` entries, the last of which is a seal. */
export interface RegistryPage {
  readonly size: number
  readonly records: readonly {
    readonly number: number
    readonly entry: Uint8Array
    readonly from: number
    readonly until: number
  }[]
}

/** Words of an answer: names, keys, ids. */
const WORD_MAX = 1024
/** Rows that a page has at most. */
const PAGE_MAX = 1000
/** Records that a page of the registry has at most. */
const RECORDS_PAGE_MAX = 4096
/** Consents that one account may ever have given, at most, for a list of them to be read. */
const CONSENTS_MAX = 100_000
/** Salts that are asked for at once, at most. */
export const SALTS_MAX = 10_000

const word = text(WORD_MAX)
const account = uint(ACCOUNTS_MAX - 1)
const record = uint(RECORDS_MAX - 1)
const id = hexText(16)
const status = oneOf(['open', 'frozen', 'closed', 'merged'])

export const readLedger: JsonReader<LedgerInfo> = object({
  origin: word,
  ledgerId: hex(32),
  logKey: word,
  size: uint(),
  time: uint(),
  skewMs: uint(),
  promiseMs: uint(),
  units: list(object({ name: word, record, treasury: nullOr(account), terms: hex(32) }), UNITS_MAX),
})

export const readRegistryPage: JsonReader<RegistryPage> = object({
  size: uint(),
  records: list(
    object({ number: record, entry: base64(TRANSACTION_BYTES_MAX), from: uint(), until: uint() }),
    RECORDS_PAGE_MAX,
  ),
})

export const readAccount: JsonReader<ListedAccount> = object({
  number: account,
  kind: word,
  unit: word,
  status,
  owner: nullOr(hex(32)),
  custodian: nullOr(record),
  recovery: nullOr(object({ keys: list(hex(32), RECOVERY_KEYS_MAX), need: uint(), delayMs: uint() })),
  balance: int,
  available: int,
  pending: uint(),
  held: uint(),
  overdue: uint(),
  expiringNext: nullOr(object({ amount: uint(), at: uint() })),
  holds: list(object({ id, amount: uint(), credit: account, until: uint() }), HOLDS_MAX),
  consents: list(object({ id, to: account, may: uint(), until: nullOr(uint()) }), GRANTS_MAX),
  statuses: list(object({ rule: uint(), tier: uint(), until: nullOr(uint()) }), STATUSES_MAX),
  entries: uint(),
  sealed: nullOr(object({ balance: int, entries: uint(), size: uint() })),
})

export const readSalts: JsonReader<{ readonly salts: Uint8Array[]; readonly signature: Uint8Array }> = object({
  salts: list(hex(32), SALTS_MAX),
  signature: base64Of(64),
})

export const readKeptDetails: JsonReader<{ readonly commitment: string; readonly salt: string }> = object({
  commitment: hexText(32),
  salt: base64Text(32, true),
})

export const readIndex: JsonReader<{ readonly index: number }> = object({ index: uint() })

/** A row of `GET /v1/accounts`. */
export interface AccountRow {
  readonly number: number
  readonly kind: string
  readonly unit: string
  readonly status: 'open' | 'frozen' | 'closed' | 'merged'
  readonly balance: number
  readonly entries: number
}

/** `next` is `after` of the next page; null where there is none. */
export const readAccounts: JsonReader<{ readonly accounts: AccountRow[]; readonly next: number | null }> = object({
  accounts: list(object({ number: account, kind: word, unit: word, status, balance: int, entries: uint() }), PAGE_MAX),
  next: nullOr(int),
})

/** A row of `GET /v1/accounts/{n}/entries`. */
export interface EntryRow {
  /** Its place among the entries of the account, from 1. */
  readonly number: number
  /** Log index. */
  readonly index: number
  readonly kind: string
  /** Its own time, and that of its batch. */
  readonly time: number
  readonly ledgerTime: number
  /** The transaction in base64. */
  readonly entry: string
}

export const readEntries: JsonReader<{ readonly entries: EntryRow[] }> = object({
  entries: list(
    object({
      ...{ number: uint(), index: uint(), kind: word, time: uint(), ledgerTime: uint() },
      entry: base64Text(TRANSACTION_BYTES_MAX),
    }),
    PAGE_MAX,
  ),
})

const unit = object({
  record,
  name: word,
  cap: uint(),
  step: uint(),
  giftEach: uint(),
  giftDay: uint(),
  debtMax: uint(),
  custody: uint(),
  windowMs: uint(),
  holdMaxMs: uint(),
  offset: uint(),
  grain: uint(),
  take: nullOr(object({ each: uint(), most: uint(), keep: uint(), day: uint(), open: uint() })),
  collect: nullOr(uint()),
  takeoverMs: uint(),
  balanceMax: uint(),
  noticeMs: uint(),
  memberRate: uint(),
  terms: hexText(32),
  treasury: nullOr(account),
  expiredAccount: nullOr(account),
})

/** A row of `GET /v1/units`: a unit and its policy (SPEC §5). */
export type UnitRow = ReturnType<typeof unit>

export const readUnits: JsonReader<{ readonly units: UnitRow[] }> = object({ units: list(unit, UNITS_MAX) })

const budget = object({
  account,
  unit: word,
  left: int,
  sponsor: nullOr(account),
  terms: nullOr(
    object({
      from: uint(),
      until: uint(),
      memberDay: uint(),
      memberWeek: uint(),
      memberMonth: uint(),
      memberTotal: uint(),
      day: uint(),
      week: uint(),
      month: uint(),
      total: uint(),
      pools: list(account, POOLS_MAX),
    }),
  ),
  issuers: list(record, RECORDS_MAX),
})

/** A row of `GET /v1/budgets`: a budget, its terms (SPEC §5), and the records of the issuers whose scope holds it. */
export type BudgetRow = ReturnType<typeof budget>

export const readBudgets: JsonReader<{ readonly budgets: BudgetRow[] }> = object({ budgets: list(budget, PAGE_MAX) })

export const readDue: JsonReader<{ readonly time: number; readonly accounts: number[] }> = object({
  time: uint(),
  accounts: list(account, PAGE_MAX),
})

const consent = {
  id,
  to: account,
  may: uint(),
  until: nullOr(uint()),
  terms: hexText(32),
  given: uint(),
  index: uint(),
  withdrawnAt: nullOr(uint()),
  isStanding: boolean,
}
const readConsentRow = object(consent)

/** A row of `GET /v1/accounts/{n}/consents`: whom it is given to, for what, and the entries that show it. */
export type ConsentRow = ReturnType<typeof readConsentRow>

export const readConsents: JsonReader<{ readonly consents: ConsentRow[] }> = object({
  consents: list(readConsentRow, CONSENTS_MAX),
})

const receipt = nullOr(text(512 * 1024))

/** A consent with the receipts of the entries that gave and withdrew it. */
export const readConsent = object({ ...consent, receipt, withdrawal: receipt })

/** Details under a commitment, as a ledger shows them; whether they open it, `openDetails` says. */
export const readDetails: JsonReader<{ readonly account: number; readonly salt: string; readonly text: string }> =
  object({ account, salt: base64Text(32, true), text: text(DETAILS_BYTES_MAX) })

/** How a ledger is (`GET /healthz`): `status` is `ok`, or the code that batches are answered for now. */
export const readHealth = object({
  status: word,
  detail: optional(word),
  size: uint(),
  published: uint(),
  sealedSecondsAgo: nullOr(amount),
  witnesses: list(object({ name: word, size: uint(), failures: uint() }), PAGE_MAX),
  following: optional(object({ leader: word, size: uint(), behind: uint(), trouble: optional(word) })),
})

export const readRef: JsonReader<{ readonly account: number }> = object({ account })

/** The signed word that a batch was refused, in the problem that says so. */
export const readRefusal = object({ ledgerId: hex(32), size: uint(), time: uint(), signature: base64Of(64) })
