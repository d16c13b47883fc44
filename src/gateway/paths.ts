/** Bytes of a body that a gateway takes: an order, or a list of them. */
export const GATEWAY_BODY_BYTES = 1024 * 1024

/** Paths of a gateway that a server in front of it passes on as they are, with all below them. */
const PATHS = [
  'members',
  'mine',
  'session',
  'earn',
  'earnings',
  'orders',
  'expiring',
  'proofs',
  'events',
  'activity',
  'webhooks',
  'imports',
  'reports',
  'periods',
  'reconciliations',
  'complaints',
  'looks',
  'erasures',
  'test',
  'shop',
  'try',
]
const PASSED = new RegExp(`^/v1/(?:${PATHS.join('|')})(?=[/?]|$)`)
/** Where its page and its OpenAPI document are, behind that server. */
const OWN = /^\/gateway(?=[/?]|$)/

/**
 * The path that a request to a server in front of a gateway has at the gateway; undefined where it is for that server.
 * So ledger and gateway share a port: `/v1/members` is the gateway's, and `/gateway/docs` its page.
 *
 * @param path - untrusted.
 */
export function gatewayPathOf(path: string): string | undefined {
  if (PASSED.test(path)) return path
  if (!OWN.test(path)) return undefined
  const own = path.replace(OWN, '')
  return own.startsWith('/') ? own : `/${own}`
}
