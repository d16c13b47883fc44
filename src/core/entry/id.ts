import { FormatError } from '../failure.ts'
import { TIME_MS_MAX } from '../limits.ts'

/** Bytes of an id. */
export const ID_BYTES = 16

/** Random bytes that `makeId` takes: 74 of the 80 bits are used. */
export const ID_RANDOM_BYTES = 10

/**
 * The UUIDv7 of a time and ten random bytes: 48 bits of milliseconds, version 7, 12 bits, variant 2, 62 bits.
 * RFC 9562 §5.7, SPEC §5. The random bits blind the transaction's leaf, so they come from a cryptographic source, or
 * from an HMAC under a secret where the same event must make the same id again.
 *
 * @throws FormatError `time` when `timeMs` is not a whole number of 48 bits.
 */
export function makeId(timeMs: number, random: Uint8Array): Uint8Array {
  if (!Number.isInteger(timeMs) || timeMs < 0 || timeMs > TIME_MS_MAX)
    throw new FormatError('time', `a transaction's time is 0 to 2^48 - 1 milliseconds, not ${timeMs}`)
  if (random.length !== ID_RANDOM_BYTES)
    throw new FormatError('id', `an id takes ${ID_RANDOM_BYTES} random bytes, not ${random.length}`)
  const id = new Uint8Array(ID_BYTES)
  new DataView(id.buffer).setUint16(0, Math.floor(timeMs / 2 ** 32))
  new DataView(id.buffer).setUint32(2, timeMs % 2 ** 32)
  id.set(random, 6)
  id[6] = 0x70 | (id[6]! & 0x0f)
  id[8] = 0x80 | (id[8]! & 0x3f)
  return id
}

/** The milliseconds of the id that stands at `start`. RFC 9562 §5.7. */
export function idTimeMs(bytes: Uint8Array, start = 0): number {
  const high = bytes[start]! * 256 + bytes[start + 1]!
  const low = bytes[start + 2]! * 2 ** 24 + ((bytes[start + 3]! << 16) | (bytes[start + 4]! << 8) | bytes[start + 5]!)
  return high * 2 ** 32 + low
}

/** Whether the 16 bytes at `start` have the version and variant of a UUIDv7. */
export function isId(bytes: Uint8Array, start = 0): boolean {
  return (bytes[start + 6]! & 0xf0) === 0x70 && (bytes[start + 8]! & 0xc0) === 0x80
}
