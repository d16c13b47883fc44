import type { FastifyRequest } from 'fastify'
import { base64url, decodeJwt, importJWK, jwtVerify } from 'jose'
import { equalBytes, toHex } from '../core/bytes.ts'
import type { Role } from '../core/entry/transaction.ts'
import { TOKEN_SECONDS_MAX } from '../core/limits.ts'
import type { TallyLog } from '../log/index.ts'
import { HttpError } from './problem.ts'

/** Who calls: a key of the registry, or the owner of an account; and what the token is good for. */
export interface Caller {
  readonly role: Role | 'owner'
  /** Record number of a registered key. */
  readonly record?: number
  /** The one account that the token is good for, or undefined for all that the role may read. */
  readonly account: number | undefined
}

/** Keys of whoever runs the ledger. An issuer is none: it may be a partner's, and reads nobody's account. SPEC §11. */
const PLATFORM: readonly Caller['role'][] = ['root', 'registrar', 'treasurer']
/** Longest token that is looked at. */
const TOKEN_BYTES_MAX = 2048
/** Clocks of callers may be off by this much. */
const CLOCK_SECONDS = 60

/** What a token that was verified says, and under which key. */
interface Verified {
  readonly holder: string
  readonly publicKey: Uint8Array
  readonly subject: string
  /** When it expires, in seconds. */
  readonly expires: number
}

/** Tokens of a ledger that were verified last: most callers send one again and again for as long as it lives. */
const kept = new WeakMap<TallyLog, Map<string, Verified>>()
const TOKENS_KEPT = 4096

/**
 * The caller that a request's token proves. SPEC §11. A token is verified once; that its key still stands, and that it has
 * not expired, is looked at each time.
 *
 * @throws HttpError 401 `token-missing`, `token-invalid`.
 */
export async function callerOf(log: TallyLog, request: FastifyRequest): Promise<Caller> {
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
function keptFor(log: TallyLog, token: string): Verified | undefined {
  const verified = kept.get(log)?.get(token)
  if (verified === undefined || verified.expires <= Date.now() / 1000 - CLOCK_SECONDS) return undefined
  return equalBytes(keyOf(log, verified.holder).publicKey, verified.publicKey) ? verified : undefined
}

/** Verifies a token, and keeps what came of it if it is good. */
async function verify(log: TallyLog, token: string): Promise<Verified> {
  const holder = decodeJwt(token).iss ?? ''
  const publicKey = keyOf(log, holder).publicKey.slice()
  const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', x: base64url.encode(publicKey) })
  const { payload } = await jwtVerify(token, key, {
    algorithms: ['EdDSA'],
    typ: 'tally+jwt',
    audience: toHex(log.ledger.state.ledgerId ?? new Uint8Array(32)),
    clockTolerance: CLOCK_SECONDS,
    requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp'],
  })
  if (payload.exp! - payload.iat! > TOKEN_SECONDS_MAX) throw invalid(`it lives longer than ${TOKEN_SECONDS_MAX} s`)
  if (payload.iat! > Date.now() / 1000 + CLOCK_SECONDS) throw invalid('it was made in the future')
  const verified = { holder, publicKey, subject: payload.sub!, expires: payload.exp! }
  const tokens = kept.get(log) ?? new Map<string, Verified>()
  kept.set(log, tokens.set(token, verified))
  if (tokens.size > TOKENS_KEPT) tokens.delete(tokens.keys().next().value!)
  return verified
}

function invalid(why: string): HttpError {
  return new HttpError(401, 'token-invalid', `The token does not hold: ${why}.`)
}

/** The key that a token's issuer names, as the registry and the accounts are now. */
function keyOf(
  log: TallyLog,
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

/** Whether a caller may read one of these accounts: its owner, its custodian, the platform or an auditor. */
export function canReadAccount(log: TallyLog, { role, account, record }: Caller, accounts: readonly number[]): boolean {
  const bound = account === undefined ? accounts : accounts.filter(one => one === account)
  if (account !== undefined && bound.length === 0) return false
  if (role === 'owner' || role === 'auditor' || PLATFORM.includes(role)) return true
  return role === 'custodian' && bound.some(one => isInCustody(log, record!, one))
}

/** Refuses a caller who may not read one of these accounts. @throws HttpError 403 `not-allowed`. */
export function mayReadAccount(log: TallyLog, caller: Caller, accounts: readonly number[]): void {
  if (!canReadAccount(log, caller, accounts))
    throw new HttpError(403, 'not-allowed', 'This key, or this token, is not for that account.')
}

/** Whether a custodian's key may act for an account now: it is of the chain that has the custody, and due. SPEC §6. */
export function isInCustody(log: TallyLog, record: number, account: number): boolean {
  const { accounts, registry } = log.ledger.state
  const custodian = account < accounts.count ? accounts.terms(account).custodian : null
  if (custodian === null || registry.chains.of(custodian) !== registry.chains.of(record)) return false
  return registry.chains.isDue(record, log.operator.timeMs, registry.unit(accounts.unit(account))!.terms.takeoverMs)
}

/**
 * Refuses a key of the registry that may not read a receipt: whoever is neither the platform nor an auditor, nor the
 * custodian of an account that it names, has to have signed.
 */
export async function mayReadReceipt(
  log: TallyLog,
  caller: Caller,
  named: () => Promise<readonly number[]>,
  signers: () => Promise<readonly number[]>,
): Promise<void> {
  const { role, record } = caller
  if (role === 'auditor' || PLATFORM.includes(role) || (await signers()).includes(record!)) return
  if (role === 'custodian' && canReadAccount(log, caller, await named())) return
  throw new HttpError(403, 'not-allowed', 'This is for the platform, for auditors, and for who signed the batch.')
}

/** Refuses whoever may not read of all accounts: the platform's keys and auditors may. @throws HttpError 403 `not-allowed`. */
export function mayReadAll({ role, account }: Caller): void {
  if (account !== undefined || !(role === 'auditor' || PLATFORM.includes(role)))
    throw new HttpError(403, 'not-allowed', 'This is for keys of the platform and for auditors.')
}

/** Refuses whoever is not a key of the platform. @throws HttpError 403 `not-allowed`. */
export function mayRun({ role, account }: Caller): void {
  if (account !== undefined || !PLATFORM.includes(role))
    throw new HttpError(403, 'not-allowed', 'This is for keys of the platform.')
}

/** Refuses whoever may not keep details: the platform, and issuers, who write down what they issue for. */
export function mayKeepDetails({ role, account }: Caller): void {
  if (account !== undefined || !(role === 'issuer' || PLATFORM.includes(role)))
    throw new HttpError(403, 'not-allowed', 'This is for keys of the platform and of issuers.')
}

/** Refuses whoever is not an auditor. @throws HttpError 403 `not-allowed`. */
export function mayAudit({ role, account }: Caller): void {
  if (role !== 'auditor' || account !== undefined)
    throw new HttpError(
      403,
      'not-allowed',
      'Entries and salts are for auditors: use a token of an auditor key, with subject "ledger".',
    )
}
