import { equalBytes } from '../core/bytes.ts'
import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { parseNote } from '../core/note/note.ts'
import type { LedgerState } from '../ledger/index.ts'
import type { Audit, WentOn } from './audit-report.ts'
import type { Fault } from './fault.ts'

/** Each time that a ledger went on in another log, in order. */
export function wentOnIn({ logs }: Pick<LedgerState['registry'], 'logs'>): WentOn[] {
  return logs.flatMap(({ from: at, transaction }, i) => {
    if (transaction.kind !== 'continue-log') return []
    const { origin, size, seen } = transaction
    return [{ origin, before: logs[i - 1]!.transaction.origin, at, size, seen, dropped: (seen ?? size) - size }]
  })
}

/**
 * What an audit says of the logs that the ledger was in before, to one who had audited them: how much of that was
 * dropped, and `continued-dropped` where the log does not say so itself. SPEC §11, "Several logs".
 *
 * @param earlierOf - the checkpoint of the last audit without fault of the log of an origin, a signed note that was
 *   kept here.
 * @throws VerifyError `tile`; ClientError; FormatError where what was kept is no checkpoint.
 */
export async function comparedWithBefore(
  { report: { wentOn }, bundles, checkpoint }: Audit,
  earlierOf: (origin: string) => Promise<Uint8Array | undefined>,
): Promise<{ readonly wentOn: readonly WentOn[]; readonly faults: readonly Fault[] }> {
  const faults: Fault[] = []
  const compared: WentOn[] = []
  for (const one of wentOn) {
    const earlier = await earlierOf(one.before)
    if (earlier === undefined) {
      compared.push(one)
      continue
    }
    const { size, root } = parseCheckpoint(parseNote(earlier).text)
    const isBeginning = size <= checkpoint.size && equalBytes(await bundles.rootAt(size), root)
    compared.push({ ...one, audited: size, dropped: Math.max(one.dropped, isBeginning ? 0 : size - one.size) })
    if (isBeginning || (one.seen !== null && one.size < size && size <= one.seen)) continue
    faults.push({
      code: 'continued-dropped',
      earlier,
      message:
        `the ledger went on as "${one.origin}" from ${one.size} entries, and the ${size} of "${one.before}" that were ` +
        'audited before are not its beginning: what was dropped of them it does not say',
    })
  }
  return { wentOn: compared, faults }
}

/** That, in words, each a sentence without its full stop. */
export function wentOnInWords(wentOn: readonly WentOn[]): string[] {
  return wentOn.map(({ origin, before, at, size, seen, dropped, audited = 0 }) => {
    const where = `The ledger went on from "${before}" as "${origin}" at entry ${at}, from ${size} entries`
    const known = audited === 0 ? '' : `; ${audited} had been audited here`
    if (dropped <= 0) return `${where}: nothing is said to have been dropped`
    const last = size + dropped - 1
    const who = seen === null ? 'nobody was said to have seen' : `somebody may have a checkpoint of ${seen}`
    return `${where}, though ${who}: ${dropped} entries were dropped, ${size} to ${last}${known}`
  })
}
