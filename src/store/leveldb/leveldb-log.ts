import { concatBytes } from '../../core/bytes.ts'
import { CRC32C_START, crc32cOver, maskedCrc32c } from './crc32c.ts'

/** A file of records is cut into blocks of this size, each record into fragments that do not cross one. */
const BLOCK_BYTES = 32_768
/** Before a fragment: its sum (4 bytes), its length (2), its type (1), little-endian. */
const HEADER_BYTES = 7

/** Types of fragments: a whole record, its first part, one in its middle, its last. */
const [WHOLE, FIRST, MIDDLE, LAST] = [1, 2, 3, 4]

/** What a file of records holds. */
export interface LogRecords {
  readonly records: readonly Uint8Array[]
  /** Where it is damaged, and what is wrong there. What stands after is not in `records`. */
  readonly damage?: { readonly at: number; readonly what: string }
}

/**
 * Reads a file of records of LevelDB: its log files, and its manifests. (Its own reader passes over what it cannot make
 * out, as it cannot tell a damaged record from one that a crash cut off, and then deletes the file.)
 *
 * What a crash cuts off is no damage: a record of which the end is missing at the end of the file. A length that was
 * changed looks the same, and is told apart by the sum, which some shorter length then has.
 */
export function readRecords(bytes: Uint8Array): LogRecords {
  const records: Uint8Array[] = []
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  /** The fragments of the record that is not whole yet. */
  let parts: Uint8Array[] | undefined
  const damage = (at: number, what: string): LogRecords => ({ records, damage: { at, what } })
  for (let at = 0; at < bytes.length; ) {
    const blockEnd = at - (at % BLOCK_BYTES) + BLOCK_BYTES
    const end = Math.min(bytes.length, blockEnd)
    if (end - at < HEADER_BYTES) {
      // In the middle of a file it fills the block up; at its end it is the beginning of a header.
      at = end
      continue
    }
    const [sum, length, type] = [view.getUint32(at, true), view.getUint16(at + 4, true), bytes[at + 6]!]
    const from = at + HEADER_BYTES
    if (type === 0 && length === 0) {
      if (bytes.subarray(at, end).some(byte => byte !== 0)) return damage(at, 'a header is damaged')
      at = end
      continue
    }
    if (from + length > end) {
      if (end === blockEnd || hasSum(bytes, at, end, sum)) return damage(at, 'the length of a record is damaged')
      return { records }
    }
    if (maskedCrc32c(crc32cOver(bytes, at + 6, from + length)) !== sum)
      return damage(at, 'a record does not have its checksum')
    const part = bytes.subarray(from, from + length)
    const isBegun = parts?.some(({ length }) => length > 0)
    if (type === WHOLE || type === FIRST ? isBegun : !(parts && (type === MIDDLE || type === LAST)))
      return damage(at, 'a part of a record is missing')
    parts = type === WHOLE || type === FIRST ? [part] : [...parts!, part]
    if (type === WHOLE || type === LAST) {
      records.push(parts.length === 1 ? part : concatBytes(...parts))
      parts = undefined
    }
    at = from + length
  }
  return { records }
}

/** Whether the fragment at `at` has its sum with any length that ends at `end` or before. */
function hasSum(bytes: Uint8Array, at: number, end: number, sum: number): boolean {
  let register = crc32cOver(bytes, at + 6, at + HEADER_BYTES, CRC32C_START)
  for (let to = at + HEADER_BYTES; ; to++) {
    if (maskedCrc32c(register) === sum) return true
    if (to === end) return false
    register = crc32cOver(bytes, to, to + 1, register)
  }
}
