import { useWords } from './language.ts'
import { SHELL } from './words.ts'

/** On which side the given hash stands at each level, from the entry up (RFC 9162 §2.1.3.2). */
function sidesOf(index: number, size: number, levels: number): ('left' | 'right')[] {
  let at = index
  let last = size - 1
  return Array.from({ length: levels }, () => {
    const isLeft = at % 2 === 1 || at === last
    if (isLeft)
      while (at % 2 === 0 && at > 0) {
        at = Math.floor(at / 2)
        last = Math.floor(last / 2)
      }
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
    return isLeft ? 'left' : 'right'
  })
}

/** Levels that are drawn at the top and at the bottom; what is between them is counted. */
const SHOWN = 3

export interface TreePathProps {
  readonly index: number
  readonly size: number
  readonly levels: number
  readonly signers: number
  /** What stands at the bottom. */
  readonly what: string
  readonly whatMore: string
}

/** The path from an entry up to the signed root. */
export function TreePath({ index, size, levels, signers, what, whatMore }: TreePathProps) {
  const { path: words } = useWords(SHELL)
  const all = sidesOf(index, size, levels).reverse()
  const left = all.length - 2 * SHOWN
  const sides = left > 1 ? [...all.slice(0, SHOWN), null, ...all.slice(-SHOWN)] : all
  const step = 52
  let x = 120
  let y = 30
  const nodes = [{ x, y }]
  const edges: string[] = []
  const given: { x: number; y: number }[] = []
  const sideEdges: string[] = []
  for (const [i, side] of sides.entries()) {
    const reach = Math.max(22, 50 - i * 8)
    if (side === null) {
      y += step
      nodes.push({ x, y })
      continue
    }
    const to = side === 'left' ? x + reach : x - reach
    const other = side === 'left' ? x - reach : x + reach
    edges.push(`M${x} ${y}V${y + 26}H${to}V${y + step}`)
    sideEdges.push(`M${x} ${y}V${y + 26}H${other}V${y + step}`)
    given.push({ x: other, y: y + step })
    x = to
    y += step
    nodes.push({ x, y })
  }
  const least = Math.min(...[...nodes, ...given].map(one => one.x)) - 24
  const text = Math.max(...[...nodes, ...given].map(one => one.x)) + 40
  const gapAt = sides.indexOf(null)
  return (
    <svg
      viewBox={`${least} 6 ${text - least + 190} ${Math.max(y + 30, 190)}`}
      role="img"
      aria-label={words.label(levels)}
      class="tree"
    >
      <path d={sideEdges.join('')} fill="none" stroke="var(--edge)" stroke-width="1.5" />
      <path d={edges.join('')} fill="none" stroke="var(--fits-mark)" stroke-width="3" />
      {gapAt >= 0 && (
        <path
          d={`M${nodes[gapAt]!.x} ${nodes[gapAt]!.y}V${nodes[gapAt + 1]!.y}`}
          stroke="var(--fits-mark)"
          stroke-width="3"
          stroke-dasharray="3 5"
        />
      )}
      {given.map(one => (
        <rect
          key={`${one.x} ${one.y}`}
          x={one.x - 9}
          y={one.y - 9}
          width="18"
          height="18"
          rx="3"
          fill="var(--card)"
          stroke="var(--edge)"
          stroke-width="1.5"
        />
      ))}
      {nodes.map((one, i) => {
        const half = i === 0 || i === nodes.length - 1 ? 11 : 9
        return (
          <rect
            key={`${one.x} ${one.y}`}
            x={one.x - half}
            y={one.y - half}
            width={half * 2}
            height={half * 2}
            rx="3"
            fill="var(--fits-mark)"
          />
        )
      })}
      <g font-size="14" fill="var(--soft)">
        <path
          d={`M${nodes[0]!.x + 20} 30H${text - 12}M${Math.max(x, given.at(-1)?.x ?? 0) + 20} ${y}H${text - 12}`}
          stroke="var(--edge)"
          stroke-dasharray="2 4"
        />
        <text x={text} y="28" fill="var(--ink)" font-weight="600">
          {words.root}
        </text>
        <text x={text} y="47">
          {words.rootMore(signers)}
        </text>
        <rect
          x={text}
          y="78"
          width="14"
          height="14"
          rx="3"
          fill="var(--card)"
          stroke="var(--edge)"
          stroke-width="1.5"
        />
        <text x={text + 24} y="90">
          {words.given}
        </text>
        <rect x={text} y="106" width="14" height="14" rx="3" fill="var(--fits-mark)" />
        <text x={text + 24} y="118">
          {words.worked}
        </text>
        {left > 1 && (
          <text x={text} y={146}>
            {words.more(left)}
          </text>
        )}
        <text x={text} y={Math.max(y - 2, 172)} fill="var(--ink)" font-weight="600">
          {what}
        </text>
        <text x={text} y={Math.max(y + 17, 191)}>
          {whatMore}
        </text>
      </g>
    </svg>
  )
}
