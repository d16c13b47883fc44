import type { FastifyRequest } from 'fastify'
import * as base64url from 'jose/base64url'
import { compactVerify } from 'jose/jws/compact/verify'
import { importJWK } from 'jose/key/import'
import { equalBytes, toHex, utf8Decode } from '../core/bytes.ts'
import { ACCOUNT_KINDS, type Role } from '../core/entry/transaction.ts'
import { TOKEN_SECONDS_MAX } from '../core/limits.ts'
import type { ServedLog } from '../log/index.ts'
import { HttpError } from '../serving/index.ts'

/** Who calls: a key of the registry, or the owner of an account; and what the token is good for. */
export interface Caller {
  readonly role: Role | 'owner'
  /** Record number of a registered key. */
  readonly record?: number
  /** The one account that the token is good for, or undefined for all that the role may read. */
  readonly account: number | undefined
}

/**
 * Keys of the one who runs the ledger. An issuer is none: it may be a partner's, and reads nobody's account. SPEC §11.
 */
const PLATFORM: readonly Caller['role'][] = ['root', 'registrar', 'treasurer']
/** Longest token that is looked at. */
const TOKEN_BYTES_MAX = 2048
/** `typ` of the header of a token. */
const TOKEN_TYPE = 'tally+jwt'

/** What a token says: these claims, and no others. SPEC §11. */
interface TokenClaims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  readonly iat: number
  readonly exp: number
}

/** What a token that was verified says, and under which key. */
interface Verified {
  readonly holder: string
  readonly publicKey: Uint8Array
  readonly subject: string
  /** When it expires, in seconds. */
  readonly expires: number
}

/** Tokens of a ledger that were verified last: most callers send one again and again for as long as it lives. */
const kept = new WeakMap<ServedLog, Map<string, Verified>>()
const TOKENS_KEPT = 4096

/**
 * The caller that a request's token proves. SPEC §11. A token is verified once; that its key still stands, and that it
 * has not expired, is looked at each time.
 *
 * @throws HttpError 401 `token-missing`, `token-invalid`.
 */
export async function callerOf(log: ServedLog, request: FastifyRequest): Promise<Caller> {
  const match = /^Bearer ([A-Za-z0-9._-]+)$/i.exec(request.headers.authorization ?? '')
  if (match === null)
    throw new HttpError(
      401,
      'token-missing',
      'This is private. Send Authorization: Bearer with a token of your key (SPEC §11).',
    )
  const token = match[1]!
  if (token.length > TOKEN_BYTES_MAX) throw invalid('it is too long')
  try {
    const verified = keptFor(log, token) ?? (await verify(log, token))
    const { role, account, record } = keyOf(log, verified.holder)
    const subject = accountOf(verified.subject, account)
    return record === undefined ? { role, account: subject } : { role, record, account: subject }
  } catch (error) {
    if (error instanceof HttpError) throw error
    throw invalid((error as Error).message)
  }
}

/** What is known of a token, if it would be verified again with the same result. */
function keptFor(log: ServedLog, token: string): Verified | undefined {
  const verified = kept.get(log)?.get(token)
  if (verified === undefined || verified.expires <= log.timeMs / 1000 - skewSeconds(log)) return undefined
  return equalBytes(keyOf(log, verified.holder).publicKey, verified.publicKey) ? verified : undefined
}

/** Verifies a token, and keeps what came of it if it is good. */
async function verify(log: ServedLog, token: string): Promise<Verified> {
  const { iss, aud, sub, iat, exp } = claimsOf(token)
  const publicKey = keyOf(log, iss).publicKey.slice()
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', x: base64url.encode(publicKey) })
  const { protectedHeader } = await compactVerify(token, key, { algorithms: ['EdDSA'] })
  if (protectedHeader.typ !== TOKEN_TYPE) throw invalid(`its type is not ${TOKEN_TYPE}`)
  if (aud !== toHex(log.ledgerId ?? new Uint8Array(32))) throw invalid('its audience is another ledger')
  checkTimes(iat, exp, log.timeMs / 1000, skewSeconds(log))
  const verified = { holder: iss, publicKey, subject: sub, expires: exp }
  const tokens = kept.get(log) ?? new Map<string, Verified>()
  kept.set(log, tokens.set(token, verified))
  if (tokens.size > TOKENS_KEPT) tokens.delete(tokens.keys().next().value!)
  return verified
}

