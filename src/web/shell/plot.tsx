import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Language } from './both.ts'
import { useLanguage } from './language.ts'

interface PlotProps {
  readonly data: uPlot.AlignedData
  /** All options but the size. */
  options(language: Language): Omit<uPlot.Options, 'width' | 'height'>
  readonly height: number
  /** What the chart says, in a sentence; a table has the same figures. */
  readonly label: string
}

/** A colour of the tokens as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** Bars of a colour, as wide as their place allows. */
export function bars(name: string): uPlot.Series {
  const paths = uPlot.paths.bars!({ size: [0.7, 48], align: 0 })
  return { fill: colour(name), width: 0, paths, points: { show: false } }
}

/** What both axes of a chart have. */
export function axisLook(): uPlot.Axis {
  const font = `13px ${getComputedStyle(document.body).fontFamily}`
  return { stroke: colour('soft'), font, ticks: { show: false } }
}

/** A chart. It is drawn again when its width, the theme or the language changes. */
export function Plot({ data, options, height, label }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const language = useLanguage()
  useEffect(() => {
    const element = place.current!
    let plot: uPlot | undefined
    const draw = () => {
      plot?.destroy()
      plot = new uPlot({ ...options(language), width: element.clientWidth, height }, data, element)
    }
    draw()
    const sized = new ResizeObserver(() => plot?.setSize({ width: element.clientWidth, height }))
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
  }, [data, height, language])
  return <div ref={place} class="chart" role="img" aria-label={label} style={{ height: `${height}px` }} />
}
