import * as base64url from 'jose/base64url'
import { SignJWT } from 'jose/jwt/sign'
import { importJWK } from 'jose/key/import'
import { toHex } from '../core/bytes.ts'
import { publicKeyFromSeed } from '../core/crypto/ed25519.ts'
import { TOKEN_SECONDS_MAX } from '../core/limits.ts'
import { holderName, type SigningKey } from './key.ts'

/** `typ` of a caller's token. SPEC §11. */
export const TOKEN_TYPE = 'tally+jwt'

/**
 * A token with which the holder of a key reads private data for the next minutes. SPEC §11.
 *
 * @param subject - `account/<n>`, or `ledger` for whatever the key may read.
 *
 * @example
 * const token = await makeToken(key, ledgerId, 'account/17')
 * await fetch(`${url}/v1/accounts/17`, { headers: { authorization: `Bearer ${token}` } })
 */
export async function makeToken(
  key: SigningKey,
  ledgerId: Uint8Array,
  subject: string,
  nowMs: number = Date.now(),
): Promise<string> {
  const jwk = {
    kty: 'OKP',
    crv: 'Ed25519',
    alg: 'EdDSA',
    d: base64url.encode(key.seed),
    x: base64url.encode(publicKeyFromSeed(key.seed)),
  }
  const iat = Math.floor(nowMs / 1000)
  return new SignJWT({})
    .setProtectedHeader({ alg: 'EdDSA', typ: TOKEN_TYPE })
    .setIssuer(holderName(key.holder))
    .setAudience(toHex(ledgerId))
    .setSubject(subject)
    .setIssuedAt(iat)
    .setExpirationTime(iat + TOKEN_SECONDS_MAX)
    .sign(await importJWK(jwk))
}
