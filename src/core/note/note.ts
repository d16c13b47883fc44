import {
  concatBytes,
  equalBytes,
  fromBase64,
  fromHex,
  toBase64,
  toHex,
  u64be,
  utf8Decode,
  utf8Encode,
} from '../bytes.ts'
import { signEd25519, verifyEd25519 } from '../crypto/ed25519.ts'
import { engine } from '../crypto/engine.ts'
import { ML_DSA_KEY_BYTES, ML_DSA_SIGNATURE_BYTES, mlDsa } from '../crypto/ml-dsa.ts'
import { FormatError, VerifyError } from '../failure.ts'
import { parseCheckpoint } from './checkpoint.ts'

/**
 * Signed notes (c2sp.org/signed-note): a text, a blank line, and a line for each signature.
 *
 * ```
 * example.com/points
 * 7
 * CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
 *
 * — example.com/points Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
 * ```
 */
export interface Note {
  /** The signed text, its last newline included. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

export interface NoteSignature {
  readonly name: string
  /** Four bytes, as 8 hex digits. */
  readonly keyId: string
  readonly bytes: Uint8Array
}

/** A key that notes are verified with (c2sp.org/signed-note, "Verifier keys"). */
export interface VerifierKey {
  readonly name: string
  readonly keyId: string
  /**
   * What its signatures are: `ED25519_KEY`, `COSIGNATURE_KEY` or `ML_DSA_KEY`, or a type that is not understood here
   * (`isUnderstood`).
   */
  readonly type: number
  /** 32 bytes of an Ed25519 key, 1,312 of an ML-DSA-44 one that is understood. */
  readonly publicKey: Uint8Array
}

/** Signature type of plain Ed25519 signatures, the log's. */
export const ED25519_KEY = 0x01
/** Signature type of timestamped cosignatures, the witnesses' (c2sp.org/tlog-cosignature). */
export const COSIGNATURE_KEY = 0x04
/** Signature type of cosignatures by ML-DSA-44 (c2sp.org/tlog-cosignature), where a process has it (`useMlDsa`). */
export const ML_DSA_KEY = 0x06

/** Most bytes of a note: room for 16 post-quantum signature lines, which every verifier has to accept. */
export const NOTE_BYTES_MAX = 128 * 1024
/** Most signature lines of a note: four times what every verifier has to accept. */
export const NOTE_SIGNATURES_MAX = 64

const NAME = /^[^\s+\p{White_Space}]+$/u
const CONTROL = /[\u0000-\u0009\u000b-\u001f]/

/** The key id: `SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]`, as 8 hex digits. c2sp.org/signed-note, "Signatures". */
export function keyIdOf(name: string, type: number, publicKey: Uint8Array): string {
  const hash = engine().sha256(concatBytes(utf8Encode(`${name}\n`), Uint8Array.of(type), publicKey))
  return toHex(hash.subarray(0, 4))
}

/** A verifier key from its parts. @throws FormatError `verifier-key`. */
export function verifierKey(name: string, type: number, publicKey: Uint8Array): VerifierKey {
  if (!NAME.test(name))
    throw new FormatError('verifier-key', `a key's name is not empty and has no spaces or '+': "${name}"`)
  return { name, type, publicKey, keyId: keyIdOf(name, type, publicKey) }
}

/** Whether signatures of a key of that type are understood here: 0x01 and 0x04, and 0x06 where a process has it. */
export function isUnderstood({ type }: Pick<VerifierKey, 'type'>): boolean {
  return isEd25519(type) || (type === ML_DSA_KEY && mlDsa() !== undefined)
}

const isEd25519 = (type: number): boolean => type === ED25519_KEY || type === COSIGNATURE_KEY

/** `name+keyId+base64(type ‖ public key)`. */
export function formatVerifierKey({ name, keyId, type, publicKey }: VerifierKey): string {
  return `${name}+${keyId}+${toBase64(concatBytes(Uint8Array.of(type), publicKey))}`
}

