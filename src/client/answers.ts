import {
  ACCOUNTS_MAX,
  GRANTS_MAX,
  HOLDS_MAX,
  RECORDS_MAX,
  RECOVERY_KEYS_MAX,
  TRANSACTION_BYTES_MAX,
  UNITS_MAX,
} from '../core/limits.ts'
import { base64, hex, int, type JsonReader, list, nullOr, object, oneOf, text, uint } from './read-json.ts'

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
  readonly status: 'open' | 'frozen' | 'closed'
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
  readonly consents: readonly { readonly id: string; readonly to: number; readonly until: number | null }[]
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
/** Records that a page has at most. */
const PAGE_MAX = 4096
/** Salts that are asked for at once, at most. */
export const SALTS_MAX = 10_000

const word = text(WORD_MAX)
const account = uint(ACCOUNTS_MAX - 1)
const record = uint(RECORDS_MAX - 1)

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
    PAGE_MAX,
  ),
})

export const readAccount: JsonReader<ListedAccount> = object({
  number: account,
  kind: word,
  unit: word,
  status: oneOf(['open', 'frozen', 'closed']),
  owner: nullOr(hex(32)),
  custodian: nullOr(record),
  recovery: nullOr(object({ keys: list(hex(32), RECOVERY_KEYS_MAX), need: uint(), delayMs: uint() })),
  balance: int,
  available: int,
  pending: uint(),
  held: uint(),
  overdue: uint(),
  expiringNext: nullOr(object({ amount: uint(), at: uint() })),
  holds: list(object({ id: word, amount: uint(), credit: account, until: uint() }), HOLDS_MAX),
  consents: list(object({ id: word, to: record, until: nullOr(uint()) }), GRANTS_MAX),
  entries: uint(),
  sealed: nullOr(object({ balance: int, entries: uint(), size: uint() })),
})

export const readSalts: JsonReader<{ readonly salts: Uint8Array[]; readonly signature: Uint8Array }> = object({
  salts: list(hex(32), SALTS_MAX),
  signature: base64(64),
})

export const readKeptDetails: JsonReader<{ readonly commitment: string; readonly salt: string }> = object({
  commitment: word,
  salt: word,
})

export const readIndex: JsonReader<{ readonly index: number }> = object({ index: uint() })
