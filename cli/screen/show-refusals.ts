import type { JudgedRefusal } from '../../src/audit/evidence/judge-refusals.ts'
import { inWords } from './fault-words.ts'
import { inOneLine } from './screen.ts'

/** What an audit found of the refusals that it was handed, for people. */
export function showRefusals(judged: readonly JudgedRefusal[] | undefined): string {
  if (judged === undefined) return ''
  const lines = judged.map(({ file, reason, size, verdict, why, evidence }) => {
    const of = reason === undefined ? '' : ` "${reason}" at ${size} entries is`
    const kept = evidence === undefined ? '' : `    Evidence: ${evidence.path}${left(evidence.carried)}\n`
    return `  ${file}:${of} ${verdict}: ${inOneLine(why)}\n${kept}`
  })
  const isFalse = judged.some(({ verdict }) => verdict === 'false')
  return `\nRefusals handed in:\n${lines.join('')}${isFalse ? inWords('refusal-false') : ''}`
}

/** Where the file does not carry the log. */
function left(carried: NonNullable<JudgedRefusal['evidence']>['carried']): string {
  if ('entries' in carried) return ''
  return `; it carries no entries (${inOneLine(carried.why)}), so others need --log to check it`
}
