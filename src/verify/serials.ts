import { accountRoot } from '../account/account.ts'
import { equalBytes } from '../core/bytes.ts'
import type { Seal } from '../core/entry/seal.ts'
import { ACCOUNT_KINDS, type Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import { ACCOUNT_DEPTH, SERIES_DEPTH } from '../core/limits.ts'
import { leafHash } from '../core/tree/merkle.ts'
import { rootFromListPath, verifyListPath } from '../core/tree/ssz.ts'
import type { Statement, StatementSeries } from './statement.ts'

/**
 * The serial of each claim that a statement shows, by line: its place among the claims of its series, which the seal
 * commits to. SPEC §10. Some seventy hashes a series, and forty a claim.
 *
 * @param statement - untrusted. @param transactions - of its lines, in order.
 * @throws VerifyError `series-proof`.
 */
export function verifySerials(
  { series, lines, since }: Statement,
  transactions: readonly Transaction[],
  seal: Seal,
): Map<number, number> {
  const serials = new Map<number, number>()
  let before = -1
  for (const one of series) {
    check(one.account.number > before, 'series-proof', 'the series are not in the order of their numbers')
    before = one.account.number
    checkSeries(one, seal)
    for (const { line, serial, path } of one.serials) {
      const tx = transactions[line - since - 1]
      const isOne = tx?.kind === 'claim' && tx.series === one.account.number && !serials.has(line)
      check(
        isOne,
        'series-proof',
        `entry ${line} is not a claim of series ${one.account.number}, or stands there twice`,
      )
      const leaf = leafHash(lines[line - since - 1]!)
      const { entries, more } = one.account
      const root = rootFromListPath(leaf, serial, path, SERIES_DEPTH, entries - 1, 'series-proof')
      check(
        equalBytes(root, more),
        'series-proof',
        `entry ${line} is not number ${serial} of series ${one.account.number}`,
      )
      serials.set(line, serial)
    }
  }
  const claims = transactions.filter(({ kind }) => kind === 'claim').length
  check(claims === serials.size, 'series-proof', `of ${claims} claims the statement shows ${serials.size} serials`)
  return serials
}

/** Checks that the seal commits to the series, and that it is one. */
function checkSeries({ account, path }: StatementSeries, seal: Seal): void {
  verifyListPath(
    accountRoot(account),
    account.number,
    path,
    { depth: ACCOUNT_DEPTH, length: seal.accounts, root: seal.stateRoot },
    'series-proof',
    `the seal does not commit to this state of series ${account.number}`,
  )
  check(account.kind === ACCOUNT_KINDS.series, 'series-proof', `account ${account.number} is not a series`)
}
