import type { EvidenceMeans } from '../../src/audit/evidence/prove-evidence.ts'
import { keepAlive } from '../../src/audit/read/keep-alive.ts'
import { Session } from './session.ts'

/** The options of a command that say it. */
export interface EvidenceOptions {
  readonly log?: string
  readonly key?: string
  readonly data: string
  readonly policy: string
  readonly details?: readonly string[]
}

/** What a reader of evidence brings along. @throws UsageError where there is no such key. */
export async function meansOf({ log, details, ...options }: EvidenceOptions): Promise<EvidenceMeans> {
  if (log === undefined) return { details }
  if (!/^https?:/.test(log)) return { details, folder: log }
  const session = await Session.open({ ...options, url: log }, { carry: keepAlive(CONNECTIONS) })
  return { details, client: session.client.as(await session.auditorKey()) }
}

/** Requests under way at once, where a log is read. */
const CONNECTIONS = 8
