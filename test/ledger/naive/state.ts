import type { AccountKind, RecoveryTerms, Transaction, TransactionOf } from '../../../src/core/entry/transaction.ts'

/** A signer as a batch names it: a record's number, the account whose owner it is, or one of its recovery keys. */
export type NaiveSigner = { readonly record: number } | { readonly account: number; readonly recovery?: number }

/** Points that came in together; those without dates have dates 0 and 0. */
export interface Parcel {
  readonly matures: number
  readonly expires: number
  amount: number
}

export interface NaiveHold {
  readonly id: string
  readonly credit: number
  readonly amount: number
  readonly until: number
  /** In the order of taking. */
  readonly parcels: readonly Parcel[]
}

export interface NaiveAccount {
  readonly number: number
  readonly kind: AccountKind
  readonly unit: number
  /** Public keys in hex. */
  owner: string | null
  /** Record of the custodian named. */
  custodian: number | null
  recovery: RecoveryTerms | null
  /** Account of its sponsor, and the reference that it has there, in hex. */
  readonly sponsor: number | null
  readonly ref: string | null
  /** Bytes of the opening entry. */
  readonly opening: Uint8Array
  status: 'open' | 'frozen' | 'closed' | 'merged'
  entries: number
  /** Ledger time of the last entry. */
  time: number
  balance: bigint
  /** Per batch that names it, its ledger time, and the entries that do, in order. */
  readonly history: { readonly time: number; readonly entries: readonly Uint8Array[] }[]
  /** In the order of spending, none of amount 0. */
  parcels: Parcel[]
  debt: number
  holds: NaiveHold[]
  gift: { day: number; amount: number }
  /** What it took of others on the day of the last take. */
  taken: { day: number; amount: number }
  /** What others took of its lots, in order. */
  takes: { readonly matures: number; readonly expires: number; readonly credit: number; readonly amount: number }[]
  /** The recovery that was begun last and not ended. */
  pending: { key: string; due: number } | undefined
  grants: { id: string; to: number; until: number; may: number }[]
  /** Its tiers, in the order of being set. */
  tiers: { readonly rule: number; readonly tier: number; readonly until: number }[]
}

export interface NaiveRecord {
  readonly tx: Transaction
  readonly bytes: Uint8Array
  /** Log index and ledger time of the transaction that made it. */
  readonly from: number
  readonly time: number
  /** Log index of its revocation, or 0. */
  until: number
  /** Latest record that succeeds it, or 0. */
  next: number
  /** Whether it succeeds another, and root alone registered it: no key of its chain did that was due everywhere. */
  readonly isTakeover: boolean
}

/** The first transaction that used an id. */
export interface Use {
  readonly tx: Transaction
  readonly bytes: string
  readonly status: string
  /** Ledger time of its batch. */
  readonly time: number
  /** What a debit took, in order, and how much of it came back. */
  took: readonly Parcel[]
  reversed: number
}

export interface Counts {
  issued: bigint
  opened: bigint
  redeemed: bigint
  expired: bigint
  reinstated: bigint
  reversed: bigint
}

/** One gift of a budget. */
export interface Gift {
  readonly member: number
  readonly amount: bigint
  readonly day: number
  readonly week: number
  readonly month: number
}

export type Unit = TransactionOf<'define-unit'>
/** A transaction that moves an amount from one account to another, or sets it aside. */
export type Move = Extract<Transaction, { readonly debit: number }>

/** All that a ledger remembers. */
export interface State {
  readonly accounts: NaiveAccount[]
  readonly records: NaiveRecord[]
  /** By id in hex. */
  readonly ids: Map<string, Use>
  /** What budgets with terms gave, by budget. */
  readonly given: Map<number, Gift[]>
  /** By unit. */
  readonly totals: Map<number, Counts>
  /** Entries of the log. */
  size: number
  epoch: number
  skew: number
  /** How many root keys sign what is for root. */
  need: number
  /** Entries after the last seal. */
  sealed: number
  /** The records that name logs, in order. */
  readonly logs: number[]
  /** The root of the log as it is. */
  rootOfLog: () => Uint8Array
}
