import type { Activity, ActivityType } from '../activity.ts'

/** Points that expire soon: told once for each date of an account. */
export const EXPIRING = 'points.expiring'
export type WebhookType = ActivityType | typeof EXPIRING

/** Where a shop is told of what happens. */
export interface Endpoint {
  readonly id: string
  readonly url: string
  /** What it is told of; undefined for all but `ledger.sealed`. */
  readonly types?: readonly WebhookType[] | undefined
  /** How long before points expire it is told of that, ms. */
  readonly withinMs: number
  /** When it was made, ms. */
  readonly madeMs: number
  /** Log index up to which all that it is told of waits for it, or was delivered. */
  readonly after: number
  /** Quarter hour up to which it was told of what expires. */
  readonly expiringTo: number
  /** Its secret is the one of this number; until `oldUntilMs` the one before signs, too. */
  readonly generation: number
  readonly oldUntilMs?: number
  /** Why nothing is sent any more. */
  readonly ended?: string
}

/** Points of a member that expire soon. */
export interface Expiring {
  readonly id: string
  readonly type: typeof EXPIRING
  /** When it was noticed, RFC 3339. */
  readonly at: string
  readonly member: string
  readonly unit: string
  readonly points: number
  /** When they expire, RFC 3339. */
  readonly expires: string
}

/** What an endpoint is sent. */
export type WebhookEvent = Activity | Expiring

/** Something that waits for an endpoint. */
export interface Delivery {
  readonly event: WebhookEvent
  /** How often it was sent in vain. */
  readonly tries: number
  /** What became of the last time: a status of HTTP, or a word. */
  readonly last?: string
}

/** Whether an endpoint is told of a type. */
export function isTold({ types }: Pick<Endpoint, 'types'>, type: WebhookType): boolean {
  return types === undefined ? type !== 'ledger.sealed' : types.includes(type)
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * Why a URL is none that events are sent to; undefined where it is one. Elsewhere than on this machine nothing goes out
 * without TLS: it says who has which points.
 *
 * @param text - untrusted.
 */
export function whyNoUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return 'it is no URL'
  const { protocol, hostname, username, password, hash } = new URL(text)
  if (username !== '' || password !== '') return 'it has a name or a password in it: use the signature'
  if (hash !== '') return 'it has a fragment'
  if (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) return undefined
  return 'it is not https'
}
