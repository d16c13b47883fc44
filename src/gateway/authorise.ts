import type { FastifyRequest } from 'fastify'
import { HttpError } from '../serving/index.ts'
import type { ApiKey, ApiScope } from './api-keys.ts'
import type { Gateway } from './gateway.ts'
import { isLinkToken } from './links.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key has to be for; without it, anyone may ask. */
    scope?: ApiScope
    /** Asked with the token of a member's link, and with nothing else. */
    isOfLink?: true
  }
  interface FastifyRequest {
    /** Whose link it is, where the route is of links. */
    linkedMember?: string
    /** The key that it was asked with, where the route takes one. */
    apiKey?: ApiKey
  }
}

/** Refuses a caller whose key or link is not for a route, or asks too often. @throws HttpError 401, 403, 429. */
export async function authorise(gateway: Gateway, request: FastifyRequest): Promise<void> {
  const { scope, isOfLink } = request.routeOptions.config
  if (scope === undefined && isOfLink === undefined) return
  const secret = /^Bearer ([\w-]{1,128})$/i.exec(request.headers.authorization ?? '')?.[1]
  if (secret === undefined)
    throw new HttpError(
      401,
      'key-missing',
      isOfLink
        ? 'Send Authorization: Bearer with the token of a link of POST /v1/members/{id}/link.'
        : 'Send Authorization: Bearer with a key of `tally gateway key add`.',
    )
  if (scope === undefined) request.linkedMember = await memberOf(gateway, secret)
  else request.apiKey = await allow(gateway, secret, scope)
}

async function allow({ apiKeys, nowMs }: Gateway, secret: string, scope: ApiScope): Promise<ApiKey> {
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
  return key
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
