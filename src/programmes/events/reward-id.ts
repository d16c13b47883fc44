import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8Encode } from '../../core/bytes.ts'
import { ID_RANDOM_BYTES, makeId } from '../../core/entry/id.ts'
import { canonicalText } from '../document/json.ts'

/** What a transaction's id is made from: docs/programmes.md §11. */
export interface RewardName {
  /** Name of the programme, without its version. */
  readonly programme: string
  readonly rule: string
  readonly event: string
  /** Whether it takes back. */
  readonly isReversal: boolean
  /** 0, and one more for each time that it was refused and is tried again. */
  readonly attempt: number
}

/**
 * The id of an issue or a reversal: the same for the same event, whenever, wherever and under whichever version it is
 * evaluated, and not to be guessed without the secret.
 *
 * @returns 16 bytes. @throws FormatError `time`.
 */
export function rewardId(
  secret: Uint8Array,
  timeMs: number,
  { programme, rule, event, isReversal, attempt }: RewardName,
): Uint8Array {
  const name = [programme, ...(isReversal ? ['reverse'] : []), rule, event, attempt]
  const mac = hmac(sha256, secret, utf8Encode(canonicalText(name)))
  return makeId(timeMs, mac.subarray(0, ID_RANDOM_BYTES))
}
