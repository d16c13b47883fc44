import { fromBase64, parseDecimal, toBase64, utf8Decode, utf8Encode } from './bytes.ts'
import { FormatError } from './failure.ts'
import { LOG_PATH_MAX } from './limits.ts'
import { leafHash, verifyInclusion } from './merkle.ts'
import { openCheckpoint, type Policy, type TrustedCheckpoint } from './policy.ts'

/** A receipt: c2sp.org/tlog-proof, with the entry as its extra data (SPEC §10). */
export interface Receipt {
  /** The entry; counts for nothing until its leaf hash fits the proof. */
  readonly entry: Uint8Array
  readonly index: number
  readonly proof: readonly Uint8Array[]
  /** The signed note. */
  readonly checkpoint: Uint8Array
}

export const RECEIPT_TAG = 'c2sp.org/tlog-proof@v1'

const RECEIPT_BYTES_MAX = 512 * 1024

/** The bytes of a receipt. What this makes, `parseReceipt` reads. */
export function formatReceipt({ entry, index, proof, checkpoint }: Receipt): Uint8Array {
  const lines = [RECEIPT_TAG, `extra ${toBase64(entry)}`, `index ${index}`, ...proof.map(toBase64), '', '']
  return utf8Encode(lines.join('\n') + utf8Decode(checkpoint))
}

/**
 * The receipt that bytes hold.
 *
 * @param bytes - untrusted.
 * @throws FormatError `receipt`, `base64`, `decimal`, `utf8`.
 */
export function parseReceipt(bytes: Uint8Array): Receipt {
  if (bytes.length > RECEIPT_BYTES_MAX)
    throw new FormatError('receipt', `a receipt has at most ${RECEIPT_BYTES_MAX} bytes`)
  const text = utf8Decode(bytes)
  const split = text.indexOf('\n\n')
  const lines = text.slice(0, split).split('\n')
  if (split < 0 || lines[0] !== RECEIPT_TAG)
    throw new FormatError('receipt', `a receipt begins with the line ${RECEIPT_TAG}`)
  if (!lines[1]?.startsWith('extra ')) throw new FormatError('receipt', 'line 2 of a receipt is "extra" and the entry')
  if (!lines[2]?.startsWith('index ')) throw new FormatError('receipt', 'line 3 of a receipt is "index" and a number')
  const proof = lines.slice(3).map(fromBase64)
  if (proof.length > LOG_PATH_MAX || proof.some(hash => hash.length !== 32))
    throw new FormatError('receipt', `a receipt's proof has at most ${LOG_PATH_MAX} hashes of 32 bytes`)
  return {
    entry: fromBase64(lines[1].slice('extra '.length)),
    index: parseDecimal(lines[2].slice('index '.length), Number.MAX_SAFE_INTEGER, 'an index'),
    proof,
    checkpoint: utf8Encode(text.slice(split + 2)),
  }
}

/**
 * Checks a receipt and returns it with its checkpoint: the entry is number `index` of the log of the policy.
 *
 * @param bytes - untrusted.
 * @throws FormatError of `parseReceipt`; VerifyError of `openCheckpoint`, `inclusion-proof`.
 */
export function verifyReceipt(bytes: Uint8Array, policy: Policy): Receipt & { readonly trusted: TrustedCheckpoint } {
  const receipt = parseReceipt(bytes)
  const trusted = openCheckpoint(receipt.checkpoint, policy)
  verifyInclusion(receipt.index, trusted.size, leafHash(receipt.entry), receipt.proof, trusted.root)
  return { ...receipt, trusted }
}
