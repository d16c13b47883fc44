import { toHex } from '../../../src/core/bytes.ts'
import type { Transaction, TransactionOf } from '../../../src/core/entry/transaction.ts'
import { unitOf } from './registry.ts'
import type { Signers } from './signers.ts'
import type { Move, NaiveAccount, NaiveHold, NaiveRecord, State, Unit, Use } from './state.ts'
import { timeOf } from './time.ts'

/** Kinds whose accepted transactions can be reversed. */
type Reversible = TransactionOf<
  'fund' | 'issue' | 'opening-balance' | 'redeem' | 'capture' | 'claim' | 'expire' | 'merge'
>
const REVERSIBLE: readonly string[] = ['fund', 'issue', 'opening-balance', 'redeem', 'capture', 'claim', 'merge']

interface Original extends Use {
  readonly tx: Reversible
}

/** A transaction in its place, and what of the ledger it names. */
export interface Case {
  readonly state: State
  readonly signers: Signers
  readonly tx: Transaction
  readonly bytes: string
  /** Whether it is all of its batch. */
  readonly isAlone: boolean
  /** Id in hex. */
  readonly id: string
  /** The transaction's own time. */
  readonly t: number
  /** Ledger time. */
  readonly T: number
  /** Whether one before it of its group was refused. */
  readonly isUndone: boolean
  readonly move: Move | undefined
  readonly debit: NaiveAccount | undefined
  readonly credit: NaiveAccount | undefined
  /** Of the debit account. */
  readonly unit: Unit | undefined
  readonly amount: number
  readonly convert: TransactionOf<'convert'> | undefined
  /** Where a conversion brings points, and the budget that they come from. */
  readonly gaining: NaiveAccount | undefined
  readonly paying: NaiveAccount | undefined
  /** The one account that a transaction names which moves nothing: its number, and the account. */
  readonly oneNumber: number | undefined
  readonly one: NaiveAccount | undefined
  /** The account that is to be the sponsor of one that is opened: its number, and the account. */
  readonly sponsorNumber: number | undefined
  readonly sponsor: NaiveAccount | undefined
  /** What is revoked. */
  readonly record: NaiveRecord | undefined
  /** The accepted movement of the id that a reversal names, if it can be reversed; or a reinstatement, an expiry. */
  readonly named: Original | undefined
  /** The same, if it is between the two accounts, the other way round: what is reversed. */
  readonly original: Original | undefined
  /** What a merchant asked for, that a settlement names. */
  readonly asked: (Use & { readonly tx: TransactionOf<'ask-settle'> }) | undefined
  /** The id that a movement cites, in hex. */
  readonly cites: string | undefined
  /** What is captured or released. */
  readonly hold: NaiveHold | undefined
  /** What is withdrawn, or disclosed under. */
  readonly grant: { readonly until: number; readonly may: number } | undefined
  /** Who may take from now on, by a consent: its number, and the account. */
  readonly takerNumber: number | undefined
  readonly taker: NaiveAccount | undefined
  /** Of whose issuer a tier is: its number, and the account. */
  readonly ofNumber: number | undefined
  readonly of: NaiveAccount | undefined
  /** Of what something is claimed: its number, and the account. */
  readonly seriesNumber: number | undefined
  readonly series: NaiveAccount | undefined
  /** The pools that terms name: their numbers, and the accounts. */
  readonly poolNumbers: readonly number[]
  readonly pools: readonly (NaiveAccount | undefined)[]
}

export function caseOf(
  state: State,
  signers: Signers,
  tx: Transaction,
  bytes: Uint8Array,
  { isAlone, isUndone }: { readonly isAlone: boolean; readonly isUndone: boolean },
): Case {
  const { accounts, records } = state
  const move = 'debit' in tx ? tx : undefined
  const convert = tx.kind === 'convert' ? tx : undefined
  const debit = move && accounts[move.debit]
  const oneNumber = tx.kind === 'publish-rate' ? tx.budget : 'account' in tx && !convert ? tx.account : undefined
  const one = oneNumber === undefined ? undefined : accounts[oneNumber]
  const sponsorNumber = tx.kind === 'open-account' ? (tx.sponsor ?? undefined) : undefined
  const named = tx.kind === 'reverse' || tx.kind === 'reinstate' ? originalOf(state, tx) : undefined
  const takerNumber = tx.kind === 'grant' && tx.may === 1 ? tx.to : undefined
  const seriesNumber = tx.kind === 'claim' ? tx.series : undefined
  const poolNumbers = tx.kind === 'set-budget' ? tx.pools : []
  const holder = tx.kind === 'capture' ? debit : one
  return {
    state,
    signers,
    tx,
    bytes: toHex(bytes),
    isAlone,
    id: toHex(tx.id),
    t: timeOf(tx.id),
    T: signers.time,
    isUndone,
    move,
    debit,
    credit: move && accounts[move.credit],
    unit: debit && unitOf(state, debit.unit),
    amount: move?.amount ?? 0,
    convert,
    gaining: convert && accounts[convert.account],
    paying: convert && accounts[convert.budget],
    oneNumber,
    one,
    sponsorNumber,
    sponsor: sponsorNumber === undefined ? undefined : accounts[sponsorNumber],
    record: tx.kind === 'revoke' ? records[tx.record] : undefined,
    named,
    original: named !== undefined && isBetween(named, move!) ? named : undefined,
    asked: tx.kind === 'settle' && tx.original !== null ? askedOf(state, tx.original) : undefined,
    cites: 'cites' in tx && tx.cites ? toHex(tx.cites) : undefined,
    hold: 'hold' in tx ? holder?.holds.find(({ id }) => id === toHex(tx.hold)) : undefined,
    takerNumber,
    taker: takerNumber === undefined ? undefined : accounts[takerNumber],
    ofNumber: tx.kind === 'set-status' ? tx.budget : undefined,
    of: tx.kind === 'set-status' ? accounts[tx.budget] : undefined,
    seriesNumber,
    series: seriesNumber === undefined ? undefined : accounts[seriesNumber],
    poolNumbers,
    pools: poolNumbers.map(number => accounts[number]),
    grant: 'grant' in tx ? one?.grants.find(({ id }) => id === toHex(tx.grant)) : undefined,
  }
}

function originalOf({ ids }: State, tx: TransactionOf<'reverse' | 'reinstate'>): Original | undefined {
  const use = ids.get(toHex(tx.original))
  const kinds = tx.kind === 'reverse' ? REVERSIBLE : ['expire']
  return use?.status === 'accepted' && kinds.includes(use.tx.kind) ? (use as Original) : undefined
}

function askedOf({ ids }: State, id: Uint8Array): Case['asked'] {
  const use = ids.get(toHex(id))
  return use?.status === 'accepted' && use.tx.kind === 'ask-settle' ? (use as Case['asked']) : undefined
}

const isBetween = ({ tx }: Original, { debit, credit }: Move) => tx.debit === credit && tx.credit === debit
