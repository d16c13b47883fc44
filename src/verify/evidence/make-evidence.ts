import { CodedError } from '../../core/failure.ts'
import type { Policy } from '../../core/note/policy.ts'
import { convict } from './convict.ts'
import { needsDetails } from './convict-log.ts'
import type { EvidenceFile, Needs } from './evidence-file.ts'

/** An evidence file of what was found; `needs` is for it to find out. */
export function evidenceOf(file: Omit<EvidenceFile, 'needs'>, policy: Policy): EvidenceFile {
  const { evidence, ...head } = { ...file, message: file.message.slice(0, MESSAGE_MAX) }
  const made: EvidenceFile = { ...head, needs: needsOf(file, policy), evidence }
  // What the log did not sign as the salt, nobody else can tell.
  return made.code === 'seal-totals' && lacksOf(made) !== undefined ? { ...made, needs: 'observer' } : made
}

/**
 * What an evidence file needs for someone else to be sure. Anyone who writes it tries what its reader will: so it never
 * claims more than `tally verify` finds.
 */
export function needsOf(file: Omit<EvidenceFile, 'needs'>, policy: Policy): Needs {
  try {
    convict({ ...file, needs: 'observer' }, policy)
    return 'nothing'
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return error.code === 'needs-replay' ? 'replay' : 'observer'
  }
}

/** What a file lacks without which no replay shows what it says, in words; undefined where it lacks nothing. */
export function lacksOf({ code, evidence }: EvidenceFile): string | undefined {
  if (needsDetails(code) && evidence.details === undefined) return 'the details of the issues'
  if (code === 'seal-totals' && evidence.salt === undefined) return 'the salt of the totals, signed by the log'
  return undefined
}

/** Longest message that an evidence file has. */
const MESSAGE_MAX = 1000
