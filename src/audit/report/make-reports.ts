import type { TallyClient } from '../../client/index.ts'
import { utf8Encode } from '../../core/bytes.ts'
import { openSigned } from '../../core/note/signed.ts'
import { makeFolder } from '../../node/file-system.ts'
import { auditLog } from '../audit.ts'
import { Figures } from '../figures.ts'
import { KeptLog } from '../resume/audited-log.ts'
import { type Reports, reportsOf } from './reports.ts'

/**
 * The reports of a ledger as it is published now: an audit, from the first entry or from where the last one came to.
 *
 * @param client - calls with the key of an auditor.
 * @param state - a folder that is kept from one time to the next; without it, all of the log is read.
 * @throws UsageError `state` where another process works with the folder; what `auditLog` throws.
 */
export async function makeReports(client: TallyClient, state: string | undefined): Promise<Reports> {
  const { policy } = client.options
  const figures = new Figures()
  const options = { client, policy, figures, onProgress() {} }
  if (state === undefined) return reportsOf(await auditLog(options), figures)
  await makeFolder(state)
  const kept = await KeptLog.open(state, openSigned(await client.checkpoint(), policy).origin)
  try {
    const earlier = await kept.checkpoint()
    const audited = await auditLog({ ...options, kept, ...(earlier === undefined ? {} : { earlier }) })
    const { report } = audited
    if (report.faults.length === 0) await kept.keepCheckpoint(utf8Encode(report.checkpoint))
    return reportsOf(audited, figures)
  } finally {
    await kept.close()
  }
}
