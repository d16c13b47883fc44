import { utf8Decode } from '../core/bytes.ts'
import { CborReader } from '../core/cbor.ts'
import { CodedError } from '../core/failure.ts'
import { CARD_TAG } from './card.ts'
import { EVIDENCE_TAG } from './evidence/evidence-file.ts'
import { PAGE_TAG } from './page.ts'
import { PROMISE_TAG } from './promise.ts'
import { RECEIPT_TAG } from './receipt.ts'
import { REFUSAL_TAG } from './refusal.ts'
import { STATEMENT_TAG } from './statement.ts'

export type FileKind =
  | 'statement'
  | 'pages'
  | 'promise'
  | 'refusal'
  | 'receipt'
  | 'note'
  | 'card'
  | 'entry'
  | 'evidence'
  | 'totals'

/**
 * What bytes seem to be; undefined when nothing of ours.
 *
 * @param bytes - untrusted.
 */
export function kindOf(bytes: Uint8Array): FileKind | undefined {
  if (bytes[0] !== undefined && bytes[0] >= 1 && bytes[0] <= 3) return 'entry'
  try {
    const reader = new CborReader().reset(bytes, 0, bytes.length)
    reader.array()
    const tag = reader.text('tag', 64)
    if (tag === STATEMENT_TAG) return 'statement'
    if (tag === PAGE_TAG) return 'pages'
    if (tag === PROMISE_TAG) return 'promise'
    if (tag === REFUSAL_TAG) return 'refusal'
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
  }
  const start = String.fromCharCode(...bytes.subarray(0, RECEIPT_TAG.length))
  if (start === RECEIPT_TAG) return 'receipt'
  if (firstOf(bytes) === '{') {
    const { names, format } = membersOf(bytes)
    if (format === EVIDENCE_TAG) return 'evidence'
    if (format === CARD_TAG) return 'card'
    return format === undefined && names.includes('checkpoint') ? 'totals' : undefined
  }
  return bytes.length > 0 && /^[\x20-\x7e]/.test(start) ? 'note' : undefined
}

/**
 * Whether bytes are the beginning of JSON that says only further on what it is.
 *
 * @param bytes - untrusted: the first of a file.
 */
export function saysItLater(bytes: Uint8Array): boolean {
  return firstOf(bytes) === '{' && !membersOf(bytes).isWhole
}

/** The first character that is no white space of JSON. */
function firstOf(bytes: Uint8Array): string | undefined {
  const at = bytes.findIndex(byte => !SPACE.includes(byte))
  return at < 0 ? undefined : String.fromCharCode(bytes[at]!)
}

const [QUOTE, ESCAPE, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c]
const [OPEN, CLOSE, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d]
const SPACE = [0x20, 0x09, 0x0a, 0x0d]
/** Names of members that are looked at: one of more bytes is none of ours. */
const NAME_BYTES_MAX = 256

interface SeenMembers {
  /** Names of members of the first object, as far as they were looked at. */
  readonly names: readonly string[]
  /** Value of the member `format`, if it is a text: nothing after it is looked at. */
  readonly format: string | undefined
  /** Whether nothing that follows changes this: the object ended, or its format was found. */
  readonly isWhole: boolean
}

/**
 * The members of a JSON object that bytes begin with, which may break off. Says nothing of whether it is well-formed.
 */
function membersOf(bytes: Uint8Array): SeenMembers {
  const names: string[] = []
  let depth = 0
  let name: string | undefined
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      const end = endOfText(bytes, at)
      if (end === undefined) break
      if (depth === 1 && end - at < NAME_BYTES_MAX) {
        const text = textOf(bytes.subarray(at, end + 1))
        if (name === 'format') return { names, format: text, isWhole: true }
        if (text !== undefined && isName(bytes, end + 1)) {
          name = text
          names.push(text)
        }
      }
      at = end
    } else if (byte === OPEN || byte === OPEN_LIST) depth++
    else if (byte === CLOSE || byte === CLOSE_LIST) {
      depth--
      if (depth <= 0) return { names, format: undefined, isWhole: true }
    } else if (byte === COMMA && depth === 1) name = undefined
  }
  return { names, format: undefined, isWhole: false }
}

/** Where the text ends that begins at a quote; undefined where it breaks off. */
function endOfText(bytes: Uint8Array, begin: number): number | undefined {
  for (let at = begin + 1; at < bytes.length; at++) {
    if (bytes[at] === ESCAPE) at++
    else if (bytes[at] === QUOTE) return at
  }
  return undefined
}

/** Whether a colon follows, so that what stands before it is the name of a member. */
function isName(bytes: Uint8Array, from: number): boolean {
  let at = from
  while (at < bytes.length && SPACE.includes(bytes[at]!)) at++
  return bytes[at] === COLON
}

function textOf(quoted: Uint8Array): string | undefined {
  try {
    return JSON.parse(utf8Decode(quoted)) as string
  } catch {
    return undefined
  }
}
