import type { DroppedOf } from '../../src/audit/dropped.ts'
import { readable } from './describe.ts'

/** Transactions that are shown at most. */
const SHOWN = 20

/** What a ledger left behind when it went on in another log, for people: the first of it. */
export function showDropped(dropped: DroppedOf | undefined): string {
  if (dropped === undefined) return ''
  const { origin, size, had, transactions } = dropped
  const { length } = transactions
  const behind = `of the ${had} entries of "${origin}" there, behind the first ${size}`
  if (length === 0) return `\nDropped: nothing that was accepted, ${behind}.\n`
  const shown = length > SHOWN ? `, the first ${SHOWN} (all with --json)` : ''
  const lines = transactions
    .slice(0, SHOWN)
    .map(({ index, transaction }) => `  ${index}  ${JSON.stringify(readable(transaction))}\n`)
  return `\nDropped: ${length} accepted transactions ${behind}${shown}:\n${lines.join('')}`
}

/** All of it, as `--json` has it. */
export function jsonOfDropped(dropped: DroppedOf | undefined): object {
  if (dropped === undefined) return {}
  const { transactions, ...where } = dropped
  const all = transactions.map(({ index, transaction }) => ({ index, ...(readable(transaction) as object) }))
  return { dropped: { ...where, transactions: all } }
}
