import { recordRoot } from '../../account/account.ts'
import { fromBase64 } from '../../core/bytes.ts'
import { decodeBatch } from '../../core/entry/batch.ts'
import { ENTRY_BATCH, ENTRY_SEAL, ENTRY_TRANSACTION } from '../../core/entry/entry-type.ts'
import { ACCEPTED } from '../../core/entry/outcome.ts'
import { decodeSeal } from '../../core/entry/seal.ts'
import { type ContinueLog, decodeTransaction, type Genesis } from '../../core/entry/transaction.ts'
import { RECORD_DEPTH } from '../../core/limits.ts'
import { leafHash } from '../../core/tree/merkle.ts'
import { verifyListPath } from '../../core/tree/ssz.ts'
import { isLogOf, lastSizeBefore } from '../logs.ts'
import type { ShownEntries } from './shown.ts'

/** Something of a signed tree that names a log of its ledger, as the log itself says that it is in force. */
interface LogStatement {
  readonly transaction: Genesis | ContinueLog
  /** Log index of the transaction. */
  readonly from: number
  /** For which is signed what stands after it; undefined where the entry is not shown that it is made of. */
  readonly ledgerId: Uint8Array | undefined
}

/** The logs that entries shown name: genesis, and what continues the log and was accepted. By increasing index. */
export function logsShown({ entries }: Pick<ShownEntries, 'entries'>): LogStatement[] {
  const found: LogStatement[] = []
  for (const [from, entry] of entries) {
    if (entry[0] !== ENTRY_TRANSACTION) continue
    const transaction = decodeTransaction(entry)
    const batch = entries.get(from - 1)
    if (transaction.kind === 'genesis' && from === 1)
      found.push({ transaction, from, ledgerId: batch === undefined ? undefined : leafHash(batch) })
    if (transaction.kind !== 'continue-log' || batch?.[0] !== ENTRY_BATCH) continue
    const { count, statuses } = decodeBatch(batch)
    if (count === 1 && statuses[0] === ACCEPTED) found.push({ transaction, from, ledgerId: leafHash(entry) })
  }
  return found
}

/**
 * The ledger id for which a batch at a log index is signed: of the log that signed the checkpoint, where what names
 * that stands below the batch, for an honest log signs no tree in which the ledger went on to another after that.
 */
export function ledgerIdShown(
  shown: Pick<ShownEntries, 'entries' | 'checkpoint'>,
  index: number,
): Uint8Array | undefined {
  const { checkpoint } = shown
  return logsShown(shown).find(({ from, transaction }) => from < index && isLogOf(transaction, checkpoint))?.ledgerId
}

/**
 * That a log signed more than it may: the ledger is in it, then goes on to another, and after that the tree has more
 * than a seal. A ledger never comes back to a log, so nobody honest signed that. SPEC §11.
 */
export function judgeEnd(shown: ShownEntries): string | undefined {
  const { checkpoint } = shown
  const logs = logsShown(shown)
  const own = logs.find(({ transaction }) => isLogOf(transaction, checkpoint))
  if (own === undefined) return undefined
  const end = logs.find(({ from, transaction }) => from > own.from && transaction.origin !== checkpoint.origin)
  if (end === undefined || checkpoint.size <= lastSizeBefore(end.from)) return undefined
  return (
    `entry ${end.from}, which the log accepted, says that the ledger goes on as "${end.transaction.origin}", and the ` +
    `checkpoint has ${checkpoint.size - lastSizeBefore(end.from)} entries more than the seal after it`
  )
}

/**
 * That a tree is of a ledger that never was in the log which signed it, by the last seal's registry: all that name a
 * log are shown, and none has its name. One that has it and another key says nothing: the log may have changed its key.
 *
 * @throws VerifyError `not-proven` where a record shown is not the seal's.
 */
export function judgeIdentity({ entries, checkpoint, evidence }: ShownEntries): string | undefined {
  const last = entries.get(checkpoint.size - 1)
  if (last?.[0] !== ENTRY_SEAL) return undefined
  const { records: length, registryRoot: root } = decodeSeal(last)
  for (let number = 0; ; ) {
    const record = evidence.records?.find(one => one.number === number)
    if (record === undefined) return undefined
    const entry = fromBase64(record.entry)
    const { from, until, next } = record
    verifyListPath(
      recordRoot({ body: leafHash(entry), from, until, next }),
      number,
      record.path.map(fromBase64),
      { depth: RECORD_DEPTH, length, root },
      'not-proven',
      `record ${number} is not in the registry of the last seal`,
    )
    const transaction = decodeTransaction(entry)
    if (!('logKey' in transaction)) return undefined
    if (transaction.origin === checkpoint.origin) return undefined
    if (next <= number) return `${transaction.kind} names the log "${transaction.origin}", and nothing names this one`
    number = next
  }
}