/** How far the clock of a caller may be off: as far as that of the one who signs a batch. */
function skewSeconds(log: ServedLog): number {
  return log.ledger.state.skewMs / 1000
}

/** The claims of a token, of which nothing is verified yet. @param token - untrusted. */
function claimsOf(token: string): TokenClaims {
  const claims: unknown = JSON.parse(utf8Decode(base64url.decode(token.split('.')[1] ?? '')))
  if (typeof claims !== 'object' || claims === null || Object.keys(claims).sort().join() !== 'aud,exp,iat,iss,sub')
    throw invalid('it has the claims iss, aud, sub, iat and exp, and no others')
  const { iss, aud, sub, iat, exp } = claims as Record<string, unknown>
  if (typeof iss !== 'string' || typeof aud !== 'string' || typeof sub !== 'string')
    throw invalid('iss, aud and sub are texts')
  if (!isSeconds(iat) || !isSeconds(exp)) throw invalid('iat and exp are whole numbers of seconds since 1970')
  return { iss, aud, sub, iat, exp }
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** Refuses a token that is not of now, and says so where it may be the clock of the one who made it. */
function checkTimes(iat: number, exp: number, now: number, skew: number): void {
  const lives = exp - iat
  if (lives <= 0 || lives > TOKEN_SECONDS_MAX)
    throw invalid(`it lives for 1 to ${TOKEN_SECONDS_MAX} s, and not ${lives}`)
  if (iat > now + skew) throw invalid(`your clock is ${Math.round(iat - now)} s ahead of the ledger's`)
  if (exp <= now - skew)
    throw invalid(
      `it expired ${Math.round(now - exp)} s ago. If it was made just now, your clock is ` +
        `${Math.round(now - iat)} s behind the ledger's`,
    )
}

function invalid(why: string): HttpError {
  return new HttpError(401, 'token-invalid', `The token does not hold: ${why}.`)
}

/** The key that a token's issuer names, as the registry and the accounts are now. */
function keyOf(
  log: ServedLog,
  holder: string,
): { role: Caller['role']; publicKey: Uint8Array; account?: number; record?: number } {
  const match = /^(record|account)\/(0|[1-9][0-9]{0,9})$/.exec(holder)
  const number = Number(match?.[2])
  const { registry, accounts } = log.ledger.state
  if (match?.[1] === 'record') {
    const key = registry.key(number)
    if (key !== undefined && registry.records[number]!.until === 0)
      return { role: key.role, publicKey: key.key, record: number }
  } else if (match?.[1] === 'account' && number < accounts.count) {
    const publicKey = accounts.owner(number)
    if (publicKey !== null) return { role: 'owner', publicKey, account: number }
  }
  throw invalid('its issuer is neither a valid key of the registry nor an account with an owner')
}

function accountOf(subject: string, ownAccount: number | undefined): number | undefined {
  if (subject === 'ledger' && ownAccount === undefined) return undefined
  const match = /^account\/(0|[1-9][0-9]{0,9})$/.exec(subject)
  const account = Number(match?.[1])
  if (match === null || (ownAccount !== undefined && account !== ownAccount))
    throw invalid('its subject is not "ledger" or an account of its issuer')
  return account
}

/** Whether a caller may read one of these accounts: its owner, custodian or merchant, the platform or an auditor. */
export function canReadAccount(
  log: ServedLog,
  { role, account, record }: Caller,
  accounts: readonly number[],
): boolean {
  const bound = account === undefined ? accounts : accounts.filter(one => one === account)
  if (account !== undefined && bound.length === 0) return false
  if (role === 'owner' || role === 'auditor' || PLATFORM.includes(role)) return true
  if (role === 'merchant') return bound.some(one => isOfMerchant(log, record!, one))
  return role === 'custodian' && bound.some(one => isInCustody(log, record!, one))
}

/** Refuses a caller who may not read one of these accounts. @throws HttpError 403 `not-allowed`. */
export function mayReadAccount(log: ServedLog, caller: Caller, accounts: readonly number[]): void {
  if (!canReadAccount(log, caller, accounts))
    throw new HttpError(403, 'not-allowed', 'This key may not read that account, or its token names another one.')
}

/**
 * Refuses a caller who may not read the statement of an account: of a budget an issuer may, who gives out of it. SPEC
 * §11. @throws HttpError 403 `not-allowed`.
 */
export function mayReadStatement(log: ServedLog, caller: Caller, number: number): void {
  const { role, record, account = number } = caller
  const { accounts, registry } = log.ledger.state
  const isBudget = number < accounts.count && accounts.kind(number) === ACCOUNT_KINDS.budget
  const isOwn = role === 'issuer' && account === number && registry.key(record!)!.scope.includes(number)
  if (!isBudget || !isOwn) mayReadAccount(log, caller, [number])
}

/** Whether a custodian's key may act for an account now: it is of the chain that has the custody, and due. SPEC §6. */
export function isInCustody(log: ServedLog, record: number, account: number): boolean {
  const { accounts, registry } = log.ledger.state
  const custodian = account < accounts.count ? accounts.terms(account).custodian : null
  if (custodian === null || registry.chains.of(custodian) !== registry.chains.of(record)) return false
  return registry.chains.isDue(record, log.operator.timeMs, registry.unit(accounts.unit(account))!.terms.takeoverMs)
}

/**
 * Whether an account is the merchant's of a key: a merchant account in its scope, or a budget that such a one sponsors.
 * SPEC §11.
 */
export function isOfMerchant(log: ServedLog, record: number, account: number): boolean {
  const { accounts, registry } = log.ledger.state
  const key = registry.key(record)
  if (key?.role !== 'merchant' || account >= accounts.count) return false
  const shop = accounts.kind(account) === ACCOUNT_KINDS.merchant ? account : accounts.terms(account).sponsor
  return shop !== undefined && key.scope.includes(shop)
}

/** Refuses a caller who may not read what a sponsor has: the platform, an auditor, or a key of that merchant. */
export function mayReadOfSponsor({ role, account, record }: Caller, sponsor: number | undefined, log: ServedLog): void {
  if (account === undefined && (role === 'auditor' || PLATFORM.includes(role))) return
  const isOwn = sponsor !== undefined && (account === undefined || account === sponsor)
  if (isOwn && role === 'merchant' && log.ledger.state.registry.key(record!)!.scope.includes(sponsor)) return
  throw new HttpError(403, 'not-allowed', 'Only keys of the platform, of auditors and of the sponsor may read this.')
}

/**
 * Refuses a key of the registry that may not read a receipt: anyone who is neither the platform nor an auditor, nor the
 * custodian or merchant of an account that it names, has to have signed.
 */
export async function mayReadReceipt(
  log: ServedLog,
  caller: Caller,
  named: () => Promise<readonly number[]>,
  signers: () => Promise<readonly number[]>,
): Promise<void> {
  const { role, record } = caller
  if (role === 'auditor' || PLATFORM.includes(role) || (await signers()).includes(record!)) return
  if ((role === 'custodian' || role === 'merchant') && canReadAccount(log, caller, await named())) return
  throw new HttpError(
    403,
    'not-allowed',
    'Only keys of the platform, of auditors and of the signers of the batch may read this.',
  )
}

/**
 * Refuses anyone who may not read of all accounts: the platform's keys and auditors may. @throws HttpError 403
 * `not-allowed`.
 */
export function mayReadAll({ role, account }: Caller): void {
  if (account !== undefined || !(role === 'auditor' || PLATFORM.includes(role)))
    throw new HttpError(403, 'not-allowed', 'Only keys of the platform and of auditors may read this.')
}

/** Refuses anyone who is not a key of the platform. @throws HttpError 403 `not-allowed`. */
export function mayRun({ role, account }: Caller): void {
  if (account !== undefined || !PLATFORM.includes(role))
    throw new HttpError(403, 'not-allowed', 'Only keys of the platform may do this.')
}

/** Refuses anyone who may not keep details: the platform, and issuers, who write down what they issue for. */
export function mayKeepDetails({ role, account }: Caller): void {
  if (account !== undefined || !(role === 'issuer' || PLATFORM.includes(role)))
    throw new HttpError(403, 'not-allowed', 'Only keys of the platform and of issuers may do this.')
}

/** Refuses anyone who is not an auditor. @throws HttpError 403 `not-allowed`. */
export function mayAudit({ role, account }: Caller): void {
  if (role !== 'auditor' || account !== undefined)
    throw new HttpError(
      403,
      'not-allowed',
      'Entries and salts are for auditors: use a token of an auditor key, with subject "ledger".',
    )
}
