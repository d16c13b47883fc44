import { fromBase64, toBase64, utf8Decode, utf8Encode } from '../core/bytes.ts'
import { decodeSeal, type Seal } from '../core/entry/seal.ts'
import { FormatError } from '../core/failure.ts'
import { LOG_PATH_MAX } from '../core/limits.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint, verifyEntry } from '../core/note/policy.ts'
import { leafHash } from '../core/tree/merkle.ts'

/** A checkpoint, and the seal that is its last entry: what shows at which ledger time it was made (SPEC §11). */
export interface SealedCheckpoint {
  /** Signed note. */
  readonly checkpoint: Uint8Array
  /** The entry. */
  readonly seal: Uint8Array
  /** Its inclusion proof. */
  readonly path: readonly Uint8Array[]
}

/** One of which everything holds: the log signed it, and its seal is its last entry. */
export interface TimedCheckpoint {
  readonly checkpoint: TrustedCheckpoint
  readonly seal: Seal
}

/** A line of JSON, its newline included. What this makes, `parseSealed` reads. */
export function formatSealed({ checkpoint, seal, path }: SealedCheckpoint): string {
  return `${JSON.stringify(sealedFields({ checkpoint, seal, path }))}\n`
}

/** The fields of a line that say what a checkpoint and its seal are. */
export function sealedFields({ checkpoint, seal, path }: SealedCheckpoint): Readonly<Record<string, unknown>> {
  return { checkpoint: utf8Decode(checkpoint), seal: toBase64(seal), path: path.map(toBase64) }
}

/**
 * What a line says.
 *
 * @param line - untrusted; without its newline.
 * @throws FormatError `sealed-checkpoint`, `base64`.
 */
export function parseSealed(line: string): SealedCheckpoint {
  return sealedFrom(objectOf(line))
}

/**
 * What those fields say.
 *
 * @param fields - untrusted: these and no others.
 * @throws FormatError `sealed-checkpoint`, `base64`.
 */
export function sealedFrom(fields: Readonly<Record<string, unknown>>): SealedCheckpoint {
  const { checkpoint, seal, path, ...more } = fields
  const isPath = Array.isArray(path) && path.length <= LOG_PATH_MAX && path.every(one => typeof one === 'string')
  if (typeof checkpoint !== 'string' || typeof seal !== 'string' || !isPath || Object.keys(more).length > 0)
    throw new FormatError('sealed-checkpoint', 'a line is an object of checkpoint, seal and path')
  return { checkpoint: utf8Encode(checkpoint), seal: fromBase64(seal), path: path.map(fromBase64) }
}

/** The fields of a line of JSON. @param line - untrusted. @throws FormatError of that code. */
export function objectOf(line: string, code = 'sealed-checkpoint'): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw new FormatError(code, 'a line is no JSON', { cause: error })
  }
  throw new FormatError(code, 'a line is an object')
}

/**
 * The checkpoint and its seal, if the log signed the one and the other is its last entry. Whether a quorum cosigned it
 * is for anyone who asks: it lists who did.
 *
 * @param sealed - untrusted.
 * @throws FormatError, VerifyError of `openCheckpoint`; VerifyError `seal-proof`; FormatError `seal`.
 */
export function openSealed({ checkpoint: note, seal, path }: SealedCheckpoint, policy: Policy): TimedCheckpoint {
  const checkpoint = openCheckpoint(note, { ...policy, quorum: 'none' })
  verifyEntry(checkpoint, checkpoint.size - 1, leafHash(seal), path, 'seal-proof', 'the seal is not the last entry')
  return { checkpoint, seal: decodeSeal(seal) }
}
