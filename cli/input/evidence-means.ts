import type { EvidenceMeans } from '../../src/audit/evidence/prove-evidence.ts'
import { keepAlive } from '../../src/audit/read/keep-alive.ts'
import { TallyClient } from '../../src/client/index.ts'
import { keyFor, type Remote } from './options.ts'

/** The options of a command that say it. */
export interface EvidenceOptions {
  readonly log?: string
  readonly key?: string
  readonly data: string
  readonly details?: readonly string[]
}

/** What a reader of evidence brings along. @throws UsageError where there is no such key. */
export async function meansOf({ log, data, key, details }: EvidenceOptions): Promise<EvidenceMeans> {
  if (log === undefined) return { details }
  if (!/^https?:/.test(log)) return { details, folder: log }
  const remote: Remote = { url: log, data, ...(key === undefined ? {} : { key }) }
  const caller = await keyFor(remote, 'auditor')
  return { details, client: new TallyClient({ url: log, caller, carry: keepAlive(CONNECTIONS) }) }
}

/** Requests under way at once, where a log is read. */
const CONNECTIONS = 8