/**
 * The verifier key that a vkey spells.
 *
 * @param text - untrusted.
 * @throws FormatError `verifier-key`: not `name+id+base64`, an id that is not its key's, or a type other than 0x01 and
 * 0x04.
 */
export function parseVerifierKey(text: string): VerifierKey {
  const key = parseAnyKey(text)
  if (!isEd25519(key.type))
    throw new FormatError('verifier-key', `a verifier key here is of type 0x01 or 0x04: "${key.name}"`)
  return key
}

/**
 * The key that a vkey spells, also of a type that is not understood here: then nothing but its form is checked, and no
 * signature counts as its.
 *
 * @param text - untrusted.
 * @throws FormatError `verifier-key`: not `name+id+base64`, or, of a type that is understood, of another length or with
 * another id.
 */
export function parseAnyKey(text: string): VerifierKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(text)
  if (match === null) throw new FormatError('verifier-key', 'a verifier key is name+8 hex digits+base64')
  const [, name, keyId, base64] = match
  const material = fromBase64(base64!)
  const key = verifierKey(name!, material[0]!, material.slice(1))
  // How a type makes ids of its keys is its own matter.
  if (!isUnderstood(key)) return { ...key, keyId: keyId! }
  const length = isEd25519(key.type) ? 32 : ML_DSA_KEY_BYTES
  if (key.publicKey.length !== length)
    throw new FormatError('verifier-key', `a key of that type has ${length} bytes: "${name}"`)
  if (key.keyId !== keyId) throw new FormatError('verifier-key', `the id of key "${name}" is not that of its bytes`)
  return key
}

/**
 * The note that bytes hold. Signatures stand after the *last* blank line.
 *
 * @param bytes - untrusted.
 * @throws FormatError `note`, `utf8`.
 */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > NOTE_BYTES_MAX) throw new FormatError('note', `a note has at most ${NOTE_BYTES_MAX} bytes`)
  const whole = utf8Decode(bytes)
  if (CONTROL.test(whole)) throw new FormatError('note', 'a note has no control characters but newlines')
  const split = whole.lastIndexOf('\n\n')
  if (split < 0 || !whole.endsWith('\n'))
    throw new FormatError('note', 'a note is a text, a blank line and signature lines')
  const lines = whole.slice(split + 2, -1).split('\n')
  if (lines.length > NOTE_SIGNATURES_MAX)
    throw new FormatError('note', `a note has at most ${NOTE_SIGNATURES_MAX} signatures, this one ${lines.length}`)
  const signatures = lines.map(parseSignatureLine)
  if (new Set(signatures.map(({ name, keyId }) => `${name}+${keyId}`)).size < signatures.length)
    throw new FormatError('note', 'a note has one signature of a name and key id, and here two lines bear the same')
  return { text: whole.slice(0, split + 1), signatures }
}

/** @throws FormatError `note`. */
function parseSignatureLine(line: string, i: number): NoteSignature {
  const match = /^— ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line)
  if (match === null || !NAME.test(match[1]!))
    throw new FormatError('note', `signature line ${i + 1} is not "— name base64"`)
  const material = fromBase64(match[2]!)
  if (material.length < 5) throw new FormatError('note', `signature line ${i + 1} is too short`)
  return { name: match[1]!, keyId: toHex(material.subarray(0, 4)), bytes: material.slice(4) }
}

/** The bytes of a note. */
export function formatNote({ text, signatures }: Note): Uint8Array {
  return utf8Encode(`${text}\n${signatures.map(formatSignatureLine).join('')}`)
}

/** The line of a signature, its newline included. */
export function formatSignatureLine({ name, keyId, bytes }: NoteSignature): string {
  return `— ${name} ${toBase64(concatBytes(fromHex(keyId), bytes))}\n`
}

