import { toHex } from '../core/bytes.ts'
import { OUTCOMES } from '../core/entry/outcome.ts'
import type { Submission } from '../core/entry/submission.ts'
import type { LedgerState, UnitTotals } from '../ledger/index.ts'
import { type IssuedRow, type KeptMonthly, Monthly } from './monthly.ts'

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

/** What `Figures` has counted. */
export interface KeptFigures {
  readonly ends: readonly (readonly [unit: number, days: readonly KeptEnd[]])[]
  readonly monthly: KeptMonthly
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
  /** What is counted by month. */
  readonly monthly: Monthly
  #state: LedgerState | undefined

  /** @param rowsMax - rows of issuers, budgets and rules that are told apart, a month. */
  constructor(rowsMax?: number) {
    this.monthly = new Monthly(rowsMax)
  }

  /** What was counted, for `restore`: plain values. */
  kept(): KeptFigures {
    return {
      ends: [...this.#ends].map(([unit, days]) => [unit, days.map(keptEnd)]),
      monthly: this.monthly.kept(),
    }
  }

  /** Goes on from what was counted of the log up to `state`; from nothing by default. */
  restore(kept?: KeptFigures, state?: LedgerState): void {
    this.#state = state
    this.#ends.clear()
    this.monthly.restore(kept?.monthly)
    for (const [unit, days] of kept?.ends ?? []) this.#ends.set(unit, days.map(endFrom))
  }

  /** Takes a batch that has taken effect on `state`. @param at - its log index. */
  add(state: LedgerState, at: number, batch: Submission, statuses: Uint8Array): void {
    this.#state = state
    const day = Math.floor(state.time / DAY_MS)
    for (const { unit, ...flows } of state.totals()) this.#endDay(unit, { day, ...flows })
    this.monthly.add(state, at, batch, statuses)
  }

  #endDay(unit: number, end: DayEnd): void {
    const ends = this.#ends.get(unit) ?? []
    this.#ends.set(unit, ends)
    const last = ends.at(-1)
    if (last?.day === end.day) ends[ends.length - 1] = end
    else if (FLOWS.some(flow => end[flow] !== (last?.[flow] ?? 0n))) ends.push(end)
  }

  /** How many transactions came to each outcome that any came to, `accepted` among them. */
  byOutcome(): { readonly outcome: string; readonly transactions: number }[] {
    const counts = new Map<number, number>()
    for (const { status, transactions } of this.monthly.outcomes())
      counts.set(status, (counts.get(status) ?? 0) + transactions)
    return [...counts]
      .sort(([a], [b]) => a - b)
      .map(([status, transactions]) => ({ outcome: OUTCOMES[status]!, transactions }))
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
    const sums = new Map<string, Omit<IssuedRow, 'month' | 'budget'>>()
    for (const row of this.monthly.issued()) {
      const { unit, issuer, rule } = row
      const key = `${unit} ${issuer} ${rule}`
      const { transactions = 0, points = 0n } = sums.get(key) ?? {}
      sums.set(key, { ...row, transactions: transactions + row.transactions, points: points + row.points })
    }
    const rows = [...sums.values()]
      .map(({ points, ...row }) => ({ ...row, amount: Number(points) }))
      .sort((a, b) => a.unit - b.unit || b.amount - a.amount)
    return rows.map(({ unit, issuer, rule, transactions, amount }) => {
      return {
        unit: registry.unit(unit)!.terms.name,
        issuer,
        key: issuer === undefined ? '' : toHex(registry.key(issuer)!.key),
        rule,
        ruleName: ruleNameOf(registry, rule),
        transactions,
        amount,
      }
    })
  }
}

/** The name of a rule, or of a rate, by its record; empty where it is none. */
export function ruleNameOf({ records }: LedgerState['registry'], rule: number): string {
  const named = records[rule]?.transaction
  return named?.kind === 'publish-rule' || named?.kind === 'publish-rate' ? named.name : ''
}

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
