import { toHex } from '../../core/bytes.ts'
import { OUTCOMES } from '../../core/entry/outcome.ts'
import type { LedgerState } from '../../ledger/index.ts'
import { DAY_MS, type DayEnd, type Figures, ruleNameOf } from '../figures.ts'
import type { IssuedRow } from '../monthly.ts'
import { cohortsOf } from './cohorts.ts'
import { holdersOf } from './holders.ts'
import { ratio } from './spread.ts'
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
 *   `ages`, `breakage`: what `cohortsOf` says.
 * - `merchants`: what each merchant is owed; `shops`: what each was paid, gave back and was settled, month by month.
 * - `rules`: who issued how much under which rule; `no-rule`: what of that was under none; `budgets`: out of which
 *   budget.
 * - `outcomes`: how many transactions were refused, and why.
 * - `members`: how points are spread over members: largest holder, top hundredth and tenth, Gini coefficient; `tiers`.
 * - `keys`: who held which key, and when. `duties`: public keys that stand for more than one role.
 * - `backdated`: what has an id of an earlier month than the one in which the ledger took it.
 *
 * Costs one pass over all accounts, and the memory of one number a member.
 */
export function booksOf(state: LedgerState, figures: Figures): Table[] {
  const { held, tables } = holdersOf(state)
  return [
    movements(state, figures),
    ...tables,
    ...cohortsOf(state, figures, held),
    shops(state, figures),
    rules(state, figures),
    noRule(state, figures),
    budgets(state, figures),
    outcomes(figures),
    backdated(state, figures),
    keys(state),
    duties(state),
  ]
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

const unitName = ({ registry }: LedgerState, unit: number): string => registry.unit(unit)!.terms.name

/** The public key of an issuer, hex; empty where it is none, or not told apart. */
const keyOfIssuer = ({ registry }: LedgerState, { issuer }: Pick<IssuedRow, 'issuer'>): string =>
  issuer === undefined ? '' : toHex(registry.key(issuer)!.key)

/** Rows of what was issued, with those put together that differ in nothing but what `by` leaves out. */
function summed(rows: readonly IssuedRow[], by: (row: IssuedRow) => readonly (string | number)[]): IssuedRow[] {
  const sums = new Map<string, IssuedRow>()
  for (const row of rows) {
    const key = by(row).join(' ')
    const { transactions = 0, points = 0n } = sums.get(key) ?? {}
    sums.set(key, { ...row, transactions: transactions + row.transactions, points: points + row.points })
  }
  return [...sums.values()]
}

function shops(state: LedgerState, figures: Figures): Table {
  return {
    name: 'shops',
    says:
      'What each merchant was paid in points in each month, gave back, was settled, and put into budgets; in sum it is ' +
      'what the merchant is owed.',
    columns: ['unit', 'account', 'month', 'redeemed', 'returned', 'settled', 'funded'],
    rows: figures.monthly
      .shops()
      .map(({ unit, account, month, redeemed, returned, settled, funded }) => [
        unitName(state, unit),
        account,
        month,
        redeemed,
        returned,
        settled,
        funded,
      ]),
  }
}

function rules(state: LedgerState, figures: Figures): Table {
  const rows = summed(figures.monthly.issued(), ({ unit, month, issuer = '', rule }) => [unit, month, issuer, rule])
  return {
    name: 'rules',
    says: 'Who issued how much under which rule in each month; rule 0 is none.',
    columns: ['unit', 'month', 'rule', 'rule-name', 'issuer', 'key', 'transactions', 'points'],
    rows: rows.map(row => [
      unitName(state, row.unit),
      row.month,
      row.rule,
      ruleNameOf(state.registry, row.rule),
      row.issuer ?? '',
      keyOfIssuer(state, row),
      row.transactions,
      row.points,
    ]),
  }
}

function noRule(state: LedgerState, figures: Figures): Table {
  const issued = figures.monthly.issued()
  const all = new Map(
    summed(issued, ({ unit, month }) => [unit, month]).map(row => [`${row.unit} ${row.month}`, row.points]),
  )
  const rows = summed(
    issued.filter(({ rule }) => rule === 0),
    ({ unit, month, issuer = '' }) => [unit, month, issuer],
  )
  return {
    name: 'no-rule',
    says: 'Who issued how much under no rule in each month, and its share of all that was issued of the unit in it.',
    columns: ['unit', 'month', 'issuer', 'key', 'transactions', 'points', 'share'],
    rows: rows.map(row => [
      unitName(state, row.unit),
      row.month,
      row.issuer ?? '',
      keyOfIssuer(state, row),
      row.transactions,
      row.points,
      ratio(row.points, all.get(`${row.unit} ${row.month}`)!),
    ]),
  }
}

function budgets(state: LedgerState, figures: Figures): Table {
  const rows = summed(figures.monthly.issued(), ({ unit, month, budget }) => [unit, month, budget])
  return {
    name: 'budgets',
    says: 'What was issued out of which budget in each month; a campaign with a budget of its own is a row of it.',
    columns: ['unit', 'month', 'budget', 'transactions', 'points'],
    rows: rows.map(({ unit, month, budget, transactions, points }) => [
      unitName(state, unit),
      month,
      budget < 0 ? '' : budget,
      transactions,
      points,
    ]),
  }
}

function outcomes(figures: Figures): Table {
  return {
    name: 'outcomes',
    says: 'How many transactions came to which outcome in each month (SPEC §8).',
    columns: ['month', 'outcome', 'transactions'],
    rows: figures.monthly.outcomes().map(({ month, status, transactions }) => [month, OUTCOMES[status]!, transactions]),
  }
}

function backdated(state: LedgerState, figures: Figures): Table {
  return {
    name: 'backdated',
    says:
      'Movements of which the id has a time in an earlier month than the one in which the ledger took them, with the log ' +
      'index of the first and the last.',
    columns: ['unit', 'made', 'month', 'transactions', 'points', 'first', 'last'],
    rows: figures.monthly
      .backdated()
      .map(({ unit, made, month, transactions, points, first, last }) => [
        unitName(state, unit),
        made,
        month,
        transactions,
        points,
        first,
        last,
      ]),
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
