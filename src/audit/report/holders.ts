import { baseOf, type Holdings, isMature, isPast, type Lot, QUARTER_MS } from '../../account/index.ts'
import { ACCOUNT_KINDS } from '../../core/entry/transaction.ts'
import type { LedgerState, Unit } from '../../ledger/index.ts'
import { ruleNameOf } from '../figures.ts'
import { monthText } from '../monthly.ts'
import { gini, sumOf, topShare } from './spread.ts'
import { type Cell, order, type Table } from './table.ts'

/** What is held of one unit. */
export interface Held {
  /** By `state month`. */
  readonly liability: Map<string, bigint>
  /** By the month of expiry, or `never`: what is held of it in any state. */
  readonly expiring: Map<string, bigint>
  /** By `rule tier`: how many members, and what they have. */
  readonly tiers: Map<string, { members: number; points: bigint }>
  readonly balances: number[]
  members: number
  debt: bigint
  debtors: number
}

/** What is held, by unit, and the tables that a look at each account makes. */
export interface Holders {
  readonly held: ReadonlyMap<number, Held>
  readonly tables: readonly Table[]
}

/** Looks at all accounts, once. */
export function holdersOf({ accounts, registry, time }: LedgerState): Holders {
  const held = new Map<number, Held>()
  const merchants: Cell[][] = []
  for (let account = 0; account < accounts.count; account++) {
    const kind = accounts.kind(account)
    const balance = accounts.balance(account)
    const unit = registry.unit(accounts.unit(account))
    if (unit === undefined) continue
    if (kind === ACCOUNT_KINDS.merchant) merchants.push([unit.terms.name, account, balance])
    if (kind === ACCOUNT_KINDS.member) addMember(heldOf(held, unit), balance, accounts.holdings(account), time)
  }
  const { units } = registry
  return {
    held,
    tables: [
      liability(held, units),
      {
        name: 'merchants',
        says: 'What each merchant is owed at the checkpoint.',
        columns: ['unit', 'account', 'owed'],
        rows: merchants.sort(([a], [b]) => order(a as string, b as string)),
      },
      members(held, units),
      tiers(held, registry),
    ],
  }
}

function heldOf(held: Map<number, Held>, { record }: Unit): Held {
  const known = held.get(record) ?? {
    ...{ liability: new Map(), expiring: new Map(), tiers: new Map(), balances: [] },
    ...{ members: 0, debt: 0n, debtors: 0 },
  }
  held.set(record, known)
  return known
}

function addMember(to: Held, balance: number, holdings: Holdings, timeMs: number): void {
  const add = (state: string, { expires, amount }: Pick<Lot, 'expires' | 'amount'>) => {
    if (amount === 0) return
    const month = expires === 0 ? 'never' : monthText(expires * QUARTER_MS)
    const name = `${state} ${month}`
    to.liability.set(name, (to.liability.get(name) ?? 0n) + BigInt(amount))
    to.expiring.set(month, (to.expiring.get(month) ?? 0n) + BigInt(amount))
  }
  to.members++
  const base = baseOf(holdings, balance)
  if (base < 0) {
    to.debt -= BigInt(base)
    to.debtors++
  } else add('spendable', { expires: 0, amount: base })
  for (const lot of holdings.lots) {
    const state = isPast(lot, timeMs) ? 'past' : isMature(lot, timeMs) ? 'spendable' : 'maturing'
    add(state, lot)
  }
  for (const { parts, amount } of holdings.holds) {
    let rest = amount
    for (const part of parts) {
      add('held', part)
      rest -= part.amount
    }
    add('held', { expires: 0, amount: rest })
  }
  if (balance > 0) to.balances.push(balance)
  for (const { rule, tier, until } of holdings.statuses) {
    if (until !== 0 && until <= timeMs) continue
    const key = `${rule} ${tier}`
    const { members = 0, points = 0n } = to.tiers.get(key) ?? {}
    to.tiers.set(key, { members: members + 1, points: points + BigInt(balance) })
  }
}

function liability(held: ReadonlyMap<number, Held>, units: readonly Unit[]): Table {
  const rows = units.flatMap(({ record, terms }): Cell[][] => {
    const of = held.get(record)
    if (of === undefined) return []
    const parts = [...of.liability].map(([name, points]): [string, string, bigint] => {
      const [state, month] = name.split(' ') as [string, string]
      return [month, state, points]
    })
    parts.sort((a, b) => (a[0] === b[0] ? order(a[1], b[1]) : order(a[0], b[0])))
    const debts: Cell[][] = of.debtors === 0 ? [] : [[terms.name, '', 'debt', -of.debt]]
    return [...parts.map(([month, state, points]) => [terms.name, month, state, points]), ...debts]
  })
  return {
    name: 'liability',
    says:
      'What members hold at the checkpoint, by the month in UTC in which it expires: spendable, maturing, held for a ' +
      'payment, or past and not yet written off. A debt is below zero.',
    columns: ['unit', 'expires', 'state', 'points'],
    rows,
  }
}

function members(held: ReadonlyMap<number, Held>, units: readonly Unit[]): Table {
  const rows = units.flatMap(({ record, terms }): Cell[][] => {
    const of = held.get(record)
    if (of === undefined) return []
    const balances = of.balances.sort((a, b) => a - b)
    const total = sumOf(balances)
    return [
      [
        terms.name,
        balances.length,
        total,
        balances.at(-1) ?? 0,
        balances[Math.floor(balances.length / 2)] ?? 0,
        topShare(balances, 0.01),
        topShare(balances, 0.1),
        gini(balances),
        of.debtors,
        of.debt,
      ],
    ]
  })
  return {
    name: 'members',
    says:
      'How points are spread over the members who have any: their middle one, the share of the largest hundredth and ' +
      'tenth, and the Gini coefficient (0: all the same, 1: one has all).',
    columns: [
      'unit',
      'members',
      'points',
      'largest',
      'median',
      'top-hundredth',
      'top-tenth',
      'gini',
      'debtors',
      'debts',
    ],
    rows,
  }
}

function tiers(held: ReadonlyMap<number, Held>, registry: LedgerState['registry']): Table {
  const rows = registry.units.flatMap(({ record, terms }): Cell[][] =>
    [...(held.get(record)?.tiers ?? [])]
      .map(([key, { members, points }]): [number, number, number, bigint] => {
        const [rule, tier] = key.split(' ').map(Number) as [number, number]
        return [rule, tier, members, points]
      })
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .map(([rule, tier, members, points]) => [terms.name, rule, ruleNameOf(registry, rule), tier, members, points]),
  )
  return {
    name: 'tiers',
    says: 'How many members have which tier by which rule at the checkpoint, and the points that they have.',
    columns: ['unit', 'rule', 'rule-name', 'tier', 'members', 'points'],
    rows,
  }
}
