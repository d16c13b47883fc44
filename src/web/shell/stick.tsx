import { useEffect, useState } from 'preact/hooks'
import { useWords } from './language.ts'
import type { Tone } from './marks.tsx'
import { SHELL } from './words.ts'

/** The two halves of a tally: a notch for each entry, as wide as the amount is large. */
export interface StickProps {
  /** What the ledger signed: an amount for each entry. */
  readonly upper: readonly number[]
  /** What this device worked out; undefined where it could not. */
  readonly lower: readonly number[] | undefined
  readonly tone: Tone
  /** Entries that are known to be at fault, by their place in the half. */
  readonly badUpper?: readonly number[]
  readonly badLower?: readonly number[]
  /** Places at which a half is known to lack an entry that it had, or that the other has: its amount is not drawn. */
  readonly goneUpper?: readonly number[]
  readonly goneLower?: readonly number[]
  /** Whether the halves came together just now: drawn once. */
  readonly isClosing?: boolean
}

/** How far the upper half, which the ledger keeps, is shorter. */
const SHORTER = 24
const APART = 14

interface StickForm {
  readonly width: number
  /** Of one half. */
  readonly height: number
  readonly most: number
}

const BROAD: StickForm = { width: 1056, height: 26, most: 130 }
const NARROW: StickForm = { width: 350, height: 16, most: 44 }

/** Draws both halves, in a form for wide screens and one for phones. A sentence has to stand beside it. */
export function Stick(props: StickProps) {
  const words = useWords(SHELL)
  const count = Math.max(props.upper.length, props.lower?.length ?? 0)
  const each = (form: StickForm) => Math.ceil(count / form.most)
  return (
    <>
      <div class="broad">
        <Halves {...props} form={BROAD} />
        {each(BROAD) > 1 && <p class="tiny soft">{words.each(each(BROAD))}</p>}
      </div>
      <div class="narrow">
        <Halves {...props} form={NARROW} />
        {each(NARROW) > 1 && <p class="tiny soft">{words.each(each(NARROW))}</p>}
      </div>
    </>
  )
}

/** Width of a notch. */
function cut(amount: number): number {
  const size = Math.abs(amount)
  return size < 20 ? 1.4 : size < 100 ? 2.4 : size < 500 ? 4 : 6
}

const round = (value: number) => Math.round(value * 10) / 10

interface Notch {
  readonly x: number
  readonly width: number
  readonly isBad: boolean
}