/**
 * The plain Ed25519 signature of a text by the key of that name and seed. c2sp.org/signed-note, "Ed25519 signatures".
 */
export function signNote(text: string, key: VerifierKey, seed: Uint8Array): NoteSignature {
  return { name: key.name, keyId: key.keyId, bytes: signEd25519(seed, utf8Encode(text)) }
}

/**
 * The cosignature of a checkpoint's text at a time in seconds. c2sp.org/tlog-cosignature, "Ed25519 signed message".
 *
 * @example
 * const line = cosignNote(note.text, key, seed, Math.floor(Date.now() / 1000))
 */
export function cosignNote(text: string, key: VerifierKey, seed: Uint8Array, timestamp: number): NoteSignature {
  const bytes = concatBytes(u64be(timestamp), signEd25519(seed, cosignedMessage(text, timestamp)))
  return { name: key.name, keyId: key.keyId, bytes }
}

/** c2sp.org/tlog-cosignature, "Ed25519 signed message". */
function cosignedMessage(text: string, timestamp: number): Uint8Array {
  return utf8Encode(`cosignature/v1\ntime ${timestamp}\n${text}`)
}

/**
 * c2sp.org/tlog-cosignature, "ML-DSA-44 signed message", of a whole tree.
 *
 * @throws FormatError where the text is no checkpoint.
 */
function subtreeMessage(text: string, name: string, timestamp: number): Uint8Array {
  const { origin, size, root } = parseCheckpoint(text)
  const named = (one: string) => concatBytes(Uint8Array.of(utf8Encode(one).length), utf8Encode(one))
  return concatBytes(
    utf8Encode('subtree/v1\n\0'),
    named(name),
    u64be(timestamp),
    named(origin),
    u64be(0),
    u64be(size),
    root,
  )
}

/** A known key that signed a note. */
export interface VerifiedSignature {
  readonly key: VerifierKey
  /** Seconds since 1970 at which a cosignature was made; not of one that says no time (0x06 only). */
  readonly timestamp?: number
}

/**
 * The keys that signed a note, each once. Signatures of unknown keys are ignored; one that bears a known key's name and
 * id and does not verify spoils the note. c2sp.org/signed-note, "Signatures".
 *
 * @param note - untrusted.
 * @throws VerifyError `note-signature`.
 */
export function verifyNote(note: Note, keys: readonly VerifierKey[]): VerifiedSignature[] {
  const verified = new Map<VerifierKey, VerifiedSignature>()
  for (const signature of note.signatures) {
    const key = keys.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId)
    if (key === undefined) continue
    const one = verifySignature(note.text, signature, key)
    if (one === undefined)
      throw new VerifyError('note-signature', `the signature of ${key.name} is not one of this text`)
    verified.set(key, one)
  }
  return [...verified.values()]
}

function verifySignature(text: string, { bytes }: NoteSignature, key: VerifierKey): VerifiedSignature | undefined {
  if (key.type === ED25519_KEY) return verifyEd25519(key.publicKey, utf8Encode(text), bytes) ? { key } : undefined
  if (bytes.length !== 8 + (key.type === ML_DSA_KEY ? ML_DSA_SIGNATURE_BYTES : 64)) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const timestamp = view.getUint32(0) * 2 ** 32 + view.getUint32(4)
  if (!Number.isSafeInteger(timestamp)) return undefined
  const signature = bytes.subarray(8)
  if (key.type !== ML_DSA_KEY)
    return verifyEd25519(key.publicKey, cosignedMessage(text, timestamp), signature) ? { key, timestamp } : undefined
  if (!mlDsa()?.(key.publicKey, subtreeMessage(text, key.name, timestamp), signature)) return undefined
  return timestamp === 0 ? { key } : { key, timestamp }
}

/** Whether two keys are the same public key, whatever their names. */
export function sameKey(a: VerifierKey, b: VerifierKey): boolean {
  return equalBytes(a.publicKey, b.publicKey)
}
