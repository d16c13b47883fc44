import { toHex } from '../core/bytes.ts'
import { SIGNER_RECORD } from '../core/entry/batch.ts'
import { ACCEPTED, OUTCOMES } from '../core/entry/outcome.ts'
import type { Submission } from '../core/entry/submission.ts'
import { KIND_ISSUE, TransactionView } from '../core/entry/transaction.ts'
import type { UnitTotals } from '../ledger/index.ts'
import { type LedgerState, Total } from '../ledger/index.ts'

export const DAY_MS = 86_400_000

/** What was moved of a unit, and what is owed. */
export interface Flows {
  readonly issued: number
  readonly redeemed: number
  readonly expired: number
  readonly reversed: number
  /** What members hold, at the end. */
  readonly owed: number
}

/**
 * The totals of a unit at the end of a UTC day, days since 1970-01-01. They may be above 2^53; a day's flows are taken
 * for less.
 */
export interface DayEnd extends Omit<UnitTotals, 'unit'> {
  readonly day: number
}

/** The same as plain values: totals as decimal digits. */
type KeptEnd = { readonly [F in keyof DayEnd]: F extends 'day' ? number : string }

/** The flows of one UTC day on which there were any. */
export interface DayFlows extends Flows {
  /** Days since 1970-01-01. */
  readonly day: number
}

/** What one issuer issued of one unit under one rule. */
export interface Issued {
  readonly unit: string
  /** Record number of the issuer's key; undefined for all that were not told apart. */
  readonly issuer: number | undefined
  /** The issuer's public key in hex. */
  readonly key: string
  /** Record number of the rule, 0 where none was named. */
  readonly rule: number
  readonly ruleName: string
  readonly transactions: number
  readonly amount: number
}

/** Pairs of issuer and rule that are told apart; what is beyond is one row a unit. */
const PAIRS_MAX = 10_000

interface Pair {
  readonly unit: number
  /** Missing where it is of all others. */
  readonly issuer?: number | undefined
  readonly rule: number
  transactions: number
  readonly amount: Total
}

/** What `Figures` has counted. */
export interface KeptFigures {
  readonly ends: readonly (readonly [unit: number, days: readonly KeptEnd[]])[]
  readonly pairs: readonly (Readonly<Omit<Pair, 'amount'>> & { readonly amount: string })[]
  /** How many transactions came to each outcome, by its number. */
  readonly outcomes: readonly number[]
}

function nameOf(unit: number, issuer: number | undefined, rule: number): string {
  return `${unit} ${issuer} ${rule}`
}

/**
 * Figures of a ledger, counted while it is replayed: what was moved a day and a unit, and who issued how much under
 * which rule. A day is one of ledger time, in UTC. Holds days times units, and pairs of issuer and rule; however long
 * the log.
 *
 * The days are differences between the ledger's own totals, which every seal commits to, so every kind of transaction
 * counts.
 */
export class Figures {
  /** By unit record: the totals as they stood at the end of each day on which they changed. */
  readonly #ends = new Map<number, DayEnd[]>()
  readonly #pairs = new Map<string, Pair>()
  readonly #outcomes: number[] = []
  readonly #view = new TransactionView()
  readonly #pairsMax: number
  #state: LedgerState | undefined
  /** The pair that was counted last: mostly it is the next one too. */
  #last: Pair | undefined

  constructor(pairsMax: number = PAIRS_MAX) {
    this.#pairsMax = pairsMax
  }

