import { type ArchiveSource, archivedSince } from '../client/index.ts'
import { CodedError, FormatError, VerifyError } from '../core/failure.ts'
import type { Policy } from '../core/note/policy.ts'
import { clockAhead, type TimeTrouble, testRemark, VouchedTime } from '../verify/ledger-time.ts'
import type { Audit } from './audit-report.ts'

/** What an audit found of ledger time: no fault, as nobody is convicted by it (SPEC §11). */
export interface LedgerTime {
  /** Of the last seal that was replayed; undefined where there was none. */
  readonly sealMs: number | undefined
  /** Checkpoints of the archive, of what was replayed, that a quorum cosigned. */
  readonly vouched: number
  /** `clock-ahead`. */
  readonly troubles: readonly TimeTrouble[]
  /** What is worth a word: `test-ledger`, `gap`, `unvouched`, or why the archive says nothing. */
  readonly remarks: readonly { readonly code: string; readonly message: string }[]
}

/**
 * Holds the time of every seal that was replayed against those who cosigned: of the checkpoint that was audited, and of
 * those in the archive, after which every seal before stands.
 *
 * @param source - untrusted.
 * @param nowMs - the time now.
 *
 * @example
 * const audited = await auditLog(options)
 * const time = await ledgerTimeOf(audited, client, policy, Date.now())
 */
export async function ledgerTimeOf(
  { checkpoint, sealTimes, report, replay }: Audit,
  source: ArchiveSource,
  policy: Policy,
  nowMs: number,
): Promise<LedgerTime> {
  const vouched = new VouchedTime(policy)
  const { beatMs } = replay.ledger.state
  const unread: { code: string; message: string }[] = []
  try {
    for await (const one of archivedSince(source, report.entriesBefore, policy)) vouched.add(one, beatMs, nowMs)
  } catch (error) {
    // What else was found of the log is not to be lost by that.
    if (!(error instanceof CodedError)) throw error
    const isServed = error instanceof FormatError || error instanceof VerifyError
    const what = isServed ? 'does not hold' : 'is not served'
    unread.push({ code: error.code, message: `the archive ${what}: ${error.message}` })
  }
  const { last } = sealTimes
  const ahead = last === undefined ? undefined : clockAhead(last, checkpoint, policy, nowMs)
  const test = testRemark(policy)
  // Between two seals of a test ledger its shop may have moved its time.
  const said = [ahead, test === undefined ? sealTimes.gap : undefined, ...vouched.troubles].filter(
    one => one !== undefined,
  )
  return {
    sealMs: last,
    vouched: vouched.count,
    troubles: said.filter(({ code }) => code === 'clock-ahead'),
    remarks: [...(test === undefined ? [] : [test]), ...said.filter(({ code }) => code !== 'clock-ahead'), ...unread],
  }
}
