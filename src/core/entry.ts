import { FormatError } from './failure.ts'
import { ENTRY_BYTES_MAX } from './limits.ts'

/** The first byte of an entry tells what it is (SPEC §4). */
export const ENTRY_BATCH = 0x01
export const ENTRY_TRANSACTION = 0x02
export const ENTRY_SEAL = 0x03

/**
 * The entry of a type and its CBOR array: `type ‖ array`. SPEC §4.
 *
 * @throws FormatError `entry-size` when it would exceed 65,535 bytes.
 */
export function entryFrom(type: number, array: Uint8Array): Uint8Array {
  if (array.length >= ENTRY_BYTES_MAX)
    throw new FormatError('entry-size', `an entry has at most ${ENTRY_BYTES_MAX} bytes, this one ${array.length + 1}`)
  const entry = new Uint8Array(array.length + 1)
  entry[0] = type
  entry.set(array, 1)
  return entry
}
