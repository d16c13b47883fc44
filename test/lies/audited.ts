import { Attempt } from '../../src/audit/attempt.ts'
import { VerifyError } from '../../src/core/failure.ts'
import type { TrustedCheckpoint } from '../../src/core/note/policy.ts'
import { logInMemory } from '../audit/read/log-in-memory.ts'
import type { Fields } from './lie.ts'

/** A whole log, as it is served. */
export interface ServedLog {
  readonly note: Uint8Array
  readonly entries: readonly Uint8Array[]
  /** Of the totals, by epoch. */
  readonly salts: readonly Uint8Array[]
}

/** What an audit of a whole log finds, without the wire: as `tally audit` replays it. @throws VerifyError its fault. */
export async function audited({ note, entries, salts }: ServedLog, checkpoint: TrustedCheckpoint): Promise<Fields> {
  const source = logInMemory(entries.slice(0, checkpoint.size), salts)
  const target = { note, checkpoint, refused: undefined, earlier: undefined }
  const options = { source, onProgress() {}, tuning: { thread: false } }
  const { accounts, faults } = (await new Attempt(options, target).run()).report
  // Two claims of one thing are said besides, as they convict by themselves; their statuses are the fault of the log.
  const fault = faults.find(({ code }) => code !== 'claim-twice')
  if (fault !== undefined) throw new VerifyError(fault.code, fault.message)
  return { size: checkpoint.size, accounts }
}
