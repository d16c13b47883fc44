import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { HttpError } from '../serving/index.ts'
import type { ApiScope } from './api-keys.ts'
import type { Gateway } from './gateway.ts'
import { isLinkToken } from './links.ts'
import { SCOPES_OF_ROLE } from './staff/roles.ts'
import type { SignedIn } from './staff/sessions.ts'
import type { Person } from './staff/staff.ts'

/** Who asks: a key of the API, or a person who is signed in. */
export interface GatewayCaller {
  /** Name of the key, or `@` and the name of the person. */
  readonly name: string
  /** Account numbers of merchants whose figures alone it sees; all where it has none. */
  readonly merchants?: readonly number[] | undefined
  readonly isPerson: boolean
  /** What it may do. */
  readonly scopes: readonly ApiScope[]
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key, or the role of a person, has to be for; without it, anyone may ask. */
    scope?: ApiScope
    /** It signs something: below `/v1/try` it is asked what the ledger would say. */
    isAct?: true
    /** Asked with the token of a member's link, and with nothing else. */
    isOfLink?: true
    /** Asked by a person who is signed in, and with nothing else. */
    isOfSession?: true
  }
  interface FastifyRequest {
    /** Whose link it is, where the route is of links. */
    linkedMember?: string
    /** Who asked, where the route takes a key. */
    caller?: GatewayCaller
    /** The session that it was asked in, if it was. */
    signedIn?: SignedIn
  }
}

/** The cookie of a session. */
export const SESSION_COOKIE = 'tally_session'

/**
 * Refuses a caller whose key, session or link is not for a route, or who asks too often. A header goes before a cookie.
 *
 * @throws HttpError 401, 403, 429.
 */
export async function authorise(gateway: Gateway, request: FastifyRequest): Promise<void> {
  const { scope, isOfLink, isOfSession } = request.routeOptions.config
  if (scope === undefined && isOfLink === undefined && isOfSession === undefined) return
  const cookie = isOfLink ? undefined : cookieIn(request, SESSION_COOKIE)
  if (isOfSession || (cookie !== undefined && request.headers.authorization === undefined)) {
    const { person } = await sessionOf(gateway, request, cookie)
    if (scope !== undefined && !SCOPES_OF_ROLE[person.role].includes(scope))
      throw new HttpError(403, 'key-scope', `${person.name} is a ${person.role}, who may not do what needs ${scope}.`)
    return
  }
  const secret = /^Bearer ([\w-]{1,128})$/i.exec(request.headers.authorization ?? '')?.[1]
  if (secret === undefined)
    throw new HttpError(
      401,
      'key-missing',
      isOfLink
        ? 'Send Authorization: Bearer with the token of a link of POST /v1/members/{id}/link.'
        : 'Send Authorization: Bearer with a key of `tally gateway key add`, or sign in: POST /v1/session.',
    )
  if (scope === undefined) request.linkedMember = await memberOf(gateway, secret)
  else request.caller = await callerOfKey(gateway, secret, scope)
}

/** The caller that a person is. */
export function callerOfPerson({ name, role }: Person): GatewayCaller {
  return { name: `@${name}`, isPerson: true, scopes: SCOPES_OF_ROLE[role] }
}

/** What the one who asks may do. */
export function scopesOf({ caller }: FastifyRequest): readonly ApiScope[] {
  return caller?.scopes ?? []
}

/** The value of a cookie of a request; undefined where it has none. */
export function cookieIn({ headers }: FastifyRequest, name: string): string | undefined {
  for (const part of (headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}

/** Methods that change nothing. */
const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])

async function sessionOf(
  { sessions, nowMs }: Gateway,
  request: FastifyRequest,
  cookie: string | undefined,
): Promise<SignedIn> {
  const signedIn = cookie === undefined ? undefined : await sessions.find(cookie, nowMs())
  if (signedIn === undefined)
    throw new HttpError(401, 'session', 'Nobody is signed in here, or the session is over: POST /v1/session.')
  const { person, csrf } = signedIn
  if (!SAFE_METHODS.has(request.method) && !isEqual(request.headers['x-tally-csrf'], csrf))
    throw new HttpError(403, 'csrf', 'Send x-tally-csrf, with the `csrf` of GET /v1/session: pages of others cannot.')
  const seconds = sessions.take(person, nowMs())
  if (seconds > 0)
    throw new HttpError(429, 'too-many', `${person.name} makes too many requests a second.`, {
      'retry-after': String(seconds),
    })
  request.signedIn = signedIn
  request.caller = callerOfPerson(person)
  return signedIn
}

function isEqual(sent: string | readonly string[] | undefined, expected: string): boolean {
  const [a, b] = [Buffer.from(typeof sent === 'string' ? sent : ''), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}

async function callerOfKey({ apiKeys, nowMs }: Gateway, secret: string, scope: ApiScope): Promise<GatewayCaller> {
  if (isLinkToken(secret))
    throw new HttpError(403, 'key-scope', 'The link of a member reads /v1/mine and what is below it, and nothing else.')
  const key = await apiKeys.find(secret, nowMs())
  if (key === undefined)
    throw new HttpError(
      401,
      'key-unknown',
      'This gateway has no such key, or it was revoked: `tally gateway key list` shows those that stand.',
    )
  if (!key.scopes.includes(scope))
    throw new HttpError(
      403,
      'key-scope',
      `The key "${key.name}" is for ${key.scopes.join(', ')}, and not for ${scope}.`,
    )
  const seconds = apiKeys.take(secret, nowMs())
  if (seconds > 0)
    throw new HttpError(429, 'too-many', `The key "${key.name}" makes more than ${key.rate} requests a second.`, {
      'retry-after': String(seconds),
    })
  const { name, merchants, scopes } = key
  return { name, merchants, scopes, isPerson: false }
}

async function memberOf({ links, nowMs }: Gateway, token: string): Promise<string> {
  const member = await links.find(token)
  if (member === undefined)
    throw new HttpError(401, 'link-unknown', 'There is no such link, or it was revoked. Ask the shop for another.')
  const seconds = links.take(token, nowMs())
  if (seconds > 0)
    throw new HttpError(429, 'too-many', 'The link is used too often. Wait a second.', {
      'retry-after': String(seconds),
    })
  return member
}
