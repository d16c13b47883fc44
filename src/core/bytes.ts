import { FormatError } from './failure.ts'

/** The byte strings one after another, in a fresh one. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A whole number below 2^53 in 8 bytes, big-endian. SPEC §2. */
export function u64be(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(value / 2 ** 32))
  view.setUint32(4, value % 2 ** 32)
  return bytes
}

/** A whole number below 2^32 in 4 bytes, big-endian. SPEC §2. */
export function u32be(value: number): Uint8Array {
  return u64be(value).subarray(4)
}

/** Whether two byte strings are the same. Not constant in time: nothing secret is compared here. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** Lower-case hex of a byte string. */
export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += HEX[byte]
  return text
}

/**
 * The byte string that lower-case hex spells.
 *
 * @param text - untrusted.
 * @throws FormatError `hex` unless it is pairs of `0-9a-f`, and `sizeBytes` of them where a size is given.
 */
export function fromHex(text: string, sizeBytes?: number): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new FormatError('hex', 'expected pairs of hex digits 0-9a-f')
  const bytes = new Uint8Array(text.length / 2)
  if (sizeBytes !== undefined && bytes.length !== sizeBytes)
    throw new FormatError('hex', `expected ${sizeBytes} bytes of hex, found ${bytes.length}`)
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  return bytes
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const SIXES = new Uint8Array(128)
for (let i = 0; i < 64; i++) SIXES[ALPHABET.charCodeAt(i)] = i

/** Base64 of a byte string: the standard alphabet, padded. RFC 4648 §4. */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const three = (bytes[i]! << 16) | ((left > 1 ? bytes[i + 1]! : 0) << 8) | (left > 2 ? bytes[i + 2]! : 0)
    text += ALPHABET[three >> 18]! + ALPHABET[(three >> 12) & 63]!
    text += (left > 1 ? ALPHABET[(three >> 6) & 63]! : '=') + (left > 2 ? ALPHABET[three & 63]! : '=')
  }
  return text
}

/**
 * The byte string that base64 spells: the standard alphabet, padded, and no other spelling. RFC 4648 §4.
 *
 * @param text - untrusted.
 * @throws FormatError `base64`, also where the unused bits of the last character are not zero.
 */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    throw new FormatError('base64', 'expected padded base64 of the standard alphabet')
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  const bytes = new Uint8Array((text.length / 4) * 3 - padding)
  for (let i = 0, o = 0; i < text.length; i += 4) {
    const four =
      (SIXES[text.charCodeAt(i)]! << 18) |
      (SIXES[text.charCodeAt(i + 1)]! << 12) |
      (SIXES[text.charCodeAt(i + 2)]! << 6) |
      SIXES[text.charCodeAt(i + 3)]!
    bytes[o++] = four >> 16
    if (o < bytes.length) bytes[o++] = (four >> 8) & 255
    if (o < bytes.length) bytes[o++] = four & 255
  }
  const spare = padding === 2 ? 15 : padding === 1 ? 3 : 0
  if ((SIXES[text.charCodeAt(text.length - padding - 1)]! & spare) !== 0)
    throw new FormatError('base64', 'the last character of the base64 has bits that belong to no byte')
  return bytes
}

/** UTF-8 of a text. Lone surrogates become U+FFFD, as everywhere on the web. */
export function utf8Encode(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/**
 * The text that UTF-8 spells, a byte order mark kept as U+FEFF.
 *
 * @param bytes - untrusted.
 * @throws FormatError `utf8` where the bytes are not UTF-8.
 */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new FormatError('utf8', 'the bytes are not UTF-8', { cause: error })
  }
}

/**
 * The number that decimal digits spell: no sign, no leading zeros, at most `max`.
 *
 * @param text - untrusted.
 * @throws FormatError `decimal`, naming `what`.
 */
export function parseDecimal(text: string, max: number = Number.MAX_SAFE_INTEGER, what = 'number'): number {
  const value = /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : Number.NaN
  if (!(value <= max)) throw new FormatError('decimal', `expected ${what} as a decimal number up to ${max}`)
  return value
}
