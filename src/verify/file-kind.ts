import { CborReader } from '../core/cbor.ts'
import { CodedError } from '../core/failure.ts'
import { EVIDENCE_TAG } from './evidence/evidence-file.ts'
import { PROMISE_TAG } from './promise.ts'
import { RECEIPT_TAG } from './receipt.ts'
import { REFUSAL_TAG } from './refusal.ts'
import { STATEMENT_TAG } from './statement.ts'

export type FileKind =
  | 'statement'
  | 'promise'
  | 'refusal'
  | 'receipt'
  | 'note'
  | 'card'
  | 'entry'
  | 'evidence'
  | 'totals'

/** What a file seems to be, by its first bytes; undefined when nothing of ours. @param bytes - untrusted. */
export function kindOf(bytes: Uint8Array): FileKind | undefined {
  if (bytes[0] !== undefined && bytes[0] >= 1 && bytes[0] <= 3) return 'entry'
  try {
    const reader = new CborReader().reset(bytes, 0, bytes.length)
    reader.array()
    const tag = reader.text('tag', 64)
    if (tag === STATEMENT_TAG) return 'statement'
    if (tag === PROMISE_TAG) return 'promise'
    if (tag === REFUSAL_TAG) return 'refusal'
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
  }
  const start = String.fromCharCode(...bytes.subarray(0, RECEIPT_TAG.length))
  if (start === RECEIPT_TAG) return 'receipt'
  if (start.startsWith('{"checkpoint":')) return 'totals'
  if (start.startsWith('{')) return isEvidence(bytes) ? 'evidence' : 'card'
  return bytes.length > 0 && /^[\x20-\x7e]/.test(start) ? 'note' : undefined
}

/** An evidence file names its format before all else (SPEC §11). */
function isEvidence(bytes: Uint8Array): boolean {
  const start = String.fromCharCode(...bytes.subarray(0, 64 + EVIDENCE_TAG.length))
  return /^\{\s*"format"\s*:\s*"([^"]*)"/.exec(start)?.[1] === EVIDENCE_TAG
}
