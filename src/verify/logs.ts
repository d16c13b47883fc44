import { equalBytes } from '../core/bytes.ts'
import { decodeTransaction, type Genesis, KIND_CONTINUE, kindOf, type Transaction } from '../core/entry/transaction.ts'
import { check } from '../core/failure.ts'
import type { Checkpoint } from '../core/note/checkpoint.ts'
import type { VerifierKey } from '../core/note/note.ts'
import { leafHash } from '../core/tree/merkle.ts'
import type { Statement } from './statement.ts'

/** A log that a ledger is, or was, in (SPEC §6, "Logs"). */
export interface NamedLog {
  readonly origin: string
  readonly logKey: Uint8Array
  /** The ledger id that batches after `from` are signed for. */
  readonly ledgerId: Uint8Array
  /** Log index of the transaction that names it. */
  readonly from: number
  /** Entries of the log before that it goes on from; 0 for the first log. */
  readonly size: number
  /** Of how many entries there is a checkpoint of the log before, where what stood behind `size` was dropped. */
  readonly seen: number | null
}

/** A proven record, as far as it may name a log. */
export interface NamingRecord {
  readonly transaction: Transaction
  readonly batch: { readonly index: number; readonly count: number }
  readonly from: number
  readonly next: number
}

/** What names a checkpoint's log: its name, and the keys that count for it. */
export interface LogOfCheckpoint extends Pick<Checkpoint, 'origin'> {
  readonly logs: readonly Pick<VerifierKey, 'publicKey'>[]
}

/**
 * The logs that a statement's genesis and records name, in order: claimed, until the records are proven, and
 * `checkLogs` holds.
 *
 * @throws FormatError where a record is malformed.
 */
export function claimedLogs({ records, batches }: Statement, genesis: Genesis): NamedLog[] {
  const { origin, logKey } = genesis
  const logs: NamedLog[] = [{ origin, logKey, ledgerId: leafHash(batches[0]!.batch), from: 1, size: 0, seen: null }]
  for (const { entry, at, position } of records) {
    if (entry.length < 4 || kindOf(entry, 0) !== KIND_CONTINUE) continue
    const named = decodeTransaction(entry)
    const index = batches[at]?.index
    if (named.kind !== 'continue-log' || index === undefined) continue
    const { size, seen } = named
    const from = index + 1 + position
    logs.push({ origin: named.origin, logKey: named.logKey, ledgerId: leafHash(entry), from, size, seen })
  }
  return logs
}

/** Whether a log is the one that signed a checkpoint. */
export function isLogOf({ origin, logKey }: Pick<NamedLog, 'origin' | 'logKey'>, checkpoint: LogOfCheckpoint): boolean {
  return origin === checkpoint.origin && checkpoint.logs.some(({ publicKey }) => equalBytes(publicKey, logKey))
}

/** For which ledger a batch at a log index is signed. */
export function ledgerIdAt(logs: readonly NamedLog[], index: number): Uint8Array {
  return logs.findLast(({ from }) => from < index)?.ledgerId ?? logs[0]!.ledgerId
}

/** Size of the last checkpoint of the log before the one that is named at a log index: after a seal. */
export function lastSizeBefore(from: number): number {
  return from + 2
}

/**
 * Checks that the logs are all that the ledger was in, by the `next` of what names them, and that the checkpoint is of
 * the last, or the last checkpoint of the one before.
 *
 * @param records - proven.
 * @throws VerifyError `record-missing`, `record-proof`, `log-identity`, `after-end`.
 */
export function checkLogs(
  logs: readonly NamedLog[],
  records: ReadonlyMap<number, NamingRecord>,
  checkpoint: LogOfCheckpoint & Pick<Checkpoint, 'size'>,
): void {
  let count = 1
  for (let number = records.get(0)!.next; number !== 0; count++) {
    const record = records.get(number)
    const words = `the statement does not show record ${number}, in which the ledger goes on in another log`
    check(record !== undefined, 'record-missing', words)
    const { transaction, from, next, batch } = record
    const isNext = transaction.kind === 'continue-log' && logs[count]?.from === from && (next === 0 || next > number)
    check(isNext, 'record-proof', `record ${number} is not what continues the log`)
    const isPlaced = batch.count === 1 && transaction.size === batch.index
    check(isPlaced, 'record-proof', `the entry ${from} that continues the log names another place for itself`)
    number = next
  }
  check(count === logs.length, 'record-proof', 'a record that continues the log does not follow from the one before')
  const [before, now] = [logs.at(-2), logs.at(-1)!]
  if (isLogOf(now, checkpoint)) return
  const isEarlier = logs.some(log => isLogOf(log, checkpoint))
  check(isEarlier, 'log-identity', 'no log that the ledger was in is the one that signed the checkpoint')
  const isLast = before !== undefined && isLogOf(before, checkpoint) && checkpoint.size <= lastSizeBefore(now.from)
  check(
    isLast,
    'after-end',
    `"${checkpoint.origin}" ended at entry ${now.from}, and the ledger goes on as "${now.origin}"`,
  )
}

/**
 * The names of a log and of those before it, the latest first, as a statement claims them: where to look for what was
 * kept, and no more. That of the log alone where nothing else is to be read.
 *
 * @param origin - of the statement's checkpoint.
 */
export function originsClaimed(statement: Statement, origin: string): string[] {
  const genesis = decodeTransaction(statement.records[0]!.entry)
  if (genesis.kind !== 'genesis') return [origin]
  const origins = claimedLogs(statement, genesis).map(log => log.origin)
  const at = origins.lastIndexOf(origin)
  return at < 0 ? [origin] : origins.slice(0, at + 1).reverse()
}
