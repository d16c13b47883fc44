import { CborReader } from '../core/cbor.ts'
import { encodeCbor } from '../core/cbor-writer.ts'
import { FormatError } from '../core/failure.ts'
import { LOG_PATH_MAX, STATEMENT_BYTES_MAX } from '../core/limits.ts'
import { readFields, readHashes } from './batch-proof.ts'

/** How a page begins: SPEC §10, Pages. */
export const PAGE_TAG = 'tallystick/page/v1'

/** A page of a statement, as it stands in a file of pages (SPEC §10). */
export interface StatementPage {
  /** That its checkpoint grew out of that of the page before: a consistency proof. */
  readonly growth: readonly Uint8Array[]
  /** Bytes of the statement that ends, or does not end, where the account does. */
  readonly statement: Uint8Array
}

/** Bytes of a page in front of its statement, at most. */
const HEAD_BYTES_MAX = 64 + LOG_PATH_MAX * 34
/** Bytes of a page that a verifier reads. */
export const PAGE_BYTES_MAX = HEAD_BYTES_MAX + STATEMENT_BYTES_MAX

/** The bytes of a page: one CBOR array. SPEC §10. */
export function encodePage({ growth, statement }: StatementPage): Uint8Array {
  return encodeCbor([PAGE_TAG, growth, statement])
}

/** A page that bytes hold, and nothing else. @param bytes - untrusted. @throws as `pageAt`. */
export function decodePage(bytes: Uint8Array): StatementPage {
  const { page, end } = pageAt(bytes, 0)
  if (end !== bytes.length) throw new FormatError('statement', `there are ${bytes.length - end} bytes after the page`)
  return page
}

/**
 * The pages of a file of them, in order, each read when it is asked for.
 *
 * @param bytes - untrusted. Byte strings of what is returned are views into them.
 * @throws FormatError `statement`, `list-length`, or a code of `CborReader`.
 */
export function* pagesIn(bytes: Uint8Array): Generator<StatementPage> {
  for (let at = 0; at < bytes.length; ) {
    const { page, end } = pageAt(bytes, at)
    yield page
    at = end
  }
}

/** Where a page ends of which these are the first bytes, `PAGE_HEAD_BYTES` or all of them. @throws as `pageAt`. */
export function pageLength(head: Uint8Array): number {
  const { reader } = growthAt(head, 0)
  const { from, length } = reader.headOfBytes(STATEMENT_BYTES_MAX, 'statement')
  return from + length
}

/** The page that begins at `at`, and where it ends. */
function pageAt(bytes: Uint8Array, at: number): { readonly page: StatementPage; readonly end: number } {
  const { reader, growth } = growthAt(bytes, at)
  const statement = reader.bytesUpTo(STATEMENT_BYTES_MAX, 'statement')
  return { page: { growth, statement }, end: reader.offset }
}

/** Bytes at the beginning of a page that say how long it is. */
export const PAGE_HEAD_BYTES = HEAD_BYTES_MAX

function growthAt(bytes: Uint8Array, at: number): { readonly reader: CborReader; readonly growth: Uint8Array[] } {
  const reader = new CborReader().reset(bytes, at, bytes.length)
  readFields(reader, 3, 'a page', 'statement')
  const tag = reader.text('tag', 64)
  if (tag !== PAGE_TAG) throw new FormatError('statement', `expected "${PAGE_TAG}", found "${tag}"`)
  return { reader, growth: readHashes(reader, LOG_PATH_MAX, 'growth') }
}
