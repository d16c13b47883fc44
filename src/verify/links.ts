import { concatBytes } from '../core/bytes.ts'
import { ACCOUNT_KINDS } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { BATCH_DEPTH, BATCH_TRANSACTIONS_MAX } from '../core/limits.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { listRootOfHashes } from '../core/tree/ssz.ts'
import type { ShownBatch } from './batch-proof.ts'
import type { Statement, StatementLink } from './statement.ts'

/**
 * Checks that the links of a statement are of its lines: none of a member's, whose every line is one; of any other
 * account so many lines each. SPEC §10. @throws VerifyError `line-count`.
 */
export function checkLinks({ account, lines, links }: Statement): void {
  if (account.kind === ACCOUNT_KINDS.member) {
    check(links.length === 0, 'line-count', 'the lines of a member are a link each')
    return
  }
  let sum = 0
  for (const { count } of links) {
    const isOne = count > 0 && count <= BATCH_TRANSACTIONS_MAX
    check(isOne, 'line-count', `a link is of 1 to ${BATCH_TRANSACTIONS_MAX} lines`)
    sum += count
  }
  check(sum === lines.length, 'line-count', `the links are of ${sum} lines, the statement shows ${lines.length}`)
}

/** The number of the link in which each line stands, those kept first; none for an account of a member. */
export function linksOfLines(counts: readonly number[]): Uint32Array {
  const numbers = new Uint32Array(counts.reduce((sum, count) => sum + count, 0))
  let end = 0
  counts.forEach((count, link) => {
    numbers.fill(link, end, end + count)
    end += count
  })
  return numbers
}

/** Where a line stands that is of a link which is all of its batch: nothing else has to be shown for it. */
export interface WholePlace {
  readonly line: number
  readonly at: number
  readonly position: number
}

/**
 * The places of the lines of links that are all of their batches, by increasing line. Two hashes a line.
 *
 * @param entries - those that the statement shows. @param since - how many come before. @throws VerifyError
 * `evidence-proof`.
 */
export function wholePlaces(
  links: readonly StatementLink[],
  entries: readonly Uint8Array[],
  since: number,
  batches: readonly ShownBatch[],
): WholePlace[] {
  const places: WholePlace[] = []
  let first = 0
  for (const { count, at } of links) {
    if (at !== null) {
      const batch = batches[at]
      check(batch !== undefined, 'evidence-proof', `the batch of entry ${since + first + 1} is not shown`)
      const leaves = concatBytes(...entries.slice(first, first + count).map(leafHash))
      batch.verifyWhole(listRootOfHashes(leaves, BATCH_DEPTH), count, 'evidence-proof')
      for (let position = 0; position < count; position++)
        places.push({ line: since + first + position + 1, at, position })
    }
    first += count
  }
  return places
}
