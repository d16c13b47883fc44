import { useMemo } from 'preact/hooks'
import { axisAmount } from '../shell/numbers.ts'
import { axisLook, bars, colour, Plot } from '../shell/plot.tsx'

interface ReportChartProps {
  readonly names: readonly string[]
  readonly values: readonly number[]
  readonly label: string
}

/** A bar for each month, or each other name of a row. */
export function ReportChart({ names, values, label }: ReportChartProps) {
  const data = useMemo((): [number[], number[]] => [names.map((_, i) => i), [...values]], [names, values])
  return (
    <Plot
      data={data}
      height={220}
      label={label}
      options={language => ({
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: { time: false, range: () => [-0.6, names.length - 0.4] },
          y: { range: (_, least, most) => [Math.min(0, least), Math.max(1, most * 1.1)] },
        },
        axes: [
          {
            ...axisLook(),
            grid: { show: false },
            space: 80,
            incrs: [1, 2, 3, 6, 12, 24],
            values: (_, at) => at.map(one => names[one] ?? ''),
          },
          {
            ...axisLook(),
            grid: { stroke: colour('line'), width: 1 },
            size: 64,
            values: (_, ticks) => ticks.map(one => axisAmount(one, language)),
          },
        ],
        series: [{}, bars('issued')],
      })}
    />
  )
}
