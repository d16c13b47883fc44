import { parseCheckpoint } from '../core/note/checkpoint.ts'
import { parseNote } from '../core/note/note.ts'
import type { TallyClient } from './index.ts'

/** How often it is looked. */
const EVERY_MS = 200

/** Waits until something is so, or until `signal` is aborted. */
export async function until(signal: AbortSignal, isSo: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted && !(await isSo())) await new Promise(resolve => setTimeout(resolve, EVERY_MS))
}

/** Waits until all that the log has now is in a checkpoint, so that an audit right after it finds everything. */
export async function untilSealed(client: TallyClient, signal: AbortSignal): Promise<void> {
  // What `ledger` says is as of the first time that it was asked.
  const { size } = await client.read<{ size: number }>('/v1/ledger')
  await until(signal, async () => parseCheckpoint(parseNote(await client.checkpoint()).text).size >= size)
}
