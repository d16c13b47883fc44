import { concatBytes, toHex, u32be, utf8Encode } from '../core/bytes.ts'
import { engine } from '../core/crypto/engine.ts'
import { hmacSha256 } from '../core/crypto/hmac.ts'
import { REF_BYTES } from '../core/limits.ts'
import { readRef } from './answers.ts'
import type { TallyClient } from './client.ts'
import { absent } from './failure.ts'

/** Where a reference is unique: in a unit, for a sponsor, or, without one, for the platform. */
export interface RefPlace {
  /** Record of the unit. */
  readonly unit: number
  /** Merchant account of the sponsor. */
  readonly sponsor?: number
}

const LABEL = utf8Encode('tallystick/ref/v1\0')

/**
 * The reference of a member, from the name that a shop has for her: the same each time, so that no second account is
 * opened for her, and of no use to anyone without the secret. SPEC §5. One hash of the name.
 *
 * @param secret - 16 to 64 bytes, the shop's own.
 * @param name - such as the number of a customer; to be written in one way only.
 * @returns 16 bytes.
 * @example
 * const ref = memberRef(secret, unit, 'cust_8842')
 * const account = await accountUnder(client, { unit, sponsor }, ref)
 * @throws RangeError unless the secret has 16 to 64 bytes.
 */
export function memberRef(secret: Uint8Array, unit: number, name: string): Uint8Array {
  if (secret.length < 16 || secret.length > 64) throw new RangeError('the secret of references has 16 to 64 bytes')
  return hmacSha256(secret, concatBytes(LABEL, u32be(unit), utf8Encode(name))).slice(0, REF_BYTES)
}

/** Whether a text can be the name that a shop has for a member: 1 to 256 characters, none of them for control. */
export function isMemberName(text: string): boolean {
  return /^[^\p{Cc}\u2028\u2029]{1,256}$/u.test(text)
}

const CLAIM_LABEL = utf8Encode('tallystick/claim/v1\0')

/**
 * The reference of a thing that is claimed of a series, from its name there: the same for anyone who knows the name.
 * SPEC §5. One hash of the name.
 *
 * @param series - account of the series.
 * @param name - such as the number of a parcel; to be written in one way only.
 * @returns 16 bytes.
 * @example
 * makeTransaction('claim', { debit, credit, amount, series, ref: claimRef(series, 'parcel-2026-000117') })
 */
export function claimRef(series: number, name: string): Uint8Array {
  return engine()
    .sha256(concatBytes(CLAIM_LABEL, u32be(series), utf8Encode(name)))
    .slice(0, REF_BYTES)
}

/**
 * The number of the account that was opened under a reference; undefined where none was. The word of the ledger: what
 * the account is, its statement proves.
 *
 * @throws ClientError.
 */
export async function accountUnder(
  client: TallyClient,
  { unit, sponsor }: RefPlace,
  ref: Uint8Array,
): Promise<number | undefined> {
  const of = sponsor === undefined ? '' : `&sponsor=${sponsor}`
  const answer = await client.read(`/v1/refs/${toHex(ref)}?unit=${unit}${of}`, readRef).catch(absent)
  return answer?.account
}
