/** What one figure of a report is: sums as bigint, which may be above 2^53. */
export type Cell = string | number | bigint

/** A table of a report. */
export interface Table {
  /** Of the file that holds it: lower case and hyphens. */
  readonly name: string
  /** What it shows, in one sentence. */
  readonly says: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Two texts in the order of their characters. */
export const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The rows of a month, of a table that has months; any other table as it is. @param month - such as `2026-11`. */
export function ofMonth(table: Table, month: string): Table {
  const at = table.columns.indexOf('month')
  return at < 0 ? table : { ...table, rows: table.rows.filter(row => row[at] === month) }
}

/**
 * A table as CSV (RFC 4180): a row of names, then its rows, lines that end in CR LF. Text that a spreadsheet would take
 * for a formula has an apostrophe before it.
 */
export function csvOf({ columns, rows }: Table): string {
  return [columns, ...rows].map(row => `${row.map(csvCell).join(',')}\r\n`).join('')
}

function csvCell(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell)
  const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

/** A table as plain values for JSON: rows by the names of columns, sums as decimal digits. */
export function jsonOf({ name, says, columns, rows }: Table): object {
  const plain = (cell: Cell) => (typeof cell === 'bigint' ? String(cell) : cell)
  return {
    name,
    says,
    rows: rows.map(row => Object.fromEntries(columns.map((column, i) => [column, plain(row[i]!)]))),
  }
}

/** What `jsonOf` makes of a table, as a table again: sums are digits then. */
export function tableOf({
  name,
  says,
  rows,
}: {
  name: string
  says: string
  rows: Record<string, string | number>[]
}): Table {
  const columns = Object.keys(rows[0] ?? {})
  return { name, says, columns, rows: rows.map(row => columns.map(column => row[column]!)) }
}
