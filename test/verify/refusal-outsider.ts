import { createHash } from 'node:crypto'
import { decode, encode } from 'cborg'
import { batchRootOf, ed25519 } from './outsider.ts'

type Submission = [signatures: [number, number, Uint8Array][], groups: [number, number][], transactions: Uint8Array[]]
type RefusalFile = [
  tag: string,
  ledgerId: Uint8Array,
  size: number,
  time: number,
  code: string,
  signature: Uint8Array,
  submission: Uint8Array,
]

/**
 * For what a log refused the batch in a refusal file, or false: a verifier of SPEC §9 and nothing else, as
 * `outsider.ts`.
 */
export function refusalProven(bytes: Uint8Array, logKey: Uint8Array): string | false {
  const [tag, ledgerId, size, time, code, signature, submission] = decode(bytes) as RefusalFile
  const [signatures, groups, transactions] = decode(submission) as Submission
  if (tag !== 'tallystick/refusal/v1') return false
  const numbers = Buffer.alloc(20)
  numbers.writeBigUInt64BE(BigInt(size), 0)
  numbers.writeBigUInt64BE(BigInt(time), 8)
  numbers.writeUInt32BE(transactions.length, 16)
  const message = Buffer.concat([
    Buffer.from(`${tag}\0`),
    ledgerId,
    numbers,
    batchRootOf(transactions),
    createHash('sha256')
      .update(encode([signatures, groups]))
      .digest(),
    Buffer.from(code),
  ])
  return ed25519(logKey, message, signature) && code
}