  /** What was counted, for `restore`: plain values. */
  kept(): KeptFigures {
    return {
      ends: [...this.#ends].map(([unit, days]) => [unit, days.map(keptEnd)]),
      pairs: [...this.#pairs.values()].map(pair => ({ ...pair, amount: String(pair.amount.value) })),
      outcomes: Array.from(this.#outcomes, count => count ?? 0),
    }
  }

  /** Goes on from what was counted of the log up to `state`; from nothing by default. */
  restore({ ends, pairs, outcomes }: KeptFigures = NOTHING_KEPT, state?: LedgerState): void {
    this.#state = state
    this.#last = undefined
    this.#ends.clear()
    this.#pairs.clear()
    this.#outcomes.splice(0, this.#outcomes.length, ...outcomes)
    for (const [unit, days] of ends) this.#ends.set(unit, days.map(endFrom))
    for (const pair of pairs)
      this.#pairs.set(nameOf(pair.unit, pair.issuer, pair.rule), { ...pair, amount: new Total(BigInt(pair.amount)) })
  }

  /** Takes a batch that has taken effect on `state`. */
  add(state: LedgerState, batch: Submission, statuses: Uint8Array): void {
    this.#state = state
    const day = Math.floor(state.time / DAY_MS)
    for (const { unit, ...flows } of state.totals()) this.#endDay(unit, { day, ...flows })
    for (const status of statuses) this.#outcomes[status] = (this.#outcomes[status] ?? 0) + 1
    this.#addIssued(state, batch, statuses)
  }

  #endDay(unit: number, end: DayEnd): void {
    const ends = this.#ends.get(unit) ?? []
    this.#ends.set(unit, ends)
    const last = ends.at(-1)
    if (last?.day === end.day) ends[ends.length - 1] = end
    else if (FLOWS.some(flow => end[flow] !== (last?.[flow] ?? 0n))) ends.push(end)
  }

  #addIssued(
    { accounts, registry }: LedgerState,
    { transactions, signatures }: Submission,
    statuses: Uint8Array,
  ): void {
    const view = this.#view
    for (let i = 0; i < transactions.count; i++) {
      if (statuses[i] !== ACCEPTED) continue
      view.read(transactions.bytes, transactions.starts[i], transactions.ends[i])
      const conversion = view.rare?.kind === 'convert' ? view.rare : undefined
      if (conversion === undefined && view.kind !== KIND_ISSUE) continue
      // A conversion gives from its budget under the rate; its holder signs it, and no issuer.
      const debit = conversion?.budget ?? view.debit
      const amount = conversion?.gained ?? view.amount
      const rule = conversion?.rate ?? view.rule
      // The first signer who is entitled (SPEC §7).
      const issuer = signatures.find(({ class: signerClass, number }) => {
        const key = signerClass === SIGNER_RECORD ? registry.key(number) : undefined
        return key?.role === 'issuer' && key.scope.includes(debit)
      })?.number
      const pair = this.#pair(accounts.unit(debit), issuer, rule)
      pair.transactions++
      pair.amount.add(amount)
    }
  }

  #pair(unit: number, issuer: number | undefined, rule: number): Pair {
    const last = this.#last
    if (last?.unit === unit && last.issuer === issuer && last.rule === rule) return last
    const known = this.#pairs.get(nameOf(unit, issuer, rule))
    if (known !== undefined) {
      this.#last = known
      return known
    }
    const isBeyond = this.#pairs.size >= this.#pairsMax && issuer !== undefined
    if (isBeyond) return this.#pair(unit, undefined, 0)
    const pair: Pair = { unit, issuer, rule, transactions: 0, amount: new Total() }
    this.#pairs.set(nameOf(unit, issuer, rule), pair)
    return pair
  }

  /** How many transactions came to each outcome that any came to, `accepted` among them. */
  byOutcome(): { readonly outcome: string; readonly transactions: number }[] {
    return [...this.#outcomes.entries()].flatMap(([status, transactions]) =>
      transactions > 0 ? [{ outcome: OUTCOMES[status]!, transactions }] : [],
    )
  }

  /** The totals of a unit, by its record, as they stood at the end of each UTC day on which they changed. */
  endsOf(unit: number): readonly DayEnd[] {
    return this.#ends.get(unit) ?? []
  }

  /** Per unit by name, in the order of their records, the days on which anything was moved. */
  byDay(): Map<string, DayFlows[]> {
    const units = this.#state?.registry.units ?? []
    return new Map(
      units.map(({ record, terms }) => {
        let before = NOTHING
        const days = (this.#ends.get(record) ?? []).map(end => {
          const { issued, redeemed, expired, reversed } = before
          before = end
          return {
            day: end.day,
            issued: Number(end.issued - issued),
            redeemed: Number(end.redeemed - redeemed),
            expired: Number(end.expired - expired),
            reversed: Number(end.reversed - reversed),
            owed: Number(end.owed),
          }
        })
        return [terms.name, days] as const
      }),
    )
  }

  /** Who issued how much under which rule: the largest of each unit first. */
  byRule(): Issued[] {
    const { registry } = this.#state ?? {}
    if (registry === undefined) return []
    const rows = [...this.#pairs.values()]
      .map(pair => ({ ...pair, amount: Number(pair.amount.value) }))
      .sort((a, b) => a.unit - b.unit || b.amount - a.amount)
    return rows.map(({ unit, issuer, rule, transactions, amount }) => {
      const named = registry.records[rule]?.transaction
      return {
        unit: registry.unit(unit)!.terms.name,
        issuer,
        key: issuer === undefined ? '' : toHex(registry.key(issuer)!.key),
        rule,
        ruleName: named?.kind === 'publish-rule' || named?.kind === 'publish-rate' ? named.name : '',
        transactions,
        amount,
      }
    })
  }
}

const NOTHING_KEPT: KeptFigures = { ends: [], pairs: [], outcomes: [] }
const FLOWS = ['issued', 'opened', 'redeemed', 'expired', 'reinstated', 'reversed', 'owed'] as const
const NOTHING: DayEnd = {
  day: 0,
  ...{ issued: 0n, opened: 0n, redeemed: 0n, expired: 0n, reinstated: 0n, reversed: 0n, owed: 0n },
}

function keptEnd({ day, ...totals }: DayEnd): KeptEnd {
  const kept = FLOWS.map(flow => [flow, String(totals[flow])] as const)
  return { day, ...(Object.fromEntries(kept) as Omit<KeptEnd, 'day'>) }
}

function endFrom({ day, ...totals }: KeptEnd): DayEnd {
  const made = FLOWS.map(flow => [flow, BigInt(totals[flow])] as const)
  return { day, ...(Object.fromEntries(made) as Omit<DayEnd, 'day'>) }
}
