import { utf8Encode } from './bytes.ts'
import type { CborValue } from './cbor.ts'
import { assert, FormatError } from './failure.ts'
import { ENTRY_BYTES_MAX } from './limits.ts'

/** Where values are written before their length is known: kept from call to call, and grown to the longest. */
let scratch = new Uint8Array(4096)
let at = 0

/**
 * Short entries are cut from blocks: memory of its own would cost one more than its encoding, and be collected one by
 * one.
 */
const BLOCK_BYTES = 16 * 1024
const CUT_BYTES_MAX = 512
/** Up to here bytes are copied by hand: a call costs more. */
const HAND_BYTES_MAX = 64
let block = new Uint8Array(0)
let blockAt = 0

/**
 * Deterministic CBOR of a value, in a file of its own: who only verifies does not carry it. RFC 8949 §4.2.1, SPEC §2.
 * What this makes, `CborReader` reads. Allocates the result and what texts become; copies every byte once more.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  at = 0
  write(value)
  return scratch.slice(0, at)
}

/**
 * The entry of a type and a value: `type ‖ CBOR`. SPEC §4. A short one stands in memory beside others, 16 kB of them.
 *
 * @throws FormatError `entry-size` when it would exceed 65,535 bytes.
 */
export function encodeEntry(type: number, value: CborValue): Uint8Array {
  beginEntry(type)
  write(value)
  return endEntry()
}

/** The head of an array of so many items, for an array that is put together of parts. */
export function arrayHead(length: number): Uint8Array {
  at = 0
  head(0x80, length)
  return scratch.slice(0, at)
}

/**
 * Begins an entry that is written field by field, without a list of them being made: `putArray`, `putUint` and
 * `putBytes` follow, and `endEntry`, with nothing else of this file between.
 */
export function beginEntry(type: number): void {
  at = 1
  scratch[0] = type
}

/** Writes the head of an array of so many items, which follow. */
export function putArray(length: number): void {
  head(0x80, length)
}

export function putUint(value: number): void {
  head(0x00, value)
}

export function putBytes(bytes: Uint8Array): void {
  string(0x40, bytes)
}

/** The entry that was begun, as `encodeEntry`. @throws FormatError `entry-size`. */
export function endEntry(): Uint8Array {
  if (at > ENTRY_BYTES_MAX)
    throw new FormatError('entry-size', `an entry has at most ${ENTRY_BYTES_MAX} bytes, this one ${at}`)
  if (at > CUT_BYTES_MAX) return scratch.slice(0, at)
  if (blockAt + at > block.length) {
    block = new Uint8Array(BLOCK_BYTES)
    blockAt = 0
  }
  for (let i = 0; i < at; i++) block[blockAt + i] = scratch[i]!
  blockAt += at
  return block.subarray(blockAt - at, blockAt)
}

function write(value: CborValue): void {
  if (typeof value === 'number') head(0x00, value)
  else if (value instanceof Uint8Array) string(0x40, value)
  else if (typeof value === 'string') string(0x60, utf8Encode(value))
  else if (value === null) {
    reserve(1)
    scratch[at++] = 0xf6
  } else {
    assert(Array.isArray(value), 'not of our CBOR')
    head(0x80, value.length)
    for (const item of value) write(item)
  }
}

function string(major: number, bytes: Uint8Array): void {
  head(major, bytes.length)
  reserve(bytes.length)
  if (bytes.length > HAND_BYTES_MAX) scratch.set(bytes, at)
  else for (let i = 0; i < bytes.length; i++) scratch[at + i] = bytes[i]!
  at += bytes.length
}

/** A head with its argument in the shortest form. */
function head(major: number, value: number): void {
  if (!(Number.isSafeInteger(value) && value >= 0)) assert(false, `not a whole number: ${value}`)
  reserve(9)
  if (value < 24) {
    scratch[at++] = major | value
    return
  }
  const size = value < 2 ** 8 ? 1 : value < 2 ** 16 ? 2 : value < 2 ** 32 ? 4 : 8
  scratch[at++] = major | (size === 1 ? 24 : size === 2 ? 25 : size === 4 ? 26 : 27)
  for (let i = size - 1, rest = value; i >= 0; i--) {
    scratch[at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  at += size
}

function reserve(more: number): void {
  if (at + more <= scratch.length) return
  const longer = new Uint8Array(2 * scratch.length + more)
  longer.set(scratch.subarray(0, at))
  scratch = longer
}
