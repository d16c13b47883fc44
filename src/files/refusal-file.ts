import { BatchRefusedError } from '../client/index.ts'
import { toHex } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { CodedError } from '../core/failure.ts'
import { writeBytes } from '../node/file-system.ts'

/**
 * Keeps the refusal that an error has, whichever command it ended, in the current folder: the name is made of what is in it, so
 * that none is written over.
 *
 * @returns what is to be said of it; nothing of other errors.
 */
export async function keepRefusal(error: unknown): Promise<string> {
  if (!(error instanceof BatchRefusedError)) return ''
  const path = `${toHex(engine().sha256(error.refusal).subarray(0, 8))}.refusal`
  try {
    await writeBytes(path, error.refusal)
  } catch (failed) {
    if (!(failed instanceof CodedError)) throw failed
    return `The ledger signed this refusal, and it could not be kept: ${failed.message}\n`
  }
  return `The ledger signed this refusal, which is kept and proves to anyone what was handed in and not taken:\n  tally verify ${path} --policy POLICY\n`
}
