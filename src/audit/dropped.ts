import { join } from 'node:path'
import { TallyClient } from '../client/index.ts'
import { equalBytes } from '../core/bytes.ts'
import { decodeBatch } from '../core/entry/batch.ts'
import { ENTRY_BATCH } from '../core/entry/entry-type.ts'
import { ACCEPTED } from '../core/entry/outcome.ts'
import { decodeTransaction, type Transaction } from '../core/entry/transaction.ts'
import { VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import { openSigned } from '../core/note/signed.ts'
import { readBytes } from '../node/file-system.ts'
import type { Audit } from './audit-report.ts'
import { BundleFolder } from './read/bundle-folder.ts'
import { Bundles } from './read/bundles.ts'
import { LogCopy } from './read/log-copy.ts'

/** A transaction that a log had accepted, and that the ledger does not have where it went on. */
interface Dropped {
  /** Its index in the log that was left. */
  readonly index: number
  readonly transaction: Transaction
}

/** All that was dropped of a log, as far as there are entries of it. */
export interface DroppedOf {
  /** The log that was left, and how many entries of it were taken over. */
  readonly origin: string
  readonly size: number
  /** How many entries there are of it where they were read. */
  readonly had: number
  readonly transactions: readonly Dropped[]
}

/**
 * The accepted transactions that a ledger left behind when it went on in another log (SPEC §3), from wherever entries
 * of the log before can still be had. They are proven to be those that this log signed, and that the ledger went on
 * from its first ones.
 *
 * @param audited - of the log in which the ledger went on.
 * @param place - untrusted: a ledger, or a follower of one, that shows the log before; or a folder with its
 *   `checkpoint` and its entry bundles, `tile/entries/…`.
 * @throws VerifyError `unknown-log`, `log-signature` where it shows no log of the policy; `continued-dropped` where the
 *   ledger never left that one; `log-root`, `tile` where entries are not those that were signed; ClientError;
 *   UsageError `file`; FormatError.
 */
export async function droppedOf(
  { report: { wentOn }, bundles }: Pick<Audit, 'report' | 'bundles'>,
  place: TallyClient | string,
  policy: Policy,
): Promise<DroppedOf> {
  const isHere = place instanceof TallyClient
  const checkpoint = openSigned(isHere ? await place.checkpoint() : await readBytes(join(place, 'checkpoint')), policy)
  const left = wentOn.find(({ before }) => before === checkpoint.origin)
  if (left === undefined)
    throw new VerifyError('continued-dropped', `the ledger did not go on from a log "${checkpoint.origin}"`)
  const source = isHere ? place : await LogCopy.of(new BundleFolder(place), checkpoint, undefined, () => {})
  const before = new Bundles(source, checkpoint)
  const { size } = left
  const origin = checkpoint.origin
  const isGrown = checkpoint.size <= size || equalBytes(await before.rootAt(size), await bundles.rootAt(size))
  if (!isGrown)
    throw new VerifyError('continued-dropped', `the ledger did not go on from the first ${size} entries of "${origin}"`)
  const transactions: Dropped[] = []
  for (let at = size; at < checkpoint.size; ) {
    const entry = await before.proven(at)
    if (entry[0] !== ENTRY_BATCH) {
      at++
      continue
    }
    const { count, statuses } = decodeBatch(entry)
    for (let i = 0; i < count && at + 1 + i < checkpoint.size; i++) {
      if (statuses[i] !== ACCEPTED) continue
      const transaction = decodeTransaction(await before.proven(at + 1 + i))
      // What ended the log stands in the next one as well.
      if (transaction.kind !== 'continue-log') transactions.push({ index: at + 1 + i, transaction })
    }
    at += 1 + count
  }
  return { origin, size, had: checkpoint.size, transactions }
}
