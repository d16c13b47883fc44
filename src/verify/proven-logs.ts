import { openCheckpoint, type Policy } from '../core/note/policy.ts'
import { checkLogs, isLogOf, type LogOfCheckpoint, lastSizeBefore, type NamedLog } from './logs.ts'
import { type Beginning, type Records, verifyRecords } from './proven-records.ts'
import type { Statement } from './statement.ts'
import { sealOf, verifyBatches, verifyBeginning } from './statement-checks.ts'

/**
 * The logs of a statement, proven: signed by root keys from genesis on, and in the registry that its log sealed,
 * no matter who cosigned that.
 *
 * @throws VerifyError, codes of SPEC §10 up to `after-end`; FormatError.
 */
export function provenLogs(statement: Statement, policy: Policy): readonly NamedLog[] {
  return provenLedger(statement, policy).logs
}

/** What a statement proves of its ledger: the logs that it was in, and the records that are shown. */
export interface ProvenLedger extends Beginning {
  readonly records: Records
}

/** As `provenLogs`, with the records. @throws as `provenLogs`. */
export function provenLedger(statement: Statement, policy: Policy): ProvenLedger {
  const alone: Policy = { ...policy, quorum: 'none' }
  const checkpoint = openCheckpoint(statement.checkpoint, alone)
  const beginning = verifyBeginning(statement, checkpoint, alone)
  const seal = sealOf(statement, checkpoint)
  const records = verifyRecords(statement, verifyBatches(statement, checkpoint, seal), seal, beginning)
  checkLogs(beginning.logs, records, checkpoint)
  return { ...beginning, records }
}

/**
 * Whether the last of these logs has all that an earlier one of them had at a checkpoint of its own: no `continue-log`
 * since then goes on from before it. Where nothing was dropped, the last checkpoint of a log is that of the seal after
 * it.
 */
export function isBeginningOf(
  logs: readonly NamedLog[],
  earlier: LogOfCheckpoint & { readonly size: number },
): boolean {
  const at = logs.findIndex(log => isLogOf(log, earlier))
  if (at < 0) return false
  return logs
    .slice(at + 1)
    .every(({ from, size, seen }) => earlier.size <= (seen === null ? lastSizeBefore(from) : size))
}
