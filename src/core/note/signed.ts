import { fromBase64, toHex, utf8Decode, utf8Encode } from '../bytes.ts'
import { verifyEd25519 } from '../crypto/ed25519.ts'
import { CodedError, FormatError, VerifyError } from '../failure.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { formatNote, NOTE_BYTES_MAX, type VerifierKey } from './note.ts'
import { logKeysOf, openCheckpoint, type Policy, type TrustedCheckpoint } from './policy.ts'

/** A checkpoint that a log signed, no matter who else did. */
export interface SignedCheckpoint extends Checkpoint {
  /** The key that signed it, and all keys of the log that the policy has. */
  readonly log: VerifierKey
  readonly logs: readonly VerifierKey[]
}

/** That, and the least that shows it to others: its text with the one signature line that makes it the log's. */
export interface SignedNote extends SignedCheckpoint {
  readonly note: Uint8Array
}

const NEWLINE = 0x0a

/**
 * The checkpoint in a note as far as it binds its log, however little a policy would accept it: under the keys of the
 * log that the policy has, and nothing else. Its text ends before the first blank line, as no line of a checkpoint is
 * empty. Of the lines after it, one that bears a key's name and id and verifies is enough; all others, of whatever form
 * and by whomever, are not looked at, so that nothing that is put beside it takes a signature back. SPEC §11. A
 * signature's time for each line of the log's.
 *
 * @param bytes - untrusted; of more than a note may have, the first are looked at.
 * @throws FormatError `note`, `utf8`, and of `parseCheckpoint`; VerifyError `unknown-log`, `log-signature`.
 */
export function openSigned(bytes: Uint8Array, policy: Policy): SignedNote {
  const lines = linesOf(bytes.subarray(0, NOTE_BYTES_MAX))
  const blank = lines.findIndex(line => line.length === 0)
  if (blank < 0) throw new FormatError('note', 'a note is a text, a blank line and signature lines')
  const text = lines
    .slice(0, blank)
    .map(line => `${utf8Decode(line)}\n`)
    .join('')
  const checkpoint = parseCheckpoint(text)
  const logs = logKeysOf(policy, checkpoint.origin)
  if (logs.length === 0)
    throw new VerifyError('unknown-log', `the checkpoint is of "${checkpoint.origin}", which is no log of your policy`)
  const signed = utf8Encode(text)
  for (const line of lines.slice(blank + 1)) {
    const signature = signatureIn(line, checkpoint.origin)
    if (signature === undefined) continue
    for (const log of logs) {
      if (log.keyId !== signature.keyId || !verifyEd25519(log.publicKey, signed, signature.bytes)) continue
      return { ...checkpoint, log, logs, note: formatNote({ text, signatures: [{ name: log.name, ...signature }] }) }
    }
  }
  throw new VerifyError('log-signature', 'the checkpoint is not signed by the log of your policy')
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let from = 0; from < bytes.length; ) {
    const found = bytes.indexOf(NEWLINE, from)
    const end = found < 0 ? bytes.length : found
    lines.push(bytes.subarray(from, end))
    from = end + 1
  }
  return lines
}

/** Key id and signature of a line of that name; undefined where it is none. */
function signatureIn(
  line: Uint8Array,
  name: string,
): { readonly keyId: string; readonly bytes: Uint8Array } | undefined {
  try {
    const text = utf8Decode(line)
    const begin = `— ${name} `
    if (!text.startsWith(begin)) return undefined
    const material = fromBase64(text.slice(begin.length))
    return { keyId: toHex(material.subarray(0, 4)), bytes: material.slice(4) }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error
    return undefined
  }
}

/** A checkpoint that a policy accepts; or one that its log signed all the same, and why the policy does not. */
export type OpenedCheckpoint =
  | { readonly accepted: TrustedCheckpoint }
  | { readonly signed: SignedNote; readonly refusal: CodedError }

/**
 * As `openCheckpoint`, where what a log signed is told apart from what is nobody's: it is not to be accepted, and yet
 * its word.
 *
 * @param bytes - untrusted: a note.
 * @throws as `openCheckpoint`, where the log did not sign it.
 */
export function openAnyway(bytes: Uint8Array, policy: Policy): OpenedCheckpoint {
  try {
    return { accepted: openCheckpoint(bytes, policy) }
  } catch (error) {
    if (!(error instanceof VerifyError || error instanceof FormatError)) throw error
    try {
      return { signed: openSigned(bytes, policy), refusal: error }
    } catch (reason) {
      throw reason instanceof CodedError ? error : reason
    }
  }
}
