import { CodedError } from '../core/failure.ts'
import { openCheckpoint } from '../core/note/policy.ts'
import type { TallyClient } from './client.ts'

/** How often it is looked. */
const EVERY_MS = 200

/** Waits until something is so, or until `signal` is aborted. */
export async function until(signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && !(await isSo())) await new Promise(resolve => setTimeout(resolve, EVERY_MS))
}

/**
 * Waits until all that the log has now is in a checkpoint that the policy accepts, so that an audit right after it
 * finds everything.
 */
export async function untilSealed(client: TallyClient, signal: AbortSignal): Promise<void> {
  const { size } = await client.ledger()
  await until(signal, async () => acceptedSize(await client.checkpoint(), client) >= size)
}

/** The size of a checkpoint; 0 while too few witnesses cosigned it. @throws VerifyError of `openCheckpoint`. */
function acceptedSize(note: Uint8Array, { options }: TallyClient): number {
  try {
    return openCheckpoint(note, options.policy).size
  } catch (error) {
    if (error instanceof CodedError && error.code === 'quorum') return 0
    throw error
  }
}
