import { fromBase64, parseDecimal, toBase64, utf8Decode, utf8Encode } from '../bytes.ts'
import { FormatError } from '../failure.ts'
import { NOTE_BYTES_MAX } from './note.ts'

/** What a log asks of a witness (c2sp.org/tlog-witness, "add-checkpoint"). */
export interface AddCheckpoint {
  /** Size that the witness is thought to have cosigned last, 0 for none. */
  readonly oldSize: number
  /** Consistency proof between the old size and the checkpoint's. */
  readonly proof: readonly Uint8Array[]
  /** The signed note. */
  readonly checkpoint: Uint8Array
}

/** Most lines of a consistency proof that may be sent. c2sp.org/tlog-witness. */
const PROOF_LINES_MAX = 63

/** Bytes of the longest request that a witness reads: a note, and 63 hashes before it. */
export const ADD_CHECKPOINT_BYTES_MAX: number = NOTE_BYTES_MAX + 4096

/** Content type of a `409`, with nothing added to it. c2sp.org/tlog-witness. */
export const TLOG_SIZE_TYPE = 'text/x.tlog.size'

/** The body of an `add-checkpoint` request. What this makes, `parseAddCheckpoint` reads. */
export function formatAddCheckpoint({ oldSize, proof, checkpoint }: AddCheckpoint): Uint8Array {
  const head = [`old ${oldSize}`, ...proof.map(toBase64), '', ''].join('\n')
  return utf8Encode(head + utf8Decode(checkpoint))
}

/**
 * What the body of an `add-checkpoint` request asks.
 *
 * @param bytes - untrusted.
 * @throws FormatError `add-checkpoint`, `base64`, `decimal`, `utf8`.
 */
export function parseAddCheckpoint(bytes: Uint8Array): AddCheckpoint {
  if (bytes.length > ADD_CHECKPOINT_BYTES_MAX)
    throw new FormatError('add-checkpoint', `a request has at most ${ADD_CHECKPOINT_BYTES_MAX} bytes`)
  const text = utf8Decode(bytes)
  const split = text.indexOf('\n\n')
  const [old, ...lines] = text.slice(0, Math.max(0, split)).split('\n')
  if (split < 0 || !old?.startsWith('old '))
    throw new FormatError('add-checkpoint', 'a request is "old" and a size, proof lines, an empty line, a checkpoint')
  if (lines.length > PROOF_LINES_MAX)
    throw new FormatError('add-checkpoint', `a proof has at most ${PROOF_LINES_MAX} lines, this one ${lines.length}`)
  const proof = lines.map(fromBase64)
  if (proof.some(hash => hash.length !== 32)) throw new FormatError('add-checkpoint', 'a hash of a proof has 32 bytes')
  return {
    oldSize: parseDecimal(old.slice('old '.length), Number.MAX_SAFE_INTEGER, 'the old size'),
    proof,
    checkpoint: utf8Encode(text.slice(split + 2)),
  }
}
