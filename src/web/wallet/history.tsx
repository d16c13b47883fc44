import { observeWindowOffset, observeWindowRect, Virtualizer, windowScroll } from '@tanstack/virtual-core'
import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks'
import { useLanguage, useWords } from '../shell/language.ts'
import { amount, day } from '../shell/numbers.ts'
import { Line } from '../verify/lines.tsx'
import type { LineFacts, StatementFacts } from '../verify/verdict.ts'
import { VERIFY } from '../verify/words.ts'
import { WALLET } from './words.ts'

/** So many entries are all in the document. */
const WHOLE_MAX = 100
/** Rows beyond what is seen, on either side. */
const BEYOND = 12
const ROW_PX = 84

interface HistoryProps {
  readonly statement: StatementFacts
  /** What opens below a line. */
  readonly more: (line: LineFacts) => ComponentChildren
}

/** A day, or an entry of it. */
type HistoryRow = { readonly dayMs: number } | { readonly line: LineFacts }

/** Every entry along the stick, the newest first; of a long history, those that are seen. */
export function History({ statement: { lines }, more }: HistoryProps) {
  const { statement: words } = useWords(VERIFY)
  const { historyAll } = useWords(WALLET)
  const language = useLanguage()
  const rows = useMemo(() => rowsOf(lines), [lines])
  const list = useRef<HTMLOListElement>(null)
  const seen = useSeen(rows.length, list)
  const measured = rows.length > WHOLE_MAX ? seen.ref : undefined
  const show = (index: number) => {
    const row = rows[index]!
    const place = measured && {
      'aria-posinset': index + 1,
      'aria-setsize': rows.length,
      'data-index': index,
      ref: measured,
    }
    if ('line' in row)
      return (
        <Line key={row.line.number} line={row.line} place={place}>
          {more(row.line)}
        </Line>
      )
    return (
      <li class="day" key={`day ${row.dayMs}`} data-index={index} {...(measured && { ref: measured })}>
        {day(row.dayMs, language)}
      </li>
    )
  }
  return (
    <section>
      <h2>{words.lines}</h2>
      {rows.length > WHOLE_MAX && <p class="small soft">{historyAll(amount(lines.length, language))}</p>}
      <ol class="tally" reversed ref={list}>
        {measured === undefined ? (
          rows.map((_, i) => show(i))
        ) : (
          <>
            <Space px={seen.abovePx} />
            {seen.indexes.map(show)}
            <Space px={seen.belowPx} />
          </>
        )}
      </ol>
    </section>
  )
}

/** Where rows would be that are not in the document. */
function Space({ px }: { px: number }) {
  return px <= 0 ? null : <li class="space" role="presentation" style={{ height: `${px}px` }} />
}

/** The newest first, each day before its entries. */
function rowsOf(lines: readonly LineFacts[]): HistoryRow[] {
  const rows: HistoryRow[] = []
  let last: number | undefined
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i]!
    const midnight = new Date(line.timeMs).setHours(0, 0, 0, 0)
    if (midnight !== last) rows.push({ dayMs: line.timeMs })
    last = midnight
    rows.push({ line })
  }
  return rows
}

interface SeenRows {
  readonly indexes: readonly number[]
  readonly abovePx: number
  readonly belowPx: number
  /** Measures a row. */
  readonly ref: (row: Element | null) => void
}

/** Which rows of a list are seen in the window, and how much is above and below them. */
function useSeen(count: number, list: { readonly current: HTMLElement | null }): SeenRows {
  const [, redraw] = useReducer((n: number) => n + 1, 0)
  const [topPx, setTop] = useState(0)
  const options = {
    count,
    getScrollElement: () => window,
    estimateSize: () => ROW_PX,
    scrollToFn: windowScroll,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    initialRect: { width: innerWidth, height: innerHeight },
    initialOffset: () => scrollY,
    scrollMargin: topPx,
    overscan: BEYOND,
    onChange: () => redraw(undefined as never),
  }
  const [rows] = useState(() => new Virtualizer<Window, Element>(options))
  rows.setOptions(options)
  useEffect(() => rows._didMount(), [])
  useLayoutEffect(() => {
    rows._willUpdate()
    const { top } = list.current?.getBoundingClientRect() ?? { top: 0 }
    setTop(Math.round(top + scrollY))
  })
  const items = rows.getVirtualItems()
  const [first, last] = [items[0], items.at(-1)]
  return {
    indexes: items.map(({ index }) => index),
    abovePx: first === undefined ? 0 : first.start - topPx,
    belowPx: last === undefined ? 0 : rows.getTotalSize() - (last.end - topPx),
    ref: rows.measureElement,
  }
}
