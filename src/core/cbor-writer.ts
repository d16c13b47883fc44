import { encode } from 'cborg'
import type { CborValue } from './cbor.ts'
import { assert } from './failure.ts'

/** Deterministic CBOR of a value, in a file of its own: who only verifies does not carry it. RFC 8949 §4.2.1, SPEC §2. What this makes, `CborReader` reads. */
export function encodeCbor(value: CborValue): Uint8Array {
  assertEncodable(value)
  // On Node it may be a Buffer, whose `slice` does not copy: nobody below is to meet one.
  const { buffer, byteOffset, length } = encode(value)
  return new Uint8Array(buffer, byteOffset, length)
}

function assertEncodable(value: CborValue): void {
  if (typeof value === 'number') assert(Number.isSafeInteger(value) && value >= 0, `not a whole number: ${value}`)
  else if (Array.isArray(value)) for (const item of value) assertEncodable(item)
  else assert(value === null || typeof value === 'string' || value instanceof Uint8Array, 'not of our CBOR')
}
