import type { Cell, Table } from './table.ts'

/** A month that was closed: its name, and the tables at the checkpoint that it was closed with. */
export interface ClosedBooks {
  /** Such as `2026-11`. */
  readonly period: string
  readonly treeSize: number
  readonly tables: readonly Table[]
}

/**
 * What came into the log after a month was closed and has an id of a time in that month or before: the difference
 * between two tables of what is backdated.
 *
 * @param now - the table `backdated` of a later checkpoint of the same log.
 */
export function lateTable(closed: readonly ClosedBooks[], now: Table): Table {
  return {
    name: 'late',
    says:
      'What the ledger took after a month was closed, with an id of a time in that month or before; from the first log ' +
      'index on, or from the size of the log at the closing.',
    columns: ['period', 'unit', 'made', 'month', 'transactions', 'points', 'first', 'last'],
    rows: closed.flatMap(books => lateRows(books, now)),
  }
}

function lateRows({ period, treeSize, tables }: ClosedBooks, now: Table): Cell[][] {
  const then = tables.find(({ name }) => name === 'backdated')
  const keyOf = ([unit, made, month]: readonly Cell[]) => `${unit} ${made} ${month}`
  const before = new Map((then?.rows ?? []).map(row => [keyOf(row), row]))
  return now.rows.flatMap((row): Cell[][] => {
    const [unit, made, month, transactions, points, first, last] = row as [
      ...[string, string, string, number, Cell, number, number],
    ]
    const known = before.get(keyOf(row))
    const more = transactions - Number(known?.[3] ?? 0)
    if (made > period || more === 0) return []
    const rest = BigInt(points) - BigInt(known?.[4] ?? 0)
    return [[period, unit, made, month, more, rest, known === undefined ? first : Math.max(first, treeSize), last]]
  })
}
