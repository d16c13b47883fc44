import { DAY_MS, type DayFlows, type Flows } from '../figures.ts'

/** Columns of a chart: more days than that share columns, so that the page has a bound. */
const COLUMNS_MAX = 366

const WIDTH = 860
const LEFT = 64
const RIGHT = 8
const TOP = 8
const BOTTOM = 24

/** What stands in one column: the flows of one or several days, and what was owed at their end. */
export interface Column extends Flows {
  /** The first day and the last one, in days since 1970-01-01. */
  readonly day: number
  readonly last: number
}

/**
 * The kinds of movement that stack up in a chart, in that order; above the line what makes points, below what ends
 * them.
 */
export const SERIES = [
  { flow: 'issued', isUp: true },
  { flow: 'redeemed', isUp: false },
  { flow: 'expired', isUp: false },
  { flow: 'reversed', isUp: false },
] as const

/** How many days stand in one column where they go from `from` to `to`. */
export function daysPerColumn(from: number, to: number): number {
  return Math.ceil((to - from + 1) / COLUMNS_MAX)
}

/** The columns from day `from` to day `to`, those without movement included. @param days - in order. */
export function columnsOf(days: readonly DayFlows[], from: number, to: number): Column[] {
  const step = daysPerColumn(from, to)
  const columns: Column[] = []
  let next = 0
  let owed = 0
  for (let day = from; day <= to; day += step) {
    const column = { day, last: Math.min(day + step - 1, to), issued: 0, redeemed: 0, expired: 0, reversed: 0, owed }
    for (; next < days.length && days[next]!.day < day + step; next++) {
      for (const { flow } of SERIES) column[flow] += days[next]![flow]
      owed = column.owed = days[next]!.owed
    }
    columns.push(column)
  }
  return columns
}

/** A day as 2027-01-15. */
export function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, -14)
}

/** A number with its thousands apart. */
export function numberText(value: number | bigint): string {
  return value.toLocaleString('en-US')
}

/** The flows of each column as bars, up what was issued, down what went. SVG, in colours that the page names. */
export function flowsChart(columns: readonly Column[], unit: string): string {
  const below = SERIES.filter(({ isUp }) => !isUp)
  const up = Math.max(0, ...columns.map(({ issued }) => issued))
  const down = Math.max(0, ...columns.map(column => below.reduce((sum, { flow }) => sum + column[flow], 0)))
  const frame = frameOf(columns, -down, up, 200)
  const bars = columns.map((column, i) => {
    let depth = 0
    const parts = SERIES.filter(({ flow }) => column[flow] > 0).map(({ flow, isUp }) => {
      const [low, high] = isUp ? [0, column[flow]] : [-depth - column[flow], -depth]
      if (!isUp) depth += column[flow]
      const y = frame.y(high)
      return `<rect class="${flow}" x="${frame.x(i)}" y="${y}" width="${frame.bar}" height="${round(Math.max(0.5, frame.y(low) - y))}"/>`
    })
    return `<g><title>${describe(column, unit)}</title>${frame.cover(i)}${parts.join('')}</g>`
  })
  return frame.draw(`${unit}: issued, redeemed and expired`, bars.join(''))
}

/** What was owed at the end of each column, as steps. SVG. */
export function owedChart(columns: readonly Column[], unit: string): string {
  const frame = frameOf(columns, 0, Math.max(0, ...columns.map(({ owed }) => owed)), 140)
  const tops = columns.map(({ owed }, i) => `H${frame.edge(i)}V${frame.y(owed)}H${frame.edge(i + 1)}`).join('')
  const area = `<path class="owed-area" d="M${frame.edge(0)} ${frame.y(0)}${tops}V${frame.y(0)}Z"/>`
  const line = `<path class="owed-line" d="M${frame.edge(0)} ${frame.y(columns[0]?.owed ?? 0)}${tops}"/>`
  const covers = columns.map((column, i) => `<g><title>${describe(column, unit)}</title>${frame.cover(i)}</g>`)
  return frame.draw(`${unit}: outstanding`, `${area}${line}${covers.join('')}`)
}

function describe(column: Column, unit: string): string {
  const flows = SERIES.map(({ flow }) => `${flow} ${numberText(column[flow])}`)
  const days = dayText(column.day) + (column.last > column.day ? ` to ${dayText(column.last)}` : '')
  return `${days}: ${flows.join(', ')}; outstanding ${numberText(column.owed)} ${unit}`
}

/** Axes and scales of a chart: where values and columns stand. */
interface Frame {
  readonly bar: number
  x(column: number): number
  /** Where a column begins. */
  edge(column: number): number
  y(value: number): number
  /** An unseen area over a whole column, so that the pointer finds its title. */
  cover(column: number): string
  draw(title: string, content: string): string
}

function frameOf(columns: readonly Column[], low: number, high: number, height: number): Frame {
  const count = Math.max(1, columns.length)
  const pitch = (WIDTH - LEFT - RIGHT) / count
  const bar = round(Math.max(0.5, Math.min(28, pitch * 0.8)))
  const ticks = ticksOf(low, high)
  const [bottom, top] = [Math.min(low, ticks[0]!), Math.max(high, ticks.at(-1)!, 1)]
  const y = (value: number) => round(TOP + ((top - value) / (top - bottom)) * (height - TOP - BOTTOM))
  const edge = (column: number) => round(LEFT + column * pitch)
  const every = Math.ceil(count / 8)
  return {
    bar,
    x: column => round(LEFT + (column + 0.5) * pitch - bar / 2),
    edge,
    y,
    cover: column =>
      `<rect class="cover" x="${edge(column)}" y="${TOP}" width="${round(pitch)}" height="${height - TOP - BOTTOM}"/>`,
    draw(title, content) {
      const lines = ticks.map(
        value =>
          `<line class="${value === 0 ? 'zero' : 'tick'}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/>` +
          `<text x="${LEFT - 8}" y="${round(y(value) + 4)}" text-anchor="end">${shortText(Math.abs(value))}</text>`,
      )
      const labels = columns
        .filter((_, i) => i % every === 0)
        .map(
          ({ day }, i) =>
            `<text x="${round(edge(i * every) + pitch / 2)}" y="${height - 6}" text-anchor="middle">${dayText(day)}</text>`,
        )
      return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${title}">${lines.join('')}${content}${labels.join('')}</svg>`
    },
  }
}

/** Round values from `low` to `high`, zero among them, some five in all. */
function ticksOf(low: number, high: number): number[] {
  const rough = Math.max(1, (high - low) / 5)
  const magnitude = 10 ** Math.floor(Math.log10(rough))
  const step = magnitude * ([1, 2, 5].find(factor => factor * magnitude >= rough) ?? 10)
  const ticks: number[] = []
  for (let i = Math.ceil(low / step); i <= Math.floor(high / step); i++) ticks.push(i * step)
  return ticks
}

function shortText(value: number): string {
  for (const [size, letter] of [
    [1e12, 'T'],
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (value >= size) return `${round(value / size)}${letter}`
  return String(value)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
