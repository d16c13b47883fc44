import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Language } from '../shell/both.ts'
import { useLanguage } from '../shell/language.ts'
import { axisAmount, shortDay } from '../shell/numbers.ts'
import type { DayFigures } from './totals.ts'

interface ChartProps {
  readonly days: readonly DayFigures[]
  readonly kind: 'owed' | 'flow'
  readonly label: string
}

/** Seconds: a bar is as wide as a day. */
const HALF_DAY = 43_200
const HEIGHT = { owed: 190, flow: 260 } as const

/** A colour of the tokens as it is now. */
function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/**
 * A chart of days. It is drawn again when its width, the theme or the language changes; a table has the same figures.
 */
export function Chart({ days, kind, label }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const language = useLanguage()
  useEffect(() => {
    const element = place.current!
    let plot: uPlot | undefined
    const draw = () => {
      plot?.destroy()
      plot = new uPlot(optionsOf(kind, element.clientWidth, language), dataOf(days, kind), element)
    }
    draw()
    const sized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height: HEIGHT[kind] }))
    sized.observe(element)
    const themed = new MutationObserver(draw)
    themed.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
    const system = matchMedia('(prefers-color-scheme: dark)')
    system.addEventListener('change', draw)
    return () => {
      sized.disconnect()
      themed.disconnect()
      system.removeEventListener('change', draw)
      plot?.destroy()
    }
  }, [days, kind, language])
  return <div ref={place} class="chart" role="img" aria-label={label} style={{ height: `${HEIGHT[kind]}px` }} />
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

function optionsOf(kind: ChartProps['kind'], width: number, language: Language): uPlot.Options {
  const font = `13px ${getComputedStyle(document.body).fontFamily}`
  const soft = colour('soft')
  const axis = { stroke: soft, font, ticks: { show: false } }
  const bars = uPlot.paths.bars!({ size: [0.7, 48], align: 0 })
  const bar = (name: string): uPlot.Series => ({ fill: colour(name), width: 0, paths: bars, points: { show: false } })
  return {
    width,
    height: HEIGHT[kind],
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
        : [{}, bar('issued'), bar('expired'), bar('redeemed')],
  }
}
