import { concatBytes } from '../bytes.ts'
import { engine } from './engine.ts'

const BLOCK_BYTES = 64

/** HMAC-SHA256 of a message under a key of at most 64 bytes: RFC 2104. Four hashes and the message. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  const inner = new Uint8Array(BLOCK_BYTES).fill(0x36)
  const outer = new Uint8Array(BLOCK_BYTES).fill(0x5c)
  key.forEach((byte, i) => {
    inner[i]! ^= byte
    outer[i]! ^= byte
  })
  return engine().sha256(concatBytes(outer, engine().sha256(concatBytes(inner, message))))
}
