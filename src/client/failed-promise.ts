import { VerifyError } from '../core/failure.ts'
import type { Exhibits } from '../verify/evidence/evidence-file.ts'
import type { PromiseFile } from '../verify/promise.ts'
import { noteText, promiseText } from './exhibits.ts'
import { ClientError } from './failure.ts'
import { brokenBy, type TileSource } from './tiles.ts'

/**
 * Why a checkpoint does not keep a promise, or does not show that it does, and what others can see that by; undefined
 * where it is kept.
 *
 * @param note - of the checkpoint, accepted.
 * @param tree - its size, which is the promised one at least, and root.
 * @param tileAt - untrusted.
 * @throws VerifyError `tile`.
 */
export async function failedPromise(
  promise: PromiseFile,
  note: Uint8Array,
  tree: { readonly size: number; readonly root: Uint8Array },
  tileAt: TileSource,
): Promise<{ readonly error: VerifyError; readonly exhibits: Exhibits } | undefined> {
  const shown = { checkpoint: noteText(note), promise: promiseText(promise) }
  try {
    const broken = await brokenBy(promise, tree, tileAt)
    if (broken === undefined) return undefined
    const what = `the checkpoint does not begin with the ${promise.size} entries that were promised`
    return { error: new VerifyError('promise-broken', what), exhibits: { ...shown, ...broken } }
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    const what = 'the log took the batch, and promised that; it signed a checkpoint, and does not serve the tiles of it'
    return { error: new VerifyError('withheld', `${what}: ${error.message}`, { cause: error }), exhibits: shown }
  }
}
