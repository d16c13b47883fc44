import { fromBase64, parseDecimal, toBase64 } from '../bytes.ts'
import { FormatError } from '../failure.ts'

/** What a checkpoint says of a log (c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** The text of a checkpoint: origin, size and root, a line each, and no extension lines (SPEC §3). */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/**
 * The checkpoint that a note's text holds. Extension lines are stepped over: ours have none, others' may.
 *
 * @param text - untrusted.
 * @throws FormatError `checkpoint`, `base64`, `decimal`.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n')
  const [origin, size, root, ...rest] = lines
  if (lines.length < 4 || !origin || rest.pop() !== '' || rest.includes(''))
    throw new FormatError('checkpoint', 'a checkpoint is three or more lines, none empty: origin, size, root')
  const hash = fromBase64(root!)
  if (hash.length !== 32)
    throw new FormatError('checkpoint', `the root of a checkpoint has 32 bytes, this one ${hash.length}`)
  return { origin, size: parseDecimal(size!, Number.MAX_SAFE_INTEGER, 'the size of a checkpoint'), root: hash }
}
