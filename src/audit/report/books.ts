import { baseOf, type Holdings, isMature, isPast, type Lot, QUARTER_MS } from '../../account/index.ts'
import { toHex } from '../../core/bytes.ts'
import { ACCOUNT_KINDS } from '../../core/entry/transaction.ts'
import type { LedgerState, Unit } from '../../ledger/index.ts'
import { DAY_MS, type DayEnd, type Figures } from '../figures.ts'
import { gini, sumOf, topShare } from './spread.ts'
import type { Cell, Table } from './table.ts'

/**
 * The tables of a ledger that an accountant asks for, computed from nothing but what an audit replayed: two audits of
 * one checkpoint have the same tables, byte for byte. Months are those of ledger time in UTC; sums are in points.
 *
 * - `movements`: a row a unit and month, and in it
 *   `opening + issued + brought − redeemed − expired + reinstated − reversed + other = closing`.
 *   `opening` and `closing` are what members and merchants hold. `other` is what the totals do not name: what was
 *   redeemed at merchants, to whom it is owed then, less what was settled with them or put into budgets; debts.
 * - `liability`: what members hold at the checkpoint, by the month in which it expires, and whether it can be spent.
 * - `merchants`: what each merchant is owed.
 * - `rules`: who issued how much under which rule. `outcomes`: how many transactions were refused, and why.
 * - `members`: how points are spread over members: largest holder, top hundredth and tenth, Gini coefficient.
 * - `keys`: who held which key, and when. `duties`: public keys that stand for more than one role.
 *
 * Costs one pass over all accounts, and the memory of one number a member.
 */
export function booksOf(state: LedgerState, figures: Figures): Table[] {
  return [movements(state, figures), ...holders(state), rules(figures), outcomes(figures), keys(state), duties(state)]
}

const monthOfDay = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 7)
const timeText = (ms: number): string => new Date(ms).toISOString()

function movements({ registry }: LedgerState, figures: Figures): Table {
  const rows = registry.units.flatMap(({ record, terms }) => {
    const months = new Map<string, DayEnd>()
    for (const end of figures.endsOf(record)) months.set(monthOfDay(end.day), end)
    let before: Omit<DayEnd, 'day'> = NOTHING
    return [...months].map(([month, end]) => {
      const moved = (flow: keyof Omit<DayEnd, 'day'>) => end[flow] - before[flow]
      const [issued, brought, redeemed, expired, reinstated, reversed] = [
        moved('issued'),
        moved('opened'),
        moved('redeemed'),
        moved('expired'),
        moved('reinstated'),
        moved('reversed'),
      ]
      const opening = before.owed
      const other = end.owed - (opening + issued + brought - redeemed - expired + reinstated - reversed)
      before = end
      const flows = [issued, brought, redeemed, expired, reinstated, reversed]
      return [terms.name, month, opening, ...flows, other, end.owed]
    })
  })
  return {
    name: 'movements',
    says: 'What was moved of each unit in each month, from what was held before to what was held then.',
    columns: [
      ...['unit', 'month', 'opening', 'issued', 'brought', 'redeemed', 'expired', 'reinstated', 'reversed'],
      ...['other', 'closing'],
    ],
    rows,
  }
}

const NOTHING: Omit<DayEnd, 'day'> = {
  ...{ issued: 0n, opened: 0n, redeemed: 0n, expired: 0n, reinstated: 0n, reversed: 0n, owed: 0n },
}

/** What is held of one unit. */
interface Held {
  /** By `state month`. */
  readonly liability: Map<string, bigint>
  readonly balances: number[]
  debt: bigint
  debtors: number
}

/** The tables that take a look at each account. */
function holders({ accounts, registry, time }: LedgerState): Table[] {
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
  return [
    liability(held, registry.units),
    {
      name: 'merchants',
      says: 'What each merchant is owed at the checkpoint.',
      columns: ['unit', 'account', 'owed'],
      rows: merchants.sort(([a], [b]) => order(a as string, b as string)),
    },
    members(held, registry.units),
  ]
}

function heldOf(held: Map<number, Held>, { record }: Unit): Held {
  const known = held.get(record) ?? { liability: new Map(), balances: [], debt: 0n, debtors: 0 }
  held.set(record, known)
  return known
}

function addMember(to: Held, balance: number, holdings: Holdings, timeMs: number): void {
  const add = (state: string, { expires, amount }: Pick<Lot, 'expires' | 'amount'>) => {
    if (amount === 0) return
    const month = expires === 0 ? 'never' : timeText(expires * QUARTER_MS).slice(0, 7)
    const name = `${state} ${month}`
    to.liability.set(name, (to.liability.get(name) ?? 0n) + BigInt(amount))
  }
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

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

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

function rules(figures: Figures): Table {
  return {
    name: 'rules',
    says: 'Who issued how much under which rule; rule 0 is none.',
    columns: ['unit', 'rule', 'rule-name', 'issuer', 'key', 'transactions', 'points'],
    rows: figures
      .byRule()
      .map(({ unit, rule, ruleName, issuer, key, transactions, amount }) => [
        unit,
        rule,
        ruleName,
        issuer ?? '',
        key,
        transactions,
        amount,
      ]),
  }
}

function outcomes(figures: Figures): Table {
  return {
    name: 'outcomes',
    says: 'How many transactions came to which outcome (SPEC §8).',
    columns: ['outcome', 'transactions'],
    rows: figures.byOutcome().map(({ outcome, transactions }) => [outcome, transactions]),
  }
}

function keys({ registry }: LedgerState): Table {
  const rows = registry.records.flatMap(({ number, key, from, time, until, next }): Cell[][] => {
    if (key === undefined) return []
    const scope = key.scope.join(' ')
    return [[number, key.role, toHex(key.key), scope, from, timeText(time), until === 0 ? '' : until, next || '']]
  })
  return {
    name: 'keys',
    says: 'Who held which key: from the entry that registered it until the one that revoked it, if any did.',
    columns: ['record', 'role', 'key', 'scope', 'from-entry', 'from-time', 'revoked-entry', 'succeeded-by'],
    rows,
  }
}

function duties({ registry }: LedgerState): Table {
  const roles = new Map<string, Set<string>>()
  for (const { key, until } of registry.records) {
    if (key === undefined || until !== 0) continue
    const hex = toHex(key.key)
    roles.set(hex, (roles.get(hex) ?? new Set()).add(key.role))
  }
  const rows = [...roles].filter(([, held]) => held.size > 1)
  return {
    name: 'duties',
    says: 'Public keys that stand for more than one role at the checkpoint; none where duties are apart.',
    columns: ['key', 'roles'],
    rows: rows.map(([key, held]) => [key, [...held].sort().join(' ')]),
  }
}