function Halves({
  upper,
  lower,
  tone,
  badUpper = [],
  badLower = [],
  goneUpper = [],
  goneLower = [],
  isClosing = false,
  form,
}: StickProps & { form: StickForm }) {
  const [isApart, setApart] = useState(isClosing || tone === 'breaks')
  useEffect(() => {
    if (tone === 'breaks') setApart(true)
    else if (isApart) requestAnimationFrame(() => setApart(false))
  }, [tone])
  const { width, height } = form
  const count = Math.max(upper.length, lower?.length ?? 0)
  const step = Math.max(1, Math.ceil(count / form.most))
  const places = Math.ceil(count / step)
  const notches = (amounts: readonly number[], bad: readonly number[]): Notch[] =>
    Array.from({ length: Math.ceil(amounts.length / step) }, (_, i) => {
      const group = amounts.slice(i * step, (i + 1) * step)
      const x = SHORTER + ((width - SHORTER) * (i + 1)) / (places + 1)
      const isBad = bad.some(at => Math.floor(at / step) === i)
      return { x: round(x), width: Math.max(...group.map(cut)), isBad }
    })
  const gap = isApart ? APART : 0
  const isThere = (gone: readonly number[]) => (_: Notch, i: number) => !gone.some(at => Math.floor(at / step) === i)
  const [allAbove, allBelow] = [notches(upper, badUpper), lower && notches(lower, badLower)]
  const above = allAbove.filter(isThere(goneUpper))
  const below = allBelow?.filter(isThere(goneLower))
  const missing = allBelow === undefined ? [] : allAbove.slice(allBelow.length)
  const more = allBelow?.slice(allAbove.length) ?? []
  const boxes = (all: readonly Notch[], gone: readonly number[], y: number) =>
    gone.map(at => {
      const { x } = all[Math.floor(at / step)]!
      return <rect key={x} class="bad-box" x={x - 6} y={y} width="12" height={height - 4} rx="2" />
    })
  const wave = (x: number) => 1.6 * Math.sin(x / (width / 15))
  const seam = (from: number, to: number, at: number) => {
    const points = Array.from({ length: 25 }, (_, i) => from + ((to - from) * i) / 24)
    return points.map(x => `${round(x)} ${round(at + wave(x))}`)
  }
  const outer = (list: readonly Notch[], edge: number, into: 1 | -1) =>
    list.map(({ x, width: wide }) => {
      const half = wide / 2 + 1.4
      return `H${round(x - half)}L${x} ${round(edge + into * half * 1.3)}L${round(x + half)} ${edge}`
    })
  const top = 2
  const middle = top + height
  const upperPath = `M${SHORTER} ${round(middle + wave(SHORTER))}V${top + 5}Q${SHORTER} ${top} ${SHORTER + 5} ${top}${outer(above, top, 1).join('')}H${width - 5}Q${width} ${top} ${width} ${top + 5}L${seam(SHORTER, width, middle).reverse().join('L')}Z`
  const bottom = middle + height + 2
  const backwards = [...(below ?? [])].reverse().map(({ x, width: wide }) => {
    const half = wide / 2 + 1.4
    return `H${round(x + half)}L${x} ${round(bottom - half * 1.3)}L${round(x - half)} ${bottom}`
  })
  const lowerPath = `M${seam(0, width, middle + 2).join('L')}V${bottom - 5}Q${width} ${bottom} ${width - 5} ${bottom}${backwards.join('')}H5Q0 ${bottom} 0 ${bottom - 5}Z`
  const bar = ({ x, width: wide }: Notch, from: number, to: number) =>
    `M${round(x - wide / 2)} ${from}V${to}h${wide}V${from}Z`
  const good = (list: readonly Notch[]) => list.filter(one => !one.isBad)
  const bad = (list: readonly Notch[]) => list.filter(one => one.isBad)
  const isLine = tone === 'fits' || tone === 'away'
  return (
    <svg
      class={`stick ${tone}`}
      viewBox={`0 0 ${width} ${bottom + 2 + (tone === 'breaks' || isClosing ? APART : 0)}`}
      aria-hidden="true"
      focusable="false"
    >
      <path class="top-half" d={upperPath} />
      <path
        class="grain"
        d={`M${SHORTER + 40} ${top + height * 0.33}H${width - 30}M${SHORTER + 14} ${top + height * 0.7}H${width - 80}`}
      />
      <path
        class="cut"
        d={good(above)
          .map(one => bar(one, top, middle))
          .join('')}
      />
      <path
        class="bad"
        d={bad(above)
          .map(one => bar(one, top, middle))
          .join('')}
      />
      {boxes(allAbove, goneUpper, top + 2)}
      {below === undefined ? (
        <path class="ghost" d={`M1 ${middle + 5}H${width - 1}V${bottom}H1Z`} />
      ) : (
        <g class="moves" style={{ transform: `translateY(${gap}px)` }}>
          <path class="low-half" d={lowerPath} />
          <path
            class="grain"
            d={`M30 ${middle + height * 0.4}H${width - 14}M20 ${middle + height * 0.75}H${width - 60}`}
          />
          <path
            class="cut"
            d={good(below)
              .filter(one => !more.includes(one))
              .map(one => bar(one, middle + 3, bottom))
              .join('')}
          />
          {boxes(allBelow!, goneLower, middle + 4)}
          <path class="bad" d={[...bad(below), ...more].map(one => bar(one, middle + 3, bottom)).join('')} />
          {missing.map(({ x }) => (
            <rect key={x} class="bad-box" x={x - 6} y={middle + 4} width="12" height={height - 4} rx="2" />
          ))}
        </g>
      )}
      {tone === 'breaks' &&
        missing.map(({ x }) => (
          <path key={x} class="bad-line" d={`M${x} ${middle + 1}v${APART}`} stroke-dasharray="3 3" />
        ))}
      {isLine && !isApart && <path class={`seam-line ${tone}`} d={`M${seam(SHORTER, width, middle + 1).join('L')}`} />}
    </svg>
  )
}
