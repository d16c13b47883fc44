import { toHex } from '../../core/bytes.ts'
import { decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { ACCEPTED } from '../../core/entry/outcome.ts'
import { decodeTransaction } from '../../core/entry/transaction.ts'
import type { ShownEntries } from './shown.ts'

/**
 * Two claims of one reference of a series in one round that the log accepted, each after its batch. SPEC §11,
 * `claim-twice`. Honest is a claim of round 0 that was wholly reversed, and one of round 1.
 */
export function judgeClaims({ entries }: ShownEntries): string | undefined {
  const accepted = new Map<string, number>()
  const isAccepted = (index: number) => {
    for (const [at, entry] of entries) {
      if (entry[0] !== ENTRY_BATCH) continue
      const { count, statuses } = decodeBatch(entry)
      if (at < index && index <= at + count) return (statuses[index - at - 1] ?? ACCEPTED) === ACCEPTED
    }
    return false
  }
  for (const [index, entry] of entries) {
    const tx = entry[0] === ENTRY_TRANSACTION ? decodeTransaction(entry) : undefined
    if (tx?.kind !== 'claim' || tx.ref === null || !isAccepted(index)) continue
    const what = [toHex(tx.ref), 'of series', tx.series, 'in round', tx.round].join(' ')
    const before = accepted.get(what)
    if (before !== undefined) return `entries ${before} and ${index} both claim ${what}, and both were accepted`
    accepted.set(what, index)
  }
  return undefined
}
