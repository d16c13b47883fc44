import { paperOf } from '../client/index.ts'
import { toHex } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { CodedError } from '../core/failure.ts'
import { writeBytes } from '../node/file-system.ts'

/**
 * Keeps what an error has that a ledger said, whichever command it ended, in the current folder: a refusal that it
 * signed, or an answer that does not hold, as evidence. The name is made of what is in it, so that none is written
 * over.
 *
 * @returns what is to be said of it; nothing of other errors.
 */
export async function keepAnswer(error: unknown): Promise<string> {
  const paper = paperOf(error, new Date().toISOString())
  if (paper === undefined) return ''
  const { kind, bytes, contradicts, convicts } = paper
  if (kind === 'evidence')
    return kept(
      bytes,
      'evidence.json',
      convicts ? 'What was answered is kept, and convicts' : 'What was answered is kept',
    )
  return kept(
    bytes,
    'refusal',
    contradicts
      ? 'The ledger signed this refusal, which is kept and contradicts what it had shown: an auditor judges it ' +
          '(tally audit --refusals). To see what it says'
      : 'The ledger signed this refusal, which is kept and proves to anyone what was handed in and not taken',
  )
}

async function kept(bytes: Uint8Array, ending: string, what: string): Promise<string> {
  const path = `${toHex(engine().sha256(bytes).subarray(0, 8))}.${ending}`
  try {
    await writeBytes(path, bytes)
  } catch (failed) {
    if (!(failed instanceof CodedError)) throw failed
    return `${what}; and it could not be kept: ${failed.message}\n`.replace(', which is kept and', ' and')
  }
  return `${what}:\n  tally verify ${path} --policy POLICY\n`
}
