import { table } from '../cli/screen/screen.ts'
import type { Machine } from './results.ts'

/** A figure beside what it should be and what the machine could do. */
export interface Row {
  readonly what: string
  readonly figure: number
  readonly unit: string
  /** What the full run has to reach, and what it aims at. */
  readonly target?:
    | { readonly atLeast: number; readonly aim?: number }
    | { readonly atMost: number; readonly aim?: number }
  /** The figure as a ratio of what the machine does, in words. */
  readonly beside?: string
}

/** Gathers the rows of a run and prints them, each when it is there and all of them at the end. */
export class Report {
  readonly #rows: Row[] = []

  /** Says on standard error what is going on, behind the seconds since the start. */
  begin(what: string): void {
    process.stderr.write(`${(performance.now() / 1000).toFixed(0).padStart(4)} s  ${what}\n`)
  }

  add(row: Row): void {
    this.#rows.push(row)
    process.stderr.write(`          ${row.what}: ${formatFigure(row.figure)} ${row.unit}\n`)
  }

  /** All rows as a table. */
  show(): string {
    return table([
      ['what', 'figure', 'unit', 'beside the machine', 'at least', 'aim', ''],
      ...this.#rows.map(({ what, figure, unit, target, beside }) => [
        what,
        formatFigure(figure).padStart(10),
        unit,
        beside ?? '',
        target === undefined
          ? ''
          : 'atLeast' in target
            ? `≥ ${formatFigure(target.atLeast)}`
            : `≤ ${formatFigure(target.atMost)}`,
        target?.aim === undefined ? '' : formatFigure(target.aim),
        target === undefined ? '' : verdict(figure, target),
      ]),
    ])
  }
}

function verdict(figure: number, target: NonNullable<Row['target']>): string {
  const { aim } = target
  const isMore = 'atLeast' in target
  const bound = isMore ? target.atLeast : target.atMost
  const reaches = (goal: number) => (isMore ? figure >= goal : figure <= goal)
  if (aim !== undefined && reaches(aim)) return 'aim reached'
  if (reaches(bound)) return 'reached'
  const factor = isMore ? bound / figure : figure / bound
  return `missed by a factor of ${factor.toFixed(factor < 10 ? 2 : 0)}`
}

/** Three digits that count, or all before the point. */
export function formatFigure(figure: number): string {
  const digits = Math.abs(figure) >= 100 ? 0 : Math.abs(figure) >= 10 ? 1 : Math.abs(figure) >= 1 ? 2 : 3
  return figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

export function mega(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MB`
}

/** A time as a number of signature verifications that the machine does in it. */
export function native(milliseconds: number, { ed25519VerifyPerSecond }: Machine): string {
  return `as long as ${formatFigure((milliseconds * ed25519VerifyPerSecond) / 1000)} native verifications`
}

/** `0.41 of <what>`. */
export function ratio(figure: number, of: number, what: string): string {
  return `${(figure / of).toPrecision(2)} of ${what}`
}
