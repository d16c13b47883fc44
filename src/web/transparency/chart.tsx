import { useMemo } from 'preact/hooks'
import type uPlot from 'uplot'
import type { Language } from '../shell/both.ts'
import { axisAmount, shortDay } from '../shell/numbers.ts'
import { axisLook, bars, colour, Plot } from '../shell/plot.tsx'
import type { DayFigures } from './totals.ts'

interface ChartProps {
  readonly days: readonly DayFigures[]
  readonly kind: 'owed' | 'flow'
  readonly label: string
}

/** Seconds: a bar is as wide as a day. */
const HALF_DAY = 43_200
const HEIGHT = { owed: 190, flow: 260 } as const

/** A chart of days. */
export function Chart({ days, kind, label }: ChartProps) {
  const data = useMemo(() => dataOf(days, kind), [days, kind])
  return <Plot data={data} options={language => optionsOf(kind, language)} height={HEIGHT[kind]} label={label} />
}

function dataOf(days: readonly DayFigures[], kind: ChartProps['kind']): uPlot.AlignedData {
  const times = days.map(({ timeMs }) => timeMs / 1000)
  if (kind === 'owed') return [times, days.map(({ owed }) => owed)]
  // What expired stands below what was redeemed: it is drawn first, as deep as both.
  return [
    times,
    days.map(({ issued }) => issued),
    days.map(({ redeemed, expired }) => -redeemed - expired),
    days.map(({ redeemed }) => -redeemed),
  ]
}

function optionsOf(kind: ChartProps['kind'], language: Language): Omit<uPlot.Options, 'width' | 'height'> {
  const axis = axisLook()
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: (_, from, to) => (kind === 'owed' ? [from, to] : [from - HALF_DAY, to + HALF_DAY]) },
      y: { range: (_, least, most) => [Math.min(0, least), Math.max(1, most * 1.1)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 70,
        values: (_, times) => times.map(one => shortDay(one * 1000, language)),
      },
      {
        ...axis,
        grid: { stroke: colour('line'), width: 1 },
        size: 64,
        values: (_, values) => values.map(one => axisAmount(one, language)),
      },
    ],
    series:
      kind === 'owed'
        ? [{}, { stroke: colour('ink'), width: 2, fill: `${colour('wood')}59`, points: { show: false } }]
        : [{}, bars('issued'), bars('expired'), bars('redeemed')],
  }
}
