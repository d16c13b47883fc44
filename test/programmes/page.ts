import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** docs/programmes.md as tests read it. */
export const PAGE = readFileSync(join(import.meta.dirname, '../../docs/programmes.md'), 'utf8')

/** A row of a worked example. */
export interface Row {
  readonly time: string
  readonly count: number
  readonly member: string
  readonly type: string
  readonly data: string
  readonly gives: string
}

/** The rows of the worked examples, by the name of their template. */
export function examples(): Map<string, Row[]> {
  const found = new Map<string, Row[]>()
  const [, text] = PAGE.split('\n## 13. Worked examples\n')
  for (const part of text!.split('\n### ').slice(1)) {
    const [name] = part.split('\n')
    const rows = part.split('\n').filter(line => /^\| \d/.test(line))
    found.set(name!, rows.map(rowFrom))
  }
  return found
}

function rowFrom(line: string): Row {
  const [time, event, gives] = line.split(' | ').map(cell => cell.replace(/^\| | \|$/g, '')) as [string, string, string]
  const match = /^(?:(\d+) × )?(?:(\w+): )?`([a-z-]+) (\{.*\})`$/.exec(event)
  if (match === null) throw new Error(`no row of an example: ${line}`)
  return { time, count: Number(match[1] ?? 1), member: match[2] ?? 'one', type: match[3]!, data: match[4]!, gives }
}
